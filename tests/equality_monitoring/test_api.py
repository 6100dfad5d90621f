"""The JSON routes: a person's own declaration, and nobody else's."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx2
import jwt
import pytest
from fastapi import FastAPI

from kit.database import Database
from kit.ids import new_id

from .conftest import Doors, Person


async def test_a_person_gives_changes_reads_and_withdraws(client: httpx2.AsyncClient, person: Person) -> None:
    given = await client.put(person.path, json={"ethnic_category": "N", "sex": "female"}, headers=person.bearer)
    assert (given.status_code, given.headers["etag"]) == (201, '"1"')
    same = await client.put(person.path, json={"sex": "female", "ethnic_category": "N"}, headers=person.bearer)
    assert (same.content, same.headers["etag"]) == (given.content, '"1"')
    changed = await client.put(person.path, json={"ethnic_category": "P"}, headers=person.bearer)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    shown = await client.get(person.path, headers=person.bearer)
    assert shown.json() == changed.json() | {"declaration": {"ethnic_category": "P"}}
    gone = await client.delete(person.path, headers=person.bearer)
    assert (gone.status_code, gone.json()["status"], gone.headers["etag"]) == (200, "withdrawn", '"3"')
    left = await client.get(person.path, headers=person.bearer)
    assert left.json() == gone.json() | {"declaration": None}
    again = await client.put(person.path, json={"sex": "female"}, headers=person.bearer)
    assert again.status_code == 201
    assert again.json()["monitoring_id"] != given.json()["monitoring_id"]


async def test_what_was_said_on_an_earlier_day_says_so(client: httpx2.AsyncClient, person: Person) -> None:
    body = {"sex": "male", "occurred_on": "2022-03-14"}
    assert (await client.put(person.path, json=body, headers=person.bearer)).json()["since"] == "2022-03-14"
    gone = await client.delete(f"{person.path}?occurred_on=2022-03-31", headers=person.bearer)
    assert gone.json()["since"] == "2022-03-31"


async def test_only_the_request_holds_a_declaration_and_the_person_s_own_answer(
    client: httpx2.AsyncClient, person: Person, database: Database
) -> None:
    keyed = person.bearer | {"Idempotency-Key": "one"}
    given = await client.put(person.path, json={"religion_or_belief": "sikh"}, headers=keyed)
    assert "sikh" not in given.text
    async with database.transaction() as tx:
        assert b"sikh" not in await tx.fetchval("SELECT body FROM kit.answered_request")


# Who comes -------------------------------------------------------------------------------------------------------------


def forged(doors: Doors, person: Person) -> dict[str, tuple[str, int]]:
    """Tokens that open nothing, and how each is answered."""
    later = {"iat": 1, "exp": 9_999_999_999, "aud": "equality-monitoring", "iss": "talent-pipeline"}
    claims = later | {"sub": str(person.id)}
    public = doors.link_keys.read_bytes()
    return {
        "none at all": ("", 401),
        "no token": ("mint-tea", 401),
        "NUL": ("a.b.%00", 401),
        "alg none": (jwt.encode(claims, "", algorithm="none", headers={"kid": "link-1"}), 401),
        "the public key as a shared secret": (hs256(claims, public), 401),
        "signed by another key of the same name": (doors.token(person.id, signer=doors.other), 401),
        "a key that we do not know": (jwt.encode(claims, "", algorithm="none", headers={"kid": "nobody"}), 401),
        "for another service": (doors.token(person.id, audience="talent-pipeline"), 401),
        "for several services": (doors.token(person.id, audience=["equality-monitoring", "talent-pipeline"]), 401),
        "from another issuer": (doors.token(person.id, issuer="oneworkforce"), 401),
        "over": (doors.token(person.id, lasts=timedelta(seconds=-1)), 401),
        "of no person": (doors.token("everybody"), 401),
        "of another person": (doors.person().token, 403),
        "of staff": (staff(doors, "coordinator"), 403),
        "of an auditor": (staff(doors, "auditor"), 403),
        "of staff, for us, by their issuer": (doors.token(person.id, signer=doors.staff), 401),
    }


def staff(doors: Doors, role: str) -> str:
    return doors.token(
        role,
        signer=doors.staff,
        issuer="oneworkforce-development",
        audience="oneworkforce",
        roles=[role],
        organisation="*",
    )


def hs256(claims: dict[str, Any], secret: bytes) -> str:
    """PyJWT itself refuses to sign with a public key: an attacker does not."""
    import base64
    import hashlib
    import hmac

    def part(raw: bytes) -> bytes:
        return base64.urlsafe_b64encode(raw).rstrip(b"=")

    said = part(json.dumps({"alg": "HS256", "kid": "link-1"}).encode()) + b"." + part(json.dumps(claims).encode())
    return (said + b"." + part(hmac.digest(secret, said, hashlib.sha256))).decode()


async def test_no_other_token_opens_a_declaration(
    client: httpx2.AsyncClient, person: Person, doors: Doors, capsys: pytest.CaptureFixture[str]
) -> None:
    await client.put(person.path, json={"religion_or_belief": "sikh"}, headers=person.bearer)
    for what, (token, status) in forged(doors, person).items():
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        for method in ("GET", "PUT", "DELETE"):
            body = (
                b'{"sex": "male", "sex": "male"}' if method == "PUT" else None
            )  # refused too, but not told to strangers
            answer = await client.request(
                method, person.path, content=body, headers=headers | {"Content-Type": "application/json"}
            )
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), what
            assert "sikh" not in answer.text
    assert (await client.get(person.path, headers=person.bearer)).json()["declaration"] == {
        "religion_or_belief": "sikh"
    }
    logged = capsys.readouterr().out
    assert logged.count("access_denied") == 3 * len(forged(doors, person))
    for secret in (str(person.id), person.token, "sikh"):
        assert secret not in logged


async def test_whether_there_is_a_declaration_is_told_to_nobody_else(client: httpx2.AsyncClient, doors: Doors) -> None:
    known, unknown, other = doors.person(), doors.person(), doors.person()
    await client.put(known.path, json={"sex": "male"}, headers=known.bearer)
    answers = [await client.get(person.path, headers=other.bearer) for person in (known, unknown)]
    assert answers[0].content == answers[1].content
    assert answers[0].status_code == answers[1].status_code == 403
    assert (await client.get(unknown.path, headers=unknown.bearer)).status_code == 404


def test_every_route_is_a_person_s_own_or_says_of_no_person_how_long_something_is_kept(app: FastAPI) -> None:
    """By name, so that a route for anybody else is noticed here."""
    document = app.openapi()
    assert {path: set(verbs) for path, verbs in document["paths"].items()} == {
        "/monitoring/{person_id}": {"get", "put", "delete"},
        "/retention": {"get"},
        "/retention/{id}/keep-longer": {"post"},
    }


# What comes ------------------------------------------------------------------------------------------------------------

BAD = {
    "a code that is not in the list": b'{"ethnic_category": "I"}',
    "lower case": b'{"ethnic_category": "n"}',
    "NUL": b'{"sex": "female\\u0000"}',
    "a number": b'{"sex": 1}',
    "a list": b'{"sex": ["female"]}',
    "a field that we do not have": b'{"sex": "female", "name": "Ada"}',
    "a date as a number": b'{"sex": "female", "occurred_on": 19000}',
    "no such date": b'{"sex": "female", "occurred_on": "2023-02-29"}',
    "the future": b'{"sex": "female", "occurred_on": "2099-01-01"}',
    "nothing answered": b"{}",
    "a name twice": b'{"sex": "female", "sex": "male"}',
    "a name twice, once escaped": b'{"sex": "female", "\\u0073ex": "male"}',
    "no JSON": b"sex=female",
    "no object": b'["sex"]',
    "NaN": b'{"sex": NaN}',
    "no UTF-8": b'{"sex": "\xff"}',
    "nothing": b"",
}


async def test_bad_input_is_answered_with_field_and_rule_and_without_the_value(
    client: httpx2.AsyncClient, person: Person, database: Database
) -> None:
    headers = person.bearer | {"Content-Type": "application/json"}
    for what, body in BAD.items():
        answer = await client.put(person.path, content=body, headers=headers)
        assert answer.status_code in (400, 422), what
        assert answer.headers["content-type"] == "application/problem+json", what
        assert not any(value in answer.text for value in ("Ada", "19000", "2099-01-01", '"n"')), what
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM kit.journal") == 0


async def test_what_is_too_large_or_too_deep_is_turned_away(client: httpx2.AsyncClient, person: Person) -> None:
    headers = person.bearer | {"Content-Type": "application/json"}
    huge = await client.put(person.path, content=b'{"sex": "' + b"f" * 2_000_000 + b'"}', headers=headers)
    assert huge.status_code == 413

    async def drops() -> Any:
        for _ in range(40):
            yield b"[" * 50_000

    assert (await client.put(person.path, content=drops(), headers=headers)).status_code in (400, 413)
    deep = await client.put(person.path, content=b"[" * 200_000, headers=headers)
    assert deep.status_code in (400, 422)


async def test_a_path_that_names_no_person_is_no_path(client: httpx2.AsyncClient, person: Person) -> None:
    for path in ("/monitoring/%00", "/monitoring/me", "/monitoring", f"/monitoring/{person.id}/history"):
        assert (await client.get(path, headers=person.bearer)).status_code in (404, 422)


# Again -----------------------------------------------------------------------------------------------------------------


async def test_the_same_key_gets_the_same_answer_and_another_body_under_it_is_refused(
    client: httpx2.AsyncClient, person: Person
) -> None:
    keyed = person.bearer | {"Idempotency-Key": "k1"}
    first = await client.put(person.path, json={"sex": "female"}, headers=keyed)
    await client.put(person.path, json={"sex": "male"}, headers=person.bearer)
    again = await client.put(person.path, json={"sex": "female"}, headers=keyed)
    assert (again.status_code, again.content, again.headers["etag"]) == (201, first.content, '"1"')
    other = await client.put(person.path, json={"sex": "male"}, headers=keyed)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    assert (await client.get(person.path, headers=person.bearer)).json()["declaration"] == {"sex": "male"}


async def test_a_reply_that_was_lost_is_given_again_before_the_version_is_looked_at(
    client: httpx2.AsyncClient, person: Person
) -> None:
    """(c21)"""
    await client.put(person.path, json={"sex": "female"}, headers=person.bearer)
    headers = person.bearer | {"Idempotency-Key": "k2", "If-Match": '"1"'}
    first = await client.put(person.path, json={"sex": "male"}, headers=headers)
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert (await client.put(person.path, json={"sex": "male"}, headers=headers)).content == first.content
    stale = await client.put(person.path, json={"sex": "female"}, headers=person.bearer | {"If-Match": '"1"'})
    assert stale.status_code == 412
    assert (await client.delete(person.path, headers=person.bearer | {"If-Match": '"1"'})).status_code == 412


async def test_twenty_changes_at_once_are_twenty_versions(client: httpx2.AsyncClient, person: Person) -> None:
    codes = "ABCDEFGHJKLMNPRSZ"
    bodies = [{"ethnic_category": code} for code in codes] + [
        {"sex": "male"},
        {"sex": "female"},
        {"marriage": "neither"},
    ]
    answers = await asyncio.gather(*(client.put(person.path, json=body, headers=person.bearer) for body in bodies))
    assert sorted(int(answer.headers["etag"].strip('"')) for answer in answers) == list(range(1, 21))
    assert len({answer.json()["monitoring_id"] for answer in answers}) == 1


async def test_another_person_s_key_is_another_key(client: httpx2.AsyncClient, doors: Doors) -> None:
    for turn, person in enumerate((doors.person(new_id()), doors.person(new_id()))):
        body = {"sex": "female" if turn else "male"}
        headers = person.bearer | {"Idempotency-Key": "the same"}
        assert (await client.put(person.path, json=body, headers=headers)).status_code == 201
