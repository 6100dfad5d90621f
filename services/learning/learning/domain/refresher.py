"""A refresher period: how long training in a skill counts, for everybody or, more strictly, for one employer.

It has versions: training is judged by the one in force on the day of its completion. An employer's own has a reason and an end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from schemas.fact import Fact
from schemas.learning import Level, Months, RefresherEnded, RefresherSet, Subject
from schemas.values import BusinessDate, Code, Part, PartnerId

AGGREGATE = "refresher"

LONGEST = 10_000
"""In months, longer than any: once is enough."""


class Status(StrEnum):
    STANDING = "standing"
    ENDED = "ended"


class Period(Part):
    """One version of it."""

    version: int
    months: int | None
    in_force_from: date
    until: date | None
    reason: str


class Refresher(Part):
    """One refresher period as it stands, with every version that it had."""

    status: Status
    since: date
    framework: str
    subject: Subject
    level: int
    organisation: str | None
    periods: tuple[Period, ...]
    last_day: date | None = None

    def at(self, day: date) -> Period | None:
        """The version by which training that was completed on a day is judged."""
        if self.last_day is not None and day > self.last_day:
            return None
        held = [each for each in self.periods if each.in_force_from <= day]
        return held[-1] if held and (held[-1].until is None or day <= held[-1].until) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Set(Command):
    framework: Code
    subject: Subject
    level: Level
    organisation: PartnerId | None = None
    months: Months | None = None
    in_force_from: BusinessDate
    until: BusinessDate | None = None
    reason: Code
    everybodys: Refresher | None = None
    """Of an employer's own: the period that it is stricter than, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Command):
    """The next version."""

    months: Months | None = None
    in_force_from: BusinessDate
    until: BusinessDate | None = None
    reason: Code
    everybodys: Refresher | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Command):
    last_day: BusinessDate
    reason: Code


COMMANDS = (Set, Change, End)
RefresherFact: TypeAlias = RefresherSet | RefresherEnded

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.STANDING: (Change, End),
    Status.ENDED: (),
})  # fmt: skip


class AlreadySet(Refused):
    """There is one for this skill: change it."""


class EndMissing(Invalid):
    """An employer's own period has an end, on or after the day from which it is in force; the city's has none."""


class NotStricter(Invalid):
    """An employer's own period is shorter than everybody's."""


class BeforeTheVersionBefore(Invalid):
    """A version is in force from a later day than the one before it."""


def decide(command: Command, refresher: Refresher | None, now: datetime) -> list[RefresherFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, refresher:
        case Set(), None:
            key = {name: getattr(command, name) for name in ("framework", "subject", "level", "organisation")}
            return [_set(command, key, 1, day_of(command, now))]
        case _, None:
            raise NotFound

        case Change(), Refresher(status=Status.STANDING, periods=periods):
            last = periods[-1]
            if (command.months, command.in_force_from, command.until) == (last.months, last.in_force_from, last.until):
                return []
            if command.in_force_from <= last.in_force_from:
                raise BeforeTheVersionBefore(field="in_force_from")
            day = day_of(command, now, after=refresher.since)
            return [_set(command, _key(refresher), last.version + 1, day)]
        case End(last_day=last_day, reason=reason), Refresher(status=Status.STANDING):
            day = day_of(command, now, after=refresher.since)
            return [RefresherEnded(**_key(refresher), occurred_on=day, last_day=last_day, reason=reason)]

        case End(last_day=last_day), Refresher(status=Status.ENDED) if last_day == refresher.last_day:
            return []
        case _:
            raise NotInThisState


def evolve(refresher: Refresher | None, fact: Fact) -> Refresher:
    """The refresher period after a fact. Raises CannotFollow."""
    match refresher, fact:
        case None, RefresherSet(version=1):
            return Refresher(
                status=Status.STANDING, since=fact.occurred_on, framework=fact.framework, subject=fact.subject,
                level=fact.level, organisation=fact.organisation, periods=(_period(fact),),
            )  # fmt: skip
        case Refresher(status=Status.STANDING, periods=periods), RefresherSet(in_force_from=day) if (
            periods[-1].in_force_from < day
        ):
            return changed(refresher, since=fact.occurred_on, periods=(*periods, _period(fact)))
        case Refresher(status=Status.STANDING), RefresherEnded(last_day=last_day):
            return changed(refresher, status=Status.ENDED, since=fact.occurred_on, last_day=last_day)
        case _:
            raise CannotFollow(fact, refresher)


def _set(command: Set | Change, key: Mapping[str, Any], version: int, day: date) -> RefresherSet:
    fact = RefresherSet(
        **key, occurred_on=day, version=version, months=command.months, in_force_from=command.in_force_from,
        until=command.until, reason=command.reason,
    )  # fmt: skip
    refuse_unsound(fact)
    held = None if command.everybodys is None else command.everybodys.at(command.in_force_from)
    if fact.organisation is not None and held is not None and (command.months or LONGEST) >= (held.months or LONGEST):
        raise NotStricter(field="months")
    return fact


def refuse_unsound(fact: RefresherSet) -> None:
    """Raises Invalid where it makes no sense, whether it is said or corrected."""
    own = fact.organisation is not None
    if own != (fact.until is not None) or (fact.until or fact.in_force_from) < fact.in_force_from:
        raise EndMissing(field="until")


def _period(fact: RefresherSet) -> Period:
    return Period(
        version=fact.version, months=fact.months, in_force_from=fact.in_force_from, until=fact.until, reason=fact.reason
    )


def _key(refresher: Refresher) -> dict[str, Any]:
    return {
        "framework": refresher.framework, "subject": refresher.subject, "level": refresher.level,
        "organisation": refresher.organisation,
    }  # fmt: skip


def allowed(refresher: Refresher | None) -> tuple[str, ...]:
    """The commands that would change it."""
    return step.names((Set,) if refresher is None else ALLOWED[refresher.status])


def deadlines(refresher: Refresher) -> Mapping[str, datetime]:
    """Which version holds is asked of a day: nothing falls due."""
    return {}


def due(name: str, refresher: Refresher) -> Command:
    """Never asked: a refresher period has no deadlines."""
    raise LookupError(name)


def waiting(refresher: Refresher) -> tuple[Waiting, ...]:
    """Nobody has to do anything about it."""
    return ()
