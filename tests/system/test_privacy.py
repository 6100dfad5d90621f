"""What somebody types where it does not belong stays out of logs, topics, answers, metrics and the database's log."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition

from city.client import partner_system
from city.registering import known
from city.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

PARTNER = "bramley-home-care"
TOPICS = (
    "talent-pipeline.events.v1", "people.events.v1", "equality-monitoring.restricted.v1", f"partner.{PARTNER}.answers.v1",
)  # fmt: skip
"""What others read. The partner's own claims topic holds what the partner wrote."""
INTEREST = {"source": "direct", "channel": "website", "employment_status": "unemployed"}


class Markers:
    """Values that stand for a person's: unlike anything else, so that each copy is found."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self) -> str:
        self.made.append(f"mark{uuid.uuid4().hex}")
        return self.made[-1]


def everything_on(bootstrap: str, topic: str) -> bytes:
    """All keys, values and headers of a topic."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "search", "enable.partition.eof": True})
    partitions = set(consumer.list_topics(topic, timeout=15).topics[topic].partitions)
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
    found = b""
    while partitions:
        message = consumer.poll(20)
        assert message is not None
        if (fault := message.error()) is not None:
            assert fault.code() == KafkaError._PARTITION_EOF
            partitions.discard(message.partition())
        else:
            found += b"%r %r %r\n" % (message.key(), message.value(), message.headers())
    consumer.close()
    return found


async def search(stage: Stage, markers: Markers) -> dict[str, list[str]]:
    """Where which markers were found."""
    places = {
        "process logs": stage.supervisor.log.read_bytes(),
        "database log": stage.postgres.log.read_bytes(),
    }
    for topic in TOPICS:
        places[topic] = await asyncio.to_thread(everything_on, stage.broker.bootstrap, topic)
    async with httpx2.AsyncClient() as client:
        for name in stage.supervisor.names:
            places[f"metrics of {name}"] = (await client.get(f"{stage.url(name)}/metrics")).content
    found = {place: [mark for mark in markers.made if mark.encode() in held] for place, held in places.items()}
    return {place: marks for place, marks in found.items() if marks}


@asynccontextmanager
async def caller(stage: Stage, name: str) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Authorization": f"Bearer {stage.token('coordinator')}"}
    async with httpx2.AsyncClient(base_url=stage.url(name), headers=headers, timeout=30) as client:
        yield client


async def test_no_value_that_was_sent_is_found_where_others_look(stage: Stage) -> None:
    mark = Markers()
    answers: list[str] = []
    (person,) = await known(stage, PARTNER, "p1")
    async with caller(stage, "people.api") as vault:
        written = {"name": f"Name {mark()}", "email": f"{mark()}@example.org", "post": mark()}
        answers.append((await vault.post("/persons", json=written)).text)
        table = "name,email\n" + f"{mark()},{mark()}@example.org\n{mark()},{mark()}\n"
        answers.append((await vault.post("/persons/rows", content=table)).text)
        answers.append((await vault.post("/persons/find", json={"reason": mark(), "name": mark()})).text)
        broken_find = {"reason": "make-offer", "name": f"{mark()}", "phone": mark()}
        answers.append((await vault.post("/persons/find", json=broken_find)).text)
    headers = {"Authorization": f"Bearer {stage.token('integrator', PARTNER)}"}
    async with httpx2.AsyncClient(base_url=stage.url("people.api"), headers=headers) as system:
        references = ({"kind": "esr", "value": mark()}, {"kind": mark(), "value": f"\u0661{mark()}"})
        answers += [(await system.post("/references/exchange", json=each)).text for each in references]
    async with caller(stage, "talent-pipeline.api") as hub:
        for body in (
            {**INTEREST, "name": mark()}, {**INTEREST, "channel": f"Web {mark()}"}, {**INTEREST, "employment_status": mark()},
            {**INTEREST, "occurred_on": mark()}, {**INTEREST, "person_id": mark()}, {**INTEREST, "ward": mark()},
            {mark(): mark()}, [mark()],
        ):  # fmt: skip
            answer = await hub.post("/engagements", json=body)
            assert answer.status_code == 422, answer.text
            answers.append(answer.text)
        broken = (f'{{"channel": "{mark()}"', f'{{"{mark()}": 1, "x": 2, "x": 3}}')
        answers += [(await hub.post("/engagements", content=content)).text for content in broken]
        paths = (
            f"/engagements/{mark()}",
            f"/{mark()}",
            f"/candidacies?employer={mark()}%00",
            f"/waiting?after={mark()}",
        )
        answers += [(await hub.get(path)).text for path in paths]
        strange = {
            "X-Correlation-Id": mark(),
            "If-Match": mark(),
            "traceparent": mark(),
            "Authorization": f"Bearer {mark()}",
        }
        answers.append((await hub.post("/engagements", json=INTEREST, headers=strange)).text)
    async with caller(stage, "equality-monitoring.api") as equality:
        answers.append((await equality.put(f"/monitoring/{uuid.uuid4()}", json={"sex": mark()})).text)
    async with caller(stage, "reporting.api") as figures:
        answers.append((await figures.get("/figures", params={"as_at": mark(), "profile": mark()})).text)
        answers.append((await figures.get(f"/figures/{mark()}")).text)
    async with partner_system(stage.broker.bootstrap, PARTNER, "talent-pipeline") as partner:
        said = {"interest": "p1", "channel": "own-site", "employment_status": "inactive", "occurred_on": "2026-01-05"}
        said["person_id"] = person
        accepted = await partner.claim("interest-claimed", {**said, "forename": mark(), "nhs_number": mark()})
        refused = await partner.claim("interest-claimed", {**said, "employment_status": mark()})
        answers += [json.dumps(accepted), json.dumps(refused)]
    await stage.settle()
    assert [marker for marker in mark.made if any(marker in answer for answer in answers)] == []
    assert await search(stage, mark) == {}


async def test_a_leak_that_is_planted_is_found(stage: Stage) -> None:
    mark = Markers()
    producer = Producer({"bootstrap.servers": stage.broker.bootstrap})
    producer.produce(TOPICS[-1], json.dumps({"name": mark()}))
    assert producer.flush(30) == 0
    assert await search(stage, mark) == {TOPICS[-1]: mark.made}
