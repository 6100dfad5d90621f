"""Routes for programs: figures, what stands behind them, flows and sources. Everything goes through the door."""

import csv
import io
import re
from collections.abc import Collection, Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from kit.database import Connection
from kit.errors import Invalid, NotFound
from reporting import contract, figures, flow, shown
from reporting.access import EVIDENCE_ROLES, Asked, Counted, asked, entitled
from reporting.flow import FUNNEL, TIME_TO_HIRE, FlowMetric
from reporting.metrics import METRICS, Metric
from reporting.shown import ShownBehind, ShownEvents, ShownFigure, ShownFlow, ShownGrid, ShownGrowth

CURSOR = re.compile(r"^([a-z0-9.-]{1,200})/(\d{1,9})/(\d{1,18})$")
FORMULA = ("=", "+", "-", "@")  # what a spreadsheet would run

router = APIRouter(route_class=Counted)
FigureId = Annotated[str, Path(description="q6, q7 …")]
By = Annotated[str | None, Query(description="break the figure down: one of its breakdowns")]


@router.get("/figures", tags=["figures"])
async def list_figures(ask: Annotated[Asked, Depends(asked)]) -> list[ShownFigure]:
    """Every figure as at a date."""
    async with ask.moment() as tx:
        return await every_figure(tx, ask)


@router.get("/figures/{figure_id}.csv", tags=["figures"], response_class=Response)
async def read_figure_csv(figure_id: FigureId, ask: Annotated[Asked, Depends(asked)], by: By = None) -> Response:
    """A figure as a table, UTF-8: the whole, then a line for each group."""
    async with ask.moment() as tx:
        figure = await one_figure(tx, ask, figure_id, by)
    return Response(as_csv(figure), media_type="text/csv; charset=utf-8")


@router.get("/figures/{figure_id}", tags=["figures"])
async def read_figure(figure_id: FigureId, ask: Annotated[Asked, Depends(asked)], by: By = None) -> ShownFigure:
    """A figure as at a date: value and parts, the rule by which it was counted, and what stands behind it."""
    async with ask.moment() as tx:
        return await one_figure(tx, ask, figure_id, by)


@router.get("/figures/{figure_id}/growth", tags=["figures"])
async def read_growth(figure_id: FigureId, ask: Annotated[Asked, Depends(asked)]) -> ShownGrowth:
    """A figure over two years: at the end of each quarter, and on the date asked for."""
    async with ask.moment() as tx:
        return await growth_of(tx, ask, figure_id)


@router.get("/figures/{figure_id}/grid", tags=["figures"])
async def read_grid(
    figure_id: FigureId,
    ask: Annotated[Asked, Depends(asked)],
    by: Annotated[str, Query(description="what the lines are: one of its breakdowns")],
    across: Annotated[str, Query(description="what the columns are: another of them")],
) -> ShownGrid:
    """A figure by two of its breakdowns at once."""
    async with ask.moment() as tx:
        return await one_grid(tx, ask, figure_id, by, across)


@router.get("/figures/{figure_id}/events", tags=["evidence"])
async def read_events(
    figure_id: FigureId,
    ask: Annotated[Asked, Depends(entitled(*EVIDENCE_ROLES))],
    by: By = None,
    group: Annotated[
        str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="the code of one group of the breakdown")
    ] = None,
    cursor: Annotated[str | None, Query(description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> ShownEvents:
    """The events behind a figure, for those who may follow it to them."""
    if group is not None and by is None:
        raise Invalid("needs `by`: of which breakdown it is a group", field="group")
    async with ask.moment() as tx:
        return await events_behind(tx, ask, figure_id, cursor, limit, (by, group) if by else None)


@router.get("/funnel", tags=["flows"])
async def read_funnel(ask: Annotated[Asked, Depends(asked)], by: By = None) -> ShownFlow:
    """The way from first interest to lasting work, with conversions and median days."""
    async with ask.moment() as tx:
        return await one_flow(tx, ask, FUNNEL, by)


@router.get("/time-to-hire", tags=["flows"])
async def read_time_to_hire(ask: Annotated[Asked, Depends(asked)], by: By = None) -> ShownFlow:
    """How long each stage takes of those candidacies that end in a start."""
    async with ask.moment() as tx:
        return await one_flow(tx, ask, TIME_TO_HIRE, by)


@router.get("/sources", tags=["sources"])
async def read_sources(ask: Annotated[Asked, Depends(asked)]) -> ShownBehind:
    """Every partner that was ever heard and when it was last, and how far each topic has been counted."""
    async with ask.moment() as tx:
        return await all_sources(tx, ask)


# -- the same for pages ------------------------------------------------------------------------------------------------


async def every_figure(
    tx: Connection, ask: Asked, metrics: Iterable[Metric] = tuple(METRICS.values())
) -> list[ShownFigure]:
    """These figures; without any named, all that there are."""
    found = [await figures.figure(tx, metric, ask.as_at, ask.settings) for metric in metrics]
    return [shown.show(figure, ask.profile, ask.settings) for figure in found]


async def one_figure(tx: Connection, ask: Asked, figure_id: str, by: str | None) -> ShownFigure:
    """Raises NotFound, and Invalid for a breakdown that it has not."""
    metric = _metric(figure_id)
    _check(by, metric.by)
    return shown.show(await figures.figure(tx, metric, ask.as_at, ask.settings, by), ask.profile, ask.settings)


async def growth_of(tx: Connection, ask: Asked, figure_id: str) -> ShownGrowth:
    """Raises NotFound."""
    return shown.show_growth(await figures.growth(tx, _metric(figure_id), ask.as_at, ask.settings), ask.profile)


async def one_grid(tx: Connection, ask: Asked, figure_id: str, by: str, across: str) -> ShownGrid:
    """Raises NotFound, and Invalid for breakdowns that it has not, or that are the same."""
    metric = _metric(figure_id)
    _check(by, metric.by)
    _check(across, [each for each in metric.by if each != by], "across")
    grid = await figures.grid(tx, metric, ask.as_at, ask.settings, by, across)
    return shown.show_grid(grid, ask.profile, ask.settings)


async def events_behind(
    tx: Connection,
    ask: Asked,
    figure_id: str,
    cursor: str | None,
    limit: int,
    group: tuple[str, str | None] | None = None,
) -> ShownEvents:
    """A page of the events; of one group of a breakdown, where these two are given."""
    metric = _metric(figure_id)
    by, code = group or (None, None)
    _check(by, metric.by)
    found = await figures.events(
        tx, metric, ask.as_at, ask.settings, after=_place(cursor), limit=limit, by=by, group=code
    )
    return shown.show_events(found, limit)


async def one_flow(tx: Connection, ask: Asked, metric: FlowMetric, by: str | None) -> ShownFlow:
    _check(by, flow.BY)
    found = await flow.flow(tx, metric, ask.as_at, by, await figures.all_partners(tx))
    return shown.show_flow(found, ask.profile)


async def all_sources(tx: Connection, ask: Asked) -> ShownBehind:
    behind = await figures.behind_topics(tx, contract.TOPICS, await figures.all_partners(tx))
    return shown.show_behind(behind, ask.profile)


def as_csv(figure: ShownFigure) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["figure", "as_at", "profile", "by", "code", "label", "value", "numerator", "denominator", "unknown"]
    )
    head = [figure.id, figure.as_at, figure.profile.value]
    writer.writerow([*head, "", "", figure.title, *_texts(figure)])
    for group in figure.groups:
        writer.writerow([*head, figure.by, _plain(group.code or ""), _plain(group.label), *_texts(group)])
    return out.getvalue()


def _texts(count: shown.ShownCount) -> list[str]:
    return [
        cell.text.replace(",", "").removeprefix("£")
        for cell in (count.value, count.numerator, count.denominator, count.unknown)
    ]


def _plain(text: str) -> str:
    """Text that a spreadsheet shows and does not run."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _metric(figure_id: str) -> Metric:
    figure_id = figure_id.lower()  # the report writes Q6
    if figure_id not in METRICS:
        raise NotFound("no figure has this id")
    return METRICS[figure_id]


def _check(by: str | None, allowed: Collection[str], field: str = "by") -> None:
    if by is not None and by not in allowed:
        raise Invalid(f"must be one of {', '.join(allowed)}", field=field)


def _place(cursor: str | None) -> tuple[str, int, int]:
    """The place in the log after which a page begins."""
    if cursor is None:
        return ("", -1, -1)
    if not (found := CURSOR.match(cursor)):
        raise Invalid("must be the `next` of another page", field="cursor")
    return (found[1], int(found[2]), int(found[3]))
