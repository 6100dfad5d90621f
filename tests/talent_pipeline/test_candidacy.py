"""A candidacy: every status meets every command, and the rules that a table does not show."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kit.errors import Refused
from kit.step import (
    BeforeTheStepItFollows,
    CannotFollow,
    Command,
    InTheFuture,
    NotInThisState,
    changed,
    end_of,
    start_of,
)
from kit.testing.lives import NOTED
from schemas.talent_pipeline import (
    Awaiting,
    CandidatePlaced,
    CandidateRedirected,
    CheckKind,
    CheckOutcome,
    CheckStatus,
    DbsLevel,
    DbsWorkforce,
    Duties,
    NewToSystem,
    OfferMade,
    PlacementSustained,
    PriorEmployment,
    RedirectedTo,
    Regulator,
    ValuesInterviewCompleted,
    ValuesOutcome,
)
from talent_pipeline.domain import candidacy, checks, clearance, engagement, interview, placement, redirection, vacancy
from talent_pipeline.domain.vacancy import NoPostLeft
from talent_pipeline.testing import (
    A_PASS,
    ACCEPT_PASS,
    AGREE_START,
    APPLY,
    CAMPAIGN,
    CLEAR,
    CLOSE_ENGAGEMENT,
    COUNCIL,
    DRAFT,
    ENGAGEMENT,
    EXPIRE_RISK_ASSESSMENT,
    FILL_POST,
    HOSPITALS,
    INTERVIEW,
    LEAVE,
    NOW,
    OFFER,
    OTHER_CANDIDACY,
    REACHED,
    REDIRECT,
    REGISTER,
    RETURN,
    SHORTLIST,
    START,
    SUSTAIN,
    a_candidacy,
    a_role,
    a_vacancy,
    all_checks,
    cells,
    check,
    day,
    lives,
    outcome,
    run,
    scores,
)

LIFE: dict[str | None, dict[str, str]] = {
    None: {"Apply": "applied"},
    "applied": {
        "Shortlist": "shortlisted", "UpdateCheck": NOTED, "ExpireCheck": "applied",
        "ExpireRiskAssessment": "applied", "Withdraw": "withdrawn", "NotAppoint": "not-appointed",
        "Redirect": "redirected",
    },
    "shortlisted": {
        "Shortlist": "shortlisted", "RecordValuesInterview": "interviewed", "AcceptValuesPass": "interviewed",
        "UpdateCheck": NOTED, "ExpireCheck": "shortlisted", "ExpireRiskAssessment": "shortlisted",
        "Withdraw": "withdrawn", "NotAppoint": "not-appointed", "Redirect": "redirected",
    },
    "interviewed": {
        "MakeOffer": "offered", "UpdateCheck": NOTED, "ExpireCheck": "interviewed",
        "ExpireRiskAssessment": "interviewed", "Withdraw": "withdrawn", "NotAppoint": "not-appointed",
        "Redirect": "redirected",
    },
    "offered": {
        "MakeOffer": "offered", "UpdateCheck": NOTED, "ExpireCheck": "offered", "Clear": "ChecksOutstanding",
        "ExpireRiskAssessment": "offered", "Withdraw": "withdrawn", "DeclineOffer": "offer-declined",
        "WithdrawOffer": "offer-withdrawn",
    },
    "cleared": {
        "UpdateCheck": "cleared", "ExpireCheck": "cleared", "Clear": "cleared", "ExpireRiskAssessment": "cleared",
        "AgreeStart": "start-agreed", "Withdraw": "withdrawn", "DeclineOffer": "offer-declined",
        "WithdrawOffer": "offer-withdrawn",
    },
    "start-agreed": {
        "UpdateCheck": "start-agreed", "ExpireCheck": "start-agreed", "ExpireRiskAssessment": "start-agreed",
        "AgreeStart": "start-agreed", "Start": "started", "Withdraw": "withdrawn", "DeclineOffer": "offer-declined",
        "WithdrawOffer": "offer-withdrawn",
    },
    "started": {
        "UpdateCheck": "started", "ExpireCheck": "started", "ExpireRiskAssessment": "started", "Start": "started",
        "Sustain": NOTED, "Leave": "left",
    },
    "left": {
        "ExpireCheck": "left", "ExpireRiskAssessment": "left", "Sustain": NOTED, "Leave": "left",
        "Return": "started",
    },
    "withdrawn": {"ExpireCheck": "withdrawn", "ExpireRiskAssessment": "withdrawn", "Withdraw": "withdrawn"},
    "offer-declined": {
        "ExpireCheck": "offer-declined", "ExpireRiskAssessment": "offer-declined", "DeclineOffer": "offer-declined",
        "Redirect": "redirected",
    },
    "not-appointed": {
        "ExpireCheck": "not-appointed", "ExpireRiskAssessment": "not-appointed", "NotAppoint": "not-appointed",
        "Redirect": "redirected",
    },
    "offer-withdrawn": {
        "ExpireCheck": "offer-withdrawn", "ExpireRiskAssessment": "offer-withdrawn",
        "WithdrawOffer": "offer-withdrawn", "Redirect": "redirected",
    },
    "redirected": {"ExpireCheck": "redirected", "ExpireRiskAssessment": "redirected", "Redirect": "redirected"},
}  # fmt: skip
"""What comes of each command by status; what is not named is refused: NotInThisState, or NotFound before there is one.
A cell that keeps its status says nothing; NOTED: the status stays, and something is said.
"""


@pytest.mark.parametrize(("status", "command"), list(cells("candidacy")))
def test_every_status_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome("candidacy", status, command) == LIFE[status].get(command, unnamed)


def test_the_table_names_every_status_and_every_command() -> None:
    assert set(LIFE) == {None, *candidacy.Status}
    assert {command for row in LIFE.values() for command in row} == {kind.__name__ for kind in candidacy.COMMANDS}


def refused(refusal: type[Refused], command: Command, state: candidacy.Candidacy | None) -> None:
    with pytest.raises(refusal):
        candidacy.decide(command, state, NOW)


def test_whoever_starts_is_placed_and_an_offer_places_nobody() -> None:
    said = [type(fact) for command in REACHED for fact in candidacy.decide(command, before(command), NOW)]
    assert said.count(CandidatePlaced) == 1
    assert said[-1] is CandidatePlaced
    assert OfferMade in said


def before(command: Command) -> candidacy.Candidacy | None:
    """The candidacy just before this command of a whole recruitment."""
    reached: candidacy.Candidacy | None = run(candidacy, *REACHED[: REACHED.index(command)])
    return reached


@pytest.mark.parametrize(
    ("prior", "new"),
    [
        (PriorEmployment.LEEDS_HEALTH_CARE, NewToSystem.NO),
        (PriorEmployment.OTHER_HEALTH_CARE, NewToSystem.YES),
        (PriorEmployment.UNEMPLOYED, NewToSystem.YES),
        (PriorEmployment.UNKNOWN, NewToSystem.UNKNOWN),
    ],
)
def test_new_to_the_system_is_said_at_the_start(prior: PriorEmployment, new: NewToSystem) -> None:
    (placed,) = candidacy.decide(replace(START, prior_employment=prior), a_candidacy(candidacy.AgreeStart), NOW)
    assert isinstance(placed, CandidatePlaced)
    assert (placed.new_to_system, placed.route, placed.campaign_id) == (new, "connecting-communities", CAMPAIGN)


def test_nothing_about_health_is_asked_before_the_offer() -> None:
    refused(checks.HealthBeforeOffer, check(CheckKind.WORK_HEALTH), a_candidacy(interview.RecordValuesInterview))
    assert candidacy.decide(check(CheckKind.WORK_HEALTH), a_candidacy(candidacy.MakeOffer), NOW)
    assert candidacy.decide(check(CheckKind.IDENTITY), a_candidacy(interview.RecordValuesInterview), NOW)


def test_the_offer_starts_every_check_and_the_first_move_is_the_candidates() -> None:
    offered = a_candidacy(candidacy.MakeOffer)
    assert {(each.status, each.awaiting) for each in offered.checks} == {("requested", "candidate")}
    assert {waiting.who for waiting in candidacy.waiting(offered)} == {"candidate"}


def test_complete_is_not_passed() -> None:
    offered = a_candidacy(candidacy.MakeOffer)
    failed = check(CheckKind.REFERENCE, outcome=CheckOutcome.REFUSED)
    done = run(
        candidacy, *(each for each in all_checks() if each.kind is not CheckKind.REFERENCE), failed, state=offered
    )
    refused(checks.ChecksOutstanding, CLEAR, done)
    assert [(waiting.who, waiting.why) for waiting in candidacy.waiting(done)] == [("employer", "check-reference-1")]


@pytest.mark.parametrize("kind", [CheckKind.IDENTITY, CheckKind.RIGHT_TO_WORK, CheckKind.PROFESSIONAL_REGISTRATION])
def test_a_risk_assessment_never_covers_identity_right_to_work_or_registration(kind: CheckKind) -> None:
    role = a_role(regulator=Regulator.NMC)
    nurse = run(candidacy, replace(APPLY, vacancy=a_vacancy(role=role)), SHORTLIST, INTERVIEW, OFFER)
    done = run(candidacy, *(each for each in all_checks(role) if each.kind is not kind), state=nurse)
    refused(checks.NeverRiskAssessed, replace(CLEAR, risk_assessed_until=day(90)), done)


def risk_assessed() -> candidacy.Candidacy:
    """Cleared without the reference, until the ninetieth day."""
    known = [each for each in all_checks() if each.kind is not CheckKind.REFERENCE]
    offered = a_candidacy(candidacy.MakeOffer)
    cleared: candidacy.Candidacy = run(
        candidacy, *known, replace(CLEAR, risk_assessed_until=day(90)), AGREE_START, state=offered
    )
    return cleared


def test_a_risk_assessment_covers_the_rest_until_its_day_and_not_longer() -> None:
    agreed = risk_assessed()
    assert run(candidacy, START, state=agreed).status == "started"
    refused(checks.ChecksOutstanding, replace(START, occurred_on=day(91)), agreed)
    expired = run(candidacy, EXPIRE_RISK_ASSESSMENT, state=agreed)
    assert (expired.status, expired.risk_expired) == ("offered", True)


def test_whoever_works_when_their_risk_assessment_has_run_out_is_their_employers_to_decide_about() -> None:
    covered = [each for each in all_checks() if each.kind is not CheckKind.REFERENCE]
    until = replace(CLEAR, risk_assessed_until=day(80))
    started = run(candidacy, *covered, until, AGREE_START, START, state=a_candidacy(candidacy.MakeOffer))
    over = run(candidacy, EXPIRE_RISK_ASSESSMENT, state=started)
    waits = {(each.who, each.why, each.since) for each in candidacy.waiting(over)}
    assert ("employer", "risk-assessment-over", day(81)) in waits
    done = run(candidacy, check(CheckKind.REFERENCE, on=90), state=over)
    assert candidacy.waiting(done) == ()


def test_a_risk_assessment_that_is_no_longer_needed_does_not_expire() -> None:
    passed = run(candidacy, check(CheckKind.REFERENCE, on=50), state=risk_assessed())
    assert "expire-risk-assessment" not in candidacy.deadlines(passed)
    assert candidacy.decide(EXPIRE_RISK_ASSESSMENT, passed, NOW) == []


def test_an_unsatisfactory_check_is_not_covered_by_a_risk_assessment() -> None:
    failed = check(CheckKind.CRIMINAL_RECORD, outcome=CheckOutcome.UNSATISFACTORY)
    done = run(candidacy, *all_checks(), failed, state=a_candidacy(candidacy.MakeOffer))
    refused(checks.CheckFailed, replace(CLEAR, risk_assessed_until=day(90)), done)


def test_nobody_is_cleared_or_starts_on_a_day_before_their_checks_ended_well() -> None:
    late = [check(CheckKind.REFERENCE, on=50) if each.kind is CheckKind.REFERENCE else each for each in all_checks()]
    offered = run(candidacy, *late, state=a_candidacy(candidacy.MakeOffer))
    refused(checks.ChecksOutstanding, CLEAR, offered)
    assert candidacy.decide(replace(CLEAR, occurred_on=day(50)), offered, NOW)


def test_a_check_that_is_renewed_in_time_could_be_relied_on_before() -> None:
    first = check(CheckKind.IDENTITY, on=40, valid_until=day(70))
    ready = run(candidacy, first, AGREE_START, state=a_candidacy(clearance.Clear))
    renewed = run(candidacy, check(CheckKind.IDENTITY, on=65, valid_until=day(400)), state=ready)
    assert candidacy.decide(START, renewed, NOW)
    lapsed = run(candidacy, check(CheckKind.IDENTITY, on=75, valid_until=day(400)), state=ready)
    refused(checks.ChecksOutstanding, replace(START, occurred_on=day(72)), lapsed)


def test_a_right_to_work_that_ends_before_the_first_day_does_not_count() -> None:
    short = check(CheckKind.RIGHT_TO_WORK, on=41, valid_until=day(55))
    cleared = run(candidacy, *all_checks(), short, CLEAR, state=a_candidacy(candidacy.MakeOffer))
    refused(checks.ChecksOutstanding, AGREE_START, cleared)
    assert candidacy.deadlines(cleared)["expire-check:right-to-work:1"] == end_of(day(55))
    expired = run(candidacy, candidacy.due("expire-check:right-to-work:1", cleared), state=cleared)
    assert expired.check(CheckKind.RIGHT_TO_WORK, 1).status is CheckStatus.EXPIRED


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"level": DbsLevel.STANDARD}, checks.DbsNotLikeForLike),
        ({"workforce": DbsWorkforce.CHILD}, checks.DbsNotLikeForLike),
        ({"outcome": None}, checks.OutcomeMissing),
        ({"awaiting": Awaiting.CANDIDATE}, checks.OutcomeMissing),
        ({"status": CheckStatus.EXPIRED}, checks.CheckStatusByItself),
        ({"valid_until": day(39)}, checks.ValidityWithoutSuccess),
        ({"number": 2}, checks.CheckNotRequired),
    ],
)
def test_a_check_that_makes_no_sense_is_refused(changes: dict[str, Any], refusal: type[Refused]) -> None:
    refused(refusal, replace(check(CheckKind.CRIMINAL_RECORD), **changes), a_candidacy(candidacy.MakeOffer))


def test_a_dbs_level_that_the_role_is_not_eligible_for_is_refused() -> None:
    role = a_role(duties=Duties.ACCESS_TO_PATIENTS, dbs_level=DbsLevel.STANDARD, dbs_workforce=None)
    porter = run(candidacy, replace(APPLY, vacancy=a_vacancy(role=role)), SHORTLIST, INTERVIEW, OFFER)
    asked = check(CheckKind.CRIMINAL_RECORD, level=DbsLevel.ENHANCED)
    refused(checks.DbsNotEligible, asked, porter)


def test_the_interview_scores_each_of_the_six_values_once() -> None:
    shortlisted = a_candidacy(candidacy.Shortlist)
    refused(interview.ValuesMissing, replace(INTERVIEW, scores=(*scores()[:5], scores()[0])), shortlisted)


def test_who_did_not_pass_is_offered_nothing() -> None:
    failed = replace(INTERVIEW, outcome=ValuesOutcome.NOT_PASSED)
    interviewed = run(candidacy, failed, state=a_candidacy(candidacy.Shortlist))
    refused(candidacy.ValuesNotPassed, OFFER, interviewed)
    assert interviewed.values_valid_until is None


def test_a_values_pass_lasts_a_year_also_from_29_february() -> None:
    applied = run(candidacy, APPLY, SHORTLIST)
    (said,) = candidacy.decide(replace(INTERVIEW, occurred_on=date(2024, 2, 29)), applied, NOW)
    assert isinstance(said, ValuesInterviewCompleted)
    assert said.valid_until == date(2025, 2, 28)


def test_a_values_pass_is_accepted_in_date_of_the_same_person_and_where_the_employer_wants_it() -> None:
    shortlisted = a_candidacy(candidacy.Shortlist)
    assert run(candidacy, ACCEPT_PASS, state=shortlisted).status == "interviewed"
    refused(interview.PassOutOfDate, replace(ACCEPT_PASS, occurred_on=day(381)), shortlisted)
    refused(interview.PassOutOfDate, replace(ACCEPT_PASS, values_pass=None), shortlisted)
    of_another = changed(A_PASS, person_id=ENGAGEMENT)
    refused(interview.PassOutOfDate, replace(ACCEPT_PASS, values_pass=of_another), shortlisted)
    own = run(candidacy, replace(APPLY, vacancy=a_vacancy(accepts_values_pass=False)), SHORTLIST)
    refused(interview.PassNotAccepted, ACCEPT_PASS, own)


def test_an_application_meets_a_vacancy_that_was_open_and_an_engagement_that_is() -> None:
    refused(candidacy.VacancyNotOpen, replace(APPLY, vacancy=run(vacancy, DRAFT)), None)
    closed = run(engagement, REGISTER, replace(CLOSE_ENGAGEMENT, occurred_on=day(20)))
    refused(candidacy.EngagementClosed, replace(APPLY, engagement=closed, occurred_on=day(21)), None)
    assert candidacy.decide(replace(APPLY, engagement=closed, occurred_on=day(20)), None, NOW)


def test_no_offer_is_made_when_every_post_is_filled() -> None:
    full = run(vacancy, FILL_POST, state=a_vacancy())
    refused(NoPostLeft, replace(OFFER, vacancy=full), a_candidacy(interview.RecordValuesInterview))


def test_a_redirection_needs_a_permission_that_covers_it_on_that_day() -> None:
    applied = a_candidacy(candidacy.Apply)
    refused(redirection.NotPermitted, replace(REDIRECT, permission=None), applied)
    refused(redirection.NotPermitted, replace(REDIRECT, occurred_on=day(301)), applied)
    wider = replace(REDIRECT, to=RedirectedTo.WIDER_WEST_YORKSHIRE, programme=None)
    refused(redirection.NotPermitted, wider, applied)
    employer = replace(
        REDIRECT, to=RedirectedTo.EMPLOYER, programme=None, to_candidacy_id=OTHER_CANDIDACY, to_employer=HOSPITALS
    )
    refused(redirection.RedirectionIncomplete, employer, applied)
    (said,) = candidacy.decide(replace(employer, to_employer=COUNCIL), applied, NOW)
    assert isinstance(said, CandidateRedirected)
    assert (said.stage, said.to_employer) == ("applied", COUNCIL)


@pytest.mark.parametrize(
    "more",
    [{"to_candidacy_id": OTHER_CANDIDACY, "to_employer": COUNCIL}, {"programme": None}],
    ids=["a vacancy", "nowhere"],
)
def test_a_permission_for_programmes_passes_nobody_on_to_an_employer(more: dict[str, Any]) -> None:
    refused(redirection.RedirectionIncomplete, replace(REDIRECT, **more), a_candidacy(candidacy.Apply))


def test_a_placement_is_sustained_at_4_13_26_and_52_weeks() -> None:
    started = a_candidacy()
    assert candidacy.deadlines(started) == {
        f"sustain:{weeks}": start_of(day(60) + timedelta(weeks=weeks)) for weeks in (4, 13, 26, 52)
    }
    (said,) = candidacy.decide(candidacy.due("sustain:13", started), started, NOW)
    assert isinstance(said, PlacementSustained)
    assert (said.weeks, said.occurred_on) == (13, day(60) + timedelta(weeks=13))


def test_a_placement_is_not_sustained_before_its_weeks_are_over() -> None:
    started = a_candidacy()
    reached = start_of(day(60) + timedelta(weeks=4))
    with pytest.raises(placement.NotACheckpoint):
        candidacy.decide(SUSTAIN, started, reached - timedelta(seconds=1))
    assert candidacy.decide(SUSTAIN, started, reached)


def test_the_days_of_a_break_do_not_count_and_more_than_28_end_the_placement() -> None:
    left = run(candidacy, LEAVE, state=a_candidacy())
    back = run(candidacy, RETURN, state=left)
    assert back.checkpoint(4) == day(60 + 28)
    assert back.checkpoint(13) == day(60 + 91 + 10)
    refused(placement.BreakTooLong, replace(RETURN, occurred_on=day(130)), left)
    refused(placement.BreakTooLong, replace(RETURN, occurred_on=day(101)), left)
    assert run(candidacy, replace(RETURN, occurred_on=day(129)), state=left).status == "started"


def test_what_was_reached_before_leaving_is_still_said_and_nothing_after_it() -> None:
    left = run(candidacy, LEAVE, state=a_candidacy())
    assert set(candidacy.deadlines(left)) == {"sustain:4"}
    refused(NotInThisState, candidacy.Sustain(weeks=13), left)


def test_a_second_word_on_a_start_or_a_last_day_is_refused_where_it_says_another_thing() -> None:
    started = a_candidacy()
    assert candidacy.decide(START, started, NOW) == []
    refused(NotInThisState, replace(START, prior_employment=PriorEmployment.LEEDS_HEALTH_CARE), started)
    left = run(candidacy, LEAVE, state=started)
    assert candidacy.decide(LEAVE, left, NOW) == []
    refused(NotInThisState, replace(LEAVE, occurred_on=day(90)), left)


@pytest.mark.parametrize("agreed", [clearance.Clear, candidacy.AgreeStart], ids=["first", "anew"])
def test_a_first_day_lies_not_before_the_day_on_which_it_is_agreed(agreed: type[Command]) -> None:
    late = replace(AGREE_START, occurred_on=day(50), start_on=day(49))
    refused(candidacy.StartBeforeAgreement, late, a_candidacy(agreed))
    assert candidacy.decide(replace(late, start_on=day(50)), a_candidacy(agreed), NOW)


def test_the_days_of_a_break_are_those_between_the_days_that_are_said() -> None:
    left = run(candidacy, replace(LEAVE, occurred_on=day(95)), state=a_candidacy())
    (resumed,) = candidacy.decide(RETURN, left, NOW)
    with pytest.raises(CannotFollow):
        candidacy.evolve(run(candidacy, LEAVE, state=a_candidacy()), resumed)


def test_nobody_leaves_before_a_day_on_which_they_are_said_to_be_in_post() -> None:
    sustained = run(candidacy, candidacy.Sustain(weeks=13), state=a_candidacy())
    refused(placement.SustainedSince, LEAVE, sustained)


@pytest.mark.parametrize(
    ("occurred_on", "now", "refusal"),
    [
        # 23:30 UTC on 30 June is half past midnight on 1 July in Leeds
        (date(2023, 7, 1), datetime(2023, 6, 30, 23, 30, tzinfo=UTC), None),
        (date(2023, 7, 2), datetime(2023, 6, 30, 23, 30, tzinfo=UTC), InTheFuture),
        (date(2024, 1, 1), datetime(2023, 12, 31, 23, 30, tzinfo=UTC), InTheFuture),
        # the clocks change on 26 March 2023 at 1:00 and on 29 October 2023 at 1:00 UTC
        (date(2023, 3, 26), datetime(2023, 3, 25, 23, 59, tzinfo=UTC), InTheFuture),
        (date(2023, 3, 27), datetime(2023, 3, 26, 23, 0, tzinfo=UTC), None),
        (date(2023, 10, 30), datetime(2023, 10, 29, 23, 59, tzinfo=UTC), InTheFuture),
        (date(2024, 2, 29), datetime(2024, 2, 29, 0, 0, tzinfo=UTC), None),
        (day(9), NOW, BeforeTheStepItFollows),
        (None, NOW, None),
    ],
)
def test_a_step_is_dated_in_leeds_not_in_the_future_and_not_before_the_step_it_follows(
    occurred_on: date | None, now: datetime, refusal: type[Refused] | None
) -> None:
    command = replace(SHORTLIST, occurred_on=occurred_on)
    applied = a_candidacy(candidacy.Apply)
    if refusal:
        with pytest.raises(refusal):
            candidacy.decide(command, applied, now)
    else:
        (said,) = candidacy.decide(command, applied, now)
        assert said.occurred_on == (occurred_on or date(2024, 6, 3))


@pytest.mark.parametrize(
    ("day_", "hours"), [(date(2023, 3, 26), 23), (date(2023, 10, 29), 25), (date(2024, 2, 29), 24)]
)
def test_a_day_is_over_at_midnight_in_leeds_also_when_the_clocks_change(day_: date, hours: int) -> None:
    assert end_of(day_) - start_of(day_) == timedelta(hours=hours)


@pytest.mark.parametrize("status", candidacy.Status)
def test_every_state_is_read_back_as_it_was_kept(status: candidacy.Status) -> None:
    state = lives()["candidacy"].states[status]
    assert candidacy.Candidacy.model_validate_json(state.model_dump_json()) == state


def test_a_fact_that_cannot_follow_is_an_error_and_never_passed_over() -> None:
    (placed,) = candidacy.decide(START, a_candidacy(candidacy.AgreeStart), NOW)
    with pytest.raises(CannotFollow):
        candidacy.evolve(a_candidacy(candidacy.Apply), placed)
