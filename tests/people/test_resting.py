"""Who somebody is, is kept for the sake of what services keep of them, and for a period more, which is shown before it is over."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from kit import outbox
from kit.clock import now
from kit.database import Database
from kit.deadlines import fire_next
from kit.ids import new_event_id, new_id
from kit.inbox import Received
from kit.positions import open_place
from kit.retention import NOTICE
from kit.testing.client import As, Client
from kit.testing.records import envelope_of
from learning.store import aggregates as of_learning
from mobility.store import aggregates as of_mobility
from people import access, resting
from people.contract import HEARD
from people.domain.messages import MessageKind
from people.messages import store as messages
from people.resting import CONSUMER
from schemas import talent_pipeline as tp
from schemas.fact import Fact
from schemas.registry import facts
from schemas.values import business_date
from talent_pipeline.store import aggregates as of_talent_pipeline

from .conftest import ADA, HOSPITALS
from .test_messages import offer

LONG_AGO = "2021-01-04"
"""A period that began then is over; it is shown for as long as the law of the schedule asks, all the same."""
TOMORROW = timedelta(days=1)


@pytest_asyncio.fixture(autouse=True)
async def reading(database: Database) -> None:
    """The worker has begun to read."""
    async with database.transaction() as tx:
        await open_place(tx, CONSUMER, "talent-pipeline.events.v1", 0, "topic", 0)


@pytest.fixture
def officer(as_role: As) -> Client:
    return as_role("data-protection-officer")


async def registered(coordinator: Client) -> UUID:
    return UUID((await coordinator.made("/persons", {**ADA, "occurred_on": LONG_AGO}))["id"])


async def hear(database: Database, *said: tuple[UUID, Fact]) -> None:
    """Facts of other services, each about a record of theirs, in one batch."""
    received = [
        Received(envelope_of(fact, record, turn + 1, now(), new_event_id()), fact, "t", 0, turn)
        for turn, (record, fact) in enumerate(said)
    ]
    async with database.transaction() as tx:
        await resting.hear(tx, received)


def let_go(day: date | None = None) -> tp.RecordLetGo:
    day = day or business_date(now())
    return tp.RecordLetGo(occurred_on=day, record="a record of the test", ended_on=date(2021, 1, 4))


async def ends(officer: Client) -> dict[UUID, datetime]:
    """Whose registration is let go next, and when."""
    shown = (await officer.found("/retention", until="2099-01-01"))["rows"]
    return {
        UUID(row["aggregate_id"]): datetime.fromisoformat(row["due_at"])
        for row in shown
        if row["aggregate"] == "person"
    }


async def fire(database: Database, at: datetime) -> None:
    while await fire_next(database, access.fall_due, at):
        pass


async def status(coordinator: Client, *persons: UUID) -> list[str]:
    return [(await coordinator.found(f"/persons/{person}"))["status"] for person in persons]


async def test_of_whom_nobody_keeps_anything_is_shown_for_ninety_days_and_then_erased_as_if_they_had_asked(
    coordinator: Client, officer: Client, database: Database
) -> None:
    person = await registered(coordinator)
    due = (await ends(officer))[person]
    assert due >= now() + NOTICE - timedelta(minutes=5)
    await fire(database, due - timedelta(seconds=1))
    assert await status(coordinator, person) == ["registered"]
    await fire(database, due)
    assert await status(coordinator, person) == ["erased"]
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM detail") == 0
        *_, last = await outbox.history(tx, person)
    assert (type(last.fact).__name__, last.actor) == ("PersonErased", "deadline")


async def test_for_a_period_of_twelve_months_somebody_is_kept_who_was_registered_today(
    coordinator: Client, officer: Client
) -> None:
    person = UUID((await coordinator.made("/persons", ADA))["id"])
    assert (await ends(officer))[person] > now() + timedelta(days=364)


async def test_whoever_a_service_keeps_a_record_of_is_kept_until_it_says_that_it_let_go_of_the_last(
    coordinator: Client, officer: Client, database: Database
) -> None:
    person, first, second = await registered(coordinator), new_id(), new_id()
    await hear(database, (first, offer(person)), (second, offer(person)), (first, offer(person)))
    assert await ends(officer) == {}
    await fire(database, now() + 20 * NOTICE)
    await hear(database, (first, let_go()))
    assert await ends(officer) == {}
    await hear(database, (second, let_go()))
    due = (await ends(officer))[person]
    assert due > now() + timedelta(days=364), "the period begins with the last that was let go"
    await fire(database, due)
    assert await status(coordinator, person) == ["erased"]


async def test_what_several_are_in_keeps_each_of_them_and_is_let_go_for_all_at_once(
    coordinator: Client, officer: Client, database: Database
) -> None:
    several, cohort, own = [await registered(coordinator) for _ in range(3)], new_id(), new_id()
    await hear(database, *((cohort, offer(person)) for person in several), (own, offer(several[0])))
    assert await ends(officer) == {}
    await hear(database, (cohort, let_go()))
    assert set(await ends(officer)) == set(several[1:])


async def test_what_is_said_and_let_go_in_one_breath_or_heard_twice_comes_to_the_same(
    coordinator: Client, officer: Client, database: Database
) -> None:
    person, record = await registered(coordinator), new_id()
    for _ in range(2):
        await hear(database, (record, offer(person)), (record, let_go(date(2022, 1, 4))))
        assert list(await ends(officer)) == [person]


async def test_a_record_of_one_id_keeps_every_id_of_the_person_and_all_go_together(
    coordinator: Client, officer: Client, database: Database
) -> None:
    one, other, record = await registered(coordinator), await registered(coordinator), new_id()
    await hear(database, (record, offer(other)))
    assert list(await ends(officer)) == [one]
    await coordinator.made(f"/persons/{other}/link", {"same_as": str(one), "reason": "same-contact"})
    assert await ends(officer) == {}
    await coordinator.made(f"/persons/{other}/unlink", {"reason": "mistaken"})
    assert list(await ends(officer)) == [one]
    await coordinator.made(f"/persons/{other}/link", {"same_as": str(one), "reason": "same-contact"})
    await hear(database, (record, let_go()))
    assert set(await ends(officer)) == {one, other}
    await fire(database, max((await ends(officer)).values()))
    assert await status(coordinator, one, other) == ["erased", "erased"]


async def test_whom_a_partner_calls_by_its_reference_keeps_that_id_for_ever(
    as_role: As, officer: Client, database: Database
) -> None:
    partner, reference = as_role("integrator", HOSPITALS), {"kind": "esr", "value": "1"}
    person = (await partner.made("/references/exchange", reference))["person_id"]
    assert await ends(officer) == {}
    record = new_id()
    await hear(database, (record, offer(UUID(person))), (record, let_go()))
    assert await ends(officer) == {}
    assert (await partner.made("/references/exchange", reference))["person_id"] == person


async def test_what_somebody_asked_keeps_them_until_that_has_had_its_period(
    coordinator: Client, officer: Client, database: Database
) -> None:
    person = await registered(coordinator)
    asked = (await coordinator.made("/erasures", {"person_id": str(person)}))["id"]
    await officer.made(f"/erasures/{asked}/hold", {"reason": "legal-claim"})
    assert await ends(officer) == {}
    await officer.made(f"/erasures/{asked}/release")
    await officer.made(f"/erasures/{asked}/refuse", {"ground": "legal-claims"})
    assert await ends(officer) == {}
    await fire(database, datetime(2099, 1, 1, tzinfo=UTC))
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM erasure WHERE body IS NOT NULL") == 0
    assert list(await ends(officer)) == [person]


async def test_who_objected_to_being_compared_is_not_kept_for_the_sake_of_that(
    coordinator: Client, officer: Client
) -> None:
    person = await registered(coordinator)
    asked = (await coordinator.made("/requests", {"person_id": str(person), "about": "being-compared"}))["id"]
    assert await ends(officer) == {}
    await officer.made(f"/requests/{asked}/grant")
    assert list(await ends(officer)) == [person]


async def test_whoever_is_kept_longer_is_kept_until_that_day_under_each_id(
    coordinator: Client, officer: Client, database: Database
) -> None:
    one, other = await registered(coordinator), await registered(coordinator)
    await coordinator.made(f"/persons/{other}/link", {"same_as": str(one), "reason": "same-contact"})
    until = business_date(now()) + timedelta(days=400)
    await officer.made(f"/retention/{other}/keep-longer", {"until": until.isoformat(), "reason": "legal-claim"})
    due = await ends(officer)
    assert {moment > now() + timedelta(days=399) for moment in due.values()} == {True}
    await fire(database, now() + timedelta(days=399))
    assert await status(coordinator, one, other) == ["registered", "linked"]
    await fire(database, max(due.values()))
    assert await status(coordinator, one, other) == ["erased", "erased"]


async def test_a_deadline_that_no_worker_met_in_time_lets_what_was_said_meanwhile_be_heard_first(
    coordinator: Client, officer: Client, database: Database
) -> None:
    """Also one that is due because an older backup was restored."""
    person, idle = await registered(coordinator), await registered(coordinator)
    late = max((await ends(officer)).values()) + timedelta(days=30)
    await fire(database, late)
    assert await status(coordinator, person, idle) == ["registered", "registered"]
    await hear(database, (new_id(), offer(person)))
    await fire(database, late + TOMORROW)
    assert await status(coordinator, person, idle) == ["registered", "erased"]


STOPS: Sequence[str] = (
    "UPDATE kit.position SET stopped_code = 'defect', stopped_at = now() WHERE consumer = 'people.resting'",
    "DELETE FROM kit.position WHERE consumer = 'people.resting'",
)


@pytest.mark.parametrize("stop", STOPS)
async def test_nobody_is_let_go_while_it_is_not_heard_what_others_keep_of_them(
    coordinator: Client, officer: Client, database: Database, stop: str
) -> None:
    person = await registered(coordinator)
    async with database.transaction() as tx:
        await tx.execute(stop)
    due = (await ends(officer))[person]
    await fire(database, due)
    assert await status(coordinator, person) == ["registered"]
    assert (await ends(officer))[person] == due + TOMORROW


async def test_many_batches_that_name_the_same_people_in_any_order_do_not_stand_in_each_others_way(
    coordinator: Client, officer: Client, database: Database
) -> None:
    """Nor in the way of what people are told, in the order in which it is said."""
    persons = [await registered(coordinator) for _ in range(6)]

    async def tells(order: Sequence[UUID]) -> None:
        async with database.transaction() as tx:
            for person in order:
                await messages.tell(tx, new_id(), person, MessageKind.OFFER_MADE, None, now())
                await asyncio.sleep(0)

    for turn in range(5):
        orders = [persons[turn:] + persons[:turn], persons[::-1], persons]
        batches = [hear(database, *((new_id(), offer(person)) for person in order)) for order in orders]
        await asyncio.gather(*batches, *(tells(order) for order in orders))
    assert await ends(officer) == {}
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM resting") == 5 * 3 * 6


async def test_of_an_id_that_is_nobodys_and_of_whom_was_erased_nothing_is_kept(
    coordinator: Client, officer: Client, database: Database
) -> None:
    person = await registered(coordinator)
    await hear(database, (new_id(), offer(person)))
    asked = (await coordinator.made("/erasures", {"person_id": str(person)}))["id"]
    await officer.made(f"/erasures/{asked}/approve")
    await hear(database, (new_id(), offer(person)), (new_id(), offer(new_id())), (new_id(), let_go()))
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM resting") == 0
    assert await ends(officer) == {}


def test_every_service_that_names_somebody_says_when_it_lets_go_and_is_heard() -> None:
    naming = {fact for fact in facts() if fact.SERVICE in HEARD and "person_id" in fact.model_fields}
    said = {each.lets_go for each in (of_talent_pipeline, of_learning, of_mobility)}
    assert naming | said == set(resting.ACCEPTS)
    assert {fact.SERVICE for fact in naming} == {fact.SERVICE for fact in said if fact} == set(HEARD)
