"""The judge of what learners did says so where something is missing, is there twice, or came before what it follows from."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from . import known
from .archive import Archive, Kept
from .following import Findings
from .history import History, Operation
from .studied import compare
from .test_following import event

WHAT = "what"


def told(tmp_path: Path, how: str | None = None, hours: float = 0.0) -> History:
    """What clients were told; `how`: that it stands so."""
    history = History(tmp_path / "history")
    if how is not None:
        history.studied[WHAT] = (how, hours)
    return history


def story(*said: str | tuple[str, dict[str, Any]], first: int = 1) -> list[Kept]:
    """Facts of one thing, one after another, from this version on."""
    lines = [(each, {}) if isinstance(each, str) else each for each in said]
    return [
        event(known.LEARNED, name, WHAT, sequence=turn, **more) for turn, (name, more) in enumerate(lines, start=first)
    ]


def judged(history: History, *events: Kept) -> Findings:
    return compare(history, Archive("nowhere", (), list(events)))


def lesson(day: str = "2026-01-05", hours: float = 6.0) -> tuple[str, dict[str, Any]]:
    return "off-the-job-hours-logged", {"occurred_on": day, "hours": hours}


def worked(hours: float) -> tuple[str, dict[str, Any]]:
    return "placement-hours-logged", {"hours": hours}


def of(name: str, booking: str = "one") -> tuple[str, dict[str, Any]]:
    return name, {"booking_id": booking}


APPRENTICE = ("apprenticeship-agreed", "apprenticeship-begun", lesson())
PASSED = ("gateway-reached", "assessment-begun", "assessment-failed", "assessment-begun", "apprenticeship-completed")
HELD = (
    "cohort-scheduled", of("learner-booked"), of("learner-booked", "two"), of("learner-attended"),
    of("course-completed"), of("course-not-attended", "two"), "cohort-held", of("course-evaluated"), of("use-reported"),
)  # fmt: skip
CHOSEN = ("learner-enrolled", {"why": "own-choice"})
WHOLE: dict[str, tuple[tuple[Any, ...], str, float]] = {
    "apprenticeships": ((*APPRENTICE, *PASSED), "completed", 6.0),
    "placements of T Levels": (
        ("pathway-begun", worked(303.0), worked(12.0), "placement-completed"),
        "completed",
        315.0,
    ),
    "registers": (HELD, "held", 0.0),
    "courses that people chose": ((CHOSEN, "learning-completed"), "completed", 0.0),
}
"""What is whole, how it stands, and its hours."""


@pytest.mark.parametrize("kind", WHOLE)
def test_what_was_told_and_stands_so_is_right(kind: str, tmp_path: Path) -> None:
    facts, how, hours = WHOLE[kind]
    assert judged(told(tmp_path, how, hours), *story(*facts)) == Findings(seen={kind: 1})


@pytest.mark.parametrize(
    ("facts", "how", "hours", "lost", "doubled"),
    [
        ((), "live", 0.0, 1, 0),
        (APPRENTICE, "live", 12.0, 1, 0),
        (APPRENTICE, "stopped", 6.0, 1, 0),
        ((*APPRENTICE, lesson()), "live", 12.0, 0, 1),
        ((*APPRENTICE, lesson("2026-01-06")), "live", 6.0, 0, 1),
        (("pathway-begun", worked(315.0)), "placed", 315.0, 1, 0),
        (("pathway-begun", worked(315.0), "placement-completed", "placement-completed"), "completed", 315.0, 0, 1),
        ((*HELD[:5], "cohort-held"), "held", 0.0, 1, 0),
        ((*HELD, of("course-completed")), "held", 0.0, 0, 1),
        ((*HELD, of("course-evaluated")), "held", 0.0, 0, 1),
        ((*HELD, of("use-reported")), "held", 0.0, 0, 1),
        ((CHOSEN, "learning-completed", "enrolment-ended"), "completed", 0.0, 0, 1),
        ((CHOSEN,), "completed", 0.0, 1, 0),
    ],
)
def test_what_is_missing_or_there_twice_is_counted(
    facts: tuple[Any, ...], how: str, hours: float, lost: int, doubled: int, tmp_path: Path
) -> None:
    found = judged(told(tmp_path, how, hours), *story(*facts))
    assert (found.lost, found.doubled) == (lost, doubled)


@pytest.mark.parametrize(
    "facts",
    [
        ("apprenticeship-agreed", "gateway-reached"),
        (*APPRENTICE, "assessment-begun"),
        (*APPRENTICE, *PASSED, "assessment-begun"),
        ("pathway-begun", worked(314.5), "placement-completed"),
        (*HELD[:4], of("course-not-attended"), *HELD[5:]),
        (*HELD, of("course-evaluated", "two")),
    ],
)
def test_what_came_before_what_it_follows_from_is_wrong(facts: tuple[Any, ...], tmp_path: Path) -> None:
    history = told(tmp_path)
    history.studying.add(WHAT)
    assert judged(history, *story(*facts)).wrong


def test_what_nobody_asked_for_is_wrong_unless_its_answer_never_came(tmp_path: Path) -> None:
    history = told(tmp_path)
    (began,) = story("pathway-begun")
    assert judged(history, began).wrong
    history.operations["asked"] = Operation("asked", "POST /pathways")
    asked = replace(began, headers=(*began.headers, ("ce_correlationid", b"asked")))
    assert not judged(history, asked).wrong


def test_a_day_that_was_taken_back_takes_the_completion_along_and_a_restored_one_brings_it_back_once(
    tmp_path: Path,
) -> None:
    begun = story("pathway-begun", worked(303.0), worked(12.0), "placement-completed")
    day, done = ({"fact_id": each.header("id")} for each in begun[2:])
    void = story(("fact-voided", done), ("fact-voided", day), first=5)
    back = story(("fact-restored", day), "placement-completed", first=7)
    assert judged(told(tmp_path, "placed", 303.0), *begun, *void).lost == 0
    assert judged(told(tmp_path, "completed", 315.0), *begun, *void, back[0]).lost == 2
    assert judged(told(tmp_path, "completed", 315.0), *begun, *void, *back).lost == 0


def test_an_answer_of_a_learner_s_that_is_not_there_is_a_loss(tmp_path: Path) -> None:
    history = told(tmp_path, "held")
    history.answered |= {"one", "two"}
    assert judged(history, *story(*HELD)).lost == 1
