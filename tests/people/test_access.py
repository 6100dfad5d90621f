"""A person asks for all that every service holds of them; an officer gathers it, and they fetch it where nobody else can."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from kit.clock import now
from kit.database import Database
from kit.deadlines import fire_next
from kit.letting_go import let_go
from kit.retention import Rows
from kit.testing.client import As, Client
from kit.testing.databases import Clone
from people import access, keyring, rotation
from people.handlers import People
from people.links import HOME
from people.retention import SCHEDULE

from .test_erasure import erased, everything
from .test_requests import Page, look_at, officer, page, person

__all__ = ["officer", "page", "person"]  # fixtures

SECRET = "a course that nobody else knows of"
GATHERED = next(line for line in SCHEDULE if isinstance(line, Rows) and line.table == "access")


def gathered(person: str, *ids: str, said: str = "answered") -> dict[str, Any]:
    """What `oneworkforce persons held` writes."""
    nothing: dict[str, Any] = {"records": [], "parts": [], "rows": []}
    record = {
        "aggregate": "enrolment",
        "id": str(uuid4()),
        "state": {"title": SECRET, "why": None, "sessions": ["2026-01-05"]},
    }
    return {
        "person_id": person, "ids": [person, *ids], "gathered_at": now().isoformat(),
        "services": [
            {"service": "learning", "said": said, **nothing, "records": [record]},
            *({"service": each, "said": "holds nothing", **nothing} for each in ("mobility", "talent-pipeline", "people")),
            {"service": "equality-monitoring", "said": "gives it to the person alone", **nothing},
        ],
    }  # fmt: skip


async def waits(officer: Client) -> list[str]:
    return [row["why"] for row in (await officer.found("/waiting", aggregate="access"))["rows"]]


async def test_a_person_asks_fetches_what_was_gathered_and_removes_it(
    officer: Client, coordinator: Client, person: str, page: Page, clone: Clone, database: Database
) -> None:
    assert "Ask for all of it" in await page.read()
    assert (await page.browser.get(f"{HOME}/everything")).status_code == 404
    assert (await page.send("/everything")).status_code == 303
    assert "You asked for all of it on" in await page.read()
    assert await waits(officer) == ["gather-access"]
    assert (await page.send("/everything")).status_code == 409
    document = gathered(person)
    given = await officer.made(f"/persons/{person}/release", document)
    assert given["until"] > (now() + timedelta(days=29)).isoformat()
    assert await waits(officer) == []
    assert SECRET not in await everything(clone)
    shown = await page.read()
    assert "You can fetch them here until" in shown
    assert "You asked for all of it on" not in shown
    await page.browser.get(f"{HOME}/everything")  # a download that broke off is begun again
    fetched = await page.browser.get(f"{HOME}/everything")
    with zipfile.ZipFile(io.BytesIO(fetched.content)) as archive:
        assert json.loads(archive.read("what-every-service-holds.json")) == document
        html = archive.read("what-every-service-holds.html").decode()
    assert all(
        each in html for each in (SECRET, "2026-01-05", "It holds nothing about you.", "It shows nothing to us.")
    )
    assert (await page.send("/everything/remove")).status_code == 303
    assert (await page.browser.get(f"{HOME}/everything")).status_code == 404
    assert "Ask for all of it" in await page.read()
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM access") == 0
        assert await tx.fetchval("SELECT array_agg(kind) FROM message") == ["request-decided"]
        assert await tx.fetchval("SELECT author FROM kit.operation WHERE action = 'access-released'")


async def test_what_a_month_has_not_brought_waits_under_another_name_and_what_was_released_does_not(
    officer: Client, person: str, page: Page, database: Database
) -> None:
    await page.send("/everything")
    while await fire_next(database, access.fall_due, now() + timedelta(days=33)):
        pass
    assert await waits(officer) == ["access-overdue"]
    await officer.made(f"/persons/{person}/release", gathered(person))
    assert await waits(officer) == []
    await page.send("/everything")  # once more: what came before is not kept beside it
    assert (await page.browser.get(f"{HOME}/everything")).status_code == 404
    assert await waits(officer) == ["gather-access"]
    assert (await page.send("/everything/remove")).status_code == 303
    assert "We answer by" in await page.read()
    async with database.transaction() as tx:
        assert await let_go(tx, GATHERED, now() + timedelta(days=60)) == 0
    assert "We answer by" in await page.read()


async def test_an_officer_finds_whose_request_it_is_that_waits(
    officer: Client, coordinator: Client, person: str, page: Page
) -> None:
    await page.send("/everything")
    (row,) = (await officer.found("/waiting", aggregate="access"))["rows"]
    asked = await officer.found(f"/access/{row['aggregate_id']}")
    assert (asked["person_id"], asked["asked_on"], asked["until"]) == (person, row["since"], None)
    assert asked["answer_by"] > asked["asked_on"]
    await officer.made(f"/persons/{asked['person_id']}/release", gathered(person))
    done = await officer.found(f"/access/{row['aggregate_id']}")
    assert done["asked_on"] is None
    assert done["until"] is not None
    assert (await officer.get(f"/access/{uuid4()}")).status_code == 404
    assert (await coordinator.get(f"/access/{row['aggregate_id']}")).status_code == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"person_id": str(uuid4()), "ids": []}, "person_id"),
        ({"services": [gathered("x", said="does not answer")["services"][0]]}, "services"),
        ({"services": gathered("x")["services"][1:]}, "services"),
        ({"services": []}, "services"),
        ({"services": "all"}, "services"),
        ({"note": "more"}, "note"),
    ],
    ids=[
        "another person's",
        "one did not answer",
        "one is missing",
        "nobody was asked",
        "no list",
        "a field that we do not have",
    ],
)
async def test_what_is_not_whole_or_another_person_s_is_refused(
    officer: Client, person: str, change: dict[str, Any], field: str
) -> None:
    refused = await officer.post(f"/persons/{person}/release", gathered(person) | change)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"].startswith(field)
    assert SECRET not in refused.text


async def test_only_an_officer_releases_and_to_nobody_who_was_erased(
    officer: Client, coordinator: Client, as_role: As, person: str, page: Page, clone: Clone
) -> None:
    path = f"/persons/{person}/release"
    for role in ("coordinator", "auditor"):
        assert (await as_role(role).post(path, gathered(person))).status_code == 403
    await officer.made(path, gathered(person))
    await page.send("/everything")
    await erased(coordinator, as_role, person)
    assert (await officer.post(path, gathered(person))).status_code == 404
    rows = await everything(clone)
    assert "gather-access" not in rows
    async with clone.open() as database, database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM access") == 0


async def test_what_is_not_fetched_is_over_after_thirty_days_and_then_gone(
    officer: Client, person: str, page: Page, database: Database
) -> None:
    await officer.made(f"/persons/{person}/release", gathered(person))
    async with database.transaction() as tx:
        assert await let_go(tx, GATHERED, now() + timedelta(days=29)) == 0
        await tx.execute("UPDATE access SET released_at = released_at - $1::interval", access.LASTS)
    assert (await page.browser.get(f"{HOME}/everything")).status_code == 404
    assert "Ask for all of it" in await page.read()
    async with database.transaction() as tx:
        assert await let_go(tx, GATHERED, now()) == 1


async def test_what_waits_for_a_person_stays_readable_when_keys_are_exchanged(
    officer: Client, coordinator: Client, person: str, page: Page, database: Database, people: People, vault_keys: Path
) -> None:
    await officer.made(f"/persons/{person}/release", gathered(person))
    keyring.add(vault_keys, "second")
    keyring.use(vault_keys, "second")
    with pytest.raises(ValueError, match="reseal first"):
        await rotation.drop(database, vault_keys, "first")
    await rotation.reseal(database, people.keys)
    await rotation.drop(database, vault_keys, "first")
    assert (await page.browser.get(f"{HOME}/everything")).status_code == 200
    assert (await look_at(coordinator, person))["name"]
