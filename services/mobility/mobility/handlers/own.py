"""What holders of a passport do alone: by a link of one use they see what it holds and who may look, take that back, and agree to
their moves, and to staying longer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from kit import one_use, persons
from kit.aggregates import history
from kit.context import Context
from kit.database import Connection, seeing_everything
from kit.errors import NotFound
from kit.step import Command
from mobility import store
from mobility.domain import deployment, passport
from mobility.domain.deployment import Deployment
from mobility.domain.lasting import DeclineExtension
from mobility.domain.passport import Passport
from mobility.domain.sharing import Sharing, shared
from mobility.handlers import moves, passports
from schemas.corrections import standing
from schemas.mobility import Party, Side

PERSONS_CHOICE = "persons-choice"
"""Why somebody does not stay longer who says so on their own page."""


@dataclass(frozen=True, slots=True)
class Mine:
    """A passport as its holder sees it."""

    id: UUID
    passport: Passport
    sharing: Sequence[Sharing]
    """Who was let look, the last first."""


@dataclass(frozen=True, slots=True)
class MyMove:
    """A move as the person sees it who moves."""

    id: UUID
    move: Deployment
    pack: dict[str, str] | None = None
    """What the host said of the first day."""


async def give_link(tx: Connection, person_id: UUID, context: Context) -> str:
    """The code of a new link to the holder's own page. Raises UnknownPerson."""
    await persons.expect(tx, person_id, field="id")
    return await one_use.give(tx, person_id, context.now)


async def my_passports(tx: Connection, person_id: UUID) -> list[Mine]:
    """Every passport of somebody, under whichever id, the last opened first; closed ones too, as long as they are kept."""
    async with seeing_everything(tx):
        return [
            Mine(id_, held, await _sharing(tx, id_))
            for id_, held in await store.passports_of(tx, await persons.one_with(tx, person_id))
        ]


async def my_moves(tx: Connection, person_id: UUID) -> list[MyMove]:
    """Every move of somebody, under whichever id, the last proposed first."""
    async with seeing_everything(tx):
        return [
            MyMove(id_, move) for id_, move in await store.moves_of_person(tx, await persons.one_with(tx, person_id))
        ]


Theirs = TypeVar("Theirs", Mine, MyMove)


def _theirs(id_: UUID, found: Sequence[Theirs]) -> Theirs:
    for each in found:
        if each.id == id_:
            return each
    raise NotFound


async def my_passport(tx: Connection, person_id: UUID, id_: UUID) -> Mine:
    """One passport of somebody. Raises NotFound where it is not theirs."""
    return _theirs(id_, await my_passports(tx, person_id))


async def my_move(tx: Connection, person_id: UUID, id_: UUID) -> MyMove:
    """One move of somebody, with what they were told of the first day. Raises NotFound where it is not theirs."""
    found = _theirs(id_, await my_moves(tx, person_id))
    async with seeing_everything(tx):
        return MyMove(id_, found.move, await store.pack_of(tx, id_))


async def withdraw_sharing(tx: Connection, person_id: UUID, id_: UUID, organisation: str, context: Context) -> None:
    """The holder lets an organisation look no longer. Raises NotFound, and NotShared where it does not look."""
    await persons.expect(tx, person_id)
    await my_passport(tx, person_id, id_)
    await passports.of_passport(tx, id_, passport.TakeBack(organisation=organisation), context)


async def let_look_again(tx: Connection, person_id: UUID, id_: UUID, organisation: str, context: Context) -> None:
    """The holder lets an organisation look again. Raises NotFound, NotShared where they had not stopped it, ShareOver."""
    await persons.expect(tx, person_id)
    await my_passport(tx, person_id, id_)
    await passports.of_passport(tx, id_, passport.LetLookAgain(organisation=organisation), context)


async def agree(tx: Connection, person_id: UUID, id_: UUID, context: Context) -> None:
    """The person agrees to their move. Raises NotFound, and what stands against booking their time."""
    await persons.expect(tx, person_id)
    await my_move(tx, person_id, id_)
    await moves.agree(tx, id_, Command(), context)


async def agree_to_extension(tx: Connection, person_id: UUID, id_: UUID, ends_on: date, context: Context) -> None:
    """The person agrees to a later end of their move. Raises NotFound, and what stands against it."""
    await persons.expect(tx, person_id)
    await my_move(tx, person_id, id_)
    await moves.confirm_extension(tx, id_, moves.LongerStayConfirmed(ends_on=ends_on, by=Party.PERSON), context)


async def decline_extension(tx: Connection, person_id: UUID, id_: UUID, context: Context) -> None:
    """The person does not agree to a later end, or no longer; nobody asks them why. Raises NotFound, and NothingProposed."""
    await persons.expect(tx, person_id)
    await my_move(tx, person_id, id_)
    await moves.decline_extension(tx, id_, DeclineExtension(by=Party.PERSON, reason=PERSONS_CHOICE), context)


async def take_back(tx: Connection, person_id: UUID, id_: UUID, context: Context) -> None:
    """The person no longer agrees. Raises NotFound, and a refusal once the first day has come."""
    await persons.expect(tx, person_id)
    await my_move(tx, person_id, id_)
    await moves.by(Side.HOME)(tx, id_, deployment.WithdrawAgreement(), context, None)


async def _sharing(tx: Connection, id_: UUID) -> Sequence[Sharing]:
    return shared(fact for _, fact in standing(await history(tx, id_)))
