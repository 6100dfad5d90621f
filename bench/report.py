"""docs/performance.md and its charts, made from the file of results and from nothing else."""

import json
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
LIMITS = Path(__file__).with_name("limits.md")
"""What people wrote about aims that are missed: it goes into the page as it is."""

QUIET = 2
"""What may wait for a core beside what is measured."""
OWN: Mapping[str, int] = {"writing": 4}
"""The same of a part that brings more of its own: a whole city of processes, and eight clients."""
NAMES = {
    "ours": "One Workforce: projector as shipped", "a": "(a) FastStream, one message, one transaction",
    "b": "(b) FastStream, batch, executemany", "c": "(c) quixstreams, PostgreSQL sink",
    "d": "(d) bytewax, executemany", "e": "(e) confluent-kafka, COPY, facts only",
    "getmany": "ceiling: getmany", "decode": "ceiling: decode", "merge": "ceiling: staging and merge",
}  # fmt: skip

Parts = Mapping[str, Any]
Row = tuple[str, str, str, str]
"""What is measured, the aim, what it came to, and whether the aim is reached."""


def write(results: Path) -> None:
    """Write the page and its charts."""
    told = json.loads(results.read_text())
    (DOCS / "performance").mkdir(parents=True, exist_ok=True)
    for name, drawing in charts(told["parts"]):
        (DOCS / "performance" / f"{name}.svg").write_text(drawing)
    (DOCS / "performance.md").write_text("\n".join(page(told)) + "\n")


def page(told: Mapping[str, Any]) -> Iterator[str]:
    machine, settings, parts = told["machine"], told["settings"], told["parts"]
    yield "# Performance"
    yield ""
    yield "Made by `make bench` from [performance/results.json](performance/results.json); nothing here is typed by hand but"
    yield "the last part, [bench/limits.md](../bench/limits.md). How it is measured: [bench/README.md](../bench/README.md)."
    yield ""
    yield (
        f"{machine['at']}, commit {machine['commit']}, {machine['cores']} cores ({machine['cpu']}), Python {machine['python']}; "
        f"load average when it began: {machine['load_at_start']:.1f}, at the end of its parts: {_loads(parts)}"
        f"{'; a short run' if settings['short'] else ''}. Broker, database and what is measured share these cores, and "
        "are all of the load of a machine that is quiet otherwise. Compare ratios of one run, never numbers of two."
    )
    disturbed = any(part.get("load", 0) > machine["cores"] + OWN.get(name, QUIET) for name, part in parts.items())
    if disturbed:
        yield ""
        yield (
            "**The machine was not quiet.** Others used it during this run: rates are lower, times longer than the design has, and "
            "a ratio to a peer says more of who was disturbed than of the two. No aim is judged by it."
        )
    yield ""
    yield "## Aims"
    yield "| what | aim | measured | reached |"
    yield "|---|---|---|---|"
    for what, aim, found, reached in aims(parts):
        yield f"| {what} | {aim} | {found} | {'not judged' if disturbed else reached} |"
    for name, part in parts.items():
        if "failed" in part and isinstance(part["failed"], str):
            yield ""
            yield f"**{name}: failed.** {_one_line(part['failed'])}"
    yield from _side_by_side(parts)
    for title, name in (
        ("A rebuild beside the live version", "rebuild"), ("From Kafka to the figure", "latency"),
        ("A figure's page", "page"), ("The write side", "writing"), ("Two workers", "two workers"),
    ):  # fmt: skip
        if name in parts:
            yield ""
            yield f"## {title}"
            yield from _plain(parts[name], name)
    if LIMITS.exists():
        yield ""
        yield LIMITS.read_text().rstrip()


def _loads(parts: Parts) -> str:
    return ", ".join(f"{name} {part['load']:.1f}" for name, part in parts.items() if "load" in part)


def _side_by_side(parts: Parts) -> Iterator[str]:
    part = parts.get("side by side", {})
    if "events_per_second" not in part:
        return
    rates = part["events_per_second"]
    yield ""
    yield "## Side by side"
    yield "![Events a second](performance/side-by-side.svg)"
    yield ""
    yield "| what | events a second, median | rounds | ours is |"
    yield "|---|---|---|---|"
    ours = rates.get("ours", {}).get("median")
    for name in NAMES:
        if name in rates:
            median = rates[name]["median"]
            ratio = f"{ours / median:.2f} x" if ours else ""
            yield f"| {NAMES[name]} | {median:,.0f} | {', '.join(f'{each:,.0f}' for each in rates[name]['rounds'])} | {ratio} |"
    for name, reason in part.get("failed", {}).items():
        yield f"| {NAMES[name]} | failed | {_one_line(reason)} | |"


def _plain(part: Mapping[str, Any], name: str) -> Iterator[str]:
    """Every number of a part; times as a chart too."""
    if name in ("page", "latency", "writing"):
        yield f"![{name}](performance/{name}.svg)"
        yield ""
    yield "| what | |"
    yield "|---|---|"
    for key, value in _flat(part):
        yield (
            f"| {key.replace('_', ' ')} | {value:,.2f} |"
            if isinstance(value, float)
            else f"| {key.replace('_', ' ')} | {value} |"
        )


def _one_line(reason: str) -> str:
    return " ".join(reason.replace("|", "/").split())


def _flat(part: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in part.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key}: ")
        elif isinstance(value, list):
            yield f"{before}{key}", ", ".join(f"{each:,.0f}" for each in value)
        else:
            yield f"{before}{key}", value


# -- aims --------------------------------------------------------------------------------------------------------------


def aims(parts: Parts) -> Iterator[Row]:
    """Every aim, in the order of the issue that set them."""
    rates = {name: each["median"] for name, each in parts.get("side by side", {}).get("events_per_second", {}).items()}

    def ratio(name: str) -> Callable[[], float]:
        return lambda: float(rates["ours"] / rates[name])

    def of(part: str, *path: str) -> Callable[[], float]:
        def read() -> float:
            found: Any = parts[part]
            for key in path:
                found = found[key]
            return float(found)

        return read

    yield _row("against (a)", "at least 75 x", ratio("a"), lambda found: found >= 75, "{:.1f} x")
    yield _row("against (c)", "at least 3 x", ratio("c"), lambda found: found >= 3, "{:.1f} x")
    yield _row("against (d), which does less", "ahead", ratio("d"), lambda found: found > 1, "{:.2f} x")
    yield _row(
        "of the slowest unavoidable stage", "at least 0.6",
        lambda: rates["ours"] / min(rates[name] for name in ("getmany", "decode", "merge")), lambda found: found >= 0.6, "{:.2f}",
    )  # fmt: skip
    judged = parts.get("two workers", {}).get("judged", True)
    yield _row(
        "two workers against one", "at least 1.7 x" + ("" if judged else " (not judged: fewer than four cores)"),
        of("two workers", "ratio"), lambda found: found >= 1.7, "{:.2f} x", judged=judged,
    )  # fmt: skip
    yield _row(
        "10 million events built anew", "under 5 minutes", of("rebuild", "minutes_for_10_million"), lambda found: found < 5,
        f"{{:.1f}} minutes, from {parts.get('rebuild', {}).get('events', 0):,} events",
    )  # fmt: skip
    yield _row(
        "memory of a projector",
        "under 300 MB",
        of("rebuild", "peak_mb", "live projector"),
        lambda found: found < 300,
        "{:.0f} MB",
    )
    yield _row(
        "Kafka to figure at 5,000 a second, p99",
        "under 15 ms",
        of("latency", "milliseconds", "p99"),
        lambda found: found < 15,
        "{:.1f} ms",
    )
    yield _row(
        "HTTP 2xx to figure when idle, p99", "under 60 ms", of("writing", "http_to_figure_milliseconds", "p99"),
        lambda found: found < 60, "{:.1f} ms",
    )  # fmt: skip
    yield _row(
        "a command's transaction against two bare inserts", "at least 0.7", of("writing", "command", "ratio"),
        lambda found: found >= 0.7, "{:.2f}",
    )  # fmt: skip
    yield _row("relay against API", "at least 4 x", of("writing", "relay_to_api"), lambda found: found >= 4, "{:.1f} x")
    yield _row(
        f"a figure's page over {parts.get('page', {}).get('facts', 0):,} facts, p99", "under 50 ms",
        lambda: max(each["p99"] for each in parts["page"]["milliseconds"].values()), lambda found: found < 50, "{:.0f} ms",
    )  # fmt: skip


def _row(
    what: str, aim: str, read: Callable[[], float], holds: Callable[[float], bool], shape: str, *, judged: bool = True
) -> Row:
    try:
        found = read()
    except (KeyError, ValueError):
        return what, aim, "not measured", ""
    return what, aim, shape.format(found), ("yes" if holds(found) else "**no**") if judged else ""


# -- charts ------------------------------------------------------------------------------------------------------------


def charts(parts: Parts) -> Iterator[tuple[str, str]]:
    rates = parts.get("side by side", {}).get("events_per_second", {})
    if rates:
        bars = [(NAMES[name], rates[name]["median"]) for name in NAMES if name in rates]
        yield "side-by-side", drawn("Events a second, median of the rounds", bars, "{:,.0f}", strong=NAMES["ours"])
    if "milliseconds" in parts.get("latency", {}):
        told = parts["latency"]["milliseconds"]
        bars = [(name, told[name]) for name in ("p50", "p99", "max")]
        yield "latency", drawn("Milliseconds from Kafka to the figure at 5,000 events a second", bars, "{:,.1f}")
    if "milliseconds" in parts.get("page", {}):
        bars = [
            (f"{name}, {each}", told[each])
            for name, told in parts["page"]["milliseconds"].items()
            for each in ("p50", "p99")
        ]
        yield "page", drawn("Milliseconds of a figure's page", bars, "{:,.0f}")
    if "command" in parts.get("writing", {}):
        told = parts["writing"]
        bars = [
            ("a command's transactions", told["command"]["command"]["median"]),
            ("two bare inserts", told["command"]["bare"]["median"]),
            ("API", told["api_per_second"]), ("relay", told["relay_per_second"]),
        ]  # fmt: skip
        yield "writing", drawn("The write side, a second", bars, "{:,.0f}")


def drawn(title: str, bars: list[tuple[str, float]], shape: str, strong: str = "") -> str:
    """Horizontal bars with their numbers, as SVG that needs no font, script or style of anybody's."""
    widest, row, left, width = max((value for _, value in bars), default=1) or 1, 30, 300, 820
    height = 44 + row * len(bars)
    spoken = "; ".join(f"{name}: {shape.format(value)}" for name, value in bars)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        '<g font-family="sans-serif" font-size="14">',
        f"<title>{escape(title)}</title><desc>{escape(spoken)}</desc>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="26" font-size="16" font-weight="bold" fill="#212b32">{escape(title)}</text>',
    ]
    for turn, (name, value) in enumerate(bars):
        top, length = 42 + turn * row, max(1.0, value / widest * (width - left - 110))
        colour = "#005eb8" if not strong or name == strong else "#768692"
        lines += [
            f'<text x="{left - 10}" y="{top + 16}" text-anchor="end" fill="#212b32">{escape(name)}</text>',
            f'<rect x="{left}" y="{top}" width="{length:.1f}" height="22" fill="{colour}"/>',
            f'<text x="{left + length + 8:.1f}" y="{top + 16}" fill="#212b32">{escape(shape.format(value))}</text>',
        ]
    return "\n".join([*lines, "</g>", "</svg>"]) + "\n"
