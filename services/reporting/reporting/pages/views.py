"""Routes for people: the dashboard, a page a figure, the flows, the Board's table and the sources."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse

from kit import clock
from kit.auth import Forbidden, Unauthenticated
from kit.door import PageRoute
from kit.errors import Refused
from reporting import api
from reporting.access import EVIDENCE_ROLES, Asked, Counted, asked, entitled
from reporting.disclosure import Profile
from reporting.flow import FUNNEL, TIME_TO_HIRE, FlowMetric
from reporting.metrics import COSTS, EVALUATION, LEARNING, METRICS, MOBILITY, PATHWAYS, PORTAL, STARTS
from reporting.pages import paper
from reporting.pages.paper import page

SIGN_IN = (
    "Sign in to see this",
    "Exact figures and the events behind them are for named roles. Ask for a one-time link.",
)
PAGE = 100
"""Events on a page."""
DASHBOARD = (*MOBILITY, *LEARNING, *STARTS)
"""The figures of the first page; the others have pages of their own, and the Board's table has all."""
LEARNING_BY = {
    "rating": "category", "training-saved": "organisation", "places-lost": "organisation", "t-levels": "stage",
    "t-level-hours": "employer", "apprenticeships": "stage", "apprenticeships-stopped": "reason",
}  # fmt: skip
"""The figures that the page of learning draws, and by what."""
NOT_YOURS = "Your role does not allow this", "You are signed in, but not with a role that may see this page."


class Page(PageRoute, Counted):
    """A route whose refusals are pages too."""

    def wrong(self, request: Request, error: Exception) -> Response:
        match error:
            case Unauthenticated():
                return _problem(request, 401, *SIGN_IN)
            case Forbidden():
                return _problem(request, 403, *NOT_YOURS)
            case RequestValidationError():
                return _problem(request, 422, "That question cannot be answered", "The date or the profile is none.")
            case Refused():
                return _problem(request, error.status, error.title, f"{error.field or ''} {error.detail or ''}")
            case _:
                return _problem(request, 503, "Try again in a moment", "The figures cannot be read just now.")


def _problem(request: Request, status: int, title: str, text: str) -> Response:
    ask = Asked(clock.today(), Profile.PUBLISHED, None, request)
    return page("problem.jinja", ask, request, status, title=title, text=text)


router = APIRouter(route_class=Page, include_in_schema=False)
Ask = Annotated[Asked, Depends(asked)]


@router.get("/")
async def root(ask: Ask) -> Response:
    """To the dashboard."""
    return RedirectResponse("/dashboard", 303)


@router.get("/dashboard")
async def dashboard(request: Request, ask: Ask) -> Response:
    """The figures that the Board asks for first, where people started, the funnel, and how complete it is."""
    async with ask.moment() as tx:
        shown: dict[str, Any] = {
            "figures": {figure.id: figure for figure in await api.every_figure(tx, ask, DASHBOARD)},
            "by_employer": [await api.one_figure(tx, ask, figure_id, "employer") for figure_id in ("q9", "q6")],
            "together": await api.one_figure(tx, ask, "q5", "sector"),
            "funnel": await api.one_flow(tx, ask, FUNNEL, None),
            "sources": await api.all_sources(tx, ask),
        }
    return page("dashboard.jinja", ask, request, **shown)


@router.get("/dashboard/board")
async def board(request: Request, ask: Ask) -> Response:
    """Every figure in one table, to read or print."""
    async with ask.moment() as tx:
        figures = await api.every_figure(tx, ask)
    return page("board.jinja", ask, request, figures=figures)


@router.get("/dashboard/learning")
async def learning(request: Request, ask: Ask) -> Response:
    """What came of learning for those who learned."""
    async with ask.moment() as tx:
        shown = await api.every_figure(tx, ask, (*EVALUATION, *COSTS, *PATHWAYS))
        by = {id_: await api.one_figure(tx, ask, id_, group) for id_, group in LEARNING_BY.items()}
        growth = [await api.growth_of(tx, ask, metric.id) for metric in PORTAL]
    return page("learning.jinja", ask, request, figures={each.id: each for each in shown}, by=by, growth=growth)


@router.get("/dashboard/compliance")
async def compliance(request: Request, ask: Ask) -> Response:
    """Who must be trained in core skills and how they stand: by organisation and subject."""
    async with ask.moment() as tx:
        grid = await api.one_grid(tx, ask, "compliance", "organisation", "subject")
        required = await api.one_figure(tx, ask, "training-required", "standing")
    return page("compliance.jinja", ask, request, grid=grid, required=required)


@router.get("/dashboard/figures/{figure_id}")
async def figure(request: Request, figure_id: str, ask: Ask, by: str | None = None) -> Response:
    """One figure: broken down, how it was counted, and what stands behind it."""
    first = METRICS[figure_id].by[:1] if figure_id in METRICS else ()
    async with ask.moment() as tx:
        figure = await api.one_figure(tx, ask, figure_id, by or next(iter(first), None))
    return page("figure.jinja", ask, request, figure=figure)


@router.get("/dashboard/figures/{figure_id}/events")
async def events(
    request: Request,
    figure_id: str,
    ask: Annotated[Asked, Depends(entitled(*EVIDENCE_ROLES))],
    cursor: str | None = None,
) -> Response:
    """The events behind a figure, a page of them in the order of the log."""
    async with ask.moment() as tx:
        figure = await api.one_figure(tx, ask, figure_id, None)
        events = await api.events_behind(tx, ask, figure_id, cursor, PAGE)
    return page("events.jinja", ask, request, figure=figure, events=events)


@router.get("/dashboard/funnel")
async def funnel(request: Request, ask: Ask, by: str | None = None) -> Response:
    """The funnel, drawn and as a table."""
    return await _flow(request, ask, FUNNEL, by)


@router.get("/dashboard/time-to-hire")
async def time_to_hire(request: Request, ask: Ask, by: str | None = None) -> Response:
    """The time to hire, drawn and as a table."""
    return await _flow(request, ask, TIME_TO_HIRE, by)


async def _flow(request: Request, ask: Asked, metric: FlowMetric, by: str | None) -> Response:
    async with ask.moment() as tx:
        flow = await api.one_flow(tx, ask, metric, by)
    return page("flow.jinja", ask, request, flow=flow)


@router.get("/dashboard/sources")
async def sources(request: Request, ask: Ask) -> Response:
    """Who was heard and when, and how far each topic has been counted."""
    async with ask.moment() as tx:
        sources = await api.all_sources(tx, ask)
    return page("sources.jinja", ask, request, sources=sources)


KINDS = {"page.css": "text/css", "live.js": "text/javascript", "icon.svg": "image/svg+xml"}


@router.get("/assets/reporting/{name}")
async def asset(name: str) -> Response:
    """The dashboard's own styles, script and icon."""
    if name not in KINDS:
        return Response(status_code=404)
    return Response(paper.asset(name), media_type=KINDS[name])
