"""A statement: every status meets every command; hours, disputes, VAT, and who may say what."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from kit.step import Command
from kit.testing.persons import somebody
from mobility.domain import deployment, statement
from mobility.domain.clearance import TermsDiffer
from mobility.domain.statement import (
    LinesDisputed,
    MonthNotOver,
    NoSuchLine,
    NotDisputed,
    NothingToCharge,
    NotWorkedThen,
    RecordedAlready,
    next_month,
)
from mobility.testing import (
    AGREE_STATEMENT,
    AUTHORISE_HOME,
    AUTHORISE_HOST,
    DISPUTE,
    HOSPICE,
    HOSPITALS,
    ISSUE,
    NOW,
    RECORD,
    SETTLE,
    STARTED,
    VERIFIED,
    a_move,
    a_statement,
    cells,
    day,
    outcome,
)
from schemas.mobility import Recharge, Vat

from .acts import a_proposal, both_signed, brought_to, on
from .test_api import fact_of

As = Callable[..., Any]
LIFE: dict[str | None, dict[str, str]] = {
    None: {"Record": "open"},
    "open": {"Record": "noted", "Dispute": "open", "Settle": "noted", "Issue": "issued", "Chase": "noted"},
    "issued": {"Chase": "issued", "Dispute": "noted", "Settle": "NotDisputed", "Issue": "issued", "Agree": "agreed"},
    "agreed": {"Agree": "agreed", "Chase": "agreed"},
}
"""What comes of each command by status; what is not named is refused: NotInThisState, or NotFound before there is one.
A cell that keeps its status says nothing; NOTED: the status stays, and something is said.
"""


@pytest.mark.parametrize(("status", "command"), list(cells("statement")))
def test_every_status_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome("statement", status, command) == LIFE[status].get(command, unnamed)


def test_the_table_names_every_status_and_every_command() -> None:
    assert set(LIFE) == {None, *statement.Status}
    assert {command for row in LIFE.values() for command in row} == {kind.__name__ for kind in statement.COMMANDS}


FREE = a_move(
    *VERIFIED,
    replace(AUTHORISE_HOME, recharge=Recharge.NONE),
    replace(AUTHORISE_HOST, recharge=Recharge.NONE),
    *STARTED[6:],
)


@pytest.mark.parametrize(
    ("command", "before", "refusal"),
    [
        (replace(RECORD, worked_on=day(39)), (), NotWorkedThen),
        (replace(RECORD, worked_on=day(61)), (), NotWorkedThen),
        (replace(RECORD, deployment=FREE), (), NothingToCharge),
        (replace(RECORD, hours=8.0), (RECORD,), RecordedAlready),
        (replace(RECORD, hours=8.0), (RECORD, ISSUE), RecordedAlready),
        (replace(DISPUTE, worked_on=day(51)), (RECORD,), NoSuchLine),
        (SETTLE, (RECORD,), NotDisputed),
        (replace(SETTLE, recharge=Recharge.NONE), (RECORD, DISPUTE), NothingToCharge),
        (replace(ISSUE, occurred_on=day(60)), (RECORD,), MonthNotOver),
        (AGREE_STATEMENT, (RECORD, ISSUE, replace(DISPUTE, occurred_on=day(71))), LinesDisputed),
    ],
)
def test_a_rule_refuses(command: Command, before: Sequence[Command], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        statement.decide(command, a_statement(*before[1:]) if before else None, NOW)


def test_hours_that_cost_nothing_are_hours_too() -> None:
    assert statement.decide(replace(RECORD, deployment=FREE, pence=0), None, NOW)


def test_the_same_hours_are_recorded_once() -> None:
    assert statement.decide(RECORD, a_statement(), NOW) == []
    assert statement.decide(RECORD, a_statement(ISSUE), NOW) == []


@pytest.mark.parametrize(("vat", "pence"), [(Vat.STANDARD, 3_000), (Vat.EXEMPT, 0), (Vat.OUTSIDE_SCOPE, 0)])
def test_vat_is_said_with_the_statement_and_rounded_to_the_penny(vat: Vat, pence: int) -> None:
    (issued,) = statement.decide(replace(ISSUE, vat=vat), a_statement(), NOW)
    assert (issued.pence, issued.vat_pence) == (15_001, pence)  # type: ignore[union-attr]


def test_a_line_that_was_settled_counts_as_it_was_settled() -> None:
    agreed = a_statement(DISPUTE, SETTLE, ISSUE)
    assert (agreed.hours, agreed.pence, agreed.disputed) == (4.0, 8_000, ())
    (said,) = statement.decide(AGREE_STATEMENT, agreed, NOW)
    assert (said.hours, said.pence, said.vat_pence) == (4.0, 8_000, 1_600)  # type: ignore[union-attr]


def test_what_waits_says_whose_move_it_is() -> None:
    stories = [(), (DISPUTE,), (ISSUE,), (ISSUE, AGREE_STATEMENT)]
    waits = [[(each.who, each.why) for each in statement.waiting(a_statement(*story))] for story in stories]
    assert waits == [
        [("home", "issue")], [("home", "settle-disputed-lines")], [("host", "agree-or-dispute")], [],
    ]  # fmt: skip


def test_a_month_is_followed_by_the_next_also_in_december() -> None:
    assert next_month(day(0).replace(month=12, day=1)).isoformat() == "2024-01-01"


def test_both_sides_authorise_on_the_same_recharge_terms() -> None:
    with pytest.raises(TermsDiffer):
        deployment.decide(replace(AUTHORISE_HOST, recharge=Recharge.NONE), a_move(*VERIFIED, AUTHORISE_HOME), NOW)


# By the routes ---------------------------------------------------------------------------------------------------------


def hours(move: str, number: int, **changes: Any) -> dict[str, Any]:
    return {
        "occurred_on": on(100),
        "deployment_id": move,
        "worked_on": on(number),
        "hours": 7.5,
        "pence": 15000,
        **changes,
    }


async def test_a_month_from_its_first_hours_to_what_the_host_pays(coordinator: Any, as_role: As) -> None:
    await both_signed(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    await brought_to(coordinator, move, "start")
    home, host = as_role("partner", HOSPICE), as_role("partner", HOSPITALS)
    assert (await host.post("/statements", hours(move, 50))).status_code == 422
    made = await home.made("/statements", hours(move, 50))
    path, line = f"/statements/{made['id']}", {"deployment_id": move, "worked_on": on(50)}
    assert (await home.made("/statements", hours(move, 51)))["id"] == made["id"]
    assert (await home.made("/statements", hours(move, 70)))["id"] != made["id"]
    disputed = {"occurred_on": on(101), **line, "reason": "left-at-noon"}
    assert (await home.post(f"{path}/dispute", disputed)).status_code == 422
    await host.made(f"{path}/dispute", disputed)
    waits = (await home.get("/waiting", aggregate="statement")).json()["rows"]
    assert [row["why"] for row in waits if row["aggregate_id"] == made["id"]] == ["settle-disputed-lines"]
    settled = {"occurred_on": on(102), **line, "hours": 4.0, "pence": 8000}
    assert (await host.post(f"{path}/settle", {**settled, "pence": 0})).status_code == 422
    await home.made(f"{path}/settle", settled)
    assert (await host.post(f"{path}/issue", {"occurred_on": on(103), "vat": "standard"})).status_code == 422
    await home.made(f"{path}/issue", {"occurred_on": on(103), "vat": "standard"})
    assert (await host.made(f"{path}/agree", {"occurred_on": on(104)}))["status"] == "agreed"
    said = (await coordinator.get(f"{path}/history")).json()["lines"][-1]["said"]
    assert (said["hours"], said["pence"], said["vat_pence"]) == (11.5, 23000, 4600)
    assert (await as_role("partner", "leeds-city-council").get(path)).status_code == 404


async def test_of_twenty_first_hours_at_once_each_has_its_line_in_one_statement(coordinator: Any) -> None:
    await both_signed(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    await brought_to(coordinator, move, "start")

    async def recorded(number: int) -> int:
        """The answer's status; asked again while the database is busy."""
        while (answer := await coordinator.post("/statements", hours(move, number))).status_code == 503:
            pass
        return int(answer.status_code)

    assert set(await asyncio.gather(*(recorded(41 + turn) for turn in range(20)))) == {201}
    rows = (await coordinator.get("/statements")).json()["rows"]
    assert (len(rows), len(rows[0]["lines"])) == (1, 20)


async def test_hours_that_come_after_a_statement_was_issued_begin_a_further_one_and_none_is_charged_twice(
    coordinator: Any,
) -> None:
    await both_signed(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    await brought_to(coordinator, move, "start")
    first = (await coordinator.made("/statements", hours(move, 50)))["id"]
    await coordinator.made(f"/statements/{first}/issue", {"occurred_on": on(103), "vat": "standard"})
    answers = await asyncio.gather(
        *(coordinator.post("/statements", hours(move, number, occurred_on=on(110))) for number in (51, 52, 50))
    )
    assert [answer.json()["id"] == first for answer in answers] == [False, False, True]
    further = answers[0].json()["id"]
    assert answers[1].json()["id"] == further
    found = {row["id"]: row for row in (await coordinator.get("/statements")).json()["rows"]}
    assert {id_: (row["status"], len(row["lines"])) for id_, row in found.items()} == {
        first: ("issued", 1), further: ("open", 2),
    }  # fmt: skip
    refused = await coordinator.post("/statements", hours(move, 50, occurred_on=on(110), hours=8.0))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/recorded-already")
    await coordinator.made(f"/statements/{further}/issue", {"occurred_on": on(111), "vat": "standard"})
    said = (await coordinator.get(f"/statements/{further}/history")).json()["lines"][-1]["said"]
    assert (said["hours"], said["pence"]) == (15.0, 30000)


async def test_a_statement_is_not_opened_again_beside_a_further_one_that_is_open(coordinator: Any) -> None:
    await both_signed(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    await brought_to(coordinator, move, "start")
    path = f"/statements/{(await coordinator.made('/statements', hours(move, 50)))['id']}"
    await coordinator.made(f"{path}/issue", {"occurred_on": on(103), "vat": "standard"})
    await coordinator.made("/statements", hours(move, 51, occurred_on=on(110)))
    fact = (await fact_of(coordinator, path, "statement-issued"))["id"]
    refused = await coordinator.post(f"{path}/facts/{fact}/void", {"reason": "entered-in-error"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/another-is-open")


async def under_way(client: Any) -> str:
    """A move from the 40th day to the 110th, that is charged for."""
    await both_signed(client)
    move = (await client.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    await brought_to(client, move, "start")
    return str(move)


async def lines_of(client: Any, path: str) -> list[tuple[str, float, int, str | None]]:
    lines = (await client.get(path)).json()["lines"]
    return [(line["worked_on"], line["hours"], line["pence"], line["disputed"]) for line in lines]


async def put_right(client: Any, path: str, kind: str, **better: Any) -> Any:
    """The answer to putting the last fact of a kind right."""
    fact = await fact_of(client, path, kind)
    asked = {"reason": "entered-in-error", "replacement": {**fact["said"], **better}}
    return await client.post(f"{path}/facts/{fact['id']}/correct", asked)


async def test_a_day_on_which_nobody_came_is_taken_back_by_home_when_the_host_disputes_it(
    coordinator: Any, as_role: As
) -> None:
    move = await under_way(coordinator)
    home, host = as_role("partner", HOSPICE), as_role("partner", HOSPITALS)
    path = f"/statements/{(await home.made('/statements', hours(move, 50)))['id']}"
    await home.made("/statements", hours(move, 51))
    await home.made(f"{path}/issue", {"occurred_on": on(103), "vat": "standard"})
    line = {"deployment_id": move, "worked_on": on(51)}
    await host.made(f"{path}/dispute", {"occurred_on": on(104), **line, "reason": "did-not-come"})
    nothing = {"occurred_on": on(105), **line, "hours": 0, "pence": 100}
    refused = (await home.post(f"{path}/settle", nothing)).json()
    assert (refused["type"], refused["errors"][0]["field"]) == ("/problems/nothing-worked", "pence")
    await home.made(f"{path}/settle", {**nothing, "pence": 0})
    assert await lines_of(host, path) == [(on(50), 7.5, 15000, None), (on(51), 0.0, 0, None)]
    await host.made(f"{path}/agree", {"occurred_on": on(106)})
    said = (await fact_of(coordinator, path, "statement-agreed"))["said"]
    assert (said["hours"], said["pence"], said["vat_pence"]) == (7.5, 15000, 3000)


async def test_what_both_agreed_to_is_put_right_by_nobody_before_the_agreement_is_taken_back(coordinator: Any) -> None:
    move = await under_way(coordinator)
    path = f"/statements/{(await coordinator.made('/statements', hours(move, 50)))['id']}"
    await coordinator.made(f"{path}/issue", {"occurred_on": on(103), "vat": "standard"})
    await coordinator.made(f"{path}/agree", {"occurred_on": on(104)})
    refused = await put_right(coordinator, path, "hours-recorded", hours=8.0, pence=99_000)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/agreed-to")
    agreed = (await fact_of(coordinator, path, "statement-agreed"))["id"]
    await coordinator.made(f"{path}/facts/{agreed}/void", {"reason": "entered-in-error"})
    assert (await put_right(coordinator, path, "hours-recorded", hours=8.0, pence=16_000)).status_code == 200
    lines = (await coordinator.get(f"{path}/history")).json()["lines"]
    issued = [line["said"] for line in lines if line["said"].get("fact_type", "").endswith("statement-issued.v1")][-1]
    assert (issued["replacement"]["pence"], issued["replacement"]["vat_pence"]) == (16_000, 3_200)
    await coordinator.made(f"{path}/agree", {"occurred_on": on(105)})
    assert (await coordinator.get(f"{path}/history")).json()["lines"][-1]["said"]["pence"] == 16_000


@pytest.mark.parametrize(
    ("better", "refusal", "field"),
    [
        ({"worked_on": on(39)}, "not-worked-then", "worked_on"),
        ({"worked_on": on(55), "occurred_on": on(54)}, "not-worked-then", "worked_on"),
        ({"worked_on": on(70)}, "another-month", "worked_on"),
        ({"month": on(70)[:8] + "01"}, "another-month", "month"),
        ({"home": "leeds-city-council"}, "another-month", "home"),
    ],
)
async def test_hours_are_put_right_to_what_could_have_been_worked(
    coordinator: Any, better: dict[str, Any], refusal: str, field: str
) -> None:
    move = await under_way(coordinator)
    path = f"/statements/{(await coordinator.made('/statements', hours(move, 50)))['id']}"
    refused = (await put_right(coordinator, path, "hours-recorded", **better)).json()
    assert (refused["type"], refused["errors"][0]["field"]) == (f"/problems/{refusal}", f"replacement.{field}")
    assert (await put_right(coordinator, path, "hours-recorded", worked_on=on(52))).status_code == 200


async def test_hours_after_a_move_turns_out_to_have_ended_are_disputed_until_home_settles_them(
    coordinator: Any, as_role: As
) -> None:
    move = await under_way(coordinator)
    path = f"/statements/{(await coordinator.made('/statements', hours(move, 50)))['id']}"
    await coordinator.made("/statements", hours(move, 54))
    other = f"/statements/{(await coordinator.made('/statements', hours(move, 70)))['id']}"
    await coordinator.made(f"{other}/issue", {"occurred_on": on(103), "vat": "exempt"})
    await coordinator.made(f"/deployments/{move}/recall", {"occurred_on": on(55), "reason": "short-at-home"})
    assert [line[3] for line in await lines_of(coordinator, path)] == [None, None]
    assert [line[3] for line in await lines_of(coordinator, other)] == ["move-not-under-way"]
    assert (await put_right(coordinator, f"/deployments/{move}", "deployment-recalled", occurred_on=on(52))).is_success
    assert [line[3] for line in await lines_of(coordinator, path)] == [None, "move-not-under-way"]
    line = {"deployment_id": move, "worked_on": on(54), "hours": 0, "pence": 0}
    await as_role("partner", HOSPICE).made(f"{path}/settle", line)
    recalled = (await fact_of(coordinator, f"/deployments/{move}", "deployment-recalled"))["id"]
    await coordinator.made(f"/deployments/{move}/facts/{recalled}/void", {"reason": "entered-in-error"})
    started = (await fact_of(coordinator, f"/deployments/{move}", "staff-seconded"))["id"]
    await coordinator.made(f"/deployments/{move}/facts/{started}/void", {"reason": "never-came"})
    assert await lines_of(coordinator, path) == [(on(50), 7.5, 15000, "move-not-under-way"), (on(54), 0.0, 0, None)]


async def test_what_both_settled_of_a_day_outside_of_the_move_is_not_disputed_by_what_is_put_right_later(
    coordinator: Any, as_role: As
) -> None:
    move = await under_way(coordinator)
    path = f"/statements/{(await coordinator.made('/statements', hours(move, 54)))['id']}"
    await coordinator.made(f"/deployments/{move}/recall", {"occurred_on": on(52), "reason": "short-at-home"})
    assert await lines_of(coordinator, path) == [(on(54), 7.5, 15000, "move-not-under-way")]
    settled = {"deployment_id": move, "worked_on": on(54), "hours": 2, "pence": 4000}
    await as_role("partner", HOSPICE).made(f"{path}/settle", settled)
    path_of_move, recall = f"/deployments/{move}", "deployment-recalled"
    assert (await put_right(coordinator, path_of_move, recall, reason="ill")).is_success
    assert (await put_right(coordinator, path_of_move, recall, occurred_on=on(53))).is_success
    assert await lines_of(coordinator, path) == [(on(54), 2.0, 4000, None)]
