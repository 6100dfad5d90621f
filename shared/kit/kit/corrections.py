"""Taking back, bringing back and putting right what was said of one aggregate. Pure.

Its state is the fold of the facts that stand. A correction that would leave a history which makes no sense is refused, naming the
fact that stands in its way; what the service said by itself (something ran out) is taken back along with what it followed from,
and said again if it still holds.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, TypeAlias, TypeVar
from uuid import UUID

from pydantic import JsonValue, ValidationError

from kit.errors import Invalid, NotFound, Refused
from kit.step import CannotFollow
from schemas.corrections import Corrected, Restored, Voided, standing
from schemas.fact import Fact, Step
from schemas.values import business_date

FOLLOWED = "followed-from-another"
"""The reason for which such a fact is taken back along with another."""

History: TypeAlias = Sequence[tuple[UUID, Fact]]
"""All that was said of an aggregate, in order, with each event's id."""


class Since(Protocol):
    """A state knows the day of its last step."""

    @property
    def since(self) -> date: ...


State = TypeVar("State", bound=Since)
Evolve: TypeAlias = Callable[[State | None, Fact], State]


@dataclass(frozen=True, slots=True)
class Void:
    fact_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Restore:
    fact_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Correct:
    fact_id: UUID
    replacement: Mapping[str, JsonValue]
    reason: str


Correction: TypeAlias = Void | Restore | Correct
CorrectionFact: TypeAlias = Voided | Restored | Corrected


class FactStandsInTheWay(Refused):
    """Another fact would no longer make sense: correct or void that one first."""


class NotStanding(Refused):
    """The fact has been voided: restore it first."""


class NotTheFactsFields(Invalid):
    """The replacement has to be the whole payload of a fact of the same type."""


class AboutAnother(Invalid):
    """A correction cannot make a fact be about something else: void it and say another."""


class CorrectedIntoTheFuture(Invalid):
    """It is dated in the future."""


@dataclass(frozen=True, slots=True)
class Corrections:
    """How a service says that a fact of its own was wrong."""

    voided: type[Voided]
    restored: type[Restored]
    corrected: type[Corrected]
    by_itself: tuple[type[Fact], ...] = ()
    """The facts that the service says by itself when a deadline is reached."""
    sound: Mapping[type[Any], Callable[[Any], None]] = field(default_factory=dict)
    """Who refuses a fact of a class that makes no sense, put right as when it is said; or a state that a correction leaves so."""
    follows: Callable[[Fact], bool] = lambda fact: False
    """Whether a fact follows from another record, which is looked at again: it stands in nobody's way."""

    def decide(
        self, correction: Correction, history: History, evolve: Evolve[State], now: datetime
    ) -> list[CorrectionFact]:
        """The facts that follow from a correction, the asked one first. An empty list means: already so. Raises Refused."""
        said = dict(history).get(correction.fact_id)
        if said is None or isinstance(said, CorrectionFact):
            raise NotFound
        stands = dict(standing(history)).get(correction.fact_id)
        asked = self._asked(correction, said, stands, now)
        if asked is None:
            return []
        corrections = self._with_followers(asked, history, evolve)
        self._refuse_unsound(fold([*history, *_unnumbered(corrections)], evolve), correction)
        return corrections

    def _asked(self, correction: Correction, said: Fact, stands: Fact | None, now: datetime) -> CorrectionFact | None:
        match correction:
            case Void(fact_id=id_, reason=reason):
                return self.voided(fact_id=id_, fact_type=said.TYPE, reason=reason) if stands is not None else None
            case Restore(fact_id=id_, reason=reason):
                return self.restored(fact_id=id_, fact_type=said.TYPE, reason=reason) if stands is None else None
            case Correct(fact_id=id_, replacement=replacement, reason=reason):
                if stands is None:
                    raise NotStanding
                better = _read(said, replacement, now)
                if better == stands:
                    return None
                self._refuse_unsound(better, correction)
                payload = json.loads(better.write())
                return self.corrected(fact_id=id_, fact_type=said.TYPE, replacement=payload, reason=reason)

    def _refuse_unsound(self, what: object, correction: Correction) -> None:
        """Raises Refused, naming the field of the replacement where there is one."""
        try:
            self.sound.get(type(what), _always_sound)(what)
        except Refused as refusal:
            named = refusal.field is not None and isinstance(correction, Correct)
            refusal.field = f"replacement.{refusal.field}" if named else None
            raise

    def _with_followers(self, asked: CorrectionFact, history: History, evolve: Evolve[State]) -> list[CorrectionFact]:
        """The correction, and the voiding of what the service had said by itself and no longer follows."""
        corrections: list[CorrectionFact] = [asked]
        while True:
            stands = standing([*history, *_unnumbered(corrections)])
            try:
                _through(stands, evolve)
            except CannotFollow as error:
                # a corrected fact is read anew whenever it is asked what stands: it is known again among these alone
                blocking = next(event_id for event_id, fact in stands if fact is error.fact)
                if not isinstance(error.fact, self.by_itself) and not self.follows(error.fact):
                    raise FactStandsInTheWay(f"{error}; its id is {blocking}") from error
                corrections.append(self.voided(fact_id=blocking, fact_type=error.fact.TYPE, reason=FOLLOWED))
            else:
                return corrections


def fold(history: History, evolve: Evolve[State]) -> State | None:
    """The state that the facts which stand leave; None where none stands. Raises CannotFollow."""
    return _through(standing(history), evolve)


def _through(stands: History, evolve: Evolve[State]) -> State | None:
    state: State | None = None
    for _, fact in stands:
        after = evolve(state, fact)
        if state is not None and after.since < state.since:
            raise CannotFollow(fact, after)
        state = after
    return state


def _read(said: Fact, replacement: Mapping[str, JsonValue], now: datetime) -> Fact:
    """The replacement as a fact of the same type about the same things, by the same rules as when it was first said."""
    try:
        better = type(said).model_validate_json(json.dumps(dict(replacement)))
    except ValidationError as error:
        field = ".".join(str(part)[:60] for part in error.errors(include_input=False)[0]["loc"])
        raise NotTheFactsFields(field=f"replacement.{field}") from error
    for name, value in said:
        if name.endswith("_id") and getattr(better, name) != value:
            raise AboutAnother(field=f"replacement.{name}")
    if isinstance(better, Step) and better.occurred_on > business_date(now):
        raise CorrectedIntoTheFuture(field="replacement.occurred_on")
    return better


def _always_sound(what: object) -> None:
    """Of most facts and states everything that can be read makes sense."""


def _unnumbered(corrections: Sequence[CorrectionFact]) -> list[tuple[UUID, Fact]]:
    """Corrections that have no event id yet; nothing names them, so any will do."""
    return [(UUID(int=0), correction) for correction in corrections]
