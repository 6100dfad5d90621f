"""What partners claim becomes facts, or is answered with what to do; each claim is judged by itself (c1, c4, c18)."""

from typing import Any
from uuid import uuid4

import pytest

from kit.claims import ClaimReader
from kit.database import Database
from kit.testing.partner import Partner
from kit.testing.persons import somebody
from mobility import claims
from mobility.testing import HOSPICE, HOSPITALS
from schemas.mobility import (
    SERVICE,
    ClaimAnswered,
    ClaimCorrected,
    ClaimWithdrawn,
    HoursClaimed,
    NeedClaimed,
    NeedStepClaimed,
)

from .acts import a_need, a_proposal, both_signed, brought_to, on

Json = dict[str, Any]
READER = ClaimReader(SERVICE, claims.ACCEPTS, ClaimAnswered)
NEED: Json = {"need": "ROSTER-1", **{name: value for name, value in a_need().items() if name != "organisation"}}


@pytest.fixture
def partner(database: Database) -> Partner:
    return Partner(database, READER, HOSPITALS)


def step(name: str, number: int, **more: object) -> Json:
    return {"occurred_on": on(number), "need": "ROSTER-1", "step": name, **more}


async def test_a_need_by_claims_from_its_raising_to_its_end(coordinator: Any, partner: Partner) -> None:
    need = (await partner.accepted(NeedClaimed, NEED))["need_id"]
    for claimed in (step("released", 22), step("filled-with-own", 30), step("closed", 40)):
        await partner.accepted(NeedStepClaimed, claimed)
    found = (await coordinator.get(f"/needs/{need}")).json()
    assert (found["status"], found["organisation"], found["by_own_staff"]) == ("closed", HOSPITALS, 1)


async def test_what_cannot_be_accepted_says_which_field_and_what_to_do(partner: Partner) -> None:
    assert await partner.refused(NeedStepClaimed, step("released", 22)) == ("unknown-need", "need")
    await partner.accepted(NeedClaimed, NEED)
    assert await partner.refused(NeedStepClaimed, step("withdrawn", 22)) == ("reason-needed", "why")
    assert await partner.refused(NeedClaimed, NEED) == ("reference-taken", "need")
    stranger = {"occurred_on": on(60), "hours_id": "TS-1", "deployment_id": str(uuid4()), "worked_on": on(50), "hours": 1.0,
                "pence": 1}  # fmt: skip
    assert await partner.refused(HoursClaimed, stranger) == ("not-found", "deployment_id")


async def test_a_need_that_was_claimed_is_corrected_and_withdrawn(coordinator: Any, partner: Partner) -> None:
    need = (await partner.accepted(NeedClaimed, NEED, "n"))["need_id"]
    await partner.accepted(NeedStepClaimed, step("released", 22), "s")
    better = {"claim_id": "s", "reason": "wrong-day", "replacement": step("released", 23)}
    await partner.accepted(ClaimCorrected, better)
    other = {"claim_id": "s", "reason": "wrong", "replacement": step("closed", 23)}
    assert await partner.refused(ClaimCorrected, other) == ("another-step", "replacement.step")
    await partner.accepted(ClaimWithdrawn, {"claim_id": "s", "reason": "entered-in-error"})
    await partner.accepted(ClaimCorrected, {"claim_id": "n", "reason": "wrong", "replacement": {**NEED, "people": 3}})
    assert (await coordinator.get(f"/needs/{need}")).json()["people"] == 3


async def test_hours_are_claimed_by_home_alone_and_put_right_within_their_month(
    coordinator: Any, database: Database, partner: Partner
) -> None:
    await both_signed(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    await brought_to(coordinator, move, "start")
    hours = {
        "occurred_on": on(60),
        "hours_id": "TS-1",
        "deployment_id": move,
        "worked_on": on(50),
        "hours": 7.5,
        "pence": 9000,
    }
    assert await partner.refused(HoursClaimed, hours) == ("not-your-staff", "deployment_id")
    home = Partner(database, READER, HOSPICE)
    statement = (await home.accepted(HoursClaimed, hours, "h"))["statement_id"]
    better = {"claim_id": "h", "reason": "wrong", "replacement": {**hours, "hours": 4.0, "pence": 4800}}
    await home.accepted(ClaimCorrected, better)
    (line,) = (await coordinator.get(f"/statements/{statement}")).json()["lines"]
    assert (line["hours"], line["pence"]) == (4.0, 4800)
    later = {"claim_id": "h", "reason": "wrong", "replacement": {**hours, "worked_on": on(70), "occurred_on": on(70)}}
    assert await home.refused(ClaimCorrected, later) == ("another-month", "replacement.worked_on")
    before = {"claim_id": "h", "reason": "wrong", "replacement": {**hours, "worked_on": on(39)}}
    assert await home.refused(ClaimCorrected, before) == ("not-worked-then", "replacement.worked_on")
    await home.accepted(ClaimWithdrawn, {"claim_id": "h", "reason": "entered-twice"})
    again = (await home.accepted(HoursClaimed, hours, "h-again"))["statement_id"]
    await coordinator.made(f"/statements/{again}/issue", {"occurred_on": on(103), "vat": "standard"})
    await coordinator.made(f"/statements/{again}/agree", {"occurred_on": on(104)})
    dearer = {"claim_id": "h-again", "reason": "wrong", "replacement": {**hours, "pence": 90_000}}
    assert (await home.refused(ClaimCorrected, dearer))[0] == "agreed-to"
    assert (await home.refused(ClaimWithdrawn, {"claim_id": "h-again", "reason": "wrong"}))[0] == "agreed-to"
