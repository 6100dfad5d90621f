"""`make hostile`: hostile input at every door, and nobody is hurt: no 5xx, no stopped partition, no good neighbour lost.

HTTP: schemathesis over the OpenAPI document of every service, by coverage, fuzzing and in sequences (stateful), with a
token of each role and without one. Kafka: CloudEvents made by hypothesis at a partner's topic of each service that takes claims,
with good claims among them.

    python -m tests.faults.hostile [--cases N] [--seed N] [--page FILE]
"""

import asyncio
import json
import os
import random
import re
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import structlog
import typer
from confluent_kafka import Producer
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from rich.console import Console
from tests.hostile import JSON, spoilt

from city import registering
from city.partner_system import record as as_cloudevent
from city.stage import CLAIMED, PARTS, ROOT, Part, Stage
from kit.testing.waiting import until
from laptop import leash
from laptop.broker import Broker, choose_broker
from laptop.postgres import EmbeddedPostgres
from laptop.supervisor import Supervisor
from schemas.envelope import claims_topic

from . import known
from .archive import Archive
from .planted import GOOD_CLAIM, LARGEST
from .report import commit_of_code, machine

PARTNER = "bramley-home-care"
EXAMPLES = ROOT / "shared/schemas/examples"
ROLES: Mapping[str, Sequence[str]] = {
    "talent-pipeline": ("coordinator", "partner", ""),
    "reporting": ("programme-manager", ""),
}
"""The tokens with which a service is asked, where it is not as all others; `` is none."""
STAFF = ("coordinator", "")
GOOD: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "talent-pipeline": ("interest-claimed", "interest", GOOD_CLAIM),
    "learning": ("training-claimed", "training", {
        "framework": "cstf-england-1-1", "subject": "fire-safety", "level": 1, "source": "learning-system", "aligned": True,
    }),
    "mobility": ("passport-claimed", "passport", {}),
}  # fmt: skip
"""By service, a claim that is accepted each time that it is made: its type, the field of its reference, and what else it says."""
GOOD_EVERY = 20
"""One good claim among so many hostile ones."""
PHASES = "examples,coverage,fuzzing,stateful"
PATIENCE = 1800.0

LAST_DAY = date(2026, 1, 5)
"""Good claims say something of this day, and of days before it."""

Headers = list[tuple[str, bytes | None]]
Hostile = tuple[bytes | None, Headers]
Place = tuple[str, int]
"""Topic and offset; it has one partition."""

console = Console(file=sys.stdout)


@dataclass
class Verdict:
    """How many cases came to which door, and what went wrong."""

    cases: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    told: int = 0
    """How many of these the console has."""


@asynccontextmanager
async def doors(broker: Broker) -> AsyncIterator[Stage]:
    """Every API, and what reads claims and answers them; the broker is the caller's."""
    with tempfile.TemporaryDirectory(prefix="oneworkforce-doors-") as name:
        folder = Path(name)
        async with EmbeddedPostgres(durable=False) as postgres, Supervisor(folder / "processes.log") as supervisor:
            stage = Stage(broker, postgres, supervisor, folder, [PARTNER])
            await stage.prepare()
            named = {part.service: part for part in PARTS}
            wanted = [stage.process(part, "api") for part in PARTS]
            wanted += [stage.process(named[service], name) for service in CLAIMED for name in ("worker", "relay")]
            wanted.append(stage.process(named["people"], "relay"))
            await supervisor.start(*wanted, limit=120)
            yield stage
        await asyncio.to_thread(stage.drop_topics)


# -- HTTP --------------------------------------------------------------------------------------------------------------------


async def at_http(
    stage: Stage, part: Part, role: str, examples: int, chosen: int, verdict: Verdict, phases: str = PHASES
) -> None:
    """All routes of a service, asked by somebody of this role, `examples` times each and phase."""
    url = stage.url(f"{part.service}.api")
    who = ["--header", f"Authorization: Bearer {stage.token(role, 'leeds-city-council')}"] if role else []
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        argv = [
            sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", *who,
            "--phases", phases, "--checks", "not_a_server_error",
            "--max-examples", str(examples), "--seed", str(chosen), "--continue-on-failure", "--no-shrink",
            "--suppress-health-check", "all", "--warnings", "off", "--request-timeout", "60",
            "--report", "json", "--report-json-path", str(report),
        ]  # fmt: skip
        told = {"NO_COLOR": "1", "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.faults.media"}
        child = await leash.start(argv, env={**os.environ, **told}, output=asyncio.subprocess.PIPE, cwd=Path(folder))
        try:
            said, _ = await asyncio.wait_for(child.communicate(), PATIENCE)
        finally:
            await leash.end(child)
        text = said.decode(errors="replace")
        verdict.cases[f"HTTP {part.service} as {role or 'nobody'}"] += cases_in(text)
        if child.returncode:
            verdict.wrong.append(f"{part.service} as {role or 'nobody'}: {failures_in(text)}")


def cases_in(text: str) -> int:
    """How many cases schemathesis says that it has made."""
    found = re.search(r"(\d+) generated", text)
    return int(found[1]) if found else 0


def failures_in(text: str) -> str:
    """What schemathesis says of its failures."""
    return text.partition("FAILURES")[2][:3000] or text[-1500:]


# -- Kafka -------------------------------------------------------------------------------------------------------------------

ODD = st.one_of(
    st.none(), st.binary(max_size=40), st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace")), st.just(b"\x00"),
    st.just(b"\xff\xfe"), st.just(b"9" * 300), st.just(b"9999-12-31T23:59:59-12:00"), st.just(b"0001-01-01T00:00:00+14:00"),
)  # fmt: skip


def claims(service: str, person: str) -> dict[str, dict[str, Any]]:
    """An example of every claim of a service, by its name; of somebody whom it knows."""
    files = [each for each in sorted((EXAMPLES / service).glob("*claim*.json")) if "answered" not in each.name]
    found = {file.name.partition(".")[0]: json.loads(file.read_text()) for file in files}
    return {name: {**data, "person_id": person} if "person_id" in data else data for name, data in found.items()}


@st.composite
def hostile(draw: st.DrawFn, service: str, examples: Mapping[str, dict[str, Any]]) -> Hostile:
    """A claim of which something is wrong: in its payload, its headers, its bytes; or one that nobody expects now."""
    type_ = draw(st.sampled_from(sorted(examples)))
    data = draw(st.one_of(st.just(examples[type_]), spoilt(examples[type_]), JSON))
    claim = {
        "id": draw(st.uuids()).hex,
        "type": type_,
        "data": data,
        "mode": draw(st.sampled_from(("binary", "structured"))),
    }
    value, made = as_cloudevent(PARTNER, service, claim)
    headers: Headers = [(name, raw.encode() if isinstance(raw, str) else raw) for name, raw in made]
    match draw(st.integers(0, 5)):
        case 0:
            return draw(st.none() | st.binary(max_size=60)), headers
        case 1:
            at = draw(st.integers(0, len(headers) - 1))
            return value, [*headers[:at], (headers[at][0], draw(ODD)), *headers[at + 1 :]]
        case 2:
            return value, [*headers, draw(st.sampled_from(headers))]
        case 3:
            return value, [each for each in headers if draw(st.booleans())]
        case 4:
            cut = draw(st.integers(0, len(value)))
            return value[:cut] + draw(st.binary(max_size=5)) + value[cut:], headers
        case _:
            return value, headers


def make(service: str, person: str, count: int, chosen: int) -> list[Hostile]:
    """So many hostile claims to a service; the same number makes the same ones."""
    made: list[Hostile] = []

    @seed(chosen)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(hostile(service, claims(service, person)))
    def collect(one: Hostile) -> None:
        made.append(one)

    collect()
    return made


def good_claim(service: str, person: str, id_: str, number: int) -> Hostile:
    """A claim that is to be accepted, on a day of its own."""
    type_, reference, says = GOOD[service]
    day = (LAST_DAY - timedelta(days=number)).isoformat()
    data = {**says, "occurred_on": day, reference: id_, "person_id": person}
    value, made = as_cloudevent(PARTNER, service, {"id": id_, "type": type_, "data": data})
    return value, [(name, raw.encode() if isinstance(raw, str) else raw) for name, raw in made]


async def at_kafka(stage: Stage, count: int, chosen: int, verdict: Verdict) -> None:
    """Hostile claims at the topics of a partner, good ones among them: each is answered, the good ones accepted, nothing stops."""
    (person,) = await registering.known(stage, PARTNER, "hostile")
    good: list[str] = []
    places: set[Place] = set()
    chance = random.Random(chosen)
    for service in CLAIMED:
        records: list[Hostile] = []
        for number, one in enumerate(make(service, person, count // len(CLAIMED) + 1, chosen)):
            records.append(one)
            if number % GOOD_EVERY == 0:
                good.append(f"good-{chance.getrandbits(64):x}")
                records.append(good_claim(service, person, good[-1], number // GOOD_EVERY))
        topic = claims_topic(PARTNER, service)
        offsets = await asyncio.to_thread(_produce, stage.broker.bootstrap, topic, records)
        places |= {(topic, offset) for offset in offsets}
        verdict.cases[f"claims at a partner's topic of {service}"] += len(records)
    archive = Archive(stage.broker.bootstrap, (known.answers(PARTNER),))
    answered: dict[Place, Mapping[str, Any]] = {}

    async def all_answered() -> bool:
        await archive.catch_up()
        for answer in archive.of(known.answers(PARTNER)):
            answered[answer.said["topic"], answer.said["offset"]] = answer.said
        return places <= set(answered) or bool(await _stops(stage))

    await until(all_answered, PATIENCE, "every claim is answered")
    if stops := await _stops(stage):
        verdict.wrong.append(f"partitions are stopped: {stops}")
    accepted = {said.get("claim_id") for said in answered.values() if said["outcome"] == "accepted"}
    if lost := set(good) - accepted:
        verdict.wrong.append(f"{len(lost)} good claims were not accepted")
    if leaked := [said for said in answered.values() if "Traceback" in json.dumps(said)]:
        verdict.wrong.append(f"{len(leaked)} answers hold a stack trace")


def _produce(bootstrap: str, topic: str, records: Sequence[Hostile]) -> set[int]:
    """The offsets of the records."""
    offsets: set[int] = set()
    producer = Producer({"bootstrap.servers": bootstrap, "message.max.bytes": LARGEST})
    for value, headers in records:
        producer.produce(
            topic, value, uuid.uuid4().bytes[:2], 0, headers=headers,  # type: ignore[arg-type]
            on_delivery=lambda error, message: offsets.add(message.offset() or 0),
        )  # fmt: skip
        producer.poll(0)
    if producer.flush(60):
        raise TimeoutError("the broker did not take the claims")
    return offsets


async def _stops(stage: Stage) -> list[str]:
    return [stop for service in CLAIMED for stop in await _stops_of(stage, service)]


async def _stops_of(stage: Stage, service: str) -> list[str]:
    connection = await asyncpg.connect(stage.dsn(service))
    try:
        rows = await connection.fetch(
            "SELECT stopped_code, stopped_detail FROM kit.position WHERE stopped_code IS NOT NULL"
        )
    finally:
        await connection.close()
    return [f"{service}: {row['stopped_code']}: {row['stopped_detail']}" for row in rows]


# -- the command ---------------------------------------------------------------------------------------------------------------


def main(
    cases: Annotated[int, typer.Option(help="at least so many, half of them by HTTP")] = 10_000,
    seed: Annotated[int, typer.Option(help="the same number makes the same cases; 0: draw one")] = 0,
    page: Annotated[Path | None, typer.Option(help="write the report there, in Markdown")] = None,
) -> None:
    """Try every door with hostile input."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    chosen, commit = seed or random.randrange(1, 10**6), commit_of_code()
    console.print(f"seed {chosen}")
    verdict = asyncio.run(try_all(cases, chosen))
    if page is not None:
        page.write_text("\n".join(_page(verdict, f"make hostile CASES={cases} SEED={chosen}", commit)) + "\n")
    for door, count in sorted(verdict.cases.items()):
        console.print(f"{count:7} {door}")
    console.print(f"{verdict.cases.total()} cases, {len(verdict.wrong)} things wrong")
    raise typer.Exit(1 if verdict.wrong or verdict.cases.total() < cases else 0)


def _page(verdict: Verdict, again: str, commit: str) -> Iterator[str]:
    yield "# Hostile input at every door\n"
    yield f"Written by `{again}` at commit {commit}, {datetime.now(UTC):%Y-%m-%d}, on {machine()}."
    yield "A case is one request, or one record; wrong is a 5xx, a stopped partition, a good neighbour that was lost.\n"
    yield "| door | cases |\n|---|---|"
    yield from (f"| {door} | {count} |" for door, count in sorted(verdict.cases.items()))
    yield f"| **all** | {verdict.cases.total()} |\n\nWrong: {len(verdict.wrong)}"
    yield from (f"\n```\n{wrong}\n```" for wrong in verdict.wrong)


def _say(verdict: Verdict, so_far: str) -> None:
    """How far it is, and what was found since it was last said: whoever ends it before its end knows that, too."""
    console.print(f"{verdict.cases.total()} {so_far}")
    for each in verdict.wrong[verdict.told :]:
        console.print(each, markup=False, style="red")
    verdict.told = len(verdict.wrong)


async def try_all(cases: int, chosen: int) -> Verdict:
    verdict = Verdict()
    async with choose_broker("auto") as broker, doors(broker) as stage:
        await at_kafka(stage, cases // 2, chosen, verdict)
        _say(verdict, "claims answered")
        turn = 0
        while verdict.cases.total() < cases:
            for part in PARTS:
                for role in ROLES.get(part.service, STAFF):
                    await at_http(stage, part, role, 10, chosen + turn, verdict)
                    _say(verdict, f"cases, last at {part.service} as {role or 'nobody'}")
            turn += 1
    return verdict


if __name__ == "__main__":
    typer.run(main)
