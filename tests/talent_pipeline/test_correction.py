"""A fact is never changed: it is voided, restored or corrected by another that names it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from kit import corrections
from kit.corrections import Correct, Correction, CorrectionFact, Restore, Void
from kit.errors import NotFound
from schemas.corrections import standing
from schemas.fact import Fact
from schemas.talent_pipeline import CandidatePlaced, FactCorrected, FactVoided, PlacementSustained
from talent_pipeline.domain import candidacy
from talent_pipeline.store import aggregates
from talent_pipeline.testing import LEAVE, NOW, REACHED, day

History = list[tuple[UUID, Fact]]


def told(*commands: Any, history: History | None = None) -> History:
    """The history after these commands, each event with an id that says its place."""
    said = list(history or [])
    state = corrections.fold(said, candidacy.evolve)
    for command in commands:
        for fact in candidacy.decide(command, state, NOW):
            state = candidacy.evolve(state, fact)
            said.append((UUID(int=len(said) + 1), fact))
    return said


def with_(history: History, facts: Sequence[Fact]) -> History:
    return [*history, *((UUID(int=len(history) + 1 + turn), fact) for turn, fact in enumerate(facts))]


def decided(asked: Correction, history: History, now: datetime = NOW) -> list[CorrectionFact]:
    """What the service says to a correction."""
    assert aggregates.says is not None
    return aggregates.says.decide(asked, history, candidacy.evolve, now)


def id_of(history: History, kind: type[Fact]) -> UUID:
    return next(id_ for id_, fact in history if isinstance(fact, kind))


PLACED = told(*REACHED)


def test_a_voided_start_counts_as_if_it_had_not_happened_and_a_restored_one_as_if_nothing_had() -> None:
    placed = id_of(PLACED, CandidatePlaced)
    voided = with_(PLACED, decided(Void(placed, "entered-twice"), PLACED))
    assert corrections.fold(voided, candidacy.evolve).status == "start-agreed"  # type: ignore[union-attr]
    restored = with_(voided, decided(Restore(placed, "was-right"), voided))
    assert standing(restored) == standing(PLACED)


def test_what_is_so_already_says_nothing() -> None:
    placed = id_of(PLACED, CandidatePlaced)
    assert decided(Restore(placed, "was-right"), PLACED) == []
    voided = with_(PLACED, decided(Void(placed, "entered-twice"), PLACED))
    assert decided(Void(placed, "entered-twice"), voided) == []
    same = dict(PLACED)[placed].model_dump(mode="json", exclude_none=True)
    assert decided(Correct(placed, same, "typing-error"), PLACED) == []


def test_a_void_is_refused_while_another_fact_stands_on_it_and_names_that() -> None:
    offered = PLACED[3][0]
    with pytest.raises(corrections.FactStandsInTheWay) as refusal:
        decided(Void(offered, "entered-twice"), PLACED)
    health = next(id_ for id_, fact in PLACED if getattr(fact, "kind", "") == "work-health")
    assert "employment-check-updated" in str(refusal.value.detail)
    assert str(health) in str(refusal.value.detail)


def test_what_the_service_said_by_itself_is_taken_back_with_what_it_followed_from() -> None:
    sustained = told(candidacy.Sustain(weeks=4), candidacy.Sustain(weeks=13), history=PLACED)
    said = decided(Void(id_of(PLACED, CandidatePlaced), "entered-twice"), sustained)
    assert [(type(fact), fact.fact_type.split(".")[-2]) for fact in said] == [
        (FactVoided, "candidate-placed"), (FactVoided, "placement-sustained"), (FactVoided, "placement-sustained"),
    ]  # fmt: skip


def test_what_it_said_by_itself_is_taken_back_also_where_it_was_put_right_before() -> None:
    sustained = told(candidacy.Sustain(weeks=4), history=PLACED)
    checkpoint = id_of(sustained, PlacementSustained)
    payload = dict(sustained)[checkpoint].model_dump(mode="json", exclude_none=True) | {"soc2020": "6135"}
    better = decided(Correct(checkpoint, payload, "wrong-code"), sustained)
    placed = id_of(PLACED, CandidatePlaced)
    said = decided(Void(placed, "entered-twice"), with_(sustained, better))
    assert [fact.fact_id for fact in said] == [placed, checkpoint]


def test_a_corrected_start_takes_back_the_checkpoints_that_it_moves() -> None:
    sustained = told(candidacy.Sustain(weeks=4), history=PLACED)
    placed = id_of(PLACED, CandidatePlaced)
    payload = dict(PLACED)[placed].model_dump(mode="json", exclude_none=True) | {"occurred_on": day(62).isoformat()}
    said = decided(Correct(placed, payload, "wrong-day"), sustained)
    assert [type(fact) for fact in said] == [FactCorrected, FactVoided]
    state = corrections.fold(with_(sustained, said), candidacy.evolve)
    assert state is not None
    assert (state.started_on, state.sustained) == (day(62), ())


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"prior_employment": "elsewhere"}, corrections.NotTheFactsFields, "replacement.prior_employment"),
        ({"nonsense": 1}, corrections.NotTheFactsFields, "replacement.nonsense"),
        ({"person_id": str(UUID(int=99))}, corrections.AboutAnother, "replacement.person_id"),
        ({"occurred_on": "2024-06-04"}, corrections.CorrectedIntoTheFuture, "replacement.occurred_on"),
        ({"occurred_on": day(45).isoformat()}, corrections.FactStandsInTheWay, None),
    ],
)
def test_a_replacement_obeys_the_rules_of_the_fact(changes: dict[str, Any], refusal: Any, field: str | None) -> None:
    placed = id_of(PLACED, CandidatePlaced)
    payload = dict(PLACED)[placed].model_dump(mode="json", exclude_none=True) | changes
    with pytest.raises(refusal) as error:
        decided(Correct(placed, payload, "wrong"), PLACED)
    assert error.value.field == field


def test_only_facts_of_this_history_are_corrected_and_never_a_correction() -> None:
    placed = id_of(PLACED, CandidatePlaced)
    voided = with_(PLACED, decided(Void(placed, "entered-twice"), PLACED))
    for unknown in (UUID(int=999), voided[-1][0]):
        with pytest.raises(NotFound):
            decided(Void(unknown, "entered-twice"), voided)
    with pytest.raises(corrections.NotStanding):
        decided(Correct(placed, {}, "wrong"), voided)


def test_of_two_corrections_the_later_one_holds() -> None:
    history, placed = PLACED, id_of(PLACED, CandidatePlaced)
    for prior in ("education", "leeds-health-care"):
        payload = dict(standing(history))[placed].model_dump(mode="json", exclude_none=True)
        payload |= {"prior_employment": prior, "new_to_system": "no" if prior == "leeds-health-care" else "yes"}
        history = with_(history, decided(Correct(placed, payload, "wrong"), history))
    stands = dict(standing(history))[placed]
    assert isinstance(stands, CandidatePlaced)
    assert (stands.prior_employment, stands.new_to_system) == ("leeds-health-care", "no")


def test_the_only_fact_of_an_aggregate_can_be_voided_and_leaves_nothing() -> None:
    history = told(REACHED[0])
    said = decided(Void(history[0][0], "wrong-person"), history)
    assert corrections.fold(with_(history, said), candidacy.evolve) is None


def test_a_leaving_that_was_wrong_is_voided_and_the_placement_goes_on() -> None:
    left = told(LEAVE, history=PLACED)
    said = decided(Void(left[-1][0], "wrong-person"), left, datetime(2024, 6, 3, tzinfo=UTC))
    state = corrections.fold(with_(left, said), candidacy.evolve)
    assert state is not None
    assert (state.status, state.left_on) == ("started", None)
