"""What a measurement stands on: a log that can be made again, a truth that catches what is wrong, and a page that hides nothing."""

import asyncio
import json
import os
from datetime import date
from itertools import islice
from pathlib import Path
from uuid import UUID

import pytest

from bench import report
from bench.log import PARTITIONS, City, Truth
from bench.results import Failed, Results
from kit.cloudevents import read_envelope
from kit.testing.records import TestRecord
from reporting.contract import ACCEPTS
from schemas.fact import Message
from schemas.registry import messages, upcast


def test_the_same_seed_makes_the_same_log_and_all_of_it_can_be_read() -> None:
    once, again = (list(islice(City(3).records(), 2000)) for _ in range(2))
    assert once == again
    read: set[type[Message]] = set()
    last: dict[UUID, int] = {}
    for partition, key, payload, headers, event, _ in once:
        envelope = read_envelope(TestRecord("topic", partition, 0, key, payload, headers))
        read.add(type(upcast(messages()[envelope.type], payload)))
        assert envelope.sequence == last.get(envelope.subject, 0) + 1
        last[envelope.subject] = envelope.sequence
        assert str(envelope.id).encode() == event
    assert read <= set(ACCEPTS)
    assert len({event for *_, event, _ in once}) == len(once)


def test_the_truth_knows_which_event_stands_where_for_the_first_time() -> None:
    truth, event = Truth(), UUID(int=7)
    truth.note(2, str(event).encode(), 3, again=False)
    truth.note(2, str(event).encode(), 3, again=True)
    assert truth.is_right(2, 0, event, date(2023, 1, 5))
    assert not truth.is_right(2, 1, event, date(2023, 1, 5))
    assert not truth.is_right(2, 0, UUID(int=8), date(2023, 1, 5))
    assert not truth.is_right(2, 0, event, date(2023, 1, 6))
    assert [truth.facts_before(2, end) for end in range(3)] == [0, 1, 1]
    assert (truth.total, len(truth.ids)) == (2, PARTITIONS)


async def test_a_part_that_fails_or_takes_too_long_is_told_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails() -> dict[str, object]:
        raise Failed("its table is not the log")

    async def hangs() -> dict[str, object]:
        await asyncio.Event().wait()
        return {}

    async def works() -> dict[str, object]:
        return {
            "events_per_second": {"ours": {"median": 900.0, "rounds": [900.0]}, "a": {"median": 10.0, "rounds": [10.0]}}
        }

    monkeypatch.setattr(report, "DOCS", tmp_path / "docs")
    monkeypatch.setattr(
        os, "getloadavg", lambda: (1.0, 1.0, 1.0)
    )  # that of a quiet machine, whoever else runs tests on this one
    results = Results(tmp_path / "results.json", {"short": True, "events": 10})
    await results.part("rebuild", fails, 10)
    await results.part("latency", hangs, 0.01)
    await results.part("side by side", works, 10)
    assert set(json.loads((tmp_path / "results.json").read_text())["parts"]) == {"rebuild", "latency", "side by side"}
    report.write(tmp_path / "results.json")
    page = (tmp_path / "docs/performance.md").read_text()
    assert "**rebuild: failed.** Failed: its table is not the log" in page
    assert "**latency: failed.** took longer than" in page
    assert "| against (a) | at least 75 x | 90.0 x | yes |" in page
    assert "| against (c) | at least 3 x | not measured |  |" in page
    assert "<title>Events a second" in (tmp_path / "docs/performance/side-by-side.svg").read_text()
