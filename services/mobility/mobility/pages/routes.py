"""What is shown when (kit.personal is the door)."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Response
from fastapi.responses import RedirectResponse

from kit.errors import NotFound
from kit.http import Call
from kit.personal import PersonalPages
from kit.retention import Kept
from mobility.domain.deployment import Status
from mobility.domain.move import LIVE, WITH_AGREEMENT
from mobility.handlers import own
from mobility.links import HOME
from mobility.pages import words
from mobility.retention import SCHEDULE
from schemas.mobility import Party
from schemas.values import PartnerId, business_date

COOKIE = "passport_session"
HOLDER = "holder"
"""The actor in the journal: a kind and no id."""

pages = PersonalPages("mobility.pages", home=HOME, cookie=COOKIE, role=HOLDER, one_use=True)
KEPT_FOR = {line.record: line.months // 12 for line in SCHEDULE if isinstance(line, Kept)}
"""In years."""
pages.templates.globals |= {"words": words, "kept_for": KEPT_FOR}
pages.templates.filters |= {"shift": words.shift, "check_seen": words.check_seen}
router = pages.router

Visitor = Annotated[Call, Depends(pages.visitor)]
Writer = Annotated[Call, Depends(pages.writer)]
Organisation = Annotated[PartnerId, Path()]


@router.get("")
async def passport(call: Visitor) -> Response:
    """Every passport of the holder's, who may look into each, and their moves."""
    async with call.reading() as tx:
        mine = await own.my_passports(tx, _whose(call))
        moves = await own.my_moves(tx, _whose(call))
    now, over = ([each for each in moves if (each.move.status in LIVE) is live] for live in (True, False))
    return pages.page("passport", call, mine=mine, moves=now, over=over, today=_today(call))


@router.get("/passports/{id_}/sharing/{organisation}")
async def before_withdrawing(id_: UUID, organisation: Organisation, call: Visitor) -> Response:
    """What it means that an organisation looks no longer, and the button."""
    async with call.reading() as tx:
        found = await own.my_passport(tx, _whose(call), id_)
    share = next((each for each in found.sharing if each.organisation == organisation and each.ended_on is None), None)
    if share is None:
        raise NotFound
    return pages.page("sharing", call, mine=found, share=share)


@router.post("/passports/{id_}/sharing/{organisation}")
async def withdraw(id_: UUID, organisation: Organisation, call: Writer) -> Response:
    """The organisation looks no longer, from now on."""
    async with call.reading() as tx:
        await own.withdraw_sharing(tx, _whose(call), id_, organisation, call.context)
    return RedirectResponse(HOME, 303)


@router.post("/passports/{id_}/sharing/{organisation}/again")
async def let_look_again(id_: UUID, organisation: Organisation, call: Writer) -> Response:
    """The organisation looks again, until the day that it was to look."""
    async with call.reading() as tx:
        await own.let_look_again(tx, _whose(call), id_, organisation, call.context)
    return RedirectResponse(HOME, 303)


@router.get("/moves/{id_}")
async def move(id_: UUID, call: Visitor) -> Response:
    """One move: where, when, whose turn it is, what the host said of the first day, and whether it is agreed to."""
    async with call.reading() as tx:
        found = await own.my_move(tx, _whose(call), id_)
    return pages.page(
        "move", call, mine=found, move=found.move, may_agree=found.move.status is Status.MATCHED,
        may_take_back=found.move.status in WITH_AGREEMENT, pending=found.move.pending,
        may_stay=found.move.pending is not None and Party.PERSON in found.move.pending.awaited,
    )  # fmt: skip


@router.post("/moves/{id_}/agree")
async def agree(id_: UUID, call: Writer) -> Response:
    """The person agrees: their time is booked."""
    async with call.reading() as tx:
        await own.agree(tx, _whose(call), id_, call.context)
    return RedirectResponse(f"{HOME}/moves/{id_}", 303)


@router.post("/moves/{id_}/take-back")
async def take_back(id_: UUID, call: Writer) -> Response:
    """The person no longer agrees: what was authorised holds no more."""
    async with call.reading() as tx:
        await own.take_back(tx, _whose(call), id_, call.context)
    return RedirectResponse(f"{HOME}/moves/{id_}", 303)


@router.post("/moves/{id_}/longer/{ends_on}")
async def stay_longer(id_: UUID, ends_on: date, call: Writer) -> Response:
    """The person agrees to the later end that they were shown: their time is booked up to it."""
    async with call.reading() as tx:
        await own.agree_to_extension(tx, _whose(call), id_, ends_on, call.context)
    return RedirectResponse(f"{HOME}/moves/{id_}", 303)


@router.post("/moves/{id_}/not-longer")
async def not_longer(id_: UUID, call: Writer) -> Response:
    """The person does not stay longer: the move ends as it was to."""
    async with call.reading() as tx:
        await own.decline_extension(tx, _whose(call), id_, call.context)
    return RedirectResponse(f"{HOME}/moves/{id_}", 303)


def _whose(call: Call) -> UUID:
    return UUID(call.principal.subject)


def _today(call: Call) -> date:
    return business_date(call.context.now)
