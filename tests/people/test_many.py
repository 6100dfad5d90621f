"""Ten thousand people, two hundred of them twice: the rules find exactly those, and every pair is linked by rule or by hand."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from kit.database import Connection, Database
from kit.ids import new_id
from kit.testing.client import Client
from people import store
from people.domain.details import Kind, compared
from people.domain.person import Person, Status
from people.handlers import People

MANY, TWICE = 10_000, 200
DAY = date(2023, 1, 1)
INSERT = (
    "INSERT INTO person (id, version, body) SELECT id, 1, body FROM unnest($1::uuid[], $2::jsonb[]) AS p (id, body)"
)


async def put(tx: Connection, people: People, persons: list[tuple[UUID, date, dict[Kind, str]]]) -> None:
    """Registered people as the vault keeps them, many at once."""
    states = [
        Person(status=Status.REGISTERED, since=day, registered_on=day, organisation=None) for _, day, _ in persons
    ]
    bodies = [[id_ for id_, _, _ in persons], [state.model_dump_json() for state in states]]
    await tx.execute(INSERT, *bodies)
    key = people.keys.current
    details = [
        (id_, kind, key.id, key.digest(kind, compared(kind, text)), key.seal(id_, kind, text))
        for id_, _, held in persons
        for kind, text in held.items()
    ]
    await store.keep_details(tx, details)


async def all_likely(coordinator: Client) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = (await coordinator.get("/duplicates", limit=200, **after)).json()
        rows += page["rows"]
        if page["next"] is None:
            return rows
        after = {"after": page["next"]}


async def test_two_hundred_who_are_there_twice_are_found_and_linked(
    database: Database, coordinator: Client, people: People
) -> None:
    originals = [
        (new_id(), DAY + timedelta(days=turn % 365),
         {Kind.NAME: f"Person {turn} Example", Kind.EMAIL: f"p{turn}@example.org", Kind.PHONE: f"+44113{turn:07d}"})
        for turn in range(MANY - TWICE)
    ]  # fmt: skip
    twice = {}
    for turn, (id_, day, held) in enumerate(originals[:TWICE]):
        shared = (
            {Kind.NAME: held[Kind.NAME], Kind.EMAIL: held[Kind.EMAIL].upper()},  # the same name and contact
            {Kind.NAME: f"Married {turn}", Kind.PHONE: held[Kind.PHONE]},  # the same contact
            {Kind.NAME: f"example person {turn}", Kind.POST: f"{turn} Elsewhere"},  # the same name, lately
        )[turn % 3]
        other = new_id()
        twice[frozenset((id_, other))] = (other, day + timedelta(days=30), shared)
    async with database.transaction() as tx:
        await put(tx, people, [*originals, *twice.values()])
    found = await all_likely(coordinator)
    assert {frozenset((UUID(row["one"]), UUID(row["other"]))) for row in found} == set(twice)

    by_rule = (await coordinator.made("/duplicates/link", {"rule": "same-name-and-email"}))["linked"]
    assert len(by_rule) == len([row for row in found if row["rules"][0] == "same-name-and-email"]) == 67
    rest = await all_likely(coordinator)
    assert len(rest) == TWICE - 67
    lines = "".join(f"{row['other']},{row['one']},said-by-the-person\n" for row in rest)
    answered = await coordinator.rows("/persons/link/rows", f"id,same_as,reason\n{lines}")
    assert {row["outcome"] for row in answered} == {"done"}
    assert await all_likely(coordinator) == []
    async with database.transaction() as tx:
        persons = await tx.fetchval("SELECT count(*) FROM person WHERE same_as IS NULL")
    assert persons == MANY - TWICE
