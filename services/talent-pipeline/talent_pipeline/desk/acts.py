"""What becomes of a form: the command that the API takes, done once, on the version that its page showed.

A refusal is the same form again with what was given in it, the rule beside the field. Of two who act at once the second is told
what the first did, and decides again.
"""

import json
from collections.abc import Mapping
from uuid import UUID, uuid4

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError

from kit.database import Connection
from kit.errors import KeyReused, NotFound, Refused, Stale
from kit.http import Call
from kit.routes.wire import PathId
from kit.staff import GoTo, key_of, version_of
from schemas.talent_pipeline import CheckKind
from talent_pipeline.desk import records, words
from talent_pipeline.desk.door import HOME, Looking, Reader, Writer, page, pages
from talent_pipeline.desk.forms import OCCURRED, Act
from talent_pipeline.desk.lines import Told, told
from talent_pipeline.desk.questions import ACTS
from talent_pipeline.desk.records import Record
from talent_pipeline.pages.words import check_name

KINDS = {words.PLACES[aggregate]: aggregate for aggregate in ACTS}
"""What each place of a record holds, where there is something to do."""

NUMBERS = frozenset("123456789")
"""Of a check: what an address says may be anything."""

router = pages.routes(HOME + "/{place}/{id}")


@router.get("/{act}")
async def ask(place: str, id_: PathId, act: str, request: Request, call: Reader) -> Response:
    """What is asked for a command. Raises NotFound where there is no such."""
    asked = _act(place, act, call)
    record = await _read(call, asked, id_)
    given = {name: str(text) for name, text in request.query_params.items()}
    return _form(call, asked, record, _as_it_is(record, given))


@router.post("/{act}")
async def do(place: str, id_: PathId, act: str, request: Request, call: Writer) -> Response:
    """The command. Raises NotFound where there is no such."""
    asked, form = _act(place, act, call), await request.form()
    given = {name: text for name, text in form.items() if isinstance(text, str)}
    version, call = version_of(form), call.keyed(key_of(form))

    async def work(tx: Connection) -> GoTo:
        command = asked.body.parse(json.dumps(asked.said(given)).encode())
        await asked.taken.does(tx, id_, command, call.context, version)
        return GoTo(f"{HOME}/{place}/{id_}?done={asked.name}")

    try:
        return await call.once(work)
    except RequestValidationError as error:
        return _form(call, asked, await _read(call, asked, id_), given, faults=asked.faults(error.errors()))
    except Refused as refusal:
        return _form(call, asked, await _read(call, asked, id_), given, refusal=refusal)


def _act(place: str, name: str, call: Call) -> Act:
    if place not in KINDS or name not in ACTS[KINDS[place]]:
        raise NotFound
    act = ACTS[KINDS[place]][name]
    call.principal.require(act.roles)
    return act


async def _read(call: Call, act: Act, id_: UUID) -> Record:
    """Raises NotFound, also for one whose every fact was taken back."""
    async with call.reading() as tx:
        record = await records.read(tx, act.of.kind, id_)
    if record.kept.state is None:
        raise NotFound
    return record


def _as_it_is(record: Record, given: Mapping[str, str]) -> Mapping[str, str]:
    """With how the check stands that a form is about: what does not change need not be chosen."""
    about = (given.get("kind", ""), given.get("number", ""))
    for check in getattr(record.kept.standing, "checks", ()):
        if (str(check.kind), str(check.number)) == about:
            return {"stands": f"{check.status}-{check.outcome or check.awaiting}", **given}
    return given


def _form(
    call: Call,
    act: Act,
    record: Record,
    given: Mapping[str, str],
    *,
    faults: Mapping[str, str] | None = None,
    refusal: Refused | None = None,
) -> Response:
    """The form of an act on the record as it is now, with what was wrong with it, or who was first."""
    wrong = dict(faults or {})
    asked = None if refusal is None or refusal.field is None else act.field(refusal.field)
    if refusal is not None and asked is not None:
        wrong[asked.name] = rule(refusal)
    stale = isinstance(refusal, Stale)
    return page(
        "act",
        call,
        Looking.ACT,
        422 if faults else 200 if refusal is None else refusal.status,
        act=act,
        occurred=OCCURRED,
        given=given,
        key=given.get("key") or uuid4().hex,
        faults=wrong,
        summary=[{"text": text, "href": f"#{name}"} for name, text in wrong.items()],
        refusal=None if wrong or stale or refusal is None else rule(refusal),
        first=_since(call, record, int(given["version"])) if stale else (),
        possible=act.name in record.kept.allowed,
        called=_called(act, given),
        back=f"{HOME}{act.of.path}/{record.kept.id}",
        **records.shown(record, act.of.kind, call),
    )


def _called(act: Act, given: Mapping[str, str]) -> str:
    """The title of a form; a check's names the check."""
    if act.field("kind") is None or given.get("kind") not in list(CheckKind):
        return act.title
    number = given.get("number", "")
    return f"{act.title}: {check_name(CheckKind(given['kind']), int(number) if number in NUMBERS else 1)}"


def _since(call: Call, record: Record, version: int) -> list[Told]:
    """What others said since a page was shown."""
    return [each for each in told(record.history, call.principal.subject) if each.version > version]


def rule(refusal: Refused) -> str:
    """A refusal as a sentence: the rule, and what of this record stands against it."""
    if isinstance(refusal, KeyReused):
        return "This form was sent before, and what it said then was done. Look at the record before you send it again."
    detail = refusal.detail if refusal.detail != refusal.title else None
    return f"{refusal.title.removesuffix('.')}: {detail}." if detail else refusal.title
