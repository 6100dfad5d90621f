"""What is shown when (kit.personal is the door)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Request, Response
from fastapi.responses import RedirectResponse

from kit import persons
from kit.aggregates import Row
from kit.database import Connection
from kit.errors import Invalid, NotFound, Refused
from kit.http import Call
from kit.personal import PersonalPages
from schemas.talent_pipeline import Awaiting, CheckOutcome, CheckStatus, RedirectedTo, WithdrawalReason
from talent_pipeline import store
from talent_pipeline.domain import candidacy, engagement
from talent_pipeline.domain.candidacy import Withdraw
from talent_pipeline.domain.checks import Check
from talent_pipeline.domain.engagement import Engagement, PermitRedirection, WithdrawPermission
from talent_pipeline.domain.journey import BEFORE_OFFER, BEFORE_START, Candidacy
from talent_pipeline.domain.vacancy import Vacancy
from talent_pipeline.handlers import journeys, permissions
from talent_pipeline.links import HOME, Links
from talent_pipeline.pages import words
from talent_pipeline.store import aggregates

PathId = Annotated[UUID, Path(alias="id")]
COOKIE = "applications_link"
CANDIDATE = "candidate"

pages = PersonalPages("talent_pipeline.pages", home=HOME, cookie=COOKIE, role=CANDIDATE)
pages.templates.globals["words"] = words
page, router = pages.page, pages.router

Visitor = Annotated[Call, Depends(pages.visitor)]
Writer = Annotated[Call, Depends(pages.writer)]


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


@router.get("")
async def applications(call: Visitor) -> Response:
    """Every application of mine, the latest first, and what I permit."""
    person = UUID(call.principal.subject)
    async with call.reading() as tx:
        shown = [await _shown(tx, row) for row in await store.candidacies_of(tx, person)]
        permits = await _permission(tx, person)
    links: Links = call.request.app.state.links
    return page(
        "applications",
        call,
        applications=shown,
        permission=permits,
        monitoring=links.monitoring(person),
        people_here=call.request.app.state.people_here,
        person=person,
    )


async def _shown(tx: Connection, row: Row[Candidacy]) -> Shown:
    state = row.standing
    posts = await aggregates.look(tx, Vacancy, state.vacancy_id)
    label, colour = words.STATUS[state.status]
    under_offer = state.offered_on is not None and state.status in BEFORE_START
    return Shown(
        id=row.id,
        title=posts.role.title,
        employer=words.called(state.employer),
        label=label,
        colour=colour,
        since=state.since,
        next=await _next(tx, row, posts),
        checks=[_check(check) for check in state.checks] if under_offer else (),
        start_on=state.start_on,
        may_withdraw=state.status in BEFORE_START,
    )


async def _next(tx: Connection, row: Row[Candidacy], posts: Vacancy) -> Sequence[str]:
    """What happens next; where no post is left, or one is looked for elsewhere, that and nothing else."""
    state, kept_until = row.standing, await store.kept_until(tx, row.id)
    if kept_until is not None:
        return [words.kept(kept_until)]
    if state.status in BEFORE_OFFER and not posts.has_post_left:
        return [words.NO_POST_LEFT]
    return words.next_of(state, candidacy.waiting(state))


def _check(check: Check) -> tuple[str, str, str]:
    """A check that ended without success is done, and the employer's to decide about."""
    done = check.status is CheckStatus.COMPLETE
    decided = check.outcome in (None, CheckOutcome.SATISFACTORY)
    move = words.MOVE[check.awaiting if decided else Awaiting.EMPLOYER]
    return words.check_name(check.kind, check.number), "Done" if done else "Not done yet", move


# Withdraw --------------------------------------------------------------------------------------------------------------


@router.get("/{id}/withdraw")
async def before_withdrawing(id_: PathId, call: Visitor) -> Response:
    """What withdrawing means, and why, if I want to say."""
    async with call.reading() as tx:
        shown = await _shown(tx, await _own(tx, call, id_))
    return page("withdraw", call, application=shown)


@router.post("/{id}/withdraw")
async def withdraw(id_: PathId, request: Request, call: Writer) -> Response:
    """I no longer want to be considered."""
    reason = _one(WithdrawalReason, (await request.form()).get("reason"), WithdrawalReason.NOT_SAID)
    async with call.reading() as tx:
        await _own(tx, call, id_)
        await journeys.end(tx, id_, Withdraw(reason=reason), call.context)
    return RedirectResponse(HOME, 303)


async def _own(tx: Connection, call: Call, id_: UUID) -> Row[Candidacy]:
    """An application of the person who asks, under whichever of their ids. Raises NotFound for anybody else's."""
    mine = await persons.one_with(tx, UUID(call.principal.subject))
    row = await aggregates.read(tx, Candidacy, id_)
    if row is None or row.state is None or row.state.person_id not in mine:
        raise NotFound
    return row


# What I permit ---------------------------------------------------------------------------------------------------------


@router.get("/permission")
async def permission(call: Visitor) -> Response:
    """What I permit: to whom my applications may be passed on, and until when."""
    async with call.reading() as tx:
        held = await _permission(tx, UUID(call.principal.subject))
    return page("permission", call, permission=held)


class NothingIsPassedOn(Refused):
    """The programme's work with you has ended, so nothing is passed on. Talk to the Academy if you want to begin again."""


@router.post("/permission")
async def permit(request: Request, call: Writer) -> Response:
    """Permit to be passed on, to whom and until when; nothing ticked takes the permission back.

    Employers that were named stay named: the page offers no others, so that a longer permission is no wider one.
    """
    form = await request.form()
    to = tuple(kind for kind in RedirectedTo if kind in form.getlist("to"))
    until = _day(form.get("until")) if to else None
    async with call.reading() as tx:
        mine = await _engagements(tx, UUID(call.principal.subject))
        open_ = [(id_, state) for id_, state in mine if state.status is not engagement.Status.CLOSED]
        if until is None:
            for id_, _ in mine:
                await permissions.change(tx, id_, WithdrawPermission(), call.context)
        elif not open_:
            raise NothingIsPassedOn
        else:
            for id_, state in open_:
                asked = PermitRedirection(to=to, until=until, employers=_named(state, to))
                await permissions.change(tx, id_, asked, call.context)
    return RedirectResponse(f"{HOME}/permission", 303)


def _named(state: Engagement, to: Sequence[RedirectedTo]) -> tuple[str, ...] | None:
    """The employers that a permission names, as long as it is for employers at all."""
    held = state.permission
    return held.employers if held is not None and RedirectedTo.EMPLOYER in to else None


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
