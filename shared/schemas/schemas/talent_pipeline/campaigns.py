"""Facts of campaigns and fairs: where interest comes from."""

from typing import Annotated

from pydantic import Field

from schemas.fact import Step
from schemas.talent_pipeline.words import SERVICE, Area
from schemas.values import BusinessDate, Code, Id, Label, PartnerId, Small, Ward


class CampaignPlanned(Step, service=SERVICE, aggregate="campaign"):
    """A Connecting Communities campaign was planned, with the neighbourhoods that it goes to."""

    name: Label
    areas: Annotated[tuple[Area, ...], Field(min_length=1, max_length=200)]
    channels: Annotated[tuple[Code, ...], Field(min_length=1, max_length=30)]
    employers: Annotated[tuple[PartnerId, ...], Field(min_length=1, max_length=60)]
    opens_on: BusinessDate
    closes_on: BusinessDate


class CampaignOpened(Step, service=SERVICE, aggregate="campaign"):
    """A campaign began to register interest."""

    wards: tuple[Ward, ...]


class CampaignClosed(Step, service=SERVICE, aggregate="campaign"):
    """A campaign stopped registering interest."""


class FairPlanned(Step, service=SERVICE, aggregate="fair"):
    """Employers agreed to hold a recruitment fair together."""

    name: Label
    employers: Annotated[tuple[PartnerId, ...], Field(min_length=2, max_length=60)]
    """Two or more: that is what makes it pooled."""
    campaign_id: Id | None = None
    planned_for: BusinessDate


class FairHeld(Step, service=SERVICE, aggregate="fair"):
    """A pooled recruitment fair took place."""

    employers: tuple[PartnerId, ...]
    attended: Small
    """Visitors counted at the door."""


class FairCancelled(Step, service=SERVICE, aggregate="fair"):
    """A planned fair will not take place."""

    reason: Code
