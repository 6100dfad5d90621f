"""The judge of what must have followed says so where something is missing, is there twice, or came from nothing."""

import itertools
import json
from typing import Any

import pytest

from . import known
from .archive import Archive, Kept
from .following import Findings, compare

EMPLOYER, COURSE, PERSON, DAY = "st-gemma-hospice", "welcome", "somebody", "2026-01-05"
NUMBERS = itertools.count(1)


def event(topic: str, name: str, subject: str, cause: str = "", sequence: int = 1, **said: Any) -> Kept:
    number = next(NUMBERS)
    headers = {"id": f"{name} {number}", "subject": subject, "sequence": str(sequence), "type": f"uk.{name}.v1"}
    if cause:
        headers["causationid"] = cause
    made = tuple((f"ce_{key}", value.encode()) for key, value in headers.items())
    return Kept(topic, 0, number, b"key", json.dumps(said).encode(), made)


def induction() -> Kept:
    return event(known.LEARNED, "induction-set", "induction", organisation=EMPLOYER, courses=[COURSE])


def start(person: str = PERSON) -> Kept:
    return event(known.TOPIC, "candidate-placed", f"candidacy of {person}", person_id=person, employer=EMPLOYER)


def enrolled(because: Kept, subject: str = "enrolment") -> Kept:
    said: dict[str, Any] = {"person_id": because.said["person_id"], "course_id": COURSE, "why": "induction"}
    return event(known.LEARNED, "learner-enrolled", subject, because.header("id"), **said)


def chosen(because: Kept | None = None) -> Kept:
    """An enrolment by one's own choice."""
    cause = because.header("id") if because else ""
    said: dict[str, Any] = {"person_id": PERSON, "course_id": "another", "why": "own-choice"}
    return event(known.LEARNED, "learner-enrolled", "choice", cause, **said)


def completed(subject: str = "enrolment") -> Kept:
    said: dict[str, Any] = {"person_id": PERSON, "course_id": COURSE, "occurred_on": DAY}
    return event(known.LEARNED, "learning-completed", subject, sequence=2, **said)


def passport() -> Kept:
    return event(known.LENT, "passport-opened", "passport", person_id=PERSON)


def line(because: Kept) -> Kept:
    said: dict[str, Any] = {"course_id": COURSE, "occurred_on": DAY}
    return event(known.LENT, "training-recorded", "passport", because.header("id"), **said)


def judged(*events: Kept) -> Findings:
    return compare(Archive("nowhere", (), list(events)))


def test_whoever_started_is_enrolled_and_what_they_completed_stands_in_their_passport() -> None:
    began, done = start(), completed()
    found = judged(induction(), began, began, enrolled(began), done, passport(), line(done))
    assert found == Findings(seen={"enrolled because of a start": 1, "courses in passports": 1})


def test_a_start_that_nobody_was_enrolled_because_of_is_a_loss() -> None:
    assert judged(induction(), start()).lost == 1


def test_one_start_enrols_once() -> None:
    began = start()
    assert judged(induction(), began, enrolled(began), enrolled(began, "another")).doubled == 1


def test_nobody_is_enrolled_because_of_nothing() -> None:
    assert judged(induction(), enrolled(start())).wrong


def test_whoever_chooses_a_course_needs_no_start_and_is_enrolled_because_of_none() -> None:
    began = start()
    assert judged(chosen()) == Findings(seen={"enrolled because of a start": 0, "courses in passports": 0})
    assert judged(induction(), began, enrolled(began), chosen(began)).wrong


@pytest.mark.parametrize("ended", [True, False])
def test_whose_start_was_taken_back_is_enrolled_no_more(ended: bool) -> None:
    began = start()
    void = event(known.TOPIC, "fact-voided", "candidacy of somebody", sequence=2, fact_id=began.header("id"))
    end = [event(known.LEARNED, "enrolment-ended", "enrolment", void.header("id"), sequence=2)] if ended else []
    found = judged(induction(), began, void, enrolled(began), *end)
    assert bool(found.wrong) is not ended


def test_a_completed_course_that_is_not_in_the_passport_is_a_loss_unless_that_was_closed() -> None:
    began, done = start(), completed()
    story = [induction(), began, enrolled(began), done, passport()]
    assert judged(*story).lost == 1
    assert judged(*story, event(known.LENT, "passport-closed", "passport", sequence=2)).lost == 0


def test_a_completed_course_stands_in_a_passport_once_and_because_of_something() -> None:
    began, done = start(), completed()
    story = [induction(), began, enrolled(began), passport(), line(done)]
    assert judged(*story).wrong
    assert judged(*story, done, line(done)).doubled == 1
