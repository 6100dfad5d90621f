"""What the trial writes into logs itself: copies of events, transactions that are taken back, and what nobody can read."""

import asyncio
import json
import random
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaException, Message, Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from city.partner_system import record as as_cloudevent
from kit.testing.waiting import Stuck

from . import known
from .archive import POISON, Archive
from .arena import Arena
from .history import History

Headers = list[tuple[str, bytes | None]]
Place = tuple[str, int, int]
"""Topic, partition and offset."""

LARGEST = 4_194_304
"""What topics of the trial allow, so that something larger than we take can come."""
DELIVERY = 60.0  # seconds for a record to be acknowledged; a broker may be away meanwhile
TIDY_ABOVE = 20
"""Open dead letters above which the operator discards them: fifty of one partition would stop it."""

GOOD_EVENT = {
    "occurred_on": "2026-01-05", "person_id": "00000000-0000-4000-8000-0000000000dd", "route": "talent-pipeline",
    "source": "direct", "channel": "website", "employment_status": "unemployed",
}  # fmt: skip
GOOD_CLAIM = {
    "interest": "planted", "channel": "own-site", "employment_status": "inactive", "occurred_on": "2026-01-05",
}  # fmt: skip


def poison(good: Mapping[str, Any], type_: str) -> dict[str, tuple[bytes, dict[str, bytes | None], bool]]:
    """What cannot be read, by name: a value, headers that are different, and whether the first header comes twice."""
    text = json.dumps(good)
    return {
        "not JSON": (b"{", {}, False),
        "not even text": (b"\x00\xff\xfe", {}, False),
        "an unknown type": (text.encode(), {"ce_type": f"{known.NAMESPACE}.never-heard-of.v1".encode()}, False),
        "an unknown version": (text.encode(), {"ce_type": type_.replace(".v1", ".v9").encode()}, False),
        "a header that is not UTF-8": (text.encode(), {"ce_source": b"\xff\xfe"}, False),
        "a null header": (text.encode(), {"ce_type": None}, False),
        "a doubled header": (text.encode(), {}, True),
        "NUL in a text": (json.dumps({**good, "channel": "web\u0000site"}).encode(), {}, False),
        "a number out of range": (json.dumps({**good, "employment_status": 2**70}).encode(), {}, False),
        "the year 9999": (json.dumps({**good, "occurred_on": "9999-12-31"}).encode(), {}, False),
        "deep nesting": (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, {}, False),
        "two megabytes": (json.dumps({**good, "channel": "x" * 2_000_000}).encode(), {}, False),
    }


def event_headers() -> Headers:
    return [
        ("ce_id", str(uuid.uuid4()).encode()), ("ce_specversion", b"1.0"),
        ("ce_source", b"/oneworkforce/talent-pipeline"), ("ce_type", known.type_of("interest-registered").encode()),
        ("ce_subject", str(uuid.uuid4()).encode()), ("ce_sequence", b"0000000001"), ("ce_time", b"2026-01-05T09:00:00+00:00"),
        ("ce_recordedtime", b"2026-01-05T09:00:00+00:00"), ("ce_correlationid", str(uuid.uuid4()).encode()),
    ]  # fmt: skip


def spoilt(headers: Headers, changed: Mapping[str, bytes | None], doubled: bool) -> Headers:
    found: Headers = [(name, changed.get(name, raw)) for name, raw in headers]
    return [*found, *(found[:1] if doubled else []), POISON]


@dataclass
class Planting:
    """Writes into the logs of a trial, and remembers where the poison is."""

    arena: Arena
    history: History
    archive: Archive
    places: list[Place] = field(default_factory=list)

    async def allow_large(self) -> None:
        """Have the topics of the trial take more than we do."""
        admin = AdminClient({"bootstrap.servers": self.arena.broker.bootstrap})
        names = [known.TOPIC, *(known.claims(partner) for partner in self.arena.stage.partners)]
        for name in names:
            entry = ConfigEntry("max.message.bytes", str(LARGEST), incremental_operation=AlterConfigOpType.SET)
            resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=[entry])
            for future in admin.incremental_alter_configs([resource]).values():
                await asyncio.to_thread(future.result)

    async def duplicates(self, chance: random.Random) -> int:
        """Some events of the log once more, at later offsets."""
        await self.archive.catch_up()
        events = list(self.archive.events(known.TOPIC))
        again = chance.sample(events, min(len(events), 20))
        records = [(each.topic, each.partition, each.key, each.value, list(each.headers)) for each in again]
        return len(await self._write(records))

    async def aborted(self, chance: random.Random) -> int:
        """Claims in a transaction that the partner takes back, and one in a transaction that it keeps."""
        partner = chance.choice(list(self.arena.stage.partners))
        return await asyncio.to_thread(self._transact, partner, chance.randint(1, 5))

    async def poison_events(self, chance: random.Random) -> int:
        """One of each kind among the events, in partitions that chance chooses."""
        kinds = poison(GOOD_EVENT, known.type_of("interest-registered"))
        records = [
            (known.TOPIC, chance.randrange(12), uuid.uuid4().bytes, value, spoilt(event_headers(), changed, doubled))
            for value, changed, doubled in kinds.values()
        ]
        return await self._poison(records)

    async def poison_claims(self, chance: random.Random) -> int:
        """One of each kind among a partner's claims."""
        partner = chance.choice(list(self.arena.stage.partners))
        records = []
        for value, changed, doubled in poison(GOOD_CLAIM, known.type_of("interest-claimed")).values():
            _, headers = self._claim(partner, f"poison-{uuid.uuid4()}")
            records.append((known.claims(partner), 0, None, value, spoilt(headers, changed, doubled)))
        return await self._poison(records)

    async def tidy(self) -> None:
        """What an operator does about many dead letters: look, and discard them; later, where the database is away."""
        with suppress(Stuck):  # too many left would stop a partition, which the judge sees
            for reader in self.arena.readers:
                await self._tidy(reader.service)

    async def _tidy(self, service: str) -> None:
        found = await self.arena.operate("dead-letters", "list", service, "--state", "open", "--limit", 1000, "--json")
        for letter in found if len(found) > TIDY_ABOVE else ():
            await self.arena.decide("dead-letters", "discard", service, letter["id"])

    async def _poison(self, records: Sequence[tuple[str, int, bytes | None, bytes | None, Headers]]) -> int:
        written = await self._write(records)
        self.places += written
        await self.tidy()
        return len(written)

    async def _write(self, records: Sequence[tuple[str, int, bytes | None, bytes | None, Headers]]) -> list[Place]:
        return await asyncio.to_thread(self._produce, records)

    def _produce(self, records: Sequence[tuple[str, int, bytes | None, bytes | None, Headers]]) -> list[Place]:
        """Where the records came to stand: an idempotent producer, so that each stands once."""
        written: list[Place] = []

        def delivered(error: Any, message: Message) -> None:
            if error is None:
                written.append((message.topic() or "", message.partition() or 0, message.offset() or 0))

        producer = Producer({**self._config(), "enable.idempotence": True})
        for topic, partition, key, value, headers in records:
            producer.produce(topic, value, key, partition, on_delivery=delivered, headers=headers)  # type: ignore[arg-type]
        producer.flush(DELIVERY)
        return written

    def _config(self) -> dict[str, Any]:
        return {
            "bootstrap.servers": self.arena.broker.bootstrap, "message.max.bytes": LARGEST, "log_level": 0,
            "message.timeout.ms": int(DELIVERY * 1000) - 5000, "linger.ms": 0,
        }  # fmt: skip

    def _claim(self, partner: str, claim_id: str) -> tuple[bytes, Headers]:
        """A claim that would be accepted."""
        data = {**GOOD_CLAIM, "interest": claim_id, "person_id": self.history.persons[0]}
        value, headers = as_cloudevent(
            partner, known.WRITER.service, {"id": claim_id, "type": "interest-claimed", "data": data}
        )
        return value, [(name, raw.encode() if isinstance(raw, str) else raw) for name, raw in headers]

    def _transact(self, partner: str, count: int) -> int:
        """The number of claims that were taken back. One that was kept is known by its id only if the broker said so."""
        topic = known.claims(partner)
        producer = Producer({**self._config(), "transactional.id": f"trial-{uuid.uuid4()}"})
        taken_back = [f"aborted-{uuid.uuid4()}" for _ in range(count)]
        kept = f"kept-{uuid.uuid4()}"
        self.history.aborted |= set(taken_back)
        self.history.possible.add((partner, kept))
        try:
            producer.init_transactions(DELIVERY)
            producer.begin_transaction()
            for claim_id in taken_back:
                value, headers = self._claim(partner, claim_id)
                producer.produce(topic, value, partition=0, headers=headers)  # type: ignore[arg-type]
            producer.flush(DELIVERY)
            producer.abort_transaction(DELIVERY)
            producer.begin_transaction()
            value, headers = self._claim(partner, kept)
            producer.produce(topic, value, partition=0, headers=headers)  # type: ignore[arg-type]
            producer.commit_transaction(DELIVERY)
        except KafkaException:
            return 0
        self.history.claims[partner, kept] = "interest-claimed"
        return count
