"""Claims that nobody would send, of people and courses that there are: each is answered, and no answer holds what was sent."""

from tests.hostile import Examples, each_is_answered

from kit.database import Database
from kit.testing.client import Client
from kit.testing.partner import Partner
from learning import claims
from learning.testing import HOSPITALS
from schemas.learning import (
    ClaimCorrected,
    ClaimWithdrawn,
    CompletionClaimed,
    EsrCompetenceClaimed,
    TrainingClaimed,
)

from .test_api import a_course, on
from .test_claims import ESR, PERSON, READER, TRAINING
from .test_skills import a_refresher


def every_claim(course_id: str) -> Examples:
    """One of each kind, of training and a course that there are."""
    completion = {
        "occurred_on": on(70), "completion": "LMS-9", "person_id": PERSON, "course_id": course_id, "sector": "nhs-trust",
    }  # fmt: skip
    better = {**TRAINING, "occurred_on": on(21), "expires_on": on(600)}
    return [
        (TrainingClaimed, {**TRAINING, "training": "LMS-2", "occurred_on": on(30)}),
        (EsrCompetenceClaimed, {**ESR, "occurred_on": on(40), "expires_on": on(700)}),
        (CompletionClaimed, completion),
        (ClaimWithdrawn, {"claim_id": "first", "reason": "wrong"}),
        (ClaimCorrected, {"claim_id": "first", "reason": "wrong", "replacement": better}),
        (ClaimCorrected, {"claim_id": "completed", "reason": "wrong", "replacement": {**completion, "occurred_on": on(71)}}),
    ]  # fmt: skip


async def test_every_hostile_claim_is_answered_without_what_was_sent_and_a_good_one_after_it_is_accepted(
    coordinator: Client, database: Database
) -> None:
    await coordinator.made("/refreshers", a_refresher())
    course_id = (await coordinator.made("/courses", a_course(online=True)))["id"]
    partner, examples = Partner(database, READER, HOSPITALS), every_claim(course_id)
    await partner.accepted(TrainingClaimed, TRAINING, "first")
    await partner.accepted(CompletionClaimed, dict(examples[2][1]), "completed")
    await each_is_answered(partner, examples)
    await partner.accepted(TrainingClaimed, {**TRAINING, "training": "LMS-after", "occurred_on": on(90)})


def test_every_claim_of_the_service_is_among_them() -> None:
    assert {kind for kind, _ in every_claim("")} == set(claims.ACCEPTS)
