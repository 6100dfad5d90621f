"""A recruitment fair that several employers hold together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import Field

from kit import step
from kit.errors import Invalid, NotFound
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from schemas.fact import Fact
from schemas.talent_pipeline import FairCancelled, FairHeld, FairPlanned
from schemas.values import BusinessDate, Code, Label, Part, PartnerId, Small

AGGREGATE = "fair"


class Status(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class Fair(Part):
    """One fair as it stands."""

    status: Status
    since: date
    name: str
    employers: tuple[str, ...]
    campaign_id: UUID | None
    planned_for: date
    attended: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Command):
    name: Label
    employers: Annotated[tuple[PartnerId, ...], Field(min_length=2, max_length=60)]
    planned_for: BusinessDate
    campaign_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Command):
    attended: Small


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(Command):
    reason: Code


COMMANDS = (Plan, Hold, Cancel)
FairFact: TypeAlias = FairPlanned | FairHeld | FairCancelled

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.PLANNED: (Hold, Cancel),
    Status.HELD: (),
    Status.CANCELLED: (),
})  # fmt: skip


class EmployerNamedTwice(Invalid):
    """A fair is pooled: two employers or more, each named once."""


def decide(command: Command, fair: Fair | None, now: datetime) -> list[FairFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, fair:
        case Plan(), None:
            return [_planned(command, day_of(command, now))]
        case _, None:
            raise NotFound

        case Hold(attended=attended), Fair(status=Status.PLANNED):
            day = day_of(command, now, after=fair.since)
            return [FairHeld(occurred_on=day, employers=fair.employers, attended=attended)]
        case Cancel(reason=reason), Fair(status=Status.PLANNED):
            return [FairCancelled(occurred_on=day_of(command, now, after=fair.since), reason=reason)]

        case Hold(attended=attended), Fair(status=Status.HELD, attended=counted) if attended == counted:
            return []
        case Cancel(reason=reason), Fair(status=Status.CANCELLED, reason=said) if reason == said:
            return []
        case _:
            raise NotInThisState


def evolve(fair: Fair | None, fact: Fact) -> Fair:
    """The fair after a fact. Raises CannotFollow."""
    match fair, fact:
        case None, FairPlanned():
            return Fair(
                status=Status.PLANNED,
                since=fact.occurred_on,
                name=fact.name,
                employers=fact.employers,
                campaign_id=fact.campaign_id,
                planned_for=fact.planned_for,
            )
        case Fair(status=Status.PLANNED), FairHeld(occurred_on=day):
            return changed(fair, status=Status.HELD, since=day, attended=fact.attended)
        case Fair(status=Status.PLANNED), FairCancelled(occurred_on=day):
            return changed(fair, status=Status.CANCELLED, since=day, reason=fact.reason)
        case _:
            raise CannotFollow(fact, fair)


def allowed(fair: Fair | None) -> tuple[str, ...]:
    """The commands that would change it."""
    return step.names((Plan,) if fair is None else ALLOWED[fair.status])


def deadlines(fair: Fair) -> Mapping[str, datetime]:
    """Nothing falls due by itself: somebody has to say that a fair was held."""
    return {}


def due(name: str, fair: Fair) -> Command:
    """Never asked: a fair has no deadlines."""
    raise LookupError(name)


def waiting(fair: Fair) -> tuple[Waiting, ...]:
    """Who has to do something about it."""
    if fair.status is Status.PLANNED:
        return (Waiting("coordinator", "say-whether-held", fair.planned_for),)
    return ()


def _planned(command: Plan, day: date) -> FairPlanned:
    planned = FairPlanned(
        occurred_on=day,
        name=command.name,
        employers=command.employers,
        campaign_id=command.campaign_id,
        planned_for=command.planned_for,
    )
    refuse_unsound(planned)
    return planned


def refuse_unsound(fact: FairPlanned) -> None:
    """Raises Invalid where it makes no sense, whether it is said or corrected."""
    if len(set(fact.employers)) < len(fact.employers):
        raise EmployerNamedTwice(field="employers")
