"""Events as rows, without a database: which row in which table, what is told anew or taken back, who was heard."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from kit.inbox import Received
from kit.persons import is_nobody
from schemas.corrections import Corrected, Restored, Voided
from schemas.equality_monitoring import Monitored, MonitoringWithdrawn
from schemas.fact import Fact
from schemas.people import PersonLinked, PersonUnlinked
from schemas.registry import messages, upcast

TELLING = (
    "event_id", "fact_id", "type", "aggregate_id", "version", "occurred_on", "topic", "partition", "offset", "recorded_at",
)  # fmt: skip
"""The columns that every table of facts begins with."""

PARTNERS = ("employer", "partner", "supply_partner", "provider", "organisation", "home", "host")
"""Where facts name the partner whose matter they are."""

PERSONS = ("person_id",)
"""Where facts name a person: kept as nobody's."""

Row = tuple[object, ...]


def nobody(person_id: UUID) -> UUID:
    """What stands for a person here, as `kit.nobody` says it: who is counted once is known, and not whose id it is.

    So there is nothing to forget when somebody is erased, in whatever order it is heard, and the figures stay.
    """
    if is_nobody(person_id):
        return person_id
    digest = bytearray(hashlib.md5(f"nobody {person_id}".encode(), usedforsecurity=False).digest())
    digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x0F | 0xA0
    return UUID(bytes=bytes(digest))


class Into:
    """The table that keeps a fact: columns named like the fact's own fields, and others by what they hold."""

    def __init__(self, table: str, *fields: str, **given: str | bool | Callable[[Any], object]) -> None:
        self.table, self.fields, self._given = table, fields, given
        self.columns = (*TELLING, *fields, *given)

    def values(self, fact: Fact) -> Row:
        own = [nobody(getattr(fact, name)) if name in PERSONS else getattr(fact, name) for name in self.fields]
        return (*own, *(give(fact) if callable(give) else give for give in self._given.values()))


@dataclass(slots=True)
class Batch:
    """What a batch of events says, as rows."""

    rows: dict[tuple[str, Sequence[str]], list[Row]] = field(default_factory=lambda: defaultdict(list))
    """New rows by table and columns."""
    retold: dict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    """Facts that were corrected, voided or restored, by table."""
    retractions: list[Row] = field(default_factory=list)
    declarations: dict[UUID, Row] = field(default_factory=dict)
    """The last declaration under each monitoring id."""
    withdrawn: set[UUID] = field(default_factory=set)
    links: dict[UUID, Row] = field(default_factory=dict)
    """The last word on whom an id is one person with, by id."""
    heard: dict[tuple[str, str, int], datetime] = field(default_factory=dict)
    counted: dict[tuple[str, int], datetime] = field(default_factory=dict)


def read(received: Iterable[Received], records: Mapping[type[Fact], Into]) -> Batch:
    """Events as rows. Raises pydantic.ValidationError where a correction does not hold a fact of the type that it names."""
    batch = Batch()
    for event in received:
        fact = event.fact
        match fact:
            case Corrected():
                _correct(batch, event, fact, records)
            case Voided() | Restored():
                _retract(batch, event, fact, records)
            case Monitored():
                _declare(batch, event, fact)
            case PersonLinked() | PersonUnlinked():
                _link(batch, event, fact)
            case _ if into := records.get(type(fact)):
                batch.rows[into.table, into.columns].append(_row(event, event.envelope.id, fact, into))
                _hear(batch, event, fact)
            case _:
                _hear(batch, event, fact)
        place = (event.topic, event.partition)
        batch.counted[place] = max(event.envelope.recordedtime, batch.counted.get(place, event.envelope.recordedtime))
    return batch


def _correct(batch: Batch, event: Received, correction: Corrected, records: Mapping[type[Fact], Into]) -> None:
    """The fact as it should have been told: a row of the same fact, told by the correction."""
    kind = messages()[correction.fact_type]
    fact = upcast(kind, json.dumps(correction.replacement))
    assert isinstance(fact, Fact)
    _hear(batch, event, fact)
    if into := records.get(type(fact)):
        batch.rows[into.table, into.columns].append(_row(event, correction.fact_id, fact, into))
        batch.retold[into.table].add(correction.fact_id)


def _retract(batch: Batch, event: Received, retraction: Voided | Restored, records: Mapping[type[Fact], Into]) -> None:
    kind = messages()[retraction.fact_type]
    if issubclass(kind, Fact) and (into := records.get(kind)):
        says = "voided" if isinstance(retraction, Voided) else "restored"
        envelope = event.envelope
        batch.retractions.append(
            (envelope.id, retraction.fact_id, retraction.fact_type, says, retraction.reason, envelope.sequence,
             event.topic, event.partition, event.offset, envelope.recordedtime)
        )  # fmt: skip
        batch.retold[into.table].add(retraction.fact_id)


def _declare(batch: Batch, event: Received, fact: Monitored) -> None:
    """The declaration as it stands now; of one that was withdrawn, a stub that does not say whose it was."""
    envelope = event.envelope
    withdrawn = isinstance(fact, MonitoringWithdrawn)
    category = getattr(getattr(fact, "declaration", None), "ethnic_category", None)
    batch.declarations[envelope.subject] = (
        envelope.subject, envelope.id, envelope.type, envelope.sequence, None if withdrawn else nobody(fact.person_id), category,
        event.topic, event.partition, event.offset, envelope.recordedtime,
    )  # fmt: skip
    if withdrawn:
        batch.withdrawn.add(envelope.subject)


def _link(batch: Batch, event: Received, fact: PersonLinked | PersonUnlinked) -> None:
    envelope = event.envelope
    same_as = nobody(fact.same_as) if isinstance(fact, PersonLinked) else None
    batch.links[envelope.subject] = (
        nobody(envelope.subject), same_as, envelope.id, envelope.sequence, event.topic, event.partition, event.offset,
        envelope.recordedtime,
    )  # fmt: skip


def _row(event: Received, fact_id: UUID, fact: Fact, into: Into) -> Row:
    envelope = event.envelope
    telling = (
        envelope.id, fact_id, fact.TYPE, envelope.subject, envelope.sequence, getattr(fact, "occurred_on", None),
        event.topic, event.partition, event.offset, envelope.recordedtime,
    )  # fmt: skip
    return (*telling, *into.values(fact))


@cache
def _partners_of(kind: type[Fact]) -> tuple[str, ...]:
    """The fields of a type that name a partner: asked once, because to ask a fact for what it has not is slow."""
    return tuple(name for name in PARTNERS if name in kind.model_fields)


def _hear(batch: Batch, event: Received, fact: Fact) -> None:
    for name in _partners_of(type(fact)):
        if partner := getattr(fact, name):
            place = (partner, event.topic, event.partition)
            batch.heard[place] = max(event.envelope.recordedtime, batch.heard.get(place, event.envelope.recordedtime))
