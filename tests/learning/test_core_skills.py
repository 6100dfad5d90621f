"""Core skills: refresher periods, records, what hosts make of them: every status meets every command, and the rules beside it."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from kit.errors import Refused
from kit.step import months_later
from kit.testing.lives import NOTED
from learning.domain import competence, core_skills, refresher
from learning.domain.core_skills import Equivalence, Rule, counts_for, expiry, read_esr
from learning.domain.reference import FRAMEWORKS
from learning.testing import (
    CHANGE,
    COUNCIL,
    END,
    FIRE,
    HOSPICE,
    HOSPITALS,
    JUDGE,
    MEET_TOP_UP,
    NOW,
    RAISE_EXPIRY,
    RECORD,
    REJECT,
    RENEW,
    RULE,
    SET,
    a_competence,
    a_refresher,
    cells,
    day,
    outcome,
    run,
)
from schemas.learning import (
    CompetenceExpiring,
    Ground,
    LearningWaived,
    PortabilityRejected,
    Rejection,
    Skill,
    Subject,
    TopUpAsked,
)

LIFE: dict[str, dict[str | None, dict[str, str]]] = {
    "refresher": {
        None: {"Set": "standing"},
        "standing": {"Change": NOTED, "End": "ended"},
        "ended": {"End": "ended"},
    },
    "competence": {
        None: {"Record": "current"},
        "current": {
            "Judge": NOTED, "MeetTopUp": "NoTopUpAsked", "Reject": NOTED, "Renew": "renewed", "RaiseExpiry": "expiring",
        },
        "expiring": {
            "Judge": NOTED, "MeetTopUp": "NoTopUpAsked", "Reject": NOTED, "Renew": "renewed", "RaiseExpiry": "expiring",
        },
        "renewed": {"Renew": "renewed", "RaiseExpiry": "renewed"},
    },
}  # fmt: skip
"""As in test_cohort."""

HOSTS = Rule(id=UUID(int=0x4001), version=1, months=12)
"""The stricter period of a host."""
RESUSCITATION = Skill(framework=FIRE.framework, subject=Subject.RESUSCITATION, level=3)


@pytest.mark.parametrize(("aggregate", "status", "command"), [(each, *cell) for each in LIFE for cell in cells(each)])
def test_every_status_meets_every_command(aggregate: str, status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome(aggregate, status, command) == LIFE[aggregate][status].get(command, unnamed)


@pytest.mark.parametrize(("aggregate", "machine"), [("refresher", refresher), ("competence", competence)])
def test_the_table_names_every_status_and_every_command(aggregate: str, machine: Any) -> None:
    assert set(LIFE[aggregate]) == {None, *machine.Status}
    assert {name for row in LIFE[aggregate].values() for name in row} == {kind.__name__ for kind in machine.COMMANDS}


def refused(machine: Any, refusal: type[Refused], command: Any, state: Any) -> Refused:
    with pytest.raises(refusal) as error:
        machine.decide(command, state, NOW)
    return error.value


# Refresher periods -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "months"), [(-1, None), (0, 24), (119, 24), (120, 12), (210, 12), (211, None)]
)  # fmt: skip
def test_training_is_judged_by_the_version_in_force_on_the_day_of_its_completion(on: int, months: int | None) -> None:
    found = a_refresher(CHANGE, END).at(day(on))
    assert (None if found is None else found.months) == months


OWN = replace(
    SET, organisation=COUNCIL, months=12, until=day(300), everybodys=a_refresher(), reason="inspection-finding"
)


def test_an_employers_own_period_is_stricter_and_has_an_end() -> None:
    assert run(refresher, OWN).periods[0].until == day(300)
    refused(refresher, refresher.EndMissing, replace(OWN, until=None), None)
    refused(refresher, refresher.EndMissing, replace(OWN, until=day(-1)), None)
    refused(refresher, refresher.NotStricter, replace(OWN, months=24), None)
    refused(refresher, refresher.NotStricter, replace(OWN, months=None), None)
    refused(refresher, refresher.EndMissing, replace(SET, until=day(300)), None)
    assert run(refresher, OWN).at(day(301)) is None


def test_a_version_is_later_than_the_one_before() -> None:
    refused(refresher, refresher.BeforeTheVersionBefore, replace(CHANGE, in_force_from=day(0)), a_refresher())


@pytest.mark.parametrize(
    ("completed", "months", "last"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 8, 31), 6, date(2025, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2024, 12, 15), 1, date(2025, 1, 15)),
        (date(2024, 1, 31), 36, date(2027, 1, 31)),
    ],
)
def test_months_are_of_the_calendar(completed: date, months: int, last: date) -> None:
    assert months_later(completed, months) == last


def test_the_earliest_rule_gives_the_expiry_and_is_named() -> None:
    strict = Rule(id=HOSTS.id, version=3, months=12)
    ends = expiry(day(0), (RULE, strict))
    assert (ends.on, ends.rule_id, ends.rule_version) == (months_later(day(0), 12), strict.id, 3)
    said = expiry(day(0), (RULE, strict), day(100))
    assert (said.on, said.rule_id) == (day(100), None)
    once = Rule(id=HOSTS.id, version=1, months=None)
    assert (expiry(day(0), (once,)).on, expiry(day(0), (once,)).rule_id) == (None, once.id)
    assert expiry(day(0), ()).on is None


# Portability -----------------------------------------------------------------------------------------------------------


def judged(command: competence.Judge, **record: Any) -> Any:
    (fact,) = competence.decide(command, a_competence(**record), NOW)
    return fact


def test_what_is_accepted_is_waived_on_the_recorded_ground_with_the_day_and_the_rule_that_gave_it() -> None:
    fact = judged(replace(JUDGE, rules=(HOSTS,)))
    assert isinstance(fact, LearningWaived)
    assert (fact.ground, fact.saved_pence, fact.top_up) == (Ground.ALIGNMENT, 14_300, None)
    assert (fact.valid_until, fact.rule_id) == (months_later(day(20), 12), HOSTS.id)


@pytest.mark.parametrize(
    ("command", "record", "reason"),
    [
        (
            replace(JUDGE, skill=Skill(framework="cstf-england-1-0", subject=FIRE.subject, level=1)),
            {},
            Rejection.ANOTHER_FRAMEWORK,
        ),
        (
            replace(JUDGE, skill=Skill(framework=FIRE.framework, subject=FIRE.subject, level=2)),
            {},
            Rejection.LEVEL_NOT_EQUIVALENT,
        ),
        (JUDGE, {"aligned": False}, Rejection.NOT_ALIGNED),
        (JUDGE, {"said": day(39)}, Rejection.OUT_OF_DATE),
        (replace(JUDGE, occurred_on=day(420), rules=(HOSTS,)), {}, Rejection.OUT_OF_DATE),
    ],
)
def test_what_is_not_accepted_says_why(command: competence.Judge, record: dict[str, Any], reason: Rejection) -> None:
    fact = judged(command, **record)
    assert isinstance(fact, PortabilityRejected)
    assert fact.reason is reason


def test_on_its_last_day_a_record_still_counts() -> None:
    assert isinstance(judged(JUDGE, said=day(40)), LearningWaived)


@pytest.mark.parametrize("ground", Ground)
def test_each_ground_is_recorded_and_alignment_alone_needs_alignment(ground: Ground) -> None:
    accepted = judged(replace(JUDGE, ground=ground), aligned=ground is Ground.ALIGNMENT)
    assert isinstance(accepted, LearningWaived)
    assert accepted.ground is ground


def test_a_higher_level_is_not_everywhere_the_lower_one_and_then_a_part_is_done_with_the_host() -> None:
    needs = replace(JUDGE, skill=Skill(framework=FIRE.framework, subject=Subject.RESUSCITATION, level=2))
    asked = judged(needs, skill=RESUSCITATION)
    assert isinstance(asked, TopUpAsked)
    state = a_competence(needs, skill=RESUSCITATION)
    (waived,) = competence.decide(MEET_TOP_UP, state, NOW)
    assert isinstance(waived, LearningWaived)
    assert (waived.top_up, waived.required_level, waived.ground) == (asked.top_up, 2, asked.ground)
    met = competence.evolve(state, waived)
    assert competence.decide(MEET_TOP_UP, met, NOW) == []
    assert competence.decide(needs, met, NOW) == []


def test_a_judgement_that_is_asked_for_again_is_already_so_and_another_one_is_said() -> None:
    state = a_competence(JUDGE)
    assert competence.decide(replace(JUDGE, occurred_on=day(60)), state, NOW) == []
    (fact,) = competence.decide(replace(REJECT, host=HOSPICE), state, NOW)
    rejected = competence.evolve(state, fact)
    assert [each.outcome for each in rejected.judgements] == ["rejected"]
    assert competence.decide(replace(REJECT, host=HOSPICE, occurred_on=day(70)), rejected, NOW) == []


def test_a_part_that_was_done_after_the_training_ran_out_saves_nothing() -> None:
    needs = replace(JUDGE, skill=RESUSCITATION.model_copy(update={"level": 2}))
    asked = a_competence(needs, skill=RESUSCITATION, said=day(60))
    (met,) = competence.decide(replace(MEET_TOP_UP, occurred_on=day(60), rules=()), asked, NOW)
    assert isinstance(met, LearningWaived)
    (late,) = competence.decide(replace(MEET_TOP_UP, occurred_on=day(61), rules=()), asked, NOW)
    assert isinstance(late, PortabilityRejected)
    assert late.reason is Rejection.OUT_OF_DATE


def test_a_host_judges_what_it_did_not_give_and_of_the_same_subject() -> None:
    for own in (replace(JUDGE, host=HOSPITALS), replace(REJECT, host=HOSPITALS)):
        refused(competence, competence.OnesOwnRecord, own, a_competence())
    refused(competence, competence.AnotherSubject, replace(JUDGE, skill=RESUSCITATION), a_competence())


@pytest.mark.parametrize(
    ("subject", "held", "needed", "counts"),
    [
        (Subject.SAFEGUARDING_ADULTS, 3, 2, Equivalence.FULL),
        (Subject.SAFEGUARDING_ADULTS, 1, 2, None),
        (Subject.RESUSCITATION, 3, 2, Equivalence.TOP_UP),
        (Subject.RESUSCITATION, 4, 3, None),
        (Subject.MOVING_AND_HANDLING, 2, 2, Equivalence.TOP_UP),
        (Subject.MOVING_AND_HANDLING, 2, 1, Equivalence.FULL),
    ],
)
def test_what_counts_for_what_is_a_table(subject: Subject, held: int, needed: int, counts: Equivalence | None) -> None:
    assert counts_for(subject, held, needed) is counts


# Running out -----------------------------------------------------------------------------------------------------------


def test_that_training_runs_out_is_raised_before_and_once() -> None:
    state = a_competence()
    assert state.expires_on is not None
    (moment,) = competence.deadlines(state).values()
    assert moment.date() < state.expires_on
    (fact,) = competence.decide(RAISE_EXPIRY, state, NOW)
    assert isinstance(fact, CompetenceExpiring)
    assert fact.occurred_on == state.expires_on - competence.RAISED_BEFORE
    raised = competence.evolve(state, fact)
    assert competence.decide(RAISE_EXPIRY, raised, NOW) == []
    assert [each.why for each in competence.waiting(raised)] == ["refresh"]
    assert competence.waiting(competence.evolve(raised, competence.decide(RENEW, raised, NOW)[0])) == ()
    assert competence.deadlines(a_competence(RENEW)) == {}


def test_training_runs_out_after_it_was_completed() -> None:
    refused(competence, competence.SaidBeforeCompletion, replace(RECORD, said=day(20)), None)


# The names that ESR gives ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "subject", "level", "months"),
    [
        ("NHS|CSTF|Fire Safety - 2 Years|", Subject.FIRE_SAFETY, 1, 24),
        ("NHS|CSTF|Information Governance and Data Security - 1 Year|", Subject.INFORMATION_GOVERNANCE_AND_DATA_SECURITY, 1, 12),
        ("NHS|CSTF|Safeguarding Adults - Level 2 - 3 Years|", Subject.SAFEGUARDING_ADULTS, 2, 36),
        ("NHS|CSTF|Equality, Diversity and Human Rights - 3 Years|", Subject.EQUALITY_DIVERSITY_AND_HUMAN_RIGHTS, 1, 36),
        ("NHS|MANDATORY|Moving and Handling - Level 1|", Subject.MOVING_AND_HANDLING, 1, None),
        ("457|LOCAL|Resuscitation Level 2 - 1 Year|", Subject.RESUSCITATION, 2, 12),
    ],
)  # fmt: skip
def test_a_competences_name_in_esr_says_subject_level_and_period(
    name: str, subject: Subject, level: int, months: int | None
) -> None:
    found = read_esr(name, day(20))
    assert (found.skill.subject, found.skill.level, found.months) == (subject, level, months)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Fire Safety",
        "NHS|CSTF|Fire Safety - 2 Years",
        "NHS|CSTF|Basket Weaving - 2 Years|",
        "NHS|XX|Fire Safety|",
        "NHS|CSTF|Fire Safety - 0 Years|",
        "NHS|CSTF|Fire Safety - 99 Years|",
    ],
)
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(core_skills.NotACompetence):
        read_esr(name, day(20))


@pytest.mark.parametrize(
    ("completed_on", "version"),
    [
        (date(2013, 3, 1), "cstf-uk-1-0"),
        (date(2016, 2, 29), "cstf-uk-1-2"),
        (date(2016, 3, 1), "cstf-uk-1-3"),
        (date(2019, 12, 31), "cstf-uk-1-5"),
        (date(2020, 1, 1), "cstf-england-1-0"),
        (date(2020, 12, 31), "cstf-england-1-0"),
        (date(2021, 1, 1), "cstf-england-1-1"),
        (date(2040, 1, 1), "cstf-england-1-1"),
    ],
)
def test_a_name_in_esr_means_the_version_of_the_framework_that_held_on_the_day(
    completed_on: date, version: str
) -> None:
    assert read_esr("NHS|CSTF|Fire Safety - 2 Years|", completed_on).skill.framework == version


def test_a_version_holds_from_its_day_on_and_none_held_before_the_first() -> None:
    assert [each.from_day for each in FRAMEWORKS] == sorted({each.from_day for each in FRAMEWORKS})
    assert len({each.framework for each in FRAMEWORKS}) == len(FRAMEWORKS)
    with pytest.raises(core_skills.BeforeTheFramework):
        read_esr("NHS|CSTF|Fire Safety - 2 Years|", date(2013, 2, 28))
