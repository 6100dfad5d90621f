"""What is kept for how long, shown before it is let go: of what several are in for all of them at once."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from kit import outbox
from kit.clock import now
from kit.context import Context
from kit.database import Database
from kit.deadlines import fire_next
from kit.ids import new_id
from kit.letting_go import let_go
from kit.reconcile import Found
from kit.retention import Kept, rows_of
from kit.step import end_of, months_later
from kit.testing.client import As, Client
from kit.testing.databases import Clone
from kit.testing.periods import given_anew
from kit.testing.persons import naming, somebody
from learning.domain import cohort
from learning.retention import SCHEDULE
from learning.store import aggregates
from learning.testing import HOSPICE, day
from schemas import mobility
from schemas import talent_pipeline as tp
from schemas.learning import RecordLetGo
from schemas.values import business_date

from .test_api import on, people, scheduled, team
from .test_reactions import Bus, placed, seconded
from .test_skills import a_refresher, training

FOR_EVER = datetime(2099, 12, 31, tzinfo=UTC)
OFFICER = "data-protection-officer"
HELD, CANCELLED, _ = (line for line in SCHEDULE if isinstance(line, Kept) and line.aggregate == cohort.AGGREGATE)
(CODES,) = rows_of(SCHEDULE)


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


# Training that nobody renews ---------------------------------------------------------------------------------------------


async def test_training_that_nobody_renewed_is_kept_as_long_as_its_person_works_there_and_for_a_period_more(
    coordinator: Client, officer: Client, database: Database, clone: Clone
) -> None:
    await coordinator.made("/refreshers", a_refresher())
    person = str(somebody())
    works = {"person_id": person, "organisation": HOSPICE, "soc2020": "6135", "occurred_on": on(20)}
    work = (await coordinator.made("/employments", works))["id"]
    id_ = (await coordinator.made("/competences", training(person, organisation=HOSPICE)))["id"]
    await fire_all(database, FOR_EVER)
    assert id_ not in await due(officer), "who works there needs it"
    assert (await coordinator.found(f"/competences/{id_}"))["status"] != "voided"
    await coordinator.made(f"/employments/{work}/end", {"occurred_on": on(400)})
    ran_out = date.fromisoformat((await coordinator.found(f"/competences/{id_}"))["expires_on"])
    moment = (await due(officer))[id_]
    assert moment == end_of(months_later(max(ran_out, day(400)), 120))
    await fire_all(database, moment - timedelta(seconds=1))
    assert (await coordinator.found(f"/competences/{id_}"))["status"] != "voided"
    await fire_all(database, moment)
    assert (await coordinator.found(f"/competences/{id_}"))["status"] == "voided"
    assert not {"public.competence", "public.employment"} & set(await naming(clone.admin_dsn, UUID(person)))


async def test_who_comes_back_needs_what_they_were_trained_in(coordinator: Client, officer: Client) -> None:
    person = str(somebody())
    id_ = (await coordinator.made("/competences", training(person, organisation=HOSPICE)))["id"]
    assert id_ in await due(officer)
    works = {"person_id": person, "organisation": HOSPICE, "soc2020": "6135", "occurred_on": on(500)}
    await coordinator.made("/employments", works)
    assert id_ not in await due(officer)


# What is kept for the sake of something else ------------------------------------------------------------------------------


async def test_that_somebody_started_is_known_until_the_application_or_the_move_is_let_go_of(
    database: Database, clone: Clone
) -> None:
    bus, person, kept = Bus(database), somebody(), somebody()
    starts = [(placed(person), tp.RecordLetGo), (seconded(person), mobility.RecordLetGo)]
    records = [new_id() for _ in starts]
    for record, (start, _) in zip(records, starts, strict=True):
        await bus.say(start, record)
    await bus.say(placed(kept), new_id())
    for record, (_, let) in zip(records, starts, strict=True):
        assert "public.starter" in await naming(clone.admin_dsn, person)
        await bus.say(let(occurred_on=day(900), record="work that ended", ended_on=day(300)), record)
    assert "public.starter" not in await naming(clone.admin_dsn, person)
    assert "public.starter" in await naming(clone.admin_dsn, kept)


async def test_a_code_is_forgotten_on_the_day_after_the_last_on_which_it_shows_a_transcript(
    coordinator: Client, database: Database
) -> None:
    shown = await coordinator.made(f"/persons/{somebody()}/transcript/code", {})
    last = datetime.combine(date.fromisoformat(shown["until"]), time(), UTC)
    for moment, forgotten in ((last + timedelta(hours=23), 0), (last + timedelta(days=1), 1)):
        async with database.transaction() as tx:
            assert await let_go(tx, CODES, moment) == forgotten


async def test_what_had_ended_before_there_was_a_period_is_given_one(coordinator: Client, clone: Clone) -> None:
    await held(coordinator, *people(2))
    await coordinator.made("/competences", training(str(somebody())))
    await coordinator.made("/refreshers", a_refresher())
    await coordinator.made("/competences", training(str(somebody())))
    id_ = await scheduled(coordinator)
    await coordinator.made(f"/cohorts/{id_}/cancel", {"reason": "too-few"})
    mistaken = f"/competences/{(await coordinator.made('/competences', training(str(somebody()))))['id']}"
    (line,) = (await coordinator.found(f"{mistaken}/history"))["lines"]
    await coordinator.made(f"{mistaken}/facts/{line['id']}/void", {"reason": "entered-in-error"})
    migrations = ("0010_retention.sql", "0011_needed_no_more.sql", "0012_mistakes.sql")
    running, given = await given_anew(clone, "learning", *migrations)
    assert len(running) == 5
    new = {(kind, record) for kind, record, _ in given}
    assert new == {(kind, record) for kind, record, _ in running}
    assert all(now() + timedelta(days=89) < due for _, _, due in given)
