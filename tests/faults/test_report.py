"""What a trial says of itself: misses apart, and clean only where nothing at all was wrong."""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from kit.testing.waiting import Stuck

from .__main__ import LONG, _counted, _goes_on, _said_where_it_halts
from .report import Report
from .strikes import ENOUGH, Strike, Strikes


def report(strikes: Sequence[Strike] = (), *, minutes: float = 2.0) -> Report:
    return Report(7, minutes, Strikes(list(strikes)), "make faults SEED=7", load=0.0, commit="abc")


def test_a_fault_that_met_nothing_is_told_apart_from_those_that_hit() -> None:
    hit, missed = (
        Strike("SIGKILL", "learning.api", True, recovery=2.0),
        Strike("exit at bus.after_ack", "learning.worker", False),
    )
    lines = list(report([hit, hit, missed]).of_trial())
    assert "| SIGKILL | learning.api | 2 | 0 | 2.0 | 2.0 |" in lines
    assert "| exit at bus.after_ack | learning.worker | 0 | 1 |  |  |" in lines


def test_what_was_hit_too_seldom_to_say_something_of_it_is_named() -> None:
    often = [Strike("SIGKILL", "learning.api", True)] * ENOUGH
    lines = "\n".join(report([*often, Strike("SIGSTOP", "learning.api", True)]).of_trial())
    assert f"Hit fewer than {ENOUGH} times, by kind: SIGSTOP 1." in lines
    assert "by target" not in lines


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stuck", "nothing moves"),
        ("unfit", "no script holds"),
        ("survivors", ["no inbox"]),
        ("defects", ["1 x KeyError"]),
    ],
)
def test_a_trial_of_which_anything_is_wrong_is_not_clean(name: str, value: object) -> None:
    own = report()
    assert own.clean
    setattr(own, name, value)
    assert not own.clean
    assert "killed" not in "\n".join(own.of_trial()), "the trial's own part waits for no mutant"


def test_a_long_trial_goes_on_until_every_kind_has_hit_often_enough_and_not_for_ever() -> None:
    seldom, often = Strike("SIGSTOP", "learning.api", True), [Strike("SIGKILL", "learning.api", True)] * ENOUGH

    def after(minutes: float, strikes: Sequence[Strike], lasts: float) -> bool:
        return _goes_on(report(strikes, minutes=lasts), time.monotonic() - minutes * 60)

    assert after(1, often, 2)
    assert not after(2.1, [seldom], 2)
    assert after(LONG + 1, [*often, seldom], LONG)
    assert not after(LONG + 1, often, LONG)
    assert after(1.6 * LONG, [seldom], LONG)
    assert not after(2.1 * LONG, [seldom], LONG)
    assert not after(LONG + 1, [*often, Strike("topic recreated", "data", True)], LONG), (
        "these are struck afterwards too"
    )


async def test_who_has_had_enough_ends_the_striking_and_the_page_says_so() -> None:
    own = report()
    async with asyncio.TaskGroup() as group, _counted(own, group) as off:
        os.kill(os.getpid(), signal.SIGUSR1)
        await off
    assert own.called_off
    assert any("then it was called off" in line for line in own.of_trial())
    whole = report()
    async with asyncio.TaskGroup() as group, _counted(whole, group):
        pass
    assert not any("called off" in line for line in whole.of_trial())


def test_a_kind_has_hit_often_enough_whatever_it_hit_and_a_miss_is_no_hit() -> None:
    hits = [Strike("SIGKILL", f"{name}.api", True) for name in ("learning", "mobility")] * (ENOUGH // 2)
    missed = [Strike("exit at bus.after_ack", "learning.worker", False)] * ENOUGH
    assert Strikes(hits).enough(["SIGKILL"])
    assert not Strikes(hits[1:]).enough(["SIGKILL"])
    assert not Strikes([*hits, *missed]).enough(["SIGKILL", "exit at bus.after_ack"])


def test_what_ends_a_part_of_a_trial_is_said_and_ends_no_other_part(tmp_path: Path) -> None:
    own = report()
    judged: list[str] = []
    for part in ("the reader reads on", "the outbox is empty"):
        with _said_where_it_halts(own, tmp_path):
            raise Stuck(part)
        judged.append(part)
    assert len(judged) == 2
    assert own.stuck == "Stuck the reader reads on; Stuck the outbox is empty"
    assert not own.clean
