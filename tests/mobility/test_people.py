"""Of whom we may speak, and whom we forget: as people says it."""

import asyncio
from typing import Any
from uuid import uuid4

from kit.database import Database
from kit.ids import new_id
from kit.retention import Kept, Stays
from kit.testing.databases import Clone
from kit.testing.persons import hear, keeping, naming, somebody
from mobility import store
from mobility.handlers import identities
from mobility.retention import SCHEDULE
from mobility.testing import HOSPICE, day
from schemas.people import LinkReason, PersonErased, PersonLinked, PersonRegistered, PersonUnlinked, UnlinkReason

from .acts import a_passport, a_proposal, both_signed, brought_to, on, pattern
from .test_moves import PACK, agreed, matched
from .test_reactions import Bus, completed, waived
from .test_statement import hours

REGISTERED, ERASED = PersonRegistered(occurred_on=day(0)), PersonErased(occurred_on=day(300))


async def test_nobody_is_put_forward_and_no_passport_opened_whom_people_has_not_registered(
    coordinator: Any, database: Database
) -> None:
    person = new_id()
    opening = {"person_id": str(person), "home": HOSPICE, "occurred_on": on(10)}
    doors = (("/passports", opening), ("/deployments", a_proposal(str(person), None)))
    for path, body in doors:
        refused = await coordinator.post(path, body)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/unknown-person"), path
    await hear(database, store.PERSONS.hear, (person, 1, REGISTERED))
    for path, body in doors:
        await coordinator.made(path, body)


async def test_the_hours_of_two_ids_of_one_person_are_one_person_s_and_both_are_stopped(
    coordinator: Any, database: Database
) -> None:
    await both_signed(coordinator)
    one, other = somebody(), somebody()
    linked = PersonLinked(occurred_on=day(1), same_as=one, reason=LinkReason.CONFIRMED_BY_PARTNER)
    await hear(database, store.PERSONS.hear, (other, 2, linked))
    first = a_proposal(str(one), None, pattern=pattern(1, 2, 3))
    await brought_to(coordinator, (await coordinator.made("/deployments", first))["id"], "agree")
    second = a_proposal(str(other), None, pattern=pattern(4, 5, 6))
    move = (await coordinator.made("/deployments", second))["id"]
    await brought_to(coordinator, move, "match")
    refused = await coordinator.post(f"/deployments/{move}/agree", {"occurred_on": on(30)})
    assert refused.json()["type"] == "/problems/more-than-full-time"
    stopped = await coordinator.post(f"/persons/{other}/stop-now", {"reason": "concern-raised"})
    assert len(stopped.json()["deployments"]) == 2


async def test_nobody_is_booked_twice_for_the_same_hours_under_two_ids(coordinator: Any, database: Database) -> None:
    one, other = somebody(), somebody()
    linked = PersonLinked(occurred_on=day(1), same_as=one, reason=LinkReason.CONFIRMED_BY_PARTNER)
    await hear(database, store.PERSONS.hear, (other, 2, linked))
    first, second = [await matched(coordinator, str(person), pattern=pattern(1)) for person in (one, other)]
    answers = await asyncio.gather(agreed(coordinator, first), agreed(coordinator, second))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert {answer.json().get("type") for answer in answers} == {None, "/problems/double-booked"}


async def test_what_two_ids_work_together_is_looked_at_when_they_turn_out_to_be_one_person_and_apart_again(
    coordinator: Any, database: Database
) -> None:
    one, other, student = somebody(), somebody(), somebody()
    first, second, third = [
        await matched(coordinator, str(person), pattern=pattern(*days))
        for person, days in ((one, (1,)), (other, (1,)), (student, (3, 4)))
    ]
    for move in (first, second, third):
        assert (await agreed(coordinator, move)).status_code == 200
    limit = {"ground": "student", "weekly_hours": 20}
    path = f"/passports/{await a_passport(coordinator, third)}"
    await coordinator.made(f"{path}/limit-work", {"occurred_on": on(5), "limit": limit})

    async def stopped() -> list[str | None]:
        return [(await coordinator.get(f"/deployments/{move}")).json()["stopped"] for move in (first, second, third)]

    seen = [await stopped()]
    for turn, whose, fact in (
        (2, other, PersonLinked(occurred_on=day(30), same_as=one, reason=LinkReason.CONFIRMED_BY_PARTNER)),
        (2, student, PersonLinked(occurred_on=day(30), same_as=one, reason=LinkReason.CONFIRMED_BY_PARTNER)),
        (3, student, PersonUnlinked(occurred_on=day(31), same_as=one, reason=UnlinkReason.MISTAKEN)),
        (3, other, PersonUnlinked(occurred_on=day(31), same_as=one, reason=UnlinkReason.MISTAKEN)),
    ):
        await hear(database, identities.hear, (whose, turn, fact))
        seen.append(await stopped())
    free, over = None, "work-limit"
    assert seen == [[free] * 3, [over, over, free], [over] * 3, [over, over, free], [free] * 3]


async def test_by_either_id_of_a_person_a_list_gives_the_same_rows(coordinator: Any, database: Database) -> None:
    one, other, stranger = somebody(), somebody(), somebody()
    for person in (one, other, stranger):
        await coordinator.made("/passports", {"person_id": str(person), "home": HOSPICE, "occurred_on": on(10)})
        await coordinator.made("/deployments", a_proposal(str(person), None))
    linked = PersonLinked(occurred_on=day(20), same_as=one, reason=LinkReason.SAID_BY_THE_PERSON)
    await hear(database, store.PERSONS.hear, (other, 2, linked))
    for path in ("/passports", "/deployments"):
        lists = [(await coordinator.get(path, person_id=str(person))).json()["rows"] for person in (one, other)]
        assert lists[0] == lists[1]
        assert {row["person_id"] for row in lists[0]} == {str(one), str(other)}
        (alone,) = (await coordinator.get(path, person_id=str(stranger))).json()["rows"]
        assert alone["person_id"] == str(stranger)


async def test_training_is_in_the_passport_of_either_id(coordinator: Any, database: Database) -> None:
    one, other, course = somebody(), somebody(), uuid4()
    linked = PersonLinked(occurred_on=day(1), same_as=one, reason=LinkReason.SAID_BY_THE_PERSON)
    await hear(database, store.PERSONS.hear, (other, 2, linked))
    opened = await coordinator.made("/passports", {"person_id": str(one), "home": HOSPICE, "occurred_on": on(10)})
    await Bus(database).say(completed(other, course))
    passport = (await coordinator.get(f"/passports/{opened['id']}")).json()
    assert [row["course_id"] for row in passport["training"]] == [str(course)]


def test_whatever_names_a_person_has_a_period_once_it_has_ended_or_says_with_what_it_goes() -> None:
    kept = [line for line in SCHEDULE if isinstance(line, Kept)]
    ends = [(line.aggregate, end) for line in kept for end in line.ends]
    assert {line.aggregate for line in kept} == {*store.PERSONS.own, *store.PERSONS.shared}
    assert len(ends) == len(set(ends))
    beside = [line.table for line in SCHEDULE if not isinstance(line, Kept)]
    assert sorted(beside) == sorted({*store.PERSONS.renamed, *store.PERSONS.dropped, *store.PERSONS.goes_with})
    assert all(line.why if isinstance(line, Stays) else line.source for line in SCHEDULE)


async def test_every_table_that_keeps_somebody_is_declared(clone: Clone) -> None:
    declared = store.PERSONS.tables - set(store.PERSONS.shared)
    assert await keeping(clone.admin_dsn) == declared


async def test_of_whom_was_erased_no_row_is_left_and_the_hours_are_still_paid(
    coordinator: Any, as_role: Any, database: Database, clone: Clone
) -> None:
    await both_signed(coordinator)
    bus, person = Bus(database), somebody()
    await bus.say(completed(person, uuid4()))
    await bus.say(waived(person))
    move = (await coordinator.made("/deployments", a_proposal(str(person), None)))["id"]
    await brought_to(coordinator, move, "start")
    contact = f"Ms {uuid4().hex}"
    await coordinator.made(f"/deployments/{move}/give-pack", {"occurred_on": on(45), **PACK, "contact": contact})
    await coordinator.made(f"/persons/{person}/stop-now", {"reason": "concern-raised"})
    statement = (await coordinator.made("/statements", hours(move, 50)))["id"]
    tables = {table.removeprefix("public.") for table in await naming(clone.admin_dsn, person)}
    assert tables >= store.PERSONS.tables | {"kit.journal", "kit.outbox", "kit.person"}
    held = (await as_role("data-protection-officer").get(f"/persons/{person}/held")).json()
    assert {record["aggregate"] for record in held["records"]} == {"passport", "stop", "deployment"}
    assert {row["table"] for row in held["rows"]} == {"first_day_pack", "followed", "training", "judgement"}
    assert contact in str(held["rows"])
    assert [part["id"] for part in held["parts"]] == [statement]
    for _ in range(2):  # heard again, nothing changes
        await hear(database, store.PERSONS.hear, (person, 2, ERASED))
        assert await naming(clone.admin_dsn, person) == []
    assert (await coordinator.get(f"/deployments/{move}")).json()["status"] == "voided"
    assert (await coordinator.get(f"/deployments/{move}/first-day-pack")).status_code == 404
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM first_day_pack") == 0
    issued = await coordinator.made(f"/statements/{statement}/issue", {"occurred_on": on(103), "vat": "standard"})
    assert len(issued["lines"]) == 1


async def test_what_comes_late_of_whom_was_erased_is_not_kept(database: Database, clone: Clone) -> None:
    person = somebody()
    await hear(database, store.PERSONS.hear, (person, 2, ERASED))
    await Bus(database).say(completed(person, uuid4()))
    assert await naming(clone.admin_dsn, person) == []
