"""A vacancy: every status meets every command, and the rules that a table does not show."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from schemas.talent_pipeline import DbsLevel, Duties, Regulator, Role, SectorRules
from talent_pipeline.domain import checks, vacancy
from talent_pipeline.testing import (
    ADVERTISE,
    AUTHORISE,
    CLOSE_VACANCY,
    DRAFT,
    FILL_POST,
    NOW,
    OTHER_CANDIDACY,
    RELEASE_POST,
    WITHDRAW_VACANCY,
    a_role,
    a_vacancy,
    cells,
    day,
    outcome,
    run,
)

LIFE: dict[str | None, dict[str, str]] = {
    None: {"Draft": "draft"},
    "draft": {"Authorise": "authorised", "Withdraw": "withdrawn"},
    "authorised": {
        "Authorise": "authorised", "Advertise": "advertised", "Withdraw": "withdrawn", "FillPost": "filled",
    },
    "advertised": {"Advertise": "advertised", "Close": "closed", "Withdraw": "withdrawn", "FillPost": "filled"},
    "closed": {
        "Advertise": "advertised", "Close": "closed", "Conclude": "unfilled", "Withdraw": "withdrawn",
        "FillPost": "filled",
    },
    "filled": {"Conclude": "filled", "FillPost": "NoPostLeft"},
    "part-filled": {
        "Advertise": "advertised", "Conclude": "part-filled", "FillPost": "part-filled", "ReleasePost": "unfilled",
    },
    "unfilled": {"Advertise": "advertised", "Conclude": "unfilled", "FillPost": "filled"},
    "withdrawn": {"Withdraw": "withdrawn", "FillPost": "filled"},
}  # fmt: skip
"""What comes of each command by status; what is not named is refused: NotInThisState, or NotFound before there is one.
A cell that keeps its status says nothing; NOTED: the status stays, and something is said.
Filled: its one post was filled by another candidacy. Part-filled: one of two.
"""


@pytest.mark.parametrize(("status", "command"), list(cells("vacancy")))
def test_every_status_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome("vacancy", status, command) == LIFE[status].get(command, unnamed)


def test_the_table_names_every_status_and_every_command() -> None:
    assert set(LIFE) == {None, *vacancy.Status}
    assert {command for row in LIFE.values() for command in row} == {kind.__name__ for kind in vacancy.COMMANDS}


def kinds(role: Role) -> list[tuple[str, int]]:
    return [(check.kind.value, check.number) for check in checks.required_checks(role)]


def test_the_checks_follow_the_role_and_the_employer() -> None:
    common = [("identity", 1), ("right-to-work", 1)]
    registered = a_role(regulator=Regulator.NMC, qualification_needed=True)
    care = a_role(sector_rules=SectorRules.CQC_SCHEDULE_3, staff_group=None)
    office = a_role(
        sector_rules=SectorRules.EMPLOYER_POLICY, duties=Duties.NO_CONTACT, dbs_level=DbsLevel.NONE, dbs_workforce=None
    )
    history = [("employment-history", 1), ("reference", 1)]
    assert kinds(registered) == [
        *common, ("professional-registration", 1), ("qualifications", 1), *history, ("work-health", 1), ("criminal-record", 1),
    ]  # fmt: skip
    assert kinds(care) == [*common, *history, ("reference", 2), ("work-health", 1), ("criminal-record", 1)]
    assert kinds(office) == [*common, ("reference", 1)]


@pytest.mark.parametrize(
    ("duties", "highest"),
    [(duties, checks.HIGHEST_DBS[duties]) for duties in Duties if duties is not Duties.REGULATED_ACTIVITY],
)
def test_a_dbs_level_above_what_the_duties_allow_is_refused(duties: Duties, highest: DbsLevel) -> None:
    above = checks.LADDER[checks.LADDER.index(highest) + 1]
    run(vacancy, replace(DRAFT, role=a_role(duties=duties, dbs_level=highest)))
    with pytest.raises(checks.DbsNotEligible):
        run(vacancy, replace(DRAFT, role=a_role(duties=duties, dbs_level=above)))


def test_an_enhanced_check_is_made_for_a_workforce() -> None:
    with pytest.raises(checks.DbsWorkforceMissing):
        run(vacancy, replace(DRAFT, role=a_role(dbs_workforce=None)))


def test_the_last_post_filled_concludes_the_vacancy() -> None:
    facts = vacancy.decide(FILL_POST, a_vacancy(), NOW)
    assert [type(fact).__name__ for fact in facts] == ["PostFilled", "VacancyConcluded"]


def test_whoever_was_offered_a_post_before_the_vacancy_was_withdrawn_may_start_in_it() -> None:
    withdrawn = run(vacancy, WITHDRAW_VACANCY, state=a_vacancy(posts=2))
    assert not withdrawn.has_post_left
    one = run(vacancy, FILL_POST, state=withdrawn)
    assert (one.status, one.filled) == ("withdrawn", 1)
    both = run(vacancy, replace(FILL_POST, candidacy_id=OTHER_CANDIDACY), state=one)
    assert both.status == "filled"
    assert run(vacancy, RELEASE_POST, state=both).status == "withdrawn"


def test_a_vacancy_of_several_posts_is_filled_one_by_one() -> None:
    one = run(vacancy, FILL_POST, state=a_vacancy(posts=2))
    assert (one.status, one.filled, one.has_post_left) == ("advertised", 1, True)
    assert vacancy.decide(FILL_POST, one, NOW) == []


def test_a_post_whose_start_was_taken_back_is_free_again() -> None:
    filled = run(vacancy, FILL_POST, state=a_vacancy())
    released = run(vacancy, RELEASE_POST, state=filled)
    assert (released.status, released.has_post_left) == ("closed", True)


def test_an_application_may_be_entered_late_as_long_as_it_was_advertised_that_day() -> None:
    closed = run(vacancy, CLOSE_VACANCY, state=a_vacancy())
    assert [closed.took_applications_on(day(number)) for number in (1, 2, 60, 61)] == [False, True, True, False]


def test_no_application_is_taken_of_a_day_between_two_advertisements() -> None:
    again = run(vacancy, CLOSE_VACANCY, replace(ADVERTISE, occurred_on=day(100)), state=a_vacancy())
    assert [again.took_applications_on(day(number)) for number in (60, 61, 99, 100)] == [True, False, False, True]


def test_it_closes_by_itself_when_its_last_day_is_over_in_leeds() -> None:
    summer = run(vacancy, replace(ADVERTISE, closes_on=date(2023, 7, 31)), state=run(vacancy, DRAFT, AUTHORISE))
    assert vacancy.deadlines(summer) == {"close": datetime(2023, 7, 31, 23, tzinfo=UTC)}
