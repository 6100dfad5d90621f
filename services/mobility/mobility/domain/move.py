"""A move as it stands, and what facts make of it."""

from collections.abc import Collection, Sequence
from datetime import date
from enum import StrEnum
from typing import TypeAlias, TypedDict
from uuid import UUID

from kit.step import CannotFollow, changed
from mobility.domain.working_time import worked_until
from schemas.fact import Fact
from schemas.mobility import (
    AgreementWithdrawn,
    AnswerOverdue,
    AnswerSettled,
    Awaited,
    Basis,
    CheckExpiring,
    CheckSeen,
    ChecksVerified,
    CoverEnds,
    DeploymentAgreed,
    DeploymentAuthorised,
    DeploymentCancelled,
    DeploymentCompleted,
    DeploymentEndedEarly,
    DeploymentExtended,
    DeploymentHandedOver,
    DeploymentMatched,
    DeploymentProposed,
    DeploymentRecalled,
    DeploymentShortened,
    ExtensionConfirmed,
    ExtensionDeclined,
    ExtensionLapsed,
    ExtensionProposed,
    FirstDayPackGiven,
    MoveStopped,
    Own,
    Party,
    Recharge,
    Shift,
    Side,
    StaffInducted,
    StaffSeconded,
    StopLifted,
    TrainingExpiring,
    TrainingNeeded,
    TrainingOverdue,
    TrainingPutOff,
    TrainingSeen,
)
from schemas.values import Part

AGGREGATE = "deployment"


class Status(StrEnum):
    PROPOSED = "proposed"
    MATCHED = "matched"
    AGREED = "agreed"
    VERIFIED = "verified"
    AUTHORISED = "authorised"
    INDUCTED = "inducted"
    ACTIVE = "active"
    COMPLETED = "completed"
    RECALLED = "recalled"
    ENDED_EARLY = "ended-early"
    CANCELLED = "cancelled"


BEFORE_THE_FIRST_DAY = (
    Status.PROPOSED, Status.MATCHED, Status.AGREED, Status.VERIFIED, Status.AUTHORISED, Status.INDUCTED,
)  # fmt: skip
LIVE = (*BEFORE_THE_FIRST_DAY, Status.ACTIVE)
WITH_AGREEMENT = (Status.AGREED, Status.VERIFIED, Status.AUTHORISED, Status.INDUCTED)
"""The person agreed, and has not started yet."""
AUTHORISED = (Status.AUTHORISED, Status.INDUCTED, Status.ACTIVE)
"""Both sides authorised it, and it has not ended: the mover may be told about the first day, or what has changed since."""
LEFT = (Status.COMPLETED, Status.RECALLED, Status.ENDED_EARLY)
"""Somebody was there, and is no longer."""
ENGAGER_EMPLOYS = (Basis.BANK, Basis.AGENCY)


RIGHT_TO_WORK = "right-to-work"
DECLINED, LAPSED = "extension-declined", "extension-lapsed"
"""How a later end that was proposed came to nothing, as its proposer's list of what waits says it."""


class Asked(Part):
    """An answer that a move waits for."""

    answer: Awaited
    since: date
    """When it was asked for; of hours, the Monday of their week."""
    overdue: bool = False
    """Whether somebody was told that it did not come in its time."""


class PutOff(Part):
    """Courses that the host asks for and that are missing, and by when they are completed."""

    courses: tuple[UUID, ...]
    done_by: date
    overdue: bool = False
    """Whether home and host were told that the day is over."""


class Extension(Part):
    """A later end that is proposed, or was and came to nothing."""

    ends_on: date
    side: Side
    """Whose proposal it is."""
    since: date
    """When it was proposed, or came to nothing."""
    answer_by: date
    agreed: tuple[Party, ...]
    fell: str | None = None
    """How it came to nothing, as its proposer is told."""

    @property
    def awaited(self) -> tuple[Party, ...]:
        """Whose word is missing."""
        return tuple(party for party in Party if party not in self.agreed)


class Deployment(Part):
    """One move as it stands."""

    status: Status
    since: date
    person_id: UUID
    home: str
    host: str
    basis: Basis
    soc2020: str
    need_id: UUID | None
    title: str
    starts_on: date
    last_day: date
    pattern: tuple[Shift, ...]
    weekly_hours: float
    home_hours: float
    covers_strike: bool
    own: Own
    proposed_on: date
    booked: bool = False
    """Whether the person's time up to the last day is taken."""
    booked_until: date | None = None
    """Up to when it is taken beyond that, since the person agreed to a later end which not all have agreed to yet."""
    extension: Extension | None = None
    checks: tuple[CheckSeen, ...] = ()
    training: tuple[TrainingSeen, ...] = ()
    """Of the courses that the host asks for, those that have to be completed again some day."""
    missing: tuple[TrainingNeeded, ...] = ()
    """Those of them that the person neither has nor need not have."""
    put_off: PutOff | None = None
    """With which of those the host takes them on all the same."""
    authorised: tuple[Side, ...] = ()
    recharge: Recharge | None = None
    """What the two sides agreed that the hours cost."""
    pack_given_on: date | None = None
    """When the mover was told where to come on the first day, and to whom."""
    started_on: date | None = None
    local_induction: str | None = None
    """How the courses of the host's local induction were settled: learning enrolled the person, or nothing of them is due."""
    awaits: tuple[Asked, ...] = ()
    """What it waits for; of hours, the weeks of which they are overdue."""
    warned: tuple[str, ...] = ()
    """The checks and courses of which somebody was told that they end in the middle, by `called`."""
    cover_ends: date | None = None
    stopped: str | None = None
    """Why the person does not work for the host for the time being: the first reason that is not gone."""
    stopped_too: tuple[str, ...] = ()
    """Further reasons, in the order in which they came."""
    stopped_everywhere: tuple[str, ...] = ()
    """Those of them that were said of the person at every host."""
    stopped_on_record: tuple[str, ...] = ()
    """Those of these for which a stop of the person stands: they go when it does."""
    stopped_here_too: tuple[str, ...] = ()
    """Those of these that were said of this move by itself as well, and stay then."""
    reason: str | None = None
    stepped_on: date | None = None
    """The day of its last step; None: as long as it is kept as it was before that was."""

    @property
    def last_step(self) -> date:
        """The day which nothing that is entered late lies before. What was noted of it since keeps no step of before from being
        entered: a check that ends, a stop."""
        return self.stepped_on or self.since

    @property
    def stops(self) -> tuple[str, ...]:
        """Every reason for which the person does not work for the host for the time being."""
        return () if self.stopped is None else (self.stopped, *self.stopped_too)

    @property
    def stopped_here(self) -> tuple[str, ...]:
        """Those of them that were said of this move by itself."""
        return tuple(
            reason for reason in self.stops if reason not in self.stopped_on_record or reason in self.stopped_here_too
        )

    @property
    def worked_until(self) -> date:
        """The day on which the last of its shifts is over."""
        return worked_until(self.last_day, self.pattern)

    @property
    def employer(self) -> str:
        """Who checks: the home organisation, but with bank and agency who engages."""
        return self.host if self.basis in ENGAGER_EMPLOYS else self.home

    @property
    def pending(self) -> Extension | None:
        """The later end that is proposed, and may be agreed to."""
        return self.extension if self.extension is not None and self.extension.fell is None else None

    @property
    def next_to_end(self) -> CheckSeen | TrainingSeen | None:
        """What ends first of the checks and courses that end before the move does, and of which nobody was told."""
        seen: tuple[CheckSeen | TrainingSeen, ...] = (*self.checks, *self.training)
        ending = [
            each
            for each in seen
            if each.valid_until is not None and each.valid_until < self.last_day and called(each) not in self.warned
        ]
        return min(ending, key=lambda each: (each.valid_until or date.max, called(each)), default=None)

    @property
    def right_to_work_ends(self) -> date | None:
        """The last day of the right to work, where that lies before the move is over."""
        until = next((check.valid_until for check in self.checks if check.kind == RIGHT_TO_WORK), None)
        return until if until is not None and until < self.worked_until else None


def called(seen: CheckSeen | TrainingSeen) -> str:
    """What a check or a course is called among those of which somebody was told."""
    return seen.kind if isinstance(seen, CheckSeen) else f"training-{seen.course_id}"


DeploymentFact: TypeAlias = (
    DeploymentProposed | DeploymentMatched | DeploymentAgreed | AgreementWithdrawn | ChecksVerified | DeploymentAuthorised
    | StaffInducted | StaffSeconded | CheckExpiring | TrainingExpiring | DeploymentExtended | CoverEnds | DeploymentCompleted
    | DeploymentRecalled | DeploymentEndedEarly | DeploymentCancelled | MoveStopped | StopLifted | FirstDayPackGiven
    | AnswerOverdue | AnswerSettled | DeploymentHandedOver | ExtensionProposed | ExtensionConfirmed | ExtensionDeclined
    | ExtensionLapsed | DeploymentShortened | TrainingPutOff | TrainingOverdue
)  # fmt: skip


ENTERED = (
    DeploymentMatched, DeploymentAgreed, AgreementWithdrawn, ChecksVerified, TrainingPutOff, DeploymentAuthorised,
    FirstDayPackGiven, StaffInducted, StaffSeconded, ExtensionProposed, ExtensionConfirmed, ExtensionDeclined,
    DeploymentExtended, DeploymentShortened, DeploymentRecalled, DeploymentEndedEarly, DeploymentCancelled,
)  # fmt: skip
"""What somebody says of a move, and may say late: it follows the last step, whatever was noted since."""


def evolve(move: Deployment | None, fact: Fact) -> Deployment:
    """The move after a fact. Raises CannotFollow."""
    after = _after(move, fact)
    if move is None:
        return changed(after, stepped_on=after.since)
    if isinstance(fact, ENTERED):
        if fact.occurred_on < move.last_step:
            raise CannotFollow(fact, move)
        after = changed(after, since=max(move.since, fact.occurred_on))
    if after.status is move.status and not isinstance(fact, DeploymentAuthorised):
        return after
    return changed(after, stepped_on=fact.occurred_on if isinstance(fact, ENTERED) else after.since)


def _after(move: Deployment | None, fact: Fact) -> Deployment:
    match move, fact:
        case None, DeploymentProposed():
            return Deployment(
                status=Status.PROPOSED, since=fact.occurred_on, person_id=fact.person_id, home=fact.home, host=fact.host,
                basis=fact.basis, soc2020=fact.soc2020, need_id=fact.need_id, title=fact.title, starts_on=fact.starts_on,
                last_day=fact.ends_on, pattern=fact.pattern, weekly_hours=fact.weekly_hours, home_hours=fact.home_hours,
                covers_strike=fact.covers_strike, own=fact.own, proposed_on=fact.occurred_on,
            )  # fmt: skip
        case Deployment(status=Status.PROPOSED), DeploymentMatched(occurred_on=day):
            return changed(move, status=Status.MATCHED, since=day)
        case Deployment(status=Status.MATCHED), DeploymentAgreed(occurred_on=day):
            return changed(move, status=Status.AGREED, since=day, booked=True)
        case Deployment(), AgreementWithdrawn(occurred_on=day) if move.status in WITH_AGREEMENT:
            return changed(
                _as_agreed(move), status=Status.MATCHED, since=day, booked=False, checks=(), training=(), missing=(),
                put_off=None, authorised=(), recharge=None, pack_given_on=None,
            )  # fmt: skip
        case Deployment(), ChecksVerified(occurred_on=day) if move.status in (*WITH_AGREEMENT, Status.ACTIVE):
            status = Status.VERIFIED if move.status is Status.AGREED else move.status
            checks = checks_with(move.checks, fact.checks)
            still = {called(each) for each in checks if each in move.checks}
            still |= {called(each) for each in fact.training or () if each in move.training}
            warned = tuple(name for name in move.warned if name in still)
            missing = fact.missing or ()
            return changed(
                move, status=status, since=day, checks=checks, training=fact.training or (), warned=warned,
                missing=missing, put_off=_still_put_off(move, {course.course_id for course in missing}),
            )  # fmt: skip
        case Deployment(), TrainingPutOff(occurred_on=day) if move.status in (Status.VERIFIED, *AUTHORISED):
            return changed(move, since=day, put_off=PutOff(courses=fact.courses, done_by=fact.done_by))
        case Deployment(put_off=PutOff(overdue=False) as put_off), TrainingOverdue(occurred_on=day):
            return changed(move, since=day, put_off=changed(put_off, overdue=True))
        case Deployment(status=Status.VERIFIED), DeploymentAuthorised(side=side) if side not in move.authorised:
            both = (*move.authorised, side)
            status = Status.AUTHORISED if len(both) == len(Side) else Status.VERIFIED
            return changed(move, status=status, since=fact.occurred_on, authorised=both, recharge=fact.recharge)
        case Deployment(pack_given_on=None), FirstDayPackGiven(occurred_on=day) if move.status in AUTHORISED:
            return changed(move, since=day, pack_given_on=day)
        case Deployment(status=Status.AUTHORISED), StaffInducted(occurred_on=day):
            return changed(move, status=Status.INDUCTED, since=day)
        case Deployment(status=Status.INDUCTED), StaffSeconded(occurred_on=day) if day <= move.last_day:
            return changed(move, status=Status.ACTIVE, since=day, started_on=day)
        case Deployment(status=Status.ACTIVE), CheckExpiring(kind=kind) if kind not in move.warned:
            return changed(move, since=fact.occurred_on, warned=(*move.warned, kind))
        case Deployment(status=Status.ACTIVE), TrainingExpiring(course_id=course) if (
            name := f"training-{course}"
        ) not in move.warned:
            return changed(move, since=fact.occurred_on, warned=(*move.warned, name))
        case Deployment(), ExtensionProposed(occurred_on=day) if (
            move.status in AUTHORISED and move.pending is None and fact.ends_on > move.last_day
        ):
            asked = Extension(
                ends_on=fact.ends_on, side=fact.side, since=day, answer_by=fact.answer_by, agreed=(Party(fact.side),)
            )
            return changed(move, since=day, extension=asked)
        case Deployment(extension=Extension(fell=None) as asked), ExtensionConfirmed(occurred_on=day, by=by) if (
            by not in asked.agreed and fact.ends_on == asked.ends_on and day >= asked.since
        ):
            booked = asked.ends_on if by is Party.PERSON else move.booked_until
            agreed = changed(asked, agreed=(*asked.agreed, by))
            return changed(move, since=day, extension=agreed, booked_until=booked)
        case Deployment(extension=Extension(fell=None) as asked), ExtensionDeclined(occurred_on=day, by=by) if (
            day >= asked.since
        ):
            taken_back = by is Party(asked.side)
            return changed(
                _as_agreed(move), since=day, extension=None if taken_back else changed(asked, since=day, fell=DECLINED)
            )
        case Deployment(extension=Extension(fell=None) as asked), ExtensionLapsed(occurred_on=day):
            return changed(_as_agreed(move), since=day, extension=changed(asked, since=day, fell=LAPSED))
        case Deployment(), DeploymentExtended(occurred_on=day) if move.status in AUTHORISED and (
            move.pending is None or not move.pending.awaited
        ):
            return _ending(move, day, fact.ends_on)
        case Deployment(), DeploymentShortened(occurred_on=day, ends_on=last) if (
            move.status in AUTHORISED and move.starts_on <= last < move.last_day
        ):
            return _ending(move, day, last)
        case Deployment(), CoverEnds(last_day=last) if move.status in LIVE and last < move.last_day:
            return changed(move, since=fact.occurred_on, cover_ends=last)
        case Deployment(cover_ends=date()), DeploymentHandedOver(occurred_on=day) if move.status in LIVE:
            return changed(move, since=day, cover_ends=None)
        case Deployment(), MoveStopped(occurred_on=day, everywhere=True) if (
            move.status in LIVE and fact.reason not in move.stopped_on_record
        ):
            return _stopped_everywhere(changed(move, since=day), fact.reason, on_record=fact.stop_id is not None)
        case Deployment(), MoveStopped(occurred_on=day) if move.status in LIVE and fact.reason not in move.stopped_here:
            on_record = fact.reason in move.stopped_on_record
            here_too = (*move.stopped_here_too, fact.reason) if on_record else move.stopped_here_too
            return _stopped(changed(move, since=day, stopped_here_too=here_too), *_with(move.stops, fact.reason))
        case Deployment(stopped=str()), StopLifted(occurred_on=day, reason=None) if move.status in LIVE:
            return _stopped(changed(move, since=day))
        case Deployment(), StopLifted(occurred_on=day, reason=str(reason), everywhere=True) if (
            move.status in LIVE and reason in move.stopped_on_record
        ):
            left = move.stops if reason in move.stopped_here_too else _without(move.stops, reason)
            return _stopped(_not_everywhere(changed(move, since=day), reason), *left)
        case Deployment(), StopLifted(occurred_on=day, reason=str(reason)) if (
            move.status in LIVE and reason in move.stopped_here
        ):
            left = move.stops if reason in move.stopped_here_too else _without(move.stops, reason)
            here_too = _without(move.stopped_here_too, reason)
            return _stopped(changed(move, since=day, stopped_here_too=here_too), *left)
        case Deployment(status=Status.ACTIVE), DeploymentCompleted(occurred_on=day) if day > move.last_day:
            return changed(_as_agreed(move), status=Status.COMPLETED, since=day)
        case Deployment(status=Status.ACTIVE), DeploymentRecalled(occurred_on=day) if day <= move.last_day:
            return changed(_as_agreed(move), status=Status.RECALLED, since=day, last_day=day, reason=fact.reason)
        case Deployment(status=Status.ACTIVE), DeploymentEndedEarly(occurred_on=day) if day <= move.last_day:
            return changed(_as_agreed(move), status=Status.ENDED_EARLY, since=day, last_day=day, reason=fact.reason)
        case Deployment(), DeploymentCancelled(occurred_on=day) if move.status in BEFORE_THE_FIRST_DAY:
            return changed(_as_agreed(move), status=Status.CANCELLED, since=day, booked=False, reason=fact.reason)
        case _:
            raise CannotFollow(fact, move)


def _still_put_off(move: Deployment, missing: Collection[UUID]) -> PutOff | None:
    """What was put off, as long as any of it is missing."""
    return move.put_off if move.put_off is not None and not set(move.put_off.courses).isdisjoint(missing) else None


def _as_agreed(move: Deployment) -> Deployment:
    """Without a later end that not all agreed to."""
    return changed(move, extension=None, booked_until=None)


def _ending(move: Deployment, day: date, last: date) -> Deployment:
    """With another last day."""
    uncovered = move.cover_ends is not None and move.cover_ends < last
    cover_ends = move.cover_ends if uncovered else None
    return changed(_as_agreed(move), since=day, last_day=last, cover_ends=cover_ends)


def of_record(fact: Fact) -> bool:
    """Whether a fact of a move follows from a stop of its person."""
    match fact:
        case MoveStopped(stop_id=stop_id):
            return stop_id is not None
        case StopLifted(everywhere=everywhere):
            return everywhere is True
        case _:
            return False


def _stopped(move: Deployment, *reasons: str) -> Deployment:
    """Stopped for these reasons, and for no other."""
    gone = [reason for reason in move.stopped_everywhere if reason not in reasons]
    for reason in gone:
        move = _not_everywhere(move, reason)
    return changed(move, stopped=reasons[0] if reasons else None, stopped_too=reasons[1:])


def _stopped_everywhere(move: Deployment, reason: str, *, on_record: bool) -> Deployment:
    everywhere, known = _with(move.stopped_everywhere, reason), reason in move.stopped_everywhere
    if on_record:
        here_too = (*move.stopped_here_too, reason) if reason in move.stops and not known else move.stopped_here_too
        move = changed(move, stopped_on_record=(*move.stopped_on_record, reason), stopped_here_too=here_too)
    return _stopped(changed(move, stopped_everywhere=everywhere), *_with(move.stops, reason))


def _not_everywhere(move: Deployment, reason: str) -> Deployment:
    return changed(
        move,
        stopped_everywhere=_without(move.stopped_everywhere, reason),
        stopped_on_record=_without(move.stopped_on_record, reason),
        stopped_here_too=_without(move.stopped_here_too, reason),
    )


def _with(reasons: tuple[str, ...], reason: str) -> tuple[str, ...]:
    return reasons if reason in reasons else (*reasons, reason)


def _without(reasons: tuple[str, ...], reason: str) -> tuple[str, ...]:
    return tuple(each for each in reasons if each != reason)


class Of(TypedDict):
    person_id: UUID
    home: str
    host: str
    basis: Basis
    soc2020: str
    need_id: UUID | None
    occurred_on: date


def of(move: Deployment, day: date) -> Of:
    return {
        "person_id": move.person_id, "home": move.home, "host": move.host, "basis": move.basis, "soc2020": move.soc2020,
        "need_id": move.need_id, "occurred_on": day,
    }  # fmt: skip


def checks_with(before: Sequence[CheckSeen], seen: Sequence[CheckSeen]) -> tuple[CheckSeen, ...]:
    """The checks, of each kind the one that was seen last, in the order of their kinds."""
    last = {check.kind: check for check in (*before, *seen)}
    return tuple(last[kind] for kind in sorted(last))
