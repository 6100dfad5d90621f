"""A T Level student's industry placement, which employers of health and of care share; what is beyond them is a taster.

The hours complete the placement and not the T Level. How many, and how many of them may be tasters, the year decides in which the
student started.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeAlias
from uuid import UUID

from pydantic import Field

from kit import step
from kit.errors import NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of, start_of
from learning.domain import reference
from schemas.fact import Fact
from schemas.learning import (
    PathwayBegun,
    PathwayEnded,
    PlacementCompleted,
    PlacementEmployerJoined,
    PlacementHours,
    PlacementHoursLogged,
    Setting,
)
from schemas.values import Code, Part, PartnerId

AGGREGATE = "pathway"


class Status(StrEnum):
    PLACED = "placed"
    COMPLETED = "completed"
    ENDED = "ended"


class Leg(Part):
    """An employer's part of the placement."""

    employer: str
    setting: Setting


class Day(Part):
    """Hours of one day with one employer."""

    employer: str
    on: date
    hours: float
    taster: bool


class Pathway(Part):
    """One placement as it stands. Days are entered in any order, so `since` is the day on which it began, or ended."""

    status: Status
    since: date
    person_id: UUID
    provider: str
    start_year: int
    specialism: str
    legs: tuple[Leg, ...] = ()
    days: tuple[Day, ...] = ()
    reason: str | None = None

    def hours(self, *, taster: bool | None = None) -> float:
        """The hours so far: all, or those that were a taster, or were not."""
        return sum(day.hours for day in self.days if taster is None or day.taster is taster)

    @property
    def is_done(self) -> bool:
        """Whether the hours are there that the start year asks for."""
        return self.hours() >= reference.t_level(self.start_year).hours

    @property
    def last_day(self) -> date:
        """The last day that was worked, or the first of the placement."""
        return max((each.on for each in self.days), default=self.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin(Command):
    person_id: UUID
    provider: PartnerId
    start_year: Annotated[int, Field(ge=reference.T_LEVELS[0].from_year, le=2100)]
    specialism: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Join(Command):
    employer: PartnerId
    setting: Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHours(Command):
    """A day with an employer: `occurred_on` is the day."""

    employer: PartnerId
    hours: PlacementHours
    taster: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete(Command):
    """The hours are done after all: a day came back, or was put right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Command):
    reason: Code


COMMANDS = (Begin, Join, LogHours, Complete, End)
PathwayFact: TypeAlias = (
    PathwayBegun | PlacementEmployerJoined | PlacementHoursLogged | PlacementCompleted | PathwayEnded
)

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.PLACED: (Join, LogHours, End),
    Status.COMPLETED: (),
    Status.ENDED: (),
})  # fmt: skip


class AlreadyBegun(Refused):
    """The student has a placement."""


class SettingTaken(Refused):
    """One employer of health and one of care share a placement; another is a taster."""


class NotAnEmployerOfIt(Refused):
    """The employer gives no part of the placement: it joins first, or it is a taster."""


class TooManyTasterHours(Refused):
    """No more hours than these may be tasters."""


class DayAlreadyLogged(Refused):
    """Other hours were logged with this employer for this day: correct them."""


class DayIsFull(Refused):
    """More hours than a day has were logged for it."""


def decide(command: Command, pathway: Pathway | None, now: datetime) -> list[PathwayFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, pathway:
        case Begin(), None:
            return [
                PathwayBegun(
                    occurred_on=day_of(command, now), person_id=command.person_id, provider=command.provider,
                    start_year=command.start_year, specialism=command.specialism,
                )
            ]  # fmt: skip
        case _, None:
            raise NotFound

        case Join(employer=employer, setting=setting), Pathway(status=Status.PLACED):
            if Leg(employer=employer, setting=setting) in pathway.legs:
                return []
            if any(leg.setting is setting or leg.employer == employer for leg in pathway.legs):
                raise SettingTaken
            day = day_of(command, now, after=pathway.since)
            return [PlacementEmployerJoined(**_of(pathway), occurred_on=day, employer=employer, setting=setting)]
        case LogHours(), Pathway(status=Status.PLACED):
            return _logged(command, pathway, day_of(command, now, after=pathway.since))
        case Complete(), Pathway(status=Status.PLACED) if pathway.is_done:
            return [_completed(pathway)]
        case Complete(), _:
            return []
        case End(reason=reason), Pathway(status=Status.PLACED):
            day = day_of(command, now, after=pathway.since)
            return [PathwayEnded(**_of(pathway), occurred_on=day, reason=reason)]

        case End(reason=reason), Pathway(status=Status.ENDED, reason=said) if reason == said:
            return []
        case _:
            raise NotInThisState


def _logged(command: LogHours, pathway: Pathway, day: date) -> list[PathwayFact]:
    """The day, and, where it was the last that was needed, that the placement is complete. One day of an employer is said once."""
    worked = Day(employer=command.employer, on=day, hours=command.hours, taster=command.taster)
    if worked in pathway.days:
        return []
    if any((each.employer, each.on, each.taster) == (worked.employer, day, worked.taster) for each in pathway.days):
        raise DayAlreadyLogged
    if not command.taster and command.employer not in {leg.employer for leg in pathway.legs}:
        raise NotAnEmployerOfIt
    if sum(each.hours for each in pathway.days if each.on == day) + command.hours > FULL_DAY:
        raise DayIsFull
    fact = PlacementHoursLogged(
        **_of(pathway), occurred_on=day, employer=command.employer, hours=command.hours, taster=command.taster
    )
    after, rules = evolve(pathway, fact), reference.t_level(pathway.start_year)
    if after.hours(taster=True) > rules.taster_hours:
        detail = (
            f"{rules.taster_hours:g} of the {rules.hours:g} hours may be tasters; {pathway.hours(taster=True):g} are"
        )
        raise TooManyTasterHours(detail)
    return [fact, _completed(after)] if after.is_done else [fact]


def refuse_unsound(pathway: Pathway) -> None:
    """Raises Refused where days make no sense together, as a correction may leave them."""
    said = [(each.employer, each.on, each.taster) for each in pathway.days]
    if len(set(said)) < len(said):
        raise DayAlreadyLogged
    if any(sum(each.hours for each in pathway.days if each.on == day) > FULL_DAY for day in {on for _, on, _ in said}):
        raise DayIsFull
    if pathway.hours(taster=True) > reference.t_level(pathway.start_year).taster_hours:
        raise TooManyTasterHours


def _completed(pathway: Pathway) -> PlacementCompleted:
    """On the last day that was worked, in whatever order they were entered."""
    return PlacementCompleted(
        **_of(pathway), occurred_on=pathway.last_day, hours=pathway.hours(), taster_hours=pathway.hours(taster=True)
    )


FULL_DAY: Final = 12.0
"""Hours that one day can have at most, with all employers together."""


def evolve(pathway: Pathway | None, fact: Fact) -> Pathway:
    """The placement after a fact. Raises CannotFollow."""
    match pathway, fact:
        case None, PathwayBegun():
            return Pathway(
                status=Status.PLACED, since=fact.occurred_on, person_id=fact.person_id, provider=fact.provider,
                start_year=fact.start_year, specialism=fact.specialism,
            )  # fmt: skip
        case Pathway(status=Status.PLACED), PlacementEmployerJoined(employer=employer, setting=setting):
            return changed(pathway, legs=(*pathway.legs, Leg(employer=employer, setting=setting)))
        case Pathway(status=Status.PLACED, legs=legs), PlacementHoursLogged(employer=employer) if (
            fact.taster or employer in {leg.employer for leg in legs}
        ):
            day = Day(employer=employer, on=fact.occurred_on, hours=fact.hours, taster=fact.taster)
            return changed(pathway, days=(*pathway.days, day))
        case Pathway(status=Status.PLACED), PlacementCompleted(occurred_on=day, hours=hours) if (
            pathway.hours() == hours
        ):
            return changed(pathway, status=Status.COMPLETED, since=day)
        case Pathway(status=Status.PLACED), PathwayEnded(occurred_on=day, reason=reason):
            return changed(pathway, status=Status.ENDED, since=day, reason=reason)
        case _:
            raise CannotFollow(fact, pathway)


def _of(pathway: Pathway) -> dict[str, Any]:
    return {"person_id": pathway.person_id, "provider": pathway.provider, "start_year": pathway.start_year}


def allowed(pathway: Pathway | None) -> tuple[str, ...]:
    """The commands that would change it."""
    return step.names((Begin,) if pathway is None else ALLOWED[pathway.status])


def deadlines(pathway: Pathway) -> Mapping[str, datetime]:
    """It takes as long as the hours take; where a correction brought the last of them, it is complete at once."""
    if pathway.status is Status.PLACED and pathway.is_done:
        return {"complete": start_of(pathway.last_day)}
    return {}


def due(name: str, pathway: Pathway) -> Command:
    """The command that the deadline stands for."""
    return Complete()


def waiting(pathway: Pathway) -> tuple[Waiting, ...]:
    """A student without an employer of each setting waits for one."""
    missing = set(Setting) - {leg.setting for leg in pathway.legs}
    if pathway.status is not Status.PLACED or not missing:
        return ()
    return tuple(Waiting("coordinator", f"find-{setting}-employer", pathway.since) for setting in sorted(missing))
