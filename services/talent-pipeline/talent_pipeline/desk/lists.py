"""What waits and for whom, and the vacancies: pages of rows, the filters in the address, a cursor to go on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from kit import waiting
from kit.database import EVERYONE
from kit.routes.waiting import CURSORS
from kit.waiting import WaitingRow
from schemas.values import business_date
from talent_pipeline import store
from talent_pipeline.api.lists import Vacancies
from talent_pipeline.api.waiting import Waiting
from talent_pipeline.desk import words
from talent_pipeline.desk.door import HOME, Looking, Reader, page, pages, place
from talent_pipeline.domain.vacancy import Vacancy
from talent_pipeline.store import About, aggregates

router = pages.routes(HOME)


def asked(kind: type[BaseModel]) -> Any:
    """A dependency: what an address asks for. A form sends each of its fields, also those that were left empty."""

    async def ask(request: Request) -> BaseModel:
        given = {name: text for name, text in request.query_params.items() if text}
        try:
            return kind.model_validate_strings(given)
        except ValidationError as error:
            raise RequestValidationError(error.errors(include_input=False, include_context=False)) from None

    return Depends(ask)


def further(path: str, given: BaseModel, **cursor: str) -> str:
    """The address of the next page of a list: the same filters, from there on."""
    kept = given.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return f"{path}?{urlencode({**kept, **cursor})}"


# What waits ------------------------------------------------------------------------------------------------------------


class WaitingHere(Waiting):
    """Which part is asked for: no more rows than people tells names at once."""

    limit: Annotated[int, Query(ge=1, le=100)] = 50


@dataclass(frozen=True, slots=True)
class Thing:
    """What somebody has to do about one record."""

    href: str
    person_id: UUID | None
    about: str
    employer: str | None
    whys: Sequence[str]
    since: date
    days: int


@dataclass(frozen=True, slots=True)
class Why:
    """How often the same thing waits for the same."""

    text: str
    number: int
    since: date
    href: str
    chosen: bool


@router.get("")
async def waits(call: Reader, given: Annotated[WaitingHere, asked(WaitingHere)]) -> Response:
    """What waits: why each row is there, since when and whose move it is, the longest first."""
    async with call.reading() as tx:
        groups = await waiting.how_many(tx)
        rows = await waiting.listed(
            tx, given.who, given.organisation, given.aggregate, CURSORS.place(given.after), given.limit, given.why
        )
        about = await store.about(tx, {row.aggregate_id for row in rows})
    today = business_date(call.context.now)
    return page(
        "waiting",
        call,
        Looking.LIST,
        groups=_groups(groups, given),
        rows=[
            (words.WHO[who], [_thing(list(things), about, today) for _, things in groupby(of, _same)])
            for who, of in groupby(rows, lambda row: row.who)
        ],
        given=given,
        everybody=call.principal.organisation == EVERYONE,
        next=further(HOME, given, after=CURSORS.of(rows[-1].key)) if len(rows) == given.limit else None,
    )


def _groups(found: Iterable[Mapping[str, Any]], given: Waiting) -> list[tuple[str, int, list[Why]]]:
    """How much waits for whom, the most frequent first; each leads to the list of its own."""
    groups: dict[str, list[Why]] = {}
    for row in found:
        href = f"{HOME}?{urlencode({'who': row['who'], 'why': row['why']})}"
        chosen = (row["who"], row["why"]) == (given.who, given.why)
        groups.setdefault(row["who"], []).append(Why(words.why(row["why"]), row["number"], row["since"], href, chosen))
    return [
        (words.WHO[who], sum(each.number for each in whys), sorted(whys, key=lambda each: -each.number))
        for who, whys in groups.items()
    ]


def _same(row: WaitingRow) -> tuple[UUID, date]:
    """What is one line of the page: all that waits for somebody about one record since one day."""
    return row.aggregate_id, row.since


def _thing(rows: Sequence[WaitingRow], about: Mapping[UUID, About], today: date) -> Thing:
    row = rows[0]
    of = about.get(row.aggregate_id, About(None, row.organisation, None))
    return Thing(
        href=place(row.aggregate, row.aggregate_id),
        person_id=of.person_id,
        about=of.title or words.KINDS[row.aggregate],
        employer=of.employer,
        whys=[words.why(each.why) for each in rows],
        since=row.since,
        days=(today - row.since).days,
    )


# Vacancies -------------------------------------------------------------------------------------------------------------


@router.get("/vacancies")
async def vacancies(call: Reader, given: Annotated[Vacancies, asked(Vacancies)]) -> Response:
    """Vacancies, the newest first, with how many applied."""
    async with call.reading() as tx:
        rows = await aggregates.listed(tx, Vacancy, given.having, given.before, given.limit)
        applied = await store.applicants(tx, [row.id for row in rows])
    return page(
        "vacancies",
        call,
        Looking.LIST,
        rows=[(place("vacancy", row.id), row.standing, applied.get(row.id, 0)) for row in rows],
        given=given,
        everybody=call.principal.organisation == EVERYONE,
        next=further(f"{HOME}/vacancies", given, before=str(rows[-1].turn)) if len(rows) == given.limit else None,
    )
