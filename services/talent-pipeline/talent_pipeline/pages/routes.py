"""What is shown when. A link opens the door once and becomes a cookie; every write carries a token that only its page knew.

The cookie is SameSite=Strict, and a browser that comes from another site keeps it back even after a redirect. So the link
answers with a page of its own, from which the person goes on.
"""

import hashlib
import hmac
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader

from kit import log, metrics
from kit.aggregates import Row
from kit.auth import Forbidden, Principal, Unauthenticated
from kit.context import Context
from kit.database import EVERYONE, Connection
from kit.errors import Invalid, NotFound, Refused, Unavailable
from kit.http import Call
from schemas.talent_pipeline import RedirectedTo, WithdrawalReason
from talent_pipeline import handlers, store
from talent_pipeline.domain import candidacy, engagement
from talent_pipeline.domain.candidacy import BEFORE_START, Candidacy, Withdraw
from talent_pipeline.domain.checks import Check
from talent_pipeline.domain.engagement import Engagement, PermitRedirection, WithdrawPermission
from talent_pipeline.domain.vacancy import Vacancy
from talent_pipeline.links import Links
from talent_pipeline.pages import words
from talent_pipeline.store import aggregates

PathId = Annotated[UUID, Path(alias="id")]
HOME = "/my/applications"
COOKIE = "applications_link"
CANDIDATE = "candidate"

logger = log.get(__name__)
templates = Environment(
    loader=ChoiceLoader([PackageLoader("talent_pipeline.pages"), PackageLoader("nhsuk_frontend_jinja")]),
    undefined=ChainableUndefined,  # the components ask for parameters that are not given
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.globals.update(home=HOME, words=words)


class PageRoute(APIRoute):
    """A route that says with a page what went wrong, to a person who has no use for JSON."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except (Unauthenticated, Forbidden):
                metrics.DENIED.labels("401").inc()
                logger.warning("access_denied", status=401, method=request.method, route=self.path)
                return page("closed", 401)
            except Refused as refusal:
                return page("refused", refusal.status, title=refusal.title)
            except Unavailable:
                return page("away", 503)

        return answer


router = APIRouter(prefix=HOME, route_class=PageRoute, include_in_schema=False)


def page(name: str, status: int = 200, **given: Any) -> HTMLResponse:
    return HTMLResponse(templates.get_template(f"{name}.jinja").render(given), status)


def call_with(request: Request, token: str) -> Call:
    """The call of the person whose link it is; it sees what is theirs by asking for that alone. Raises Unauthenticated."""
    links: Links = request.app.state.links
    person = links.person(token)
    context = Context(actor=CANDIDATE, correlation_id=request.state.correlation_id)
    principal = Principal(str(person), frozenset({CANDIDATE}), EVERYONE)
    return Call(request, principal, context, request.app.state.database)


def visitor(request: Request) -> Call:
    """A dependency: the call of the person whose cookie it is. Raises Unauthenticated."""
    return call_with(request, request.cookies.get(COOKIE, ""))


async def writer(request: Request, call: Annotated[Call, Depends(visitor)]) -> Call:
    """A dependency: the same, where the form came from a page of ours. Raises Forbidden."""
    given = (await request.form()).get("csrf")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), csrf(call).encode()):
        raise Forbidden
    return call


def csrf(call: Call) -> str:
    """What a form shows that it came from our page: nobody else's script can read the cookie that it is made of."""
    return hashlib.sha256(f"csrf {call.request.cookies[COOKIE]}".encode()).hexdigest()


visitor.roles = writer.roles = (CANDIDATE,)  # type: ignore[attr-defined]  # read by the test that every route names its role

Visitor = Annotated[Call, Depends(visitor)]
Writer = Annotated[Call, Depends(writer)]


# Where I am ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """One application as its candidate sees it."""

    id: UUID
    title: str
    employer: str
    label: str
    colour: str
    since: date
    next: Sequence[str]
    checks: Sequence[tuple[str, str, str]]
    """Name, how far it is, whose move it is."""
    start_on: date | None
    may_withdraw: bool


@router.get("/start")
async def start(request: Request, token: Annotated[str, Query(max_length=2000)] = "") -> Response:
    """The page that a link opens. It keeps the token in a cookie."""
    call_with(request, token or request.cookies.get(COOKIE, ""))
    answer = page("start")
    if token:
        answer.set_cookie(
            COOKIE, token, path=HOME, httponly=True, samesite="strict", secure=request.app.state.cookie_secure
        )
    return answer


@router.get("")
async def applications(call: Visitor) -> Response:
    """Every application of mine, the latest first, and what I permit."""
    person = UUID(call.principal.subject)
    async with call.reading() as tx:
        shown = [await _shown(tx, row) for row in await store.candidacies_of(tx, person)]
        permits = await _permission(tx, person)
    links: Links = call.request.app.state.links
    return page(
        "applications", applications=shown, permission=permits, monitoring=links.monitoring(person), csrf=csrf(call)
    )


async def _shown(tx: Connection, row: Row[Candidacy]) -> Shown:
    state = row.standing
    posts = await aggregates.look(tx, Vacancy, state.vacancy_id)
    label, colour = words.STATUS[state.status]
    under_offer = state.offered_on is not None and state.status in BEFORE_START
    return Shown(
        id=row.id,
        title=posts.role.title,
        employer=state.employer.replace("-", " ").title(),
        label=label,
        colour=colour,
        since=state.since,
        next=words.next_of(state, candidacy.waiting(state)),
        checks=[_check(check) for check in state.checks] if under_offer else (),
        start_on=state.start_on,
        may_withdraw=state.status in BEFORE_START,
    )


def _check(check: Check) -> tuple[str, str, str]:
    done = check.status == "complete"
    return words.check_name(check.kind, check.number), "Done" if done else "Not done yet", words.MOVE[check.awaiting]


# Withdraw --------------------------------------------------------------------------------------------------------------


@router.get("/{id}/withdraw")
async def before_withdrawing(id_: PathId, call: Visitor) -> Response:
    """What withdrawing means, and why, if I want to say."""
    async with call.reading() as tx:
        shown = await _shown(tx, await _own(tx, call, id_))
    return page("withdraw", application=shown, csrf=csrf(call))


@router.post("/{id}/withdraw")
async def withdraw(id_: PathId, request: Request, call: Writer) -> Response:
    """I no longer want to be considered."""
    reason = _one(WithdrawalReason, (await request.form()).get("reason"), WithdrawalReason.NOT_SAID)
    async with call.reading() as tx:
        await _own(tx, call, id_)
        await handlers.end(tx, id_, Withdraw(reason=reason), call.context)
    return RedirectResponse(HOME, 303)


async def _own(tx: Connection, call: Call, id_: UUID) -> Row[Candidacy]:
    """An application of the person who asks. Raises NotFound for anybody else's."""
    row = await aggregates.read(tx, Candidacy, id_)
    if row is None or row.state is None or str(row.state.person_id) != call.principal.subject:
        raise NotFound
    return row


# What I permit ---------------------------------------------------------------------------------------------------------


@router.get("/permission")
async def permission(call: Visitor) -> Response:
    """What I permit: to whom my applications may be passed on, and until when."""
    async with call.reading() as tx:
        held = await _permission(tx, UUID(call.principal.subject))
    return page("permission", permission=held, csrf=csrf(call))


@router.post("/permission")
async def permit(request: Request, call: Writer) -> Response:
    """Permit to be passed on, to whom and until when; nothing ticked takes the permission back."""
    form = await request.form()
    to = tuple(kind for kind in RedirectedTo if kind in form.getlist("to"))
    until = _day(form.get("until")) if to else None
    async with call.reading() as tx:
        for id_, state in await _engagements(tx, UUID(call.principal.subject)):
            if until is None:
                await aggregates.act(tx, Engagement, id_, WithdrawPermission(), call.context)
            elif state.status is not engagement.Status.CLOSED:
                await aggregates.act(tx, Engagement, id_, PermitRedirection(to=to, until=until), call.context)
    return RedirectResponse(f"{HOME}/permission", 303)


@router.post("/leave")
async def leave(call: Writer) -> Response:
    """Close the door on this device: the link itself opens it again."""
    answer = page("left")
    answer.delete_cookie(COOKIE, path=HOME)
    return answer


async def _permission(tx: Connection, person: UUID) -> engagement.Permission | None:
    """What the person permits: the same in every engagement, as this page gives it."""
    for _, state in await _engagements(tx, person):
        if state.permission is not None and not state.permission.expired:
            return state.permission
    return None


async def _engagements(tx: Connection, person: UUID) -> list[tuple[UUID, Engagement]]:
    """Of the person, in the order in which rows are locked."""
    ids = sorted(await store.engagements_of(tx, person))
    return [(id_, await aggregates.look(tx, Engagement, id_)) for id_ in ids]


def _day(given: object) -> date:
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        raise Invalid("must be a date, as in 2026-03-31", field="until") from None


def _one(kind: Callable[[Any], WithdrawalReason], given: object, otherwise: WithdrawalReason) -> WithdrawalReason:
    try:
        return kind(given)
    except ValueError:
        return otherwise
