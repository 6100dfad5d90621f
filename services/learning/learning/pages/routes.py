"""What is shown when (kit.personal is the door)."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from kit.http import Call
from kit.personal import PersonalPages, organisation
from learning.handlers import own, skills
from learning.handlers.own import Question, ToAnswer
from learning.links import HOME
from learning.pages.questions import Field, answered, choices_of, fields_of
from schemas.values import business_date

COOKIE = "learning_session"
LEARNER = "learner"
"""The actor in the journal: a kind and no id."""

pages = PersonalPages("learning.pages", home=HOME, cookie=COOKIE, role=LEARNER, one_use=True)
router = pages.router

Visitor = Annotated[Call, Depends(pages.visitor)]
Writer = Annotated[Call, Depends(pages.writer)]


@router.get("")
async def transcript(call: Visitor) -> Response:
    """What the learner is booked for and has learned, and the codes that show that to others."""
    person_id, day = _whose(call), business_date(call.context.now)
    async with call.reading() as tx:
        learned = await skills.transcript(tx, person_id, day)
        codes = await own.shown_until(tx, person_id, day)
        to_learn = await own.to_learn(tx, person_id)
        to_answer, places = await own.to_answer(tx, person_id, day), await own.places(tx, person_id, day)
    return pages.page(
        "transcript", call, learned=learned, codes=codes, to_answer=to_answer, places=places, to_learn=to_learn
    )


@router.get("/catalogue")
async def catalogue(call: Visitor) -> Response:
    """The courses that the learner may begin now, alone and online."""
    async with call.reading() as tx:
        may = await own.choice(tx, _whose(call))
    return _catalogue(call, may, {})


@router.post("/catalogue")
async def begin(request: Request, call: Writer) -> Response:
    """The learner enrols in a course of their choice."""
    form = {name: given for name, given in (await request.form()).items() if isinstance(given, str)}
    async with call.reading() as tx:
        may = await own.choice(tx, _whose(call))
        complete = all(form.get(field.name) in field.choices for field in _choices(may))
        if complete:
            await own.begin(tx, _whose(call), UUID(form["course"]), form["organisation"], call.context)
    return RedirectResponse(HOME, 303) if complete else _catalogue(call, may, form, 422)


def _choices(may: own.Choice) -> Sequence[Field]:
    return choices_of(may, {each: organisation(each) for each in may.organisations})


def _catalogue(call: Call, may: own.Choice, form: Mapping[str, str], status: int = 200) -> Response:
    fields, faults = _asked(_choices(may), form, status) if may.courses and may.organisations else ([], {})
    return pages.page("catalogue", call, status, fields=fields, faults=faults, may=may)


@router.get("/{question}/{booking_id}")
async def ask(question: Question, booking_id: UUID, call: Visitor) -> Response:
    """What the learner is asked of a course."""
    async with call.reading() as tx:
        of = await own.asked(tx, _whose(call), question, booking_id, business_date(call.context.now))
    return _form(call, of, {})


@router.post("/{question}/{booking_id}")
async def answer(question: Question, booking_id: UUID, request: Request, call: Writer) -> Response:
    """Keep the answers: once, for they are what was said then; of a place, what becomes of it."""
    form = {name: given for name, given in (await request.form()).items() if isinstance(given, str)}
    async with call.reading() as tx:
        of = await own.asked(tx, _whose(call), question, booking_id, business_date(call.context.now))
        said = answered(of, form)
        if said is not None:
            await own.answer(tx, _whose(call), of, said, call.context)
    return _form(call, of, form, status=422) if said is None else RedirectResponse(HOME, 303)


def _form(call: Call, of: ToAnswer, form: Mapping[str, str], status: int = 200) -> Response:
    fields, faults = _asked(fields_of(of), form, status)
    return pages.page("question", call, status, of=of, fields=fields, faults=faults)


def _asked(
    fields: Sequence[Field], form: Mapping[str, str], status: int
) -> tuple[list[dict[str, Any]], Mapping[str, str]]:
    """The fields as the page draws them, and what is said of those that have no answer."""
    faults = {
        field.name: field.missing for field in fields if status != 200 and form.get(field.name) not in field.choices
    }
    return [field.radios(form.get(field.name), faults.get(field.name)) for field in fields], faults


@router.post("/code")
async def code(call: Writer) -> Response:
    """A new code, said once: on this page, and nowhere after it."""
    async with call.reading() as tx:
        shown = await skills.show(tx, _whose(call), business_date(call.context.now))
    return pages.page("code", call, shown=shown)


@router.post("/take-back")
async def take_back(call: Writer) -> Response:
    """Every code that was given shows nothing any more."""
    async with call.reading() as tx:
        await own.take_back(tx, _whose(call))
    return RedirectResponse(HOME, 303)


def _whose(call: Call) -> UUID:
    return UUID(call.principal.subject)
