"""What is in order before somebody starts: which checks were seen, and what home and host authorised under one framework."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kit import step
from kit.errors import Invalid, Refused
from kit.step import Command, Waiting
from mobility.domain import signature as signatures
from mobility.domain.answers import DAY, WARNING
from mobility.domain.checks import NEEDED_CHECKS
from mobility.domain.move import (
    AUTHORISED,
    LIVE,
    RIGHT_TO_WORK,
    Deployment,
    DeploymentFact,
    PutOff,
    checks_with,
    of,
)
from mobility.domain.passport import Passport
from mobility.domain.readiness import held_until, like_for_like, untrained
from mobility.domain.signature import BOUND, Signature
from mobility.domain.stops import RIGHT_OVER
from schemas.mobility import (
    CheckExpiring,
    CheckNeeded,
    CheckSeen,
    ChecksVerified,
    DeploymentAuthorised,
    MoveStopped,
    Recharge,
    Side,
    TrainingExpiring,
    TrainingNeeded,
    TrainingOverdue,
    TrainingPutOff,
    TrainingSeen,
)
from schemas.values import BusinessDate, Code

TRAINING_DUE = "training-due"
"""The deadline's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyChecks(Command):
    """The employer vouches for what stands in its passport of the person: nothing is typed again."""

    verified_by: str
    passport: Passport | None
    needed: tuple[CheckNeeded, ...] = ()
    """What the host asks for this kind of work."""
    training: tuple[TrainingNeeded, ...] = ()
    """The courses that it asks for: one that is missing stands in the way of the first day, that one ends is told in time."""
    again: bool = False
    """What was verified before is read again: what ends sooner now is seen, and told in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorise(Command):
    side: Side
    authorised_by: Code
    indemnity: Code
    data_basis: Code
    recharge: Recharge
    home: tuple[Signature, ...] = ()
    host: tuple[Signature, ...] = ()
    """What the two organisations signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOffTraining(Command):
    """The host takes them on though courses are missing: those that are missing now."""

    ground: Code
    done_by: BusinessDate


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseTraining(Command):
    """The day by which they were to be completed is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Warn(Command):
    """A check, or a course, ends soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRight(Command):
    """The last day of the right to work is over."""


# Refusals --------------------------------------------------------------------------------------------------------------


class NoPassport(Refused):
    """The employer has no open passport of this person: open one, and record the checks there."""


class CheckMissing(Refused):
    """Identity, the right to work and what the host asks for, like for like, stand in the passport before anybody moves."""


class CheckOver(Refused):
    """A check is in date on the first day; the right to work on every day."""


class TrainingMissing(Refused):
    """Nobody starts without the training that the host asks for, unless it puts it off: on a ground, and up to a day."""


class NothingMissing(Refused):
    """No course is missing that the host asks for."""


class DoneTooLate(Invalid):
    """What is put off is done while the move lasts, and not before it is put off."""


class NotInForce(Refused):
    """Both organisations have to be in force under one framework for the whole time."""


class Stopped(Refused):
    """The move is stopped: nothing goes on before that is lifted."""


class TermsDiffer(Invalid):
    """The other side authorised it on other recharge terms: agree on them first."""


# What follows ----------------------------------------------------------------------------------------------------------


def refuse_stopped(move: Deployment) -> None:
    if move.stops:
        raise Stopped(", ".join(move.stops))


def verified(command: VerifyChecks, move: Deployment, day: date) -> list[DeploymentFact]:
    if command.passport is None:
        raise NoPassport
    first = max(day, move.starts_on)
    held = {kind: check for kind, check in command.passport.relied_on.items() if check.verified_on <= day}
    asked = {needed.kind: needed for needed in command.needed}
    for kind in (*NEEDED_CHECKS, *asked):
        if (check := held.get(kind)) is None or (kind in asked and not like_for_like(asked[kind], check)):
            raise CheckMissing(kind)
        until = move.worked_until if kind == RIGHT_TO_WORK else first
        if check.valid_until is not None and check.valid_until < until and not command.again:
            raise CheckOver(f"{kind} ends on {check.valid_until}, needed until {until}")
    relied_on = {check.kind for check in move.checks}
    seen = tuple(
        CheckSeen(kind=kind, valid_until=held[kind].valid_until)
        for kind in sorted(held)
        if held[kind].in_date(first) or (command.again and kind in relied_on)
    )
    training = tuple(_trained(command, command.passport, move, first))
    missing = untrained(command.passport, move.host, command.training, first)
    before = (move.checks, move.training, move.missing)
    if move.checks and (checks_with(move.checks, seen), training, missing) == before:
        return []
    return [
        ChecksVerified(
            **of(move, day),
            verified_by=command.verified_by,
            checks=seen,
            training=training or None,
            missing=missing or None,
        )
    ]


def _trained(command: VerifyChecks, passport: Passport, move: Deployment, day: date) -> Iterator[TrainingSeen]:
    for course in command.training:
        if (last := held_until(passport, move.host, course, day)) is not None:
            yield TrainingSeen(course_id=course.course_id, title=course.title, valid_until=last)


def refuse_untrained(move: Deployment, day: date) -> None:
    """Raises TrainingMissing, with what is missing on the first day and was not put off up to then or later."""
    over = {seen.course_id: seen.title for seen in move.training if seen.valid_until < day}
    lacks = {course.course_id: course.title for course in move.missing} | over
    put_off = move.put_off.courses if move.put_off is not None and day <= move.put_off.done_by else ()
    if lacks.keys() - put_off:
        raise TrainingMissing(", ".join(title for id_, title in lacks.items() if id_ not in put_off))


def put_off(command: PutOffTraining, move: Deployment, day: date) -> list[DeploymentFact]:
    if not move.missing:
        raise NothingMissing
    if not day <= command.done_by <= move.last_day:
        raise DoneTooLate(f"from {day} up to {move.last_day}", field="done_by")
    courses = tuple(course.course_id for course in move.missing)
    if move.put_off == PutOff(courses=courses, done_by=command.done_by):
        return []
    return [TrainingPutOff(**of(move, day), courses=courses, ground=command.ground, done_by=command.done_by)]


def chased(move: Deployment, now: datetime) -> list[DeploymentFact]:
    """Home and host are told, unless the courses were completed, or they were told."""
    put_off = move.put_off
    if move.status not in LIVE or put_off is None or put_off.overdue or now < step.end_of(put_off.done_by):
        return []
    day = max(put_off.done_by + DAY, move.since)
    return [TrainingOverdue(**of(move, day), courses=put_off.courses, done_by=put_off.done_by)]


def waiting(move: Deployment) -> Iterator[Waiting]:
    """Who sees to training that is missing: home has it completed, the host puts it off or sees that it was not done."""
    if not move.missing or move.status not in LIVE:
        return
    yield Waiting("home", "complete-training", move.since)
    put_off = move.put_off
    if put_off is not None and put_off.overdue:
        yield Waiting("host", "training-overdue", put_off.done_by)
    elif any(put_off is None or course.course_id not in put_off.courses for course in move.missing):
        yield Waiting("host", "training-missing", move.since)


def authorised(command: Authorise, move: Deployment, day: date) -> DeploymentAuthorised:
    refuse_stopped(move)
    if move.recharge not in (None, command.recharge):
        raise TermsDiffer(field="recharge")
    refuse_not_in_force(move, command.home, command.host, move.starts_on, move.last_day)
    return DeploymentAuthorised(
        **of(move, day), side=command.side, authorised_by=command.authorised_by, indemnity=command.indemnity,
        data_basis=command.data_basis, recharge=command.recharge,
    )  # fmt: skip


def refuse_not_in_force(
    move: Deployment, home: Sequence[Signature], host: Sequence[Signature], first: date, last: date
) -> None:
    """Both under one framework, on every day from a first to a last."""
    if not in_force_together(home, host, first, last):
        raise NotInForce


def in_force_together(home: Sequence[Signature], host: Sequence[Signature], first: date, last: date) -> bool:
    """Whether there is a framework under which both are in force on every day from a first to a last."""
    both = [{each.framework_id for each in signed if each.in_force(first, last)} for signed in (home, host)]
    return bool(both[0] & both[1])


def paused(move: Deployment, home: Sequence[Signature], host: Sequence[Signature], today: date) -> bool | None:
    """Whether a move stands still for what its home and host have signed.

    As long as one is suspended; once it was authorised, as long as one has not signed after all, or is not in force yet on a day of
    the move. None: it neither stops nor goes on for that; where one has left, it ends.
    """
    if in_force_together(home, host, today, today):
        return False
    bound = [(one, other) for one in home for other in host if one.framework_id == other.framework_id]
    if any(
        {one.status, other.status} <= set(BOUND) and signatures.Status.SUSPENDED in (one.status, other.status)
        for one, other in bound
    ):
        return True
    day = max(today, move.starts_on)
    never = any(_not_yet(each, day) for pair in bound for each in pair) and not in_force_together(home, host, day, day)
    return True if move.status in AUTHORISED and never else None


def _not_yet(signature: Signature, day: date) -> bool:
    return signature.status is signatures.Status.INVITED or (
        signature.status in BOUND and signature.begins is not None and signature.begins > day
    )


def covered_up_to(home: Sequence[Signature], host: Sequence[Signature], day: date) -> date | None:
    """The last day up to which both are in force under one framework from a day on; None: on that day they are not."""
    ends = [
        {
            each.framework_id: period.last or date.max
            for each in signed
            for period in each.periods
            if period.covers(day, day)
        }
        for signed in (home, host)
    ]
    return max((min(ends[0][id_], ends[1][id_]) for id_ in ends[0].keys() & ends[1].keys()), default=None)


def covered_last(home: Sequence[Signature], host: Sequence[Signature], day: date) -> date | None:
    """The last day, of those up to a day, on which both were in force under one framework; None: they never were."""
    together = (
        (max(one.first, other.first), min(one.last or day, other.last or day, day))
        for lent in home
        for borrowed in host
        if lent.framework_id == borrowed.framework_id
        for one in lent.periods
        for other in borrowed.periods
    )
    return max((last for first, last in together if first <= last), default=None)


def expiring(move: Deployment, now: datetime) -> list[DeploymentFact]:
    ending = move.next_to_end
    if ending is None or ending.valid_until is None or now < step.start_of(ending.valid_until - WARNING):
        return []
    day = max(ending.valid_until - WARNING, move.since)
    if isinstance(ending, TrainingSeen):
        return [TrainingExpiring(**of(move, day), course_id=ending.course_id, valid_until=ending.valid_until)]
    return [CheckExpiring(**of(move, day), kind=ending.kind, valid_until=ending.valid_until)]


def right_ended(move: Deployment, now: datetime) -> list[DeploymentFact]:
    """Nobody works for a host after the last day of their right to."""
    last = move.right_to_work_ends
    if last is None or RIGHT_OVER in move.stops or now < step.end_of(last):
        return []
    return [MoveStopped(**of(move, max(last + DAY, move.since)), reason=RIGHT_OVER)]
