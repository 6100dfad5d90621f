"""Of whom we may speak, and whom we forget: as people says it."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from kit.database import Database
from kit.ids import new_id
from kit.retention import Kept, Stays
from kit.testing.client import As, Client
from kit.testing.databases import Clone
from kit.testing.persons import hear, keeping, naming, somebody
from learning import store
from learning.handlers import identities
from learning.retention import SCHEDULE
from learning.testing import COUNCIL, HOSPICE, HOSPITALS, day
from schemas.fact import Fact
from schemas.people import LinkReason, PersonErased, PersonLinked, PersonRegistered, PersonUnlinked, UnlinkReason

from .test_api import a_course, on, scheduled, team
from .test_reactions import AHEAD, Bus, placed
from .test_skills import SKILL, training

REGISTERED, ERASED = PersonRegistered(occurred_on=day(0)), PersonErased(occurred_on=day(300))
COLLEGE = "leeds-city-college"


def doors(cohort: str, course: str, person: str) -> Sequence[tuple[str, dict[str, object]]]:
    """Every route that begins something of a person, and what it takes."""
    pathway = {"person_id": person, "provider": COLLEGE, "start_year": 2023, "specialism": "adult-nursing"}
    apprentice = {"person_id": person, "employer": HOSPICE, "provider": COLLEGE, "standard": "ST0216"}
    enrolling = {"course_id": course, "person_id": person, "organisation": HOSPICE, "sector": "third-sector"}
    return (
        (f"/cohorts/{cohort}/book", team(person)),
        ("/enrolments", {**enrolling, "occurred_on": on(20)}),
        ("/competences", training(person)),
        ("/employments", {"person_id": person, "organisation": HOSPICE, "soc2020": "6135", "occurred_on": on(20)}),
        ("/pathways", {**pathway, "occurred_on": on(0)}),
        ("/apprenticeships", {**apprentice, "standard_version": "1.1", "starts_on": on(10), "occurred_on": on(0)}),
        (f"/persons/{person}/transcript/code", {}),
        (f"/persons/{person}/own-page", {}),
    )


async def test_nothing_begins_of_somebody_whom_people_has_not_registered(
    coordinator: Client, database: Database
) -> None:
    cohort, person = await scheduled(coordinator), new_id()
    course = (await coordinator.made("/courses", a_course(title="Welcome", online=True)))["id"]
    for path, body in doors(cohort, course, str(person)):
        refused = await coordinator.post(path, body)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/unknown-person"), path
        assert "POST /references/exchange" in refused.json()["cure"]
    assert (await coordinator.get(f"/persons/{person}/transcript")).status_code == 404
    await hear(database, identities.hear, (person, 1, REGISTERED))
    for path, body in doors(cohort, course, str(person)):
        await coordinator.made(path, body)
    assert (await coordinator.found(f"/persons/{person}/transcript"))["core_skills"]


async def test_a_learner_is_swapped_and_walks_in_only_when_they_are_known(coordinator: Client) -> None:
    cohort, known = await scheduled(coordinator), str(somebody())
    booked = (await coordinator.made(f"/cohorts/{cohort}/book", team(known)))["bookings"][0]["id"]
    swap = {"booking_id": booked, "learner": {"person_id": str(uuid4())}, "occurred_on": on(30)}
    refused = await coordinator.post(f"/cohorts/{cohort}/swap", swap)
    assert refused.json()["errors"][0]["field"] == "learner.person_id"
    walked = {**team(str(uuid4())), "session": on(60)}
    del walked["occurred_on"]
    refused = await coordinator.post(f"/cohorts/{cohort}/walk-ins", walked)
    assert (refused.json()["type"], refused.json()["errors"][0]["field"]) == ("/problems/unknown-person", "learners")


TREES = {"a chain": (None, 0, 1), "a star": (None, 0, 0), "the last one's": (2, 2, None)}
"""Of three ids of one person, which each is linked to."""


@pytest.mark.parametrize("tree", TREES)
async def test_by_any_id_of_a_person_a_list_gives_the_same_rows_and_after_an_unlink_their_own(
    coordinator: Client, database: Database, tree: str
) -> None:
    ids, stranger = [somebody() for _ in range(3)], somebody()
    cohort = await scheduled(coordinator)
    course = (await coordinator.made("/courses", a_course(title="Welcome", online=True)))["id"]
    for person in (*ids, stranger):
        for path, body in doors(cohort, course, str(person)):
            await coordinator.made(path, body)
    for turn, other in enumerate(TREES[tree]):
        if other is not None:
            linked = PersonLinked(occurred_on=day(100), same_as=ids[other], reason=LinkReason.SAME_CONTACT)
            await hear(database, identities.hear, (ids[turn], 2, linked))
    for path in ("/bookings", "/enrolments", "/competences", "/employments", "/pathways", "/apprenticeships"):
        lists = [await paged(coordinator, path, person) for person in ids]
        assert lists[0] == lists[1] == lists[2], path
        assert sorted(row["person_id"] for row in lists[0]) == sorted(map(str, ids)), path
        assert [row["person_id"] for row in await paged(coordinator, path, stranger)] == [str(stranger)], path
    for turn, other in enumerate(TREES[tree]):
        if other is not None:
            unlinked = PersonUnlinked(same_as=ids[other], occurred_on=day(200), reason=UnlinkReason.MISTAKEN)
            await hear(database, identities.hear, (ids[turn], 3, unlinked))
    for person in ids:
        assert [row["person_id"] for row in await paged(coordinator, "/enrolments", person)] == [str(person)]
        assert [row["person_id"] for row in await paged(coordinator, "/bookings", person)] == [str(person)]


async def paged(client: Client, path: str, person: UUID) -> list[dict[str, str]]:
    """All pages of a list of somebody's, two rows each."""
    found: list[dict[str, str]] = []
    place: dict[str, str] = {}
    while True:
        page = await client.found(path, person_id=str(person), limit=2, **place)
        found += page["rows"]
        if page["next"] is None:
            return found
        place = {"after" if path == "/bookings" else "before": page["next"]}


async def test_what_somebody_learned_under_two_ids_is_one_transcript(coordinator: Client, database: Database) -> None:
    one, other = somebody(), somebody()
    await coordinator.made("/competences", training(str(one)))
    await coordinator.made("/competences", training(str(other), organisation=COUNCIL, occurred_on=on(60)))
    linked = PersonLinked(occurred_on=day(100), same_as=one, reason=LinkReason.SAME_CONTACT)
    await hear(database, identities.hear, (other, 2, linked))
    for person in (one, other):
        assert len((await coordinator.found(f"/persons/{person}/transcript"))["core_skills"]) == 2


def test_whatever_names_a_person_has_a_period_once_it_has_ended_or_says_with_what_it_goes() -> None:
    kept = [line for line in SCHEDULE if isinstance(line, Kept)]
    ends = [(line.aggregate, end) for line in kept for end in line.ends]
    assert {line.aggregate for line in kept} == {*store.PERSONS.own, *store.PERSONS.shared}
    assert len(ends) == len(set(ends))
    beside = [line.table for line in SCHEDULE if not isinstance(line, Kept)]
    assert sorted(beside) == sorted({*store.PERSONS.renamed, *store.PERSONS.dropped, *store.PERSONS.goes_with})
    assert all(line.why if isinstance(line, Stays) else line.source for line in SCHEDULE)


async def test_every_table_that_keeps_somebody_is_declared(clone: Clone) -> None:
    assert await keeping(clone.admin_dsn) == store.PERSONS.tables - set(store.PERSONS.shared)


async def a_whole_life(coordinator: Client, bus: Bus, person: UUID) -> dict[str, str]:
    """Somebody with everything that this service keeps of a person: a start, a place, training, a pathway, a code."""
    course = (await coordinator.made("/courses", a_course(title="Welcome", online=True)))["id"]
    cohort = await scheduled(coordinator)
    for path, body in doors(cohort, course, str(person)):
        await coordinator.made(path, body)
    together = (await coordinator.made("/courses", a_course(title="A day together")))["id"]
    plan = {"occurred_on": on(10), "course_id": together, "sessions": [AHEAD], "places": 1}
    ahead = (await coordinator.made("/cohorts", plan))["id"]
    own = {"organisation": HOSPICE, "sector": "third-sector", "within_days": 28, "courses": [together]}
    await coordinator.made("/inductions", {**own, "occurred_on": on(5)})
    await bus.say(placed(person))
    return {"past": cohort, "ahead": ahead}


async def test_of_whom_was_erased_no_row_is_left_and_their_place_is_free(
    coordinator: Client, database: Database, clone: Clone
) -> None:
    bus, person, waits = Bus(database), somebody(), str(somebody())
    held = await a_whole_life(coordinator, bus, person)
    await coordinator.made(f"/cohorts/{held['ahead']}/book", team(waits, organisation=HOSPITALS))
    tables = {table.removeprefix("public.") for table in await naming(clone.admin_dsn, person)}
    assert tables >= store.PERSONS.tables | {"kit.journal", "kit.outbox", "kit.person", "kit.answered_request"}
    for _ in range(2):  # heard again, nothing changes
        await hear(database, identities.hear, (person, 2, ERASED))
        assert await naming(clone.admin_dsn, person) == []
    assert (await coordinator.get(f"/persons/{person}/transcript")).status_code == 404
    rows = (await coordinator.found("/bookings", cohort_id=held["ahead"]))["rows"]
    assert sorted(row["status"] for row in rows) == ["cancelled", "offered"]
    assert {row["person_id"] for row in rows if row["status"] == "offered"} == {waits}


async def test_an_officer_gathers_all_that_is_held_of_a_person_and_nothing_of_who_is_beside_them(
    coordinator: Client, as_role: As, database: Database
) -> None:
    bus, person, beside = Bus(database), somebody(), str(somebody())
    life = await a_whole_life(coordinator, bus, person)
    await coordinator.made(f"/cohorts/{life['past']}/book", team(beside))
    path, officer = f"/persons/{person}/held", as_role("data-protection-officer")
    assert (await coordinator.get(path)).status_code == 403
    assert (await officer.get(f"/persons/{new_id()}/held")).status_code == 404
    held = await officer.found(path)
    assert {record["aggregate"] for record in held["records"]} >= {"enrolment", "competence", "pathway"}
    assert all(record["history"] and record["state"]["person_id"] == str(person) for record in held["records"])
    assert {part["id"] for part in held["parts"]} == set(life.values())
    assert {row["table"] for row in held["rows"]} >= {"booking", "starter", "transcript_code"}
    assert beside not in str(held)
    async with database.transaction() as tx:  # that it was shown is kept, and to whom
        (shown,) = await tx.fetch("SELECT action, about ->> 'person_id' AS whose, author FROM kit.operation")
    assert tuple(shown) == ("held-shown", str(person), "development-data-protection-officer")
    await hear(database, identities.hear, (person, 2, ERASED))
    assert (await officer.get(path)).status_code == 404
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT about ->> 'person_id' FROM kit.operation") != str(person)


async def test_what_comes_late_of_whom_was_erased_has_no_effect_and_closing_a_register_records_nothing(
    coordinator: Client, database: Database, clone: Clone
) -> None:
    bus, person = Bus(database), somebody()
    cohort = await scheduled(coordinator, a_course(teaches=SKILL, category="core-skills"))
    booked = (await coordinator.made(f"/cohorts/{cohort}/book", team(str(person))))["bookings"][0]["id"]
    for session in (60, 67):
        await coordinator.made(f"/cohorts/{cohort}/register", {"session": on(session), "attended": [booked]})
    await hear(database, identities.hear, (person, 2, ERASED))
    held = await coordinator.made(f"/cohorts/{cohort}/hold", {"occurred_on": on(67)})
    assert [each["status"] for each in held["bookings"]] == ["completed"]
    await bus.say(placed(person))
    assert await naming(clone.admin_dsn, person) == []
    assert (await coordinator.found("/competences"))["rows"] == []
    async with database.transaction() as tx:
        assert held["bookings"][0]["person_id"] == str(await tx.fetchval("SELECT kit.nobody($1)", person))
        assert await tx.fetchval("SELECT kit.nobody(kit.nobody($1)) = kit.nobody($1)", person)


@pytest.mark.parametrize("erased_first", [True, False])
async def test_an_erasure_that_is_heard_before_the_registration_of_the_same_batch_is_an_erasure(
    coordinator: Client, database: Database, erased_first: bool
) -> None:
    person = new_id()
    said: list[tuple[UUID, int, Fact]] = [(person, 1, REGISTERED), (person, 2, ERASED)]
    await hear(database, identities.hear, *(said[::-1] if erased_first else said))
    refused = await coordinator.post("/competences", training(str(person)))
    assert refused.json()["type"] == "/problems/unknown-person"
