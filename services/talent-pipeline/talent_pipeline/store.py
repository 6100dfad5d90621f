"""What is kept: each aggregate as a row (kit.aggregates), and what is found otherwise than by id. Statements are constants."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, cast
from uuid import UUID

from kit import persons
from kit.aggregates import Aggregates, Row
from kit.corrections import Corrections
from kit.database import Connection
from kit.persons import Persons
from schemas.talent_pipeline import (
    CampaignPlanned,
    CandidateCleared,
    CandidatePlaced,
    CandidateRedirected,
    EmploymentCheckExpired,
    EmploymentCheckUpdated,
    FactCorrected,
    FactRestored,
    FactVoided,
    FairPlanned,
    InterestRegistered,
    PlacementSustained,
    PoolMembershipExpired,
    RecordLetGo,
    RedirectionPermissionExpired,
    RedirectionPermitted,
    RiskAssessmentExpired,
    StartDateAgreed,
    VacancyAdvertised,
    VacancyDrafted,
    ValuesInterviewCompleted,
    ValuesOutcome,
)
from schemas.values import Part
from talent_pipeline.domain import (
    appointable,
    campaign,
    candidacy,
    clearance,
    engagement,
    fair,
    interview,
    journey,
    redirection,
    vacancy,
)
from talent_pipeline.domain.interview import ValuesPass
from talent_pipeline.domain.journey import Candidacy
from talent_pipeline.retention import SCHEDULE

# People ----------------------------------------------------------------------------------------------------------------

ENGAGEMENTS_OF = "SELECT id FROM engagement WHERE person_id = ANY($1::uuid[]) AND status <> 'voided' ORDER BY turn DESC"
CANDIDACIES_OF = """
SELECT id, version, body FROM candidacy WHERE person_id = ANY($1::uuid[]) AND status <> 'voided' ORDER BY turn DESC
"""


async def engagements_of(tx: Connection, person_id: UUID) -> list[UUID]:
    """A person's engagements under whichever id, the latest first."""
    return [row["id"] for row in await tx.fetch(ENGAGEMENTS_OF, await persons.one_with(tx, person_id))]


async def candidacies_of(tx: Connection, person_id: UUID) -> list[Row[candidacy.Candidacy]]:
    """A person's candidacies under whichever id, the latest first."""
    return [
        Row(row["id"], row["version"], candidacy.Candidacy.model_validate_json(row["body"]))
        for row in await tx.fetch(CANDIDACIES_OF, await persons.one_with(tx, person_id))
    ]


# Values passes ---------------------------------------------------------------------------------------------------------

SHARE_PASS = """
INSERT INTO values_pass (passed_in, person_id, employer, passed_on, valid_until) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (passed_in) DO UPDATE SET passed_on = excluded.passed_on, valid_until = excluded.valid_until
"""
UNSHARE_PASS = "DELETE FROM values_pass WHERE passed_in = $1"
PASS_OF = """
SELECT passed_in, person_id, employer, passed_on, valid_until FROM values_pass
WHERE person_id = ANY($1::uuid[]) AND $2 BETWEEN passed_on AND valid_until ORDER BY valid_until DESC LIMIT 1
"""


async def share_pass(tx: Connection, passed: ValuesPass) -> None:
    await tx.execute(
        SHARE_PASS, passed.passed_in, passed.person_id, passed.employer, passed.passed_on, passed.valid_until
    )


async def unshare_pass(tx: Connection, candidacy_id: UUID) -> None:
    await tx.execute(UNSHARE_PASS, candidacy_id)


async def pass_of(tx: Connection, person_id: UUID, day: date) -> ValuesPass | None:
    """The values pass of a person that is in date on a day, the one that lasts longest, under whichever id it was passed."""
    row = await tx.fetchrow(PASS_OF, await persons.one_with(tx, person_id), day)
    return None if row is None else ValuesPass(**{**dict(row), "person_id": person_id})


# What hangs on what ----------------------------------------------------------------------------------------------------

MEMBERS_OF = "SELECT id FROM appointable WHERE candidacy_id = $1 ORDER BY id"
LIVE_MEMBERS_OF = (
    "SELECT id FROM appointable WHERE candidacy_id = $1 AND status IN ('available', 'offered') ORDER BY id"
)
AVAILABLE_OF = "SELECT id FROM appointable WHERE engagement_id = $1 AND status = 'available' ORDER BY id"
FOUND_NO_POST = "SELECT id FROM candidacy WHERE engagement_id = $1 AND status = 'not-appointed' ORDER BY id"
RESTS_ON_PASS = """
SELECT EXISTS (SELECT FROM candidacy WHERE body @> jsonb_build_object('values_passed_in', $1::uuid) AND status = ANY($2::text[]))
"""
UNDER_WAY = "SELECT EXISTS (SELECT FROM candidacy WHERE vacancy_id = $1 AND status = ANY($2::text[]))"
# Who has not been offered a post of a vacancy that has none left waits to be told so.
NO_POST_LEFT = """
UPDATE kit.waiting SET why = 'no-post-left' FROM candidacy
WHERE candidacy.vacancy_id = $1 AND aggregate_id = candidacy.id AND why IN ('shortlist', 'interview', 'offer-or-not-appoint')
"""
BEFORE_OFFER_AT = "SELECT id FROM candidacy WHERE vacancy_id = $1 AND status = ANY($2::text[]) ORDER BY id"
KEPT_UNTIL = """
SELECT (body ->> 'expires_on')::date FROM appointable WHERE candidacy_id = $1 AND status IN ('available', 'offered')
"""
# Whoever is in the pool, or with whom the work has ended, waits for nobody to find them another post.
NOTHING_TO_FIND = """
DELETE FROM kit.waiting USING candidacy JOIN engagement ON engagement.id = candidacy.engagement_id
WHERE candidacy.id = ANY($1::uuid[]) AND aggregate_id = candidacy.id AND why = 'redirect-or-pool' AND (
    engagement.status = 'closed'
    OR EXISTS (SELECT FROM appointable WHERE appointable.candidacy_id = candidacy.id AND appointable.status <> 'voided')
)
"""
CANDIDACY_FOR = """
SELECT id, version, body FROM candidacy WHERE person_id = ANY($1::uuid[]) AND vacancy_id = $2 AND status <> 'voided'
ORDER BY turn LIMIT 1
"""
HANG_ON: Mapping[str, str] = MappingProxyType({
    campaign.AGGREGATE: """
SELECT EXISTS (SELECT FROM engagement WHERE campaign_id = $1)
    OR EXISTS (SELECT FROM fair WHERE body @> jsonb_build_object('campaign_id', $1::uuid))
""",
    fair.AGGREGATE: "SELECT EXISTS (SELECT FROM engagement WHERE body @> jsonb_build_object('fair_id', $1::uuid))",
    engagement.AGGREGATE: "SELECT EXISTS (SELECT FROM candidacy WHERE engagement_id = $1)",
    vacancy.AGGREGATE: "SELECT EXISTS (SELECT FROM candidacy WHERE vacancy_id = $1)",
    candidacy.AGGREGATE: "SELECT EXISTS (SELECT FROM appointable WHERE candidacy_id = $1 OR offered_as = $1)",
})  # fmt: skip


async def members_of(tx: Connection, candidacy_id: UUID) -> list[UUID]:
    """The memberships of the pool that a candidacy led to, in the order in which they are locked."""
    return [row["id"] for row in await tx.fetch(MEMBERS_OF, candidacy_id)]


async def live_members_of(tx: Connection, candidacy_id: UUID) -> list[UUID]:
    """Those of them that are not over."""
    return [row["id"] for row in await tx.fetch(LIVE_MEMBERS_OF, candidacy_id)]


async def rests_on_pass(tx: Connection, candidacy_id: UUID) -> bool:
    """Whether another employer accepted the values pass of a candidacy, and nobody started there yet."""
    found: bool = await tx.fetchval(RESTS_ON_PASS, candidacy_id, list(journey.BEFORE_START))
    return found


async def under_way(tx: Connection, vacancy_id: UUID) -> bool:
    """Whether somebody is a candidate for a vacancy and has not started."""
    found: bool = await tx.fetchval(UNDER_WAY, vacancy_id, list(journey.BEFORE_START))
    return found


async def kept_until(tx: Connection, candidacy_id: UUID) -> date | None:
    """The last day of the place in the pool that a candidacy led to, while it lasts."""
    day: date | None = await tx.fetchval(KEPT_UNTIL, candidacy_id)
    return day


async def available_of(tx: Connection, engagement_id: UUID) -> list[UUID]:
    """The memberships of an engagement that wait for a vacancy."""
    return [row["id"] for row in await tx.fetch(AVAILABLE_OF, engagement_id)]


async def found_no_post(tx: Connection, engagement_id: UUID) -> list[UUID]:
    """The candidacies of an engagement that were not appointed."""
    return [row["id"] for row in await tx.fetch(FOUND_NO_POST, engagement_id)]


async def candidacy_for(tx: Connection, person_id: UUID, vacancy_id: UUID) -> Row[Candidacy] | None:
    """A person's candidacy for a vacancy, under whichever id."""
    row = await tx.fetchrow(CANDIDACY_FOR, await persons.one_with(tx, person_id), vacancy_id)
    return None if row is None else Row(row["id"], row["version"], Candidacy.model_validate_json(row["body"]))


IS_CALLED = "SELECT EXISTS (SELECT FROM kit.reference WHERE id = $2 AND partner = $1)"


async def is_called(tx: Connection, partner: str, id_: UUID) -> bool:
    """Whether a partner has a reference of its own for it."""
    found: bool = await tx.fetchval(IS_CALLED, partner, id_)
    return found


# What lists of ids are about --------------------------------------------------------------------------------------------

ABOUT = """
SELECT candidacy.id, candidacy.person_id, candidacy.employer, vacancy.body #>> '{role,title}' AS title
FROM candidacy LEFT JOIN vacancy ON vacancy.id = vacancy_id WHERE candidacy.id = ANY($1::uuid[])
UNION ALL SELECT id, NULL, employer, body #>> '{role,title}' FROM vacancy WHERE id = ANY($1::uuid[])
UNION ALL SELECT id, person_id, NULL, NULL FROM engagement WHERE id = ANY($1::uuid[])
UNION ALL SELECT id, person_id, body ->> 'passed_with', NULL FROM appointable WHERE id = ANY($1::uuid[])
UNION ALL SELECT id, NULL, NULL, body ->> 'name' FROM fair WHERE id = ANY($1::uuid[])
"""
APPLICANTS = """
SELECT vacancy_id, count(*) AS number FROM candidacy WHERE vacancy_id = ANY($1::uuid[]) AND status <> 'voided' GROUP BY vacancy_id
"""


@dataclass(frozen=True, slots=True)
class About:
    """What a row of a list is about, as a reader knows it: whose, at which employer, and what it is called."""

    person_id: UUID | None
    employer: str | None
    title: str | None


async def about(tx: Connection, ids: Collection[UUID]) -> dict[UUID, About]:
    """Of aggregates of any kind, those that the reader may see."""
    rows = await tx.fetch(ABOUT, list(ids))
    return {row["id"]: About(row["person_id"], row["employer"], row["title"]) for row in rows}


async def applicants(tx: Connection, vacancies: Collection[UUID]) -> dict[UUID, int]:
    """How many applied for each of these vacancies; one for which nobody did is left out."""
    return {row["vacancy_id"]: row["number"] for row in await tx.fetch(APPLICANTS, list(vacancies))}


# Where persons are -----------------------------------------------------------------------------------------------------

PERSONS = Persons(
    own=(appointable.AGGREGATE, candidacy.AGGREGATE, engagement.AGGREGATE),
    goes_with=MappingProxyType({"values_pass": "passed_in"}),
    dropped=("values_pass",),
)

# The aggregates --------------------------------------------------------------------------------------------------------


async def _follow(tx: Connection, id_: UUID, before: Part | None, state: Part | None) -> None:
    """What the tables beside say of a state."""
    match state:
        case Candidacy(status=candidacy.Status.NOT_APPOINTED):
            await tx.execute(NOTHING_TO_FIND, [id_])
        case appointable.Appointable(candidacy_id=passed_in):
            await tx.execute(NOTHING_TO_FIND, [passed_in])
        case vacancy.Vacancy():
            await _say_whether_a_post_is_left(tx, id_, before, state)
        case engagement.Engagement(status=engagement.Status.CLOSED):
            await tx.execute(NOTHING_TO_FIND, await found_no_post(tx, id_))
        case _:
            pass
    if isinstance(state or before, Candidacy):
        await _share_pass(tx, id_, cast(Candidacy | None, state))


async def _say_whether_a_post_is_left(tx: Connection, id_: UUID, before: Part | None, state: vacancy.Vacancy) -> None:
    """The last post filled, and a withdrawal, leave applicants to be told so; a post that is free again does not."""
    had = isinstance(before, vacancy.Vacancy) and before.has_post_left
    if had and not state.has_post_left:
        await tx.execute(NO_POST_LEFT, id_)
    elif before is not None and not had and state.has_post_left:
        for row in await tx.fetch(BEFORE_OFFER_AT, id_, list(journey.BEFORE_OFFER)):
            await aggregates.look_again(tx, Candidacy, row["id"])


async def _share_pass(tx: Connection, id_: UUID, found: Candidacy | None) -> None:
    """A pass is shared, a fail never; a pass that was taken back is shared no longer."""
    passed = found is not None and found.values_outcome is ValuesOutcome.PASSED
    if found is None or not passed or found.values_passed_on is None or found.values_valid_until is None:
        await unshare_pass(tx, id_)
        return
    shared = ValuesPass(
        passed_in=id_,
        person_id=found.person_id,
        employer=found.employer,
        passed_on=found.values_passed_on,
        valid_until=found.values_valid_until,
    )
    await share_pass(tx, shared)


def _employer(state: Any, _who: str) -> str | None:
    return getattr(state, "employer", None)


aggregates = Aggregates(
    machines=MappingProxyType({
        campaign.Campaign: campaign,
        fair.Fair: fair,
        engagement.Engagement: engagement,
        vacancy.Vacancy: vacancy,
        candidacy.Candidacy: candidacy,
        appointable.Appointable: appointable,
    }),
    says=Corrections(
        FactVoided, FactRestored, FactCorrected,
        by_itself=(
            PlacementSustained, EmploymentCheckExpired, RiskAssessmentExpired, RedirectionPermissionExpired,
            PoolMembershipExpired,
        ),
        sound=MappingProxyType({
            CampaignPlanned: campaign.refuse_unsound,
            FairPlanned: fair.refuse_unsound,
            VacancyDrafted: vacancy.refuse_unsound,
            VacancyAdvertised: vacancy.refuse_unsound,
            InterestRegistered: engagement.refuse_unsound,
            RedirectionPermitted: engagement.refuse_unsound,
            ValuesInterviewCompleted: interview.refuse_unsound,
            EmploymentCheckUpdated: clearance.refuse_unsound,
            CandidateCleared: clearance.refuse_unsound,
            StartDateAgreed: candidacy.refuse_unsound,
            CandidatePlaced: candidacy.refuse_unsound,
            CandidateRedirected: redirection.refuse_unsound,
        }),
    ),
    organisation=_employer,
    refusals=MappingProxyType({
        "campaign_body_check": campaign.ClosesBeforeItOpens,
        "candidacy_once": candidacy.AlreadyApplied,
        "appointable_once": appointable.AlreadyPooled,
    }),
    hang_on=HANG_ON,
    persons=PERSONS,
    schedule=SCHEDULE,
    lets_go=RecordLetGo,
    follows=_follow,
)  # fmt: skip
"""Rows are locked in this order, and by id within a table."""
