"""A signature: every status meets every command, and when an organisation was in force."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kit.step import Command, end_of, start_of
from mobility.domain import signature
from mobility.domain.signature import (
    FrameworkEnded,
    InForceTooEarly,
    NoticeTooShort,
    NotTheNewestVersion,
    NotYetInForce,
)
from mobility.testing import (
    ASK_AGAIN,
    END,
    GIVE_NOTICE,
    INVITE,
    LAPSE,
    LOOK_AT_MOVES,
    NOW,
    RESUME,
    SIGN,
    SIGN_AGAIN,
    SIGN_LATER,
    SIGNED,
    SUSPEND,
    TERMINATE,
    VARY,
    WITHDRAW,
    a_framework,
    a_signature,
    cells,
    day,
    outcome,
    run,
)
from schemas.mobility import InvitationClosed

STAYS = ("AskAgain", "Lapse", "End", "Withdraw", "LookAgain")
"""What others bring about: where there is nothing to do, nothing is said."""

LIFE: dict[str | None, dict[str, str]] = {
    None: {"Invite": "invited"},
    "invited": {"Decline": "declined", "Sign": "signed", "AskAgain": "invited", "Lapse": "invited", "End": "closed",
                "Withdraw": "invited", "LookAgain": "invited"},
    "declined": {"Decline": "declined", "Sign": "signed"} | dict.fromkeys(STAYS, "declined"),
    "closed": dict.fromkeys(STAYS, "closed"),
    "signed": {"Sign": "noted", "AskAgain": "signed", "Lapse": "lapsed", "Suspend": "suspended", "GiveNotice": "leaving",
               "End": "leaving", "Withdraw": "signed", "LookAgain": "signed"},
    "suspended": {"Sign": "noted", "AskAgain": "suspended", "Lapse": "lapsed", "Suspend": "suspended", "Resume": "signed",
                  "GiveNotice": "noted", "End": "noted", "Withdraw": "suspended", "LookAgain": "suspended"},
    "leaving": {"AskAgain": "noted", "Lapse": "leaving", "Suspend": "suspended", "End": "noted", "Withdraw": "withdrawn",
                "LookAgain": "leaving"},
    "lapsed": {"Sign": "signed"} | dict.fromkeys(STAYS, "lapsed"),
    "withdrawn": {"Sign": "signed"} | dict.fromkeys(STAYS, "withdrawn"),
}  # fmt: skip
"""What comes of each command by status; what is not named is refused: NotInThisState, or NotFound before there is one.
A cell that keeps its status says nothing; NOTED: the status stays, and something is said.
"""


@pytest.mark.parametrize(("status", "command"), list(cells("signature")))
def test_every_status_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome("signature", status, command) == LIFE[status].get(command, unnamed)


def test_the_table_names_every_status_and_every_command() -> None:
    assert set(LIFE) == {None, *signature.Status}
    assert {command for row in LIFE.values() for command in row} == {kind.__name__ for kind in signature.COMMANDS}


ASK_AGAIN_LATER = replace(ASK_AGAIN, occurred_on=day(115))
SIGN_SUSPENDED = replace(SIGN_AGAIN, occurred_on=day(120))

# In force --------------------------------------------------------------------------------------------------------------

STORIES: Sequence[tuple[str, Sequence[Command], Sequence[tuple[int, bool]]]] = (
    ("only invited", (INVITE,), [(1, False), (400, False)]),
    ("signed", SIGNED, [(8, False), (9, False), (10, True), (400, True)]),
    ("suspended for a while", (*SIGNED, SUSPEND, RESUME), [(149, True), (150, False), (157, False), (158, True)]),
    ("left", (*SIGNED, GIVE_NOTICE, WITHDRAW), [(190, True), (300, True), (301, False)]),
    ("leaving, and suspended meanwhile", (*SIGNED, GIVE_NOTICE, replace(SUSPEND, occurred_on=day(250))),
     [(249, True), (250, False), (300, False)]),
    ("leaving, suspended and back", (*SIGNED, GIVE_NOTICE, replace(SUSPEND, occurred_on=day(250)),
                                     replace(RESUME, occurred_on=day(260))), [(255, False), (260, True), (301, False)]),
    ("did not sign again", (*SIGNED, ASK_AGAIN, LAPSE), [(160, True), (161, False)]),
    ("signed again", (*SIGNED, ASK_AGAIN, SIGN_AGAIN, LAPSE), [(160, True), (161, True)]),
    ("lapsed, which was seen late", (*SIGNED, ASK_AGAIN, replace(SUSPEND, occurred_on=day(163)),
                                     replace(RESUME, occurred_on=day(170)), LAPSE), [(160, True), (161, False), (170, False)]),
    ("left and came back", (*SIGNED, GIVE_NOTICE, WITHDRAW, SIGN_LATER), [(300, True), (301, False), (400, True)]),
    ("suspended, signed again and back",
     (*SIGNED, replace(SUSPEND, occurred_on=day(110)), ASK_AGAIN_LATER, SIGN_SUSPENDED, RESUME),
     [(109, True), (120, False), (157, False), (158, True), (161, True)]),
    ("leaving, and signed again meanwhile",
     (*SIGNED, replace(GIVE_NOTICE, occurred_on=day(90)), ASK_AGAIN, SIGN_AGAIN, LAPSE, WITHDRAW),
     [(161, True), (300, True), (301, False)]),
    ("the framework ended", (*SIGNED, END, WITHDRAW), [(290, True), (291, False)]),
)  # fmt: skip


@pytest.mark.parametrize(
    ("commands", "days"), [(commands, days) for _, commands, days in STORIES], ids=[name for name, _, _ in STORIES]
)
def test_an_organisation_is_in_force_on_some_days_and_not_on_others(
    commands: Sequence[Command], days: Sequence[tuple[int, bool]]
) -> None:
    story = a_signature(*commands)
    assert [(number, story.in_force(day(number))) for number, _ in days] == list(days)


def test_in_force_for_a_whole_time_is_without_a_day_missing() -> None:
    story = a_signature(*SIGNED, SUSPEND, RESUME)
    assert story.in_force(day(10), day(149))
    assert story.in_force(day(158), day(300))
    assert not story.in_force(day(10), day(300))


def test_a_suspension_on_the_first_day_leaves_no_day_in_force() -> None:
    assert a_signature(*SIGNED, replace(SUSPEND, occurred_on=day(10))).periods == ()


# Rules -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "state", "refusal"),
    [
        (replace(SIGN, framework=a_framework(VARY)), (INVITE,), NotTheNewestVersion),
        (replace(SIGN, in_force_from=day(9)), (INVITE,), InForceTooEarly),
        (replace(SIGN, framework=a_framework(TERMINATE)), (INVITE,), FrameworkEnded),
        (replace(SUSPEND, occurred_on=day(9)), SIGNED, NotYetInForce),
        (replace(GIVE_NOTICE, last_day=day(279)), SIGNED, NoticeTooShort),
    ],
)
def test_a_rule_refuses(command: Any, state: Sequence[Command], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        signature.decide(command, a_signature(*state), NOW)


def test_nobody_is_invited_to_a_framework_that_has_ended() -> None:
    with pytest.raises(FrameworkEnded):
        signature.decide(replace(INVITE, framework=a_framework(TERMINATE)), None, NOW)


def test_who_signed_a_later_version_gives_the_notice_of_that_version() -> None:
    again = a_signature(*SIGNED, ASK_AGAIN, SIGN_AGAIN)
    assert (again.version, again.notice_days, again.to_sign) == (2, 60, None)
    notice = replace(GIVE_NOTICE, last_day=day(190 + 60))
    assert signature.decide(notice, again, NOW)


def test_who_is_suspended_signs_a_further_version_stays_suspended_and_does_not_lapse() -> None:
    suspended = a_signature(*SIGNED, ASK_AGAIN, replace(SUSPEND, occurred_on=day(110)))
    waits = {(waits.who, waits.why) for waits in signature.waiting(suspended)}
    assert waits == {("coordinator", "end-suspension-or-agreement"), ("organisation", "sign-again")}
    again = run(signature, SIGN_SUSPENDED, LAPSE, state=suspended)
    assert (again.status, again.version, again.to_sign) == ("suspended", 2, None)
    assert not again.in_force(day(161))
    assert [waits.who for waits in signature.waiting(again)] == ["coordinator"]
    assert signature.decide(SIGN_SUSPENDED, again, NOW) == []


@pytest.mark.parametrize("how", [(ASK_AGAIN, SUSPEND, LAPSE), (SUSPEND, GIVE_NOTICE, WITHDRAW)])
def test_who_was_suspended_when_it_lapsed_or_left_is_known(how: Sequence[Command]) -> None:
    left = a_signature(*SIGNED, *how)
    assert left.left_suspended
    back = run(signature, SIGN_LATER, state=left)
    assert not back.left_suspended
    resumed = tuple(each for step in how for each in ((step, RESUME) if step is SUSPEND else (step,)))
    assert not a_signature(*SIGNED, *resumed).left_suspended


def test_of_two_versions_to_sign_the_earlier_day_holds() -> None:
    asked = a_signature(*SIGNED, ASK_AGAIN, replace(ASK_AGAIN, version=3, sign_by=day(200)))
    assert (asked.to_sign, asked.sign_by) == (3, day(160))


def test_who_signed_from_a_later_day_is_looked_at_when_it_comes() -> None:
    later = a_signature(INVITE, replace(SIGN, in_force_from=day(40)))
    assert dict(signature.deadlines(later)) == {"in-force": start_of(day(40))}
    assert signature.due("in-force", later) == LOOK_AT_MOVES
    asked = run(signature, replace(ASK_AGAIN, occurred_on=day(41)), state=later)
    assert "in-force" not in signature.deadlines(asked)
    assert "in-force" not in signature.deadlines(a_signature(INVITE, replace(SIGN, occurred_on=day(10))))


def test_what_falls_due_is_the_end_of_the_last_day_and_of_the_day_for_signing_again() -> None:
    leaving = a_signature(*SIGNED, ASK_AGAIN, GIVE_NOTICE)
    assert dict(signature.deadlines(leaving)) == {"withdraw": end_of(day(300)), "lapse": end_of(day(160))}
    assert signature.due("withdraw", leaving) == WITHDRAW
    assert signature.due("lapse", leaving) == LAPSE


@pytest.mark.parametrize(
    ("commands", "who", "why", "since"),
    [
        ((INVITE,), "organisation", "sign", day(1)),
        ((*SIGNED, ASK_AGAIN), "organisation", "sign-again", day(100)),
        ((*SIGNED, SUSPEND), "coordinator", "end-suspension-or-agreement", day(150)),
    ],
)
def test_what_waits_says_whose_move_it_is(commands: Sequence[Command], who: str, why: str, since: date) -> None:
    (waiting,) = signature.waiting(a_signature(*commands))
    assert (waiting.who, waiting.why, waiting.since) == (who, why, since)


def test_who_was_asked_after_an_agreement_had_ended_is_asked_no_longer_when_that_is_noticed() -> None:
    ended = signature.End(occurred_on=day(1), last_day=day(0), reason="framework-ended")
    asked = a_signature(replace(INVITE, occurred_on=day(3)))
    (closed,) = signature.decide(ended, asked, NOW)
    assert (closed.TYPE, closed.occurred_on) == (InvitationClosed.TYPE, day(3))
