"""Topics and partners as declared: every difference is found, and a new partner is heard by a reader that runs."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from kit import kafka, topics
from kit.bus import Bus
from kit.claims import Claimed, ClaimReader
from kit.database import Connection
from kit.ids import new_id
from kit.testing.facts import ClaimAnswered, CountClaimed
from kit.testing.records import TestRecord
from kit.testing.running import produce, running
from kit.testing.waiting import until
from kit.topics import Topic
from laptop.embedded_broker import EmbeddedBroker
from oneworkforce import contracts, declared
from oneworkforce.declared import Declared
from schemas import talent_pipeline as tp
from schemas.fact import Claim

from .conftest import World


@pytest_asyncio.fixture
async def alone(bare: World) -> AsyncIterator[World]:
    """The service on a broker that nobody else uses."""
    async with EmbeddedBroker() as broker:
        bare.broker = broker
        bare.write()
        yield bare


async def test_what_is_made_is_as_declared_and_making_it_twice_makes_nothing(alone: World) -> None:
    assert (await alone.ok("topics", "create")).out == f"{alone.topic}\n"
    assert (await alone.ok("topics", "create")).out == "nothing is missing\n"
    assert (await alone.ok("topics", "check")).out == "all is as declared\n"
    assert (await alone.ok("topics", "check", "--json")).json == []


async def test_each_difference_is_found(alone: World) -> None:
    partners = alone.folder / "partners.toml"
    partners.write_text(f'[acme]\ntitle = "Acme"\nservices = ["{alone.service}"]\n')
    claims = f"partner.acme.{alone.service}.v1"
    client = kafka.admin(alone.settings())
    topics.create(
        client,
        [
            Topic(alone.topic, 4, {"retention.ms": "1000", "cleanup.policy": "delete"}),
            Topic(claims, 2, {"retention.ms": str(30 * topics.DAY), "cleanup.policy": "compact"}),
            Topic("partner.gone.answers.v1", 1),
        ],
    )
    said = await alone.run("topics", "check", "--json")
    assert said.code == 1
    assert said.json == [
        f"{alone.topic} has 4 partitions, declared are 3",
        f"{alone.topic} has retention.ms=1000, declared is -1",
        f"{claims} has 2 partitions, declared are 1",
        f"{claims} has cleanup.policy=compact, declared is delete",
        f"{claims} has max.message.bytes=None, declared is 1048588",
        "partner.acme.answers.v1 is missing",
        "partner.gone.answers.v1 is not declared",
    ]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("[Acme]\ntitle = 'A'\nservices = ['x']", "[Acme]: a name is lower case"),
        ("[acme]\nservices = ['x']", "[acme]: title is missing"),
        ("[acme]\ntitle = 'A'", "[acme]: services must be a list"),
        ("[acme]\ntitle = 'A'\nservices = ['x']\nsecret = 'y'", "[acme]: secret is not known there"),
        ("[acme]\ntitle = 'A'\nservices = ['x']\nprincipal = 'acme'", "[acme]: principal must begin with User:"),
    ],
)
async def test_a_partner_that_is_declared_wrongly_is_named(bare: World, table: str, sentence: str) -> None:
    (bare.folder / "partners.toml").write_text(table)
    said = await bare.run("partners", "list")
    assert (said.code, sentence in said.error) == (2, True), said


async def test_a_new_partner_is_heard_by_a_reader_that_runs(world: World, tmp_path: Path) -> None:
    """c10: its first claims too, though its topic was made after the reader started."""
    heard: list[str] = []

    async def judge(tx: Connection, claim: Claim, claimed: Claimed) -> Mapping[str, UUID]:
        heard.append(claimed.partner)
        return {"counter_id": new_id()}

    reader = ClaimReader(world.service, {CountClaimed: judge}, ClaimAnswered)
    async with world.database() as database:
        bus = Bus(world.settings(), database, reader, pattern=reader.pattern)
        async with running(bus):
            for name in ("acme", "zenith-care"):
                partner = f"{name}-{world.service}"
                await world.ok("partners", "add", partner, "--title", 'The "A" Trust', "--service", world.service)
                headers = [
                    ("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", f"/partner/{partner}".encode()),
                    ("ce_type", CountClaimed.TYPE.encode()),
                ]  # fmt: skip
                topic = f"partner.{partner}.{world.service}.v1"
                await produce(world.settings(), [TestRecord(topic, 0, 0, b"k", b'{"by": 1}', headers)])

                async def arrived(partner: str = partner) -> bool:
                    return partner in heard

                await until(arrived)
    listed = (await world.ok("partners", "list", "--json")).json
    assert [(row["title"], row["services"]) for row in listed] == [('The "A" Trust', [world.service])] * 2
    other = await world.run("partners", "add", listed[0]["name"], "--title", "Another", "--service", world.service)
    assert (other.code, "declares another" in other.error) == (1, True)
    assert (await world.run("partners", "add", "Bad Name", "--title", "B", "--service", world.service)).code == 2


async def test_what_was_refused_is_kept_and_shown_without_what_it_holds(world: World) -> None:
    reader = ClaimReader(world.service, {}, ClaimAnswered)
    partner = f"acme-{world.service}"
    await world.ok("partners", "add", partner, "--title", "Acme", "--service", world.service)
    topic = f"partner.{partner}.{world.service}.v1"
    await produce(world.settings(), [TestRecord(topic, 0, 0, b"k", b"SECRET-7", [])])
    async with world.database() as database, running(Bus(world.settings(), database, reader, topics=[topic])):

        async def kept() -> bool:
            return bool((await world.ok("refused", "list", "--partner", partner, "--json")).json)

        await until(kept)
    (claim,) = (await world.ok("refused", "list", "--json")).json
    assert "SECRET-7" not in (await world.ok("refused", "show", world.service, claim["id"])).out
    assert "SECRET-7" in (await world.ok("refused", "show", world.service, claim["id"], "--reveal")).out
    assert (await world.run("refused", "show", world.service, 999)).code == 1


async def test_a_task_is_done_by_somebody_for_a_reason(world: World) -> None:
    await world.fetch(
        "INSERT INTO kit.task (consumer, event_id, code, detail) VALUES ('test.counting', gen_random_uuid(), 'odd', 'is odd')"
    )
    (task,) = (await world.ok("tasks", "list", "--json")).json
    await world.decide("tasks", "done", world.service, task["id"])
    assert (await world.ok("tasks", "list")).out == "nothing waits\n"
    assert [row["done_by"] for row in (await world.ok("tasks", "list", "--all", "--json")).json] == ["tester"]
    assert (await world.run("tasks", "done", world.service, 9, "--author", "a", "--reason", "b")).code == 1


# -- contracts ---------------------------------------------------------------------------------------------------------

TALENT = Declared(tp.SERVICE, "User:talent-pipeline", (), (), (), [topics.events(tp.SERVICE)], [])


def test_a_contract_that_leaves_something_out_is_named() -> None:
    said = Declared(**{**vars(TALENT), "emits": (tp.CandidatePlaced, tp.CampaignPlanned)})
    hears = Declared("reporting", "User:reporting", (), (tp.CandidatePlaced,), (), [], [])
    found = contracts.incomplete([said, hears])
    assert "talent-pipeline's contract: CampaignOpened is not in EMITS" in found
    assert found[-1] == "reporting's contract: CampaignPlanned is in neither ACCEPTS nor IGNORES"


def test_a_reader_reads_the_topics_of_what_it_accepts() -> None:
    hears = Declared("reporting", "User:reporting", (), (tp.CandidatePlaced,), (), [], [])
    assert hears.reads([TALENT, hears]) == ["talent-pipeline.events.v1"]
    assert declared.Declared(**{**vars(hears), "named": ["a.v1"]}).reads([TALENT]) == ["a.v1"]


def test_the_contracts_of_this_repository_are_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from oneworkforce.main import app

    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["contracts", "check"])
    assert (done.exit_code, done.stdout) == (0, "contracts: all is well\n")
