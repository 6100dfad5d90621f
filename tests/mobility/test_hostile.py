"""Claims that nobody would send, of people, needs and moves that there are: each is answered, and no answer holds what was sent."""

from typing import Any

from tests.hostile import Examples, each_is_answered

from kit.database import Database
from kit.testing.partner import Partner
from kit.testing.persons import somebody
from mobility import claims
from mobility.testing import HOSPICE
from schemas.mobility import (
    AuthorisationClaimed,
    CheckOutcome,
    CheckStatus,
    ClaimCorrected,
    ClaimWithdrawn,
    EmploymentCheckClaimed,
    HoursClaimed,
    MoveClaimed,
    MoveStep,
    MoveStepClaimed,
    NeedClaimed,
    NeedStep,
    NeedStepClaimed,
    PassportClaimed,
    PassportStep,
    PassportStepClaimed,
)

from .acts import a_need, both_signed, brought_to, on
from .test_partners import READER, a_check, a_move, a_passport, a_step, an_authorisation


def every_claim(person: object, move: object) -> Examples:
    """One of each kind and step, about a person and a move that there are."""
    need = {name: value for name, value in a_need().items() if name != "organisation"}
    passport = {
        "occurred_on": on(9),
        "passport": "HR-1",
        "organisation": "leeds-city-council",
        "until": on(900),
        "reason": "left",
    }
    steps = [(MoveStepClaimed, a_step(move, step, 60, ends_on=on(120), reason="x")) for step in MoveStep]
    hours = {
        "occurred_on": on(60),
        "hours_id": "H-1",
        "deployment_id": str(move),
        "worked_on": on(50),
        "hours": 7.5,
        "pence": 1,
    }
    return [
        (NeedClaimed, {**need, "need": "N-1"}),
        *((NeedStepClaimed, {"occurred_on": on(22), "need": "N-1", "step": step, "why": "x"}) for step in NeedStep),
        (PassportClaimed, a_passport(person)),
        (EmploymentCheckClaimed, a_check(person, "work-health", valid_until=on(500))),
        *((EmploymentCheckClaimed, a_check(person, "work-health", outcome=outcome)) for outcome in CheckOutcome),
        *(
            (EmploymentCheckClaimed, a_check(person, "reference", status=status, awaiting="holder", reason="x"))
            for status in CheckStatus
        ),
        *((PassportStepClaimed, {**passport, "step": step}) for step in PassportStep),
        (MoveClaimed, a_move(person)),
        *steps,
        (AuthorisationClaimed, an_authorisation(move, 29)),
        (HoursClaimed, hours),
        (ClaimWithdrawn, {"claim_id": "claim-2", "reason": "wrong"}),
        (ClaimCorrected, {"claim_id": "claim-2", "reason": "wrong", "replacement": a_check(person)}),
    ]


async def test_every_hostile_claim_is_answered_without_what_was_sent_and_a_good_one_after_it_is_accepted(
    coordinator: Any, database: Database
) -> None:
    await both_signed(coordinator)
    home, person = Partner(database, READER, HOSPICE), somebody()
    move = (await home.accepted(MoveClaimed, a_move(person, move="M-0")))["deployment_id"]
    await brought_to(coordinator, str(move), "start")
    await each_is_answered(home, every_claim(person, move))
    await home.accepted(MoveClaimed, a_move(somebody(), move="M-after"))


def test_every_claim_of_the_service_is_among_them() -> None:
    assert {kind for kind, _ in every_claim("", "")} == set(claims.ACCEPTS)
