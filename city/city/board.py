"""The Board's table: each figure as the report prints it, as it was expected, and as reporting computes it."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import httpx2
from rich.console import Console
from rich.table import Table

PARTS = ("value", "numerator", "denominator")


@dataclass(frozen=True)
class Line:
    """One figure: the parts that are expected, and the parts that reporting answered with."""

    figure: str
    printed: str
    expected: Mapping[str, float]
    computed: Mapping[str, float | None]

    @property
    def ok(self) -> bool:
        return all(self.computed[part] == wanted for part, wanted in self.expected.items())


def expected() -> list[dict[str, Any]]:
    """The figures of expected.toml, in its order."""
    text = (resources.files("city") / "expected.toml").read_text()
    figures: list[dict[str, Any]] = tomllib.loads(text)["figure"]
    return figures


async def ask(client: httpx2.AsyncClient, token: str) -> list[Line]:
    """Reporting's exact figures beside the expected ones."""
    answer = await client.get(
        "/figures", params={"profile": "internal_exact"}, headers={"Authorization": f"Bearer {token}"}
    )
    answer.raise_for_status()
    computed = {figure["id"]: figure for figure in answer.json()}
    return [
        Line(
            line["id"],
            line["printed"],
            {part: line[part] for part in PARTS if part in line},
            {part: _number(computed.get(line["id"], {}).get(part)) for part in PARTS},
        )
        for line in expected()
    ]


def _number(cell: Mapping[str, Any] | None) -> float | None:
    return None if cell is None else cell["number"]


def draw(console: Console, lines: Sequence[Line]) -> None:
    """Print the table."""
    table = Table(title="The Board's table", title_justify="left", show_lines=False)
    for name in ("figure", "as printed in the report", "as computed", ""):
        table.add_column(name)
    for line in lines:
        parts = line.computed
        shown = _plain(parts["value"])
        if "numerator" in line.expected:
            shown = f"{shown}%  ({_plain(parts['numerator'])} of {_plain(parts['denominator'])})"
        table.add_row(line.figure.upper(), line.printed, shown, "[green]ok[/]" if line.ok else "[red]differs[/]")
    console.print(table)


def _plain(number: float | None) -> str:
    return "none" if number is None else f"{number:g}"
