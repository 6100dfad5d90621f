"""A move: every status meets every command, and the rules that a table does not show."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from kit.step import Command, changed, end_of, start_of
from mobility.domain import deployment, need
from mobility.domain.clearance import (
    CheckMissing,
    CheckOver,
    DoneTooLate,
    NoPassport,
    NothingMissing,
    NotInForce,
    Stopped,
    TrainingMissing,
)
from mobility.domain.deployment import (
    HomeIsHost,
    NeedNotOpen,
    NotTheNeedsDays,
    NotYet,
    OwnStaffFirst,
)
from mobility.domain.lasting import EndTooFar, LastDayOver
from mobility.domain.strike import InDispute, StrikeCoverBlocked, blocked, first_blocked
from mobility.domain.working_time import (
    MoreThan48Hours,
    MoreThanFullTime,
    OverlappingShifts,
    RestTooShort,
    Spell,
    highest_average,
    longest_duty,
    overlap,
    refuse,
    refuse_average,
    weekly_hours,
)
from mobility.testing import (
    AGREE,
    ASK,
    AUTHORISE_HOME,
    AUTHORISE_HOST,
    CHASE_TRAINING,
    CLOSE_NEED,
    COMPLETE,
    COURSE,
    DEPLOYMENT,
    END_EARLY,
    INDUCT,
    LIFT_STOP,
    LOSE_COVER,
    MATCH,
    NOW,
    PROPOSE,
    PUT_OFF_TRAINING,
    RAISE,
    RECALL,
    RECORD_TRAINING,
    RECORD_WAIVER,
    SIGNED,
    START,
    STARTED,
    STOP_NOW,
    SUSPEND,
    TRAINING,
    UNTRAINED,
    VERIFIED,
    VERIFY,
    WARN,
    WITHDRAW_AGREEMENT,
    a_move,
    a_need,
    a_passport,
    a_signature,
    cells,
    checked,
    day,
    outcome,
    run,
    shifts,
)
from schemas.mobility import Basis, CheckNeeded, NeedReason, Shift

STAYS = (
    "LoseCover", "EndCover", "Warn", "EndRight", "LapseExtension", "ChaseTraining", "Complete", "Chase", "LetGoOn", "HandOver",
)  # fmt: skip
BEFORE = {"LoseCover": "noted", "Cancel": "cancelled", "StopNow": "noted", "StopEverywhere": "noted"}


def stays(status: str, *commands: str) -> dict[str, str]:
    return dict.fromkeys(commands, status)


LIFE: dict[str | None, dict[str, str]] = {
    None: {"Propose": "proposed"},
    "proposed": {**stays("proposed", *STAYS), "Match": "matched", **BEFORE},
    "matched": {**stays("matched", *STAYS, "Match"), "Agree": "agreed", "Chase": "noted", **BEFORE},
    "agreed": {**stays("agreed", *STAYS, "Agree"), "WithdrawAgreement": "matched", "VerifyChecks": "verified", **BEFORE},
    "verified": {**stays("verified", *STAYS, "Agree"), "WithdrawAgreement": "matched", "VerifyChecks": "noted",
                 "PutOffTraining": "NothingMissing", "Authorise": "authorised", **BEFORE},
    "authorised": {**stays("authorised", *STAYS, "Agree", "Authorise"), "WithdrawAgreement": "matched",
                   "VerifyChecks": "noted", "PutOffTraining": "noted", "GivePack": "noted", "Induct": "inducted",
                   "ProposeExtension": "noted", "ConfirmExtension": "NothingProposed",
                   "DeclineExtension": "NothingProposed", "Shorten": "noted", **BEFORE},
    "inducted": {**stays("inducted", *STAYS, "Agree", "Induct"), "WithdrawAgreement": "matched", "VerifyChecks": "noted",
                 "PutOffTraining": "NothingMissing", "GivePack": "noted", "Start": "active", "ProposeExtension": "inducted",
                 "ConfirmExtension": "noted", "DeclineExtension": "noted", "LapseExtension": "noted", "Shorten": "noted", **BEFORE},
    "active": {"LoseCover": "active", "EndCover": "ended-early", "Warn": "noted", "EndRight": "active", "Complete": "completed",
               "VerifyChecks": "noted", "PutOffTraining": "NothingMissing", "ChaseTraining": "active", "GivePack": "noted",
               "Start": "AnotherDay", "ProposeExtension": "Stopped",
               "ConfirmExtension": "NothingProposed", "DeclineExtension": "NothingProposed", "LapseExtension": "active",
               "Shorten": "noted", "Recall": "recalled",
               "EndEarly": "ended-early", "StopNow": "active", "StopEverywhere": "noted", "LiftStop": "noted",
               "LetGoOn": "noted", "HandOver": "noted", "Chase": "active", "SettleAnswer": "noted"},
    "completed": {**stays("completed", *STAYS, "StopNow", "StopEverywhere"), "SettleAnswer": "NothingIsAwaited"},
    "recalled": {**stays("recalled", *STAYS, "Recall", "StopNow", "StopEverywhere"), "SettleAnswer": "NothingIsAwaited"},
    "ended-early": {**stays("ended-early", *STAYS, "EndEarly", "StopNow", "StopEverywhere"), "SettleAnswer": "NothingIsAwaited"},
    "cancelled": stays("cancelled", *STAYS, "Cancel", "StopNow", "StopEverywhere"),
}  # fmt: skip
"""What comes of each command by status; what is not named is refused: NotInThisState, or NotFound before there is one.
A cell that keeps its status says nothing; NOTED: the status stays, and something is said.
"""


@pytest.mark.parametrize(("status", "command"), list(cells("deployment")))
def test_every_status_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome("deployment", status, command) == LIFE[status].get(command, unnamed)


def test_the_table_names_every_status_and_every_command() -> None:
    assert set(LIFE) == {None, *deployment.Status}
    assert {command for row in LIFE.values() for command in row} == {kind.__name__ for kind in deployment.COMMANDS}


# Rules -----------------------------------------------------------------------------------------------------------------

STRIKE = a_need(reason=NeedReason.INDUSTRIAL_ACTION, covers_strike=True)


@pytest.mark.parametrize(
    ("command", "before", "refusal"),
    [
        (replace(PROPOSE, home=PROPOSE.host), (), HomeIsHost),
        (replace(PROPOSE, ends_on=day(39)), (), EndTooFar),
        (replace(PROPOSE, need=None, need_id=None, ends_on=day(40 + 184)), (), EndTooFar),
        (replace(PROPOSE, starts_on=day(29)), (), NotTheNeedsDays),
        (replace(PROPOSE, pattern=(*shifts(1), *shifts(1, starts="16:00", ends="20:00"))), (), OverlappingShifts),
        (replace(PROPOSE, need=run(need, RAISE)), (), OwnStaffFirst),
        (replace(PROPOSE, need=a_need(CLOSE_NEED)), (), NeedNotOpen),
        (replace(PROPOSE, need=STRIKE), (), InDispute),
        (replace(MATCH, need=a_need(CLOSE_NEED)), (PROPOSE,), NeedNotOpen),
        (replace(VERIFY, passport=None), (PROPOSE, MATCH, AGREE), NoPassport),
        (replace(VERIFY, passport=checked(identity=None)), (PROPOSE, MATCH, AGREE), CheckMissing),
        (replace(VERIFY, occurred_on=day(2)), (replace(PROPOSE, occurred_on=day(1), need=None, need_id=None),
         replace(MATCH, occurred_on=day(1), need=None), replace(AGREE, occurred_on=day(1))), CheckMissing),
        (replace(VERIFY, passport=checked(identity=None, right_to_work=day(109))), (PROPOSE, MATCH, AGREE), CheckOver),
        (replace(VERIFY, passport=checked(identity=day(39), right_to_work=None)), (PROPOSE, MATCH, AGREE), CheckOver),
        (replace(VERIFY, needed=(CheckNeeded(kind="work-health"),)), (PROPOSE, MATCH, AGREE), CheckMissing),
        (replace(VERIFY, needed=(CheckNeeded(kind="criminal-record", level="enhanced"),)), (PROPOSE, MATCH, AGREE),
         CheckMissing),
        (replace(AUTHORISE_HOME, host=()), VERIFIED, NotInForce),
        (replace(AUTHORISE_HOME, home=(a_signature(*SIGNED, replace(SUSPEND, occurred_on=day(60))),)), VERIFIED, NotInForce),
        (replace(START, occurred_on=day(39)), STARTED[:7], NotYet),
        (replace(START, occurred_on=day(46)), (*STARTED[:7], replace(LOSE_COVER, last_day=day(45))), NotInForce),
        (replace(RECALL, occurred_on=day(111)), STARTED, LastDayOver),
    ],
)  # fmt: skip
def test_a_rule_refuses(command: Any, before: Sequence[Command], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        deployment.decide(command, a_move(*before) if before else None, NOW)


def test_two_organisations_have_to_be_in_force_under_the_same_framework() -> None:
    other = a_signature(*SIGNED).model_copy(update={"framework_id": PROPOSE.person_id})
    with pytest.raises(NotInForce):
        deployment.decide(replace(AUTHORISE_HOME, host=(other,)), a_move(*VERIFIED), NOW)


def test_both_sides_authorise_in_either_order_and_neither_twice() -> None:
    for first, second in ((AUTHORISE_HOME, AUTHORISE_HOST), (AUTHORISE_HOST, AUTHORISE_HOME)):
        one = a_move(*VERIFIED, first)
        assert one.status is deployment.Status.VERIFIED
        assert deployment.decide(first, one, NOW) == []
        assert run(deployment, replace(second, occurred_on=day(31)), state=one).status is deployment.Status.AUTHORISED


def test_who_no_longer_agrees_takes_the_authorisations_along() -> None:
    free = a_move(*STARTED[:6], WITHDRAW_AGREEMENT)
    assert (free.status, free.booked, free.authorised, free.checks) == (deployment.Status.MATCHED, False, (), ())


def test_time_is_booked_from_the_agreement_to_the_last_day_that_was_worked() -> None:
    assert not a_move(PROPOSE, MATCH).booked
    assert a_move(PROPOSE, MATCH, AGREE).booked
    ended = a_move(*STARTED, END_EARLY)
    assert (ended.booked, ended.last_day) == (True, day(80))


def test_a_check_that_ends_in_the_middle_is_told_four_weeks_before() -> None:
    move = a_move()
    told = start_of(day(90 - 28))
    of_itself = {name: due for name, due in deployment.deadlines(move).items() if not name.startswith("overdue-")}
    assert of_itself == {"complete": end_of(day(110)), "warn-criminal-record": told}
    assert deployment.decide(deployment.due("warn-criminal-record", move), move, told - timedelta(seconds=1)) == []
    warned = run(deployment, WARN, state=move)
    assert [waiting.why for waiting in deployment.waiting(warned)] == ["renew-criminal-record"]
    renewed = replace(
        VERIFY, occurred_on=day(70), passport=checked(identity=None, right_to_work=None, criminal_record=day(200))
    )
    assert deployment.waiting(run(deployment, renewed, state=warned)) == ()


(COMPLETED,) = a_passport(RECORD_TRAINING).training


def test_a_course_that_is_out_of_date_in_the_middle_is_told_four_weeks_before_and_a_waiver_holds_it() -> None:
    within = changed(ASK.training[0], within_days=90, skill=RECORD_WAIVER.skill)
    held = changed(checked(identity=None, right_to_work=None, criminal_record=day(90)), training=(COMPLETED,))
    verify = replace(VERIFY, passport=held, training=(within,))
    move = a_move(*STARTED[:3], verify, *STARTED[4:])
    assert [(seen.course_id, seen.valid_until) for seen in move.training] == [(COURSE, day(91))]
    warned = run(deployment, WARN, WARN, state=move)
    assert [waiting.why for waiting in deployment.waiting(warned)] == ["renew-criminal-record", "renew-training"]
    again = replace(verify, occurred_on=day(70), again=True)
    for renewed in (
        changed(held, training=(changed(COMPLETED, completed_on=day(60)),)),
        changed(held, waived=a_passport(RECORD_WAIVER).waived),
    ):
        after = run(deployment, replace(again, passport=renewed), state=warned)
        assert after.training[0].valid_until == day(150)
        assert [waiting.why for waiting in deployment.waiting(after)] == ["renew-criminal-record"]


# Training that is missing ----------------------------------------------------------------------------------------------

LACKS = (*STARTED[:3], UNTRAINED, *STARTED[4:7])


def whys(move: deployment.Deployment) -> set[tuple[str, str]]:
    """What waits of training."""
    return {(waits.who, waits.why) for waits in deployment.waiting(move) if "training" in waits.why}


def test_nobody_starts_without_the_training_that_the_host_asks_for_and_it_is_seen_before() -> None:
    move = a_move(*LACKS)
    assert [course.title for course in move.missing] == ["Resuscitation"]
    assert whys(move) == {("home", "complete-training"), ("host", "training-missing")}
    with pytest.raises(TrainingMissing, match="Resuscitation"):
        deployment.decide(START, move, NOW)
    trained = changed(checked(identity=None, right_to_work=None), training=(changed(COMPLETED, completed_on=day(39)),))
    learned = run(deployment, replace(UNTRAINED, occurred_on=day(39), passport=trained, again=True), state=move)
    assert (learned.missing, whys(learned)) == ((), set())
    assert deployment.decide(START, learned, NOW)


def test_a_course_that_is_out_of_date_when_somebody_starts_late_is_missing_then() -> None:
    held = changed(checked(identity=None, right_to_work=None), training=(changed(COMPLETED, completed_on=day(0)),))
    within = changed(TRAINING, within_days=42)
    move = a_move(*STARTED[:3], replace(UNTRAINED, passport=held, training=(within,)), *STARTED[4:7])
    assert move.missing == ()
    assert deployment.decide(replace(START, occurred_on=day(42)), move, NOW)
    with pytest.raises(TrainingMissing):
        deployment.decide(replace(START, occurred_on=day(43)), move, NOW)


def test_a_host_takes_somebody_on_without_on_a_ground_up_to_a_day_of_which_it_is_told() -> None:
    put_off = a_move(*LACKS, replace(PUT_OFF_TRAINING, occurred_on=day(39)))
    assert whys(put_off) == {("home", "complete-training")}
    assert deployment.decide(replace(PUT_OFF_TRAINING, occurred_on=day(39)), put_off, NOW) == []
    with pytest.raises(TrainingMissing):
        deployment.decide(replace(START, occurred_on=day(61)), put_off, NOW)
    move = run(deployment, START, state=put_off)
    assert deployment.deadlines(move)["training-due"] == end_of(day(60))
    assert deployment.decide(CHASE_TRAINING, move, end_of(day(60)) - timedelta(seconds=1)) == []
    (overdue,) = deployment.decide(deployment.due("training-due", move), move, end_of(day(60)))
    told = deployment.evolve(move, overdue)
    assert (overdue.occurred_on, whys(told)) == (
        day(61), {("home", "complete-training"), ("host", "training-overdue")},
    )  # fmt: skip
    assert "training-due" not in deployment.deadlines(told)
    again = run(deployment, replace(PUT_OFF_TRAINING, occurred_on=day(62), done_by=day(80)), state=told)
    assert whys(again) == {("home", "complete-training")}


@pytest.mark.parametrize(
    ("changes", "steps", "refusal"),
    [
        ({}, STARTED[:4], NothingMissing),
        ({"done_by": day(32)}, LACKS[:4], DoneTooLate),
        ({"done_by": day(111)}, LACKS[:4], DoneTooLate),
    ],
)
def test_what_is_not_missing_or_never_to_be_done_is_not_put_off(
    changes: dict[str, Any], steps: Sequence[Command], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        deployment.decide(replace(PUT_OFF_TRAINING, **changes), a_move(*steps), NOW)


def test_what_a_host_asks_for_since_it_put_other_training_off_is_missing() -> None:
    more = (TRAINING, changed(TRAINING, course_id=DEPLOYMENT, title="Moving and handling"))
    move = a_move(
        *LACKS, replace(PUT_OFF_TRAINING, occurred_on=day(39)), replace(UNTRAINED, occurred_on=day(39), training=more)
    )
    assert whys(move) == {("home", "complete-training"), ("host", "training-missing")}
    with pytest.raises(TrainingMissing, match=r"^Moving and handling"):
        deployment.decide(START, move, NOW)


def test_a_right_to_work_that_turns_out_to_end_in_the_middle_is_told_before_and_stops_the_move_when_it_is_over() -> (
    None
):
    visa = checked(identity=None, right_to_work=day(80), criminal_record=day(300))
    with pytest.raises(CheckOver):
        deployment.decide(replace(VERIFY, occurred_on=day(45), passport=visa), a_move(), NOW)
    move = run(deployment, replace(VERIFY, occurred_on=day(45), passport=visa, again=True), state=a_move())
    old = checked(identity=None, right_to_work=day(80), criminal_record=day(300), work_health=day(9))
    assert deployment.decide(replace(VERIFY, occurred_on=day(46), passport=old, again=True), move, NOW) == []
    due = deployment.deadlines(move)
    assert (due["warn-right-to-work"], due["end-right"]) == (start_of(day(80 - 28)), end_of(day(80)))
    assert deployment.decide(deployment.due("end-right", move), move, end_of(day(80)) - timedelta(seconds=1)) == []
    stopped = run(deployment, deployment.due("end-right", move), state=move)
    assert (stopped.stops, "end-right" in deployment.deadlines(stopped)) == (("right-to-work-over",), False)


def test_a_move_whose_cover_ends_waits_for_the_programme_and_ends_with_it() -> None:
    losing = a_move(*STARTED, LOSE_COVER)
    assert deployment.deadlines(losing)["end-cover"] == end_of(day(100))
    assert [waiting.why for waiting in deployment.waiting(losing)] == ["hand-over-or-end"]
    (ended,) = deployment.decide(deployment.due("end-cover", losing), losing, end_of(day(100)))
    assert (ended.occurred_on, ended.ended_by) == (day(100), "framework")  # type: ignore[union-attr]


def test_a_move_is_completed_when_its_last_day_is_over() -> None:
    move = a_move()
    assert deployment.decide(COMPLETE, move, end_of(day(110)) - timedelta(seconds=1)) == []
    (completed,) = deployment.decide(COMPLETE, move, end_of(day(110)))
    assert completed.occurred_on == day(111)


def test_what_is_stopped_goes_no_further_and_the_host_keeps_the_person_from_work() -> None:
    for steps, command in ((VERIFIED, AUTHORISE_HOME), (STARTED[:6], INDUCT), (STARTED[:7], START)):
        with pytest.raises(Stopped):
            deployment.decide(
                replace(command, occurred_on=day(47)), run(deployment, STOP_NOW, state=a_move(*steps)), NOW
            )
    stopped = run(deployment, STOP_NOW, state=a_move())
    assert {(waiting.who, waiting.why) for waiting in deployment.waiting(stopped)} == {
        ("host", "keep-from-work"), ("coordinator", "settle-what-stopped-it"),
    }  # fmt: skip
    assert deployment.waiting(run(deployment, LIFT_STOP, state=stopped)) == ()


# Strikes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("basis", "on", "forbidden"),
    [
        (Basis.AGENCY, date(2004, 4, 5), False), (Basis.AGENCY, date(2004, 4, 6), True),
        (Basis.AGENCY, date(2022, 7, 20), True), (Basis.AGENCY, date(2022, 7, 21), False),
        (Basis.BANK, date(2023, 8, 9), False), (Basis.BANK, date(2023, 8, 10), True),
        (Basis.FRAMEWORK_LICENCE, date(2023, 8, 10), False), (Basis.SECONDMENT_AGREEMENT, date(2024, 1, 3), False),
    ],
)  # fmt: skip
def test_bank_and_agency_may_not_cover_a_strike_but_on_the_days_of_the_gap(
    basis: Basis, on: date, forbidden: bool
) -> None:
    assert blocked(basis, on) is forbidden


def test_a_move_that_reaches_out_of_the_gap_is_forbidden_from_the_day_after() -> None:
    assert first_blocked(Basis.BANK, date(2023, 7, 1), date(2023, 8, 31)) == date(2023, 8, 10)
    assert first_blocked(Basis.BANK, date(2023, 7, 1), date(2023, 8, 9)) is None
    long = a_need(reason=NeedReason.INDUSTRIAL_ACTION, covers_strike=True, ends_on=date(2023, 9, 30))
    asked = replace(PROPOSE, basis=Basis.BANK, need=long, not_in_dispute=True, ends_on=date(2023, 8, 10))
    with pytest.raises(StrikeCoverBlocked):
        deployment.decide(asked, None, NOW)
    assert deployment.decide(replace(asked, ends_on=date(2023, 8, 9)), None, NOW)
    assert deployment.decide(replace(asked, basis=Basis.FRAMEWORK_LICENCE), None, NOW)


# Working time ----------------------------------------------------------------------------------------------------------

NIGHTS = shifts(5, 6, starts="20:00", ends="08:00")


def test_a_pattern_comes_to_its_hours_a_week_over_midnight_too() -> None:
    assert weekly_hours(shifts(1, 2, 3)) == 22.5
    assert weekly_hours(NIGHTS) == 24
    with pytest.raises(OverlappingShifts):
        weekly_hours((Shift(day=7, starts="20:00", ends="08:00"), *shifts(1, starts="07:00", ends="12:00")))


@pytest.mark.parametrize(
    ("pattern", "hours"),
    [
        (shifts(1), 7.5),
        (shifts(1, 2), 7.5),
        ((*shifts(1, starts="08:00", ends="12:00"), *shifts(1, starts="13:00", ends="17:00")), 9),
        ((*shifts(1, starts="08:00", ends="20:00"), *shifts(2, starts="06:00", ends="14:00")), 30),
        ((*shifts(7, starts="20:00", ends="06:00"), *shifts(1, starts="12:00", ends="16:00")), 20),
    ],
)
def test_the_longest_duty_is_without_eleven_hours_of_rest(pattern: tuple[Shift, ...], hours: float) -> None:
    assert longest_duty([Spell(day(0), day(27), pattern, 0.0)]) == hours * 60


@pytest.mark.parametrize(
    ("other", "home_hours", "refusal"),
    [
        (shifts(4, 5), 0.0, None),
        (shifts(4, 5, 6), 0.0, MoreThanFullTime),
        (shifts(4, 5), 11.0, None),
        (shifts(4, 5), 20.0, MoreThan48Hours),
        (shifts(1, starts="17:00", ends="23:30"), 0.0, RestTooShort),
    ],
)
def test_moves_side_by_side_are_lawful_up_to_full_time_with_rest_between(
    other: tuple[Shift, ...], home_hours: float, refusal: type[Exception] | None
) -> None:
    beside = a_move(replace(PROPOSE, pattern=other, home_hours=0.0), MATCH, AGREE)
    asked = replace(AGREE, others=(beside,))
    move = a_move(replace(PROPOSE, home_hours=home_hours), MATCH)
    if refusal is None:
        assert deployment.decide(asked, move, NOW)
    else:
        with pytest.raises(refusal):
            deployment.decide(asked, move, NOW)


SUNDAY_NIGHT, MONDAY_MORNING = (
    Spell(day(40), day(46), shifts(7, starts="20:00", ends="08:00"), 0.0),
    Spell(day(47), day(60), shifts(1, starts="08:00", ends="14:00"), 0.0),
)
"""Two moves one after the other, that touch at the very hour."""


def test_a_night_at_the_end_of_one_move_leaves_its_rest_before_another_begins() -> None:
    for mine, other in ((SUNDAY_NIGHT, MONDAY_MORNING), (MONDAY_MORNING, SUNDAY_NIGHT)):
        with pytest.raises(RestTooShort, match="18 hours"):
            refuse([mine, other])
        assert not overlap(mine, other)
    refuse([MONDAY_MORNING._replace(pattern=shifts(1, starts="19:00", ends="23:00")), SUNDAY_NIGHT])
    assert overlap(SUNDAY_NIGHT, MONDAY_MORNING._replace(pattern=shifts(1, starts="07:59", ends="14:00")))


def test_of_two_other_moves_that_touch_nobody_is_told_who_takes_up_a_third() -> None:
    third = Spell(day(80), day(90), shifts(3), 0.0)
    refuse([third, SUNDAY_NIGHT, MONDAY_MORNING])


def test_full_time_is_asked_of_each_week_and_not_of_moves_that_never_meet() -> None:
    long, three_days = Spell(day(40), day(200), shifts(1, 2), 0.0), shifts(3, 4, 5)
    refuse([long, Spell(day(40), day(80), three_days, 0.0), Spell(day(120), day(150), three_days, 0.0)])
    whole, rest = shifts(1, 2, 3, 4, 5), shifts(4, 5)
    assert day(41).isoweekday() == 2
    refuse([Spell(day(41), day(60), rest, 0.0), Spell(day(30), day(41), whole, 0.0)])
    with pytest.raises(MoreThanFullTime, match=r"52\.5 hours"):
        refuse([Spell(day(41), day(60), rest, 0.0), Spell(day(30), day(47), whole, 0.0)])


@pytest.mark.parametrize(
    ("days", "home_hours", "average"),
    [
        (17 * 7, 10.5, 48.0),
        (17 * 7, 11.0, 48.5),
        (300, 11.0, 48.5),
        (2 * 7, 30.0, (2 * 67.5 + 15 * 37.5) / 17),
        (7, 0.0, 37.5),
    ],
)
def test_the_48_hours_are_an_average_over_any_17_weeks(days: int, home_hours: float, average: float) -> None:
    spell = Spell(day(0), day(days - 1), shifts(1, 2, 3, 4, 5), home_hours)
    assert highest_average([spell]) == pytest.approx(average)


def test_moves_one_after_the_other_are_averaged_together() -> None:
    long = [Spell(day(first), day(first + 55), shifts(1, 2, 3, 4, 5), 15.0) for first in (0, 56)]
    assert highest_average(long[:1]) < 48 < highest_average(long)
    with pytest.raises(MoreThan48Hours, match="over 17 weeks"):
        refuse_average(long)


def test_a_move_at_another_time_of_the_year_is_not_beside_it() -> None:
    week = shifts(1, 2, 3, 4, 5)
    earlier = a_move(replace(PROPOSE, starts_on=day(30), ends_on=day(39), pattern=week, home_hours=0.0), MATCH, AGREE)
    assert deployment.decide(replace(AGREE, others=(earlier,)), a_move(PROPOSE, MATCH), NOW)
