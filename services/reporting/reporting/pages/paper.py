"""Templates and assets. A number that has not passed the door cannot be printed: the environment refuses it."""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader

from reporting.access import EVIDENCE_ROLES, Asked
from reporting.disclosure import EXACT_ROLES, Profile, in_words
from reporting.metrics import BREAKDOWNS
from reporting.pages import drawing

ASSETS = Path(__file__).with_name("assets")
MENU = (
    ("/dashboard", "Dashboard"),
    ("/dashboard/board", "Board table"),
    ("/dashboard/learning", "Learning"),
    ("/dashboard/compliance", "Compliance"),
    ("/dashboard/funnel", "Funnel"),
    ("/dashboard/time-to-hire", "Time to hire"),
    ("/dashboard/sources", "Sources"),
)


class NumberBesideTheDoor(TypeError):
    """A template was about to print a number that is no cell."""


def only_cells(value: Any) -> Any:
    """What a template prints. Raises NumberBesideTheDoor for a bare number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise NumberBesideTheDoor
    return value


@cache
def environment() -> Environment:
    own = Environment(
        loader=ChoiceLoader([PackageLoader("reporting.pages"), PackageLoader("nhsuk_frontend_jinja")]),
        autoescape=True,
        undefined=ChainableUndefined,
        finalize=only_cells,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    own.globals.update(
        bars=drawing.bars, bar=drawing.Bar, share=drawing.share, in_words=in_words, breakdowns=BREAKDOWNS, menu=MENU
    )
    return own


def page(template: str, ask: Asked, request: Request, status: int = 200, **shown: Any) -> HTMLResponse:
    """A page as an answer. Its links keep the date and the profile that were asked for."""
    path = request.url.path

    def link(to: str, **changes: str | None) -> str:
        kept = {"as_at": request.query_params.get("as_at"), "profile": request.query_params.get("profile")} | changes
        query = urlencode({name: given for name, given in kept.items() if given})
        return f"{to}?{query}" if query else to

    html = environment().get_template(template).render(
        ask=ask,
        path=path,
        link=link,
        exact=ask.profile is Profile.EXACT,
        published_profile=Profile.PUBLISHED.value,
        exact_profile=Profile.EXACT.value,
        may_see_exact=ask.may(*EXACT_ROLES),
        may_see_events=ask.may(*EVIDENCE_ROLES),
        roles=" and ".join(sorted(ask.principal.roles)) if ask.principal else None,
        refresh=str(ask.settings.page_refresh_seconds),
        **shown,
    )  # fmt: skip
    return HTMLResponse(html, status)


@cache
def asset(name: str) -> str:
    return (ASSETS / name).read_text()
