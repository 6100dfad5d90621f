"""A staff passport: what an employer has checked, what its holder has learned, and who may look.

Training that a host accepts, as learning says, is waived there and stands apart from what was completed. Checks are the outcome and
never the evidence. The holder lets others look, up to a day, and may take it back: that ends the
looking, not the records of work that was done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias, TypedDict
from uuid import UUID

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from mobility.domain import checks
from mobility.domain.checks import Check, Checked, CheckFact, Request
from mobility.domain.working_time import monday_of
from schemas.fact import Fact
from schemas.mobility import (
    CheckAwaiting,
    CheckNotRequired,
    CheckOutcome,
    CheckOverdue,
    CheckRecorded,
    CheckRequested,
    CoreSkill,
    LimitEnding,
    LimitGround,
    LimitLifted,
    PassportClosed,
    PassportOpened,
    PassportReopened,
    PassportShared,
    SharingWithdrawn,
    TrainingRecorded,
    TrainingWaived,
    WaiverWithdrawn,
    WorkLimit,
    WorkLimited,
)
from schemas.values import BusinessDate, Code, Part, PartnerId

AGGREGATE = "passport"
WARNING = timedelta(days=28)
"""How long before a permission to work ends somebody is told: it is put off in four weeks, if at all."""


class Status(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Training(Part):
    """A course as it was last completed."""

    course_id: UUID
    title: str
    completed_on: date


class Waiver(Part):
    """Training that a host accepts, though it did not give it: waived there, completed by nobody."""

    competence_id: UUID
    host: str
    skill: CoreSkill
    ground: str
    since: date
    valid_until: date | None

    def holds(self, day: date) -> bool:
        """Whether the host accepts it on a day."""
        return self.since <= day and (self.valid_until is None or day <= self.valid_until)


class Share(Part):
    """Who may look, up to and on which day."""

    organisation: str
    until: date


class Passport(Checked):
    """One passport as it stands."""

    status: Status
    since: date
    person_id: UUID
    home: str
    training: tuple[Training, ...] = ()
    waived: tuple[Waiver, ...] = ()
    shares: tuple[Share, ...] = ()
    taken_back: tuple[Share, ...] = ()
    """What the holder took back by their own hand, each as it was."""
    limits: tuple[WorkLimit, ...] = ()
    """How far its holder may work; one a ground."""
    warned: tuple[LimitGround, ...] = ()
    """The limits of which somebody was told that their last day comes near."""
    reason: str | None = None

    def seen_by(self, organisation: str, day: date) -> bool:
        """Whether an organisation may rely on it on a day."""
        shared = any(share.organisation == organisation and day <= share.until for share in self.shares)
        return self.status is Status.OPEN and (organisation == self.home or shared)


def together(kept: Sequence[Passport]) -> Passport | None:
    """All that one employer keeps of a person, under whichever id, as one passport; None where it keeps none.

    Of two checks of a kind the later counts, and of two of one day the one that may not be relied on.
    """
    if len(kept) < 2:
        return kept[0] if kept else None
    done = sorted(
        (check for each in kept for check in each.checks), key=lambda each: (each.verified_on, not each.satisfactory)
    )
    learned = sorted((course for each in kept for course in each.training), key=lambda each: each.completed_on)
    return changed(
        kept[0], checks=tuple({check.kind: check for check in done}.values()),
        training=tuple({course.course_id: course for course in learned}.values()),
        waived=tuple(dict.fromkeys(waiver for each in kept for waiver in each.waived)),
    )  # fmt: skip


# Commands --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Command):
    person_id: UUID
    home: PartnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCheck(Command):
    """A check was asked for, or it is somebody else's move now."""

    kind: Code
    awaiting: CheckAwaiting
    level: Code | None = None
    workforce: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordNotRequired(Command):
    """The employer's own work does not ask for a check: what was asked for is asked for no more."""

    kind: Code
    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCheck(Command):
    """It was done: `outcome` says what it came to, or `satisfactory` alone where that is enough."""

    kind: Code
    verified_by: PartnerId
    satisfactory: bool | None = None
    outcome: CheckOutcome | None = None
    level: Code | None = None
    workforce: Code | None = None
    valid_until: BusinessDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseCheck(Command):
    """The time for a check that was asked for is over."""

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTraining(Command):
    """What learning said. It may have happened before the passport was opened."""

    course_id: UUID
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordWaiver(Command):
    """What learning said of a host's judgement. It may have been made before the passport was opened."""

    competence_id: UUID
    host: str
    skill: CoreSkill
    ground: str
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawWaiver(Command):
    """The host judged the same training anew, otherwise."""

    competence_id: UUID
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareWith(Command):
    organisation: PartnerId
    until: BusinessDate


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawSharing(Command):
    organisation: PartnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack(Command):
    """The holder lets an organisation look no longer: their employer cannot let it look again."""

    organisation: PartnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class LetLookAgain(Command):
    """The holder lets an organisation look again that they had stopped, until the day that it was to look."""

    organisation: PartnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitWork(Command):
    limit: WorkLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftLimit(Command):
    ground: LimitGround


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseEnding(Command):
    """The last day up to which the holder may work comes near."""

    ground: LimitGround


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAgain(Command):
    """What the holder may do is another thing from today on: nothing is said of it here, their moves are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Command):
    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen(Command):
    """The holder is back with the employer within a break."""


COMMANDS = (
    Open,
    RequestCheck,
    RecordNotRequired,
    RecordCheck,
    ChaseCheck,
    RecordTraining,
    RecordWaiver,
    WithdrawWaiver,
    ShareWith,
    WithdrawSharing,
    TakeBack,
    LetLookAgain,
    LimitWork,
    LiftLimit,
    RaiseEnding,
    LookAgain,
    Close,
    Reopen,
)
PassportFact: TypeAlias = (
    PassportOpened
    | CheckFact
    | CheckOverdue
    | TrainingRecorded
    | TrainingWaived
    | WaiverWithdrawn
    | PassportShared
    | SharingWithdrawn
    | WorkLimited
    | LimitEnding
    | LimitLifted
    | PassportClosed
    | PassportReopened
)

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.OPEN: (
        RequestCheck, RecordNotRequired, RecordCheck, ShareWith, WithdrawSharing, LimitWork, LiftLimit, Close,
    ),
    Status.CLOSED: (),
})  # fmt: skip


# Refusals --------------------------------------------------------------------------------------------------------------


class AlreadyOpen(Refused):
    """The person has an open passport with this employer."""


class ShareOver(Invalid):
    """A passport is shared up to a day that is not over, with another organisation than the employer."""


class TermOver(Invalid):
    """A term begins before it ends, and what is limited up to a day is limited up to one that is not over."""


class NotLimited(Refused):
    """The holder is not limited on this ground."""


class NotShared(Refused):
    """The passport is not shared with this organisation."""


class TakenBackByHolder(Refused):
    """The holder took it back: only they let this organisation look again, on their own page."""


# The machine -----------------------------------------------------------------------------------------------------------


def decide(command: Command, passport: Passport | None, now: datetime) -> list[PassportFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, passport:
        case Open(person_id=person_id, home=home), None:
            return [PassportOpened(occurred_on=day_of(command, now), person_id=person_id, home=home)]
        case _, None:
            raise NotFound

        case RequestCheck(), Passport(status=Status.OPEN):
            return _requested(command, passport, now)
        case RecordNotRequired(), Passport(status=Status.OPEN):
            return _not_required(command, passport, now)
        case RecordCheck(), Passport(status=Status.OPEN):
            return _recorded(command, passport, day_of(command, now))
        case ChaseCheck(kind=kind), Passport(status=Status.OPEN):
            return _chased(passport.request(kind), passport, now)
        case RecordTraining(course_id=course_id, title=title), Passport(status=Status.OPEN):
            day = day_of(command, now)
            known = Training(course_id=course_id, title=title, completed_on=day) in passport.training
            return [] if known else [TrainingRecorded(**_of(passport, day), course_id=course_id, title=title)]
        case RecordWaiver(), Passport(status=Status.OPEN):
            waived = TrainingWaived(
                **_of(passport, day_of(command, now)), competence_id=command.competence_id, host=command.host,
                skill=command.skill, ground=command.ground, valid_until=command.valid_until,
            )  # fmt: skip
            return [] if _waiver(waived) in passport.waived else [waived]
        case WithdrawWaiver(competence_id=id_, host=host), Passport(status=Status.OPEN):
            if len(_waivers_but(passport, id_, host)) == len(passport.waived):
                return []
            return [WaiverWithdrawn(**_of(passport, day_of(command, now)), competence_id=id_, host=host)]
        case ShareWith(organisation=organisation, until=until), Passport(status=Status.OPEN):
            day = day_of(command, now)
            if until < day or organisation == passport.home:
                raise ShareOver(field="until")
            if organisation in {share.organisation for share in passport.taken_back}:
                raise TakenBackByHolder(field="organisation")
            if Share(organisation=organisation, until=until) in passport.shares:
                return []
            return [PassportShared(**_of(passport, day), organisation=organisation, until=until)]
        case (WithdrawSharing() | TakeBack()) as ended, Passport(status=Status.OPEN):
            if ended.organisation not in {share.organisation for share in passport.shares}:
                raise NotShared
            of, by_holder = _of(passport, day_of(command, now)), isinstance(ended, TakeBack)
            return [SharingWithdrawn(**of, organisation=ended.organisation, by_holder=by_holder)]
        case LetLookAgain(organisation=organisation), Passport(status=Status.OPEN):
            was = next((share for share in passport.taken_back if share.organisation == organisation), None)
            if was is None:
                raise NotShared
            if was.until < (day := day_of(command, now)):
                raise ShareOver(field="organisation")
            return [PassportShared(**_of(passport, day), organisation=organisation, until=was.until)]
        case LimitWork(limit=limit), Passport(status=Status.OPEN):
            day = day_of(command, now)
            if any(term.last < term.first for term in limit.terms) or (limit.until is not None and limit.until < day):
                raise TermOver(field="limit")
            return [] if limit in passport.limits else [WorkLimited(**_of(passport, day), limit=limit)]
        case LiftLimit(ground=ground), Passport(status=Status.OPEN):
            if ground not in {limit.ground for limit in passport.limits}:
                raise NotLimited
            return [LimitLifted(**_of(passport, day_of(command, now)), ground=ground)]
        case RaiseEnding(ground=ground), Passport(status=Status.OPEN):
            last = next((each.until for each in passport.limits if each.ground == ground), None)
            if last is None or ground in passport.warned or now < step.start_of(last - WARNING):
                return []
            return [LimitEnding(**_of(passport, day_of(command, now)), ground=ground, until=last)]
        case Close(reason=reason), Passport(status=Status.OPEN):
            return [PassportClosed(**_of(passport, day_of(command, now)), reason=reason)]

        case Reopen(), Passport(status=Status.CLOSED):
            return [PassportReopened(**_of(passport, day_of(command, now)))]

        case Close(), Passport(status=Status.CLOSED):
            return []
        case Reopen(), Passport(status=Status.OPEN):
            return []
        case ((ChaseCheck() | RaiseEnding() | LookAgain()), _):
            return []
        case _:
            raise NotInThisState


def evolve(passport: Passport | None, fact: Fact) -> Passport:
    """The passport after a fact. Raises CannotFollow. Its records are entered late, so `since` is the day of its opening or end."""
    match passport, fact:
        case None, PassportOpened():
            return Passport(status=Status.OPEN, since=fact.occurred_on, person_id=fact.person_id, home=fact.home)
        case Passport(status=Status.OPEN), CheckRequested() | CheckNotRequired() | CheckRecorded():
            return checks.after(passport, fact)
        case Passport(status=Status.OPEN), CheckOverdue():
            return checks.overdue(passport, fact)
        # what was learned stands also where it turns out that the passport was not open again when it was heard
        case Passport(), TrainingRecorded(course_id=course_id, occurred_on=day):
            done = Training(course_id=course_id, title=fact.title, completed_on=day)
            held_ = next((each for each in passport.training if each.course_id == course_id), None)
            if held_ is not None and held_.completed_on > day:
                return passport
            courses = tuple(each for each in passport.training if each.course_id != course_id)
            return changed(passport, training=(*courses, done))
        case Passport(), TrainingWaived(competence_id=id_, host=host):
            return changed(passport, waived=(*_waivers_but(passport, id_, host), _waiver(fact)))
        case Passport(), WaiverWithdrawn(competence_id=id_, host=host):
            return changed(passport, waived=_waivers_but(passport, id_, host))
        case Passport(status=Status.OPEN), PassportShared(organisation=organisation):
            share = Share(organisation=organisation, until=fact.until)
            return changed(
                passport, shares=(*_shares_but(passport.shares, organisation), share),
                taken_back=_shares_but(passport.taken_back, organisation),
            )  # fmt: skip
        case Passport(status=Status.OPEN), SharingWithdrawn(organisation=organisation):
            ended = tuple(each for each in passport.shares if each.organisation == organisation and fact.by_holder)
            return changed(
                passport, shares=_shares_but(passport.shares, organisation),
                taken_back=(*_shares_but(passport.taken_back, organisation), *ended),
            )  # fmt: skip
        case Passport(status=Status.OPEN), WorkLimited(limit=limit):
            return changed(
                passport,
                limits=(*_limits_but(passport, limit.ground), limit),
                warned=_warned_but(passport, limit.ground),
            )
        case Passport(status=Status.OPEN), LimitEnding(ground=ground) if ground not in passport.warned:
            return changed(passport, warned=(*passport.warned, ground))
        case Passport(status=Status.OPEN), LimitLifted(ground=ground):
            return changed(passport, limits=_limits_but(passport, ground), warned=_warned_but(passport, ground))
        case Passport(status=Status.OPEN), PassportClosed(occurred_on=day):
            return changed(
                passport,
                status=Status.CLOSED,
                since=max(day, passport.since),
                shares=(),
                requested=(),
                reason=fact.reason,
            )
        case Passport(status=Status.CLOSED), PassportReopened(occurred_on=day):
            return changed(passport, status=Status.OPEN, since=max(day, passport.since), reason=None)
        case _:
            raise CannotFollow(fact, passport)


def allowed(passport: Passport | None) -> tuple[str, ...]:
    """The commands that somebody may give it."""
    return step.names((Open,) if passport is None else ALLOWED[passport.status])


def deadlines(passport: Passport) -> Mapping[str, datetime]:
    """A check that was asked for has its time. The last day of a permission is told before; when it is over, and when a term
    begins, moves are beyond what was within.

    Whether a check is in date is asked of a day.
    """
    if passport.status is not Status.OPEN:
        return {}
    found = dict(checks.deadlines(passport))
    for limit in passport.limits:
        if limit.until is not None:
            found[f"over-{limit.ground}"] = step.end_of(limit.until)
            if limit.ground not in passport.warned:
                found[f"ending-{limit.ground}"] = step.start_of(limit.until - WARNING)
        for number, term in enumerate(limit.terms):
            found[f"term-{limit.ground}-{number}"] = step.start_of(monday_of(term.first))
    return found


def due(name: str, passport: Passport) -> Command:
    """The command of a deadline."""
    what, _, of = name.partition("-")
    match what:
        case "late":
            return ChaseCheck(kind=of)
        case "ending":
            return RaiseEnding(ground=LimitGround(of))
        case _:
            return LookAgain()


def waiting(passport: Passport) -> tuple[Waiting, ...]:
    """Whose move a check is that was asked for; who is told that it is overdue, and that a permission comes to its end.

    Otherwise nobody, until a host asks for something that is missing.
    """
    if passport.status is not Status.OPEN:
        return ()
    ends = {limit.ground: limit.until for limit in passport.limits if limit.until is not None}
    return (
        *checks.waiting(passport),
        *(Waiting("home", f"renew-{ground}", ends[ground] - WARNING) for ground in passport.warned if ground in ends),
    )


def _warned_but(passport: Passport, ground: LimitGround) -> tuple[LimitGround, ...]:
    return tuple(each for each in passport.warned if each != ground)


def _limits_but(passport: Passport, ground: LimitGround) -> tuple[WorkLimit, ...]:
    return tuple(limit for limit in passport.limits if limit.ground != ground)


def _shares_but(shares: tuple[Share, ...], organisation: str) -> tuple[Share, ...]:
    return tuple(each for each in shares if each.organisation != organisation)


def _waivers_but(passport: Passport, competence_id: UUID, host: str) -> tuple[Waiver, ...]:
    return tuple(each for each in passport.waived if (each.competence_id, each.host) != (competence_id, host))


def _waiver(fact: TrainingWaived) -> Waiver:
    return Waiver(
        competence_id=fact.competence_id, host=fact.host, skill=fact.skill, ground=fact.ground, since=fact.occurred_on,
        valid_until=fact.valid_until,
    )  # fmt: skip


class _Of(TypedDict):
    person_id: UUID
    home: str
    occurred_on: date


def _of(passport: Passport, day: date) -> _Of:
    return {"person_id": passport.person_id, "home": passport.home, "occurred_on": day}


def _requested(command: RequestCheck, passport: Passport, now: datetime) -> list[PassportFact]:
    known = passport.request(command.kind)
    asked = (command.level, command.workforce, command.awaiting)
    if known is not None and (known.level, known.workforce, known.awaiting) == asked:
        return []
    day = day_of(command, now, after=passport.last_said(command.kind))
    return [
        CheckRequested(
            **_of(passport, day), kind=command.kind, level=command.level, workforce=command.workforce,
            awaiting=command.awaiting,
        )
    ]  # fmt: skip


def _not_required(command: RecordNotRequired, passport: Passport, now: datetime) -> list[PassportFact]:
    known = passport.excused(command.kind)
    if known is not None and known.reason == command.reason:
        return []
    day = day_of(command, now, after=passport.last_said(command.kind))
    said = CheckNotRequired(**_of(passport, day), kind=command.kind, reason=command.reason)
    checks.refuse_always_required(said)
    return [said]


def _chased(request: Request | None, passport: Passport, now: datetime) -> list[PassportFact]:
    """Somebody is told, unless there is an outcome, it moved on, or they were told."""
    if request is None or request.overdue or now < step.end_of(request.answer_by):
        return []
    day = request.answer_by + timedelta(days=1)
    return [CheckOverdue(**_of(passport, day), kind=request.kind, awaiting=request.awaiting, since=request.since)]


def _recorded(command: RecordCheck, passport: Passport, day: date) -> list[PassportFact]:
    outcome = checks.outcome_of(command.satisfactory, command.outcome)
    said = command.satisfactory
    recorded = CheckRecorded(
        **_of(passport, day), kind=command.kind, level=command.level, workforce=command.workforce,
        verified_by=command.verified_by, satisfactory=outcome is CheckOutcome.SATISFACTORY if said is None else said,
        outcome=outcome, valid_until=command.valid_until,
    )  # fmt: skip
    checks.refuse_unsound_outcome(recorded)
    return [] if Check.of(recorded) in passport.checks else [recorded]
