"""What becomes of claims: the records that they name, the facts that they leave, and how an earlier one is taken back or put right.

A service's handler of a claim resolves the partner's references, makes facts by the same commands that its own people give, and
keeps which (`leave`). With that, to take back and to put right (`Putting`) are the same for every kind of claim.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import JsonValue, ValidationError

from kit import references
from kit.aggregates import Aggregates, Kept, history
from kit.claims import Claimed
from kit.cloudevents import first_fault
from kit.context import Context
from kit.corrections import AboutAnother, Correct, Correction, Void
from kit.database import Connection
from kit.errors import Invalid, Refused
from kit.ids import new_id
from kit.references import Left
from schemas.corrections import ClaimPutRight, ClaimTakenBack, standing
from schemas.fact import Claim, Dated, Fact, Step
from schemas.registry import messages
from schemas.values import Part

Ids = Mapping[str, UUID]
"""What a claim is answered with: our ids, by what they name."""
Corrects = Callable[[Connection, type[Part], UUID, Correction, Context], Awaitable[Kept[Any]]]


class UnknownClaim(Invalid):
    """No accepted claim of this source has this id."""


class ReferenceTaken(Refused):
    """Another record was claimed under this reference."""


class AboutAnotherRecord(Invalid):
    """A correction is about the same record as the claim that it corrects."""


class AnotherStep(Invalid):
    """A correction is of the same step as the claim that it corrects."""


MAKE_ANOTHER = "Withdraw the earlier claim and make another."


async def name(tx: Connection, by: Claimed, kind: str, reference: str, id_: UUID | None = None) -> UUID:
    """Keep what the partner calls it: this id, or a new one. Raises ReferenceTaken."""
    named = id_ or new_id()
    if not await references.name(tx, by.partner, kind, reference, named):
        raise ReferenceTaken(field=kind, cure="Correct or withdraw the earlier claim, or use another reference.")
    return named


async def leave(tx: Connection, by: Claimed, aggregates: Aggregates, kept: Kept[Any]) -> None:
    """Keep what became of the claim. What followed from it elsewhere follows it when it is corrected as well."""
    aggregate = "" if kept.state is None else aggregates.name(type(kept.state))
    said = [(aggregate, kept.id, envelope.id) for envelope in kept.said]
    await references.leave(tx, by.partner, by.envelope.source, by.envelope.id, by.envelope.type, said)


@dataclass(frozen=True)
class Putting:
    """How a service takes back or puts right what a claim left."""

    aggregates: Aggregates
    correct: Corrects
    about: Callable[[Claim], str]
    """Which field says what a claim is about: our id, or the partner's reference of the kind that the field is called."""
    fields: Callable[[Claim], Mapping[str, JsonValue]]
    """The fields of the facts that a claim leaves, by the facts' own names; None: the fact is to have none."""
    not_the_claims: tuple[str, ...] = ()
    """What a fact knows by itself or from another record, whatever the claim leaves out."""
    same: Mapping[type[Claim], tuple[str, ...]] = field(default_factory=dict)
    """What a better claim says as the fact does, beside whose it is: it is not put right, and must not seem to have been."""
    may_be_left_out: tuple[str, ...] = ("person_id",)
    """What of that a claim may leave to the fact."""
    becomes: Mapping[type[Claim], Mapping[str, type[Fact] | tuple[type[Fact], ...]]] = field(default_factory=dict)
    """Of a claim that names a step, which fact each step becomes, or one of which: a correction is of the same step."""
    refuse: Callable[[Claim, Fact], None] = lambda better, stands: None
    """Raises Refused where the better claim cannot have left this fact otherwise."""

    async def take_back(self, tx: Connection, claim: Any, by: Claimed) -> Ids:
        """The facts of an earlier claim are voided, the last first. Raises Refused."""
        assert isinstance(claim, ClaimTakenBack)
        left = await _earlier(tx, by, claim.claim_id)
        for fact in reversed(left):
            asked = Void(fact.event_id, claim.reason)
            await self.correct(tx, self.aggregates.kind(fact.aggregate), fact.aggregate_id, asked, by.context)
        return _ids(left)

    async def put_right(self, tx: Connection, claim: Any, by: Claimed) -> Ids:
        """The facts of an earlier claim get the fields that the claim should have had. Raises Refused."""
        assert isinstance(claim, ClaimPutRight)
        left = await _earlier(tx, by, claim.claim_id)
        better = _replacement(claim, left[0].type)
        found = await _in_a_possible_order(tx, left, better)
        await self._refuse_another_record(tx, by, better, left, found)
        for fact, stands in found:
            self._refuse_another(better, stands)
            self.refuse(better, stands)
            asked = Correct(fact.event_id, self._payload(stands, self.fields(better)), claim.reason)
            await self.correct(tx, self.aggregates.kind(fact.aggregate), fact.aggregate_id, asked, by.context)
        return _ids(left)

    async def _refuse_another_record(
        self, tx: Connection, by: Claimed, better: Claim, left: Sequence[Left], found: Sequence[tuple[Left, Fact]]
    ) -> None:
        """A claim is about the record of a fact that it left, or about one that such a fact names as the claim does."""
        kind = self.about(better)
        named = getattr(better, kind)
        id_ = named if isinstance(named, UUID) else await references.resolve(tx, by.partner, kind, named)
        about = {fact.aggregate_id for fact in left}
        about |= {getattr(stands, kind, fact.aggregate_id) for fact, stands in found}
        if id_ not in about:
            raise AboutAnotherRecord(field=f"replacement.{kind}")

    def _refuse_another(self, better: Claim, stands: Fact) -> None:
        """Raises AnotherStep, AboutAnother."""
        becomes = self.becomes.get(type(better), {}).get(getattr(better, "step", ""), Fact)
        if not isinstance(stands, becomes):
            raise AnotherStep(field="replacement.step", cure=MAKE_ANOTHER)
        for name in ("person_id", *self.same.get(type(better), ())):
            given, stood = getattr(better, name, None), getattr(stands, name, None)
            left_out = given is None and name in self.may_be_left_out
            if given != stood and not left_out and (name != "person_id" or stood is not None):
                raise AboutAnother(field=f"replacement.{name}", cure=MAKE_ANOTHER)

    def _payload(self, stands: Fact, fields: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """The fact's payload with the fields that it shares with the claim."""
        payload: dict[str, JsonValue] = stands.model_dump(mode="json", exclude_none=True)
        own = type(stands).model_fields.keys() - self.not_the_claims
        payload |= {name: value for name, value in fields.items() if name in own}
        return {name: value for name, value in payload.items() if value is not None}


async def _earlier(tx: Connection, by: Claimed, claim_id: str) -> list[Left]:
    left = await references.left_by(tx, by.partner, by.envelope.source, claim_id)
    if not left:
        raise UnknownClaim(field="claim_id", cure="Name the id of a claim that was accepted and left something.")
    return left


def _ids(left: Sequence[Left]) -> Ids:
    return {f"{fact.aggregate}_id": fact.aggregate_id for fact in left}


def _replacement(claim: ClaimPutRight, type_: str) -> Claim:
    """The claim as it should have been."""
    kind = messages()[type_]
    assert issubclass(kind, Claim)
    try:
        return kind.read(json.dumps(claim.replacement))
    except ValidationError as error:
        field, rule = first_fault(error)
        raise Invalid(rule, field=f"replacement.{field}") from None


async def _in_a_possible_order(tx: Connection, left: Sequence[Left], better: Claim) -> list[tuple[Left, Fact]]:
    """The facts of a claim that still stand: moved to a later day the last goes first, so that none overtakes another."""
    stand: dict[UUID, Fact] = {}
    for id_ in {fact.aggregate_id for fact in left}:
        stand |= dict(standing(await history(tx, id_)))
    found = [(fact, stand[fact.event_id]) for fact in left if fact.event_id in stand]
    later = any(
        isinstance(stands, Step) and isinstance(better, Dated) and better.occurred_on > stands.occurred_on
        for _, stands in found
    )
    return found[::-1] if later else found
