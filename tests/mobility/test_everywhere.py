"""A stop of a person at every host: it outlives their moves, holds for whatever they are put forward for, and is lifted at once."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from importlib import resources
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from kit.clock import now
from kit.context import Context
from kit.database import Database
from kit.inbox import Received
from kit.testing.databases import Clone
from kit.testing.partner import Partner
from kit.testing.persons import hear, somebody
from kit.testing.records import envelope_of
from mobility.domain import deployment, everywhere
from mobility.domain.deployment import Deployment
from mobility.domain.move import of
from mobility.domain.stops import LetGoOn, LiftStop, SaidOfThePerson, StopEverywhere, StopNow
from mobility.handlers import identities
from mobility.store import aggregates
from mobility.testing import (
    COUNCIL,
    HOSPICE,
    HOSPITALS,
    LIFT,
    NOW,
    SAY_STOP,
    STOP,
    a_move,
    cells,
    day,
    outcome,
    run,
)
from schemas.mobility import ClaimWithdrawn, MoveClaimed, MoveStepClaimed, MoveStopped
from schemas.people import LinkReason, PersonLinked, PersonUnlinked, UnlinkReason

from .acts import a_proposal, both_signed, brought_to, on, pattern
from .test_api import fact_of, fire_all, types_of
from .test_moves import active
from .test_partners import READER, a_step, stops_of
from .test_partners import a_move as a_claim
from .test_retention import FOR_EVER, due

As = Callable[..., Any]
CONCERN = {"reason": "concern-raised"}

# The rules -------------------------------------------------------------------------------------------------------------

LIFE: dict[str | None, dict[str, str]] = {
    None: {"Say": "standing"},
    "standing": {"Lift": "lifted"},
    "lifted": {"Lift": "lifted"},
}
"""What comes of each command by status; what is not named is refused: NotInThisState, or NotFound before there is one."""


@pytest.mark.parametrize(("status", "command"), list(cells("stop")))
def test_every_status_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome("stop", status, command) == LIFE[status].get(command, unnamed)


def test_the_table_names_every_status_and_every_command() -> None:
    assert set(LIFE) == {None, *everywhere.Status}
    assert {command for row in LIFE.values() for command in row} == {kind.__name__ for kind in everywhere.COMMANDS}


def test_it_waits_for_a_coordinator_until_it_is_lifted() -> None:
    stop = run(everywhere, SAY_STOP)
    assert [(waits.who, waits.why) for waits in everywhere.waiting(stop)] == [("coordinator", "settle-what-stopped-it")]
    assert everywhere.waiting(run(everywhere, LIFT, state=stop)) == ()


EVERYWHERE = StopEverywhere(occurred_on=day(46), reason="ward-closed", stop_id=STOP)
HERE = StopNow(occurred_on=day(46), reason="ward-closed")
NO_MORE = LetGoOn(reason="ward-closed", why="entered-in-error", everywhere=True)


@pytest.mark.parametrize("said", [(HERE, EVERYWHERE), (EVERYWHERE, HERE), (EVERYWHERE, HERE, EVERYWHERE, HERE)])
def test_what_is_said_of_a_person_and_of_one_move_as_well_goes_from_each_by_itself(said: tuple[StopNow, ...]) -> None:
    both = run(deployment, *said, state=a_move())
    assert (both.stops, both.stopped_on_record, both.stopped_here) == (("ward-closed",),) * 3
    lift = LiftStop(reason="ward-closed", why="opened")
    assert run(deployment, NO_MORE, state=both).stopped_here == ("ward-closed",)
    assert run(deployment, lift, state=both).stopped_on_record == ("ward-closed",)
    assert run(deployment, lift, state=both).stopped_here == ()
    for commands in ((NO_MORE, lift), (lift, NO_MORE)):
        assert run(deployment, *commands, state=both).stops == ()


def test_what_is_said_of_a_person_is_not_lifted_at_a_move_and_waits_there_for_nobody_but_the_host() -> None:
    move = run(deployment, EVERYWHERE, state=a_move())
    with pytest.raises(SaidOfThePerson):
        deployment.decide(LiftStop(why="x"), move, NOW)
    assert "lift-stop" not in deployment.allowed(move)
    assert [(waits.who, waits.why) for waits in deployment.waiting(move)] == [("host", "keep-from-work")]


# A stop that outlives its moves ----------------------------------------------------------------------------------------


def a_link(one: UUID) -> PersonLinked:
    return PersonLinked(occurred_on=day(30), same_as=one, reason=LinkReason.CONFIRMED_BY_PARTNER)


def apart(one: UUID) -> PersonUnlinked:
    return PersonUnlinked(occurred_on=day(31), same_as=one, reason=UnlinkReason.MISTAKEN)


async def proposed(coordinator: Any, person: object, **changes: Any) -> str:
    return str((await coordinator.made("/deployments", a_proposal(str(person), None, **changes)))["id"])


async def said_of(coordinator: Any, person: object, **changes: Any) -> str:
    return str((await coordinator.made(f"/persons/{person}/stop-now", {**CONCERN, **changes}))["stop"]["id"])


async def waits(client: Any, id_: str) -> set[tuple[str, str]]:
    rows = (await client.get("/waiting")).json()["rows"]
    return {(row["who"], row["why"]) for row in rows if row["aggregate_id"] == id_}


@pytest.mark.parametrize("how", ["recall", "complete", "cancel"])
async def test_it_stands_when_the_last_move_has_ended_and_stops_the_next_under_either_id_from_its_beginning(
    coordinator: Any, database: Database, how: str
) -> None:
    await both_signed(coordinator)
    one, other = somebody(), somebody()
    first = await proposed(coordinator, one)
    if how != "cancel":
        await brought_to(coordinator, first, "start")
    stop = await said_of(coordinator, one, occurred_on=on(60))
    if how == "complete":
        await fire_all(database)
    else:
        await coordinator.made(f"/deployments/{first}/{how}", {"occurred_on": on(80), "reason": "short-at-home"})
    await hear(database, identities.hear, (other, 2, a_link(one)))
    assert await waits(coordinator, stop) == {("coordinator", "settle-what-stopped-it")}
    later = await proposed(coordinator, other)
    assert await types_of(coordinator, f"/deployments/{later}") == ["deployment-proposed", "move-stopped"]
    told, said = await fact_of(coordinator, f"/deployments/{later}", "move-stopped"), f"/stops/{stop}"
    assert (told["said"]["everywhere"], told["said"]["stop_id"]) == (True, stop)
    await coordinator.made(f"{said}/lift", {"why": "unfounded"})
    assert (await waits(coordinator, stop), await stops_of(coordinator, later)) == (set(), [None])
    assert await stops_of(coordinator, await proposed(coordinator, one)) == [None]
    lifted = await fact_of(coordinator, said, "person-stop-lifted")
    assert (await fact_of(coordinator, f"/deployments/{later}", "stop-lifted"))["causation_id"] == lifted["id"]


async def test_somebody_of_whom_no_move_is_live_is_stopped_and_whoever_has_to_do_with_them_may_say_so(
    coordinator: Any, as_role: As
) -> None:
    person, path = somebody(), "/stops"
    home, stranger = as_role("partner", HOSPICE), as_role("partner", COUNCIL)
    body = {"person_id": str(person), "reason": "registration-restricted"}
    assert (await home.post(path, body)).status_code == 404
    await coordinator.made("/passports", {"person_id": str(person), "home": HOSPICE})
    stop = (await home.made(path, body))["id"]
    for client in (stranger, as_role("partner", HOSPITALS)):
        assert (await client.post(path, body)).status_code == 404
        assert (await client.get(f"/stops/{stop}")).status_code == 404
        assert (await client.get(path)).json()["rows"] == []
    assert [row["id"] for row in (await home.get(path, person_id=str(person))).json()["rows"]] == [stop]
    unknown = await coordinator.post(path, {**body, "person_id": str(uuid4())})
    assert (unknown.status_code, unknown.json()["type"]) == (422, "/problems/unknown-person")
    assert await stops_of(coordinator, await proposed(coordinator, person)) == ["registration-restricted"]


async def test_what_each_organisation_says_is_its_own_and_said_again_it_is_the_same(
    coordinator: Any, as_role: As, database: Database
) -> None:
    home, host = Partner(database, READER, HOSPICE), Partner(database, READER, HOSPITALS)
    person = somebody()
    move = (await home.accepted(MoveClaimed, a_claim(person)))["deployment_id"]
    claim = a_step(move, "stopped", 60, **CONCERN)
    for partner in (home, host):
        await partner.accepted(MoveStepClaimed, claim, "s")
    again = await as_role("partner", HOSPICE).made(f"/deployments/{move}/stop-now", CONCERN)
    assert (await types_of(coordinator, f"/deployments/{move}")).count("move-stopped") == 1
    assert again["stopped"] == "concern-raised"
    stops = (await coordinator.get("/stops", person_id=str(person))).json()["rows"]
    assert {row["organisation"] for row in stops} == {HOSPICE, HOSPITALS}
    assert {row["deployment_id"] for row in stops} == {str(move)}
    seen = []
    for partner in (home, host):
        await partner.accepted(ClaimWithdrawn, {"claim_id": "s", "reason": "another-person"})
        seen += await stops_of(coordinator, move)
    assert seen == ["concern-raised", None]


async def test_what_an_organisation_says_of_two_moves_stands_until_it_takes_both_back(
    coordinator: Any, database: Database
) -> None:
    host, person = Partner(database, READER, HOSPITALS), somebody()
    moves = [await proposed(coordinator, person) for _ in range(2)]
    for number, move in enumerate(moves):
        await host.accepted(MoveStepClaimed, a_step(move, "stopped", 60, **CONCERN), f"s{number}")
    seen = []
    for number in range(2):
        await host.accepted(ClaimWithdrawn, {"claim_id": f"s{number}", "reason": "another-person"})
        seen.append(await stops_of(coordinator, *moves))
    assert seen == [["concern-raised", "concern-raised"], [None, None]]


async def test_who_is_said_to_stop_after_their_move_has_ended_is_stopped_elsewhere(
    coordinator: Any, database: Database
) -> None:
    await both_signed(coordinator)
    person = somebody()
    ended = await proposed(coordinator, person)
    await coordinator.made(f"/deployments/{ended}/cancel", {"reason": "no-longer-needed"})
    there = await proposed(coordinator, person, host=COUNCIL)
    await Partner(database, READER, HOSPITALS).accepted(MoveStepClaimed, a_step(ended, "stopped", 60, **CONCERN))
    assert await stops_of(coordinator, ended, there) == [None, "concern-raised"]


async def test_a_proposal_of_somebody_who_is_stopped_is_taken_back(coordinator: Any, database: Database) -> None:
    person, home = somebody(), Partner(database, READER, HOSPICE)
    await said_of(coordinator, person)
    move = (await home.accepted(MoveClaimed, a_claim(person), "m"))["deployment_id"]
    assert await stops_of(coordinator, move) == ["concern-raised"]
    await home.accepted(ClaimWithdrawn, {"claim_id": "m", "reason": "another-person"})
    assert (await coordinator.found(f"/deployments/{move}"))["status"] == "voided"


# Put right -------------------------------------------------------------------------------------------------------------


async def test_a_stop_that_was_an_error_stands_nowhere_and_put_right_it_says_another_reason(coordinator: Any) -> None:
    move, _ = await active(coordinator)
    person = (await coordinator.found(f"/deployments/{move}"))["person_id"]
    path = f"/stops/{await said_of(coordinator, person)}"
    fact = await fact_of(coordinator, path, "person-stopped")
    seen = []
    better = {"replacement": {**fact["said"], "reason": "registration-restricted"}}
    for name, more in (("void", {}), ("restore", {}), ("correct", better)):
        await coordinator.made(f"{path}/facts/{fact['id']}/{name}", {"reason": "entered-in-error", **more})
        seen += await stops_of(coordinator, move, await proposed(coordinator, person))
    assert seen == [
        None,
        None,
        "concern-raised",
        "concern-raised",
        "registration-restricted",
        "registration-restricted",
    ]
    lifted = await fact_of(coordinator, f"/deployments/{move}", "stop-lifted")
    assert lifted["said"]["why"] == "entered-in-error"


async def test_a_move_that_comes_back_or_is_put_right_is_stopped_as_its_person_is(coordinator: Any) -> None:
    await both_signed(coordinator)
    person = somebody()
    back = await proposed(coordinator, person)
    await coordinator.made(f"/deployments/{back}/cancel", {"reason": "no-longer-needed"})
    await said_of(coordinator, person)
    path = f"/deployments/{back}"
    cancelled = await fact_of(coordinator, path, "deployment-cancelled")
    await coordinator.made(f"{path}/facts/{cancelled['id']}/void", {"reason": "entered-in-error"})
    assert await stops_of(coordinator, back) == ["concern-raised"]
    told = await fact_of(coordinator, path, "move-stopped")
    await coordinator.made(f"{path}/facts/{told['id']}/void", {"reason": "entered-in-error"})
    assert await stops_of(coordinator, back) == ["concern-raised"]
    await coordinator.made(f"{path}/facts/{cancelled['id']}/restore", {"reason": "was-right"})
    assert (await coordinator.found(path))["status"] == "cancelled"


async def test_a_start_that_was_an_error_leaves_a_move_that_is_stopped_and_is_answered_as_it_is(
    coordinator: Any, database: Database
) -> None:
    await both_signed(coordinator)
    person = somebody()
    move = await proposed(coordinator, person)
    await brought_to(coordinator, move, "start")
    await fire_all(database)
    await said_of(coordinator, person)
    path = f"/deployments/{move}"
    assert (await coordinator.found(path))["status"] == "completed"
    fact = await fact_of(coordinator, path, "staff-seconded")
    found = await coordinator.made(f"{path}/facts/{fact['id']}/void", {"reason": "did-not-come"})
    assert (found["status"], found["stopped"]) == ("inducted", "concern-raised")
    assert found == await coordinator.found(path)


# Two ids, and at once --------------------------------------------------------------------------------------------------


async def test_who_turns_out_to_be_somebody_who_is_stopped_stops_and_goes_on_when_they_are_not(
    coordinator: Any, database: Database
) -> None:
    one, other, third = somebody(), somebody(), somebody()
    moves = [await proposed(coordinator, person) for person in (one, other, third)]
    stop = await said_of(coordinator, third)
    seen = [await stops_of(coordinator, *moves)]
    for turn, whose, fact in ((2, other, a_link(one)), (2, third, a_link(one)), (3, other, apart(one))):
        await hear(database, identities.hear, (whose, turn, fact))
        seen.append(await stops_of(coordinator, *moves))
    free, kept = None, "concern-raised"
    assert seen == [[free, free, kept], [free, free, kept], [kept] * 3, [kept, free, kept]]
    assert (await fact_of(coordinator, f"/deployments/{moves[1]}", "stop-lifted"))["said"]["why"] == "another-person"
    await coordinator.made(f"/stops/{stop}/lift", {"why": "unfounded"})
    assert await stops_of(coordinator, *moves) == [free] * 3


@pytest.mark.parametrize("at_once", ["propose", "match"])
async def test_a_stop_and_a_step_at_once_end_with_every_move_stopped(coordinator: Any, at_once: str) -> None:
    for _ in range(6):
        person = somebody()
        before = await proposed(coordinator, person)
        step = (
            coordinator.post("/deployments", a_proposal(str(person), None))
            if at_once == "propose"
            else coordinator.post(f"/deployments/{before}/match", {"occurred_on": on(25)})
        )
        answers = await asyncio.gather(step, coordinator.post(f"/persons/{person}/stop-now", CONCERN))
        assert [answer.status_code for answer in answers] == [201 if at_once == "propose" else 200, 200]
        rows = (await coordinator.get("/deployments", person_id=str(person))).json()["rows"]
        assert {row["stopped"] for row in rows} == {"concern-raised"}


@pytest.mark.parametrize("stopped", [0, 1])
async def test_who_is_put_forward_under_one_id_while_it_turns_out_to_be_anothers_is_stopped(
    coordinator: Any, database: Database, stopped: int
) -> None:
    ids = sorted((somebody(), somebody()))
    await said_of(coordinator, ids[stopped])
    free = ids[1 - stopped]
    said = Received(envelope_of(a_link(ids[stopped]), free, 2), a_link(ids[stopped]), "people.events.v1", 0, 0)
    async with database.transaction() as tx:
        await identities.hear(tx, [said])
        putting = asyncio.create_task(coordinator.post("/deployments", a_proposal(str(free), None)))
        done, _ = await asyncio.wait({putting}, timeout=0.5)
        assert not done, "it waits for what is heard"
    move = (await putting).json()["id"]
    assert await stops_of(coordinator, move) == ["concern-raised"]


# Kept, and said before -------------------------------------------------------------------------------------------------


async def test_a_stop_that_was_lifted_is_kept_as_long_as_a_passport_and_one_that_stands_until_it_is(
    coordinator: Any, as_role: As, database: Database
) -> None:
    officer = as_role("data-protection-officer")
    lifted, stands = await said_of(coordinator, somebody()), await said_of(coordinator, somebody())
    await coordinator.made(f"/stops/{lifted}/lift", {"why": "unfounded"})
    over = await due(officer)
    assert set(over) == {lifted}
    assert now() + timedelta(days=6 * 365) < over[lifted] < now() + timedelta(days=6 * 366)
    await fire_all(database, FOR_EVER)
    states = [(await coordinator.get(f"/stops/{id_}")).json()["status"] for id_ in (lifted, stands)]
    assert states == ["voided", "standing"]


async def said_before(database: Database, id_: str, reason: str) -> None:
    """A stop at every host as it was said when it stood at the moves alone."""
    context = Context(actor="coordinator", now=now(), correlation_id=uuid4())
    async with database.transaction() as tx:
        row = await aggregates.lock(tx, Deployment, UUID(id_))
        fact = MoveStopped(**of(row.standing, row.standing.since), reason=reason, everywhere=True)
        state = deployment.evolve(row.state, fact)
        await aggregates._keep(tx, Deployment, row, state, [fact], context)


async def test_what_was_said_at_every_host_before_it_was_a_record_becomes_one_and_outlives_its_moves(
    coordinator: Any, database: Database, clone: Clone
) -> None:
    await both_signed(coordinator)
    person = somebody()
    moves = [await proposed(coordinator, person, pattern=pattern(number)) for number in (1, 2)]
    for move in moves:
        await said_before(database, move, "concern-raised")
    await coordinator.made(f"/deployments/{moves[0]}/stop-now", {"reason": "ward-closed"})
    text = (resources.files("mobility") / "migrations" / "0013_stops.sql").read_text()
    admin = await asyncpg.connect(clone.admin_dsn)
    try:
        await admin.execute(text[text.index("INSERT INTO kit.deadline") :])
    finally:
        await admin.close()
    await fire_all(database, now())
    (stop,) = (await coordinator.get("/stops")).json()["rows"]
    assert (stop["reason"], stop["person_id"], stop["organisation"]) == ("concern-raised", str(person), None)
    for move in moves:
        await coordinator.made(f"/deployments/{move}/cancel", {"reason": "no-longer-needed"})
    later = await proposed(coordinator, person)
    assert await stops_of(coordinator, later) == ["concern-raised"]
    await coordinator.made(f"/stops/{stop['id']}/lift", {"why": "unfounded"})
    assert await stops_of(coordinator, later) == [None]
