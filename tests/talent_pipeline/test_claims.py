"""What partners claim becomes facts, or is answered with what to do; each claim is judged by itself (c1, c4, c18)."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from kit.claims import ClaimReader
from kit.database import Database
from kit.testing.partner import Partner
from schemas.talent_pipeline import (
    SERVICE,
    ApplicationClaimed,
    CheckClaimed,
    ClaimAnswered,
    ClaimCorrected,
    ClaimWithdrawn,
    InterestClaimed,
    LeavingClaimed,
    StartClaimed,
    StepClaimed,
    VacancyClaimed,
    VacancyStepClaimed,
    ValuesInterviewClaimed,
)
from talent_pipeline import claims
from talent_pipeline.domain.checks import required_checks
from talent_pipeline.domain.journey import Candidacy
from talent_pipeline.domain.vacancy import Vacancy
from talent_pipeline.store import aggregates
from talent_pipeline.testing import a_role

from .acts import (
    PERSON,
    a_draft,
    a_vacancy,
    an_application,
    an_engagement,
    an_interest,
    an_interview,
    on,
    permitted,
)

Json = dict[str, Any]
PARTNER = "leeds-and-york-partnership"
READER = ClaimReader(SERVICE, claims.ACCEPTS, ClaimAnswered)
ROLE = a_draft()["role"]
VACANCY: Json = {
    "occurred_on": on(1), "vacancy": "TRAC-1", "role": ROLE, "posts": 2, "accepts_values_pass": True, "channels": ["nhs-jobs"],
    "shared": True, "closes_on": on(200),
}  # fmt: skip
INTEREST: Json = {
    "occurred_on": on(2), "interest": "EOI-1", "channel": "web", "employment_status": "unemployed", "person_id": PERSON,
}  # fmt: skip
INTERVIEW: Json = {"application": "APP-1", **an_interview()}
START: Json = {"occurred_on": on(60), "application": "APP-1", "prior_employment": "unemployed"}


@pytest.fixture
def partner(database: Database) -> Partner:
    return Partner(database, READER, PARTNER)


async def applied(partner: Partner) -> dict[str, UUID]:
    """A vacancy, a person, an application, all claimed."""
    await partner.accepted(VacancyClaimed, VACANCY, "v")
    person = (await partner.accepted(InterestClaimed, INTEREST, "i"))["person_id"]
    application = {"occurred_on": on(10), "application": "APP-1", "vacancy": "TRAC-1", "person_id": str(person)}
    return {"person_id": person, **await partner.accepted(ApplicationClaimed, application, "a")}


async def started(partner: Partner) -> UUID:
    candidacy = (await applied(partner))["candidacy_id"]
    await partner.accepted(StepClaimed, step("shortlisted", 15))
    await partner.accepted(ValuesInterviewClaimed, INTERVIEW, "interview")
    await partner.accepted(StepClaimed, step("offered", 22))
    for needed in required_checks(a_role()):
        await partner.accepted(CheckClaimed, check(needed.kind.value))
    await partner.accepted(StepClaimed, step("cleared", 45))
    await partner.accepted(StepClaimed, step("start-agreed", 46, start_on=on(60)))
    await partner.accepted(StartClaimed, START, "start")
    return candidacy


def step(name: str, day: int, **more: object) -> Json:
    return {"occurred_on": on(day), "application": "APP-1", "step": name, **more}


def check(kind: str, **more: object) -> Json:
    return {
        "occurred_on": on(40), "application": "APP-1", "kind": kind, "status": "complete", "outcome": "satisfactory",
        "awaiting": "nobody", **more,
    }  # fmt: skip


async def candidacy_of(database: Database, id_: UUID) -> Candidacy:
    async with database.transaction() as tx:
        row = await aggregates.read(tx, Candidacy, id_)
    assert row is not None
    assert row.state is not None
    return row.state


async def test_a_whole_recruitment_by_claims(partner: Partner, database: Database) -> None:
    candidacy = await candidacy_of(database, await started(partner))
    assert (candidacy.status, candidacy.employer, candidacy.source) == ("started", PARTNER, "partner")
    async with database.transaction() as tx:
        posts = await aggregates.read(tx, Vacancy, candidacy.vacancy_id)
    assert posts is not None
    assert posts.state is not None
    assert posts.state.filled == 1
    leaving = {"occurred_on": on(70), "application": "APP-1", "reason": "contract-ended"}
    await partner.accepted(LeavingClaimed, leaving)
    await partner.accepted(VacancyStepClaimed, {"occurred_on": on(71), "vacancy": "TRAC-1", "step": "closed"})
    await partner.accepted(VacancyStepClaimed, {"occurred_on": on(72), "vacancy": "TRAC-1", "step": "concluded"})


async def test_what_cannot_be_resolved_is_refused_with_what_to_send_first(partner: Partner) -> None:
    stranger = {"occurred_on": on(10), "application": "APP-1", "vacancy": "TRAC-1", "person_id": str(uuid4())}
    assert await partner.refused(ApplicationClaimed, stranger) == ("unknown-vacancy", "vacancy")
    await partner.accepted(VacancyClaimed, VACANCY)
    assert await partner.refused(ApplicationClaimed, stranger) == ("unknown-person", "person_id")
    assert await partner.refused(StartClaimed, START) == ("unknown-application", "application")
    assert await partner.refused(ClaimWithdrawn, {"claim_id": "x", "reason": "wrong"}) == ("unknown-claim", "claim_id")
    assert await partner.refused(InterestClaimed, {**INTEREST, "person_id": str(uuid4())}) == (
        "unknown-person",
        "person_id",
    )
    answer = await partner.send(InterestClaimed, {name: said for name, said in INTEREST.items() if name != "person_id"})
    assert (answer.failings[0].code, answer.failings[0].field) == ("unknown-person", "person_id")
    assert "POST /references/exchange" in answer.failings[0].cure


async def test_a_refused_claim_put_right_is_judged_by_itself_under_the_same_id(partner: Partner) -> None:
    assert await partner.refused(VacancyClaimed, {**VACANCY, "posts": 0}, "v") == ("unreadable-payload", "posts")
    assert await partner.accepted(VacancyClaimed, VACANCY, "v")


async def test_the_same_claim_again_is_answered_alike_and_leaves_nothing(partner: Partner) -> None:
    first = await partner.send(InterestClaimed, INTEREST, "i")
    again = await partner.send(InterestClaimed, INTEREST, "i")
    assert (again.outcome, again.ids) == ("already-known", first.ids)
    assert await partner.refused(InterestClaimed, {**INTEREST, "channel": "fair"}, "i") == ("id-reused", "id")


async def test_a_reference_names_one_record_and_a_partner_sees_its_own_alone(
    partner: Partner, database: Database
) -> None:
    await partner.accepted(VacancyClaimed, VACANCY, "v1")
    assert await partner.refused(VacancyClaimed, {**VACANCY, "posts": 9}, "v2") == ("reference-taken", "vacancy")
    other = Partner(database, READER, "leeds-city-council")
    closed = {"occurred_on": on(5), "vacancy": "TRAC-1", "step": "closed"}
    assert await other.refused(VacancyStepClaimed, closed) == ("unknown-vacancy", "vacancy")
    await other.accepted(VacancyClaimed, VACANCY, "v1")


@pytest.mark.parametrize(
    ("claimed", "code", "field"),
    [
        (step("withdrew", 12), "reason-needed", "reason"),
        (step("not-appointed", 12, reason="on-a-whim"), "reason-needed", "reason"),
        (step("start-agreed", 12), "start-date-needed", "start_on"),
        (step("cleared", 12), "not-in-this-state", None),
        (step("shortlisted", 9), "before-the-step-it-follows", "occurred_on"),
    ],
)
async def test_a_step_that_the_rules_refuse_says_which(
    partner: Partner, claimed: Json, code: str, field: str | None
) -> None:
    await applied(partner)
    assert await partner.refused(StepClaimed, claimed) == (code, field)


async def test_every_end_takes_a_reason_of_its_own_list(partner: Partner, database: Database) -> None:
    candidacy = (await applied(partner))["candidacy_id"]
    await partner.accepted(StepClaimed, step("not-appointed", 12, reason="criteria-not-met"), "end")
    assert (await candidacy_of(database, candidacy)).reason == "criteria-not-met"
    better = {
        "claim_id": "end",
        "reason": "wrong-reason",
        "replacement": step("not-appointed", 13, reason="did-not-attend"),
    }
    await partner.accepted(ClaimCorrected, better)
    state = await candidacy_of(database, candidacy)
    assert (state.reason, state.since.isoformat()) == ("did-not-attend", on(13))
    another = {**better, "replacement": step("withdrew", 13, reason="health")}
    assert await partner.refused(ClaimCorrected, another) == ("another-step", "replacement.step")


async def test_a_start_that_was_claimed_is_withdrawn_and_its_post_is_free(partner: Partner, database: Database) -> None:
    candidacy = await started(partner)
    await partner.accepted(ClaimWithdrawn, {"claim_id": "start", "reason": "did-not-come"})
    state = await candidacy_of(database, candidacy)
    assert state.status == "start-agreed"
    async with database.transaction() as tx:
        posts = await aggregates.read(tx, Vacancy, state.vacancy_id)
    assert posts is not None
    assert posts.state is not None
    assert posts.state.filled == 0


async def test_a_start_that_was_claimed_is_corrected(partner: Partner, database: Database) -> None:
    candidacy = await started(partner)
    better = {**START, "occurred_on": on(64), "prior_employment": "leeds-health-care"}
    await partner.accepted(ClaimCorrected, {"claim_id": "start", "reason": "wrong", "replacement": better})
    assert (await candidacy_of(database, candidacy)).started_on.isoformat() == on(64)  # type: ignore[union-attr]
    async with database.transaction() as tx:
        said = await tx.fetchval("SELECT payload FROM kit.journal WHERE type LIKE '%fact-corrected.v1'")
    assert json.loads(said)["replacement"]["new_to_system"] == "no"
    elsewhere = {"claim_id": "start", "reason": "wrong", "replacement": {**better, "application": "APP-2"}}
    assert await partner.refused(ClaimCorrected, elsewhere) == ("about-another-record", "replacement.application")
    nonsense = {"claim_id": "start", "reason": "wrong", "replacement": {**better, "prior_employment": "moon"}}
    assert await partner.refused(ClaimCorrected, nonsense) == ("invalid", "replacement.prior_employment")


@pytest.mark.parametrize("day", [0, 3])
async def test_a_vacancy_that_was_claimed_is_corrected_also_to_another_day(
    partner: Partner, database: Database, day: int
) -> None:
    id_ = (await partner.accepted(VacancyClaimed, VACANCY, "v"))["vacancy_id"]
    better = {**VACANCY, "occurred_on": on(day), "posts": 5, "channels": ["talent-hub"]}
    await partner.accepted(ClaimCorrected, {"claim_id": "v", "reason": "wrong", "replacement": better})
    async with database.transaction() as tx:
        row = await aggregates.read(tx, Vacancy, id_)
    assert row is not None
    assert row.state is not None
    assert (row.state.posts, row.state.channels, row.state.since.isoformat()) == (5, ("talent-hub",), on(day))


async def test_a_vacancy_that_was_withdrawn_leaves_its_reference_free(partner: Partner) -> None:
    await partner.accepted(VacancyClaimed, VACANCY, "v")
    await partner.accepted(ClaimWithdrawn, {"claim_id": "v", "reason": "entered-twice"})
    await partner.accepted(VacancyClaimed, VACANCY, "v-again")


async def test_what_others_stand_on_is_not_withdrawn(partner: Partner) -> None:
    await started(partner)
    code, _ = await partner.refused(ClaimWithdrawn, {"claim_id": "a", "reason": "wrong"})
    assert code == "fact-stands-in-the-way"


async def test_whoever_was_passed_on_to_a_partner_goes_on_under_its_own_reference(
    partner: Partner, database: Database, coordinator: Any
) -> None:
    vacancy = (await partner.accepted(VacancyClaimed, VACANCY, "v"))["vacancy_id"]
    engagement = await an_engagement(coordinator)
    await permitted(coordinator, engagement["id"])
    elsewhere = await an_application(coordinator, await a_vacancy(coordinator), engagement["id"])
    await coordinator.made(
        f"/candidacies/{elsewhere}/redirect", {"occurred_on": on(12), "to": "employer", "vacancy_id": str(vacancy)}
    )
    there = (await coordinator.found("/candidacies", employer=PARTNER))["rows"][0]["id"]
    application = {
        "occurred_on": on(12),
        "application": "APP-1",
        "vacancy": "TRAC-1",
        "person_id": engagement["person_id"],
    }
    assert await partner.accepted(ApplicationClaimed, application) == {"candidacy_id": UUID(there)}
    await partner.accepted(StepClaimed, step("shortlisted", 15))
    assert (await candidacy_of(database, UUID(there))).status == "shortlisted"
    code, _ = await partner.refused(ApplicationClaimed, {**application, "application": "APP-2"})
    assert code == "already-applied"


async def test_a_refused_application_names_a_field_of_the_claim(partner: Partner, coordinator: Any) -> None:
    ids = await applied(partner)
    late = {"occurred_on": on(300), "application": "APP-2", "vacancy": "TRAC-2", "person_id": str(ids["person_id"])}
    await partner.accepted(VacancyClaimed, {**VACANCY, "vacancy": "TRAC-2"})
    await partner.accepted(VacancyStepClaimed, {"occurred_on": on(250), "vacancy": "TRAC-2", "step": "closed"})
    assert await partner.refused(ApplicationClaimed, late) == ("vacancy-not-open", "vacancy")
    (row,) = (await coordinator.found("/engagements"))["rows"]
    await coordinator.made(f"/engagements/{row['id']}/close", {"occurred_on": on(20), "reason": "moved-away"})
    assert await partner.refused(ApplicationClaimed, {**late, "occurred_on": on(30)}) == (
        "engagement-closed",
        "interest",
    )


async def test_an_application_comes_from_the_interest_that_was_open_that_day(
    partner: Partner, database: Database, coordinator: Any
) -> None:
    ids = await applied(partner)
    later = await coordinator.made(
        "/engagements", an_interest(person_id=str(ids["person_id"]), occurred_on=on(100), employment_status="employed")
    )
    await partner.accepted(VacancyClaimed, {**VACANCY, "vacancy": "TRAC-2"})
    late = {"occurred_on": on(50), "application": "APP-2", "vacancy": "TRAC-2", "person_id": str(ids["person_id"])}
    second = (await partner.accepted(ApplicationClaimed, late))["candidacy_id"]
    state = await candidacy_of(database, second)
    assert (str(state.engagement_id) != later["id"], state.employment_status) == (True, "unemployed")


@pytest.mark.parametrize(
    ("claim", "changes", "field"),
    [
        ("a", {"person_id": str(uuid4())}, "person_id"), ("a", {"vacancy": "TRAC-9"}, "vacancy"),
        ("a", {"interest": "EOI-9"}, "interest"), ("i", {"person_id": str(uuid4())}, "person_id"),
        ("i", {"campaign_id": str(uuid4())}, "campaign_id"), ("c", {"kind": "right-to-work"}, "kind"),
        ("c", {"number": 2}, "number"), ("c", {"level": "basic"}, "level"),
    ],
)  # fmt: skip
async def test_a_correction_of_what_cannot_be_corrected_is_refused_and_does_not_seem_to_be_done(
    partner: Partner, claim: str, changes: Json, field: str
) -> None:
    ids = await applied(partner)
    await partner.accepted(CheckClaimed, check("identity"), "c")
    said = {
        "a": {"occurred_on": on(10), "application": "APP-1", "vacancy": "TRAC-1", "person_id": str(ids["person_id"])},
        "i": INTEREST, "c": check("identity"),
    }[claim]  # fmt: skip
    better = {"claim_id": claim, "reason": "wrong", "replacement": {**said, **changes}}
    assert await partner.refused(ClaimCorrected, better) == ("about-another", f"replacement.{field}")


async def test_hostile_references_are_refused_and_never_repeated(partner: Partner) -> None:
    for reference in ("\x00", "\ud800", "x" * 201, ""):
        answer = await partner.send(VacancyClaimed, {**VACANCY, "vacancy": reference})
        assert (answer.outcome, answer.failings[0].field in ("vacancy", "payload")) == ("refused", True)


async def test_nobody_speaks_for_another(partner: Partner) -> None:
    answer = await partner.send(VacancyClaimed, VACANCY, source="/partner/leeds-city-council")
    assert answer.failings[0].code == "not-your-source"
