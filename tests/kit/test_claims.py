"""What partners claim: judged one by one, answered one by one, on their own topic and on no other."""

import asyncio
import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from aiokafka import TopicPartition

from kit import kafka, positions, topics
from kit.bus import Bus
from kit.claims import Claimed, ClaimReader
from kit.cloudevents import Headers
from kit.database import Connection, Database
from kit.dead_letters import headers_from_json
from kit.errors import Refused, StopPartition
from kit.ids import new_id
from kit.relay import Relay
from kit.settings import Settings
from kit.testing.effects import BAD, Ledger
from kit.testing.facts import ClaimAnswered, CountClaimed
from kit.testing.records import TestRecord
from kit.testing.running import produce, running
from kit.testing.waiting import until
from schemas.fact import Claim

TOPIC = "partner.college.testing.v1"


class TooMany(Refused):
    """It cannot go up by so much."""


WRITE = (
    """INSERT INTO effect (aggregate_id, version, event_id, "by", partition, "offset") VALUES ($1, 1, $1, $2, 0, 0)"""
)


async def judge(tx: Connection, claim: Claim, claimed: Claimed) -> Mapping[str, UUID]:
    assert isinstance(claim, CountClaimed)
    if claim.by == 13:
        raise KeyError("a defect of ours")
    counter = new_id()
    await tx.execute(WRITE, counter, claim.by)
    if claim.by > 100:
        raise TooMany("at most 100", field="by", cure="Claim less.")
    return {"counter_id": counter}


READER = ClaimReader("testing", {CountClaimed: judge}, ClaimAnswered)


def claim(
    body: bytes = b'{"by":1}',
    *,
    claim_id: str = "claim-1",
    source: str = "/partner/college",
    key: bytes | None = b"k",
    **more: str,
) -> TestRecord:
    attributes = {"specversion": "1.0", "id": claim_id, "source": source, "type": CountClaimed.TYPE, **more}
    headers = [(f"ce_{name}", value.encode()) for name, value in attributes.items()]
    return TestRecord(TOPIC, 0, 0, key, body, [*headers, ("content-type", b"application/json")])


def structured(event: Any, content_type: str = "application/cloudevents+json; charset=UTF-8") -> TestRecord:
    value = event if isinstance(event, bytes) else json.dumps(event).encode()
    return TestRecord(TOPIC, 0, 0, None, value, [("content-type", content_type.encode())])


@dataclass
class Hearing:
    """A partner's topic, read as the bus reads it; and the answers in the outbox."""

    database: Database
    ledger: Ledger
    topic: str = TOPIC
    heard: int = 0
    answered: int = field(default=0)

    async def hear(self, *records: TestRecord) -> list[dict[str, Any]]:
        """The answers to these claims."""
        placed = [replace(record.at(self.heard + turn), topic=self.topic) for turn, record in enumerate(records)]
        self.heard += len(records)
        async with self.database.transaction() as tx:
            await positions.open_place(tx, READER.consumer, self.topic, 0, "id", 0)
            await READER.read(tx, await positions.lock(tx, READER.consumer, self.topic, 0), placed)
        rows = await self.ledger.rows("SELECT topic, value FROM kit.outbox ORDER BY position")
        assert {row["topic"] for row in rows} <= {self.topic.replace("testing", "answers")}
        fresh = [json.loads(row["value"]) for row in rows]
        await self.ledger.do("DELETE FROM kit.outbox")
        return fresh


@pytest.fixture
def hearing(database: Database, ledger: Ledger) -> Hearing:
    return Hearing(database, ledger)


# -- c1: refused, and sent again ------------------------------------------------------------------------------------------


async def test_a_refused_claim_is_answered_kept_and_holds_up_nothing_of_its_key(
    hearing: Hearing, ledger: Ledger
) -> None:
    too_much = claim(b'{"by":101}')
    refused, accepted = await hearing.hear(too_much, claim(b'{"by":5}', claim_id="claim-2"))
    failing = {"code": "too-many", "field": "by", "rule": "at most 100", "cure": "Claim less."}
    assert (refused["outcome"], refused["failings"], refused["claim_id"]) == ("refused", [failing], "claim-1")
    assert (accepted["outcome"], accepted["failings"]) == ("accepted", [])
    assert await ledger.effects() == [5]  # what the refused one had written is taken back
    (kept,) = await ledger.rows("SELECT value, headers, code FROM kit.refused")
    assert (kept["value"], headers_from_json(kept["headers"])) == (too_much.value, list(too_much.headers))
    assert await ledger.letters() == []


async def test_a_refused_claim_may_be_put_right_and_sent_again_under_its_id(hearing: Hearing, ledger: Ledger) -> None:
    outcomes = [
        answer["outcome"]
        for answer in await hearing.hear(claim(b'{"by":101}'), claim(b'{"by":"x"}'), claim(b'{"by":7}'))
    ]
    assert outcomes == ["refused", "refused", "accepted"]
    assert await ledger.effects() == [7]


# -- c18: the same id -----------------------------------------------------------------------------------------------------


async def test_the_same_claim_again_gets_the_same_ids_and_has_no_second_effect(
    hearing: Hearing, ledger: Ledger
) -> None:
    first, again = await hearing.hear(claim(), claim())
    (later,) = await hearing.hear(claim(key=None))
    assert [first["outcome"], again["outcome"], later["outcome"]] == ["accepted", "already-known", "already-known"]
    assert first["ids"] == again["ids"] == later["ids"] != {}
    assert await ledger.effects() == [1]


async def test_the_same_id_with_another_body_is_refused(hearing: Hearing, ledger: Ledger) -> None:
    _, reused = await hearing.hear(claim(), claim(b'{"by":2}'))
    assert (reused["outcome"], reused["failings"][0]["code"]) == ("refused", "id-reused")
    assert await ledger.effects() == [1]


async def test_another_partner_or_another_source_of_one_may_use_the_same_id(
    hearing: Hearing, database: Database, ledger: Ledger
) -> None:
    other = Hearing(database, ledger, "partner.hospital.testing.v1")
    answers = [
        *await hearing.hear(claim(), claim(source="/partner/college/evening")),
        *await other.hear(claim(source="/partner/hospital")),
    ]
    assert [answer["outcome"] for answer in answers] == ["accepted"] * 3
    assert await ledger.effects() == [1, 1, 1]


@pytest.mark.parametrize(
    "source", ["/partner/hospital", "/partner/college-2", "/partner/colleg", "/oneworkforce/testing", "college"]
)
async def test_who_writes_is_said_by_the_topic_and_another_source_is_refused(
    hearing: Hearing, ledger: Ledger, source: str
) -> None:
    (answer,) = await hearing.hear(claim(source=source))
    assert (answer["outcome"], answer["failings"][0]["code"]) == ("refused", "not-your-source")
    assert await ledger.effects() == []


@pytest.mark.parametrize(
    "claim_id", ["x" * 200, "č" * 200, "a b/c?&=%", "🎓"], ids=["200", "200 of two bytes", "marks", "emoji"]
)
async def test_an_id_is_any_text_up_to_200_characters(hearing: Hearing, claim_id: str) -> None:
    (answer,) = await hearing.hear(claim(claim_id=claim_id))
    assert (answer["outcome"], answer["claim_id"]) == ("accepted", claim_id)


@pytest.mark.parametrize("claim_id", ["x" * 201, "a\nb", "a\x00b", ""], ids=["201", "a line end", "NUL", "nothing"])
async def test_a_claim_without_an_id_that_can_be_kept_is_answered_by_its_place(hearing: Hearing, claim_id: str) -> None:
    await hearing.hear(claim())
    (answer,) = await hearing.hear(claim(claim_id=claim_id))
    assert answer["outcome"] == "refused"
    assert "claim_id" not in answer
    assert (answer["topic"], answer["partition"], answer["offset"]) == (TOPIC, 0, 1)
    assert answer["failings"][0]["field"] == "id"


# -- the two modes of CloudEvents ------------------------------------------------------------------------------------------


EVENT = {
    "specversion": "1.0",
    "id": "claim-1",
    "source": "/partner/college",
    "type": CountClaimed.TYPE,
    "data": {"by": 3},
}


@pytest.mark.parametrize(
    "content_type", ["application/cloudevents+json", "Application/CloudEvents+JSON; charset=utf-8"]
)
async def test_a_claim_in_structured_mode_is_taken(hearing: Hearing, ledger: Ledger, content_type: str) -> None:
    (answer,) = await hearing.hear(structured(EVENT, content_type))
    assert (answer["outcome"], answer["claim_id"]) == ("accepted", "claim-1")
    assert await ledger.effects() == [3]


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (b"not json", None), (b"[1]", None), (b"[" * 100_000, None), (b"9" * 5000, None), ({}, "id"),
        ({**EVENT, "id": 5}, "id"), ({**EVENT, "specversion": "0.3"}, "specversion"), ({**EVENT, "data": None}, "payload"),
        ({**EVENT, "data": {"by": "x"}}, "by"), ({**EVENT, "id": "\ud800"}, "id"), ({**EVENT, "time": "today"}, "time"),
        ({**EVENT, "type": "of.nobody.v1"}, "type"), (b"\xff\xfe", None), ({**EVENT, "data": {"by": 10**400}}, None),
        ({**EVENT, "data_base64": "%"}, "data_base64"),
    ],
    ids=lambda given: repr(given)[:30],
)  # fmt: skip
async def test_a_structured_claim_that_cannot_be_read_is_refused_by_its_field(
    hearing: Hearing, event: Any, field: str | None
) -> None:
    refused, after = await hearing.hear(structured(event), claim(claim_id="after"))
    assert (refused["outcome"], after["outcome"]) == ("refused", "accepted")
    assert refused["failings"][0].get("field") == field


async def test_a_claim_with_its_data_in_base64_is_read(hearing: Hearing, ledger: Ledger) -> None:
    event = {name: value for name, value in EVENT.items() if name != "data"}
    (answer,) = await hearing.hear(structured({**event, "data_base64": base64.b64encode(b'{"by":8}').decode()}))
    assert answer["outcome"] == "accepted"
    assert await ledger.effects() == [8]


# -- what partners put in headers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        [("ce_id", None)], [("ce_id", b"\xff")], [("ce_id", b"1"), ("ce_id", b"2")], [("na\x00me", b"\x00")],
        [("content-type", None)], [("content-type", b"\xff")], [("reply_to", b"elsewhere")], [("ce_type", b"\x00")],
        [("ce_time", b"9999-12-31T23:59:59Z")],
    ],
    ids=repr,
)  # fmt: skip
async def test_no_header_can_stop_a_partners_topic(hearing: Hearing, odd: Headers) -> None:
    names = {name for name, _ in odd}
    base = claim()
    hostile = replace(base, headers=[*(own for own in base.headers if own[0] not in names), *odd], value=b"{")
    answers = await hearing.hear(hostile, claim(claim_id="after"))
    assert [answer["outcome"] for answer in answers] == ["refused", "accepted"]


async def test_what_a_partner_writes_into_the_trace_context_does_not_travel_on(hearing: Hearing) -> None:
    met: list[str | None] = []

    async def look(tx: Connection, claim: Claim, claimed: Claimed) -> Mapping[str, UUID]:
        met.append(claimed.context.traceparent)
        return {}

    good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    reader = ClaimReader("testing", {CountClaimed: look}, ClaimAnswered)
    async with hearing.database.transaction() as tx:
        place = await positions.open_place(tx, reader.consumer, TOPIC, 0, "id", 0)
        for number, given in enumerate([good, "Jane Example, 1 High Street", "x" * 100_000]):
            record = claim(claim_id=str(number))
            await reader.read(
                tx, place, [replace(record.at(number), headers=[*record.headers, ("traceparent", given.encode())])]
            )
    assert met == [good, None, None]


async def test_a_value_that_the_database_does_not_take_is_refused_and_not_stored(
    hearing: Hearing, ledger: Ledger
) -> None:
    too_large = claim(b'{"by":99}', claim_id="large")
    bad, much, after = await hearing.hear(
        claim(b'{"by":%d}' % BAD), claim(b'{"by":-99999999999}', claim_id="2"), claim(claim_id="3")
    )
    assert bad["failings"][0]["code"] == much["failings"][0]["code"] == "not-storable"
    assert after["outcome"] == "accepted"
    assert too_large.value not in [row["value"] for row in await ledger.rows("SELECT value FROM kit.refused")]


async def test_no_answer_holds_what_the_partner_wrote_into_a_field(hearing: Hearing) -> None:
    marker = "Jane-Example-1970"
    answers = await hearing.hear(
        claim(json.dumps({"by": marker}).encode()),
        claim(json.dumps({"by": {marker: marker}}).encode(), claim_id="2"),
        claim(marker.encode(), claim_id="3"),
        claim(source=f"/partner/{marker}", claim_id="4"),
        claim(time=marker, claim_id="5"),
        replace(
            claim(claim_id="6"),
            headers=[("ce_id", b"6"), ("ce_source", b"/partner/college"), ("ce_type", marker.encode())],
        ),
    )
    for answer in answers:
        assert answer["outcome"] == "refused"
        assert marker not in json.dumps(answer["failings"])


async def test_a_topic_whose_name_says_no_partner_stops(database: Database) -> None:
    async with database.transaction() as tx:
        place = await positions.open_place(tx, READER.consumer, "partner.UPPER.testing.v1", 0, "id", 0)
        with pytest.raises(StopPartition, match="not-a-claims-topic"):
            await READER.read(tx, place, [claim()])


# -- on the broker ------------------------------------------------------------------------------------------------------


@pytest.fixture
def partners(settings: Settings) -> tuple[ClaimReader, list[str]]:
    """A service of a name of its own, and the topics of two partners."""
    service = f"testing{secrets.token_hex(3)}"
    names = [f"{name}{secrets.token_hex(3)}" for name in ("college", "hospital")]
    admin = kafka.admin(settings)
    for name in names:
        topics.create(admin, topics.partner(name, [service]))
    return ClaimReader(service, {CountClaimed: judge}, ClaimAnswered), names


async def test_answers_reach_the_partners_answers_topic_and_a_defect_stops_that_partner_alone(
    settings: Settings, database: Database, ledger: Ledger, partners: tuple[ClaimReader, list[str]]
) -> None:
    reader, (college, hospital) = partners

    def of(partner: str, body: bytes, claim_id: str) -> TestRecord:
        return replace(
            claim(body, claim_id=claim_id, source=f"/partner/{partner}"), topic=f"partner.{partner}.{reader.service}.v1"
        )

    bus, relay = Bus(settings, database, reader, pattern=reader.pattern), Relay(settings)
    async with running(bus, relay):
        await produce(
            settings, [of(college, b'{"by":1}', "c1"), of(college, b'{"by":13}', "c2"), of(college, b'{"by":2}', "c3")]
        )
        await produce(
            settings, [of(hospital, b'{"by":5}', "h1"), of(hospital, b"{", "h2"), of(hospital, b'{"by":6}', "h3")]
        )
        heard = {name: await answers(settings, name, count) for name, count in ((college, 1), (hospital, 3))}
        stop = {(f"partner.{college}.{reader.service}.v1", 0): "defect"}
        await until(lambda: _stops_are(ledger, stop))
    assert [(answer["claim_id"], answer["outcome"]) for answer in heard[college]] == [("c1", "accepted")]
    assert [(answer["claim_id"], answer["outcome"]) for answer in heard[hospital]] == [
        ("h1", "accepted"), ("h2", "refused"), ("h3", "accepted"),
    ]  # fmt: skip
    assert sorted(await ledger.effects()) == [1, 5, 6]


async def _stops_are(ledger: Ledger, stops: Mapping[tuple[str, int], str]) -> bool:
    return await ledger.stops() == stops


async def answers(settings: Settings, partner: str, count: int) -> Sequence[dict[str, Any]]:
    """The first answers that a partner reads on its topic."""
    topic = f"partner.{partner}.answers.v1"
    consumer = kafka.consumer(settings, topic)
    await consumer.start()
    try:
        found: list[dict[str, Any]] = []
        async with asyncio.timeout(30):
            while len(found) < count:
                fetched = await consumer.getmany(TopicPartition(topic, 0), timeout_ms=200)
                found += [json.loads(record.value) for records in fetched.values() for record in records]
        return found
    finally:
        await consumer.stop()
