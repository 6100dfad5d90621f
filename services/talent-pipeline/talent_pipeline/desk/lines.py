"""A state and a history in words: lines of what is known, and what was said, when and by whom."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from kit.outbox import Said
from kit.personal import in_full
from schemas.corrections import Corrected, Restored, Voided, standing
from schemas.fact import Fact, Step
from schemas.values import Part
from talent_pipeline.desk import words
from talent_pipeline.desk.door import place

SAID_ALREADY = ("employer", "vacancy_id", "engagement_id", "route", "soc2020", "title")
"""What every fact of an application repeats."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is known, with where it leads, if it names another record."""

    label: str
    text: str
    id: UUID | None = None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that was said of a record."""

    what: str
    details: Sequence[Line]
    day: str
    recorded_at: datetime
    by: str
    taken_back: bool
    put_right: bool
    version: int


def known(state: Part, titles: Mapping[UUID, str]) -> list[Line]:
    """What a state says, in the order of its fields, a role's among them. `titles`: what the records that it names are called."""
    lines = _lines(state, ("status",))
    return [line if line.id is None else replace(line, text=titles.get(line.id, line.text)) for line in lines]


def named(state: Part) -> list[UUID]:
    """The records that a state names."""
    return [line.id for line in _lines(state, ()) if line.id is not None]


def told(lines: Sequence[Said], me: str) -> list[Told]:
    """A history, the latest first; what no longer stands is marked, and stays."""
    stands = dict(standing([(line.event_id, line.fact) for line in lines]))
    return [_told(line, stands.get(line.event_id), me) for line in reversed(lines)]


def _told(line: Said, stands: Fact | None, me: str) -> Told:
    corrects = isinstance(line.fact, Voided | Restored | Corrected)
    fact = stands or line.fact
    day = in_full(fact.occurred_on) if isinstance(fact, Step) else words.moment(line.occurred_at)
    return Told(
        what=_sentence(line.fact),
        details=list(_lines(fact, SAID_ALREADY)),
        day=day,
        recorded_at=line.recorded_at,
        by=words.actor(line.actor, me),
        taken_back=stands is None and not corrects,
        put_right=stands is not None and stands != line.fact,
        version=line.version,
    )


def _sentence(fact: Fact) -> str:
    """What a fact says, as its class promises it; a correction also names what it speaks of."""
    said = (type(fact).__doc__ or "").strip().splitlines()[0]
    if isinstance(fact, Voided | Restored | Corrected):
        *_, name, _version = fact.fact_type.split(".")
        return f"{said.removesuffix('.')}: {name.replace('-', ' ')}."
    return said


def _lines(part: Part | Fact, passed_over: Sequence[str]) -> Iterator[Line]:
    for field in type(part).model_fields:
        value = getattr(part, field)
        if isinstance(value, Part):
            yield from _lines(value, passed_over)
        elif field in words.LABELS and field not in passed_over and value not in (None, ()):
            line = Line(words.LABELS[field], words.text_of(field, value))
            leads = field in words.LINKS and isinstance(value, UUID)
            yield replace(line, id=value, href=place(words.LINKS[field], value)) if leads else line
