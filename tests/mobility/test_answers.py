"""What a move waits for and may never get: raised to who can ask or do without, and gone when it comes, however late."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from kit.database import Database
from kit.step import Command, end_of
from kit.testing.persons import somebody
from mobility.domain import answers, deployment, statement
from mobility.domain.answers import STATEMENTS, TABLE, Chase, SettleAnswer
from mobility.domain.deployment import Deployment
from mobility.testing import (
    AGREE,
    AGREE_STATEMENT,
    AUTHORISE_HOME,
    AUTHORISE_HOST,
    COMPLETE,
    DISPUTE,
    GIVE_PACK,
    HOSPICE,
    HOSPITALS,
    INDUCT,
    ISSUE,
    MATCH,
    NOW,
    PROPOSE,
    RECORD,
    SETTLE,
    SETTLE_ANSWER,
    START,
    STARTED,
    VERIFIED,
    VERIFY,
    WITHDRAW_AGREEMENT,
    a_move,
    day,
    run,
)
from schemas import learning
from schemas.mobility import Awaited, Basis, StatementAwaited
from schemas.values import Sector, business_date

from .acts import STEPS, a_proposal, both_signed, brought_to, on
from .test_api import fire_all, types_of
from .test_reactions import Bus
from .test_statement import hours

As = Callable[..., Any]
AUTHORISED, INDUCTED = STARTED[:6], STARTED[:7]
MONDAY = day(40 - day(40).weekday())


@pytest.fixture
def bus(database: Database) -> Bus:
    return Bus(database)


def raised(move: Deployment) -> list[tuple[str, str]]:
    """Who is told of what."""
    return [(waits.who, waits.why) for waits in deployment.waiting(move) if waits.why.endswith("-overdue")]


# The table -------------------------------------------------------------------------------------------------------------

NEVER_CAME: dict[Awaited, tuple[tuple[Command, ...], int, Command | None]] = {
    Awaited.TAKING_UP: ((PROPOSE,), 24 + 7, MATCH),
    Awaited.AGREEMENT: ((PROPOSE, MATCH), 25 + 7, AGREE),
    Awaited.CHECKS: ((PROPOSE, MATCH, AGREE), 26 + 5, VERIFY),
    Awaited.HOME_AUTHORISATION: (VERIFIED, 28 + 5, AUTHORISE_HOME),
    Awaited.HOST_AUTHORISATION: (VERIFIED, 28 + 5, AUTHORISE_HOST),
    Awaited.FIRST_DAY_PACK: (AUTHORISED, 40 - 4, GIVE_PACK),
    Awaited.INDUCTION: (AUTHORISED, 40 - 3, INDUCT),
    Awaited.START: (INDUCTED, 40 + 2, START),
    Awaited.LOCAL_INDUCTION: (STARTED, 40 + 1, SETTLE_ANSWER),
}
"""By answer: the steps after which it is asked for, the last day on which it comes in time, and the step that gives it."""


def test_every_answer_has_one_line_a_reason_and_somebody_who_is_told() -> None:
    assert [line.answer for line in TABLE] == list(Awaited)
    assert all(line.reason and line.days and line.told in ("home", "host", "coordinator") for line in TABLE)
    assert set(NEVER_CAME) | {Awaited.HOURS} == set(Awaited)
    assert [line.answer for line in STATEMENTS] == list(StatementAwaited)
    assert all(line.reason and line.days and line.told != line.whose for line in STATEMENTS)


@pytest.mark.parametrize("answer", NEVER_CAME)
def test_an_answer_that_does_not_come_is_raised_when_its_time_is_over_and_gone_when_it_comes_late(
    answer: Awaited,
) -> None:
    steps, last, step = NEVER_CAME[answer]
    move = a_move(*steps)
    due = end_of(day(last))
    assert deployment.deadlines(move)[f"overdue-{answer}"] == due
    chase = deployment.due(f"overdue-{answer}", move)
    assert deployment.decide(chase, move, due - timedelta(seconds=1)) == []
    late = run(deployment, chase, state=move, now=due)
    line = answers.BY_ANSWER[answer]
    assert raised(late) == [(line.told, f"{answer}-overdue")]
    assert f"overdue-{answer}" not in deployment.deadlines(late)
    assert deployment.decide(chase, late, NOW) == []
    assert step is not None
    came = run(deployment, replace(step, occurred_on=max(day(last + 1), move.since)), state=late)
    assert raised(came) == []
    assert answers.awaited(came, answer) is None


@pytest.mark.parametrize("answer", NEVER_CAME)
def test_who_was_told_may_still_give_the_step_as_of_an_earlier_day(answer: Awaited) -> None:
    steps, _, step = NEVER_CAME[answer]
    late = run(deployment, Chase(answer=answer), state=a_move(*steps))
    assert step is not None
    assert deployment.decide(step, late, NOW)


def test_who_no_longer_agrees_is_asked_anew_and_has_the_whole_time_again() -> None:
    late = run(deployment, Chase(answer=Awaited.AGREEMENT), AGREE, WITHDRAW_AGREEMENT, state=a_move(PROPOSE, MATCH))
    assert raised(late) == []
    assert deployment.deadlines(late)["overdue-agreement"] == end_of(day(32 + 7))


def test_with_bank_the_engager_checks_so_the_list_names_the_host() -> None:
    lent, engaged = (a_move(replace(PROPOSE, basis=basis), MATCH, AGREE) for basis in (PROPOSE.basis, Basis.BANK))
    assert [{w.who for w in deployment.waiting(move)} for move in (lent, engaged)] == [{"home"}, {"host"}]


def test_only_what_no_step_answers_is_settled_and_only_while_it_is_awaited() -> None:
    with pytest.raises(answers.ItsOwnStepAnswers):
        deployment.decide(SettleAnswer(answer=Awaited.START, reason="x"), a_move(), NOW)
    for move in (a_move(*STARTED, SETTLE_ANSWER), a_move(*STARTED, COMPLETE)):
        with pytest.raises(answers.NothingIsAwaited):
            deployment.decide(SETTLE_ANSWER, move, NOW)
    with pytest.raises(answers.NothingIsAwaited):
        deployment.decide(SettleAnswer(answer=Awaited.HOURS, week=MONDAY, reason="not-worked"), a_move(), NOW)


def test_hours_are_due_a_week_after_each_week_in_which_a_shift_lies_also_when_the_move_has_ended() -> None:
    for move in (a_move(), a_move(*STARTED, COMPLETE)):
        found = answers.weeks(move)
        assert (found[0], found[-1]) == (MONDAY, day(110 - day(110).weekday()))
        assert deployment.deadlines(move)["overdue-hours-0"] == end_of(MONDAY + timedelta(days=6 + 7))
    sunday = MONDAY + timedelta(days=6)
    starts = replace(START, occurred_on=sunday)
    assert sunday not in answers.weeks(a_move(*STARTED[:7], starts))
    assert answers.weeks(a_move(*STARTED[:7], starts))[0] == sunday + timedelta(days=1)


def test_weeks_without_hours_are_one_row_from_the_first_of_them_and_each_is_settled_by_itself() -> None:
    second = MONDAY + timedelta(days=7)
    weeks = [Chase(answer=Awaited.HOURS, week=monday) for monday in (MONDAY, second)]
    late = run(deployment, *weeks, state=a_move())
    (row,) = (waits for waits in deployment.waiting(late) if waits.who == "home")
    assert (row.why, row.since) == ("hours-overdue", MONDAY)
    for monday, left in ((MONDAY, [second]), (second, [])):
        late = run(deployment, SettleAnswer(answer=Awaited.HOURS, week=monday, reason="on-leave"), state=late)
        assert [asked.since for asked in late.awaits if asked.answer is Awaited.HOURS] == left


def test_hours_that_nobody_says_are_missing_are_not_raised() -> None:
    assert deployment.decide(deployment.due("overdue-hours-0", a_move()), a_move(), NOW) == []
    of_no_week = Chase(answer=Awaited.HOURS, week=MONDAY - timedelta(days=7))
    assert deployment.decide(of_no_week, a_move(), NOW) == []


STATEMENT_NEVER_CAME: dict[StatementAwaited, tuple[tuple[Command, ...], date, tuple[Command, ...]]] = {
    StatementAwaited.ISSUE: ((RECORD,), statement.next_month(day(50).replace(day=1)) + timedelta(days=14), (ISSUE,)),
    StatementAwaited.AGREEMENT: ((RECORD, ISSUE), day(70 + 30), (AGREE_STATEMENT,)),
    StatementAwaited.SETTLEMENT: ((RECORD, DISPUTE), day(61 + 30), (SETTLE, ISSUE)),
}
"""By answer: the steps after which it is asked for, the last day on which it comes in time, and the steps that give it."""


@pytest.mark.parametrize("answer", STATEMENT_NEVER_CAME)
def test_hours_that_are_never_charged_confirmed_or_settled_are_raised_to_the_other_side_or_a_coordinator(
    answer: StatementAwaited,
) -> None:
    steps, last, came = STATEMENT_NEVER_CAME[answer]
    held, line = run(statement, *steps), answers.BY_STATEMENT[answer]
    due = statement.deadlines(held)[f"overdue-{answer}"]
    assert due == end_of(last)
    chase = statement.due(f"overdue-{answer}", held)
    assert statement.decide(chase, held, due - timedelta(seconds=1)) == []
    late = run(statement, chase, state=held)
    assert {(waits.who, waits.why) for waits in statement.waiting(late)} == {
        (line.whose, line.why), (line.told, f"{answer}-overdue"),
    }  # fmt: skip
    assert (statement.deadlines(late), statement.decide(chase, late, NOW)) == ({}, [])
    assert not run(statement, *came, state=late).overdue


# As it happens ---------------------------------------------------------------------------------------------------------


async def a_deployment(client: Any, last: str | None = None, **changes: Any) -> str:
    await both_signed(client)
    move = str((await client.made("/deployments", a_proposal(str(somebody()), None, **changes)))["id"])
    if last is not None:
        await brought_to(client, move, last)
    return move


async def overdue(client: Any) -> list[str]:
    rows = (await client.get("/waiting")).json()["rows"]
    return [row["why"] for row in rows if row["why"].endswith("-overdue")]


def later(days: int = 1) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


async def test_nobody_is_told_of_a_move_that_is_only_just_being_entered(coordinator: Any, database: Database) -> None:
    move = await a_deployment(coordinator, "match")
    await fire_all(database)
    assert await overdue(coordinator) == []
    await fire_all(database, later())
    assert await overdue(coordinator) == ["agreement-overdue"]
    assert (await types_of(coordinator, f"/deployments/{move}"))[-1] == "answer-overdue"


async def test_who_is_told_finds_it_on_their_own_list_and_it_is_gone_when_it_comes(
    coordinator: Any, as_role: As, database: Database
) -> None:
    move = await a_deployment(coordinator, "verify-checks")
    home, host = as_role("partner", HOSPICE), as_role("partner", HOSPITALS)
    await fire_all(database, later())
    assert (await overdue(home), await overdue(host)) == (
        ["host-authorisation-overdue"],
        ["home-authorisation-overdue"],
    )
    (row,) = [row for row in (await home.get("/waiting", who="home")).json()["rows"] if "overdue" in row["why"]]
    assert (row["aggregate_id"], row["since"]) == (move, on(28))
    name, body = STEPS[3]
    await home.made(f"/deployments/{move}/{name}", body)
    assert (await overdue(home), await overdue(host)) == (["host-authorisation-overdue"], [])


async def test_a_step_that_is_voided_asks_again_and_what_had_been_raised_stays_so(
    coordinator: Any, database: Database
) -> None:
    move = await a_deployment(coordinator, "match")
    await fire_all(database, later())
    await coordinator.made(f"/deployments/{move}/agree", {"occurred_on": on(26)})
    lines = (await coordinator.get(f"/deployments/{move}/history")).json()["lines"]
    path = f"/deployments/{move}/facts/{lines[-1]['id']}"
    seen = []
    for correction in ("void", "restore"):
        await coordinator.made(f"{path}/{correction}", {"reason": "wrong-person"})
        seen.append(await overdue(coordinator))
    assert seen == [["agreement-overdue"], []]


# Learning answers ------------------------------------------------------------------------------------------------------


def enrolled(person: UUID, host: str = HOSPITALS) -> learning.LearnerEnrolled:
    return learning.LearnerEnrolled(
        occurred_on=day(40), category=learning.Category.INDUCTION, programme=learning.Programme.SHORT_COURSE,
        course_id=uuid4(), person_id=person, organisation=host, sector=Sector.NHS_TRUST,
        learner_kind=learning.LearnerKind.WORKFORCE, online=True, why=learning.EnrolledFor.INDUCTION, due_on=day(47),
    )  # fmt: skip


async def started(client: Any) -> tuple[str, UUID, UUID]:
    """A move that began today, its person, and the event that says so."""
    today = business_date(datetime.now(UTC))
    until = (today + timedelta(days=60)).isoformat()
    move = await a_deployment(client, "induct", starts_on=today.isoformat(), ends_on=until)
    await client.made(f"/deployments/{move}/start", {})
    line = (await client.get(f"/deployments/{move}/history")).json()["lines"][-1]
    person = (await client.get(f"/deployments/{move}")).json()["person_id"]
    return move, UUID(person), UUID(line["id"])


async def settled(client: Any, move: str) -> str | None:
    found: str | None = (await client.get(f"/deployments/{move}")).json()["local_induction"]
    return found


async def test_learning_answers_a_start_by_what_follows_from_it_and_by_nothing_else(
    coordinator: Any, bus: Bus, database: Database
) -> None:
    move, person, start = await started(coordinator)
    await bus.say(enrolled(person))
    await bus.say(enrolled(person, HOSPICE), start)
    assert await settled(coordinator, move) is None
    event = await bus.say(enrolled(person), start)
    assert await settled(coordinator, move) == "enrolled"
    await bus.say(enrolled(person), start)
    assert (await types_of(coordinator, f"/deployments/{move}")).count("answer-settled") == 1
    await fire_all(database, later(3))
    assert "local-induction-overdue" not in await overdue(coordinator)
    named: dict[str, Any] = {"fact_id": event, "fact_type": learning.LearnerEnrolled.TYPE, "reason": "wrong-person"}
    await bus.say(learning.FactVoided(**named))
    await fire_all(database, later(5))
    assert "local-induction-overdue" in await overdue(coordinator)
    await bus.say(learning.FactRestored(**named))
    assert "local-induction-overdue" not in await overdue(coordinator)
    assert await bus.tasks() == []


async def test_a_start_that_is_taken_back_takes_its_answers_along_and_a_restored_one_asks_again(
    coordinator: Any, bus: Bus
) -> None:
    move, person, start = await started(coordinator)
    await bus.say(enrolled(person), start)
    correction = f"/deployments/{move}/facts/{start}"
    assert (await coordinator.made(f"{correction}/void", {"reason": "did-not-come"}))["local_induction"] is None
    await coordinator.made(f"{correction}/restore", {"reason": "came-after-all"})
    lines = (await coordinator.get(f"/deployments/{move}/history")).json()["lines"]
    assert await settled(coordinator, move) is None
    await bus.say(enrolled(person), UUID(lines[-1]["id"]))
    assert await settled(coordinator, move) == "enrolled"


async def test_learning_that_never_answers_is_raised_to_the_host_and_a_late_answer_clears_it(
    coordinator: Any, as_role: As, bus: Bus, database: Database
) -> None:
    move, person, start = await started(coordinator)
    await fire_all(database, later(3))
    host, home = as_role("partner", HOSPITALS), as_role("partner", HOSPICE)
    assert "local-induction-overdue" in await overdue(host)
    assert "local-induction-overdue" not in await overdue(home)
    await bus.say(enrolled(person), start)
    assert "local-induction-overdue" not in await overdue(host)
    assert await settled(coordinator, move) == "enrolled"


async def test_a_host_that_saw_to_it_by_hand_is_heard_once_it_was_told(
    coordinator: Any, bus: Bus, database: Database
) -> None:
    move, person, _ = await started(coordinator)
    await fire_all(database, later(3))
    await bus.say(enrolled(person, HOSPICE))
    assert "local-induction-overdue" in await overdue(coordinator)
    await bus.say(enrolled(person))
    assert await settled(coordinator, move) == "enrolled"


async def test_a_host_says_that_nothing_of_its_induction_is_due_and_home_does_not(
    coordinator: Any, as_role: As
) -> None:
    move, _, _ = await started(coordinator)
    none_due = {"answer": "local-induction", "reason": "none-due"}
    path = f"/deployments/{move}/settle-answer"
    assert (await as_role("partner", HOSPICE).post(path, none_due)).status_code == 422
    assert (await as_role("partner", HOSPITALS).made(path, none_due))["local_induction"] == "none-due"


# Hours -----------------------------------------------------------------------------------------------------------------


async def test_hours_of_a_week_that_nobody_wrote_down_are_raised_to_home_and_cleared_by_them(
    coordinator: Any, as_role: As, database: Database
) -> None:
    move = await a_deployment(coordinator, "start")
    home = as_role("partner", HOSPICE)
    worked = next(number for number in range(47, 54) if day(number).weekday() == 0)
    await home.made("/statements", hours(move, worked))
    await fire_all(database, later())
    weeks = await missing(coordinator, move)
    assert (weeks[0], on(worked) in weeks, len(weeks)) == (MONDAY.isoformat(), False, 10)
    assert await overdue(home) == ["hours-overdue"]
    await home.made("/statements", hours(move, 40))
    for monday in weeks[1:]:
        await home.made(
            f"/deployments/{move}/settle-answer", {"answer": "hours", "week": monday, "reason": "not-worked"}
        )
    assert await overdue(home) == []


async def missing(client: Any, move: str) -> list[str]:
    """The weeks of which hours are overdue."""
    held = (await client.get(f"/deployments/{move}")).json()
    return [asked["since"] for asked in held["awaits"] if asked["answer"] == "hours"]


async def test_hours_that_are_taken_back_after_their_time_are_missing_and_restored_ones_are_not(
    coordinator: Any, database: Database
) -> None:
    move = await a_deployment(coordinator, "start", ends_on=on(46))
    made = await coordinator.made("/statements", hours(move, 40))
    await fire_all(database, later())
    seen = [await missing(coordinator, move)]
    path = f"/statements/{made['id']}"
    line = (await coordinator.get(f"{path}/history")).json()["lines"][0]
    for correction in ("void", "restore"):
        await coordinator.made(f"{path}/facts/{line['id']}/{correction}", {"reason": "another-person"})
        seen.append(await missing(coordinator, move))
    assert seen == [[], [on(40)], []]


async def test_hours_that_were_missing_are_so_again_after_a_start_that_was_taken_back_and_restored(
    coordinator: Any, database: Database
) -> None:
    move = await a_deployment(coordinator, "start", ends_on=on(46))
    await fire_all(database, later())
    lines = (await coordinator.get(f"/deployments/{move}/history")).json()["lines"]
    start = next(line["id"] for line in lines if "staff-seconded" in line["type"])
    seen = [await missing(coordinator, move)]
    for correction in ("void", "restore"):
        await coordinator.made(f"/deployments/{move}/facts/{start}/{correction}", {"reason": "another-person"})
        seen.append(await missing(coordinator, move))
    assert seen == [[on(40)], [], [on(40)]]


async def test_a_statement_that_nobody_agrees_to_is_raised_to_who_is_owed_and_cleared_when_they_do(
    coordinator: Any, as_role: As, database: Database
) -> None:
    move = await a_deployment(coordinator, "start")
    home, host = as_role("partner", HOSPICE), as_role("partner", HOSPITALS)
    made = await home.made("/statements", hours(move, 50))
    await home.made(f"/statements/{made['id']}/issue", {"occurred_on": on(105), "vat": "exempt"})
    await fire_all(database, later())
    assert "statement-agreement-overdue" in await overdue(home)
    assert "statement-agreement-overdue" not in await overdue(host)
    await host.made(f"/statements/{made['id']}/agree", {})
    assert "statement-agreement-overdue" not in await overdue(home)


async def test_hours_that_are_written_down_while_they_are_raised_are_not_raised_for_good(
    coordinator: Any, database: Database
) -> None:
    for _ in range(5):
        move = await a_deployment(coordinator, "start", ends_on=on(46 - day(40).weekday()))
        await asyncio.gather(fire_all(database, later()), coordinator.post("/statements", hours(move, 40)))
        await fire_all(database, later())
        assert await missing(coordinator, move) == []
