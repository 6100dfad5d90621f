"""Facts of a person's engagement: interest, triage, support, and what they permit."""

from typing import Annotated

from pydantic import Field

from schemas.fact import Step
from schemas.talent_pipeline.words import (
    SERVICE,
    Destination,
    EmploymentStatus,
    RedirectedTo,
    Route,
    Source,
    SupportKind,
)
from schemas.values import BusinessDate, Code, Id, PartnerId, Ward


class Encounter(Step):
    """What engagements are counted by."""

    person_id: Id
    route: Route
    campaign_id: Id | None = None


class InterestRegistered(Encounter, service=SERVICE, aggregate="engagement"):
    """A person told the programme of their interest: its first engagement with them."""

    source: Source
    fair_id: Id | None = None
    supply_partner: PartnerId | None = None
    partner: PartnerId | None = None
    """The partner whose system registered it."""
    channel: Code
    qr_asset: Code | None = None
    """The poster or leaflet whose QR code was scanned."""
    ward: Ward | None = None
    """The neighbourhood in which the campaign met them."""
    employment_status: EmploymentStatus


class CandidateTriaged(Encounter, service=SERVICE, aggregate="engagement"):
    """The hub passed a person to the spoke that suits them best."""

    spoke: Code


class CandidateSupported(Encounter, service=SERVICE, aggregate="engagement"):
    """A person was helped towards training, employability or a career."""

    kind: SupportKind
    destination: Destination
    provider: PartnerId | None = None


class RedirectionPermitted(Encounter, service=SERVICE, aggregate="engagement"):
    """A person permitted the programme to pass their candidacy on: to whom, and until when."""

    to: Annotated[tuple[RedirectedTo, ...], Field(min_length=1, max_length=4)]
    employers: tuple[PartnerId, ...] | None = None
    """The employers that it may be passed to; none named: any partner."""
    until: BusinessDate


class RedirectionPermissionWithdrawn(Encounter, service=SERVICE, aggregate="engagement"):
    """A person took the permission back."""


class RedirectionPermissionExpired(Encounter, service=SERVICE, aggregate="engagement"):
    """The permission ran out."""


class EngagementClosed(Encounter, service=SERVICE, aggregate="engagement"):
    """The programme's work with a person ended."""

    reason: Code
