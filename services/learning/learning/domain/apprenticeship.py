"""An apprenticeship: waiting to start, live, on a break, at the gateway, being assessed, completed with a grade, or stopped.

How long it lasts at least, the day decides on which it began: a break does not count. Another employer is no stop. Where the
training plan asks for a number of hours of learning off the job, the gateway is reached once they are done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeAlias
from uuid import UUID

from pydantic import Field

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of, months_later
from learning.domain import reference
from schemas.fact import Fact
from schemas.learning import (
    ApprenticeEmployerChanged,
    ApprenticeshipAgreed,
    ApprenticeshipBegun,
    ApprenticeshipCompleted,
    ApprenticeshipPaused,
    ApprenticeshipResumed,
    ApprenticeshipStopped,
    AssessmentBegun,
    AssessmentFailed,
    GatewayReached,
    Grade,
    OfApprenticeship,
    OffTheJobHoursLogged,
    PlacementHours,
    Standard,
    StandardVersion,
)
from schemas.values import BusinessDate, Code, Part, PartnerId

AGGREGATE = "apprenticeship"

FIRST_DAY: Final = reference.LEAST_DURATIONS[0].from_day


class Status(StrEnum):
    WAITING = "waiting"
    LIVE = "live"
    PAUSED = "paused"
    GATEWAY = "gateway"
    ASSESSMENT = "assessment"
    COMPLETED = "completed"
    STOPPED = "stopped"


class Break(Part):
    """A break that is over: the days on which it began and ended."""

    began_on: date
    ended_on: date


class OffTheJob(Part):
    """Hours of a day on which an apprentice learned away from the work itself."""

    on: date
    hours: float


class Apprenticeship(Part):
    """One apprenticeship as it stands. Hours are entered in any order, in the days of it and never in a break."""

    status: Status
    since: date
    person_id: UUID
    employer: str
    provider: str
    standard: str
    standard_version: str
    starts_on: date
    began_on: date | None = None
    days_away: int = 0
    """Days of breaks that are over."""
    breaks: tuple[Break, ...] = ()
    planned_hours: float | None = None
    """Hours off the job that the training plan asks for."""
    off_the_job: tuple[OffTheJob, ...] = ()
    grade: Grade | None = None
    reason: str | None = None

    @property
    def earliest_gateway(self) -> date | None:
        """The first day on which it has lasted long enough; None before it began."""
        if self.began_on is None:
            return None
        return months_later(self.began_on, reference.least_months(self.began_on)) + timedelta(days=self.days_away)

    @property
    def hours_missing(self) -> float:
        """The hours off the job that the training plan asks for and that nobody has logged."""
        return max(0.0, (self.planned_hours or 0.0) - sum(day.hours for day in self.off_the_job))

    def learns_on(self, day: date) -> bool:
        """Whether a day lies in the apprenticeship, and in no break of it."""
        if self.began_on is None or day < self.began_on or (self.status is Status.PAUSED and day > self.since):
            return False
        return not any(each.began_on < day < each.ended_on for each in self.breaks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agree(Command):
    person_id: UUID
    employer: PartnerId
    provider: PartnerId
    standard: Standard
    standard_version: StandardVersion
    starts_on: BusinessDate
    off_the_job_hours: Annotated[float, Field(gt=0, le=10_000, multiple_of=0.25)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin(Command):
    """The first day of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Command):
    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Command):
    """The break is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEmployer(Command):
    employer: PartnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOffTheJob(Command):
    """Hours of a day away from the work itself: `occurred_on` is the day."""

    hours: PlacementHours


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachGateway(Command):
    """Everything is learned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginAssessment(Command):
    """The end-point assessment begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assess(Command):
    grade: Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Command):
    reason: Code


COMMANDS = (Agree, Begin, Pause, Resume, ChangeEmployer, LogOffTheJob, ReachGateway, BeginAssessment, Assess, Stop)
ApprenticeshipFact: TypeAlias = OfApprenticeship

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.WAITING: (Begin, ChangeEmployer, Stop),
    Status.LIVE: (Pause, ChangeEmployer, LogOffTheJob, ReachGateway, Stop),
    Status.PAUSED: (Resume, ChangeEmployer, LogOffTheJob, Stop),
    Status.GATEWAY: (BeginAssessment, ChangeEmployer, Stop),
    Status.ASSESSMENT: (Assess, ChangeEmployer, Stop),
    Status.COMPLETED: (),
    Status.STOPPED: (),
})  # fmt: skip
RUNNING = (Status.WAITING, Status.LIVE, Status.PAUSED, Status.GATEWAY, Status.ASSESSMENT)


class BeforeThereWereStandards(Invalid):
    """Before the first day of the standards apprenticeships followed other rules."""


class AlreadyAgreed(Refused):
    """The apprentice is learning by this standard: that one is completed or stopped first."""


class TooShort(Refused):
    """It has not lasted as long as it must, breaks not counted."""


class TooFewHours(Refused):
    """Fewer hours off the job were logged than the training plan asks for."""


class NotLearningThen(Invalid):
    """The day lies before the apprenticeship, or in a break of it."""


class DayAlreadyLogged(Refused):
    """Other hours were logged for this day: correct them."""


def decide(command: Command, held: Apprenticeship | None, now: datetime) -> list[ApprenticeshipFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, held:
        case Agree(), None:
            if command.starts_on < FIRST_DAY:
                raise BeforeThereWereStandards(f"the first day is {FIRST_DAY}", field="starts_on")
            return [
                ApprenticeshipAgreed(
                    occurred_on=day_of(command, now), person_id=command.person_id, employer=command.employer,
                    provider=command.provider, standard=command.standard, standard_version=command.standard_version,
                    starts_on=command.starts_on, off_the_job_hours=command.off_the_job_hours,
                )
            ]  # fmt: skip
        case _, None:
            raise NotFound
        case Stop(reason=reason), Apprenticeship(status=Status.STOPPED, reason=said) if reason == said:
            return []
        case Assess(grade=grade), Apprenticeship(status=Status.COMPLETED, grade=known) if grade is known:
            return []
        case _ if type(command) not in ALLOWED[held.status]:
            raise NotInThisState
        case LogOffTheJob(hours=hours), _:
            return _logged(hours, held, day_of(command, now, after=held.began_on))
        case _:
            return _next(command, held, day_of(command, now, after=held.since))


def _logged(hours: float, held: Apprenticeship, day: date) -> list[ApprenticeshipFact]:
    """A day's hours, said once."""
    if not held.learns_on(day):
        raise NotLearningThen(field="occurred_on")
    known = next((each for each in held.off_the_job if each.on == day), None)
    if known is None:
        return [OffTheJobHoursLogged(**_of(held), occurred_on=day, hours=hours)]
    if known.hours == hours:
        return []
    raise DayAlreadyLogged


def _next(command: Command, held: Apprenticeship, day: date) -> list[ApprenticeshipFact]:
    """What a command that its state allows leads to."""
    own: dict[str, Any] = {**_of(held), "occurred_on": day}
    match command:
        case Begin():
            if day < FIRST_DAY:
                raise BeforeThereWereStandards(f"the first day is {FIRST_DAY}", field="occurred_on")
            return [ApprenticeshipBegun(**own)]
        case Pause(reason=reason):
            return [ApprenticeshipPaused(**own, reason=reason)]
        case Resume():
            return [ApprenticeshipResumed(**own)]
        case ChangeEmployer(employer=employer):
            if employer == held.employer:
                return []
            return [ApprenticeEmployerChanged(**{**own, "employer": employer}, previous=held.employer)]
        case ReachGateway():
            if held.earliest_gateway is None or day < held.earliest_gateway:
                raise TooShort(_how_long(held))
            if held.hours_missing:
                raise TooFewHours(f"{held.hours_missing:g} are missing")
            return [GatewayReached(**own)]
        case BeginAssessment():
            return [AssessmentBegun(**own)]
        case Assess(grade=Grade.FAIL):
            return [AssessmentFailed(**own)]
        case Assess(grade=grade):
            return [ApprenticeshipCompleted(**own, grade=grade)]
        case Stop(reason=reason):
            return [ApprenticeshipStopped(**own, reason=reason)]
        case _:
            raise NotInThisState


def _how_long(held: Apprenticeship) -> str | None:
    """The rule by which it has not lasted long enough, in words."""
    if held.began_on is None:
        return None
    months = reference.least_months(held.began_on)
    return f"{months} months at least, breaks not counted: not before {held.earliest_gateway}"


def evolve(held: Apprenticeship | None, fact: Fact) -> Apprenticeship:
    """The apprenticeship after a fact. Raises CannotFollow."""
    match held, fact:
        case None, ApprenticeshipAgreed():
            return Apprenticeship(
                status=Status.WAITING, since=fact.occurred_on, person_id=fact.person_id, employer=fact.employer,
                provider=fact.provider, standard=fact.standard, standard_version=fact.standard_version,
                starts_on=fact.starts_on, planned_hours=fact.off_the_job_hours,
            )  # fmt: skip
        case Apprenticeship(status=Status.WAITING), ApprenticeshipBegun(occurred_on=day):
            return changed(held, status=Status.LIVE, since=day, began_on=day)
        case Apprenticeship(status=Status.LIVE), ApprenticeshipPaused(occurred_on=day):
            return changed(held, status=Status.PAUSED, since=day)
        case Apprenticeship(status=Status.PAUSED, since=since), ApprenticeshipResumed(occurred_on=day):
            away = Break(began_on=since, ended_on=day)
            return changed(
                held,
                status=Status.LIVE,
                since=day,
                days_away=held.days_away + (day - since).days,
                breaks=(*held.breaks, away),
            )
        case Apprenticeship(status=Status.LIVE | Status.PAUSED), OffTheJobHoursLogged(occurred_on=day) if (
            held.learns_on(day) and all(each.on != day for each in held.off_the_job)
        ):
            return changed(held, off_the_job=(*held.off_the_job, OffTheJob(on=day, hours=fact.hours)))
        case Apprenticeship(status=status), ApprenticeEmployerChanged(employer=employer) if status in RUNNING:
            return changed(held, employer=employer)
        case Apprenticeship(status=Status.LIVE, earliest_gateway=date() as first), GatewayReached(occurred_on=day) if (
            day >= first and not held.hours_missing
        ):
            return changed(held, status=Status.GATEWAY, since=day)
        case Apprenticeship(status=Status.GATEWAY), AssessmentBegun(occurred_on=day):
            return changed(held, status=Status.ASSESSMENT, since=day)
        case Apprenticeship(status=Status.ASSESSMENT), AssessmentFailed(occurred_on=day):
            return changed(held, status=Status.GATEWAY, since=day)
        case Apprenticeship(status=Status.ASSESSMENT), ApprenticeshipCompleted(occurred_on=day, grade=grade):
            return changed(held, status=Status.COMPLETED, since=day, grade=grade)
        case Apprenticeship(status=status), ApprenticeshipStopped(occurred_on=day, reason=reason) if status in RUNNING:
            return changed(held, status=Status.STOPPED, since=day, reason=reason)
        case _:
            raise CannotFollow(fact, held)


def _of(held: Apprenticeship) -> dict[str, Any]:
    return {
        "person_id": held.person_id, "employer": held.employer, "provider": held.provider, "standard": held.standard,
    }  # fmt: skip


def allowed(held: Apprenticeship | None) -> tuple[str, ...]:
    """The commands that would change it."""
    return step.names((Agree,) if held is None else ALLOWED[held.status])


def deadlines(held: Apprenticeship) -> Mapping[str, datetime]:
    """Nothing falls due by itself: the gateway is reached when all three say so."""
    return {}


def due(name: str, held: Apprenticeship) -> Command:
    """Never asked: an apprenticeship has no deadlines."""
    raise LookupError(name)


def waiting(held: Apprenticeship) -> tuple[Waiting, ...]:
    """Whoever is to start has to be started, and whoever is at the gateway to be assessed."""
    match held.status:
        case Status.WAITING:
            return (Waiting("organisation", "begin", held.starts_on),)
        case Status.GATEWAY:
            return (Waiting("organisation", "begin-assessment", held.since),)
        case _:
            return ()
