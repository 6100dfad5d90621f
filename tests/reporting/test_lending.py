"""Hours lent, days to start, fill rate, checks relied on: each once with the cases that a naive count gets wrong."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from kit.database import Database
from kit.ids import new_id
from reporting import figures
from reporting.disclosure import Door, Profile
from reporting.metrics import METRICS, MOBILITY
from reporting.metrics.metric import AMOUNTS
from reporting.pages.paper import environment
from reporting.settings import ReportingSettings
from reporting.testing import DAY, City, Feed
from schemas import mobility as mob

HOSPICE, HOSPITALS = "st-gemma-hospice", "hospitals"
MONTH = DAY.replace(day=1)
LATER = DAY + timedelta(days=300)


def later(number: int) -> date:
    return DAY + timedelta(days=number)


@pytest.fixture
def ask(database: Database, settings: ReportingSettings) -> Any:
    """A figure as it is: what its amounts come to, and how many people stand behind; or its parts by group."""

    async def ask(figure: str, as_at: date = LATER, by: str | None = None) -> Any:
        async with figures.one_moment(database) as tx:
            found = await figures.figure(tx, METRICS[figure], as_at, settings, by)
        parts = {group.code: _parts(figure, group.count) for group in found.groups}
        return parts if by else _parts(figure, found.total)

    return ask


def _parts(figure: str, count: figures.Count) -> tuple[float | None, int]:
    measured = METRICS[figure].measure in AMOUNTS
    return (count.amount, count.numerator) if measured else (count.numerator, count.denominator)


def worked(person: UUID, hours: float, day: int = 0, **given: Any) -> mob.HoursRecorded:
    fields: dict[str, Any] = {
        "home": HOSPICE, "host": HOSPITALS, "month": MONTH, "deployment_id": new_id(), "person_id": person,
        "worked_on": later(day), "occurred_on": later(day + 3), "hours": hours, "pence": 100,
    } | given  # fmt: skip
    return mob.HoursRecorded(**fields)


def settled(line: mob.HoursRecorded, hours: float, day: int) -> mob.LineSettled:
    return mob.LineSettled(
        home=line.home, host=line.host, month=line.month, deployment_id=line.deployment_id, worked_on=line.worked_on,
        hours=hours, pence=50, occurred_on=later(day),
    )  # fmt: skip


def raised(**given: Any) -> mob.NeedRaised:
    fields: dict[str, Any] = {
        "organisation": HOSPITALS, "soc2020": "2237", "reason": mob.NeedReason.WINTER_PRESSURE, "title": "Nurse",
        "level": 5, "place": "seacroft", "weekly_hours": 22.5, "people": 2, "starts_on": later(10), "ends_on": later(90),
        "covers_strike": False, "release_on": later(2), "occurred_on": DAY,
    } | given  # fmt: skip
    return mob.NeedRaised(**fields)


def changed(kind: type[Any], day: int, **given: Any) -> Any:
    return kind(
        organisation=HOSPITALS, soc2020="2237", reason=mob.NeedReason.WINTER_PRESSURE, occurred_on=later(day), **given
    )


def move(person: UUID, day: int, **given: Any) -> mob.StaffSeconded:
    fields: dict[str, Any] = {**of(person), "occurred_on": later(day), "ends_on": later(90), "weekly_hours": 22.5}
    return mob.StaffSeconded(**fields | given)


def of(person: UUID) -> dict[str, Any]:
    basis = mob.Basis.FRAMEWORK_LICENCE
    return {"person_id": person, "home": HOSPICE, "host": HOSPITALS, "soc2020": "2237", "basis": basis}


async def test_hours_count_on_the_day_they_were_worked_and_once_settled_as_settled(feed: Feed, ask: Any) -> None:
    city, statement, one, other = City(), new_id(), new_id(), new_id()
    line = worked(one, 7.5)
    city.say(line, statement)
    city.say(worked(other, 6.25, 1), statement)
    city.say(settled(line, 4.0, 20), statement)
    city.say(settled(line, 5.0, 30), statement)
    await feed(city.records)
    assert await ask("hours-lent", later(-1)) == (None, 0)
    assert await ask("hours-lent", DAY) == (7.5, 1)
    assert await ask("hours-lent", later(1)) == (13.75, 2)
    assert await ask("hours-lent", later(20)) == (10.25, 2)
    assert await ask("hours-lent", later(30)) == (11.25, 2)


async def test_a_day_on_which_nothing_was_worked_after_all_lends_nothing_and_nobody(feed: Feed, ask: Any) -> None:
    city, statement = City(), new_id()
    line = worked(new_id(), 7.5)
    city.say(line, statement)
    city.say(worked(new_id(), 6.0), statement)
    of_line: dict[str, Any] = {"deployment_id": line.deployment_id, "worked_on": line.worked_on}
    nothing = mob.LineWithdrawn(home=HOSPICE, host=HOSPITALS, month=MONTH, occurred_on=later(20), **of_line)
    withdrawn = city.say(nothing, statement)
    await feed(city.records)
    assert [await ask("hours-lent", later(day)) for day in (19, 20)] == [(13.5, 2), (6.0, 1)]
    city.void(statement, withdrawn, mob.LineWithdrawn)
    await feed(city.records[-1:])
    assert await ask("hours-lent") == (13.5, 2)


async def test_of_one_day_what_was_said_first_came_first(feed: Feed, ask: Any) -> None:
    """Somebody who comes on the day on which another leaves fills a second place if the other is still there, and else the same."""
    city, both, one = City(), new_id(), new_id()
    place: dict[str, Any] = {"filled_by": mob.FilledBy.PARTNER, "people": 2, "filled": 1}
    left: dict[str, Any] = {"left": "recalled", "people": 2, "filled": 1}

    def fills(need: UUID, day: int) -> None:
        city.say(move(new_id(), day, need_id=need))
        city.say(changed(mob.NeedFilled, day, **place, deployment_id=new_id()), need)

    for need in (both, one):
        city.say(raised(), need)
        fills(need, 3)
    fills(both, 9)
    city.say(changed(mob.NeedReopened, 9, **left, deployment_id=new_id()), both)
    city.say(changed(mob.NeedReopened, 9, **left, deployment_id=new_id()), one)
    fills(one, 9)
    await feed(city.records)
    assert [await ask("fill-rate", later(day)) for day in (8, 9)] == [(2, 4), (3, 4)]
    assert await ask("days-to-fill") == (9.0, 1)


async def test_hours_that_were_taken_back_do_not_count_and_two_ids_of_one_person_are_one(feed: Feed, ask: Any) -> None:
    city, statement, one, other = City(), new_id(), new_id(), new_id()
    city.say(worked(one, 7.5), statement)
    city.say(worked(other, 6.0, host="council"), statement)
    wrong = city.say(worked(one, 8.0, 2), statement)
    city.void(statement, wrong, mob.HoursRecorded)
    city.link(other, one)
    await feed(city.records)
    assert await ask("hours-lent") == (13.5, 1)
    assert await ask("hours-lent", by="host") == {HOSPITALS: (7.5, 1), "council": (6.0, 1)}


async def test_days_to_start_are_the_middle_value_of_moves_for_a_need(feed: Feed, ask: Any) -> None:
    city, need = City(), new_id()
    city.say(raised(), need)
    for day in (3, 4, 10):
        city.say(move(new_id(), day, need_id=need))
    city.say(move(new_id(), 99))
    await feed(city.records)
    assert await ask("days-to-start") == (4.0, 3)
    assert await ask("days-to-start", later(4)) == (3.5, 2)
    assert await ask("days-to-start", DAY) == (None, 0)


async def test_places_are_filled_freed_again_and_gone_with_a_need_that_was_withdrawn(feed: Feed, ask: Any) -> None:
    city, need, gone = City(), new_id(), new_id()
    city.say(raised(people=3), need)
    filled = {"filled_by": mob.FilledBy.PARTNER, "people": 3}
    city.say(changed(mob.NeedFilled, 5, **filled, deployment_id=(first := new_id()), filled=1), need)
    city.say(changed(mob.NeedFilled, 6, **filled, deployment_id=new_id(), filled=2), need)
    city.say(changed(mob.NeedReopened, 8, deployment_id=first, people=3, filled=1), need)
    city.say(raised(organisation="council"), gone)
    city.say(changed(mob.NeedWithdrawn, 7, why="ward-closed"), gone)
    await feed(city.records)
    expected = {4: (0, 5), 5: (1, 5), 6: (2, 5), 7: (2, 3), 8: (1, 3)}
    assert {day: await ask("fill-rate", later(day)) for day in expected} == expected
    assert await ask("fill-rate", later(6), "organisation") == {HOSPITALS: (2, 3), "council": (0, 2)}


async def test_days_to_fill_are_those_to_the_last_place_the_first_time_and_of_needs_that_partners_helped_with(
    feed: Feed, ask: Any
) -> None:
    city = City()

    def fills(need: UUID, day: int, *, own: bool = False) -> UUID:
        by = mob.FilledBy.OWN_STAFF if own else mob.FilledBy.PARTNER
        moved = None if own else city.say(move(new_id(), day, need_id=need))
        said = changed(mob.NeedFilled, day, filled_by=by, people=2, deployment_id=moved and new_id(), filled=1)
        return city.say(said, need)

    needs = [new_id() for _ in range(4)]
    for need in needs:
        city.say(raised(), need)
    fills(needs[0], 3)
    fills(needs[0], 9)
    left = changed(mob.NeedReopened, 12, deployment_id=new_id(), left="recalled", people=2, filled=1)
    city.say(left, needs[0])
    fills(needs[0], 30)
    fills(needs[1], 4)
    fills(needs[1], 5, own=True)
    fills(needs[2], 6)
    fills(needs[3], 1, own=True)
    fills(needs[3], 1, own=True)
    await feed(city.records)
    expected = {4: (None, 0), 5: (5.0, 1), 8: (5.0, 1), 9: (7.0, 2), 40: (7.0, 2)}
    assert {day: await ask("days-to-fill", later(day)) for day in expected} == expected


async def test_a_place_that_was_left_was_filled_and_who_comes_into_it_fills_no_other(feed: Feed, ask: Any) -> None:
    city, need = City(), new_id()
    city.say(raised(people=3), need)
    filled: dict[str, Any] = {"filled_by": mob.FilledBy.PARTNER, "people": 3}

    def fills(day: int) -> None:
        city.say(changed(mob.NeedFilled, day, **filled, deployment_id=new_id(), filled=1), need)

    def left(day: int) -> UUID:
        return city.say(
            changed(mob.NeedReopened, day, deployment_id=new_id(), left="recalled", people=3, filled=0), need
        )

    fills(5)
    left(8)
    fills(8)
    fills(9)
    wrong = left(10)
    city.void(need, wrong, mob.NeedReopened)
    left(11)
    left(11)
    fills(12)
    await feed(city.records)
    expected = {4: (0, 3), 5: (1, 3), 8: (1, 3), 9: (2, 3), 10: (2, 3), 11: (2, 3), 12: (2, 3)}
    assert {day: await ask("fill-rate", later(day)) for day in expected} == expected


async def test_a_check_is_relied_on_once_a_move_that_began_and_not_where_the_engager_checks(
    feed: Feed, ask: Any
) -> None:
    city = City()
    seen = (mob.CheckSeen(kind="identity"), mob.CheckSeen(kind="right-to-work"))
    for began, by in ((True, HOSPICE), (True, HOSPITALS), (False, HOSPICE)):
        id_, person = new_id(), new_id()
        city.say(mob.ChecksVerified(**of(person), verified_by=by, checks=seen, occurred_on=DAY), id_)
        city.say(mob.ChecksVerified(**of(person), verified_by=by, checks=seen[:1], occurred_on=later(1)), id_)
        if began:
            city.say(move(person, 2), id_)
    await feed(city.records)
    assert await ask("checks-relied-on", later(1)) == (0, 0)
    assert await ask("checks-relied-on", later(2), "check_kind") == {"identity": (1, 1), "right-to-work": (1, 1)}


async def test_an_amount_is_hidden_where_few_people_stand_behind_it_however_many_lines_there_are(
    feed: Feed, client: httpx2.AsyncClient
) -> None:
    city, people = City(), [new_id() for _ in range(8)]
    for day in range(10):
        city.say(worked(people[0], 7.5, day, host="council"), statement := new_id())
        city.say(worked(people[1], 6.0, day, host="council"), statement)
    for person in people:
        city.say(worked(person, 7.25))
    await feed(city.records)
    figure = (await client.get("/figures/hours-lent", params={"by": "host"})).json()
    assert (figure["value"]["text"], figure["numerator"]["text"]) == ("195", "10")
    groups = {group["code"]: (group["value"]["text"], group["numerator"]["text"]) for group in figure["groups"]}
    assert groups == {HOSPITALS: ("60", "10"), "council": ("*", "*")}


@pytest.mark.parametrize("figure", [metric.id for metric in MOBILITY if metric.measure in AMOUNTS])
async def test_a_key_has_one_amount(figure: str, feed: Feed, database: Database, settings: ReportingSettings) -> None:
    city, need, statement, person = City(), new_id(), new_id(), new_id()
    city.say(raised(people=1), need)
    city.say(moved := move(person, 3, need_id=need), id_ := new_id())
    city.correct(id_, city.said[id_][0][0], moved.model_copy(update={"occurred_on": later(4)}))
    place = {"filled_by": mob.FilledBy.PARTNER, "deployment_id": id_, "people": 1, "filled": 1}
    filled = city.say(changed(mob.NeedFilled, 3, **place), need)
    city.correct(need, filled, changed(mob.NeedFilled, 4, **place))
    line = worked(person, 7.5, deployment_id=id_)
    city.say(line, statement)
    city.say(settled(line, 4.0, 20), statement)
    city.say(settled(line, 5.0, 20), statement)
    await feed(city.records)
    metric = METRICS[figure]
    async with figures.one_moment(database) as tx:
        keys = f"SELECT count(*) AS cases, count(DISTINCT key) AS keys FROM ({metric.cases}) AS cases"
        found = await tx.fetchrow(keys, later(300), *metric.arguments(settings))
    assert found is not None
    assert (found["cases"], found["keys"]) == (1, 1)


def test_one_day_is_one_day() -> None:
    words = environment().get_template("parts.jinja").module
    door = Door(Profile.EXACT)
    assert [str(words.days(door.median(days, 9))) for days in (1.0, 1.5, 12.0)] == ["1 day", "1.5 days", "12 days"]  # type: ignore[attr-defined]
    assert [str(words.people(door.count(people))) for people in (1, 2)] == ["1 person", "2 people"]  # type: ignore[attr-defined]
