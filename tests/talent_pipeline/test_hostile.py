"""Claims that nobody would send, of somebody who started and one who applies: each is answered, and no answer says it again."""

from tests.hostile import Examples, each_is_answered

from kit.database import Database
from kit.testing.partner import Partner
from schemas.talent_pipeline import (
    ApplicationClaimed,
    CandidacyStep,
    CheckClaimed,
    ClaimCorrected,
    ClaimWithdrawn,
    InterestClaimed,
    LeavingClaimed,
    StartClaimed,
    StepClaimed,
    VacancyClaimed,
    VacancyStep,
    VacancyStepClaimed,
    ValuesInterviewClaimed,
)
from talent_pipeline import claims

from .acts import PERSON, on
from .test_claims import INTEREST, INTERVIEW, PARTNER, READER, START, VACANCY, check, started, step


def every_claim() -> Examples:
    """One of each kind and step, of a candidate who has started and of one who applies."""
    application = {"occurred_on": on(10), "application": "APP-2", "vacancy": "TRAC-2", "person_id": PERSON}
    reasons = {CandidacyStep.WITHDREW: "health", CandidacyStep.NOT_APPOINTED: "criteria-not-met"}
    steps = [
        {**step(each, 61, start_on=on(65)), "application": "APP-2", "reason": reasons.get(each)}
        for each in CandidacyStep
    ]
    return [
        (VacancyClaimed, {**VACANCY, "vacancy": "TRAC-2"}),
        *((VacancyStepClaimed, {"occurred_on": on(71), "vacancy": "TRAC-2", "step": each}) for each in VacancyStep),
        (InterestClaimed, {**INTEREST, "interest": "EOI-2"}),
        (ApplicationClaimed, application),
        (ValuesInterviewClaimed, {**INTERVIEW, "application": "APP-2"}),
        *((StepClaimed, each) for each in steps),
        (CheckClaimed, check("identity", occurred_on=on(62))),
        (StartClaimed, {**START, "application": "APP-2"}),
        (LeavingClaimed, {"occurred_on": on(70), "application": "APP-1", "reason": "contract-ended"}),
        (ClaimWithdrawn, {"claim_id": "start", "reason": "wrong"}),
        (ClaimCorrected, {"claim_id": "start", "reason": "wrong", "replacement": {**START, "occurred_on": on(61)}}),
        (ClaimCorrected, {"claim_id": "v", "reason": "wrong", "replacement": {**VACANCY, "posts": 3}}),
    ]  # fmt: skip


async def test_every_hostile_claim_is_answered_without_what_was_sent_and_a_good_one_after_it_is_accepted(
    database: Database,
) -> None:
    partner = Partner(database, READER, PARTNER)
    await started(partner)
    await each_is_answered(partner, every_claim())
    await partner.accepted(InterestClaimed, {**INTEREST, "interest": "EOI-after"})


def test_every_claim_of_the_service_is_among_them() -> None:
    assert {kind for kind, _ in every_claim()} == set(claims.ACCEPTS)
