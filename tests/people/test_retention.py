"""What the vault writes down of people: for how long, shown before it is let go, kept longer for one of them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from kit.clock import now
from kit.database import Database
from kit.deadlines import fire_next
from kit.letting_go import let_go
from kit.retention import NOTICE, Kept, Rows, Stays
from kit.testing.client import As, Client
from kit.testing.databases import Clone
from kit.testing.persons import naming
from people import access
from people.domain import erasure, request
from people.domain import person as person_
from people.domain.messages import MessageKind, MessageState
from people.messages import store as messages
from people.retention import SCHEDULE
from people.store import Look, keep_looks
from schemas.values import business_date

from .conftest import ADA, HOSPITALS

TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
LOOKS, MESSAGES = (
    next(line for line in SCHEDULE if isinstance(line, Rows) and line.table == table) for table in ("look", "message")
)
FOR_EVER = datetime(2099, 12, 31, tzinfo=UTC)
YEAR = timedelta(days=366)


@pytest.fixture
def officer(as_role: As) -> Client:
    return as_role("data-protection-officer")


@pytest_asyncio.fixture
async def person(coordinator: Client) -> UUID:
    return UUID((await coordinator.made("/persons", {**ADA, "organisation": HOSPITALS}))["id"])


async def looked(database: Database, person: UUID, ago: timedelta) -> None:
    async with database.transaction() as tx:
        await keep_looks(tx, [Look(person, now() - ago, "somebody", None, "make-offer")])


async def told(database: Database, person: UUID, ago: timedelta, state: MessageState) -> UUID:
    """A message that came to an end so long ago; one that did not come through waits for somebody."""
    fact = UUID(int=int(ago.total_seconds()))
    async with database.transaction() as tx:
        await messages.tell(tx, fact, person, MessageKind.OFFER_MADE, None, now())
        id_ = messages.id_of(fact, person)
        if state is MessageState.BOUNCED:
            await messages.end(tx, id_, state, "dsn-5.1.1")
        elif state is MessageState.SENT:
            await messages.mark_sent(tx, id_)
        await tx.execute("UPDATE message SET state_at = $2, said_at = $2 WHERE id = $1", id_, now() - ago)
    return id_


async def gone(database: Database, line: Rows, moment: datetime | None = None) -> int:
    async with database.transaction() as tx:
        return await let_go(tx, line, moment or now())


async def have_shown(database: Database) -> None:
    """As if the schedule had stood for as long as it takes."""
    for line in (LOOKS, MESSAGES):
        assert await gone(database, line) == 0
    async with database.transaction() as tx:
        await tx.execute("UPDATE kit.schedule SET since = since - $1::interval", NOTICE)


async def rows(database: Database, statement: str) -> list[Any]:
    async with database.transaction() as tx:
        return [tuple(row) for row in await tx.fetch(statement)]


async def test_every_table_of_the_vault_has_a_period_or_a_reason_to_stay(database: Database) -> None:
    tables = {line.aggregate if isinstance(line, Kept) else line.table for line in SCHEDULE}
    assert tables == {name for (name,) in await rows(database, TABLES)} - {"migration"}
    assert all(line.why if isinstance(line, Stays) else line.source for line in SCHEDULE)


def test_every_request_that_was_decided_has_a_period_or_says_why_it_is_never_let_go() -> None:
    ends = [(line.aggregate, end) for line in SCHEDULE if isinstance(line, Kept) for end in line.ends]
    assert sorted(ends) == sorted({
        *((person_.AGGREGATE, end) for end in set(person_.Status) - {person_.Status.ERASED}),
        (erasure.AGGREGATE, erasure.Status.REFUSED),
        *((request.AGGREGATE, end) for end in set(request.Status) - {request.Status.MADE}),
    })  # fmt: skip
    stays = {line.table: line.why for line in SCHEDULE if isinstance(line, Stays)}
    assert "never let go" in stays["erasure"]
    assert "never let go" in stays["person"]


async def test_looks_and_messages_are_shown_by_person_for_ninety_days_and_then_let_go(
    database: Database, officer: Client, as_role: As, person: UUID, clone: Clone
) -> None:
    await looked(database, person, 7 * YEAR)
    await looked(database, person, YEAR)
    bounced = await told(database, person, 3 * YEAR, MessageState.BOUNCED)
    await told(database, person, 4 * YEAR, MessageState.SENT)
    await told(database, person, 5 * YEAR, MessageState.QUEUED)
    shown = (await officer.found("/retention"))["rows"]
    found = {(row["aggregate"], row["aggregate_id"], row["record"], row["rows"]) for row in shown}
    assert found == {("look", str(person), LOOKS.record, 1), ("message", str(person), MESSAGES.record, 2)}
    assert min(datetime.fromisoformat(row["due_at"]) for row in shown) > now() + NOTICE - timedelta(minutes=5)
    assert [row["why"] for row in (await as_role("partner", HOSPITALS).found("/waiting"))["rows"]] == [
        "message-bounced"
    ]
    assert (await gone(database, LOOKS), await gone(database, MESSAGES)) == (0, 0)
    await have_shown(database)
    assert (await gone(database, LOOKS), await gone(database, MESSAGES)) == (1, 2)
    assert [state for (state,) in await rows(database, "SELECT state FROM message")] == ["queued"]
    assert len(await rows(database, "SELECT FROM look")) == 1
    assert (await as_role("partner", HOSPITALS).found("/waiting"))["rows"] == []
    assert str(bounced) not in {str(id_) for (id_,) in await rows(database, "SELECT aggregate_id FROM kit.waiting")}


async def test_what_is_kept_longer_for_a_person_is_kept_in_all_that_has_a_period(
    database: Database, officer: Client, coordinator: Client, person: UUID
) -> None:
    other, second = [UUID((await coordinator.made("/persons", ADA))["id"]) for _ in range(2)]
    await coordinator.made(f"/persons/{second}/link", {"same_as": str(person), "reason": "same-contact"})
    for each in (person, other, second):
        await looked(database, each, 7 * YEAR)
        await told(database, each, 3 * YEAR, MessageState.SENT)
    until = business_date(now()) + timedelta(days=400)
    asked = {"until": until.isoformat(), "reason": "legal-claim"}
    await officer.made(f"/retention/{second}/keep-longer", asked)
    assert (await officer.post(f"/retention/{UUID(int=1)}/keep-longer", asked)).status_code == 404
    await have_shown(database)
    assert (await gone(database, LOOKS), await gone(database, MESSAGES)) == (1, 1)
    assert {
        id_ for (id_,) in await rows(database, "SELECT person_id FROM look UNION SELECT person_id FROM message")
    } == {person, second}
    shown = (await officer.found("/retention", until=(until + timedelta(days=1)).isoformat()))["rows"]
    assert {(row["aggregate_id"], row["kept_until"], row["reason"]) for row in shown} == {
        *((str(each), until.isoformat(), "legal-claim") for each in (person, second)), (str(other), None, None),
    }  # fmt: skip
    assert len([row for row in shown if row["aggregate"] == "person"]) == 3, "who they are has a period too"


async def test_no_look_is_let_go_before_it_is_six_years_old_whatever_a_schedule_says(
    database: Database, person: UUID
) -> None:
    assert LOOKS.months == 72
    await looked(database, person, timedelta(days=6 * 365 - 10))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction() as tx:
            await tx.execute("DELETE FROM look")


async def test_a_request_that_was_decided_is_let_go_after_its_period_and_an_objection_that_holds_is_not(
    database: Database, officer: Client, coordinator: Client, person: UUID, clone: Clone
) -> None:
    asked = {}
    for about in ("being-compared", "being-written-to", "something-else"):
        asked[about] = (await coordinator.made("/requests", {"person_id": str(person), "about": about}))["id"]
    refused = (await coordinator.made("/erasures", {"person_id": str(person)}))["id"]
    for about in ("being-compared", "being-written-to"):
        await officer.made(f"/requests/{asked[about]}/grant")
    await officer.made(f"/requests/{asked['something-else']}/refuse", {"ground": "overriding-grounds"})
    await officer.made(f"/erasures/{refused}/refuse", {"ground": "legal-claims"})
    over = (business_date(now()) + 7 * YEAR).isoformat()
    shown = {row["aggregate_id"]: row["aggregate"] for row in (await officer.found("/retention", until=over))["rows"]}
    goes = {asked["being-written-to"]: "request", asked["something-else"]: "request", refused: "erasure"}
    assert {id_: kind for id_, kind in shown.items() if kind != "look"} == goes
    while await fire_next(database, access.fall_due, FOR_EVER):
        pass
    left = [str(id_) for (id_,) in await rows(database, "SELECT id FROM request WHERE body IS NOT NULL")]
    assert left == [asked["being-compared"]]
    assert await rows(database, "SELECT FROM erasure WHERE body IS NOT NULL") == []
    for id_, kind in goes.items():
        history = (await officer.found(f"/{kind}s/{id_}/history"))["lines"]
        assert history
        assert str(person) not in str(history)
    assert set(await naming(clone.admin_dsn, person)) >= {"public.person", "public.detail", "public.request"}
