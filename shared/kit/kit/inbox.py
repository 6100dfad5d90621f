"""Facts, each applied once and in order: duplicates, versions, keys that wait, types from the future.

An event's effect, its mark and the position are one transaction. What is done with a batch, in this order:
what operators decided, decoding one by one, duplicates by event id, keys that wait, versions, and then one call of `apply`.
"""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from uuid import UUID

import asyncpg
from pydantic import ValidationError

from kit import dead_letters, log
from kit.cloudevents import Record, first_fault, read_envelope
from kit.context import Context
from kit.database import Connection, columns, is_away, is_bad_data
from kit.dead_letters import Batch, Kind
from kit.errors import Refused, StopPartition, Unreadable
from kit.metrics import APPLIED, DUPLICATES
from kit.positions import Place
from schemas.envelope import Envelope
from schemas.fact import Fact, Message
from schemas.registry import readable_as, upcast

TAKE = """
INSERT INTO kit.inbox (consumer, event_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id
"""
UNTAKE = "DELETE FROM kit.inbox WHERE consumer = $1 AND event_id = ANY($2::uuid[])"
SEEN = "SELECT aggregate_id, version FROM kit.aggregate_seen WHERE consumer = $1 AND aggregate_id = ANY($2::uuid[])"
MARK = """
INSERT INTO kit.aggregate_seen (consumer, aggregate_id, version, event_id)
SELECT $1, * FROM unnest($2::uuid[], $3::int[], $4::uuid[])
ON CONFLICT (consumer, aggregate_id) DO UPDATE SET version = excluded.version, event_id = excluded.event_id
    WHERE kit.aggregate_seen.version < excluded.version
"""
FORGET_MARK = "DELETE FROM kit.aggregate_seen WHERE consumer = $1 AND aggregate_id = ANY($2::uuid[])"
RAISE = "INSERT INTO kit.task (consumer, event_id, code, detail) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"

EARLY: "Fault" = ("early", "out-of-order", "sequence", "must follow the last version that was seen")

logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """A fact that is to be applied."""

    envelope: Envelope
    fact: Fact
    topic: str
    partition: int
    offset: int

    def context(self, consumer: str) -> Context:
        """The circumstances of what a reader does because of it."""
        envelope = self.envelope
        return Context(actor=f"consumer:{consumer}", correlation_id=envelope.correlationid, causation_id=envelope.id)


Apply = Callable[[Connection, Sequence[Received]], Awaitable[None]]
"""Applies facts in their order, in the transaction. The same whether they come one by one or a thousand at once."""
Handler = Callable[[Connection, Received], Awaitable[None]]
Fault = tuple[Kind, str, str | None, str | None]
"""Why something is kept aside: kind, code, field and rule."""


@dataclass(slots=True)
class _Letter:
    """One record on its way through a batch."""

    place: Place
    record: Record
    envelope: Envelope | None = None
    fact: Fact | None = None
    aside: Fault | None = None
    """Why it is to be kept aside."""
    discarded: bool = False
    """Whether somebody decided that it is never to be applied."""

    @property
    def waits(self) -> bool:
        """Whether later records of its key wait behind it."""
        return self.aside is not None and self.aside[0] != "unknown"


@dataclass
class FactReader:
    """A reader of facts. `accepts` and `ignores` together name every type of its topics that it knows (c9)."""

    consumer: str
    accepts: Collection[type[Fact]]
    apply: Apply
    ignores: Collection[type[Fact]] = ()
    compacted: Collection[str] = ()
    """Topics of which compaction may have taken versions: a version need not follow the last one there."""
    ceiling: int = 50
    _accepted: Mapping[str, type[Message]] = field(init=False)
    _ignored: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._accepted = readable_as(self.accepts)
        self._ignored = frozenset(readable_as(self.ignores))

    async def read(self, tx: Connection, place: Place, records: Sequence[Record]) -> None:
        await self.read_together(tx, [(place, records)])

    async def read_together(self, tx: Connection, batches: Sequence[Batch]) -> None:
        """Apply the records of several partitions: as many statements as for one."""
        decided = await dead_letters.resolutions(tx, batches)
        letters = [
            self._letter(place, record, resolution)
            for place, records in batches
            for record in records
            # a tombstone says nothing that a fact before it has not said
            if (resolution := decided.of(place, record)) or record.value is not None
        ]
        await self._apply_letters(tx, letters)

    def _letter(self, place: Place, record: Record, resolution: dead_letters.Resolution | None) -> _Letter:
        if resolution is not None and resolution.action == "edit":
            return self._decode(place, _edited(record, resolution))
        letter = self._decode(place, record)
        return _discarded(letter) if resolution is not None and resolution.action == "discard" else letter

    async def _apply_letters(self, tx: Connection, letters: Sequence[_Letter]) -> None:
        fresh = await self._without_duplicates(tx, letters)
        early = await self._judge(tx, fresh)
        ready = [
            Received(letter.envelope, letter.fact, letter.place.topic, letter.place.partition, letter.record.offset)
            for letter in fresh
            if letter.aside is None and letter.envelope is not None and letter.fact is not None
        ]
        if ready:
            await self.apply(tx, ready)
        await self._mark(tx, fresh)
        await self._keep_aside(tx, fresh)
        for topic, many in Counter(event.topic for event in ready).items():
            APPLIED.labels(self.consumer, topic).inc(many)
        for place, key in early:
            await self._release(tx, place, key)

    def _decode(self, place: Place, record: Record) -> _Letter:
        """What a record says, or why it is kept aside. Raises nothing."""
        letter = _Letter(place, record)
        try:
            letter.envelope = read_envelope(record)
            if letter.envelope.type in self._accepted:
                letter.fact = read_fact(self._accepted[letter.envelope.type], record.value or b"")
            elif letter.envelope.type not in self._ignored:
                letter.aside = ("unknown", "unknown-type", "type", "is neither accepted nor ignored by this version")
        except Unreadable as fault:
            letter.aside = ("unreadable", fault.code, fault.field, fault.rule)
        return letter

    async def _without_duplicates(self, tx: Connection, letters: Sequence[_Letter]) -> list[_Letter]:
        """The letters that this reader has not applied before, each event once; they are taken as of now."""
        ids = {letter.envelope.id for letter in letters if letter.envelope is not None}
        taken = {row["event_id"] for row in await tx.fetch(TAKE, self.consumer, list(ids))} if ids else set()
        fresh = []
        for letter in letters:
            if letter.envelope is None or letter.envelope.id in taken:
                taken.discard(letter.envelope.id if letter.envelope else None)
                fresh.append(letter)
            else:
                DUPLICATES.labels(self.consumer, letter.place.topic).inc()
        return fresh

    async def _judge(self, tx: Connection, letters: Sequence[_Letter]) -> list[tuple[Place, bytes]]:
        """Set aside what must wait. The keys whose missing event has come, so that what waited for it can follow."""
        keys: dict[Place, set[bytes]] = defaultdict(set)
        for letter in letters:
            if letter.record.key is not None:
                keys[letter.place].add(letter.record.key)
        waits = await dead_letters.waiting(tx, self.consumer, keys)
        seen = await self._seen(tx, letters)
        came = []
        for letter in letters:
            key, waiting = letter.record.key, waits.get(letter.place, {})
            if letter.discarded:
                _pass_over(letter, seen)
                continue
            if letter.envelope is not None and not letter.waits:
                turn = self._out_of_turn(letter, letter.envelope, seen, waiting)
                if turn is None and key is not None and key in waiting:
                    came.append((letter.place, key))
                letter.aside = turn or letter.aside
            if letter.waits and letter.aside is not None and key is not None:
                waiting[key] = waiting.get(key, False) or letter.aside[0] == "unreadable"
            elif not letter.waits and letter.envelope is not None:
                subject = letter.envelope.subject
                seen[subject] = max(seen.get(subject, 0), letter.envelope.sequence)
        return came

    def _out_of_turn(
        self, letter: _Letter, envelope: Envelope, seen: Mapping[UUID, int], waiting: Mapping[bytes, bool]
    ) -> Fault | None:
        """Why an event that can be read must wait; None where it is its turn. Raises StopPartition (c6)."""
        last = seen.get(envelope.subject)
        # a copy of a type from the future is kept once more: that it was seen says nothing of whether it was applied
        if last is not None and envelope.sequence <= last and letter.aside is None:
            raise StopPartition("version-reused", f"offset {letter.record.offset} gives a known version a new event")
        if waiting.get(letter.record.key or b""):
            return ("behind", "behind-another", None, "an earlier event of its key is not done")
        return self._early(letter.place, envelope, last)

    def _early(self, place: Place, envelope: Envelope, last: int | None) -> Fault | None:
        follows = last is None or envelope.sequence <= last + 1 or place.topic in self.compacted
        return None if follows else EARLY

    async def _seen(self, tx: Connection, letters: Iterable[_Letter]) -> dict[UUID, int]:
        subjects = {letter.envelope.subject for letter in letters if letter.envelope is not None}
        rows = await tx.fetch(SEEN, self.consumer, list(subjects)) if subjects else []
        return {row["aggregate_id"]: row["version"] for row in rows}

    async def _mark(self, tx: Connection, letters: Sequence[_Letter]) -> None:
        """Note the last version of each aggregate; let go of what was set aside, so that it can be applied later."""
        last: dict[UUID, Envelope | None] = {}
        for letter in letters:
            if letter.envelope is not None and not letter.waits:
                last[letter.envelope.subject] = letter.envelope
            elif letter.discarded and (subject := _as_uuid(letter.record.key)) is not None:
                last[subject] = None
        marks = [(envelope.subject, envelope.sequence, envelope.id) for envelope in last.values() if envelope]
        if marks:
            await tx.execute(MARK, self.consumer, *columns(marks, 3))
        if forgotten := [subject for subject, envelope in last.items() if envelope is None]:
            await tx.execute(FORGET_MARK, self.consumer, forgotten)
        kept = [letter.envelope.id for letter in letters if letter.aside is not None and letter.envelope is not None]
        if kept:
            await tx.execute(UNTAKE, self.consumer, kept)

    async def _keep_aside(self, tx: Connection, letters: Sequence[_Letter]) -> None:
        counted: set[Place] = set()
        for letter in letters:
            if letter.aside is None:
                continue
            place = letter.place
            kind, code, field_, rule = letter.aside
            event_id, type_ = (letter.envelope.id, letter.envelope.type) if letter.envelope else (None, None)
            await dead_letters.keep(
                tx, place, letter.record, kind, code, field=field_, rule=rule, event_id=event_id, type_=type_
            )
            logger.warning(
                "set_aside", consumer=self.consumer, topic=place.topic, partition=place.partition,
                offset=letter.record.offset, code=code, field=field_, rule=rule, type=type_,
            )  # fmt: skip
            if kind == "unreadable":
                counted.add(place)
        for place in counted:
            await dead_letters.check_ceiling(tx, place, self.ceiling)

    async def set_aside(self, tx: Connection, place: Place, record: Record, code: str) -> None:
        letter = self._decode(place, record)
        letter.aside = ("unreadable", code, None, "holds a value that its effect cannot take")
        await self._keep_aside(tx, [letter])

    # -- what operators asked --------------------------------------------------------------------------------------

    async def asked(self, tx: Connection) -> Sequence[tuple[str, int]]:
        rows = await tx.fetch(dead_letters.ASKED, self.consumer, sorted(self._accepted.keys() | self._ignored))
        return [(row["topic"], row["partition"]) for row in rows]

    async def settle(self, tx: Connection, place: Place) -> None:
        known = sorted(self._accepted.keys() | self._ignored)
        rows = await tx.fetch(dead_letters.ASKED_HERE, self.consumer, place.topic, place.partition, known)
        # discards first: whatever else is replayed, they are not
        for row in sorted(rows, key=lambda row: row["action"] != "discard"):
            try:
                async with tx.transaction():
                    await self._settle(tx, place, row)
            except Exception as error:
                if is_away(error):
                    raise
                logger.exception("defect", topic=place.topic, partition=place.partition, offset=row["offset"])
                kind = "unreadable" if row["kind"] == "unknown" else row["kind"]
                await tx.execute(dead_letters.STILL, row["id"], kind, "defect", None, "applying it is a defect of ours")
        await tx.execute(dead_letters.UNASK, [row["id"] for row in rows])  # what cannot be done yet is open again

    async def _settle(self, tx: Connection, place: Place, row: asyncpg.Record) -> None:
        if row["action"] == "discard" or row["kind"] == "unknown" or row["key"] is None:
            await self._again(tx, place, row, self._kept(place, row))
        if row["key"] is not None and row["kind"] != "unknown":
            await self._release(tx, place, row["key"])

    async def _release(self, tx: Connection, place: Place, key: bytes) -> None:
        """Apply what waits under a key, by version, up to what still cannot be read and all that came behind it."""
        rows = await tx.fetch(dead_letters.OF_KEY, self.consumer, place.topic, place.partition, key)
        letters = [(row, self._kept(place, row)) for row in rows]
        readable = list(takewhile(lambda kept: not kept[1].waits, letters))
        for row, letter in sorted(readable, key=lambda kept: _version(kept[1])) + letters[len(readable) :]:
            if not await self._again(tx, place, row, letter):
                return

    def _kept(self, place: Place, row: asyncpg.Record) -> _Letter:
        """A dead letter as it is to be read now."""
        letter = self._decode(place, dead_letters.kept_record(place, row))
        return _discarded(letter) if row["action"] == "discard" else letter

    async def _again(self, tx: Connection, place: Place, row: asyncpg.Record, letter: _Letter) -> bool:
        """Do with one dead letter what was decided; False where it, and so what is behind it, must wait on."""
        new = letter.envelope is None or bool(await tx.fetch(TAKE, self.consumer, [letter.envelope.id]))
        if letter.discarded:
            await self._mark(tx, [letter])
            await tx.execute(dead_letters.SETTLE, row["id"], "discarded")
            return True
        if new and letter.envelope is not None and not letter.waits:
            last = (await self._seen(tx, [letter])).get(letter.envelope.subject)
            turn = self._early(place, letter.envelope, last)
            letter.aside = turn or letter.aside or await self._apply_again(tx, place, letter, letter.envelope)
        if not new or letter.aside is None:
            await tx.execute(dead_letters.SETTLE, row["id"], "applied")
            return True
        await self._mark(tx, [letter])
        await tx.execute(dead_letters.STILL, row["id"], *letter.aside)
        return not letter.waits  # a type from the future waits for a reader that knows it, its key does not

    async def _apply_again(self, tx: Connection, place: Place, letter: _Letter, envelope: Envelope) -> Fault | None:
        """Apply one event that was set aside and whose turn has come; otherwise why not."""
        try:
            async with tx.transaction():
                if letter.fact is not None:
                    await self.apply(
                        tx, [Received(envelope, letter.fact, place.topic, place.partition, letter.record.offset)]
                    )
        except Exception as error:
            if not is_bad_data(error):
                raise
            return ("unreadable", "database", None, "the database does not take a value of it")
        await self._mark(tx, [letter])
        return None


def each(consumer: str, handlers: Mapping[type[Fact], Handler]) -> Apply:
    """Apply facts one by one, each by its handler. What the rules refuse becomes a task that somebody sees."""

    async def apply(tx: Connection, received: Sequence[Received]) -> None:
        for event in received:
            try:
                async with tx.transaction():
                    await handlers[type(event.fact)](tx, event)
            except Refused as refusal:
                await tx.execute(RAISE, consumer, event.envelope.id, refusal.code, refusal.detail or refusal.title)

    return apply


def _discarded(letter: _Letter) -> _Letter:
    return _Letter(letter.place, letter.record, letter.envelope, discarded=True)


def _version(letter: _Letter) -> int:
    return letter.envelope.sequence if letter.envelope is not None else 0


def _pass_over(letter: _Letter, seen: dict[UUID, int]) -> None:
    """A discarded record counts as seen; where its version cannot be read, the next one is taken as it is."""
    if letter.envelope is not None:
        seen[letter.envelope.subject] = max(seen.get(letter.envelope.subject, 0), letter.envelope.sequence)
    elif (subject := _as_uuid(letter.record.key)) is not None:
        seen.pop(subject, None)


def read_fact(kind: type[Message], payload: bytes) -> Fact:
    """What a payload says, as the newest version of its type. Raises Unreadable."""
    try:
        message = upcast(kind, payload)
    except ValidationError as error:
        name, rule = first_fault(error)
        raise Unreadable("unreadable-payload", field=name, rule=rule) from error
    if not isinstance(message, Fact):
        raise Unreadable("unreadable-envelope", field="type", rule="must be a fact")
    return message


def _edited(record: Record, resolution: dead_letters.Resolution) -> dead_letters.Kept:
    headers = record.headers if resolution.headers is None else resolution.headers
    return dead_letters.Kept(record.topic, record.partition, record.offset, record.key, resolution.value, headers)


def _as_uuid(key: bytes | None) -> UUID | None:
    try:
        return UUID((key or b"").decode())
    except ValueError:
        return None
