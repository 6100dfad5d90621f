"""What nobody can read, in the middle of good events: kept, and in nobody's way but its own key's."""

import json
from typing import Any

import asyncpg
import httpx2
import pytest
from confluent_kafka import Producer

from city.client import Caller
from city.registering import known
from city.stage import Stage
from kit.testing.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

PARTNER = "bramley-home-care"
TOPIC = "talent-pipeline.events.v1"
HEADERS = {
    "ce_specversion": "1.0", "ce_id": "00000000-0000-7000-8000-0000000000aa", "ce_source": "/oneworkforce/talent-pipeline",
    "ce_type": "uk.leeds.oneworkforce.talent-pipeline.interest-registered.v1",
    "ce_sequence": "0000000001", "ce_time": "2026-01-05T09:00:00+00:00",
    "ce_recordedtime": "2026-01-05T09:00:00+00:00", "ce_correlationid": "00000000-0000-4000-8000-0000000000cc",
}  # fmt: skip
GOOD = {
    "occurred_on": "2026-01-05", "person_id": "00000000-0000-4000-8000-0000000000dd", "route": "talent-pipeline",
    "source": "direct", "channel": "website", "employment_status": "unemployed",
}  # fmt: skip
POISON: dict[str, tuple[bytes, dict[str, Any]]] = {
    "not JSON": (b"{", {}),
    "NUL in text": (json.dumps({**GOOD, "channel": "web\u0000site"}).encode(), {}),
    "header not UTF-8": (json.dumps(GOOD).encode(), {"ce_source": b"\xff\xfe"}),
    "null header": (json.dumps(GOOD).encode(), {"ce_subject": None}),
    "no such version number": (json.dumps(GOOD).encode(), {"ce_sequence": "99999999999999999999"}),
    "deeply nested": (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, {}),
    "year 9999": (json.dumps({**GOOD, "occurred_on": "9999-12-31"}).encode(), {}),
}


IDS = [f"00000000-0000-7000-8000-00000000{number:04d}" for number in range(len(POISON))]
"""Their event ids, where one can be read: no service said them."""


async def test_good_events_among_poison_are_counted_and_the_poison_is_kept(stage: Stage) -> None:
    producer = Producer({"bootstrap.servers": stage.broker.bootstrap})
    for event_id, (value, changed) in zip(IDS, POISON.values(), strict=True):
        own = event_id.replace(
            "-7000-", "-4000-"
        )  # of one subject they would be one version told twice, which stops a reader
        headers = {**HEADERS, "ce_id": event_id, "ce_subject": own, **changed}
        producer.produce(TOPIC, value, key=f"poison-{event_id}", headers=list(headers.items()))
    assert producer.flush(30) == 0
    async with httpx2.AsyncClient(base_url=stage.url("talent-pipeline.api"), timeout=30) as client:
        hub = Caller(client, stage.token("coordinator"))
        (person,) = await known(stage, PARTNER, "poison")
        body = {"person_id": person, "source": "direct", "channel": "website", "employment_status": "inactive"}
        told = [(await hub.do("POST", "/engagements", body))["id"] for _ in range(30)]

    async def all_counted() -> bool:
        counted: int = await ask(stage, "SELECT count(*) FROM interest WHERE aggregate_id = ANY($1::uuid[])", told)
        return counted == len(told)

    async def all_kept() -> bool:
        kept: int = await ask(
            stage, "SELECT count(*) FROM kit.dead_letter WHERE kind = 'unreadable' AND state = 'open'"
        )
        return kept == len(POISON)

    await until(all_counted, 60)
    await until(all_kept, 30)
    for reader in ("reporting", "learning", "mobility"):
        query = "SELECT count(*) FROM kit.position WHERE stopped_code IS NOT NULL"
        assert await ask(stage, query, service=reader) == 0, reader


async def ask(stage: Stage, query: str, *values: Any, service: str = "reporting") -> Any:
    connection = await asyncpg.connect(stage.dsn(service))
    try:
        return await connection.fetchval(query, *values)
    finally:
        await connection.close()
