"""Figures as SVG, drawn on the server from cells: what the door hides, no bar's length gives away.

Lengths are percentages of the drawing's own width and text keeps its size, so a drawing reads on a telephone as on a wall. Each
has a title and a description, and a table beside it that says the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from markupsafe import Markup, escape

from reporting.disclosure import Cell

LABEL_LENGTH = 42
"""Characters of a label that a telephone shows on one line; the table has the whole."""
ROW, BAR = 52, 18
"""Heights in pixels."""

_NEXT = count(1)


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a drawing: what it is, how many, and what else is to be said of it."""

    label: str
    cell: Cell
    note: str = ""


def bars(title: str, rows: Sequence[Bar], *, of: float | None = None) -> Markup:
    """Horizontal bars from nought, to the largest of them or to `of`. A hidden count has a hatched stub of one length."""
    longest = of or max((row.cell.number or 0 for row in rows), default=0)
    number = next(_NEXT)
    height = sum(_height(row) for row in rows)
    described = "; ".join(f"{row.label}: {_said(row.cell)}" for row in rows) or "nothing to show"
    top, body = 0, Markup()
    for row in rows:
        body += _row(row, top, longest, number)
        top += _height(row)
    return Markup(
        '<svg class="ow-drawing" role="img" aria-labelledby="drawing-{n}-title drawing-{n}-desc" width="100%" '
        'height="{height}" xmlns="http://www.w3.org/2000/svg"><title id="drawing-{n}-title">{title}</title>'
        '<desc id="drawing-{n}-desc">{desc}</desc>{hatch}{body}</svg>'
    ).format(n=number, height=height, title=title, desc=described, hatch=_hatch(number), body=body)


def share(title: str, cell: Cell) -> Markup:
    """A percentage as a part of one bar."""
    return bars(title, [Bar("", cell)], of=100)


def _height(row: Bar) -> int:
    return ROW + (20 if row.note else 0) - (0 if row.label else 24)


def _row(row: Bar, top: int, longest: float, number: int) -> Markup:
    bar_top = top + (24 if row.label else 0)
    parts = Markup()
    if row.label:
        parts += _text(top + 16, _short(row.label), "ow-label")
        parts += _text(top + 16, row.cell.text, "ow-value", end=True)
    parts += Markup('<rect class="ow-track" x="0" y="{y}" width="100%" height="{h}"/>').format(y=bar_top, h=BAR)
    if row.cell.hidden:
        parts += Markup('<rect fill="url(#hatch-{n})" x="0" y="{y}" width="6%" height="{h}"/>').format(
            n=number, y=bar_top, h=BAR
        )
    elif row.cell.number and longest:
        width = f"{100 * min(1.0, row.cell.number / longest):.2f}%"
        parts += Markup('<rect class="ow-bar" x="0" y="{y}" width="{w}" height="{h}"/>').format(
            y=bar_top, w=width, h=BAR
        )
    if row.note:
        parts += _text(bar_top + BAR + 16, row.note, "ow-note")
    return parts


def _text(y: int, text: str, kind: str, *, end: bool = False) -> Markup:
    place = Markup('x="100%" text-anchor="end"') if end else Markup('x="0"')
    return Markup('<text class="{kind}" {place} y="{y}">{text}</text>').format(kind=kind, place=place, y=y, text=text)


def _hatch(number: int) -> Markup:
    return Markup(
        '<defs><pattern id="hatch-{n}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect class="ow-hatch" width="3" height="6"/></pattern></defs>'
    ).format(n=number)


def _short(label: str) -> str:
    return label if len(label) <= LABEL_LENGTH else f"{label[: LABEL_LENGTH - 1].rstrip()}…"


def _said(cell: Cell) -> str:
    return "hidden, from 1 to 7" if cell.hidden else str(escape(cell.text))
