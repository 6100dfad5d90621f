"""What follows from facts of other services: courses land in passports, an employment that ends closes them; and back again."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from kit.clock import today
from kit.context import Context
from kit.database import Database
from kit.ids import new_event_id
from kit.inbox import Received, each
from kit.testing.databases import Clone
from kit.testing.persons import somebody
from kit.testing.records import envelope_of
from kit.testing.restoring import lines, restored
from kit.testing.waiting import until
from mobility.app import service
from mobility.domain import passport
from mobility.domain.checks import NEEDED_CHECKS
from mobility.handlers import passports
from mobility.reactions import ACCEPTS, CONSUMER
from mobility.testing import COUNCIL, FIRST_DAY, HOSPICE, HOSPITALS, day
from schemas import learning
from schemas import talent_pipeline as tp
from schemas.fact import Fact
from schemas.values import Sector

from .acts import a_check, a_passport, a_proposal, both_signed, brought_to, on
from .test_api import fact_of, fire_all, types_of
from .test_leaving import ahead

As = Callable[..., Any]


class Bus:
    """Facts of other services as the worker hands them to the reactions."""

    def __init__(self, database: Database) -> None:
        self.database, self.apply, self.said = database, each(CONSUMER, ACCEPTS), 0
        self.heard: list[Received] = []

    async def say(self, fact: Fact, cause: UUID | None = None, of: UUID | None = None) -> UUID:
        """The id of the event. `cause`: what it follows from; `of`: the aggregate of which it is said, default another."""
        self.said += 1
        envelope = envelope_of(fact, of or uuid4(), self.said, datetime.now(UTC), new_event_id())
        envelope = replace(envelope, causationid=cause)
        self.heard.append(Received(envelope, fact, "t", 0, self.said))
        await self._apply(self.heard[-1:])
        return envelope.id

    async def say_again(self) -> None:
        """All of it, to a worker whose database has come back from a backup of before."""
        await self._apply(self.heard)

    async def _apply(self, heard: Sequence[Received]) -> None:
        async with self.database.transaction() as tx:
            await self.apply(tx, heard)

    async def tasks(self) -> list[str]:
        async with self.database.transaction() as tx:
            return [row["code"] for row in await tx.fetch("SELECT code FROM kit.task")]


@pytest.fixture
def bus(database: Database) -> Bus:
    return Bus(database)


def completed(person: UUID, course: UUID, number: int = 30, title: str = "Resuscitation") -> learning.CourseCompleted:
    return learning.CourseCompleted(
        occurred_on=day(number), category=learning.Category.CORE_SKILLS, programme=learning.Programme.SHORT_COURSE,
        course_id=course, booking_id=uuid4(), person_id=person, organisation=HOSPICE, sector=Sector.THIRD_SECTOR,
        learner_kind=next(iter(learning.LearnerKind)), title=title, hours=4.0,
    )  # fmt: skip


def ended(person: UUID, employer: str = HOSPICE) -> tp.PlacementEnded:
    return tp.PlacementEnded(
        occurred_on=day(100), person_id=person, vacancy_id=uuid4(), employer=employer, soc2020="2237",
        route=tp.Route.TALENT_PIPELINE, reason=tp.LeavingReason.OTHER_JOB_OUTSIDE,
    )  # fmt: skip


async def opened(client: Any, person: UUID, home: str = HOSPICE) -> str:
    asked = {"occurred_on": on(2), "person_id": str(person), "home": home}
    return str((await client.made("/passports", asked))["id"])


async def checked(client: Any, id_: str) -> None:
    """What nobody moves without stands in a passport."""
    for kind in NEEDED_CHECKS:
        await client.made(f"/passports/{id_}/record-check", a_check(kind))


async def courses(client: Any, id_: str) -> list[tuple[str, str]]:
    held = (await client.get(f"/passports/{id_}")).json()
    return [(course["course_id"], course["completed_on"]) for course in held["training"]]


async def test_a_course_that_was_completed_this_morning_makes_somebody_ready(coordinator: Any, bus: Bus) -> None:
    person, course = somebody(), uuid4()
    id_ = await opened(coordinator, person)
    await coordinator.made(
        f"/passports/{id_}/share-with", {"occurred_on": on(3), "organisation": HOSPITALS, "until": on(300)}
    )
    await checked(coordinator, id_)
    asked = {
        "occurred_on": on(5), "organisation": HOSPITALS, "soc2020": "2237", "checks": [],
        "training": [{"course_id": str(course), "title": "Resuscitation"}],
    }  # fmt: skip
    requirement = (await coordinator.made("/requirements", asked))["id"]

    async def missing() -> list[str]:
        found = await coordinator.get(f"/passports/{id_}/readiness", requirement_id=requirement, on=on(31))
        return [each["why"] for each in found.json()["missing"]]

    assert await missing() == ["training-missing"]
    everybody = (await coordinator.get(f"/requirements/{requirement}/readiness", on=on(31))).json()
    assert (everybody["ready"], everybody["best_cure"]["makes_ready"]) == (0, 1)
    cause = await bus.say(completed(person, course))
    assert await missing() == []
    line = (await coordinator.get(f"/passports/{id_}/history")).json()["lines"][-1]
    assert (line["causation_id"], line["actor"]) == (str(cause), "consumer:mobility.reactions")


async def test_who_lacks_training_does_not_start_until_they_have_it_or_the_host_puts_it_off(
    coordinator: Any, as_role: As, bus: Bus, database: Database
) -> None:
    home, host = as_role("partner", HOSPICE), as_role("partner", HOSPITALS)
    await both_signed(coordinator)
    course, other = uuid4(), uuid4()
    begun, until, due = ((today() + timedelta(days=number)).isoformat() for number in (-10, 30, -3))
    moves = []
    for _ in range(2):
        proposal = a_proposal(str(somebody()), None, starts_on=begun, ends_on=until)
        moves.append((await coordinator.made("/deployments", proposal))["id"])
        await brought_to(coordinator, moves[-1], "induct")
    asked = {
        "occurred_on": begun, "organisation": HOSPITALS, "soc2020": "2237", "checks": [],
        "training": [{"course_id": str(each), "title": str(each)[:8]} for each in (course, other)],
    }  # fmt: skip
    requirement = (await host.made("/requirements", asked))["id"]
    first, second = (f"/deployments/{move}" for move in moves)
    said: list[UUID] = []
    start = {"occurred_on": begun}

    async def whys(client: Any, path: str) -> set[str]:
        rows = (await client.get("/waiting")).json()["rows"]
        return {row["why"] for row in rows if path.endswith(row["aggregate_id"]) and "training" in row["why"]}

    assert (await whys(home, first), await whys(host, first)) == ({"complete-training"}, {"training-missing"})
    assert (await host.post(f"{first}/start", start)).json()["type"] == "/problems/training-missing"
    assert "put-off-training" in (await host.get(first)).json()["allowed"]
    less = {"checks": [], "training": asked["training"][:1], "occurred_on": begun}
    await host.made(f"/requirements/{requirement}/change", less)
    put_off = {"ground": "supervised-until-then", "done_by": due, "occurred_on": begun}
    assert (await home.post(f"{second}/put-off-training", put_off)).status_code == 422
    assert (await host.made(f"{second}/put-off-training", put_off))["put_off"]["courses"] == [str(course)]
    assert (await host.made(f"{second}/start", start))["status"] == "active"
    await fire_all(database)
    assert await whys(host, second) == set(), "nobody is told of what is only just being entered"
    await fire_all(database, datetime.now(UTC) + timedelta(days=1))
    assert await whys(host, second) == {"training-overdue"}

    for path in (first, second):
        person = UUID((await coordinator.get(path)).json()["person_id"])
        said.append(await bus.say(completed(person, course)))
        assert (await whys(home, path), await whys(host, path)) == (set(), set())
    error: dict[str, Any] = {"fact_id": said[-1], "fact_type": learning.CourseCompleted.TYPE, "reason": "wrong"}
    await bus.say(learning.FactVoided(**error))
    assert await whys(home, second) == {"complete-training"}
    await bus.say(learning.FactRestored(**error))
    assert await whys(home, second) == set()
    assert (await host.made(f"{first}/start", {}))["status"] == "active"
    line = (await types_of(coordinator, second))[-1]
    assert line == "checks-verified"
    assert await bus.tasks() == []


async def test_what_a_host_asked_for_in_error_hinders_nobody_once_it_is_taken_back(coordinator: Any) -> None:
    await both_signed(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    await brought_to(coordinator, move, "induct")
    asked = {
        "occurred_on": on(39), "organisation": HOSPITALS, "soc2020": "2237", "checks": [],
        "training": [{"course_id": str(uuid4()), "title": "Resuscitation"}],
    }  # fmt: skip
    requirement = f"/requirements/{(await coordinator.made('/requirements', asked))['id']}"

    async def missing() -> int:
        return len((await coordinator.get(f"/deployments/{move}")).json()["missing"])

    seen = [await missing()]
    fact = (await fact_of(coordinator, requirement, "requirement-set"))["id"]
    for how in ("void", "restore"):
        await coordinator.made(f"{requirement}/facts/{fact}/{how}", {"reason": "another-ward"})
        seen.append(await missing())
    await coordinator.made(f"{requirement}/retire", {"reason": "ward-closed"})
    assert [*seen, await missing()] == [1, 0, 1, 0]


async def test_a_course_that_is_out_of_date_in_the_middle_of_a_move_is_raised_until_it_is_completed_again(
    coordinator: Any, bus: Bus, database: Database
) -> None:
    person, course = somebody(), uuid4()
    await both_signed(coordinator)
    needed = [{"course_id": str(course), "title": "Resuscitation", "within_days": 365}]
    asked = {"occurred_on": on(5), "organisation": HOSPITALS, "soc2020": "2237", "checks": [], "training": needed}
    await coordinator.made("/requirements", asked)
    dates = {"starts_on": ahead(-60), "ends_on": ahead(90)}
    move = (await coordinator.made("/deployments", a_proposal(str(person), None, **dates)))["id"]
    await a_passport(coordinator, move)
    await bus.say(completed(person, course, (today() - FIRST_DAY).days - 345))
    await brought_to(coordinator, move, "induct")
    await coordinator.made(f"/deployments/{move}/start", {"occurred_on": ahead(-60)})
    await fire_all(database)

    async def waits() -> set[str]:
        rows = (await coordinator.get("/waiting", who="home")).json()["rows"]
        return {row["why"] for row in rows if row["aggregate_id"] == move}

    assert "renew-training" in await waits()
    told = await fact_of(coordinator, f"/deployments/{move}", "training-expiring")
    assert (told["said"]["course_id"], told["said"]["valid_until"]) == (str(course), ahead(20))
    await bus.say(completed(person, course, (today() - FIRST_DAY).days))
    assert "renew-training" not in await waits()


async def test_a_course_that_was_completed_alone_stands_in_the_passport_as_well(coordinator: Any, bus: Bus) -> None:
    person, course = somebody(), uuid4()
    id_ = await opened(coordinator, person)
    fields = completed(person, course).model_dump(exclude={"booking_id"})
    await bus.say(learning.LearningCompleted(**fields))
    assert await courses(coordinator, id_) == [(str(course), on(30))]


async def test_courses_that_were_completed_before_stand_in_a_passport_that_is_opened_later(
    coordinator: Any, as_role: As, bus: Bus
) -> None:
    person, course, other = somebody(), uuid4(), uuid4()
    await bus.say(completed(person, course))
    voided = await bus.say(completed(person, other))
    await bus.say(learning.FactVoided(fact_id=voided, fact_type=learning.CourseCompleted.TYPE, reason="wrong-person"))
    await bus.say(completed(uuid4(), other))
    id_ = await opened(as_role("partner", HOSPICE), person)
    assert await courses(coordinator, id_) == [(str(course), on(30))]


async def test_a_completion_that_is_voided_restored_or_corrected_is_so_in_every_passport(
    coordinator: Any, bus: Bus
) -> None:
    person, course = somebody(), uuid4()
    before = await opened(coordinator, person)
    fact = completed(person, course)
    event = await bus.say(fact)
    after = await opened(coordinator, person, COUNCIL)
    later = json.loads(fact.model_copy(update={"occurred_on": day(40)}).write())
    says_then_held: tuple[tuple[Fact, list[tuple[str, str]]], ...] = (
        (learning.FactVoided(fact_id=event, fact_type=fact.TYPE, reason="wrong"), []),
        (learning.FactRestored(fact_id=event, fact_type=fact.TYPE, reason="wrong"), [(str(course), on(30))]),
        (
            learning.FactCorrected(fact_id=event, fact_type=fact.TYPE, replacement=later, reason="wrong"),
            [(str(course), on(40))],
        ),
    )
    for says, held in says_then_held:
        await bus.say(says)
        assert [await courses(coordinator, id_) for id_ in (before, after)] == [held, held]
    assert await courses(coordinator, await opened(coordinator, person, HOSPITALS)) == [(str(course), on(40))]
    assert await bus.tasks() == []


# Waivers ---------------------------------------------------------------------------------------------------------------

SKILL = {"framework": "cstf-england-1-1", "subject": "fire-safety", "level": 1}


def judgement(kind: type[Any], person: UUID, number: int = 30, host: str = HOSPITALS, **more: Any) -> Any:
    return kind(
        occurred_on=day(number), person_id=person, organisation=HOSPICE, framework=SKILL["framework"],
        subject=learning.Subject.FIRE_SAFETY, level=2, host=host, required_level=1, **more,
    )  # fmt: skip


def waived(person: UUID, number: int = 30, until: int | None = 300, **more: Any) -> learning.LearningWaived:
    valid_until = None if until is None else day(until)
    fact: learning.LearningWaived = judgement(
        learning.LearningWaived, person, number, ground=learning.Ground.ALIGNMENT, valid_until=valid_until, **more
    )
    return fact


def rejected(person: UUID, number: int = 50, **more: Any) -> learning.PortabilityRejected:
    fact: learning.PortabilityRejected = judgement(
        learning.PortabilityRejected, person, number, reason=learning.Rejection.OUT_OF_DATE, **more
    )
    return fact


async def waivers(client: Any, id_: str) -> list[tuple[str, str, str | None]]:
    held = (await client.get(f"/passports/{id_}")).json()
    assert held["training"] == []
    return [(each["host"], each["since"], each["valid_until"]) for each in held["waived"]]


WAIVER = (HOSPITALS, on(30), on(300))


async def test_a_waiver_makes_somebody_ready_by_its_ground_and_is_no_completed_course(
    coordinator: Any, as_role: As, bus: Bus
) -> None:
    person = somebody()
    id_ = await opened(coordinator, person)
    share = {"occurred_on": on(3), "organisation": HOSPITALS, "until": on(900)}
    await coordinator.made(f"/passports/{id_}/share-with", share)
    await checked(coordinator, id_)
    course = str(uuid4())
    asked = {
        "occurred_on": on(5), "organisation": HOSPITALS, "soc2020": "2237", "checks": [],
        "training": [{"course_id": course, "title": "Fire safety", "skill": SKILL}],
    }  # fmt: skip
    requirement = (await coordinator.made("/requirements", asked))["id"]

    async def found(number: int) -> Any:
        query = {"requirement_id": requirement, "on": on(number)}
        return (await coordinator.get(f"/passports/{id_}/readiness", **query)).json()

    assert [each["why"] for each in (await found(31))["missing"]] == ["training-missing"]
    cause = await bus.say(waived(person))
    ready = await found(31)
    assert (ready["ready"], ready["missing"]) == (True, [])
    assert ready["waived"] == [
        {"course_id": course, "title": "Fire safety", "ground": "alignment", "valid_until": on(300)}
    ]
    assert [each["why"] for each in (await found(301))["missing"]] == ["waiver-over"]
    everybody = await coordinator.found(f"/requirements/{requirement}/readiness", on=on(31))
    assert (everybody["ready"], everybody["people"][0]["waived"][0]["ground"]) == (1, "alignment")
    line = (await coordinator.get(f"/passports/{id_}/history")).json()["lines"][-1]
    assert (line["causation_id"], line["type"].split(".")[-2]) == (str(cause), "training-waived")


async def test_a_waiver_of_before_and_after_the_passport_was_opened_stands_in_it_until_it_is_withdrawn(
    coordinator: Any, as_role: As, bus: Bus
) -> None:
    person, record = somebody(), uuid4()
    before = await opened(coordinator, person)
    await bus.say(waived(person), of=record)
    after = await opened(as_role("partner", COUNCIL), person, COUNCIL)
    assert [await waivers(coordinator, id_) for id_ in (before, after)] == [[WAIVER], [WAIVER]]
    refusal = rejected(person)
    event = await bus.say(refusal, of=record)
    later = await opened(coordinator, person, HOSPITALS)
    assert [await waivers(coordinator, id_) for id_ in (before, after, later)] == [[], [], []]
    named: dict[str, Any] = {"fact_id": event, "fact_type": refusal.TYPE, "reason": "wrong"}
    await bus.say(learning.FactVoided(**named))
    assert [await waivers(coordinator, id_) for id_ in (before, after)] == [[WAIVER], [WAIVER]]
    assert await bus.tasks() == []


async def test_a_waiver_that_is_voided_restored_or_corrected_is_so_in_every_passport(
    coordinator: Any, bus: Bus
) -> None:
    person = somebody()
    before = await opened(coordinator, person)
    fact = waived(person)
    event = await bus.say(fact)
    after = await opened(coordinator, person, COUNCIL)
    named: dict[str, Any] = {"fact_id": event, "fact_type": fact.TYPE, "reason": "wrong"}

    def better(until: int | None) -> learning.FactCorrected:
        replacement = waived(person, 40, until).model_dump(mode="json", exclude_none=True)
        return learning.FactCorrected(**named, replacement=replacement)

    for says, held in (
        (learning.FactVoided(**named), []),
        (learning.FactRestored(**named), [WAIVER]),
        (better(200), [(HOSPITALS, on(40), on(200))]),
        (better(None), [(HOSPITALS, on(40), None)]),
    ):
        await bus.say(says)
        assert [await waivers(coordinator, id_) for id_ in (before, after)] == [held, held]
    assert await waivers(coordinator, await opened(coordinator, person, HOSPITALS)) == [(HOSPITALS, on(40), None)]
    await bus.say(learning.FactVoided(**named))
    (last,) = (await coordinator.found("/passports", person_id=str(person), home=HOSPITALS))["rows"]
    assert await waivers(coordinator, last["id"]) == []
    assert await bus.tasks() == []


async def test_each_hosts_judgement_of_each_record_stands_by_itself(coordinator: Any, bus: Bus) -> None:
    person, record, other = somebody(), uuid4(), uuid4()
    id_ = await opened(coordinator, person)
    await bus.say(waived(person), of=record)
    await bus.say(waived(person, host=COUNCIL), of=record)
    await bus.say(waived(person, 35, until=400), of=other)
    await bus.say(
        judgement(learning.TopUpAsked, person, 60, ground=learning.Ground.ALIGNMENT, top_up="practical"), of=record
    )
    assert await bus.tasks() == []
    assert await waivers(coordinator, id_) == [(COUNCIL, on(30), on(300)), (HOSPITALS, on(35), on(400))]
    await bus.say(waived(uuid4()))
    assert await bus.tasks() == []


@pytest.mark.parametrize("voided", [False, True])
async def test_a_judgement_that_is_heard_while_a_passport_is_opened_is_in_the_passport(
    database: Database, bus: Bus, coordinator: Any, voided: bool
) -> None:
    person = somebody()
    event = await bus.say(waived(person)) if voided else None
    says: Fact = waived(person)
    if event is not None:
        says = learning.FactVoided(fact_id=event, fact_type=says.TYPE, reason="wrong-person")
    async with database.transaction() as tx:
        command = passport.Open(occurred_on=day(2), person_id=person, home=HOSPICE)
        opened = await passports.open_passport(tx, command, Context(actor="test"))
        hearing = asyncio.create_task(bus.say(says))

        await until(lambda: _waits_or_is_done(database, hearing), 30)
    await hearing
    assert len(await waivers(coordinator, str(opened.id))) == (0 if voided else 1)


async def test_an_employment_that_ends_closes_the_passport_of_that_employer_alone(coordinator: Any, bus: Bus) -> None:
    person = somebody()
    hospice, council = await opened(coordinator, person), await opened(coordinator, person, COUNCIL)
    event = await bus.say(ended(person))
    states = [(await coordinator.get(f"/passports/{id_}")).json()["status"] for id_ in (hospice, council)]
    assert states == ["closed", "open"]
    await bus.say(tp.FactVoided(fact_id=event, fact_type=tp.PlacementEnded.TYPE, reason="came-back"))
    assert (await coordinator.get(f"/passports/{hospice}")).json()["status"] == "open"
    assert await types_of(coordinator, f"/passports/{hospice}") == ["passport-opened", "passport-closed", "fact-voided"]
    assert await bus.tasks() == []


def resumed(person: UUID, employer: str = HOSPICE, number: int = 110) -> tp.PlacementResumed:
    return tp.PlacementResumed(
        occurred_on=day(number), person_id=person, vacancy_id=uuid4(), employer=employer, soc2020="2237",
        route=tp.Route.TALENT_PIPELINE, days_away=number - 101,
    )  # fmt: skip


async def test_who_is_back_within_a_break_has_the_passport_again_and_the_moves_that_stood_on_it_go_on(
    coordinator: Any, bus: Bus
) -> None:
    await both_signed(coordinator)
    person, course = somebody(), uuid4()
    move = (await coordinator.made("/deployments", a_proposal(str(person), None)))["id"]
    await brought_to(coordinator, move, "induct")
    id_ = await a_passport(coordinator, move)
    share = {"occurred_on": on(4), "organisation": HOSPITALS, "until": on(4000)}
    await coordinator.made(f"/passports/{id_}/share-with", share)
    await bus.say(ended(person))

    async def stands() -> tuple[str, list[str], str | None]:
        held = (await coordinator.get(f"/passports/{id_}")).json()
        moved = (await coordinator.get(f"/deployments/{move}")).json()
        return held["status"], [each["course_id"] for each in held["training"]], moved["stopped"]

    await bus.say(completed(person, course, 105))
    assert await stands() == ("closed", [], "passport-closed")
    back = resumed(person)
    event = await bus.say(back)
    assert await stands() == ("open", [str(course)], None)
    held = (await coordinator.get(f"/passports/{id_}")).json()
    assert ([check["kind"] for check in held["checks"]], held["shares"]) == (
        ["identity", "right-to-work", "criminal-record"],
        [],
    )
    lifted = (await fact_of(coordinator, f"/deployments/{move}", "stop-lifted"))["said"]
    assert lifted["why"] == "passport-reopened"
    named: dict[str, Any] = {"fact_id": event, "fact_type": back.TYPE, "reason": "wrong"}
    await bus.say(tp.FactVoided(**named))
    assert (await stands())[::2] == ("closed", "passport-closed")
    await bus.say(tp.FactRestored(**named))
    assert (await stands())[::2] == ("open", None)
    better = back.model_copy(update={"occurred_on": day(112), "days_away": 11}).model_dump(
        mode="json", exclude_none=True
    )
    await bus.say(tp.FactCorrected(**named, replacement=better))
    assert (await coordinator.get(f"/passports/{id_}")).json()["since"] == on(112)
    assert await bus.tasks() == []


async def test_nothing_is_opened_again_that_was_not_closed_by_that_end_or_beside_another(
    coordinator: Any, bus: Bus
) -> None:
    person, other, third = somebody(), somebody(), somebody()
    by_hand = await opened(coordinator, person)
    await coordinator.made(f"/passports/{by_hand}/close", {"occurred_on": on(100), "reason": "left"})
    twice = await opened(coordinator, other)
    await bus.say(ended(other))
    await opened(coordinator, other)
    long_ago = await opened(coordinator, third)
    await bus.say(ended(third))
    for back in (resumed(person), resumed(other), resumed(other, COUNCIL)):
        await bus.say(back)
    await bus.say(resumed(third, number=110).model_copy(update={"occurred_on": day(300)}))
    states = [(await coordinator.get(f"/passports/{id_}")).json()["status"] for id_ in (by_hand, twice, long_ago)]
    assert states == ["closed"] * 3
    assert await bus.tasks() == []


async def test_what_nothing_followed_from_is_passed_over(bus: Bus) -> None:
    await bus.say(completed(uuid4(), uuid4()))
    await bus.say(ended(uuid4()))
    await bus.say(tp.FactVoided(fact_id=uuid4(), fact_type=tp.CandidatePlaced.TYPE, reason="wrong"))
    await bus.say(tp.FactCorrected(fact_id=uuid4(), fact_type=tp.CandidatePlaced.TYPE, replacement={}, reason="wrong"))
    assert await bus.tasks() == []


async def test_a_restoration_that_the_rules_no_longer_allow_becomes_a_task(coordinator: Any, bus: Bus) -> None:
    person = somebody()
    await opened(coordinator, person)
    event = await bus.say(ended(person))
    await opened(coordinator, person)
    await bus.say(tp.FactVoided(fact_id=event, fact_type=tp.PlacementEnded.TYPE, reason="came-back"))
    assert await bus.tasks() == ["already-open"]


async def test_a_passport_is_written_by_its_employer_and_read_by_whom_its_holder_lets_look(
    coordinator: Any, as_role: As
) -> None:
    home, host = as_role("partner", HOSPICE), as_role("partner", HOSPITALS)
    person = somebody()
    assert (await host.post("/passports", {"person_id": str(person), "home": HOSPICE})).status_code == 422
    id_ = await opened(home, person)
    twice = {"occurred_on": on(3), "person_id": str(person), "home": HOSPICE}
    assert (await home.post("/passports", twice)).json()["type"] == "/problems/already-open"
    assert (await host.get(f"/passports/{id_}")).status_code == 404
    until = "2099-01-01"
    await home.made(f"/passports/{id_}/share-with", {"organisation": HOSPITALS, "until": until})
    assert (await host.get(f"/passports/{id_}")).status_code == 200
    assert (await host.post(f"/passports/{id_}/close", {"reason": "left"})).status_code == 422
    await home.made(f"/passports/{id_}/withdraw-sharing", {"organisation": HOSPITALS})
    assert (await host.get(f"/passports/{id_}")).status_code == 404


async def test_a_requirement_is_its_hosts_to_change_and_everybodys_to_read(as_role: As) -> None:
    host, other = as_role("partner", HOSPITALS), as_role("partner", COUNCIL)
    asked = {"organisation": HOSPITALS, "soc2020": "2237", "checks": [{"kind": "identity"}], "training": []}
    assert (await other.post("/requirements", asked)).status_code == 422
    id_ = (await host.made("/requirements", asked))["id"]
    assert (await host.post("/requirements", asked)).json()["type"] == "/problems/already-asked"
    assert (await other.get(f"/requirements/{id_}")).status_code == 200
    assert (await other.post(f"/requirements/{id_}/retire", {"reason": "x"})).status_code == 422
    changed = await host.made(f"/requirements/{id_}/change", {"checks": [], "training": []})
    assert changed["checks"] == []


# At the same time ------------------------------------------------------------------------------------------------------

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def test_a_passport_that_is_opened_while_a_course_is_heard_holds_the_course(
    coordinator: Any, database: Database
) -> None:
    person, course = somebody(), uuid4()
    fact = completed(person, course)
    envelope = envelope_of(fact, uuid4(), 1, datetime.now(UTC), new_event_id())
    async with database.transaction() as tx:
        await each(CONSUMER, ACCEPTS)(tx, [Received(envelope, fact, "t", 0, 1)])
        opening = asyncio.create_task(opened(coordinator, person))

        await until(lambda: _waits_or_is_done(database, opening), 30)
    assert [id_ for id_, _ in await courses(coordinator, await opening)] == [str(course)]


async def test_a_course_that_is_heard_while_a_passport_is_opened_is_in_the_passport(
    coordinator: Any, database: Database, bus: Bus
) -> None:
    person, course = somebody(), uuid4()
    command = passport.Open(person_id=person, home=HOSPICE, occurred_on=day(2))
    async with database.transaction() as tx:
        made = await passports.open_passport(tx, command, Context(actor="test"))
        hearing = asyncio.create_task(bus.say(completed(person, course)))

        await until(lambda: _waits_or_is_done(database, hearing), 30)
    await hearing
    assert [id_ for id_, _ in await courses(coordinator, str(made.id))] == [str(course)]


async def _waits_or_is_done(database: Database, task: asyncio.Task[Any]) -> bool:
    """Asked in a transaction of its own: one sees who waits as it was when it first asked."""
    async with database.transaction() as tx:
        return task.done() or bool(await tx.fetchval(WAITS))


# After a restore ---------------------------------------------------------------------------------------------------------


async def test_a_course_that_was_voided_before_a_restore_is_heard_again_and_nothing_is_done_twice(
    coordinator: Any, bus: Bus, clone: Clone, database: Database
) -> None:
    person, course = somebody(), uuid4()
    id_ = await opened(coordinator, person)
    named: dict[str, Any] = {"fact_type": learning.CourseCompleted.TYPE, "reason": "wrong"}
    async with restored(clone, service, "training", "followed"):
        event = await bus.say(completed(person, course))
        await bus.say(learning.FactVoided(fact_id=event, **named))
        said = await lines(database)
    await bus.say_again()
    assert (await lines(database), await courses(coordinator, id_)) == (said, [])
    await bus.say(learning.FactRestored(fact_id=event, **named))
    assert await courses(coordinator, id_) == [(str(course), on(30))]
    assert await bus.tasks() == []


async def test_what_a_passport_had_heard_before_a_restore_goes_from_it_after_it(
    coordinator: Any, bus: Bus, clone: Clone, database: Database
) -> None:
    person, course = somebody(), uuid4()
    event = await bus.say(completed(person, course))  # the backup holds it, and not the passport that was opened since
    async with restored(clone, service, "passport", "followed"):
        id_ = await opened(coordinator, person)
    assert await courses(coordinator, id_) == [(str(course), on(30))]
    await bus.say(learning.FactVoided(fact_id=event, fact_type=learning.CourseCompleted.TYPE, reason="wrong"))
    assert await courses(coordinator, id_) == []
    assert await bus.tasks() == []


async def test_an_employment_that_ended_before_a_restore_and_had_not_is_heard_again_and_closes_nothing(
    coordinator: Any, bus: Bus, clone: Clone, database: Database
) -> None:
    person = somebody()
    id_ = await opened(coordinator, person)
    async with restored(clone, service, "followed"):
        event = await bus.say(ended(person))
        await bus.say(tp.FactVoided(fact_id=event, fact_type=tp.PlacementEnded.TYPE, reason="came-back"))
        said = await lines(database)
    await bus.say_again()
    assert await lines(database) == said
    assert (await coordinator.get(f"/passports/{id_}")).json()["status"] == "open"
    assert await bus.tasks() == []
