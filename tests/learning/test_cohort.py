"""A course and a cohort: every status meets every command, and the rules that a table does not show."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from kit.errors import NotFound, Refused
from kit.step import BeforeTheStepItFollows, InTheFuture
from kit.testing.lives import NOTED
from learning.domain import booking, cohort, course, places, register
from learning.domain.cohort import Cohort
from learning.testing import (
    BOOK,
    CANCEL,
    CANCEL_BOOKING,
    CONFIRM,
    COUNCIL,
    EVALUATE,
    HELD,
    HOLD,
    HOSPICE,
    HOSPITALS,
    LAPSE_OFFER,
    NOW,
    REGISTER,
    REGISTER_SECOND,
    RELEASE,
    REPORT_USE,
    SCHEDULE,
    SESSIONS,
    SHARED,
    SWAP,
    TAKE,
    WALK_INS,
    a_cohort,
    a_course,
    book,
    cells,
    day,
    learner,
    outcome,
    person,
    place,
    run,
)
from schemas.learning import CancellationReason, Category, Eligibility

LIFE: dict[str, dict[str | None, dict[str, str]]] = {
    "course": {
        None: {"Publish": "published"},
        "published": {"Retire": "retired"},
        "retired": {"Retire": "retired"},
    },
    "cohort": {
        None: {"Schedule": "scheduled"},
        "scheduled": {
            "Book": NOTED, "Swap": NOTED, "Confirm": NOTED, "CancelBooking": NOTED, "Take": "NoPlaceOffered", "WalkIns": NOTED,
            "Register": NOTED, "Hold": "RegisterOpen", "Cancel": "cancelled", "Release": "scheduled",
            "LapseOffer": "scheduled", "OfferPlaces": "scheduled",
        },
        "held": {"Hold": "held", "Evaluate": NOTED, "ReportUse": NOTED},
        "cancelled": {"Cancel": "cancelled"},
    },
}  # fmt: skip
"""What comes of each command by status; what is not named is refused: NotInThisState, or NotFound before there is one.
A cell that keeps its status says nothing; NOTED: the status stays, and something is said.
"""


@pytest.mark.parametrize(("aggregate", "status", "command"), [(each, *cell) for each in LIFE for cell in cells(each)])
def test_every_status_meets_every_command(aggregate: str, status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome(aggregate, status, command) == LIFE[aggregate][status].get(command, unnamed)


@pytest.mark.parametrize(("aggregate", "machine"), [("course", course), ("cohort", cohort)])
def test_the_table_names_every_status_and_every_command(aggregate: str, machine: Any) -> None:
    assert set(LIFE[aggregate]) == {None, *machine.Status}
    assert {name for row in LIFE[aggregate].values() for name in row} == {kind.__name__ for kind in machine.COMMANDS}


def refused(refusal: type[Refused], command: Any, state: Cohort | None, now: datetime = NOW) -> Refused:
    with pytest.raises(refusal) as error:
        cohort.decide(command, state, now)
    return error.value


def statuses(state: Cohort) -> list[str]:
    return [each.status.value for each in state.bookings]


# Places ----------------------------------------------------------------------------------------------------------------


def test_who_finds_no_place_waits_in_the_order_of_asking() -> None:
    assert statuses(a_cohort(book(1, 2, 3), book(4, organisation=COUNCIL))) == [
        "booked",
        "booked",
        "waiting",
        "waiting",
    ]


def test_a_learner_who_has_a_place_or_waits_is_not_booked_again() -> None:
    state = a_cohort(book(1, 2, 3))
    assert cohort.decide(book(1, 3), state, NOW) == []
    refused(places.LearnerNamedTwice, book(5, 5), state)


def test_what_a_partner_keeps_is_its_own_until_it_is_released() -> None:
    shared: Cohort = run(cohort, SHARED)
    assert (shared.left(HOSPITALS), shared.left(COUNCIL)) == (2, 4)
    state = run(cohort, book(1, 2, 3), book(4, organisation=COUNCIL), state=shared)
    assert statuses(state) == ["booked", "booked", "waiting", "booked"]
    assert cohort.deadlines(state)["release"] == datetime(2023, 4, 9, 23, 0, tzinfo=UTC)
    released = run(cohort, cohort.due("release", state), state=state)
    assert statuses(released) == ["booked", "booked", "offered", "booked"]
    assert (released.shares, released.bookings[2].offered_until) == ((), day(43))
    assert cohort.decide(RELEASE, released, NOW) == []


def test_a_place_that_comes_free_is_offered_lapses_and_goes_on_to_the_next() -> None:
    state = run(cohort, CANCEL_BOOKING, state=a_cohort(book(1, 2), book(3), book(4, organisation=COUNCIL)))
    assert statuses(state) == ["cancelled", "booked", "offered", "waiting"]
    assert state.left(HOSPITALS) == 0
    name = f"lapse-offer:{place(3)}"
    assert cohort.due(name, state) == LAPSE_OFFER
    late = replace(TAKE, occurred_on=day(34))
    refused(places.NoPlaceOffered, late, state)
    assert statuses(run(cohort, TAKE, state=state)) == ["cancelled", "booked", "booked", "waiting"]
    lapsed = run(cohort, LAPSE_OFFER, state=state)
    assert statuses(lapsed) == ["cancelled", "booked", "lapsed", "offered"]
    assert [each.offered_until is None for each in lapsed.bookings] == [True, True, True, False]
    assert lapsed.bookings[3].since == day(34)
    assert cohort.decide(LAPSE_OFFER, lapsed, NOW) == []


def test_nothing_is_offered_when_nobody_could_come_any_more() -> None:
    late = replace(CANCEL_BOOKING, occurred_on=SESSIONS[0])
    assert statuses(run(cohort, late, state=a_cohort(book(1, 2, 3)))) == ["cancelled", "booked", "waiting"]


@pytest.mark.parametrize(("on", "late"), [(30, False), (53, False), (54, True), (60, True)])
def test_a_booking_given_up_in_the_last_week_is_given_up_late(on: int, late: bool) -> None:
    (gone,) = cohort.decide(replace(CANCEL_BOOKING, occurred_on=day(on)), a_cohort(BOOK), NOW)
    assert gone.late is late  # type: ignore[union-attr]


def test_a_name_is_swapped_within_the_organisation_and_the_place_stays() -> None:
    state = run(cohort, SWAP, state=a_cohort(book(1, 2), book(3)))
    assert statuses(state) == ["cancelled", "booked", "waiting", "booked"]
    assert (state.bookings[3].person_id, state.bookings[3].organisation) == (person(9), HOSPITALS)
    refused(places.BookingOver, SWAP, state)
    refused(places.LearnerNamedTwice, replace(SWAP, learner=learner(2)), a_cohort(book(1, 2)))


def test_a_cohort_that_is_cancelled_gives_every_place_back() -> None:
    state = run(cohort, CANCEL, state=a_cohort(book(1, 2, 3)))
    assert statuses(state) == ["cancelled"] * 3
    assert cohort.deadlines(state) == {}
    assert cohort.waiting(state) == ()


def test_springboard_asks_each_learner_whether_it_is_for_them() -> None:
    women = a_course(category=Category.SPRINGBOARD, eligibility=Eligibility.WOMEN)
    state = run(cohort, replace(SCHEDULE, course=women))
    refused(places.EligibilityNotConfirmed, book(1), state)
    assert statuses(run(cohort, book(1, eligible=True), state=state)) == ["booked"]


# The register ----------------------------------------------------------------------------------------------------------


def test_who_came_to_every_session_completed_and_who_came_to_one_took_part() -> None:
    state = a_cohort(book(1, 2), REGISTER, REGISTER_SECOND)
    both = replace(REGISTER, attended=(place(1), place(2)))
    held = run(cohort, both, HOLD, state=state)
    assert statuses(held) == ["completed", "partly-completed"]
    assert all(each.participated for each in held.bookings)
    assert statuses(run(cohort, HOLD, state=state)) == ["completed", "not-attended"]


def test_the_register_is_put_right_before_it_is_closed_and_says_only_what_is_new() -> None:
    state = a_cohort(book(1, 2), REGISTER)
    assert cohort.decide(REGISTER, state, NOW) == []
    turned = replace(REGISTER, attended=(place(2),))
    assert sorted(type(fact).__name__ for fact in cohort.decide(turned, state, NOW)) == [
        "LearnerAttended",
        "LearnerMissed",
    ]
    after = run(cohort, turned, state=state)
    assert [each.attended for each in after.bookings] == [(), (SESSIONS[0],)]


def test_whoever_walks_in_is_in_the_register_also_from_the_waiting_list() -> None:
    state = a_cohort(book(1, 2, 3))
    walked = run(cohort, WALK_INS, replace(WALK_INS, organisation=HOSPITALS, learners=(learner(3),)), state=state)
    assert statuses(walked) == ["booked", "booked", "booked", "booked"]
    assert walked.organisations == {HOSPICE, HOSPITALS}
    assert cohort.decide(WALK_INS, walked, NOW) == []


def test_a_register_is_not_closed_while_somebody_is_missing_from_it() -> None:
    refused(register.RegisterOpen, HOLD, a_cohort(BOOK, REGISTER))
    refused(BeforeTheStepItFollows, replace(HOLD, occurred_on=SESSIONS[0]), a_cohort(BOOK, REGISTER, REGISTER_SECOND))


def test_a_session_that_is_none_or_lies_ahead_is_refused_by_field() -> None:
    assert refused(register.NotASession, replace(REGISTER, session=day(61)), a_cohort(BOOK)).field == "session"
    assert refused(NotFound, replace(REGISTER, attended=(place(9),)), a_cohort(BOOK)).field == "attended"
    before = datetime(2023, 4, 29, 22, 59, tzinfo=UTC)  # a minute before the first session's day begins in Leeds
    assert refused(InTheFuture, REGISTER, a_cohort(BOOK), before).field == "session"
    assert cohort.decide(REGISTER, a_cohort(BOOK), datetime(2023, 4, 29, 23, 0, tzinfo=UTC))


def test_whoever_waits_when_the_register_is_closed_waits_no_longer() -> None:
    state = a_cohort(book(1, 2, 3), replace(REGISTER, attended=()), replace(REGISTER_SECOND, attended=()))
    assert statuses(run(cohort, HOLD, state=state)) == ["not-attended", "not-attended", "cancelled"]


def test_only_who_came_says_what_it_was_worth_once_and_its_use_after_three_months() -> None:
    held: Cohort = run(cohort, *HELD)
    assert cohort.decide(EVALUATE, run(cohort, EVALUATE, state=held), NOW) == []
    assert refused(register.TooEarly, replace(REPORT_USE, occurred_on=day(100)), held).field == "occurred_on"
    absent = replace(REGISTER, attended=())
    empty = run(cohort, SCHEDULE, BOOK, absent, replace(REGISTER_SECOND, attended=()), HOLD)
    refused(register.DidNotParticipate, EVALUATE, empty)


def test_a_confirmed_place_may_still_be_given_up() -> None:
    state = run(cohort, CONFIRM, replace(CANCEL_BOOKING, occurred_on=day(33)), state=a_cohort(BOOK))
    assert statuses(state) == ["cancelled"]
    refused(places.BookingOver, replace(CANCEL_BOOKING, reason=CancellationReason.OTHER), a_cohort(BOOK, REGISTER))


def test_a_place_is_counted_while_it_is_offered_and_when_it_was_used() -> None:
    used = run(cohort, *HELD).bookings
    assert booking.left(2, {}, used, HOSPITALS) == 1
