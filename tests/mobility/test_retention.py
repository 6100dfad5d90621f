"""What is kept for how long, shown before it is let go: of what several are in for all of them at once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from kit.clock import now
from kit.database import Database
from kit.deadlines import fire_next
from kit.letting_go import let_go
from kit.retention import NOTICE, Kept, Rows, rows_of
from kit.testing.databases import Clone
from kit.testing.periods import given_anew
from kit.testing.persons import naming, somebody
from mobility.domain import statement
from mobility.handlers import falling_due
from mobility.retention import SCHEDULE
from mobility.testing import HOSPICE
from schemas.mobility import RecordLetGo

from .acts import a_proposal, both_signed, brought_to, on, pattern
from .test_reactions import Bus, completed, waived
from .test_statement import hours

FOR_EVER = datetime(2099, 12, 31, tzinfo=UTC)
AGREED, _ = (line for line in SCHEDULE if isinstance(line, Kept) and line.aggregate == statement.AGGREGATE)
TRAINING, JUDGEMENTS = rows_of(SCHEDULE)


async def agreed(coordinator: Any, *people: UUID) -> str:
    """A statement of the hours that these worked in a month, agreed long ago."""
    await both_signed(coordinator)
    id_ = ""
    for person in people:
        proposal = a_proposal(str(person), None, pattern=pattern(1, 2, 3))
        move = (await coordinator.made("/deployments", proposal))["id"]
        await brought_to(coordinator, move, "start")
        for number in (50, 51):
            id_ = (await coordinator.made("/statements", hours(move, number)))["id"]
    await coordinator.made(f"/statements/{id_}/issue", {"occurred_on": on(103), "vat": "standard"})
    await coordinator.made(f"/statements/{id_}/agree", {"occurred_on": on(104)})
    return id_


async def fire_all(database: Database, at: datetime) -> None:
    while await fire_next(database, falling_due.fall_due, at):
        pass


async def due(officer: Any) -> dict[str, datetime]:
    """What is let go some time, and when."""
    rows: Sequence[dict[str, str]] = (await officer.get("/retention", until="2099-12-31")).json()["rows"]
    return {row["aggregate_id"]: datetime.fromisoformat(row["due_at"]) for row in rows}


async def test_a_statement_that_was_agreed_is_shown_and_then_nobody_whose_hours_it_held_is_named_any_more(
    coordinator: Any, as_role: Any, database: Database, clone: Clone
) -> None:
    one, other = somebody(), somebody()
    id_ = await agreed(coordinator, one, other)
    before = (await coordinator.get(f"/statements/{id_}/history")).json()["lines"]
    moment = (await due(as_role("data-protection-officer")))[id_]
    assert moment > now() + timedelta(days=89)
    await fire_all(database, moment - timedelta(seconds=1))
    assert (await coordinator.get(f"/statements/{id_}")).json()["status"] == "agreed"
    await fire_all(database, moment)
    assert (await coordinator.get(f"/statements/{id_}")).json()["status"] == "voided"
    *lines, last = (await coordinator.get(f"/statements/{id_}/history")).json()["lines"]
    assert not {str(one), str(other)} & {str(line["said"].get("person_id")) for line in lines}
    assert len({line["said"]["person_id"] for line in lines if "person_id" in line["said"]}) == 2
    told = ("hours", "pence", "vat_pence")
    assert [[line["said"].get(name) for name in told] for line in lines] == [
        [line["said"].get(name) for name in told] for line in before
    ], "what was charged stays"
    assert last["type"] == RecordLetGo.TYPE
    assert (last["said"]["record"], last["said"]["ended_on"]) == (AGREED.record, on(104))
    for person in (one, other):
        assert "public.statement" not in await naming(clone.admin_dsn, person)


async def test_a_statement_that_is_not_agreed_has_not_ended_and_what_is_kept_longer_stays(
    coordinator: Any, as_role: Any, database: Database
) -> None:
    kept, officer = await agreed(coordinator, somebody()), as_role("data-protection-officer")
    (over,) = [moment for id_, moment in (await due(officer)).items() if id_ == kept]
    move = (await coordinator.get(f"/statements/{kept}")).json()["lines"][0]["deployment_id"]
    waits = (await coordinator.made("/statements", hours(move, 70)))["id"]
    assert waits not in await due(officer)
    asked = {"until": (over + timedelta(days=400)).date().isoformat(), "reason": "legal-claim"}
    await officer.made(f"/retention/{kept}/keep-longer", asked)
    await fire_all(database, over + timedelta(days=399))
    assert (await coordinator.get(f"/statements/{kept}")).json()["status"] == "agreed"
    await fire_all(database, FOR_EVER)
    states = [(await coordinator.get(f"/statements/{id_}")).json()["status"] for id_ in (kept, waits)]
    assert states == ["voided", "open"]


async def test_a_move_that_was_a_mistake_is_let_go_a_year_after_it_was_taken_back(
    coordinator: Any, database: Database
) -> None:
    person = somebody()
    move = f"/deployments/{(await coordinator.made('/deployments', a_proposal(str(person), None)))['id']}"
    (line,) = (await coordinator.get(f"{move}/history")).json()["lines"]
    await coordinator.made(f"{move}/facts/{line['id']}/void", {"reason": "entered-in-error"})
    await fire_all(database, now() + timedelta(days=364))
    assert str(person) in (await coordinator.get(f"{move}/history")).text
    await fire_all(database, now() + timedelta(days=368))
    assert str(person) not in (await coordinator.get(f"{move}/history")).text


async def gone(database: Database, line: Rows, moment: datetime) -> int:
    async with database.transaction() as tx:
        return await let_go(tx, line, moment)


async def test_what_was_heard_of_training_is_shown_and_let_go_and_kept_longer_for_one_person(
    as_role: Any, database: Database, clone: Clone
) -> None:
    bus, officer = Bus(database), as_role("data-protection-officer")
    person, kept = somebody(), somebody()
    for each in (person, kept):
        await bus.say(completed(each, uuid4()))
        await bus.say(waived(each))
    shown = (await officer.get("/retention", until="2099-12-31")).json()["rows"]
    assert sorted((row["aggregate_id"], row["aggregate"]) for row in shown) == sorted(
        (str(each), line.table) for each in (person, kept) for line in (TRAINING, JUDGEMENTS)
    )
    moment = FOR_EVER - 2 * NOTICE
    asked = {"until": FOR_EVER.date().isoformat(), "reason": "legal-claim"}
    await officer.made(f"/retention/{kept}/keep-longer", asked)
    for line in (TRAINING, JUDGEMENTS):
        assert await gone(database, line, moment) == 0, "it is shown first"
        assert await gone(database, line, moment + NOTICE) == 1
    beside = {"public.training", "public.judgement"}
    assert [beside & set(await naming(clone.admin_dsn, each)) for each in (person, kept)] == [set(), beside]


async def test_what_had_ended_before_there_was_a_period_is_given_one(coordinator: Any, clone: Clone) -> None:
    await agreed(coordinator, somebody())
    opening = {"person_id": str(somebody()), "home": HOSPICE, "occurred_on": on(10)}
    mistaken = f"/passports/{(await coordinator.made('/passports', opening))['id']}"
    (line,) = (await coordinator.get(f"{mistaken}/history")).json()["lines"]
    await coordinator.made(f"{mistaken}/facts/{line['id']}/void", {"reason": "entered-in-error"})
    running, given = await given_anew(clone, "mobility", "0008_retention.sql", "0010_mistakes.sql")
    assert len(given) == 2
    assert given <= running
