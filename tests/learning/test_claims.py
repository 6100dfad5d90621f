"""What partners claim becomes facts, or is answered with what to do; each claim is judged by itself (c1, c4, c18)."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from kit.claims import ClaimReader
from kit.database import Database
from kit.step import months_later
from kit.testing.client import Client
from kit.testing.partner import Partner
from kit.testing.persons import somebody
from learning import claims
from learning.testing import HOSPITALS, day
from schemas.learning import (
    SERVICE,
    ClaimAnswered,
    ClaimCorrected,
    ClaimWithdrawn,
    CompletionClaimed,
    EsrCompetenceClaimed,
    TrainingClaimed,
)

from .test_api import a_course, on
from .test_enrolments import enrolling
from .test_skills import SKILL, a_refresher, judging

Json = dict[str, Any]
READER = ClaimReader(SERVICE, claims.ACCEPTS, ClaimAnswered)
PERSON = str(somebody())
TRAINING: Json = {
    "occurred_on": on(20), "training": "LMS-1", "person_id": PERSON, **SKILL, "source": "learning-system", "aligned": True,
}  # fmt: skip
ESR: Json = {
    "occurred_on": on(20), "training": "ESR-1", "person_id": PERSON, "competence": "NHS|CSTF|Fire Safety - 2 Years|",
    "aligned": True,
}  # fmt: skip


@pytest.fixture
def partner(database: Database) -> Partner:
    return Partner(database, READER, HOSPITALS)


async def test_training_from_a_learning_system_or_a_training_file_is_on_record(
    coordinator: Client, partner: Partner
) -> None:
    rule = await coordinator.made("/refreshers", a_refresher())
    id_ = (await partner.accepted(TrainingClaimed, TRAINING))["competence_id"]
    found = await coordinator.found(f"/competences/{id_}")
    assert (found["organisation"], found["source"], found["rule_id"]) == (HOSPITALS, "learning-system", rule["id"])
    assert found["expires_on"] == months_later(day(20), 24).isoformat()
    file = TRAINING | {"training": "ASC-1", "occurred_on": on(30), "source": "asc-wds", "expires_on": on(90)}
    later = (await partner.accepted(TrainingClaimed, file))["competence_id"]
    assert (await coordinator.found(f"/competences/{later}"))["expires_on"] == on(90)
    assert (await coordinator.found(f"/competences/{id_}"))["status"] == "renewed"


async def test_a_competence_of_esr_is_read_from_its_name_and_the_stricter_of_name_and_rule_holds(
    coordinator: Client, partner: Partner
) -> None:
    await coordinator.made("/refreshers", a_refresher(months=36))
    id_ = (await partner.accepted(EsrCompetenceClaimed, ESR))["competence_id"]
    found = await coordinator.found(f"/competences/{id_}")
    assert (found["subject"], found["level"], found["source"]) == ("fire-safety", 1, "esr")
    assert (found["expires_on"], found["rule_id"]) == (months_later(day(20), 24).isoformat(), None)


async def test_a_competence_of_esr_is_by_the_version_of_its_day_also_when_the_day_is_put_right(
    coordinator: Client, partner: Partner
) -> None:
    england, before = date(2020, 1, 1), date(2019, 12, 31)
    id_ = (await partner.accepted(EsrCompetenceClaimed, ESR | {"occurred_on": str(england)}, "esr"))["competence_id"]
    assert (await coordinator.found(f"/competences/{id_}"))["framework"] == "cstf-england-1-0"
    better = {"claim_id": "esr", "reason": "wrong-day", "replacement": ESR | {"occurred_on": str(before)}}
    await partner.accepted(ClaimCorrected, better)
    found = await coordinator.found(f"/competences/{id_}")
    assert (found["framework"], found["since"]) == ("cstf-uk-1-5", str(before))
    assert found["expires_on"] == months_later(before, 24).isoformat()
    too_early = ESR | {"training": "ESR-2", "occurred_on": "2013-02-28"}
    assert await partner.refused(EsrCompetenceClaimed, too_early) == ("before-the-framework", "occurred_on")


async def test_what_cannot_be_accepted_says_which_field_and_what_to_do(coordinator: Client, partner: Partner) -> None:
    stranger = {"person_id": str(uuid4())}
    for claim, body in ((TrainingClaimed, TRAINING), (EsrCompetenceClaimed, ESR)):
        assert await partner.refused(claim, body | stranger) == ("unknown-person", "person_id")
    for_ever = ESR | {"competence": "NHS|CSTF|Fire Safety - 99 Years|"}
    assert await partner.refused(EsrCompetenceClaimed, for_ever) == ("not-a-competence", "competence")
    local = ESR | {"competence": "457|LOCAL|Trust Values|"}
    assert await partner.refused(EsrCompetenceClaimed, local) == ("not-a-competence", "competence")
    assert await partner.refused(TrainingClaimed, TRAINING | {"source": "cohort"}) == ("not-from-there", "source")
    for claim, body in ((TrainingClaimed, TRAINING), (EsrCompetenceClaimed, ESR)):
        over = body | {"expires_on": body["occurred_on"]}
        assert await partner.refused(claim, over) == ("said-before-completion", "expires_on")
    await partner.accepted(TrainingClaimed, TRAINING, "t")
    over = {"claim_id": "t", "reason": "x", "replacement": TRAINING | {"expires_on": on(20)}}
    assert await partner.refused(ClaimCorrected, over) == ("said-before-completion", "replacement.expires_on")
    assert await partner.refused(TrainingClaimed, TRAINING) == ("reference-taken", "training")
    assert await partner.refused(TrainingClaimed, TRAINING | {"training": "LMS-2"}) == ("already-recorded", None)
    nowhere = {
        "occurred_on": on(20),
        "completion": "C-1",
        "person_id": PERSON,
        "course_id": str(uuid4()),
        "sector": "nhs-trust",
    }
    assert await partner.refused(CompletionClaimed, nowhere) == ("not-found", "course_id")
    in_cohorts = (await coordinator.made("/courses", a_course()))["id"]
    held = nowhere | {"course_id": in_cohorts}
    assert await partner.refused(CompletionClaimed, held) == ("held-in-cohorts", "course_id")


async def test_training_that_was_claimed_is_put_right_with_its_expiry_and_withdrawn(
    coordinator: Client, partner: Partner
) -> None:
    await coordinator.made("/refreshers", a_refresher())
    id_ = (await partner.accepted(TrainingClaimed, TRAINING, "t"))["competence_id"]
    better = {"claim_id": "t", "reason": "wrong-day", "replacement": TRAINING | {"occurred_on": on(25)}}
    await partner.accepted(ClaimCorrected, better)
    found = await coordinator.found(f"/competences/{id_}")
    assert (found["since"], found["expires_on"]) == (on(25), months_later(day(25), 24).isoformat())
    other = {"claim_id": "t", "reason": "x", "replacement": TRAINING | {"person_id": str(somebody())}}
    assert await partner.refused(ClaimCorrected, other) == ("about-another", "replacement.person_id")
    other = {"claim_id": "t", "reason": "x", "replacement": TRAINING | {"training": "LMS-9"}}
    assert await partner.refused(ClaimCorrected, other) == ("about-another-record", "replacement.training")
    await partner.accepted(ClaimWithdrawn, {"claim_id": "t", "reason": "wrong-person"})
    assert (await coordinator.found("/competences"))["rows"] == []
    await partner.accepted(TrainingClaimed, TRAINING, "t-again")


@pytest.mark.parametrize(
    ("better", "stands"),
    [
        ({"occurred_on": on(19)}, False),  # it runs out a day sooner than the host was told
        ({"occurred_on": on(21)}, True),
        ({"occurred_on": on(41)}, False),  # the host judged it before it was done
        ({"level": 2}, False),
        ({"subject": "resuscitation"}, False),
        ({"framework": "cstf-england-1-0"}, False),
        ({"aligned": False}, False),
    ],
)
async def test_what_a_host_made_of_training_falls_where_it_no_longer_rests_on_it(
    coordinator: Client, partner: Partner, better: Json, stands: bool
) -> None:
    if "occurred_on" in better:
        await coordinator.made("/refreshers", a_refresher())
    id_ = (await partner.accepted(TrainingClaimed, TRAINING, "t"))["competence_id"]
    await coordinator.made(f"/competences/{id_}/judge", judging())
    await partner.accepted(ClaimCorrected, {"claim_id": "t", "reason": "wrong", "replacement": TRAINING | better})
    judged = (await coordinator.found(f"/competences/{id_}"))["judgements"]
    assert [each["outcome"] for each in judged] == (["waived"] if stands else [])
    await partner.accepted(ClaimWithdrawn, {"claim_id": "t", "reason": "wrong-person"})
    assert (await coordinator.found("/competences"))["rows"] == []
    assert (await coordinator.found("/savings", first="2020-01-01", last="2099-01-01"))["savings"] == []


async def test_training_that_falls_under_another_rule_is_withdrawn_and_claimed_anew(
    coordinator: Client, partner: Partner
) -> None:
    await coordinator.made("/refreshers", a_refresher())
    await partner.accepted(TrainingClaimed, TRAINING, "t")
    better = {"claim_id": "t", "reason": "wrong-level", "replacement": TRAINING | {"level": 2}}
    assert await partner.refused(ClaimCorrected, better) == ("another-rule", "replacement")
    await partner.accepted(ClaimWithdrawn, {"claim_id": "t", "reason": "wrong-level"})
    await partner.accepted(TrainingClaimed, TRAINING | {"level": 2}, "t-2")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_training_that_another_renewed_is_withdrawn_in_whatever_order_both_were_claimed(
    coordinator: Client, partner: Partner, order: tuple[int, ...]
) -> None:
    years = [TRAINING, TRAINING | {"occurred_on": on(300), "training": "LMS-2"}]
    ids = {turn: (await partner.accepted(TrainingClaimed, years[turn], str(turn)))["competence_id"] for turn in order}
    assert (await coordinator.found(f"/competences/{ids[0]}"))["status"] == "renewed"
    await partner.accepted(ClaimWithdrawn, {"claim_id": "0", "reason": "wrong-person"})
    (left,) = (await coordinator.found("/competences"))["rows"]
    assert (left["id"], left["status"]) == (str(ids[1]), "current")


async def test_a_course_that_was_completed_in_a_partners_system_is_completed_here(
    coordinator: Client, partner: Partner
) -> None:
    published = a_course(title="Fire safety", category="core-skills", teaches=SKILL, online=True)
    course = (await coordinator.made("/courses", published))["id"]
    done = {"occurred_on": on(20), "completion": "C-1", "person_id": PERSON, "course_id": course, "sector": "nhs-trust"}
    id_ = (await partner.accepted(CompletionClaimed, done, "c"))["enrolment_id"]
    assert (await coordinator.found(f"/enrolments/{id_}"))["status"] == "completed"
    assert len((await coordinator.found("/competences"))["rows"]) == 1
    better = {"claim_id": "c", "reason": "wrong-day", "replacement": done | {"occurred_on": on(22)}}
    await partner.accepted(ClaimCorrected, better)
    assert [row["since"] for row in (await coordinator.found("/competences"))["rows"]] == [on(22)]
    other = {"claim_id": "c", "reason": "x", "replacement": done | {"person_id": str(somebody())}}
    assert await partner.refused(ClaimCorrected, other) == ("about-another", "replacement.person_id")
    twice = done | {"occurred_on": on(22), "completion": "C-2"}
    assert await partner.refused(CompletionClaimed, twice) == ("already-completed", None)
    await partner.accepted(CompletionClaimed, twice | {"occurred_on": on(400)}, "a-year-later")
    await partner.accepted(ClaimWithdrawn, {"claim_id": "a-year-later", "reason": "wrong-person"})
    await partner.accepted(ClaimWithdrawn, {"claim_id": "c", "reason": "wrong-person"})
    for path in ("/enrolments", "/competences"):
        assert (await coordinator.found(path))["rows"] == []


async def test_whoever_is_enrolled_already_completes_that_enrolment(coordinator: Client, partner: Partner) -> None:
    course = (await coordinator.made("/courses", a_course(online=True)))["id"]
    enrolled = await coordinator.made("/enrolments", enrolling(course, PERSON, HOSPITALS))
    done = {"occurred_on": on(30), "completion": "C-1", "person_id": PERSON, "course_id": course, "sector": "nhs-trust"}
    assert await partner.accepted(CompletionClaimed, done, "c") == {"enrolment_id": UUID(enrolled["id"])}
    await partner.accepted(ClaimWithdrawn, {"claim_id": "c", "reason": "not-finished"})
    assert (await coordinator.found(f"/enrolments/{enrolled['id']}"))["status"] == "enrolled"


async def test_the_same_claim_again_is_already_known_and_another_body_is_refused(partner: Partner) -> None:
    await partner.accepted(TrainingClaimed, TRAINING, "t")
    assert (await partner.send(TrainingClaimed, TRAINING, "t")).outcome == "already-known"
    again = await partner.send(TrainingClaimed, TRAINING | {"level": 2}, "t")
    assert (again.outcome, again.failings[0].code) == ("refused", "id-reused")
