"""One record: where it stands, what happens next and whose move that is, and everything that was ever said of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from kit import outbox, waiting
from kit.aggregates import Kept
from kit.database import Connection
from kit.errors import NotFound
from kit.http import Call
from kit.outbox import Said
from kit.personal import in_full
from kit.routes.things import LARGEST_TURN
from kit.routes.wire import PathId
from kit.waiting import WaitingRow
from schemas.values import Part
from talent_pipeline import store
from talent_pipeline.desk import words
from talent_pipeline.desk.door import HOME, Looking, Reader, page, pages, place
from talent_pipeline.desk.forms import Act
from talent_pipeline.desk.lines import Line, known, named, told
from talent_pipeline.desk.questions import ACTS
from talent_pipeline.domain.appointable import Appointable
from talent_pipeline.domain.engagement import Engagement
from talent_pipeline.domain.fair import Fair
from talent_pipeline.domain.journey import Candidacy
from talent_pipeline.domain.vacancy import Vacancy
from talent_pipeline.store import aggregates

APPLICANTS = 50
"""On a page of a vacancy."""

Done = Annotated[str, Query(max_length=40)]

router = pages.routes(HOME)


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it is shown."""

    kept: Kept[Any]
    title: str
    person_id: UUID | None
    waits: Sequence[tuple[str, str, Sequence[str]]]
    """Whose move it is, since when, and what there is to do."""
    known: Sequence[Line]
    history: Sequence[Said]


async def read(tx: Connection, kind: type[Part], id_: UUID) -> Record:
    """Raises NotFound, also for another organisation's."""
    row = await aggregates.read(tx, kind, id_)
    if row is None:
        raise NotFound
    about = await store.about(tx, [id_, *([] if row.state is None else named(row.state))])
    titles = {other: each.title for other, each in about.items() if each.title is not None}
    of = about.get(id_)
    return Record(
        kept=aggregates.kept(row),
        title=titles.get(id_, words.KINDS[aggregates.name(kind)]),
        person_id=None if of is None else of.person_id,
        waits=_moves(await waiting.about(tx, id_)),
        known=() if row.state is None else known(row.state, titles),
        history=await outbox.history(tx, id_),
    )


def _moves(rows: Iterable[WaitingRow]) -> list[tuple[str, str, list[str]]]:
    moves: dict[tuple[str, date], list[str]] = {}
    for row in rows:
        moves.setdefault((row.who, row.since), []).append(words.why(row.why))
    return [(words.WHO[who], in_full(since), whys) for (who, since), whys in moves.items()]


def shown(record: Record, kind: type[Part], call: Call, done: str = "") -> dict[str, Any]:
    """A record for a template. `done`: the act after which it is shown."""
    state = record.kept.state
    status = "voided" if state is None else str(state.status)
    acts = ACTS.get(aggregates.name(kind), {})
    return {
        "record": record,
        "kind": words.KINDS[aggregates.name(kind)],
        "employer": getattr(state, "employer", None),
        "stands": words.plain(status),
        "colour": words.COLOURS.get(status, "grey"),
        "lines": told(record.history, call.principal.subject),
        "acts": _may(acts, record, call),
        "done": acts.get(done),
    }


def _may(acts: Mapping[str, Act], record: Record, call: Call) -> list[Act]:
    """Those that its state allows to whoever asks."""
    roles = call.principal.roles
    return [act for act in acts.values() if act.name in record.kept.allowed and not roles.isdisjoint(act.roles)]


# An application --------------------------------------------------------------------------------------------------------


@router.get("/candidacies/{id}")
async def candidacy(id_: PathId, call: Reader, done: Done = "") -> Response:
    """An application: its checks, what may be done with it, and the person's other applications."""
    async with call.reading() as tx:
        record = await read(tx, Candidacy, id_)
        others = [] if record.kept.state is None else await _others(tx, id_, record.kept.state.person_id)
    return page("candidacy", call, Looking.RECORD, others=others, **shown(record, Candidacy, call, done))


async def _others(tx: Connection, id_: UUID, person_id: UUID) -> list[tuple[str, str, str]]:
    """Where the person's other applications are, for what they are, and how they stand."""
    rows = [row for row in await store.candidacies_of(tx, person_id) if row.id != id_]
    about = await store.about(tx, [row.id for row in rows])
    return [
        (
            place("candidacy", row.id),
            f"{about[row.id].title}, {words.called(row.standing.employer)}",
            words.plain(row.standing.status),
        )
        for row in rows
    ]


# Everything else -------------------------------------------------------------------------------------------------------


@router.get("/vacancies/{id}")
async def vacancy(
    id_: PathId, call: Reader, done: Done = "", before: int = Query(LARGEST_TURN, ge=1, le=LARGEST_TURN)
) -> Response:
    """A vacancy with its applicants, the newest first."""
    async with call.reading() as tx:
        record = await read(tx, Vacancy, id_)
        rows = await aggregates.listed(tx, Candidacy, {"vacancy_id": str(id_)}, before, APPLICANTS)
    applicants = [(place("candidacy", row.id), row.standing) for row in rows]
    following = f"{place('vacancy', id_)}?before={rows[-1].turn}" if len(rows) == APPLICANTS else None
    return page(
        "vacancy", call, Looking.LIST, applicants=applicants, next=following, **shown(record, Vacancy, call, done)
    )


@router.get("/engagements/{id}")
async def engagement(id_: PathId, call: Reader, done: Done = "") -> Response:
    """How a person came to the programme, and what was done with them since."""
    return await _plain(call, Engagement, id_, done)


@router.get("/appointables/{id}")
async def appointable(id_: PathId, call: Reader, done: Done = "") -> Response:
    """A member of the pool."""
    return await _plain(call, Appointable, id_, done)


@router.get("/fairs/{id}")
async def fair(id_: PathId, call: Reader, done: Done = "") -> Response:
    """A recruitment fair."""
    return await _plain(call, Fair, id_, done)


async def _plain(call: Call, kind: type[Part], id_: UUID, done: str = "") -> Response:
    async with call.reading() as tx:
        record = await read(tx, kind, id_)
    return page("record", call, Looking.RECORD, **shown(record, kind, call, done))
