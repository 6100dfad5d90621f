"""Routes: who may ask, the same answer to the same request, problems without what was sent, and headers of any kind."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio
from fastapi import APIRouter, Depends, FastAPI, Response
from pydantic import BaseModel, Field

from kit import http, sessions
from kit.auth import Keys, Principal, Signer, development_token, make_key
from kit.clock import now
from kit.database import EVERYONE, Connection, Database
from kit.errors import Refused, Unavailable, expect
from kit.http import Call, Done, allow, allow_to_read
from kit.letting_go import KEPT_DAYS, PLUMBING, let_go
from kit.settings import Settings
from kit.testing.effects import Ledger

MARKER = "Jane-Example-LS1-4AP"
COORDINATOR, READER = Depends(allow("coordinator")), Depends(allow_to_read("board", "coordinator"))


class Closed(Refused):
    """The counter is closed."""


class Up(BaseModel, extra="forbid"):
    by: int = Field(le=100)
    note: str | None = None


class Doors:
    """What the routes below wait for and count."""

    def __init__(self) -> None:
        self.runs = 0
        self.entered, self.open = asyncio.Event(), asyncio.Event()
        self.open.set()


def routes(doors: Doors) -> APIRouter:
    router = APIRouter()

    @router.post("/counters/{counter}/up")
    async def up(counter: str, body: Up, call: Call = COORDINATOR) -> Response:
        async def work(tx: Connection) -> Done:
            version = await tx.fetchval("SELECT count(*) FROM effect")
            expect(version, call.if_match)
            doors.runs += 1
            doors.entered.set()
            await doors.open.wait()
            await tx.execute(
                'INSERT INTO effect (aggregate_id, version, event_id, "by", partition, "offset")'
                " VALUES (gen_random_uuid(), 1, gen_random_uuid(), $1, 0, 0)",
                body.by,
            )
            if body.by == 99:
                raise Closed("it is closed", state="closed", allowed=("open",), field="by")
            if body.by == 98:
                raise Unavailable("somebody is away")
            if body.by == 97:
                raise KeyError(body.note)
            return Done({"run": doors.runs}, version=version + 1, status=201, location=f"/counters/{version}")

        return await call.once(work)

    @router.get("/counters/{counter}")
    async def show(counter: UUID, call: Call = READER) -> dict[str, str]:
        return {"correlation": str(call.context.correlation_id), "who": call.principal.subject}

    return router


@pytest.fixture
def doors() -> Doors:
    return Doors()


@pytest_asyncio.fixture
async def app(doors: Doors, settings: Settings, database: Database, tmp_path: Any) -> AsyncIterator[FastAPI]:
    make_key(tmp_path / "private", tmp_path / "public", "one")
    believing = settings.model_copy(update={"development_keys": tmp_path / "public"})
    app = http.create_app(
        title="Counters", version="1", description="Counters.", routers=[routes(doors)],
        lifespan=lambda app: http.served(app, database, Keys(believing)),
    )  # fmt: skip
    app.state.signer = Signer(tmp_path / "private")
    async with app.router.lifespan_context(app):
        yield app


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    token = development_token(app.state.signer, "coordinator")
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://counters", headers=headers) as client:
        yield client


async def up(client: httpx2.AsyncClient, by: Any = 1, key: str | None = "k1", **headers: str) -> httpx2.Response:
    given = {
        **({"Idempotency-Key": key} if key else {}),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return await client.post("/counters/a/up", json={"by": by}, headers=given)


# -- c21: the key is looked up first ---------------------------------------------------------------------------------------


async def test_a_request_whose_reply_was_lost_gets_its_answer_and_not_a_stale_version(
    client: httpx2.AsyncClient, ledger: Ledger, doors: Doors
) -> None:
    first = await up(client, If_Match='"0"')
    again = await up(client, If_Match='"0"')  # by now the version is 1
    assert (first.status_code, first.json(), first.headers["etag"]) == (201, {"run": 1}, '"1"')
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert {name: again.headers[name] for name in ("etag", "location", "content-type")} == {
        name: first.headers[name] for name in ("etag", "location", "content-type")
    }
    assert await ledger.effects() == [1]
    assert (await up(client, key="k2", If_Match='"0"')).status_code == 412


async def test_the_same_key_with_another_body_is_refused(client: httpx2.AsyncClient, ledger: Ledger) -> None:
    await up(client, 1)
    answer = await up(client, 2)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/key-reused")
    assert await ledger.effects() == [1]


async def test_an_answer_is_given_again_for_thirty_days_and_then_its_key_is_free(
    client: httpx2.AsyncClient, database: Database, ledger: Ledger
) -> None:
    assert (await client.get("/openapi.json")).json()["info"]["description"] == f"Counters.\n\n{http.AGAIN}"
    first, answers = await up(client), PLUMBING[0]
    for day, effects in ((29, [1]), (31, [1, 1])):
        async with database.transaction() as tx:
            await let_go(tx, answers, now() + timedelta(days=day))
        assert (await up(client)).json() == (first.json() if day < KEPT_DAYS else {"run": 2})
        assert await ledger.effects() == effects


async def test_a_key_belongs_to_who_used_it_and_to_the_route(
    client: httpx2.AsyncClient, app: FastAPI, ledger: Ledger
) -> None:
    await up(client, 1)
    other = development_token(app.state.signer, "coordinator", subject="another")
    assert (await up(client, 2, Authorization=f"Bearer {other}")).status_code == 201
    elsewhere = await client.post("/counters/b/up", json={"by": 3}, headers={"Idempotency-Key": "k1"})
    assert elsewhere.status_code == 201
    assert await ledger.effects() == [1, 2, 3]


async def test_of_two_requests_at_once_with_one_key_one_runs_and_both_get_its_answer(
    client: httpx2.AsyncClient, ledger: Ledger, doors: Doors
) -> None:
    doors.open.clear()
    first = asyncio.create_task(up(client))
    await doors.entered.wait()
    second = asyncio.create_task(up(client))
    doors.open.set()
    assert (await first).content == (await second).content
    assert (doors.runs, await ledger.effects()) == (1, [1])


async def test_a_refused_command_writes_nothing_and_may_be_sent_again(
    client: httpx2.AsyncClient, ledger: Ledger
) -> None:
    assert [(await up(client, by)).status_code for by in (99, 99, 98)] == [409, 409, 503]
    assert (await up(client, 5)).status_code == 201
    assert await ledger.effects() == [5]


@pytest.mark.parametrize("key", ["x" * 256, "", "\x85"], ids=["too long", "empty", "not printable"])
async def test_a_key_that_cannot_be_kept_is_refused(client: httpx2.AsyncClient, key: str) -> None:
    answer = await client.post("/counters/a/up", json={"by": 1}, headers={b"Idempotency-Key": key.encode("latin-1")})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize(
    ("given", "status"),
    [('"0"', 201), ("*", 201), ("0", 201), ('"7"', 412), ('W/"0"', 422), ('"0", "1"', 422), ("", 422), ('"x"', 422),
     ('"' + "9" * 30 + '"', 422), ('"²"', 422), ('"-1"', 422)],
)  # fmt: skip
async def test_if_match_is_one_version_of_ours(client: httpx2.AsyncClient, given: str, status: int) -> None:
    answer = await client.post("/counters/a/up", json={"by": 1}, headers={b"If-Match": given.encode("latin-1")})
    assert answer.status_code == status


# -- problems --------------------------------------------------------------------------------------------------------------


async def test_a_refusal_says_what_met_what(client: httpx2.AsyncClient) -> None:
    answer = await up(client, 99)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/closed", "title": "The counter is closed.", "status": 409, "detail": "it is closed",
        "state": "closed", "allowed": ["open"], "errors": [{"field": "by", "rule": "it is closed"}],
    }  # fmt: skip


async def ask(client: httpx2.AsyncClient, what: str) -> httpx2.Response:
    match what:
        case "a field that breaks a rule":
            return await up(client, MARKER)
        case "not JSON":
            return await client.post("/counters/a/up", content=b"{" + MARKER.encode())
        case "a number too large":
            return await client.post("/counters/a/up", json={"by": 101, "note": MARKER})
        case "a path that is no id":
            return await client.get(f"/counters/{MARKER}")
        case "no such route":
            return await client.get(f"/{MARKER}")
        case "no such method":
            return await client.delete(f"/counters/{MARKER}/up")
        case "a defect":
            return await client.post("/counters/a/up", json={"by": 97, "note": MARKER})
        case "somebody away":
            return await client.post("/counters/a/up", json={"by": 98, "note": MARKER})
        case "a token that is none":
            return await client.get("/counters/a", headers={"Authorization": f"Bearer {MARKER}"})
        case "a body too large":
            return await client.post("/counters/a/up", json={"by": 1, "note": MARKER * 100_000})
        case "a key used before":
            await up(client, 1, key=MARKER)
            return await up(client, 2, key=MARKER)
        case _:
            raise ValueError(what)


@pytest.mark.parametrize(
    ("what", "status"),
    [("a field that breaks a rule", 422), ("not JSON", 422), ("a number too large", 422), ("a path that is no id", 422),
     ("no such route", 404), ("no such method", 405), ("a defect", 500), ("somebody away", 503),
     ("a token that is none", 401), ("a body too large", 413), ("a key used before", 422)],
)  # fmt: skip
async def test_every_error_is_a_problem_with_safe_headers_and_without_what_was_sent(
    client: httpx2.AsyncClient, capsys: pytest.CaptureFixture[str], what: str, status: int
) -> None:
    from kit import log

    log.configure("testing", "api")
    answer = await ask(client, what)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status"} <= answer.json().keys()
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert str(UUID(answer.headers["x-correlation-id"])) == answer.headers["x-correlation-id"]
    said = capsys.readouterr()
    for text in (answer.text, said.out, said.err):
        assert MARKER not in text
    if status in (401, 403, 500):
        lines = [json.loads(line) for line in said.out.splitlines()]
        assert any(line["event"] in ("access_denied", "defect") for line in lines)


async def test_a_request_that_a_process_which_ends_does_not_wait_for_may_be_sent_again(
    client: httpx2.AsyncClient, doors: Doors, ledger: Ledger
) -> None:
    doors.open.clear()
    asking = asyncio.create_task(up(client))
    await doors.entered.wait()
    asking.cancel()  # as uvicorn does with what runs when its grace is over
    answer = await asking
    assert (answer.status_code, answer.json()["type"], answer.headers["Retry-After"]) == (
        503, "/problems/unavailable", "2",
    )  # fmt: skip
    doors.open.set()
    assert (await up(client)).status_code == 201
    assert await ledger.effects() == [1]


async def test_every_request_is_measured_by_its_pattern_also_one_that_met_a_defect(client: httpx2.AsyncClient) -> None:
    from kit.metrics import REGISTRY

    def count() -> float:
        labels = {"method": "POST", "route": "/counters/{counter}/up", "status": "500"}
        return REGISTRY.get_sample_value("http_request_seconds_count", labels) or 0

    before = count()
    await ask(client, "a defect")
    assert count() == before + 1


async def test_who_has_another_role_is_forbidden_and_it_is_logged(
    client: httpx2.AsyncClient, app: FastAPI, capsys: pytest.CaptureFixture[str]
) -> None:
    from kit import log

    log.configure("testing", "api")
    token = development_token(app.state.signer, "board")
    answer = await up(client, Authorization=f"Bearer {token}")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden")
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "access_denied" in line]
    assert (line["status"], line["route"]) == (403, "/counters/{counter}/up")


async def test_an_auditor_reads_and_changes_nothing(client: httpx2.AsyncClient, app: FastAPI) -> None:
    asked = {"Authorization": f"Bearer {development_token(app.state.signer, 'auditor')}"}
    read = await client.get(f"/counters/{UUID(int=1)}", headers=asked)
    assert (read.status_code, (await up(client, **asked)).status_code) == (200, 403)


# -- headers ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/counters?q=a%00b", "q"),
        ("/counters?q=a&%00=b", "query"),
        ("/counters/%00/up", "path"),
        ("/nowhere?%00", "query"),
    ],
)
async def test_a_character_that_no_database_keeps_is_refused_wherever_it_stands_in_an_address(
    client: httpx2.AsyncClient, address: str, field: str
) -> None:
    answer = await client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["errors"] == [{"field": field, "rule": "must not hold NUL"}]


async def test_a_body_that_is_longer_than_its_header_said_is_cut_off(client: httpx2.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"by": 1, "note": "'
        for _ in range(20):
            yield b"x" * 100_000

    answer = await client.post("/counters/a/up", content=chunks())
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


@pytest.mark.parametrize("length", ["-1", "x", "9" * 30, "1e3"])
async def test_a_length_that_is_no_number_is_too_large(app: FastAPI, length: str) -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"content-length", length.encode())]
    scope = {"type": "http", "method": "POST", "path": "/x", "raw_path": b"/x", "query_string": b"", "headers": headers}
    await app(scope, receive, send)
    assert sent[0]["status"] == 413


@pytest.mark.parametrize(
    ("name", "value"),
    [("Host", b"["), ("Host", b"a b"), ("Host", b""), ("traceparent", b"\xff" * 50), ("traceparent", b"00-x"),
     ("X-Correlation-Id", b"\xff"), ("Authorization", b"\xff\xfe"), ("Cookie", b"session=\xff; =;;"),
     ("Content-Type", b"text/plain\xff"), ("Accept", b"\xff"), ("If-Match", b"\xb2"), ("Origin", b"null")],
)  # fmt: skip
async def test_no_header_makes_a_defect(client: httpx2.AsyncClient, name: str, value: bytes) -> None:
    answer = await client.post(
        "/counters/a/up", json={"by": 1}, headers={name.encode(): value, b"Idempotency-Key": b"k"}
    )
    assert answer.status_code in (201, 401, 422)


async def test_a_correlation_id_of_the_callers_is_used_where_it_is_an_id(client: httpx2.AsyncClient) -> None:
    given = "0af76519-16cd-43dd-8448-eb211c80319c"
    answer = await client.get(f"/counters/{given}", headers={"X-Correlation-Id": given})
    assert answer.json()["correlation"] == given == answer.headers["x-correlation-id"]
    answer = await client.get(f"/counters/{given}", headers={"X-Correlation-Id": MARKER})
    assert MARKER not in answer.text + answer.headers["x-correlation-id"]


async def test_a_session_s_cookie_reads_and_changes_nothing(
    client: httpx2.AsyncClient, app: FastAPI, database: Database, ledger: Ledger
) -> None:
    somebody = Principal("somebody", frozenset({"coordinator"}), EVERYONE)
    async with database.transaction() as tx:
        session = await sessions.redeem(tx, "code", somebody)
        assert await sessions.redeem(tx, "code", somebody) is None
    assert session is not None
    path = "/counters/0af76519-16cd-43dd-8448-eb211c80319c"
    cookie = {"Cookie": f"session={session.secret}", "Authorization": ""}
    assert (await client.get(path, headers=cookie)).status_code == 200
    assert (await client.post("/counters/a/up", json={"by": 1}, headers=cookie)).status_code == 401
    assert await ledger.effects() == []
    token = {"Cookie": f"session={development_token(app.state.signer, 'coordinator')}", "Authorization": ""}
    assert (await client.get(path, headers=token)).status_code == 401
    async with database.transaction() as tx:
        await sessions.end(tx, session.secret)
    assert (await client.get(path, headers=cookie)).status_code == 401


async def test_a_code_is_redeemed_once_however_its_signature_is_written(app: FastAPI, database: Database) -> None:
    code = development_token(app.state.signer, "coordinator")
    padded = f"{code}=="  # base64 is read with and without
    somebody: Principal = app.state.keys.principal(code)
    assert app.state.keys.principal(padded) == somebody
    async with database.transaction() as tx:
        assert await sessions.redeem(tx, code, somebody) is not None
        assert await sessions.redeem(tx, padded, somebody) is None


# -- the page for integrators ---------------------------------------------------------------------------------------------


async def test_the_openapi_page_loads_nothing_from_elsewhere(
    settings: Settings, database: Database, tmp_path: Any
) -> None:
    (tmp_path / "swagger-ui-dist").mkdir()
    app = http.create_app(
        title="Counters", version="1", description="Counters.", routers=[], web_assets=tmp_path,
        lifespan=lambda app: http.served(app, database, Keys(settings)),
    )  # fmt: skip
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://counters") as client:
        page = await client.get("/docs")
        document = await client.get("/openapi.json")
    assert page.status_code == document.status_code == 200
    assert re.findall(r"(?:https?:)?//[\w.-]+", page.text) == []
    assert b"http" not in page.headers["content-security-policy"].encode()
