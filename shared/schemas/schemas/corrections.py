"""How a fact that was wrong is taken back or put right: never changed, always answered by another that names it.

Each service says these three of its own aggregates: `class FactVoided(Voided, service="learning")`. A voided fact counts as if
it had not happened; a voiding that was wrong is mended by a restoration that names it; a correction carries the whole fact as it
should have been said. What stands is decided by the aggregate's version: of two corrections the later one. Partners say the same
of their claims, by the two below.
"""

import json
from collections.abc import Sequence

from pydantic import JsonValue

from schemas.fact import Claim, Fact
from schemas.values import Code, Id, Reference


class Voided(Fact, aggregate="any"):
    """A fact that should not have been said. It and what was counted from it are taken back."""

    fact_id: Id
    """The event that is taken back."""
    fact_type: str
    reason: Code


class Restored(Fact, aggregate="any"):
    """A voiding that should not have been said: the fact that it named stands again."""

    fact_id: Id
    """The event that stands again (not the voiding)."""
    fact_type: str
    reason: Code


class Corrected(Fact, aggregate="any"):
    """A fact that should have been said otherwise, with all its fields as they should have been."""

    fact_id: Id
    fact_type: str
    replacement: dict[str, JsonValue]
    """The payload that takes its place: the same type, validated by the same class."""
    reason: Code


class ClaimTakenBack(Claim):
    """An earlier claim should not have been made: what became of it is taken back."""

    claim_id: Reference
    """The CloudEvents id of the earlier claim, of the same source."""
    reason: Code


class ClaimPutRight(Claim):
    """An earlier claim should have been made otherwise: what became of it is put right."""

    claim_id: Reference
    """The CloudEvents id of the earlier claim, of the same source."""
    replacement: dict[str, JsonValue]
    """The whole payload as it should have been: of the same type, about the same record."""
    reason: Code


def standing(history: Sequence[tuple[Id, Fact]]) -> list[tuple[Id, Fact]]:
    """The facts of one aggregate that stand, each as it was last put right, in the order in which they were first said.

    `history`: the event id and fact of all that was said of it, corrections included, in the order of its versions. Pure.
    """
    facts: dict[Id, Fact] = {}
    voided: set[Id] = set()
    for event_id, fact in history:
        match fact:
            case Voided(fact_id=named):
                voided.add(named)
            case Restored(fact_id=named):
                voided.discard(named)
            case Corrected(fact_id=named):
                facts[named] = type(facts[named]).read(json.dumps(fact.replacement))
            case _:
                facts[event_id] = fact
    return [(event_id, fact) for event_id, fact in facts.items() if event_id not in voided]
