"""Requirements and passports: every status meets every command; who is ready for what, and what would cure what is missing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from kit.step import Command, changed
from mobility.domain import deployment, passport, requirement
from mobility.domain.checks import (
    AlwaysRequired,
    OutcomeContradicted,
    OutcomeMissing,
    ValidityWithoutSuccess,
)
from mobility.domain.clearance import CheckMissing
from mobility.domain.passport import (
    NotLimited,
    NotShared,
    ShareOver,
    TakenBackByHolder,
    TermOver,
)
from mobility.domain.readiness import CURES, Readiness, best_cure, ready
from mobility.domain.requirement import AskedTwice
from mobility.testing import (
    AGREE,
    ASK,
    CLOSE_PASSPORT,
    COUNCIL,
    HOSPICE,
    HOSPITALS,
    LET_LOOK_AGAIN,
    LIFT_LIMIT,
    LIMIT_WORK,
    MATCH,
    MOVED_ON,
    NOW,
    OPEN,
    PERSON,
    PROPOSE,
    RECORD_DBS,
    RECORD_IDENTITY,
    RECORD_NOT_REQUIRED,
    RECORD_RIGHT,
    RECORD_TRAINING,
    RECORD_WAIVER,
    RENEW_DBS,
    REQUEST_CHECK,
    SHARE,
    STUDENT,
    TAKE_BACK,
    VERIFY,
    WITHDRAW_SHARING,
    WITHDRAW_WAIVER,
    a_move,
    a_passport,
    a_requirement,
    cells,
    day,
    outcome,
)
from schemas.mobility import (
    CheckAwaiting,
    CheckNotRequired,
    CheckOutcome,
    CheckRecorded,
    ChecksVerified,
    LimitGround,
    Term,
    TrainingNeeded,
    WorkLimit,
)

REQUIREMENT: dict[str | None, dict[str, str]] = {
    None: {"Ask": "standing"},
    "standing": {"Change": "noted", "Retire": "retired"},
    "retired": {"Retire": "retired"},
}
PASSPORT: dict[str | None, dict[str, str]] = {
    None: {"Open": "open"},
    "open": {"RequestCheck": "noted", "RecordNotRequired": "noted", "RecordCheck": "noted", "ChaseCheck": "noted",
             "RecordTraining": "noted", "RecordWaiver": "noted", "WithdrawWaiver": "noted",
             "ShareWith": "noted", "WithdrawSharing": "noted", "TakeBack": "noted", "LetLookAgain": "noted",
             "LimitWork": "noted", "LiftLimit": "noted", "RaiseEnding": "noted", "LookAgain": "open", "Close": "closed",
             "Reopen": "open"},
    "closed": {"Close": "closed", "ChaseCheck": "closed", "RaiseEnding": "closed", "LookAgain": "closed", "Reopen": "open"},
}  # fmt: skip
"""What comes of each command by status; what is not named is refused: NotInThisState, or NotFound before there is one.
A cell that keeps its status says nothing; NOTED: the status stays, and something is said.
"""


@pytest.mark.parametrize(("status", "command"), list(cells("requirement")))
def test_every_status_of_a_requirement_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome("requirement", status, command) == REQUIREMENT[status].get(command, unnamed)


@pytest.mark.parametrize(("status", "command"), list(cells("passport")))
def test_every_status_of_a_passport_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome("passport", status, command) == PASSPORT[status].get(command, unnamed)


def test_the_tables_name_every_status_and_every_command() -> None:
    for table, module in ((REQUIREMENT, requirement), (PASSPORT, passport)):
        assert set(table) == {None, *module.Status}
        assert {command for row in table.values() for command in row} == {kind.__name__ for kind in module.COMMANDS}


# Rules -----------------------------------------------------------------------------------------------------------------


def test_a_check_or_a_course_is_asked_for_once() -> None:
    for twice in (replace(ASK, checks=ASK.checks * 2), replace(ASK, training=ASK.training * 2)):
        with pytest.raises(AskedTwice):
            requirement.decide(twice, None, NOW)


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (replace(RECORD_DBS, satisfactory=False), ValidityWithoutSuccess),
        (replace(RECORD_DBS, satisfactory=None), OutcomeMissing),
        (replace(RECORD_DBS, outcome=CheckOutcome.REFUSED), OutcomeContradicted),
        (replace(RECORD_IDENTITY, satisfactory=False, outcome=CheckOutcome.SATISFACTORY), OutcomeContradicted),
        (replace(RECORD_DBS, valid_until=day(3)), ValidityWithoutSuccess),
        (replace(RECORD_NOT_REQUIRED, kind="identity"), AlwaysRequired),
        (replace(RECORD_NOT_REQUIRED, kind="right-to-work"), AlwaysRequired),
        (replace(SHARE, until=day(7)), ShareOver),
        (replace(SHARE, organisation=HOSPICE), ShareOver),
        (WITHDRAW_SHARING, NotShared),
        (TAKE_BACK, NotShared),
        (LET_LOOK_AGAIN, NotShared),
        (LIFT_LIMIT, NotLimited),
        (replace(LIMIT_WORK, limit=changed(STUDENT, until=day(4))), TermOver),
        (replace(LIMIT_WORK, limit=changed(STUDENT, terms=(Term(first=day(9), last=day(8)),))), TermOver),
    ],
)
def test_a_rule_refuses(command: Command, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        passport.decide(command, a_passport(), NOW)


def test_what_is_in_a_passport_is_said_once() -> None:
    every = (RECORD_DBS, REQUEST_CHECK, RECORD_NOT_REQUIRED, RECORD_TRAINING, RECORD_WAIVER, SHARE)
    held = a_passport(*every)
    for again in (*every, replace(REQUEST_CHECK, occurred_on=day(50))):
        assert passport.decide(again, held, NOW) == []
    assert passport.decide(WITHDRAW_WAIVER, a_passport(), NOW) == []


def test_of_two_checks_of_a_kind_and_of_two_completions_the_later_counts_whichever_is_entered_last() -> None:
    later, earlier = (
        replace(RECORD_DBS, occurred_on=day(20)),
        replace(RECORD_DBS, occurred_on=day(10), level="standard"),
    )
    held = a_passport(later, earlier, replace(RECORD_TRAINING, occurred_on=day(30)), RECORD_TRAINING)
    assert [(check.level, check.verified_on) for check in held.checks] == [("enhanced", day(20))]
    assert [course.completed_on for course in held.training] == [day(30)]


def test_who_is_let_look_looks_up_to_the_day_and_not_after_it_was_taken_back() -> None:
    shared = a_passport(SHARE)
    assert [shared.seen_by(HOSPITALS, day(number)) for number in (199, 200, 201)] == [True, True, False]
    assert shared.seen_by(HOSPICE, day(999))
    assert not a_passport(SHARE, WITHDRAW_SHARING).seen_by(HOSPITALS, day(100))
    assert not a_passport(SHARE, CLOSE_PASSPORT).seen_by(HOSPITALS, day(150))


def test_what_the_holder_took_back_only_the_holder_gives_again_and_until_the_day_that_it_was_given() -> None:
    taken = a_passport(SHARE, TAKE_BACK)
    assert not taken.seen_by(HOSPITALS, day(100))
    with pytest.raises(TakenBackByHolder):
        passport.decide(replace(SHARE, occurred_on=day(12)), taken, NOW)
    again = replace(LET_LOOK_AGAIN, organisation=HOSPITALS)
    given = a_passport(SHARE, TAKE_BACK, again)
    assert [given.seen_by(HOSPITALS, day(number)) for number in (200, 201)] == [True, False]
    assert not given.taken_back
    with pytest.raises(ShareOver):
        passport.decide(replace(again, occurred_on=day(201)), taken, NOW)


def test_what_the_employer_took_back_the_employer_gives_again() -> None:
    assert a_passport(SHARE, WITHDRAW_SHARING, replace(SHARE, occurred_on=day(12))).seen_by(HOSPITALS, day(100))


# Readiness -------------------------------------------------------------------------------------------------------------

COMPLETE: tuple[Command, ...] = (RECORD_IDENTITY, RECORD_DBS, RECORD_TRAINING, SHARE)


@pytest.mark.parametrize(
    ("commands", "number", "missing"),
    [
        (COMPLETE, 100, []),
        (COMPLETE[1:], 100, [("identity", "check-missing")]),
        (COMPLETE[:3], 100, [(HOSPITALS, "not-shared")]),
        ((*COMPLETE, replace(RECORD_IDENTITY, occurred_on=day(20), satisfactory=False)), 100,
         [("identity", "check-unsatisfactory")]),
        ((*COMPLETE[1:], replace(REQUEST_CHECK, kind="identity")), 100, [("identity", "check-awaits-holder")]),
        ((*COMPLETE[1:], replace(REQUEST_CHECK, kind="identity", level="two-documents")), 100, [("identity", "check-missing")]),
        ((*COMPLETE, replace(RENEW_DBS, occurred_on=day(20)), replace(SHARE, until=day(400))), 300, []),
        ((*COMPLETE, MOVED_ON, replace(SHARE, until=day(400))), 301, [("criminal-record", "check-awaits-third-party")]),
        ((*COMPLETE, replace(RECORD_IDENTITY, occurred_on=day(20), satisfactory=False),
          replace(REQUEST_CHECK, occurred_on=day(20), kind="identity", awaiting=CheckAwaiting.EMPLOYER)), 100,
         [("identity", "check-awaits-employer")]),
        ((RECORD_IDENTITY, *COMPLETE[2:], replace(RECORD_NOT_REQUIRED, kind="criminal-record")), 100,
         [("criminal-record", "check-not-required")]),
        ((*COMPLETE, replace(RECORD_NOT_REQUIRED, kind="criminal-record")), 100, []),
        *((
            (*COMPLETE, replace(RECORD_IDENTITY, occurred_on=day(20), satisfactory=None, outcome=outcome)), 100,
            [("identity", f"check-{outcome}")],
        ) for outcome in CheckOutcome if outcome is not CheckOutcome.SATISFACTORY),
        ((*COMPLETE, replace(RECORD_DBS, occurred_on=day(20), workforce="child")), 100,
         [("criminal-record", "check-not-like-for-like")]),
        ((*COMPLETE, replace(RECORD_DBS, occurred_on=day(20), level="enhanced-with-barred-lists")), 100,
         [("criminal-record", "check-not-like-for-like")]),
        ((*COMPLETE, replace(SHARE, until=day(400))), 301, [("criminal-record", "check-not-in-date")]),
        ((*COMPLETE, replace(SHARE, until=day(400))), 300, []),
        ((RECORD_IDENTITY, RECORD_DBS, SHARE), 100, [(str(ASK.training[0].course_id), "training-missing")]),
        ((RECORD_IDENTITY, replace(RECORD_DBS, valid_until=None), RECORD_TRAINING, replace(SHARE, until=day(400))), 367,
         [(str(ASK.training[0].course_id), "training-too-long-ago")]),
    ],
)  # fmt: skip
def test_each_thing_that_is_missing_is_named_with_its_cure(
    commands: Sequence[Command], number: int, missing: list[tuple[str, str]]
) -> None:
    found = ready(UUID(int=1), a_passport(RECORD_RIGHT, *commands), a_requirement(), day(number))
    assert [(each.name, each.why) for each in found.missing] == missing
    assert found.ready is (missing == [])


FIRE: TrainingNeeded = changed(ASK.training[0], skill=RECORD_WAIVER.skill)


@pytest.mark.parametrize(
    ("waivers", "needed", "number", "why"),
    [
        ((RECORD_WAIVER,), FIRE, 150, None),
        ((RECORD_WAIVER,), FIRE, 5, "training-missing"),
        ((RECORD_WAIVER,), FIRE, 151, "waiver-over"),
        ((replace(RECORD_WAIVER, valid_until=None),), FIRE, 300, None),
        ((RECORD_WAIVER, WITHDRAW_WAIVER), FIRE, 100, "training-missing"),
        ((replace(RECORD_WAIVER, host=COUNCIL),), FIRE, 100, "training-missing"),
        ((replace(RECORD_WAIVER, skill=changed(RECORD_WAIVER.skill, level=2)),), FIRE, 100, "training-missing"),
        ((RECORD_WAIVER,), ASK.training[0], 100, "training-missing"),
        ((RECORD_WAIVER, replace(RECORD_WAIVER, competence_id=UUID(int=9), valid_until=day(160))), FIRE, 155, None),
    ],
)
def test_what_a_host_waived_is_not_missing_and_is_no_course_that_was_completed(
    waivers: Sequence[Command], needed: TrainingNeeded, number: int, why: str | None
) -> None:
    held = a_passport(RECORD_IDENTITY, RECORD_RIGHT, replace(SHARE, until=day(400)), *waivers)
    asked = changed(a_requirement(), checks=(), training=(needed,))
    found = ready(UUID(int=1), held, asked, day(number))
    assert [each.why for each in found.missing] == ([] if why is None else [why])
    assert [each.ground for each in found.waived] == (["alignment"] if why is None else [])
    assert held.training == ()


def test_a_course_that_was_completed_needs_no_waiver() -> None:
    held = a_passport(RECORD_IDENTITY, RECORD_RIGHT, RECORD_TRAINING, RECORD_WAIVER, SHARE)
    found = ready(UUID(int=1), held, changed(a_requirement(), checks=(), training=(FIRE,)), day(100))
    assert (found.ready, found.waived) == (True, ())
    assert all(each.cure.endswith(".") for each in found.missing)


def test_what_somebody_put_right_to_not_required_is_no_identity_and_no_right_to_work() -> None:
    held = a_passport(*COMPLETE[1:])
    for kind in ("identity", "right-to-work"):
        said = CheckNotRequired(occurred_on=day(9), person_id=PERSON, home=HOSPICE, kind=kind, reason="x")
        held = passport.evolve(held, said)
    assert [each.why for each in ready(UUID(int=1), held, a_requirement(), day(100)).missing] == [
        "check-not-required", "check-not-required",
    ]  # fmt: skip
    move = a_move(PROPOSE, MATCH, AGREE)
    with pytest.raises(CheckMissing, match="identity"):
        deployment.decide(replace(VERIFY, passport=held), move, NOW)
    held = passport.evolve(held, CheckRecorded(
        occurred_on=day(9), person_id=PERSON, home=HOSPICE, kind="identity", verified_by=HOSPICE, satisfactory=True,
    ))  # fmt: skip
    with pytest.raises(CheckMissing, match="right-to-work"):
        deployment.decide(replace(VERIFY, passport=held), move, NOW)


@pytest.mark.parametrize("outcome", [each for each in CheckOutcome if each is not CheckOutcome.SATISFACTORY])
def test_only_a_satisfactory_check_is_seen_for_a_move(outcome: CheckOutcome) -> None:
    done = replace(RECORD_DBS, satisfactory=None, outcome=outcome, valid_until=None)
    right = replace(RECORD_IDENTITY, kind="right-to-work")
    verify = replace(VERIFY, passport=a_passport(RECORD_IDENTITY, right, done))
    (seen,) = deployment.decide(verify, a_move(PROPOSE, MATCH, AGREE), NOW)
    assert isinstance(seen, ChecksVerified)
    assert [check.kind for check in seen.checks] == ["identity", "right-to-work"]


def test_every_cure_is_a_sentence_of_its_own() -> None:
    assert len(set(CURES.values())) == len(CURES)


def test_nobody_is_ready_without_the_checks_without_which_nobody_moves() -> None:
    asked = changed(a_requirement(), checks=(), training=())
    for commands, missing in (
        ((SHARE,), [("identity", "check-missing"), ("right-to-work", "check-missing")]),
        ((SHARE, RECORD_RIGHT, replace(REQUEST_CHECK, kind="identity")), [("identity", "check-awaits-holder")]),
        (
            (SHARE, RECORD_IDENTITY, replace(RECORD_RIGHT, valid_until=day(99))),
            [("right-to-work", "check-not-in-date")],
        ),
        ((SHARE, RECORD_IDENTITY, replace(RECORD_RIGHT, level="time-limited", valid_until=day(100))), []),
    ):
        found = ready(UUID(int=1), a_passport(*commands), asked, day(100))
        assert [(each.name, each.why) for each in found.missing] == missing


@pytest.mark.parametrize(
    ("limit", "why"),
    [
        ({"until": day(99)}, "limit-over"),
        ({"until": day(100)}, None),
        ({"soc2020": ("6135",)}, "limit-not-this-work"),
        ({"soc2020": (ASK.soc2020,)}, None),
        ({"hosts": (COUNCIL,)}, "limit-not-this-host"),
        ({"hosts": (HOSPITALS, COUNCIL)}, None),
        ({"weekly_hours": 20.0}, None),
    ],
)
def test_nobody_is_ready_who_may_not_do_that_work_there_on_that_day(limit: dict[str, Any], why: str | None) -> None:
    allowed = replace(LIMIT_WORK, limit=WorkLimit(ground=LimitGround.PERMISSION_TO_WORK, **limit))
    found = ready(UUID(int=1), a_passport(RECORD_RIGHT, *COMPLETE, allowed), a_requirement(), day(100))
    assert [(each.what, each.why) for each in found.missing] == ([] if why is None else [("limit", why)])


def test_the_best_cure_is_the_one_thing_that_makes_most_people_ready() -> None:
    stories = [COMPLETE, COMPLETE[:3], COMPLETE[1:], COMPLETE[1:], (RECORD_IDENTITY,)]
    people = [_of_somebody(turn, *story) for turn, story in enumerate(stories)]
    best = best_cure(people)
    assert best is not None
    assert (best[0].name, best[1]) == ("identity", 2)
    assert best_cure(people[:1]) is None


def test_a_course_that_some_never_completed_and_others_too_long_ago_is_one_thing_and_a_person_counts_once() -> None:
    without, long_ago = (*COMPLETE[:2], SHARE), (*COMPLETE[:2], replace(RECORD_TRAINING, occurred_on=day(-800)), SHARE)
    stories = [COMPLETE[1:], COMPLETE[1:], without, long_ago, long_ago]
    people = [_of_somebody(turn, *story) for turn, story in enumerate(stories)]
    best = best_cure(
        [*people, replace(people[0], passport_id=UUID(int=9)), replace(people[1], passport_id=UUID(int=8))]
    )
    assert best is not None
    course = ASK.training[0]
    assert (best[0].name, best[0].title, best[0].why, best[1]) == (
        str(course.course_id), course.title, "training-too-long-ago", 3,
    )  # fmt: skip


def _of_somebody(turn: int, *commands: Command) -> Readiness:
    """The readiness of one person more."""
    held = changed(a_passport(RECORD_RIGHT, *commands), person_id=UUID(int=turn))
    return ready(UUID(int=turn), held, a_requirement(), day(100))


def test_a_closed_passport_makes_nobody_ready() -> None:
    closed = a_passport(*COMPLETE, CLOSE_PASSPORT)
    (missing,) = (
        each
        for each in ready(UUID(int=1), closed, a_requirement(), day(120)).missing
        if each.what in ("passport", "sharing")
    )
    assert missing.why == "passport-closed"
    assert OPEN.home == closed.home
