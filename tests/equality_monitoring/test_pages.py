"""A person's own pages: by the link, without JavaScript, and closed to everybody else."""

import re
from datetime import timedelta

import httpx2

from equality_monitoring.links import HOME
from equality_monitoring.pages.questions import QUESTIONS
from kit.database import Database
from schemas.equality_monitoring import Declaration

from .conftest import Doors, Person


async def enter(client: httpx2.AsyncClient, person: Person) -> str:
    """Come by the link; the page's CSRF token."""
    await client.get(f"{HOME}/start", params={"token": person.token})
    return csrf_of(await client.get(HOME))


def csrf_of(page: httpx2.Response) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert found is not None
    return found[1]


async def test_the_link_says_what_it_is_for_and_becomes_a_cookie(client: httpx2.AsyncClient, person: Person) -> None:
    page = await client.get(f"{HOME}/start", params={"token": person.token})
    assert page.status_code == 200
    for promise in ("Nobody who decides about you", "leave out any question", "take them back"):
        assert promise in page.text
    cookie = page.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Secure", f"Path={HOME}"} <= set(cookie.split("; "))
    assert person.token not in page.text
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")


async def test_answers_are_given_changed_and_taken_back(client: httpx2.AsyncClient, person: Person) -> None:
    csrf = await enter(client, person)
    saved = await client.post(HOME, data={"csrf": csrf, "ethnic_category": "N", "age_band": "16-25"})
    assert (saved.status_code, saved.headers["location"]) == (303, f"{HOME}?saved=yes")
    shown = await client.get(saved.headers["location"])
    assert "Your answers are saved" in shown.text
    assert "Black African" in shown.text
    form = await client.get(f"{HOME}/change")
    assert re.search(r'value="N"\s+checked', form.text)
    await client.post(HOME, data={"csrf": csrf, "ethnic_category": "no-answer", "age_band": "26-35"})
    changed = await client.get(HOME)
    assert "Black African" not in changed.text
    assert "26 to 35" in changed.text
    gone = await client.post(f"{HOME}/withdraw", data={"csrf": csrf})
    assert (gone.status_code, gone.headers["location"]) == (303, f"{HOME}/withdraw")
    assert "We hold no answers of yours" in (await client.get(gone.headers["location"])).text
    assert "What is your ethnic group?" in (await client.get(HOME)).text


async def test_page_and_route_are_two_doors_to_one_declaration(client: httpx2.AsyncClient, person: Person) -> None:
    csrf = await enter(client, person)
    await client.post(HOME, data={"csrf": csrf, "sex": "female"})
    assert (await client.get(person.path, headers=person.bearer)).json()["declaration"] == {"sex": "female"}


async def test_nothing_is_written_without_the_token_of_the_page(
    client: httpx2.AsyncClient, person: Person, database: Database
) -> None:
    await enter(client, person)
    for path in ("", "/withdraw", "/leave"):
        for given in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "é"}):
            assert (await client.post(HOME + path, data={"sex": "female", **given})).status_code == 401
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM kit.journal") == 0


async def test_the_token_of_one_person_s_page_is_of_no_use_to_another(client: httpx2.AsyncClient, doors: Doors) -> None:
    csrf = await enter(client, doors.person())
    await enter(client, doors.person())
    assert (await client.post(HOME, data={"csrf": csrf, "sex": "female"})).status_code == 401


async def test_without_a_link_every_page_says_how_to_come_back(
    client: httpx2.AsyncClient, doors: Doors, person: Person
) -> None:
    old = doors.token(person.id, lasts=timedelta(seconds=-1))
    for path in (HOME, f"{HOME}/change", f"{HOME}/withdraw", f"{HOME}/start", f"{HOME}/start?token={old}"):
        page = await client.get(path)
        assert (page.status_code, "Open your link again" in page.text) == (401, True)
        assert "set-cookie" not in page.headers


async def test_whoever_leaves_has_closed_the_door(client: httpx2.AsyncClient, person: Person) -> None:
    csrf = await enter(client, person)
    assert "This page is closed" in (await client.post(f"{HOME}/leave", data={"csrf": csrf})).text
    assert (await client.get(HOME)).status_code == 401


async def test_what_we_did_not_offer_is_not_kept_and_not_repeated(client: httpx2.AsyncClient, person: Person) -> None:
    csrf = await enter(client, person)
    for value in ("<i>other</i>", "Q9", "\x00", "x" * 100_000):
        page = await client.post(HOME, data={"csrf": csrf, "sex": value})
        assert page.status_code == 422
        assert "Choose one of the answers" in page.text
        assert value not in page.text
    for nothing in ({}, {"sex": ""}, {"sex": "no-answer"}, {"name": "Ada"}):
        page = await client.post(HOME, data={"csrf": csrf, **nothing})
        assert (page.status_code, "Answer at least one question" in page.text) == (422, True)


async def test_every_characteristic_is_asked_once_and_none_must_be_answered(
    client: httpx2.AsyncClient, person: Person
) -> None:
    await enter(client, person)
    page = await client.get(HOME)
    assert {question.name for question in QUESTIONS} == set(Declaration.model_fields)
    for question in QUESTIONS:
        assert page.text.count(question.legend) == 1
        assert f'name="{question.name}"' in page.text
    assert "required" not in page.text
    assert 'value="99"' not in page.text
    assert page.text.count("Prefer not to say") == len(QUESTIONS)


async def test_nothing_on_the_pages_comes_from_another_host(client: httpx2.AsyncClient, person: Person) -> None:
    await enter(client, person)
    for path in (f"{HOME}/start", HOME, f"{HOME}/withdraw"):
        page = await client.get(path)
        assert not re.findall(r'(?:src|href|action)="(?!/|#|data:)', page.text)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "nhsuk-header__logo" not in page.text
