"""Employment checks from the question to the outcome: what is under way takes nothing away, what is satisfactory is relied on."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from importlib import resources
from typing import Any

import asyncpg
import httpx2
import pytest

from kit.database import Database
from kit.step import BeforeTheStepItFollows, CannotFollow, Waiting, end_of
from kit.testing.databases import Clone
from kit.testing.persons import somebody
from mobility.domain import passport
from mobility.domain.checks import ANSWERS, standing_on
from mobility.domain.passport import Passport
from mobility.testing import (
    CHASE_CHECK,
    CLOSE_PASSPORT,
    HOSPICE,
    HOSPITALS,
    MOVED_ON,
    NOW,
    PERSON,
    RECORD_DBS,
    RECORD_IDENTITY,
    RECORD_NOT_REQUIRED,
    RENEW_DBS,
    a_passport,
    day,
    run,
)
from schemas.fact import Fact
from schemas.mobility import CheckAwaiting, CheckOutcome, CheckRecorded

from .acts import a_check, on
from .test_api import fact_of, fire_all, types_of
from .test_leaving import ahead
from .test_moves import active
from .test_own_page import browser, enter, link_of, opened
from .test_stops import stopped

As = Callable[..., Any]
__all__ = ["browser"]


def test_whose_move_a_check_is_is_said_since_when_and_its_outcome_ends_that() -> None:
    for commands, waits in (
        ((RENEW_DBS,), [Waiting("person", "check-criminal-record", day(20))]),
        ((RENEW_DBS, MOVED_ON), [Waiting("third-party", "check-criminal-record", day(25))]),
        ((RENEW_DBS, MOVED_ON, replace(RENEW_DBS, occurred_on=day(30), awaiting=CheckAwaiting.EMPLOYER)),
         [Waiting("home", "check-criminal-record", day(30))]),
        ((RENEW_DBS, MOVED_ON, replace(RECORD_DBS, occurred_on=day(22))), []),
        ((RENEW_DBS, MOVED_ON, replace(RECORD_DBS, occurred_on=day(19))),
         [Waiting("third-party", "check-criminal-record", day(25))]),
        ((RENEW_DBS, replace(RECORD_NOT_REQUIRED, occurred_on=day(30), kind="criminal-record")), []),
        ((RENEW_DBS, CLOSE_PASSPORT), []),
    ):  # fmt: skip
        assert list(passport.waiting(a_passport(RECORD_DBS, *commands))) == waits
    (request,) = a_passport(RENEW_DBS, MOVED_ON).requested
    assert (request.requested_on, request.since) == (day(20), day(25))


def test_what_is_under_way_takes_nothing_away_until_there_is_an_outcome() -> None:
    before = a_passport(RECORD_DBS)
    for command in (RENEW_DBS, replace(RECORD_NOT_REQUIRED, occurred_on=day(20), kind="criminal-record")):
        assert run(passport, command, state=before).relied_on == before.relied_on
    for came_to in CheckOutcome:
        done = replace(RECORD_DBS, occurred_on=day(30), satisfactory=None, outcome=came_to, valid_until=None)
        relied_on = run(passport, RENEW_DBS, done, state=before).relied_on
        assert (relied_on.keys() == {"criminal-record"}) is (came_to is CheckOutcome.SATISFACTORY)


def test_what_was_overtaken_when_it_is_entered_is_refused() -> None:
    held = a_passport(replace(RECORD_DBS, occurred_on=day(30)))
    for late in (RENEW_DBS, replace(RECORD_NOT_REQUIRED, occurred_on=day(20), kind="criminal-record")):
        with pytest.raises(BeforeTheStepItFollows):
            passport.decide(late, held, NOW)


def test_a_date_that_was_put_right_leaves_what_was_overtaken_out() -> None:
    said: list[Fact] = []
    state = a_passport()
    for command in (RENEW_DBS, replace(RECORD_DBS, occurred_on=day(30))):
        (fact,) = passport.decide(command, state, NOW)
        said.append(fact)
        state = passport.evolve(state, fact)
    later = said[0].model_copy(update={"occurred_on": day(40)})
    for order, pending in (((later, said[1]), [day(40)]), ((said[1], said[0]), [])):
        assert [each.since for each in reduce(passport.evolve, order, a_passport()).requested] == pending


def test_each_check_stands_on_a_day_as_what_was_said_until_then_has_it() -> None:
    commands = (
        RECORD_DBS, RENEW_DBS, MOVED_ON,
        replace(RECORD_DBS, occurred_on=day(40), valid_until=None, satisfactory=None, outcome=CheckOutcome.INDETERMINATE),
        replace(RECORD_NOT_REQUIRED, occurred_on=day(50)),
    )  # fmt: skip
    said: list[Fact] = []
    state = a_passport()
    for command in commands:
        said += passport.decide(command, state, NOW)
        state = passport.evolve(state, said[-1])

    def on(number: int, facts: Sequence[Fact] = said) -> list[tuple[str, str, str | None, str | None]]:
        return [(line.kind, line.status, line.awaiting, line.outcome) for line in standing_on(facts, day(number))]

    dbs = "criminal-record"
    first = (dbs, "complete", None, "satisfactory")
    assert on(3) == []
    assert on(4) == [first]
    assert on(20) == [(dbs, "requested", "holder", None), first]
    assert on(25) == [(dbs, "requested", "third-party", None), first]
    last = [(dbs, "complete", None, "indeterminate"), (dbs, "superseded", None, "satisfactory")]
    assert on(40) == last
    assert on(50) == [*last, ("professional-registration", "not-required", None, None)]
    assert on(301, said[:3]) == [(dbs, "requested", "third-party", None), (dbs, "expired", None, "satisfactory")]
    closed = passport.decide(CLOSE_PASSPORT, a_passport(), NOW)
    assert [on(number, [*said[:3], *closed])[0][1] for number in (99, 100)] == ["requested", "complete"]
    assert a_passport(RENEW_DBS, CLOSE_PASSPORT).requested == ()


def test_a_check_that_was_kept_before_there_were_four_outcomes_came_to_one_of_two() -> None:
    for satisfactory, came_to in ((True, CheckOutcome.SATISFACTORY), (False, CheckOutcome.UNSATISFACTORY)):
        held = a_passport(replace(RECORD_IDENTITY, satisfactory=satisfactory))
        kept = held.model_dump(mode="json")
        del kept["checks"][0]["outcome"]
        assert Passport.model_validate_json(json.dumps(kept)) == held
        fact = CheckRecorded(
            occurred_on=day(3), person_id=PERSON, home=HOSPICE, kind="identity", verified_by=HOSPICE,
            satisfactory=satisfactory,
        )  # fmt: skip
        assert passport.evolve(a_passport(), fact) == held
        assert held.checks[0].outcome is came_to


# By the routes ---------------------------------------------------------------------------------------------------------

DBS: dict[str, Any] = {"kind": "criminal-record", "level": "enhanced", "workforce": "adult"}


async def waits(client: Any, path: str) -> set[tuple[str, str, str]]:
    """What waits about a passport: for whom, why, since when."""
    rows = (await client.found("/waiting", aggregate="passport", limit=200))["rows"]
    return {(row["who"], row["why"], row["since"]) for row in rows if path.endswith(row["aggregate_id"])}


async def test_a_check_waits_for_whose_move_it_is_until_it_has_an_outcome_and_again_when_that_is_taken_back(
    coordinator: Any, as_role: As
) -> None:
    path = f"/passports/{await opened(coordinator, somebody())}"
    home = as_role("partner", HOSPICE)
    await home.made(f"{path}/request-check", {**DBS, "awaiting": "holder", "occurred_on": on(450)})
    await home.made(f"{path}/request-check", {**DBS, "awaiting": "third-party", "occurred_on": on(460)})
    asked = ("third-party", "check-criminal-record", on(460))
    assert [await waits(each, path) for each in (home, as_role("partner", HOSPITALS))] == [{asked}, set()]
    rows = (await home.found("/waiting", who="third-party"))["rows"]
    assert path.rpartition("/")[2] in {row["aggregate_id"] for row in rows}

    await coordinator.made(
        f"{path}/record-check", a_check(occurred_on=on(470), satisfactory=None, outcome="refused", **DBS)
    )
    assert await waits(home, path) == set()
    done = (await coordinator.found(f"{path}/history"))["lines"][-1]
    seen = []
    for correction in ("void", "restore"):
        await coordinator.made(f"{path}/facts/{done['id']}/{correction}", {"reason": "another-person"})
        found = await coordinator.found(path)
        outcomes = {each["kind"]: each["outcome"] for each in found["checks"]}
        seen.append((outcomes["criminal-record"], [each["since"] for each in found["requested"]]))
    assert seen == [("satisfactory", [on(460)]), ("refused", [])]


async def test_a_request_that_was_voided_leaves_the_check_as_it_was_before(coordinator: Any) -> None:
    path = f"/passports/{await opened(coordinator, somebody())}"
    before = await coordinator.found(path)
    for name, body in (
        ("request-check", {**DBS, "awaiting": "holder", "occurred_on": on(450)}),
        ("record-not-required", {"kind": "criminal-record", "reason": "role-has-changed", "occurred_on": on(460)}),
    ):
        await coordinator.made(f"{path}/{name}", body)
    excused = await fact_of(coordinator, path, "check-not-required")
    asked = await fact_of(coordinator, path, "check-requested")
    better = {**asked["said"], "awaiting": "employer"}
    await coordinator.made(f"{path}/facts/{asked['id']}/correct", {"reason": "typing-error", "replacement": better})
    await coordinator.made(f"{path}/facts/{excused['id']}/void", {"reason": "another-person"})
    assert await waits(coordinator, path) == {("home", "check-criminal-record", on(450))}
    await coordinator.made(f"{path}/facts/{asked['id']}/void", {"reason": "another-person"})
    after = await coordinator.found(path)
    assert {**after, "version": 0} == {**before, "version": 0}
    identity = {**excused["said"], "kind": "identity"}
    await coordinator.made(f"{path}/facts/{excused['id']}/restore", {"reason": "typing-error"})
    refused = await coordinator.post(
        f"{path}/facts/{excused['id']}/correct", {"reason": "typing-error", "replacement": identity}
    )
    assert (refused.status_code, refused.json()["errors"]) == (
        422, [{"field": "replacement.kind", "rule": "Identity and the right to work are checked of everybody."}],
    )  # fmt: skip


async def test_a_move_goes_on_while_a_check_that_it_relies_on_is_renewed(coordinator: Any) -> None:
    move, path = await active(coordinator)
    before = await types_of(coordinator, f"/deployments/{move}")
    await coordinator.made(
        f"{path}/request-check", {"kind": "criminal-record", "awaiting": "holder", "occurred_on": on(60)}
    )
    excused = {"kind": "criminal-record", "reason": "role-has-changed", "occurred_on": on(61)}
    await coordinator.made(f"{path}/record-not-required", excused)
    assert await types_of(coordinator, f"/deployments/{move}") == before
    await coordinator.made(f"{path}/record-check", a_check("criminal-record", on(800), occurred_on=on(62)))
    checks = (await coordinator.found(f"/deployments/{move}"))["checks"]
    assert {each["kind"]: each["valid_until"] for each in checks}["criminal-record"] == on(800)
    assert await stopped(coordinator, move) == []


async def test_readiness_names_whom_a_check_awaits(coordinator: Any) -> None:
    path = f"/passports/{await opened(coordinator, somebody())}"
    asked = {"organisation": HOSPITALS, "soc2020": "2237", "checks": [{"kind": "work-health"}], "training": []}
    requirement = (await coordinator.made("/requirements", {**asked, "occurred_on": on(5)}))["id"]

    async def why() -> str:
        found = await coordinator.found(f"{path}/readiness", requirement_id=requirement)
        return next(str(each["why"]) for each in found["missing"] if each["what"] == "check")

    seen = [await why()]
    for awaiting in CheckAwaiting:
        await coordinator.made(f"{path}/request-check", {"kind": "work-health", "awaiting": awaiting})
        seen.append(await why())
    await coordinator.made(f"{path}/record-not-required", {"kind": "work-health", "reason": "no-contact"})
    seen.append(await why())
    assert seen == [
        "check-missing", "check-awaits-holder", "check-awaits-employer", "check-awaits-third-party", "check-not-required",
    ]  # fmt: skip


async def test_the_checks_of_a_passport_are_asked_for_as_they_stood_on_a_day_by_who_may_look(
    coordinator: Any, as_role: As
) -> None:
    path = f"/passports/{await opened(coordinator, somebody())}"
    await coordinator.made(f"{path}/request-check", {**DBS, "awaiting": "holder", "occurred_on": on(450)})
    await coordinator.made(f"{path}/record-check", a_check(occurred_on=on(470), valid_until=on(480), **DBS))

    async def dbs(number: int) -> list[tuple[str, str | None]]:
        found = await coordinator.found(f"{path}/checks", on=on(number))
        assert found["on"] == on(number)
        return [(each["status"], each["valid_until"]) for each in found["checks"] if each["kind"] == "criminal-record"]

    assert await dbs(449) == [("complete", on(500))]
    assert await dbs(450) == [("requested", None), ("complete", on(500))]
    assert await dbs(480) == [("complete", on(480)), ("superseded", on(500))]
    assert await dbs(481) == [("expired", on(480)), ("superseded", on(500))]
    assert (await as_role("partner", HOSPITALS).get(f"{path}/checks")).status_code == 404


async def test_a_holder_sees_what_waits_for_them_and_what_a_check_came_to(coordinator: Any, app: Any) -> None:
    person = somebody()
    path = f"/passports/{await opened(coordinator, person)}"
    for name, body in (
        ("request-check", {**DBS, "awaiting": "holder", "occurred_on": on(450)}),
        ("request-check", {"kind": "work-health", "awaiting": "third-party", "occurred_on": on(451)}),
        ("request-check", {"kind": "qualifications", "awaiting": "employer", "occurred_on": on(452)}),
        (
            "record-not-required",
            {"kind": "professional-registration", "reason": "role-not-regulated", "occurred_on": on(9)},
        ),
        ("record-check", a_check("reference", occurred_on=on(9), satisfactory=None, outcome="indeterminate")),
        ("record-check", a_check("employment-history", occurred_on=on(9), satisfactory=None, outcome="refused")),
    ):
        await coordinator.made(f"{path}/{name}", body)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="https://mobility.test") as browser:
        page = await enter(browser, await link_of(coordinator, person))
    for said in (
        "Asked for on 24 May 2024. It has waited for you since 24 May 2024: ask St Gemma Hospice what it needs.",
        "Asked for on 25 May 2024. It has waited for an answer since 25 May 2024.",
        "Asked for on 26 May 2024. It has waited for St Gemma Hospice since 26 May 2024.",
        "Your work does not ask for: Professional registration (role not regulated).",
        "It showed neither way. Checked on",
        "It was refused. Checked on",
    ):
        assert said in page, said


# In time --------------------------------------------------------------------------------------------------------------


def test_each_answer_has_its_time_and_a_reason_and_nobody_is_told_before_it_is_over() -> None:
    assert set(ANSWERS) == set(CheckAwaiting)
    for awaiting, answer in ANSWERS.items():
        asked = a_passport(replace(RENEW_DBS, awaiting=awaiting))
        (late,) = ((name, due) for name, due in passport.deadlines(asked).items() if name.startswith("late-"))
        assert late == ("late-criminal-record", end_of(day(20 + answer.days)))
        assert passport.decide(passport.due(late[0], asked), asked, late[1] - timedelta(seconds=1)) == []
        (said,) = passport.decide(passport.due(late[0], asked), asked, late[1])
        told = passport.evolve(asked, said)
        assert (said.occurred_on, passport.decide(CHASE_CHECK, told, NOW)) == (day(21 + answer.days), [])
        assert "late-criminal-record" not in passport.deadlines(told)
        assert {(each.who, each.why) for each in passport.waiting(told)} == {
            (answer.whose, "check-criminal-record"),
            (answer.told, "check-criminal-record-overdue"),
        }
        assert answer.reason.endswith(".")


def test_what_has_moved_on_has_its_time_from_then_and_an_outcome_ends_it() -> None:
    told = run(passport, CHASE_CHECK, state=a_passport(RENEW_DBS))
    assert [each.overdue for each in told.requested] == [True]
    moved_on = run(passport, replace(MOVED_ON, occurred_on=day(40)), state=told)
    assert passport.deadlines(moved_on)["late-criminal-record"] == end_of(day(40 + 28))
    done = run(passport, replace(RECORD_DBS, occurred_on=day(50)), state=moved_on)
    assert [name for name in passport.deadlines(done) if name.startswith("late-")] == []
    with pytest.raises(CannotFollow):
        passport.evolve(done, passport.decide(CHASE_CHECK, a_passport(RENEW_DBS), NOW)[0])


async def test_a_check_that_takes_too_long_is_raised_to_the_employer_until_it_is_done(
    coordinator: Any, as_role: As, database: Database, browser: Any
) -> None:
    person = somebody()
    path = f"/passports/{await opened(coordinator, person)}"
    home = as_role("partner", HOSPICE)
    await home.made(f"{path}/request-check", {**DBS, "awaiting": "holder", "occurred_on": on(450)})
    asked, told = "check-criminal-record", "check-criminal-record-overdue"
    await fire_all(database)
    assert await waits(home, path) == {("person", asked, on(450)), ("home", told, on(450))}
    page = await enter(browser, await link_of(coordinator, person))
    assert "It has waited for you since 24 May 2024, and was to come by 7 June 2024: ask" in page
    await home.made(f"{path}/request-check", {**DBS, "awaiting": "employer", "occurred_on": on(470)})
    assert await waits(home, path) == {("home", asked, on(470))}
    await fire_all(database)
    late = {("home", asked, on(470)), ("coordinator", told, on(470))}
    assert [await waits(home, path), await waits(coordinator, path)] == [{("home", asked, on(470))}, late]
    overdue = [
        line for line in (await coordinator.found(f"{path}/history"))["lines"] if "check-overdue" in line["type"]
    ]
    assert [line["said"]["occurred_on"] for line in overdue] == [on(465), on(478)]
    await home.made(f"{path}/record-check", a_check(occurred_on=on(480), **DBS))
    assert await waits(coordinator, path) == set()
    done = (await coordinator.found(f"{path}/history"))["lines"][-1]
    await coordinator.made(f"{path}/facts/{done['id']}/void", {"reason": "another-person"})
    assert await waits(coordinator, path) == late


async def test_a_question_that_was_put_right_to_a_later_day_is_overdue_later(
    coordinator: Any, database: Database
) -> None:
    path = f"/passports/{await opened(coordinator, somebody())}"
    await coordinator.made(f"{path}/request-check", {**DBS, "awaiting": "holder", "occurred_on": on(450)})
    await fire_all(database)
    asked = await fact_of(coordinator, path, "check-requested")
    for better, told in ((ahead(-3), False), (on(440), True)):
        replacement = {**asked["said"], "occurred_on": better}
        await coordinator.made(
            f"{path}/facts/{asked['id']}/correct", {"reason": "typing-error", "replacement": replacement}
        )
        await fire_all(database)
        assert ("home", "check-criminal-record-overdue", better) in await waits(coordinator, path) or not told
        assert len(await waits(coordinator, path)) == 1 + told


async def test_what_was_asked_for_before_it_had_its_time_has_it_too(coordinator: Any, clone: Clone) -> None:
    path = f"/passports/{await opened(coordinator, somebody())}"
    for awaiting in CheckAwaiting:
        await coordinator.made(f"{path}/request-check", {"kind": f"of-{awaiting}", "awaiting": awaiting})
    asked = "SELECT name, due_at FROM kit.deadline WHERE name LIKE 'late-%' ORDER BY name"
    admin = await asyncpg.connect(clone.admin_dsn)
    try:
        before = await admin.fetch(asked)
        await admin.execute("DELETE FROM kit.deadline WHERE name LIKE 'late-%'")
        await admin.execute((resources.files("mobility") / "migrations" / "0015_overdue_checks.sql").read_text())
        assert (await admin.fetch(asked), len(before)) == (before, 3)
    finally:
        await admin.close()


# What contradicts itself -----------------------------------------------------------------------------------------------

CONTRADICTED = "A check is satisfactory where that is its outcome, and with any other outcome it is not."
MISSING = "A check that was done has an outcome, or says whether it is satisfactory."


@pytest.mark.parametrize(
    ("said", "field", "rule"),
    [
        *(
            ({"satisfactory": True, "outcome": each}, "outcome", CONTRADICTED)
            for each in CheckOutcome
            if each != "satisfactory"
        ),
        ({"satisfactory": False, "outcome": "satisfactory"}, "outcome", CONTRADICTED),
        ({}, "outcome", MISSING),
    ],
)
async def test_an_outcome_and_satisfactory_that_contradict_each_other_are_refused_with_the_field_and_the_rule(
    coordinator: Any, said: dict[str, Any], field: str, rule: str
) -> None:
    path = f"/passports/{await opened(coordinator, somebody())}"
    check = {"occurred_on": on(9), "kind": "reference", "verified_by": HOSPICE, **said}
    refused = await coordinator.post(f"{path}/record-check", check)
    assert (refused.status_code, refused.json()["errors"]) == (422, [{"field": field, "rule": rule}])
    line = {"id": path.rpartition("/")[2], **check}
    cells = [str(value).lower() if isinstance(value, bool) else str(value) for value in line.values()]
    (row,) = await coordinator.rows("/passports/record-check/rows", f"{','.join(line)}\n{','.join(cells)}\n")
    assert row["errors"] == [{"field": field, "rule": rule}]
    good = await coordinator.made(f"{path}/record-check", {**check, "satisfactory": False, "outcome": "refused"})
    assert good["checks"][-1]["outcome"] == "refused"


async def test_an_old_outcome_is_put_right_by_satisfactory_alone_and_a_new_one_by_both(coordinator: Any) -> None:
    path = f"/passports/{await opened(coordinator, somebody())}"
    fact = await fact_of(coordinator, path, "check-recorded")
    assert fact["said"]["outcome"] == "satisfactory"
    correction = f"{path}/facts/{fact['id']}/correct"
    half = {**fact["said"], "satisfactory": False}
    refused = await coordinator.post(correction, {"reason": "typing-error", "replacement": half})
    assert refused.json()["errors"] == [{"field": "replacement.outcome", "rule": CONTRADICTED}]
    old = {name: value for name, value in half.items() if name != "outcome"}
    found = await coordinator.made(correction, {"reason": "typing-error", "replacement": old})
    assert {each["kind"]: each["outcome"] for each in found["checks"]}["identity"] == "unsatisfactory"
