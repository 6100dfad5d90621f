"""Routes: who asks, one transaction a command, the same answer to the same request, and problems as RFC 9457 says.

A route parses, calls a handler, answers:

    @router.post("/counters/{counter_id}/count")
    async def count(counter_id: UUID, body: Count, call: Call = Depends(allow("clerk"))) -> Response:
        return await call.once(lambda tx: handlers.counter(tx, counter_id, body.command(), call.context, call.if_match))

`once` looks the Idempotency-Key up first (c21), runs the work in one transaction, and keeps the answer in it for KEPT_DAYS.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from pydantic_core import to_jsonable_python
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit import health, log, metrics, pages, sessions
from kit.auth import Forbidden, Keys, Principal, Unauthenticated
from kit.cloudevents import field_of, rule_of
from kit.context import Context
from kit.database import Connection, Database
from kit.errors import DoneBefore, Invalid, KeyMissing, KeyReused, Refused, Unavailable
from kit.failpoints import failpoint
from kit.ids import new_id
from kit.letting_go import KEPT_DAYS
from kit.tracing import current_traceparent, span

PROBLEM = "application/problem+json"
BODY_LIMIT = 1_000_000
COOKIE = "session"
AUDITOR = "auditor"
AGAIN = (
    f"A request with an Idempotency-Key may be sent again for {KEPT_DAYS} days: it has the same answer, and no other effect. After "
    "that its key is free, and it would be done anew: ask what stands first. Where the service came back meanwhile from a backup "
    "that lacks the answer, it is answered 409 `done-before` with what it changed (`said`), and has no other effect either."
)
FIND = """
SELECT body_sha256, status, headers, body, NULL::uuid AS id, NULL::int AS version FROM kit.answered($1, $2, $3)
UNION ALL
SELECT NULL, NULL, NULL, NULL, aggregate_id, max(version) FROM kit.journal WHERE actor = 'reconciled' AND causation_id = $4
GROUP BY aggregate_id
"""
KEEP = """
INSERT INTO kit.answered_request (principal, route, key, body_sha256, status, headers, body)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """What a command answers: a body, and the version that the thing now has (its ETag)."""

    body: Any
    version: int | None = None
    status: int = 200
    location: str | None = None

    def response(self) -> Response:
        headers = {"ETag": f'"{self.version}"'} if self.version is not None else {}
        if self.location:
            headers["Location"] = self.location
        return JSONResponse(to_jsonable_python(self.body), self.status, headers)


class Answer(Protocol):
    """What a command answers, as HTTP."""

    def response(self) -> Response: ...


Work = Callable[[Connection], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Call:
    """One request of somebody who may make it."""

    request: Request
    principal: Principal
    context: Context
    database: Database
    key: str | None = None
    """By what a request that comes again is known: its Idempotency-Key."""

    def keyed(self, key: str) -> "Call":
        """The same with this key, which a form has in its body. What is done says that it was because of this request."""
        cause = UUID(bytes=self._digest("\n".join(self._whose(key)).encode())[:16], version=4)
        return replace(self, key=key, context=replace(self.context, causation_id=cause))

    @property
    def if_match(self) -> int | None:
        """The version that the caller believes the thing has. Raises Invalid for anything but one strong ETag of ours."""
        given = self.request.headers.get("if-match")
        if given is None or given == "*":
            return None
        bare = given.strip().strip('"')
        if not (bare.isascii() and bare.isdigit() and len(bare) < 10):
            raise Invalid("must be one ETag that we gave", field="If-Match")
        return int(bare)

    def reading(self) -> AbstractAsyncContextManager[Connection]:
        """A transaction that sees the rows of the caller's organisation."""
        return self.database.transaction(self.principal.organisation)

    async def once(self, work: Work, *, begins: bool = False) -> Response:
        """Run the work in one transaction; the same Idempotency-Key and body again get the same answer, unrun.

        `begins`: asked twice it would make two, so that it has to come with a key. Raises Refused.
        """
        if self.key is None and begins:
            raise KeyMissing(field="Idempotency-Key")
        if self.key is not None and (not 0 < len(self.key) <= 255 or not self.key.isprintable()):
            raise Invalid("must be printable, at most 255 characters", field="Idempotency-Key")
        digest = b"" if self.key is None else self._digest(await self.request.body())
        async with self.reading() as tx:
            answer = (await work(tx)).response() if self.key is None else await self._once(tx, work, self.key, digest)
            failpoint("http.before_commit")
        failpoint("http.after_commit")
        return answer

    async def _once(self, tx: Connection, work: Work, key: str, digest: bytes) -> Response:
        """The answer that was kept for this key, or the work's, which is kept. Raises KeyReused, DoneBefore."""
        found = await tx.fetch(FIND, *self._whose(key), self.context.causation_id)
        if found:
            kept = found[0]
            if kept["body_sha256"] is None:
                raise DoneBefore([(row["id"], row["version"]) for row in found])
            if kept["body_sha256"] != digest:
                raise KeyReused(field="Idempotency-Key")
            return Response(kept["body"], kept["status"], json.loads(kept["headers"]))
        answer = (await work(tx)).response()
        headers = json.dumps(dict(answer.headers))
        await tx.execute(KEEP, *self._whose(key), digest, answer.status_code, headers, bytes(answer.body))
        return answer

    def _whose(self, key: str) -> tuple[str, str, str]:
        """Principal, route and key: who may have the answer again."""
        return self.principal.subject, f"{self.request.method} {self.request.scope['path']}", key

    def _digest(self, content: bytes) -> bytes:
        digest: bytes = self.request.app.state.digest_of(content)
        return digest


def allow(*roles: str) -> Callable[[Request], Awaitable[Call]]:
    """A dependency: the call, for these roles. Raises Unauthenticated and Forbidden."""

    async def call(request: Request) -> Call:
        principal = await authenticate(request)
        principal.require(roles)
        return call_of(request, principal)

    call.roles = roles  # type: ignore[attr-defined]  # read by the test that every route names its role
    return call


def allow_to_read(*roles: str) -> Callable[[Request], Awaitable[Call]]:
    """A dependency of what changes nothing: the call, for these roles and for an auditor. Raises likewise."""
    return allow(*roles, AUDITOR)


async def authenticate(request: Request) -> Principal:
    """Who asks: by the token in the Authorization header or, for a page that is read, by the session in the cookie.

    A cookie alone changes nothing: another site can make a browser send it, but not the header. Raises Unauthenticated.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        keys: Keys = request.app.state.keys
        return keys.principal(token)
    if request.method in ("GET", "HEAD"):
        return await in_session(request, COOKIE)
    raise Unauthenticated


async def in_session(request: Request, cookie: str) -> Principal:
    """Whose session the cookie of this name carries. Raises Unauthenticated."""
    if secret := request.cookies.get(cookie):
        database: Database = request.app.state.database
        async with database.transaction() as tx:
            if (found := await sessions.find(tx, secret)) is not None:
                return found
    raise Unauthenticated


def call_of(request: Request, principal: Principal) -> Call:
    """The call of whoever was found to ask, seeing the rows of their organisation."""
    context = Context(
        actor=principal.subject,
        correlation_id=request.state.correlation_id,
        traceparent=current_traceparent(),
    )
    call = Call(request, principal, context, request.app.state.database)
    key = request.headers.get("idempotency-key")
    return call if key is None else call.keyed(key)


def problem(status: int, code: str, title: str, **more: Any) -> JSONResponse:
    """An answer that says what is wrong (RFC 9457); `type` is a name for machines, relative to the API."""
    body = {"type": f"/problems/{code}", "title": title, "status": status}
    body |= {name: given for name, given in more.items() if given not in (None, (), [])}
    return JSONResponse(to_jsonable_python(body), status, media_type=PROBLEM)


def refused(refusal: Refused) -> JSONResponse:
    errors = [{"field": refusal.field, "rule": refusal.detail or refusal.title}] if refusal.field else None
    return problem(
        refusal.status,
        refusal.code,
        refusal.title,
        detail=refusal.detail,
        state=refusal.state,
        allowed=refusal.allowed,
        cure=refusal.cure,
        errors=errors,
        said=[{"id": id_, "version": version} for id_, version in refusal.said]
        if isinstance(refusal, DoneBefore)
        else None,
    )


def faults(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Pydantic's errors as field and rule, without the value."""
    return [
        {"field": field_of(part for part in error["loc"] if part != "body") or "body", "rule": rule_of(error)}
        for error in errors
    ]


def create_app(
    *,
    title: str,
    version: str,
    description: str,
    routers: Iterable[APIRouter],
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    web_assets: Any = None,
) -> FastAPI:
    """A service's HTTP side: its routes, problems, health, metrics and an OpenAPI page that loads nothing from elsewhere.

    The lifespan sets `app.state.database` and `app.state.keys`.
    """
    app = FastAPI(
        title=title,
        version=version,
        description=f"{description}\n\n{AGAIN}",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    for router in routers:
        # as they are: `include_router` would have each described once more, when the first request comes
        app.router.routes.extend(router.routes)
    for path, probe in health.PROBES.items():
        app.add_api_route(path, probe, include_in_schema=False)
    pages.serve_assets(app, web_assets, title)
    app.add_exception_handler(Refused, _on_refused)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(Unauthenticated, _on_unauthenticated)
    app.add_exception_handler(Forbidden, _on_forbidden)
    app.add_exception_handler(Unavailable, _on_unavailable)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_middleware(Guard)
    return app


async def _on_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return refused(error)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem(422, "invalid", "The request breaks a rule.", errors=faults(error.errors()))


async def _on_unauthenticated(request: Request, error: Exception) -> Response:
    denied(request, 401)
    answer = problem(401, "unauthenticated", "Sign in first.")
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


async def _on_forbidden(request: Request, error: Exception) -> Response:
    denied(request, 403)
    return problem(403, "forbidden", "Your role does not allow this.")


async def _on_unavailable(request: Request, error: Exception) -> Response:
    return _unavailable()


def _unavailable() -> Response:
    answer = problem(503, "unavailable", "Try again in a moment.")
    answer.headers["Retry-After"] = "2"
    return answer


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, f"http-{error.status_code}", HTTPStatus(error.status_code).phrase)


def denied(request: Request, status: int) -> None:
    """Somebody was not let in: it is counted, and logged by the route's pattern."""
    metrics.DENIED.labels(str(status)).inc()
    logger.warning("access_denied", status=status, method=request.method, route=_route(request.scope))


def _route(scope: Scope) -> str:
    """The route's pattern: a path may hold an id, its pattern does not."""
    route = scope.get("route")
    return getattr(route, "path", "unmatched")


class Guard:
    """Around every request: a correlation id, a span, a limit on the body, the time it took, safe headers, and our defects."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        correlation = _correlation(headers.get(b"x-correlation-id"))
        scope.setdefault("state", {})["correlation_id"] = correlation
        log.bind(correlation_id=str(correlation))
        began, status = time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", []).extend(_safe(correlation, scope["path"]))
            await send(message)

        try:
            if _length(headers) > BODY_LIMIT:
                await problem(413, "too-large", f"At most {BODY_LIMIT} bytes.")(scope, receive, answer)
                return
            if (where := _nul_in(scope)) is not None:
                broken = [{"field": where, "rule": "must not hold NUL"}]
                await problem(422, "invalid", "The request breaks a rule.", errors=broken)(scope, receive, answer)
                return
            with span(f"{scope['method']} {scope['path'].split('/')[1]}", _text(headers.get(b"traceparent"))):
                await self.app(scope, _limited(receive), answer)
        except asyncio.CancelledError:  # the process is to end, and has waited for this request for as long as it may
            if status:
                raise
            await _unavailable()(scope, receive, answer)
        except Exception as error:
            logger.exception("defect", route=_route(scope), exc_info=error)
            if status:
                raise  # half of another answer is on its way
            await problem(500, "defect", "This is our defect. It has been logged.")(scope, receive, answer)
        finally:
            metrics.REQUESTS.labels(scope["method"], _route(scope), str(status)).observe(time.perf_counter() - began)


def _nul_in(scope: Scope) -> str | None:
    """Where an address holds the one character that PostgreSQL keeps in no text: its path, or a field of its query."""
    if "\0" in scope["path"]:
        return "path"
    if b"%00" not in scope["query_string"]:
        return None
    given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return next((name for name, value in given if "\0" in value and name.isidentifier()), "query")


def _limited(receive: Receive) -> Receive:
    """The body as it comes, cut off where it is longer than its header said and than we take."""
    taken = 0

    async def receive_limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > BODY_LIMIT:
            raise HTTPException(413)
        return message

    return receive_limited


def _length(headers: Mapping[bytes, bytes]) -> int:
    given = headers.get(b"content-length", b"0")
    return int(given) if given.isdigit() and len(given) < 12 else BODY_LIMIT + 1


def _correlation(given: bytes | None) -> UUID:
    """The caller's correlation id where it is a UUID: any other text might say something about a person."""
    try:
        return UUID(_text(given) or "")
    except ValueError:
        return new_id()


def _text(given: bytes | None) -> str | None:
    return given.decode("latin-1") if given else None


def _safe(correlation: UUID, path: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"x-correlation-id", str(correlation).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-frame-options", b"DENY"),
        (b"content-security-policy", pages.POLICY),
        *([] if path.startswith("/assets/") else [(b"cache-control", b"no-store")]),
    ]


@asynccontextmanager
async def served(app: FastAPI, database: Database, keys: Keys) -> AsyncIterator[None]:
    """Give the routes what they ask the app for. `digest_of`: by what a body is known again; a vault has a keyed one."""
    app.state.database, app.state.keys, app.state.digest_of = database, keys, _sha256
    yield


def _sha256(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


class Page(BaseModel):
    """A page of a list; `next` is the cursor to ask with, null at the end."""

    rows: list[Any]
    next: str | None
