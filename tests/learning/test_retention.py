"""What is kept for how long, shown before it is let go: of what several are in for all of them at once."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from kit import outbox
from kit.clock import now
from kit.context import Context
from kit.database import Database
from kit.deadlines import fire_next
from kit.reconcile import Found
from kit.testing.client import As, Client
from kit.testing.databases import Clone
from kit.testing.persons import naming
from learning.domain import cohort
from learning.retention import SCHEDULE
from learning.store import aggregates
from schemas.learning import RecordLetGo
from schemas.values import business_date

from .test_api import on, people, scheduled, team

FOR_EVER = datetime(2099, 12, 31, tzinfo=UTC)
OFFICER = "data-protection-officer"
HELD, CANCELLED = (line for line in SCHEDULE if line.aggregate == cohort.AGGREGATE)


@pytest.fixture
def officer(as_role: As) -> Client:
    return as_role(OFFICER)


async def held(coordinator: Client, *who: str) -> str:
    """A cohort that was held long ago, to which all of these came."""
    id_ = await scheduled(coordinator)
    state = await coordinator.made(f"/cohorts/{id_}/book", team(*who))
    came = [each["id"] for each in state["bookings"]]
    for session in (60, 67):
        await coordinator.made(f"/cohorts/{id_}/register", {"session": on(session), "attended": came})
    await coordinator.made(f"/cohorts/{id_}/hold", {"occurred_on": on(67)})
    return id_


async def fire_all(database: Database, at: datetime) -> None:
    while await fire_next(database, aggregates.fall_due, at):
        pass


async def due(officer: Client) -> dict[str, datetime]:
    """What is let go some time, and when."""
    rows = (await officer.found("/retention", until="2099-12-31"))["rows"]
    return {row["aggregate_id"]: datetime.fromisoformat(row["due_at"]) for row in rows}


async def test_a_cohort_that_was_held_is_shown_and_then_nobody_who_was_in_it_is_named_any_more(
    coordinator: Client, officer: Client, database: Database, clone: Clone
) -> None:
    one, other, swapped = people(3)
    id_ = await scheduled(coordinator)
    state = await coordinator.made(f"/cohorts/{id_}/book", team(swapped, other))
    first, second = (each["id"] for each in state["bookings"])
    swap = {"booking_id": first, "learner": {"person_id": one}, "occurred_on": on(30)}
    state = await coordinator.made(f"/cohorts/{id_}/swap", swap)
    came = [each["id"] for each in state["bookings"] if each["id"] != first]
    for session in (60, 67):
        await coordinator.made(f"/cohorts/{id_}/register", {"session": on(session), "attended": came})
    await coordinator.made(f"/cohorts/{id_}/hold", {"occurred_on": on(67)})
    evaluation = {
        "occurred_on": on(68),
        "booking_id": second,
        "rating": 5,
        "confidence_before": 4,
        "confidence_after": 9,
    }
    state = await coordinator.made(f"/cohorts/{id_}/evaluate", evaluation)
    moment = (await due(officer))[id_]
    assert moment > now() + timedelta(days=89)
    await fire_all(database, moment - timedelta(seconds=1))
    assert (await coordinator.found(f"/cohorts/{id_}"))["status"] == "held"
    await fire_all(database, moment)
    assert (await coordinator.found(f"/cohorts/{id_}"))["status"] == "voided"
    lines = (await coordinator.found(f"/cohorts/{id_}/history"))["lines"]
    assert [line["version"] for line in lines] == list(range(1, state["version"] + 2)), "what happened stays"
    for person in (one, other, swapped):
        found = await naming(clone.admin_dsn, UUID(person))
        assert not {"public.cohort", "public.booking", "kit.journal", "kit.deadline", "kit.waiting"} & set(found)
        assert person not in str(lines)
        assert (await coordinator.found("/bookings", person_id=person))["rows"] == []
    learners = {line["said"]["person_id"] for line in lines if "person_id" in line["said"]}
    assert len(learners) == 3, "what one person did is one person's still"


async def test_whoever_holds_something_for_the_sake_of_a_cohort_is_told_once_that_it_was_let_go(
    coordinator: Client, database: Database
) -> None:
    who = people(2)
    id_ = await held(coordinator, *who)
    await fire_all(database, FOR_EVER)
    async with database.transaction() as tx:
        (row,) = await tx.fetch(
            "SELECT value FROM kit.outbox WHERE key = $1 AND headers ->> 'ce_type' = $2", id_.encode(), RecordLetGo.TYPE
        )
    said = RecordLetGo.read(row["value"])
    assert (said.record, said.ended_on.isoformat()) == (HELD.record, on(67))
    assert not [person for person in who if person in row["value"].decode()]


async def test_a_cohort_that_was_cancelled_goes_sooner_than_one_that_was_held(
    coordinator: Client, officer: Client
) -> None:
    assert (CANCELLED.months, HELD.months) == (24, 72)
    today, ids = business_date(now()), []
    for last in ("hold", "cancel"):
        id_ = await scheduled(coordinator, sessions=[today.isoformat()])
        step = {"reason": "too-few", "occurred_on": today.isoformat()} if last == "cancel" else {}
        await coordinator.made(f"/cohorts/{id_}/{last}", step)
        ids.append(id_)
    shown = await due(officer)
    assert [round((shown[id_] - now()) / timedelta(days=365)) for id_ in ids] == [6, 2]


async def test_what_is_kept_longer_keeps_everybody_s_place_and_a_cohort_that_is_opened_again_has_not_ended(
    coordinator: Client, officer: Client, database: Database
) -> None:
    kept, opened = await held(coordinator, *people(2)), await held(coordinator, *people(1))
    await coordinator.made(f"/cohorts/{opened}/reopen", {"reason": "list-found"})
    ((id_, over),) = (await due(officer)).items()
    assert id_ == kept
    until = (over + timedelta(days=400)).date()
    await officer.made(f"/retention/{kept}/keep-longer", {"until": until.isoformat(), "reason": "legal-claim"})
    await fire_all(database, over + timedelta(days=399))
    assert len((await coordinator.found("/bookings", cohort_id=kept))["rows"]) == 2
    await fire_all(database, over + timedelta(days=402))
    assert (await coordinator.found("/bookings", cohort_id=kept))["rows"] == []
    assert (await coordinator.found(f"/cohorts/{opened}"))["status"] == "scheduled"


async def test_a_cohort_that_was_let_go_is_let_go_again_after_an_older_backup_was_restored(
    coordinator: Client, database: Database, clone: Clone
) -> None:
    """The backup has everybody's place; the topic has that it was let go."""
    (person,) = people(1)
    id_ = await held(coordinator, person)
    state = await coordinator.found(f"/cohorts/{id_}")
    async with database.transaction() as tx:
        said = RecordLetGo(occurred_on=business_date(now()), record=HELD.record, ended_on=date.fromisoformat(on(67)))
        await outbox.record(tx, cohort.AGGREGATE, UUID(id_), state["version"], [said], Context(actor="deadline"))
        await aggregates.rebuild(tx, Found(read=9, behind=(UUID(id_),), added=1, forgotten=()))
    found = await naming(clone.admin_dsn, UUID(person))
    assert not {"public.cohort", "public.booking", "kit.journal"} & set(found)
