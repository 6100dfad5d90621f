"""What follows from a start: induction less what is portable; and from what becomes of it: places given back, taken again."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from kit.database import Database
from kit.ids import new_event_id
from kit.inbox import Received, each
from kit.testing.client import Client
from kit.testing.databases import Clone
from kit.testing.persons import somebody
from kit.testing.records import envelope_of
from kit.testing.restoring import lines, restored
from learning.app import service
from learning.reactions import ACCEPTS, CONSUMER
from learning.testing import COUNCIL, HOSPICE, HOSPITALS, day
from schemas import mobility
from schemas import talent_pipeline as tp
from schemas.fact import Fact
from schemas.values import business_date

from .test_api import a_course, on, team
from .test_skills import SKILL, training

STARTED = day(100)
AHEAD = (business_date(datetime.now(UTC)) + timedelta(days=40)).isoformat()
"""The session of a cohort that is still to come, whenever this is run; and one before it."""
SOONER = (business_date(datetime.now(UTC)) + timedelta(days=30)).isoformat()


class Bus:
    """Facts of the talent pipeline as the worker hands them to the reactions: of one candidacy after the other."""

    def __init__(self, database: Database) -> None:
        self.database, self.apply, self.said = database, each(CONSUMER, ACCEPTS), 0
        self.heard: list[Received] = []

    async def say(self, fact: Fact, candidacy: UUID | None = None) -> UUID:
        """The id of the event."""
        self.said += 1
        envelope = envelope_of(fact, candidacy or uuid4(), self.said, datetime.now(UTC), new_event_id())
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


def placed(person: UUID, **changes: Any) -> tp.CandidatePlaced:
    fields: dict[str, Any] = {
        "occurred_on": STARTED, "person_id": person, "vacancy_id": uuid4(), "employer": HOSPICE, "soc2020": "6135",
        "route": tp.Route.TALENT_PIPELINE, "engagement_id": uuid4(), "source": tp.Source.DIRECT, "weekly_hours": 37.5,
        "employment_status": tp.EmploymentStatus.EMPLOYED, "prior_employment": tp.PriorEmployment.OTHER_SECTOR,
        "new_to_system": tp.NewToSystem.YES, **changes,
    }  # fmt: skip
    return tp.CandidatePlaced(**fields)


def left(fact: tp.CandidatePlaced) -> tp.PlacementEnded:
    return tp.PlacementEnded(
        occurred_on=day(200), person_id=fact.person_id, vacancy_id=fact.vacancy_id, employer=fact.employer,
        soc2020=fact.soc2020, route=fact.route, reason=tp.LeavingReason.OTHER_JOB_OUTSIDE,
    )  # fmt: skip


class Hospice:
    """An employer whose starters have a welcome online, a day together, and fire safety."""

    def __init__(self, coordinator: Client) -> None:
        self.desk = coordinator

    async def set_up(self, *, cohort: bool = True) -> "Hospice":
        self.online = await self._course(title="Welcome", category="induction", online=True)
        self.together = await self._course(title="A day together", category="induction")
        self.fire = await self._course(title="Fire safety", category="core-skills", teaches=SKILL, online=True)
        plan = {"occurred_on": on(10), "course_id": self.together, "sessions": [AHEAD], "places": 1}
        self.cohort = (await self.desk.made("/cohorts", plan))["id"] if cohort else ""
        own = {"occurred_on": on(5), "organisation": HOSPICE, "sector": "third-sector", "within_days": 28}
        await self.desk.made("/inductions", {**own, "courses": [self.online, self.together, self.fire]})
        return self

    async def _course(self, **changes: Any) -> str:
        return str((await self.desk.made("/courses", a_course(**changes)))["id"])

    async def enrolments(self, person: UUID) -> dict[str, str]:
        rows = (await self.desk.found("/enrolments", person_id=str(person)))["rows"]
        return {row["course_id"]: row["status"] for row in reversed(rows)}

    async def bookings(self, person: UUID) -> list[str]:
        return [row["status"] for row in (await self.desk.found("/bookings", person_id=str(person)))["rows"]]

    async def waived(self, person: UUID) -> list[str]:
        rows = (await self.desk.found("/competences", person_id=str(person)))["rows"]
        return [judged["host"] for row in rows for judged in row["judgements"] if judged["outcome"] == "waived"]


@pytest.fixture
async def hospice(coordinator: Client) -> Hospice:
    return await Hospice(coordinator).set_up()


async def test_a_starter_is_enrolled_in_the_induction_and_has_a_place_in_the_next_cohort(
    hospice: Hospice, bus: Bus
) -> None:
    person = somebody()
    cause = await bus.say(placed(person))
    assert await hospice.enrolments(person) == {hospice.online: "enrolled", hospice.fire: "enrolled"}
    assert await hospice.bookings(person) == ["booked"]
    rows = (await hospice.desk.found("/enrolments", person_id=str(person)))["rows"]
    assert {(row["why"], row["due_on"]) for row in rows} == {("induction", (STARTED + timedelta(days=28)).isoformat())}
    line = (await hospice.desk.found(f"/enrolments/{rows[0]['id']}/history"))["lines"][0]
    assert (line["causation_id"], line["actor"]) == (str(cause), "consumer:learning.reactions")
    assert await bus.tasks() == []


async def test_nobody_is_booked_in_a_cohort_that_has_met_though_its_register_is_open(
    hospice: Hospice, bus: Bus
) -> None:
    met = (business_date(datetime.now(UTC)) - timedelta(days=2)).isoformat()
    plan = {"occurred_on": on(10), "course_id": hospice.together, "sessions": [met], "places": 5}
    open_ = (await hospice.desk.made("/cohorts", plan))["id"]
    person = somebody()
    await bus.say(placed(person))
    (booked,) = (await hospice.desk.found("/bookings", person_id=str(person)))["rows"]
    assert booked["cohort_id"] == hospice.cohort != open_


async def test_what_is_portable_is_waived_and_not_learned_again(hospice: Hospice, bus: Bus) -> None:
    person, other = somebody(), somebody()
    await hospice.desk.made("/competences", training(str(person)))
    await hospice.desk.made("/competences", training(str(other), aligned=False))
    for starter in (person, other):
        await bus.say(placed(starter))
    assert (await hospice.waived(person), await hospice.waived(other)) == ([HOSPICE], [])
    assert hospice.fire not in await hospice.enrolments(person)
    assert hospice.fire in await hospice.enrolments(other)


async def test_training_that_the_employer_rejected_or_that_has_run_out_is_learned_again(
    hospice: Hospice, bus: Bus
) -> None:
    rejected, late = somebody(), somebody()
    made = await hospice.desk.made("/competences", training(str(rejected)))
    knows = {"occurred_on": on(30), "host": HOSPICE, "required_level": 1, "reason": "identity-not-matched"}
    await hospice.desk.made(f"/competences/{made['id']}/reject", knows)
    await hospice.desk.made("/competences", training(str(late), said=on(99)))
    for starter in (rejected, late):
        await bus.say(placed(starter))
        assert (await hospice.waived(starter), hospice.fire in await hospice.enrolments(starter)) == ([], True)


async def test_where_no_cohort_has_a_place_somebody_has_to_find_one(hospice: Hospice, bus: Bus) -> None:
    await hospice.desk.made(f"/cohorts/{hospice.cohort}/book", team(str(somebody()), organisation=COUNCIL))
    person = somebody()
    await bus.say(placed(person))
    assert await hospice.bookings(person) == []
    assert (await hospice.enrolments(person))[hospice.together] == "enrolled"


async def test_other_work_and_other_employers_have_other_inductions(hospice: Hospice, bus: Bus) -> None:
    course = await hospice._course(title="The kitchen", category="induction", online=True)
    own = {"organisation": HOSPICE, "sector": "third-sector", "soc2020": "9263", "courses": [course]}
    await hospice.desk.made("/inductions", {"occurred_on": on(5), **own})
    cook, stranger = somebody(), somebody()
    await bus.say(placed(cook, soc2020="9263"))
    await bus.say(placed(stranger, employer=COUNCIL))
    assert course in await hospice.enrolments(cook)
    assert hospice.online in await hospice.enrolments(cook)
    assert (await hospice.enrolments(stranger), await hospice.bookings(stranger)) == ({}, [])


async def test_who_was_to_learn_in_a_cohort_that_is_cancelled_waits_for_another_or_has_a_place_in_it(
    hospice: Hospice, bus: Bus
) -> None:
    person, gone, candidacy = somebody(), somebody(), uuid4()
    plan = {"occurred_on": on(10), "course_id": hospice.together, "sessions": [AHEAD], "places": 5}
    first = (await hospice.desk.made("/cohorts", {**plan, "sessions": [SOONER]}))["id"]
    for who, work in ((person, uuid4()), (gone, candidacy)):
        await bus.say(placed(who), work)
    await bus.say(left(placed(gone)), candidacy)
    for cohort in (first, hospice.cohort):
        rows = (await hospice.desk.found("/bookings", person_id=str(person), status="booked"))["rows"]
        assert [row["cohort_id"] for row in rows] == [cohort]
        assert hospice.together not in await hospice.enrolments(person)
        await hospice.desk.made(f"/cohorts/{cohort}/cancel", {"reason": "no-facilitator"})
    assert (await hospice.enrolments(person))[hospice.together] == "enrolled"
    assert set((await hospice.enrolments(gone)).values()) == {"ended"}
    assert await bus.tasks() == []


async def test_who_leaves_gives_the_place_to_who_waits_and_what_was_waived_stays(hospice: Hospice, bus: Bus) -> None:
    person, waits, candidacy = somebody(), str(somebody()), uuid4()
    await hospice.desk.made("/competences", training(str(person)))
    fact = placed(person)
    await bus.say(fact, candidacy)
    await hospice.desk.made(
        f"/cohorts/{hospice.cohort}/book", {**team(waits, organisation=COUNCIL), "occurred_on": None}
    )
    event = await bus.say(left(fact), candidacy)
    assert await hospice.enrolments(person) == {hospice.online: "ended"}
    assert (await hospice.bookings(person), await hospice.waived(person)) == (["cancelled"], [HOSPICE])
    assert await hospice.bookings(UUID(waits)) == ["offered"]
    await bus.say(tp.FactVoided(fact_id=event, fact_type=tp.PlacementEnded.TYPE, reason="came-back"), candidacy)
    assert (await hospice.enrolments(person))[hospice.online] == "enrolled"
    await bus.say(tp.FactRestored(fact_id=event, fact_type=tp.PlacementEnded.TYPE, reason="left-after-all"), candidacy)
    assert (await hospice.enrolments(person))[hospice.online] == "ended"
    assert await bus.tasks() == []


@pytest.mark.parametrize("how", ["ends", "voided"])
async def test_who_goes_on_in_other_work_for_the_same_employer_goes_on_learning(
    hospice: Hospice, bus: Bus, how: str
) -> None:
    person, first = somebody(), uuid4()
    fact = placed(person)
    event = await bus.say(fact, first)
    second = await bus.say(placed(person, soc2020="6136"))
    if how == "ends":
        await bus.say(left(fact), first)
    else:
        await bus.say(tp.FactVoided(fact_id=event, fact_type=fact.TYPE, reason="entered-twice"), first)
    assert await hospice.enrolments(person) == {hospice.online: "enrolled", hospice.fire: "enrolled"}
    assert await hospice.bookings(person) == ["booked"]
    await bus.say(tp.FactVoided(fact_id=second, fact_type=fact.TYPE, reason="wrong-person"))
    assert set((await hospice.enrolments(person)).values()) == {"ended"}
    assert await hospice.bookings(person) == ["cancelled"]
    assert await bus.tasks() == []


async def test_a_start_that_is_voided_leaves_nothing_and_one_that_is_restored_all_of_it(
    hospice: Hospice, bus: Bus
) -> None:
    person, candidacy = somebody(), uuid4()
    await hospice.desk.made("/competences", training(str(person)))
    event = await bus.say(placed(person), candidacy)
    named: dict[str, Any] = {"fact_id": event, "fact_type": tp.CandidatePlaced.TYPE, "reason": "wrong"}
    for says, enrolled, booked, waived in (
        (tp.FactVoided, "ended", ["cancelled"], []),
        (tp.FactRestored, "enrolled", ["cancelled", "booked"], [HOSPICE]),
        (tp.FactVoided, "ended", ["cancelled", "cancelled"], []),
    ):
        await bus.say(says(**named), candidacy)
        assert (await hospice.enrolments(person))[hospice.online] == enrolled
        assert (sorted(await hospice.bookings(person)), await hospice.waived(person)) == (sorted(booked), waived)
    await bus.say(left(placed(person)), candidacy)
    assert await bus.tasks() == []


async def test_a_start_that_was_with_another_employer_is_so_here(hospice: Hospice, bus: Bus) -> None:
    person, candidacy = somebody(), uuid4()
    fact = placed(person)
    event = await bus.say(fact, candidacy)
    for employer, status in ((COUNCIL, "ended"), (HOSPICE, "enrolled")):
        better = fact.model_copy(update={"employer": employer}).model_dump(mode="json", exclude_none=True)
        correction = tp.FactCorrected(fact_id=event, fact_type=fact.TYPE, replacement=better, reason="wrong-employer")
        await bus.say(correction, candidacy)
        assert (await hospice.enrolments(person))[hospice.online] == status
    hours = fact.model_copy(update={"weekly_hours": 20.0}).model_dump(mode="json", exclude_none=True)
    before = await hospice.desk.found("/enrolments", person_id=str(person))
    await bus.say(
        tp.FactCorrected(fact_id=event, fact_type=fact.TYPE, replacement=hours, reason="wrong-hours"), candidacy
    )
    assert await hospice.desk.found("/enrolments", person_id=str(person)) == before
    assert await bus.tasks() == []


async def test_what_was_learned_stays_learned_and_is_not_asked_for_again(hospice: Hospice, bus: Bus) -> None:
    person, candidacy = somebody(), uuid4()
    fact = placed(person)
    await bus.say(fact, candidacy)
    rows = (await hospice.desk.found("/enrolments", course_id=hospice.online))["rows"]
    await hospice.desk.made(f"/enrolments/{rows[0]['id']}/complete", {"occurred_on": on(110)})
    await bus.say(left(fact), candidacy)
    back = tp.PlacementResumed(
        **left(fact).model_dump(exclude={"reason", "occurred_on"}), occurred_on=day(210), days_away=10
    )
    await bus.say(back, candidacy)
    assert await hospice.enrolments(person) == {hospice.online: "completed", hospice.fire: "enrolled"}


async def test_what_nothing_followed_from_is_passed_over(hospice: Hospice, bus: Bus) -> None:
    for says in (tp.FactVoided, tp.FactRestored):
        await bus.say(says(fact_id=uuid4(), fact_type=tp.OfferMade.TYPE, reason="wrong"))
    await bus.say(tp.FactCorrected(fact_id=uuid4(), fact_type=tp.OfferMade.TYPE, replacement={}, reason="wrong"))
    await bus.say(left(placed(uuid4())))
    assert await bus.tasks() == []


# Movers ----------------------------------------------------------------------------------------------------------------


def seconded(person: UUID, **changes: Any) -> mobility.StaffSeconded:
    fields: dict[str, Any] = {
        "occurred_on": STARTED, "person_id": person, "home": COUNCIL, "host": HOSPICE, "soc2020": "6135",
        "basis": mobility.Basis.FRAMEWORK_LICENCE, "ends_on": day(200), "weekly_hours": 15.0, **changes,
    }  # fmt: skip
    return mobility.StaffSeconded(**fields)


def gone_home(fact: mobility.StaffSeconded) -> mobility.DeploymentRecalled:
    return mobility.DeploymentRecalled(
        occurred_on=day(150), person_id=fact.person_id, home=fact.home, host=fact.host, basis=fact.basis,
        soc2020=fact.soc2020, reason="short-at-home",
    )  # fmt: skip


@pytest.fixture
async def tour(hospice: Hospice) -> str:
    """The course that the hospice's movers learn first."""
    course = await hospice._course(title="Find your way", category="induction", online=True)
    own = {"occurred_on": on(5), "organisation": HOSPICE, "sector": "third-sector", "movers": True}
    await hospice.desk.made("/inductions", {**own, "courses": [course], "within_days": 7})
    return course


async def test_who_comes_for_a_while_learns_the_local_induction_and_nothing_of_the_employer_s_own(
    hospice: Hospice, tour: str, bus: Bus
) -> None:
    mover, starter, move = somebody(), somebody(), uuid4()
    fact = seconded(mover)
    await bus.say(fact, move)
    assert await hospice.enrolments(mover) == {tour: "enrolled"}
    assert await hospice.bookings(mover) == []
    await bus.say(placed(starter))
    assert tour not in await hospice.enrolments(starter)
    (row,) = (await hospice.desk.found("/enrolments", person_id=str(mover)))["rows"]
    assert (row["organisation"], row["why"], row["due_on"]) == (HOSPICE, "induction", day(107).isoformat())
    await bus.say(gone_home(fact), move)
    assert await hospice.enrolments(mover) == {tour: "ended"}


async def test_a_first_day_that_is_taken_back_or_put_right_takes_the_local_induction_with_it(
    hospice: Hospice, tour: str, bus: Bus
) -> None:
    mover, move = somebody(), uuid4()
    fact = seconded(mover)
    said = await bus.say(fact, move)
    await bus.say(mobility.FactVoided(fact_id=said, fact_type=fact.TYPE, reason="entered-in-error"), move)
    assert await hospice.enrolments(mover) == {tour: "ended"}
    await bus.say(mobility.FactRestored(fact_id=said, fact_type=fact.TYPE, reason="entered-in-error"), move)
    assert (await hospice.enrolments(mover))[tour] == "enrolled"
    elsewhere = json.loads(seconded(mover, host=HOSPITALS).write())
    corrected = mobility.FactCorrected(fact_id=said, fact_type=fact.TYPE, replacement=elsewhere, reason="wrong-host")
    await bus.say(corrected, move)
    assert set((await hospice.enrolments(mover)).values()) == {"ended"}
    assert await bus.tasks() == []


async def test_an_organisation_has_one_induction_for_its_own_and_one_for_movers(hospice: Hospice, tour: str) -> None:
    own = {"occurred_on": on(5), "organisation": HOSPICE, "sector": "third-sector", "courses": [tour]}
    for movers in (False, True):
        refused = await hospice.desk.post("/inductions", {**own, "movers": movers})
        assert refused.json()["type"] == "/problems/already-set"


async def test_a_mover_is_not_among_those_whom_the_host_must_train(
    hospice: Hospice, tour: str, bus: Bus, database: Database
) -> None:
    required = {
        "subject": SKILL["subject"],
        "level": 1,
        "organisation": HOSPICE,
        "within_days": 28,
        "occurred_on": on(5),
    }
    await hospice.desk.made("/requirements", required)
    mover, starter = somebody(), somebody()
    await bus.say(seconded(mover))
    await bus.say(placed(starter))
    rows = (await hospice.desk.found("/compliance", organisation=HOSPICE))["rows"]
    assert {row["person_id"] for row in rows} == {str(starter)}


# After a restore ---------------------------------------------------------------------------------------------------------

OF_STARTERS = ("starter", "followed", "enrolment", "booking", "competence")
"""What holds nothing before anybody has started."""


async def test_a_start_that_was_voided_before_a_restore_is_heard_again_and_nothing_is_done_twice(
    hospice: Hospice, bus: Bus, clone: Clone, database: Database
) -> None:
    person, candidacy = somebody(), uuid4()
    async with restored(clone, service, *OF_STARTERS):
        named: dict[str, Any] = {"fact_type": tp.CandidatePlaced.TYPE, "reason": "wrong"}
        event = await bus.say(placed(person), candidacy)
        await bus.say(tp.FactVoided(fact_id=event, **named), candidacy)
        said = await lines(database)
    await bus.say_again()
    assert await lines(database) == said
    assert (await hospice.enrolments(person))[hospice.online] == "ended"
    await bus.say(tp.FactRestored(fact_id=event, **named), candidacy)
    assert (await hospice.enrolments(person))[hospice.online] == "enrolled"
    assert await bus.tasks() == []


async def test_what_followed_from_a_start_before_a_restore_goes_with_it_after_it(
    hospice: Hospice, bus: Bus, clone: Clone, database: Database
) -> None:
    person, candidacy = somebody(), uuid4()
    await hospice.desk.made("/competences", training(str(person)))
    async with restored(clone, service, *(table for table in OF_STARTERS if table != "competence")):
        event = await bus.say(placed(person), candidacy)
        said = await lines(database)
    await bus.say_again()
    assert await lines(database) == said
    assert (await hospice.bookings(person), await hospice.waived(person)) == (["booked"], [HOSPICE])
    await bus.say(tp.FactVoided(fact_id=event, fact_type=tp.CandidatePlaced.TYPE, reason="wrong"), candidacy)
    assert await hospice.enrolments(person) == {hospice.online: "ended"}
    assert (await hospice.bookings(person), await hospice.waived(person)) == (["cancelled"], [])
    assert await bus.tasks() == []


async def test_what_was_learned_before_a_restore_is_taken_off_the_record_with_its_course_after_it(
    hospice: Hospice, bus: Bus, clone: Clone
) -> None:
    person = somebody()
    async with restored(clone, service, *OF_STARTERS):
        await bus.say(placed(person))
        rows = (await hospice.desk.found("/enrolments", course_id=hospice.fire))["rows"]
        await hospice.desk.made(f"/enrolments/{rows[0]['id']}/complete", {"occurred_on": on(110)})
    assert len((await hospice.desk.found("/competences", person_id=str(person)))["rows"]) == 1
    told = (await hospice.desk.found(f"/enrolments/{rows[0]['id']}/history"))["lines"][-1]
    await hospice.desk.made(f"/enrolments/{rows[0]['id']}/facts/{told['id']}/void", {"reason": "wrong-person"})
    assert (await hospice.desk.found("/competences", person_id=str(person)))["rows"] == []
