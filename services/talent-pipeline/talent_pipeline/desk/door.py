"""The door to the desk, and the frame that every page of it has."""

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from fastapi.responses import HTMLResponse

from kit.http import Call
from kit.personal import in_full
from kit.staff import StaffPages
from talent_pipeline.api.steps import EITHER
from talent_pipeline.desk import words

HOME = "/desk"
COOKIE = "desk_session"
ASSETS = Path(__file__).with_name("assets")
KINDS = {"desk.css": "text/css", "desk.js": "text/javascript"}

pages = StaffPages("talent_pipeline.desk", home=HOME, cookie=COOKIE, roles=EITHER)
pages.templates.globals["words"] = words
pages.templates.filters |= {"day": in_full, "moment": words.moment, "called": words.called, "short": words.short}

Reader = Annotated[Call, Depends(pages.reader)]
Writer = Annotated[Call, Depends(pages.writer)]


class Looking(StrEnum):
    """What its reader does on a page that asks people for names: why, as people keeps it and whoever is named reads it."""

    LIST = "work-a-list"
    RECORD = "read-a-record"
    ACT = "act-on-a-record"


def page(name: str, call: Call, looking: Looking, status: int = 200, **given: Any) -> HTMLResponse:
    """A page of somebody who is signed in. It asks for names where people is under the same host."""
    names = looking if call.request.app.state.people_here else None
    return pages.page(name, call, status, names=names, path=call.request.url.path, **given)


def place(aggregate: str, id_: UUID) -> str:
    """Where the record of an aggregate is."""
    return f"{HOME}/{words.PLACES[aggregate]}/{id_}"


router = pages.routes(f"{HOME}/assets")


@router.get("/{name}")
async def asset(name: str) -> Response:
    """The desk's own styles, and its script."""
    if name not in KINDS:
        return Response(status_code=404)
    return Response(_read(name), media_type=KINDS[name])


@cache
def _read(name: str) -> str:
    return (ASSETS / name).read_text()
