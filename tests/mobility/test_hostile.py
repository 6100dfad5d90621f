"""Claims that nobody would send, of people, needs and moves that there are: each is answered, and no answer holds what was sent."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.faults.hostile import spoilt

from kit.database import Database
from kit.testing.partner import Partner
from kit.testing.persons import somebody
from mobility import claims
from mobility.testing import HOSPICE
from schemas.fact import Claim
from schemas.mobility import (
    AuthorisationClaimed,
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

Json = dict[str, Any]
CASES, SEED = 300, 1


def every_claim(person: object, move: object) -> list[tuple[type[Claim], Json]]:
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
    known: list[tuple[type[Claim], Json]] = [
        (NeedClaimed, {**need, "need": "N-1"}),
        *((NeedStepClaimed, {"occurred_on": on(22), "need": "N-1", "step": step, "why": "x"}) for step in NeedStep),
        (PassportClaimed, a_passport(person)),
        (EmploymentCheckClaimed, a_check(person, "work-health", valid_until=on(500))),
        *((PassportStepClaimed, {**passport, "step": step}) for step in PassportStep),
        (MoveClaimed, a_move(person)),
        *steps,
        (AuthorisationClaimed, an_authorisation(move, 29)),
        (HoursClaimed, hours),
        (ClaimWithdrawn, {"claim_id": "claim-2", "reason": "wrong"}),
        (ClaimCorrected, {"claim_id": "claim-2", "reason": "wrong", "replacement": a_check(person)}),
    ]
    return known


def spoilt_claims(examples: list[tuple[type[Claim], Json]]) -> list[tuple[type[Claim], Json]]:
    """Claims of which something is wrong, or that come at the wrong time; always the same."""
    made: list[tuple[type[Claim], Json]] = []
    payloads = [st.tuples(st.just(kind), st.one_of(st.just(payload), spoilt(payload))) for kind, payload in examples]

    @seed(SEED)
    @settings(
        max_examples=CASES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(payloads))
    def collect(one: tuple[type[Claim], Any]) -> None:
        made.append(one)

    collect()
    return made


def texts(value: object) -> Iterator[str]:
    """Every text in a payload that is long enough to be known again, the names of fields too."""
    match value:
        case str() if len(value) > 5:
            yield value
        case Mapping():
            for name, inner in value.items():
                yield from texts(name)
                yield from texts(inner)
        case list():
            for inner in value:
                yield from texts(inner)


async def test_every_hostile_claim_is_answered_without_what_was_sent_and_a_good_one_after_it_is_accepted(
    coordinator: Any, database: Database
) -> None:
    await both_signed(coordinator)
    home, person = Partner(database, READER, HOSPICE), somebody()
    move = (await home.accepted(MoveClaimed, a_move(person, move="M-0")))["deployment_id"]
    await brought_to(coordinator, str(move), "start")
    examples = every_claim(person, move)
    # hypothesis draws words of our own, too: what the language of claims says of itself is nobody's secret
    language = json.dumps([examples, *(kind.model_json_schema() for kind, _ in examples)], default=str)
    outcomes = set()
    for number, (kind, payload) in enumerate(spoilt_claims(examples)):
        answer = await home.send(kind, payload, f"hostile-{number}")
        outcomes.add(answer.outcome)
        said = answer.model_dump_json()
        assert [text for text in texts(payload) if text not in language and json.dumps(text)[1:-1] in said] == []
    assert outcomes == {"accepted", "refused"}
    await home.accepted(MoveClaimed, a_move(somebody(), move="M-after"))


def test_every_claim_of_the_service_is_among_them() -> None:
    assert {kind for kind, _ in every_claim("", "")} == set(claims.ACCEPTS)
