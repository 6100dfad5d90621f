"""The agreement under which organisations lend each other staff: its versions, and its end.

A framework asks for no agreement between each pair: who is in force may lend to whoever else is. Who has signed is in `signature`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from kit import step
from kit.errors import Invalid, NotFound
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from schemas.fact import Fact
from schemas.mobility import FrameworkExpired, FrameworkPublished, FrameworkTerminated, FrameworkVaried, NoticeDays
from schemas.values import BusinessDate, Code, Label, Part

AGGREGATE = "framework"


class Status(StrEnum):
    PUBLISHED = "published"
    TERMINATED = "terminated"
    EXPIRED = "expired"


class Version(Part):
    """One version of the agreement."""

    number: int
    effective_from: date
    notice_days: int
    sign_by: date | None = None
    """Who is bound by an earlier version has to sign this one by then; none: they are bound by it as they are."""


class Framework(Part):
    """One agreement as it stands."""

    status: Status
    since: date
    name: str
    versions: tuple[Version, ...]
    expires_on: date | None = None
    last_day: date | None = None
    reason: str | None = None

    @property
    def newest(self) -> Version:
        return self.versions[-1]

    @property
    def over_on(self) -> date | None:
        """The last day of an agreement that has ended, or ends before its time."""
        return (
            self.last_day
            if self.status is Status.TERMINATED
            else self.expires_on
            if self.status is Status.EXPIRED
            else None
        )

    @property
    def to_sign_again(self) -> Version | None:
        """The newest version that binds nobody who has not signed it, or a later one."""
        return next((version for version in reversed(self.versions) if version.sign_by is not None), None)


# Commands --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish(Command):
    name: Label
    effective_from: BusinessDate
    notice_days: NoticeDays
    expires_on: BusinessDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vary(Command):
    effective_from: BusinessDate
    notice_days: NoticeDays
    reason: Code
    sign_by: BusinessDate | None = None
    """Where it has to be signed again: the last day for that."""
    expires_on: BusinessDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminate(Command):
    last_day: BusinessDate
    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Expire(Command):
    pass


COMMANDS = (Publish, Vary, Terminate, Expire)
FrameworkFact: TypeAlias = FrameworkPublished | FrameworkVaried | FrameworkTerminated | FrameworkExpired

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.PUBLISHED: (Vary, Terminate),
    Status.TERMINATED: (),
    Status.EXPIRED: (),
})  # fmt: skip


# Refusals --------------------------------------------------------------------------------------------------------------


class EffectiveBeforePublished(Invalid):
    """A version has effect from the day on which it is published at the earliest."""


class SignedTooLate(Invalid):
    """The last day for signing again lies before the day on which the version is published."""


class OverBeforeItBegins(Invalid):
    """It would be over before it has begun."""


# The machine -----------------------------------------------------------------------------------------------------------


def decide(command: Command, framework: Framework | None, now: datetime) -> list[FrameworkFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, framework:
        case Publish(), None:
            day = day_of(command, now)
            _refuse_dates(day, command.effective_from, command.expires_on)
            return [
                FrameworkPublished(
                    occurred_on=day,
                    name=command.name,
                    effective_from=command.effective_from,
                    notice_days=command.notice_days,
                    expires_on=command.expires_on,
                )
            ]
        case _, None:
            raise NotFound

        case Vary(), Framework(status=Status.PUBLISHED):
            return [_varied(command, framework, day_of(command, now, after=framework.since))]
        case Terminate(last_day=last_day, reason=reason), Framework(status=Status.PUBLISHED):
            day = day_of(command, now, after=framework.since)
            if last_day < day:
                raise OverBeforeItBegins(field="last_day")
            return [FrameworkTerminated(occurred_on=day, last_day=last_day, reason=reason)]
        case Expire(), Framework(status=Status.PUBLISHED, expires_on=date() as last):
            if now < step.end_of(last):
                return []
            return [FrameworkExpired(occurred_on=max(last + timedelta(days=1), framework.since))]

        case Terminate(last_day=last_day), Framework(status=Status.TERMINATED, last_day=said) if last_day == said:
            return []
        case Expire(), _:
            return []
        case _:
            raise NotInThisState


def evolve(framework: Framework | None, fact: Fact) -> Framework:
    """The framework after a fact. Raises CannotFollow."""
    match framework, fact:
        case None, FrameworkPublished():
            first = Version(number=1, effective_from=fact.effective_from, notice_days=fact.notice_days)
            return Framework(
                status=Status.PUBLISHED,
                since=fact.occurred_on,
                name=fact.name,
                versions=(first,),
                expires_on=fact.expires_on,
            )
        case Framework(status=Status.PUBLISHED), FrameworkVaried(version=number) if (
            number == framework.newest.number + 1
        ):
            version = Version(
                number=number,
                effective_from=fact.effective_from,
                notice_days=fact.notice_days,
                sign_by=fact.sign_by,
            )
            return changed(
                framework,
                since=fact.occurred_on,
                versions=(*framework.versions, version),
                expires_on=fact.expires_on,
            )
        case Framework(status=Status.PUBLISHED), FrameworkTerminated(occurred_on=day):
            return changed(framework, status=Status.TERMINATED, since=day, last_day=fact.last_day, reason=fact.reason)
        case Framework(status=Status.PUBLISHED, expires_on=date() as last), FrameworkExpired(occurred_on=day) if (
            day > last
        ):
            return changed(framework, status=Status.EXPIRED, since=day)
        case _:
            raise CannotFollow(fact, framework)


def allowed(framework: Framework | None) -> tuple[str, ...]:
    """The commands that somebody may give it."""
    return step.names((Publish,) if framework is None else ALLOWED[framework.status])


def deadlines(framework: Framework) -> Mapping[str, datetime]:
    """An agreement with a last day is over when that day is."""
    if framework.status is Status.PUBLISHED and framework.expires_on is not None:
        return {"expire": step.end_of(framework.expires_on)}
    return {}


def due(name: str, framework: Framework) -> Command:
    """The command of a deadline."""
    return Expire()


def waiting(framework: Framework) -> tuple[Waiting, ...]:
    """Nobody: what is to be done about an agreement is done about its signatures."""
    return ()


def _varied(command: Vary, framework: Framework, day: date) -> FrameworkVaried:
    _refuse_dates(day, command.effective_from, command.expires_on)
    if command.sign_by is not None and command.sign_by < day:
        raise SignedTooLate(field="sign_by")
    return FrameworkVaried(
        occurred_on=day,
        version=framework.newest.number + 1,
        effective_from=command.effective_from,
        notice_days=command.notice_days,
        sign_by=command.sign_by,
        expires_on=command.expires_on,
        reason=command.reason,
    )


def _refuse_dates(day: date, effective_from: date, expires_on: date | None) -> None:
    if effective_from < day:
        raise EffectiveBeforePublished(field="effective_from")
    if expires_on is not None and expires_on < effective_from:
        raise OverBeforeItBegins(field="expires_on")
