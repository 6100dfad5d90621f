"""How each list is filtered: by fields of the state."""

from uuid import UUID

from kit.routes.things import Listed
from schemas.talent_pipeline import RedirectedTo, Route, Source
from schemas.values import Code, PartnerId, Soc2020
from talent_pipeline.domain import appointable, campaign, candidacy, engagement, fair, vacancy


class Campaigns(Listed):
    status: campaign.Status | None = None


class Fairs(Listed):
    status: fair.Status | None = None
    campaign_id: UUID | None = None


class Vacancies(Listed):
    status: vacancy.Status | None = None
    employer: PartnerId | None = None
    shared: bool | None = None


class Engagements(Listed):
    status: engagement.Status | None = None
    person_id: UUID | None = None
    campaign_id: UUID | None = None
    fair_id: UUID | None = None
    source: Source | None = None
    channel: Code | None = None
    qr_asset: Code | None = None
    supply_partner: PartnerId | None = None
    partner: PartnerId | None = None
    route: Route | None = None
    spoke: Code | None = None


class Candidacies(Listed):
    status: candidacy.Status | None = None
    person_id: UUID | None = None
    vacancy_id: UUID | None = None
    engagement_id: UUID | None = None
    employer: PartnerId | None = None
    campaign_id: UUID | None = None
    route: Route | None = None
    soc2020: Soc2020 | None = None
    redirected_to: RedirectedTo | None = None


class Appointables(Listed):
    status: appointable.Status | None = None
    person_id: UUID | None = None
    soc2020: Soc2020 | None = None
