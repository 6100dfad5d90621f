"""How long a move lasts: who agrees to a later end, what is asked again when it takes effect, and who says a sooner one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kit.step import CannotFollow, Command, changed, end_of
from mobility.domain import deployment
from mobility.domain.booking import DoubleBooked, refuse_overlap
from mobility.domain.clearance import CheckOver, NotInForce, Stopped
from mobility.domain.lasting import (
    AnotherEnd,
    AnotherIsProposed,
    AnswerTooLate,
    EndTooFar,
    LastDayOver,
    NothingProposed,
    NotLonger,
    NotSooner,
    TimeToAgreeOver,
)
from mobility.domain.strike import StrikeCoverBlocked
from mobility.domain.working_time import MoreThanFullTime
from mobility.testing import (
    AGREE,
    CONFIRM_HOST,
    CONFIRM_PERSON,
    DECLINE_EXTENSION,
    END_EARLY,
    GIVE_NOTICE,
    LAPSE_EXTENSION,
    LOSE_COVER,
    MATCH,
    NOW,
    PROPOSE,
    PROPOSE_EXTENSION,
    RESUME,
    SHORTEN,
    SIGNED,
    STARTED,
    STOP_NOW,
    SUSPEND,
    VERIFY,
    WITHDRAW_AGREEMENT,
    a_move,
    a_signature,
    checked,
    day,
    run,
    shifts,
)
from schemas.mobility import Basis, DeploymentExtended, Party, Side

BY_HOST = replace(PROPOSE_EXTENSION, side=Side.HOST)
CONFIRM_HOME = replace(CONFIRM_HOST, by=Party.HOME)
PROPOSED = (*STARTED, PROPOSE_EXTENSION)


def said(command: Command, move: deployment.Deployment) -> list[str]:
    return [type(fact).__name__ for fact in deployment.decide(command, move, NOW)]


def whys(move: deployment.Deployment) -> set[tuple[str, str]]:
    """What waits of its end."""
    return {(waits.who, waits.why) for waits in deployment.waiting(move) if "extension" in waits.why}


@pytest.mark.parametrize(
    "words",
    [
        (PROPOSE_EXTENSION, CONFIRM_HOST, CONFIRM_PERSON),
        (PROPOSE_EXTENSION, replace(CONFIRM_PERSON, occurred_on=day(50)), CONFIRM_HOST),
        (BY_HOST, CONFIRM_HOME, CONFIRM_PERSON),
        (BY_HOST, replace(CONFIRM_PERSON, occurred_on=day(50)), CONFIRM_HOME),
    ],
)
def test_home_or_host_proposes_and_it_lasts_longer_with_the_last_of_three_and_not_before(
    words: Sequence[Command],
) -> None:
    move = a_move()
    for command in words[:2]:
        move = run(deployment, command, state=move)
        assert move.last_day == day(110)
    assert said(words[2], move) == ["ExtensionConfirmed", "DeploymentExtended"]
    longer = run(deployment, words[2], state=move)
    assert (longer.last_day, longer.extension, longer.booked_until) == (day(115), None, None)
    assert said(replace(words[2], occurred_on=day(60)), longer) == []
    assert whys(longer) == set()


def test_each_whose_word_is_awaited_has_it_on_their_list_until_they_gave_it() -> None:
    move = a_move(*PROPOSED)
    assert whys(move) == {("host", "confirm-extension-host"), ("person", "agree-to-extension")}
    move = run(deployment, CONFIRM_PERSON, state=move)
    assert whys(move) == {("host", "confirm-extension-host")}
    assert whys(a_move(*STARTED, BY_HOST)) == {("home", "confirm-extension-home"), ("person", "agree-to-extension")}
    assert said(replace(CONFIRM_PERSON, occurred_on=day(53)), move) == []


@pytest.mark.parametrize("by", Party)
def test_each_of_the_three_may_decline_and_it_ends_as_it_was_to(by: Party) -> None:
    move = run(deployment, replace(DECLINE_EXTENSION, by=by), state=a_move(*PROPOSED, CONFIRM_PERSON))
    assert (move.last_day, move.pending, move.booked_until) == (day(110), None, None)
    told = set() if by is Party.HOME else {("home", "extension-declined")}
    assert whys(move) == told, "who takes their own proposal back knows"
    with pytest.raises(NothingProposed):
        deployment.decide(replace(CONFIRM_HOST, occurred_on=day(54)), move, NOW)
    anew = run(deployment, replace(BY_HOST, occurred_on=day(54), ends_on=day(112)), state=move)
    assert whys(anew) == {("home", "confirm-extension-home"), ("person", "agree-to-extension")}


def test_it_lapses_when_not_all_agreed_in_time_at_the_latest_with_the_last_day() -> None:
    for asked, over in ((PROPOSE_EXTENSION, day(64)), (replace(PROPOSE_EXTENSION, occurred_on=day(105)), day(110))):
        move = a_move(*STARTED, asked)
        assert deployment.deadlines(move)["lapse-extension"] == end_of(over)
        assert deployment.decide(LAPSE_EXTENSION, move, end_of(over) - timedelta(seconds=1)) == []
        (lapsed,) = deployment.decide(deployment.due("lapse-extension", move), move, end_of(over))
        assert lapsed.occurred_on == over + timedelta(days=1)
        after = deployment.evolve(move, lapsed)
        assert (after.last_day, after.booked_until, whys(after)) == (day(110), None, {("home", "extension-lapsed")})
    with pytest.raises(TimeToAgreeOver):
        deployment.decide(replace(CONFIRM_HOST, occurred_on=day(65)), a_move(*PROPOSED), NOW)


NOTICE = (a_signature(*SIGNED, replace(GIVE_NOTICE, occurred_on=day(20), last_day=day(112))),)
BESIDE = (a_move(replace(PROPOSE, pattern=shifts(4, 6), starts_on=day(111), ends_on=day(150), need=None, need_id=None),
                 replace(MATCH, need=None), AGREE),)  # fmt: skip
FULL = replace(PROPOSE, pattern=shifts(1, 2, 3, 5), home_hours=0.0)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"ends_on": day(110)}, NotLonger),
        ({"ends_on": day(90)}, NotLonger),
        ({"ends_on": day(400)}, EndTooFar),
        ({"occurred_on": day(111)}, LastDayOver),
        ({"answer_by": day(49)}, AnswerTooLate),
        ({"answer_by": day(111)}, AnswerTooLate),
        ({"home": NOTICE}, NotInForce),
    ],
)
def test_what_cannot_be_is_not_proposed(changes: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        deployment.decide(replace(PROPOSE_EXTENSION, **changes), a_move(), NOW)


def test_bank_staff_who_cover_a_strike_do_not_stay_into_the_days_on_which_they_may_not() -> None:
    strike = changed(a_move(), covers_strike=True, basis=Basis.BANK)
    with pytest.raises(StrikeCoverBlocked):
        deployment.decide(replace(PROPOSE_EXTENSION, ends_on=day(162)), strike, NOW)
    assert said(replace(PROPOSE_EXTENSION, ends_on=day(161)), strike) == ["ExtensionProposed"]


def test_one_later_end_is_proposed_at_a_time_and_each_agrees_to_the_one_that_they_were_shown() -> None:
    move = a_move(*PROPOSED)
    assert said(replace(PROPOSE_EXTENSION, occurred_on=day(51)), move) == []
    for other in (replace(PROPOSE_EXTENSION, ends_on=day(120)), BY_HOST):
        with pytest.raises(AnotherIsProposed):
            deployment.decide(replace(other, occurred_on=day(51)), move, NOW)
    with pytest.raises(AnotherEnd):
        deployment.decide(replace(CONFIRM_PERSON, ends_on=day(114)), move, NOW)


def _visa(move: deployment.Deployment) -> deployment.Deployment:
    ends = checked(identity=None, right_to_work=day(112), criminal_record=day(300))
    renewed: deployment.Deployment = run(
        deployment, replace(VERIFY, occurred_on=day(51), passport=ends, again=True), state=move
    )
    return renewed


def _stopped(move: deployment.Deployment) -> deployment.Deployment:
    stopped: deployment.Deployment = run(deployment, replace(STOP_NOW, occurred_on=day(51)), state=move)
    return stopped


@pytest.mark.parametrize(
    ("changes", "meanwhile", "refusal"),
    [
        ({"others": BESIDE}, None, MoreThanFullTime),
        ({"host": NOTICE}, None, NotInForce),
        ({}, _visa, CheckOver),
        ({}, _stopped, Stopped),
    ],
)
def test_the_rules_are_asked_again_when_the_last_of_the_three_agrees(
    changes: dict[str, Any], meanwhile: Any, refusal: type[Exception]
) -> None:
    shifts_of = a_move(FULL, *STARTED[1:], PROPOSE_EXTENSION)
    move = shifts_of if meanwhile is None else meanwhile(shifts_of)
    last = replace(CONFIRM_HOST, occurred_on=day(53), **changes)
    agreed = run(deployment, CONFIRM_PERSON, state=move)
    with pytest.raises(refusal):
        deployment.decide(last, agreed, NOW)
    assert said(replace(CONFIRM_HOST, occurred_on=day(53)), run(deployment, CONFIRM_PERSON, state=shifts_of))


def test_who_agrees_books_their_time_so_that_nobody_has_it_twice_meanwhile() -> None:
    move = a_move(FULL, *STARTED[1:], PROPOSE_EXTENSION)
    with pytest.raises(MoreThanFullTime):
        deployment.decide(replace(CONFIRM_PERSON, others=BESIDE), move, NOW)
    assert said(replace(CONFIRM_HOST, others=BESIDE), move) == ["ExtensionConfirmed"]
    booked = run(deployment, CONFIRM_PERSON, state=move)
    assert booked.booked_until == day(115)
    (asked,) = (changed(each, status=deployment.Status.MATCHED, booked=False) for each in BESIDE)
    with pytest.raises(MoreThanFullTime):
        deployment.decide(replace(AGREE, others=(booked,)), asked, NOW)
    same = changed(asked, pattern=shifts(3), person_id=FULL.need_id)
    with pytest.raises(DoubleBooked):
        refuse_overlap(same, (booked,))


def test_what_ends_a_move_or_shortens_it_or_takes_the_agreement_back_takes_a_proposal_along() -> None:
    for command in (replace(END_EARLY, occurred_on=day(60)), SHORTEN):
        after = run(deployment, command, state=a_move(*PROPOSED, CONFIRM_PERSON))
        assert (after.extension, after.booked_until) == (None, None)
    before = a_move(*STARTED[:7], PROPOSE_EXTENSION, CONFIRM_PERSON, replace(WITHDRAW_AGREEMENT, occurred_on=day(60)))
    assert (before.extension, before.booked_until) == (None, None)


def test_an_extension_asks_for_cover_from_its_own_day_on() -> None:
    back = a_signature(*SIGNED, replace(SUSPEND, occurred_on=day(45)), replace(RESUME, occurred_on=day(49)))
    for number, longer in ((50, True), (48, False)):
        propose = replace(PROPOSE_EXTENSION, occurred_on=day(number), home=(back,))
        if longer:
            assert deployment.decide(propose, a_move(), NOW)
        else:
            with pytest.raises(NotInForce):
                deployment.decide(propose, a_move(), NOW)


# Sooner ----------------------------------------------------------------------------------------------------------------


def test_either_side_says_beforehand_that_it_ends_sooner_also_of_what_is_stopped() -> None:
    for side in Side:
        for move in (a_move(), run(deployment, STOP_NOW, state=a_move()), a_move(*STARTED[:7])):
            assert run(deployment, replace(SHORTEN, side=side), state=move).last_day == day(100)
    assert said(replace(SHORTEN, ends_on=day(110)), a_move()) == []
    for ends_on in (day(111), day(52)):
        with pytest.raises(NotSooner):
            deployment.decide(replace(SHORTEN, ends_on=ends_on), a_move(), NOW)


def test_a_move_that_is_shortened_to_the_last_day_of_its_cover_has_lost_nothing_and_is_completed() -> None:
    shorter = run(deployment, SHORTEN, state=a_move(*STARTED, LOSE_COVER))
    assert (shorter.cover_ends, deployment.waiting(shorter)) == (None, ())
    assert "end-cover" not in deployment.deadlines(shorter)
    kept = run(deployment, replace(SHORTEN, ends_on=day(101)), state=a_move(*STARTED, LOSE_COVER))
    assert kept.cover_ends == day(100)


# What was said before --------------------------------------------------------------------------------------------------


def extended(number: int) -> DeploymentExtended:
    move = a_move()
    return DeploymentExtended(
        occurred_on=day(60), ends_on=day(number), person_id=move.person_id, home=move.home, host=move.host,
        basis=move.basis, soc2020=move.soc2020,
    )  # fmt: skip


def test_what_was_extended_or_shortened_before_anybody_was_asked_is_so_still() -> None:
    for number in (115, 90):
        assert deployment.evolve(a_move(), extended(number)).last_day == day(number)


def test_a_word_that_is_missing_cannot_be_left_out_of_what_three_agreed_to() -> None:
    with pytest.raises(CannotFollow):
        deployment.evolve(a_move(*PROPOSED, CONFIRM_PERSON), extended(115))
