"""A Connecting Communities campaign: the neighbourhoods it goes to, and the days on which it registers interest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, TypeAlias

from pydantic import Field

from kit import step
from kit.errors import Invalid, NotFound
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from schemas.fact import Fact
from schemas.talent_pipeline import Area, CampaignClosed, CampaignOpened, CampaignPlanned
from schemas.values import BusinessDate, Code, Label, Part, PartnerId

AGGREGATE = "campaign"


class Status(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class Campaign(Part):
    """One campaign as it stands."""

    status: Status
    since: date
    name: str
    areas: tuple[Area, ...]
    channels: tuple[str, ...]
    employers: tuple[str, ...]
    opens_on: date
    closes_on: date
    planned_on: date
    opened_on: date | None = None
    closed_on: date | None = None

    @property
    def wards(self) -> tuple[str, ...]:
        return tuple(sorted({area.ward for area in self.areas}))

    def registered_interest_on(self, day: date) -> bool:
        """Whether it was open on that day. Asked by date, so that an interest may be recorded late."""
        if self.opened_on is None or day < self.opened_on:
            return False
        return self.closed_on is None or day <= self.closed_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Command):
    name: Label
    areas: Annotated[tuple[Area, ...], Field(min_length=1, max_length=200)]
    channels: Annotated[tuple[Code, ...], Field(min_length=1, max_length=30)]
    employers: Annotated[tuple[PartnerId, ...], Field(min_length=1, max_length=60)]
    opens_on: BusinessDate
    closes_on: BusinessDate


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Command):
    pass


COMMANDS = (Plan, Open, Close)
CampaignFact: TypeAlias = CampaignPlanned | CampaignOpened | CampaignClosed

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.PLANNED: (Open, Close),
    Status.OPEN: (Close,),
    Status.CLOSED: (),
})  # fmt: skip


class ClosesBeforeItOpens(Invalid):
    """It would close before it opens."""


class AreaNamedTwice(Invalid):
    """A neighbourhood is named twice."""


def decide(command: Command, campaign: Campaign | None, now: datetime) -> list[CampaignFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, campaign:
        case Plan(), None:
            return [_planned(command, day_of(command, now))]
        case _, None:
            raise NotFound

        case Open(), Campaign(status=Status.PLANNED):
            return [CampaignOpened(occurred_on=day_of(command, now, after=campaign.since), wards=campaign.wards)]
        case Close(), Campaign(status=Status.PLANNED | Status.OPEN):
            return [CampaignClosed(occurred_on=day_of(command, now, after=campaign.since))]

        case Open(), Campaign(status=Status.OPEN):
            return []
        case Close(), Campaign(status=Status.CLOSED):
            return []
        case _:
            raise NotInThisState


def evolve(campaign: Campaign | None, fact: Fact) -> Campaign:
    """The campaign after a fact. Raises CannotFollow."""
    match campaign, fact:
        case None, CampaignPlanned():
            return Campaign(
                status=Status.PLANNED,
                since=fact.occurred_on,
                name=fact.name,
                areas=fact.areas,
                channels=fact.channels,
                employers=fact.employers,
                opens_on=fact.opens_on,
                closes_on=fact.closes_on,
                planned_on=fact.occurred_on,
            )
        case Campaign(status=Status.PLANNED), CampaignOpened(occurred_on=day):
            return changed(campaign, status=Status.OPEN, since=day, opened_on=day)
        case Campaign(status=Status.PLANNED | Status.OPEN), CampaignClosed(occurred_on=day):
            return changed(campaign, status=Status.CLOSED, since=day, closed_on=day)
        case _:
            raise CannotFollow(fact, campaign)


def allowed(campaign: Campaign | None) -> tuple[str, ...]:
    """The commands that would change it."""
    return step.names((Plan,) if campaign is None else ALLOWED[campaign.status])


def deadlines(campaign: Campaign) -> Mapping[str, datetime]:
    """A planned campaign opens, and an open one closes, on the days that were planned."""
    match campaign.status:
        case Status.PLANNED:
            return {"open": step.start_of(campaign.opens_on)}
        case Status.OPEN:
            return {"close": step.end_of(campaign.closes_on)}
        case Status.CLOSED:
            return {}


def due(name: str, campaign: Campaign) -> Command:
    """The command of a deadline, dated by what was planned and not by when it was noticed."""
    if name == "open":
        return Open(occurred_on=max(campaign.opens_on, campaign.since))
    return Close(occurred_on=max(campaign.closes_on, campaign.since))


def waiting(campaign: Campaign) -> tuple[Waiting, ...]:
    """Nobody: a campaign opens and closes by itself."""
    return ()


def _planned(command: Plan, day: date) -> CampaignPlanned:
    planned = CampaignPlanned(
        occurred_on=day,
        name=command.name,
        areas=command.areas,
        channels=command.channels,
        employers=command.employers,
        opens_on=command.opens_on,
        closes_on=command.closes_on,
    )
    refuse_unsound(planned)
    return planned


def refuse_unsound(fact: CampaignPlanned) -> None:
    """Raises Invalid where it makes no sense, whether it is said or corrected."""
    if fact.closes_on < fact.opens_on:
        raise ClosesBeforeItOpens(field="closes_on")
    if len({area.lsoa for area in fact.areas}) < len(fact.areas):
        raise AreaNamedTwice(field="areas")
