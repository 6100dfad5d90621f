"""A person asks for all that is held of them: an officer gathers it, while a service is away and when it is back; they fetch it."""

import asyncio
import io
import json
import uuid
import zipfile
from typing import Any

import httpx2
import pytest
from tests.people.test_pages import csrf_of
from typer.testing import CliRunner

from city.client import Caller
from city.registering import exchange, until_heard
from city.stage import Stage
from oneworkforce.main import app as command_line

from .test_erasure import DAY, PARTNER, learn_and_move

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOLDS = {"talent-pipeline", "learning", "mobility", "people"}
DOWN = "mobility.api"


async def operate(stage: Stage, *words: str) -> Any:
    """A command of the officer's, and what it said."""
    given = ["--config", str(stage.configure()), *words]
    return await asyncio.to_thread(CliRunner().invoke, command_line, given)


async def their_page(vault: httpx2.AsyncClient, coordinator: Caller, person: str) -> httpx2.AsyncClient:
    """A browser, in at the person's own page."""
    link = (await coordinator.do("POST", f"/persons/{person}/own-page"))["url"]
    browser = httpx2.AsyncClient(base_url=vault.base_url, timeout=30)
    await browser.post("/my/person/start", data={"code": link.partition("?code=")[2]})
    return browser


async def test_all_that_is_held_of_a_person_is_gathered_under_either_id_and_what_is_missing_is_said(
    stage: Stage,
) -> None:
    mark = f"mark{uuid.uuid4().hex}"
    async with (
        httpx2.AsyncClient(base_url=stage.url("people.api"), timeout=30) as vault,
        httpx2.AsyncClient(base_url=stage.url("talent-pipeline.api"), timeout=30) as pipeline,
    ):
        coordinator, hub = (Caller(client, stage.token("coordinator")) for client in (vault, pipeline))
        registered = {"name": f"Ada {mark}", "email": f"{mark}@example.org"}
        person = (await coordinator.do("POST", "/persons", registered))["id"]
        (other,) = await exchange(stage, PARTNER, [mark])
        await coordinator.do("POST", f"/persons/{other}/link", {"same_as": person, "reason": "confirmed-by-partner"})
        await until_heard(stage)
        came = {"person_id": person, "source": "direct", "channel": "website", "employment_status": "unemployed"}
        await hub.do("POST", "/engagements", {**came, "occurred_on": DAY})
        await learn_and_move(stage, other, PARTNER)

        await stage.supervisor.end(DOWN)
        file = stage.folder / f"{person}.json"
        half = await operate(stage, "persons", "held", person, "--to", str(file))
        await stage.supervisor.restart(DOWN)
        assert (half.exit_code, "this is not all: no answer from mobility" in half.stderr) == (1, True), half.output
        assert mark not in half.output
        said = {each["service"]: each["said"] for each in json.loads(file.read_text())["services"]}
        assert said["mobility"] == "does not answer"
        assert {service for service, word in said.items() if word == "answered"} == HOLDS - {"mobility"}

        by_either = [
            json.loads((await operate(stage, "persons", "held", id_, "--json")).stdout) for id_ in (person, other)
        ]
        looks = (await coordinator.do("GET", f"/persons/{person}/looks"))["rows"]
        page = await their_page(vault, coordinator, person)
        asked = await page.post(
            "/my/person/everything", data={"csrf": csrf_of(page_of := await page.get("/my/person"))}
        )
        assert (asked.status_code, "Ask for all of it" in page_of.text) == (303, True)
        officer = Caller(vault, stage.token("data-protection-officer"))
        waits = (await officer.do("GET", "/waiting?aggregate=access"))["rows"]
        assert {each["why"] for each in waits} == {"gather-access"}
        who = [(await officer.do("GET", f"/access/{each['aggregate_id']}"))["person_id"] for each in waits]
        assert person in who
        refused = await operate(stage, "persons", "release", person, str(file))
        assert (refused.exit_code, "people does not take it" in refused.stderr) == (1, True)
        file.unlink()
        assert (await operate(stage, "persons", "held", person, "--to", str(file))).exit_code == 0
        released = await operate(stage, "persons", "release", person, str(file))
        assert released.exit_code == 0, released.output
        fetched = await page.get("/my/person/everything")
        with zipfile.ZipFile(io.BytesIO(fetched.content)) as archive:
            theirs = json.loads(archive.read("what-every-service-holds.json"))
        await page.aclose()
    assert theirs == json.loads(file.read_text())
    assert by_either[0]["ids"] == by_either[1]["ids"] == sorted((person, other))
    assert kept_of(by_either[0]) == kept_of(by_either[1])
    whole = {each["service"]: each for each in by_either[0]["services"]}
    assert {service for service, each in whole.items() if each["said"] == "answered"} == HOLDS
    assert {whole[each]["said"] for each in ("equality-monitoring", "reporting")} == {"gives it to the person alone"}
    assert mark in json.dumps(whole["people"])
    assert [each["id"] for each in whole["people"]["records"]] == [person, other]
    assert {each["aggregate"] for each in whole["mobility"]["records"]} == {"passport", "deployment"}
    assert {each["aggregate"] for each in whole["learning"]["records"]} >= {"competence"}
    assert [each["aggregate"] for each in whole["talent-pipeline"]["records"]] == ["engagement"]
    assert mark not in json.dumps({service: each for service, each in whole.items() if service != "people"})
    assert {look["reason"] for look in looks} == {"subject-access"}


def kept_of(gathered: dict[str, Any]) -> dict[str, set[str]]:
    """The records of every service, by what each is: a look at the vault is in the next answer already."""
    return {each["service"]: {record["id"] for record in each["records"]} for each in gathered["services"]}
