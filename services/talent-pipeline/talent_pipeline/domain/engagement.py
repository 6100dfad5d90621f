"""One person's dealings with the programme: how they came, where they were passed to, what they were helped with, what they permit.

A person may have several engagements, each with a route of its own. Employment status is taken at the first meeting and stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, TypeAlias, TypedDict
from uuid import UUID

from pydantic import Field

from kit import step
from kit.errors import Invalid, NotFound
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from schemas.fact import Fact
from schemas.talent_pipeline import (
    CandidateSupported,
    CandidateTriaged,
    Destination,
    EmploymentStatus,
    EngagementClosed,
    InterestRegistered,
    RedirectedTo,
    RedirectionPermissionExpired,
    RedirectionPermissionWithdrawn,
    RedirectionPermitted,
    Route,
    Source,
    SupportKind,
)
from schemas.values import BusinessDate, Code, Part, PartnerId, Ward
from talent_pipeline.domain.campaign import Campaign
from talent_pipeline.domain.fair import Fair
from talent_pipeline.domain.fair import Status as FairStatus

AGGREGATE = "engagement"


class Status(StrEnum):
    REGISTERED = "registered"
    TRIAGED = "triaged"
    CLOSED = "closed"


class Permission(Part):
    """A candidate's permission to be redirected: to whom, and until when."""

    to: tuple[RedirectedTo, ...]
    employers: tuple[str, ...] | None
    given_on: date
    until: date
    expired: bool = False

    def covers(self, to: RedirectedTo, employer: str | None, day: date) -> bool:
        """Asked by date, so that what was done while it held may be recorded after it expired."""
        named = employer is None or self.employers is None or employer in self.employers
        return to in self.to and named and self.given_on <= day <= self.until


class Engagement(Part):
    """One engagement as it stands."""

    status: Status
    since: date
    person_id: UUID
    route: Route
    source: Source
    campaign_id: UUID | None
    fair_id: UUID | None
    supply_partner: str | None = None
    partner: str | None = None
    channel: str | None = None
    qr_asset: str | None = None
    ward: str | None
    employment_status: EmploymentStatus
    registered_on: date
    spoke: str | None = None
    supports: int = 0
    permission: Permission | None = None
    permission_said_on: date | None = None
    """The day on which the person last gave one or took it back: what they said before it no longer counts."""
    reason: str | None = None

    def was_open_on(self, day: date) -> bool:
        """Asked by date, so that an application from before its end may be recorded after it."""
        return self.registered_on <= day and (self.status is not Status.CLOSED or day <= self.since)


# Commands --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(Command):
    person_id: UUID
    source: Source
    channel: Code
    employment_status: EmploymentStatus
    campaign_id: UUID | None = None
    campaign: Campaign | None = None
    """As it stands; None where there is none with that id."""
    fair_id: UUID | None = None
    fair: Fair | None = None
    """As it stands."""
    supply_partner: PartnerId | None = None
    partner: PartnerId | None = None
    qr_asset: Code | None = None
    ward: Ward | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage(Command):
    spoke: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Support(Command):
    kind: SupportKind
    destination: Destination
    provider: PartnerId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitRedirection(Command):
    to: Annotated[tuple[RedirectedTo, ...], Field(min_length=1, max_length=4)]
    until: BusinessDate
    employers: Annotated[tuple[PartnerId, ...], Field(min_length=1, max_length=60)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawPermission(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpirePermission(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Command):
    reason: Code


COMMANDS = (Register, Triage, Support, PermitRedirection, WithdrawPermission, ExpirePermission, Close)
EngagementFact: TypeAlias = (
    InterestRegistered | CandidateTriaged | CandidateSupported | RedirectionPermitted | RedirectionPermissionWithdrawn
    | RedirectionPermissionExpired | EngagementClosed
)  # fmt: skip

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.REGISTERED: (Triage, Support, PermitRedirection, WithdrawPermission, Close),
    Status.TRIAGED: (Triage, Support, PermitRedirection, WithdrawPermission, Close),
    Status.CLOSED: (WithdrawPermission,),
})  # fmt: skip


# Refusals --------------------------------------------------------------------------------------------------------------


class SourceNotNamed(Invalid):
    """A campaign, fair, supply partner or partner as the source has to be named."""


class CampaignNotOpen(Invalid):
    """The campaign did not register interest on that day."""


class WardNotInCampaign(Invalid):
    """The campaign does not go to that ward."""


class FairNotHeld(Invalid):
    """The fair was cancelled."""


class NotTheRoute(Invalid):
    """Whoever came by a campaign is counted under Connecting Communities, and nobody else is."""


class PermissionOver(Invalid):
    """A permission has to end after the day on which it is given."""


# The machine -----------------------------------------------------------------------------------------------------------


def decide(command: Command, engagement: Engagement | None, now: datetime) -> list[EngagementFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, engagement:
        case Register(), None:
            return [_registered(command, day_of(command, now))]
        case _, None:
            raise NotFound

        case Triage(spoke=spoke), Engagement(status=Status.REGISTERED | Status.TRIAGED) if spoke != engagement.spoke:
            return [
                CandidateTriaged(**_encounter(engagement, day_of(command, now, after=engagement.since)), spoke=spoke)
            ]
        case Support(), Engagement(status=Status.REGISTERED | Status.TRIAGED):
            return [_supported(command, engagement, day_of(command, now, after=engagement.registered_on))]
        case PermitRedirection(), Engagement(status=Status.REGISTERED | Status.TRIAGED):
            last_word = engagement.permission_said_on or engagement.registered_on
            return _permitted(command, engagement, day_of(command, now, after=last_word))
        case WithdrawPermission(), Engagement(permission=Permission() as permission):
            day = day_of(command, now, after=permission.given_on)
            return [RedirectionPermissionWithdrawn(**_encounter(engagement, day))]
        case ExpirePermission(), Engagement(permission=Permission(expired=False, until=until)) if now >= step.end_of(
            until
        ):
            return [RedirectionPermissionExpired(**_encounter(engagement, until + timedelta(days=1)))]
        case Close(), Engagement(status=Status.REGISTERED | Status.TRIAGED):
            day = day_of(command, now, after=engagement.since)
            return [EngagementClosed(**_encounter(engagement, day), reason=command.reason)]

        case Triage(), Engagement(status=Status.TRIAGED):
            return []
        case WithdrawPermission() | ExpirePermission(), _:
            return []
        case Close(reason=reason), Engagement(status=Status.CLOSED, reason=said) if reason == said:
            return []
        case _:
            raise NotInThisState


def evolve(engagement: Engagement | None, fact: Fact) -> Engagement:
    """The engagement after a fact. Raises CannotFollow."""
    match engagement, fact:
        case None, InterestRegistered():
            return Engagement(
                status=Status.REGISTERED,
                since=fact.occurred_on,
                person_id=fact.person_id,
                route=fact.route,
                source=fact.source,
                campaign_id=fact.campaign_id,
                fair_id=fact.fair_id,
                supply_partner=fact.supply_partner,
                partner=fact.partner,
                channel=fact.channel,
                qr_asset=fact.qr_asset,
                ward=fact.ward,
                employment_status=fact.employment_status,
                registered_on=fact.occurred_on,
            )
        case Engagement(status=Status.REGISTERED | Status.TRIAGED), CandidateTriaged(occurred_on=day):
            return changed(engagement, status=Status.TRIAGED, since=day, spoke=fact.spoke)
        case Engagement(status=Status.REGISTERED | Status.TRIAGED), CandidateSupported():
            return changed(engagement, supports=engagement.supports + 1)
        case Engagement(status=Status.REGISTERED | Status.TRIAGED), RedirectionPermitted():
            given = Permission(to=fact.to, employers=fact.employers, given_on=fact.occurred_on, until=fact.until)
            return changed(engagement, permission=given, permission_said_on=fact.occurred_on)
        case Engagement(permission=Permission()), RedirectionPermissionWithdrawn(occurred_on=day):
            return changed(engagement, permission=None, permission_said_on=day)
        case Engagement(permission=Permission(expired=False) as permission), RedirectionPermissionExpired():
            return changed(engagement, permission=changed(permission, expired=True))
        case Engagement(status=Status.REGISTERED | Status.TRIAGED), EngagementClosed(occurred_on=day):
            return changed(engagement, status=Status.CLOSED, since=day, reason=fact.reason)
        case _:
            raise CannotFollow(fact, engagement)


def allowed(engagement: Engagement | None) -> tuple[str, ...]:
    """The commands that would change it."""
    return step.names((Register,) if engagement is None else ALLOWED[engagement.status])


def deadlines(engagement: Engagement) -> Mapping[str, datetime]:
    """A permission ends when its last day is over."""
    permission = engagement.permission
    return {"expire-permission": step.end_of(permission.until)} if permission and not permission.expired else {}


def due(name: str, engagement: Engagement) -> Command:
    """The command of a deadline."""
    return ExpirePermission()


def waiting(engagement: Engagement) -> tuple[Waiting, ...]:
    """Who has to do something about it."""
    if engagement.status is Status.REGISTERED:
        return (Waiting("coordinator", "triage", engagement.since),)
    return ()


# What the arms say -----------------------------------------------------------------------------------------------------


class _Encounter(TypedDict):
    person_id: UUID
    route: Route
    campaign_id: UUID | None
    occurred_on: date


def _encounter(engagement: Engagement, day: date) -> _Encounter:
    return {
        "person_id": engagement.person_id,
        "route": engagement.route,
        "campaign_id": engagement.campaign_id,
        "occurred_on": day,
    }


def _registered(command: Register, day: date) -> InterestRegistered:
    """Whoever came by a campaign is counted under Connecting Communities, by whatever channel they came."""
    if command.campaign_id is not None:
        if command.campaign is None or not command.campaign.registered_interest_on(day):
            raise CampaignNotOpen(field="campaign_id")
        if command.ward is not None and command.ward not in command.campaign.wards:
            raise WardNotInCampaign(field="ward")
    if command.fair is not None and command.fair.status is FairStatus.CANCELLED:
        raise FairNotHeld(field="fair_id")
    registered = InterestRegistered(
        occurred_on=day,
        person_id=command.person_id,
        route=Route.CONNECTING_COMMUNITIES if command.campaign_id else Route.TALENT_PIPELINE,
        campaign_id=command.campaign_id,
        source=command.source,
        fair_id=command.fair_id,
        supply_partner=command.supply_partner,
        partner=command.partner,
        channel=command.channel,
        qr_asset=command.qr_asset,
        ward=command.ward,
        employment_status=command.employment_status,
    )
    refuse_unsound(registered)
    return registered


def refuse_unsound(fact: InterestRegistered | RedirectionPermitted) -> None:
    """Raises Invalid where it makes no sense, whether it is said or corrected."""
    match fact:
        case InterestRegistered():
            _refuse_unnamed(fact)
        case RedirectionPermitted(until=until, occurred_on=day) if until <= day:
            raise PermissionOver(field="until")
        case _:
            pass


def _refuse_unnamed(fact: InterestRegistered) -> None:
    named = {
        Source.CAMPAIGN: (fact.campaign_id, "campaign_id"),
        Source.FAIR: (fact.fair_id, "fair_id"),
        Source.SUPPLY_PARTNER: (fact.supply_partner, "supply_partner"),
        Source.PARTNER: (fact.partner, "partner"),
        Source.DIRECT: (True, ""),
    }
    name, field = named[fact.source]
    if name is None:
        raise SourceNotNamed(field=field)
    if (fact.route is Route.CONNECTING_COMMUNITIES) != (fact.campaign_id is not None):
        raise NotTheRoute(field="route")


def _supported(command: Support, engagement: Engagement, day: date) -> CandidateSupported:
    return CandidateSupported(
        **_encounter(engagement, day),
        kind=command.kind,
        destination=command.destination,
        provider=command.provider,
    )


def _permitted(command: PermitRedirection, engagement: Engagement, day: date) -> list[EngagementFact]:
    held = engagement.permission
    asked = (command.to, command.employers, command.until)
    if held and not held.expired and (held.to, held.employers, held.until) == asked:
        return []
    given = RedirectionPermitted(
        **_encounter(engagement, day), to=command.to, employers=command.employers, until=command.until
    )
    refuse_unsound(given)
    return [given]
