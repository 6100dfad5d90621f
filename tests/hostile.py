"""Claims that nobody would send, to a service in which their people and records are: each is answered, and no answer holds what was
sent."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from kit.testing.partner import Partner
from schemas.fact import Claim

Json: TypeAlias = dict[str, Any]
Examples: TypeAlias = Sequence[tuple[type[Claim], Json]]
CASES, SEED = 100, 1
ROOT = Path(__file__).parents[1]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.just("a\x00b"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def spoilt(draw: st.DrawFn, data: Any, depth: int = 3) -> Any:
    """A payload of which a field, perhaps a deep one, is missing, is something else, or is one too many."""
    if not isinstance(data, dict) or not data or depth == 0:
        return draw(JSON)
    name = draw(st.sampled_from(sorted(data)))
    match draw(st.integers(0, 3)):
        case 0:
            return {key: value for key, value in data.items() if key != name}
        case 1:
            return {**data, draw(st.text(max_size=10)): draw(JSON)}
        case 2:
            return {**data, name: draw(JSON)}
        case _:
            return {**data, name: draw(spoilt(data[name], depth - 1))}


async def each_is_answered(partner: Partner, examples: Examples) -> None:
    """Claims made of these, one after the other: some are accepted, some refused, and no answer says again what was sent."""
    language = json.dumps([examples, *(kind.model_json_schema() for kind, _ in examples)], default=str) + _our_words()
    outcomes = set()
    for number, (kind, payload) in enumerate(_spoilt_claims(examples)):
        answer = await partner.send(kind, payload, f"hostile-{number}")
        outcomes.add(answer.outcome)
        said = answer.model_dump_json()
        assert [text for text in _texts(payload) if text not in language and json.dumps(text)[1:-1] in said] == []
    assert outcomes == {"accepted", "refused"}


def _spoilt_claims(examples: Examples) -> list[tuple[type[Claim], Any]]:
    """Claims of which something is wrong, or that come at the wrong time; always the same."""
    made: list[tuple[type[Claim], Any]] = []
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


def _our_words() -> str:
    """Hypothesis draws what is written in our modules, too: where an answer says that, it says nothing again."""
    files = [Path(file) for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))]
    return "\n".join(file.read_text() for file in files if file.is_relative_to(ROOT) and ".venv" not in file.parts)


def _texts(value: object) -> Iterator[str]:
    """Every text in a payload that is long enough to be known again, the names of fields too."""
    match value:
        case str() if len(value) > 5:
            yield value
        case Mapping():
            for name, inner in value.items():
                yield from _texts(name)
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)
