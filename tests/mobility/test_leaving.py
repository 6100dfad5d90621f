"""An organisation leaves: what rests on its being in force is shown before, and ends or is handed over with its last day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from kit.clock import today
from kit.database import Database
from kit.testing.persons import somebody
from mobility.testing import COUNCIL, HOSPICE, HOSPITALS

from .acts import (
    a_framework,
    a_need,
    a_proposal,
    a_signing,
    an_authorisation,
    an_invitation,
    both_signed,
    brought_to,
    on,
    signed,
)
from .test_api import fact_of, fire_all, types_of

As = Callable[..., Any]


def ahead(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()


def at(days: int) -> datetime:
    """A moment of the day so many days ahead."""
    return datetime.now(UTC) + timedelta(days=days)


async def under_way(client: Any, **dates: str) -> tuple[dict[str, str], str]:
    """Both have signed, and a move is under way until long after today: the signatures and the move."""
    signatures = await both_signed(client)
    asked = a_proposal(str(somebody()), None, starts_on=ahead(0), **{"ends_on": ahead(100), **dates})
    move = (await client.made("/deployments", asked))["id"]
    await brought_to(client, move, "induct")
    await client.made(f"/deployments/{move}/start", {})
    return signatures, move


async def leaving(client: Any, organisation: str, last: int = 95, **ends: str) -> tuple[dict[str, str], str]:
    """Both have signed, a move is under way until long after, and one of them has given notice: the signatures and the move."""
    signatures, move = await under_way(client, **{"ends_on": ahead(last + 60), **ends})
    notice = {"last_day": ahead(last), "reason": "merged"}
    await client.made(f"/signatures/{signatures[organisation]}/give-notice", notice)
    return signatures, move


async def a_share(client: Any, home: str, organisation: str) -> str:
    """A passport of an employer into which an organisation looks for years."""
    made = await client.made("/passports", {"occurred_on": on(2), "person_id": str(somebody()), "home": home})
    await client.made(f"/passports/{made['id']}/share-with", {"organisation": organisation, "until": ahead(900)})
    return str(made["id"])


async def shared_with(client: Any, passport: str) -> list[str]:
    held = (await client.get(f"/passports/{passport}")).json()
    return [share["organisation"] for share in held["shares"]]


async def test_what_leaving_ends_is_shown_before_and_ends_with_the_last_day(
    coordinator: Any, as_role: As, database: Database
) -> None:
    signatures, move = await leaving(coordinator, HOSPITALS)
    need = (await coordinator.made("/needs", a_need(starts_on=ahead(0), ends_on=ahead(300), release_on=ahead(0))))["id"]
    await coordinator.made(f"/needs/{need}/release", {})
    into, own, others = [
        await a_share(coordinator, home, organisation)
        for home, organisation in ((HOSPICE, HOSPITALS), (HOSPITALS, COUNCIL), (HOSPICE, COUNCIL))
    ]
    path = f"/signatures/{signatures[HOSPITALS]}"
    for client in (coordinator, as_role("partner", HOSPITALS)):
        found = (await client.get(f"{path}/outlived", last_day=ahead(95))).json()
        assert ([row["id"] for row in found["deployments"]], found["needs"]) == ([move], [need])
        assert set(found["passports"]) == {into, own}
    await fire_all(database, at(94))
    assert (await coordinator.get(path)).json()["status"] == "leaving"
    assert await shared_with(coordinator, into) == [HOSPITALS]
    await fire_all(database, at(97))
    assert (await coordinator.get(path)).json()["status"] == "withdrawn"
    assert (await coordinator.get(f"/needs/{need}")).json()["status"] == "closed"
    assert [await shared_with(coordinator, each) for each in (into, own, others)] == [[], [], [COUNCIL]]
    ended = (await coordinator.get(f"/deployments/{move}")).json()
    assert (ended["status"], ended["last_day"], ended["reason"]) == ("ended-early", ahead(95), "not-in-force")
    left = await fact_of(coordinator, path, "organisation-withdrew")
    for record, fact in ((f"/needs/{need}", "need-closed"), (f"/passports/{into}", "sharing-withdrawn")):
        assert (await fact_of(coordinator, record, fact))["causation_id"] == left["id"]


async def test_a_move_that_was_put_forward_since_the_notice_ends_with_it_too(
    coordinator: Any, database: Database
) -> None:
    await leaving(coordinator, HOSPICE)
    late = await coordinator.made(
        "/deployments", a_proposal(str(somebody()), None, starts_on=ahead(0), ends_on=ahead(150))
    )
    await fire_all(database, at(97))
    ended = (await coordinator.get(f"/deployments/{late['id']}")).json()
    assert (ended["status"], ended["reason"]) == ("cancelled", "not-in-force")


async def test_who_is_in_force_under_another_framework_loses_neither_needs_nor_looks(
    coordinator: Any, database: Database
) -> None:
    await leaving(coordinator, HOSPITALS)
    need = (await coordinator.made("/needs", a_need(starts_on=ahead(0), ends_on=ahead(300), release_on=ahead(0))))["id"]
    await coordinator.made(f"/needs/{need}/release", {})
    into = await a_share(coordinator, HOSPICE, HOSPITALS)
    await signed(coordinator, await a_framework(coordinator), HOSPITALS)
    await fire_all(database, at(97))
    assert (await coordinator.get(f"/needs/{need}")).json()["status"] == "released"
    assert await shared_with(coordinator, into) == [HOSPITALS]


async def test_a_move_is_handed_over_to_another_framework_that_both_have_signed(
    coordinator: Any, database: Database
) -> None:
    _, move = await leaving(coordinator, HOSPICE)
    framework = await a_framework(coordinator)
    path = f"/deployments/{move}"
    await signed(coordinator, framework, HOSPITALS)
    assert (await coordinator.get(path)).json()["cover_ends"] == ahead(95)
    await signed(coordinator, framework, HOSPICE)
    assert (await coordinator.get(path)).json()["cover_ends"] is None
    assert (await types_of(coordinator, path))[-2:] == ["cover-ends", "deployment-handed-over"]
    waits = (await coordinator.get("/waiting", aggregate="deployment")).json()["rows"]
    assert "hand-over-or-end" not in {row["why"] for row in waits}
    await fire_all(database, at(97))
    assert (await coordinator.get(path)).json()["status"] == "active"


async def test_a_framework_that_begins_too_late_hands_nothing_over(coordinator: Any) -> None:
    _, move = await leaving(coordinator, HOSPICE)
    framework = await a_framework(coordinator)
    await signed(coordinator, framework, HOSPITALS)
    made = await coordinator.made("/signatures", an_invitation(framework, HOSPICE))
    await coordinator.made(f"/signatures/{made['id']}/sign", a_signing(in_force_from=ahead(97)))
    assert (await coordinator.get(f"/deployments/{move}")).json()["cover_ends"] == ahead(95)


async def test_what_was_handed_over_loses_its_cover_again_when_the_other_framework_is_left(coordinator: Any) -> None:
    _, move = await leaving(coordinator, HOSPICE)
    framework = await a_framework(coordinator)
    await signed(coordinator, framework, HOSPITALS)
    again = await signed(coordinator, framework, HOSPICE)
    await coordinator.made(f"/signatures/{again}/give-notice", {"last_day": ahead(120), "reason": "merged"})
    assert (await coordinator.get(f"/deployments/{move}")).json()["cover_ends"] == ahead(120)


async def test_a_variation_to_sign_again_ends_no_move_of_who_is_suspended_meanwhile(
    coordinator: Any, database: Database
) -> None:
    signatures, move = await under_way(coordinator)
    path = f"/signatures/{signatures[HOSPICE]}"
    await coordinator.made(f"{path}/suspend", {"reason": "insurance-ended"})
    framework = (await coordinator.get(path)).json()["framework_id"]
    varied = {"effective_from": ahead(30), "notice_days": 60, "sign_by": ahead(60), "reason": "primary-care-joins"}
    await coordinator.made(f"/frameworks/{framework}/vary", varied)
    await fire_all(database, at(1))
    found = (await coordinator.get(f"/deployments/{move}")).json()
    assert (found["status"], found["stopped"], found["cover_ends"]) == ("active", "organisation-suspended", None)


async def test_who_gives_notice_while_suspended_ends_its_moves_with_its_last_day_and_not_before(
    coordinator: Any, database: Database
) -> None:
    signatures, move = await under_way(coordinator)
    path = f"/signatures/{signatures[HOSPICE]}"
    await coordinator.made(f"{path}/suspend", {"reason": "insurance-ended"})
    await coordinator.made(f"{path}/give-notice", {"last_day": ahead(95), "reason": "merged"})
    assert (await coordinator.get(f"/deployments/{move}")).json()["cover_ends"] == ahead(95)
    await coordinator.made(f"{path}/resume", {})
    await fire_all(database, at(94))
    assert (await coordinator.get(f"/deployments/{move}")).json()["status"] == "active"
    await fire_all(database, at(97))
    ended = (await coordinator.get(f"/deployments/{move}")).json()
    assert (ended["status"], ended["last_day"]) == ("ended-early", ahead(95))


async def gives_notice(client: Any, signature: str, last: int) -> str:
    """The event by which an organisation leaves."""
    await client.made(f"/signatures/{signature}/give-notice", {"last_day": ahead(last), "reason": "merged"})
    return str((await fact_of(client, f"/signatures/{signature}", "notice-given"))["id"])


async def cover_ends(client: Any, move: str) -> str | None:
    found = (await client.get(f"/deployments/{move}")).json()
    return str(found["cover_ends"]) if found["cover_ends"] else None


async def test_of_two_that_leave_one_stays_and_the_move_goes_on_to_the_other_s_last_day(coordinator: Any) -> None:
    signatures, move = await under_way(coordinator, ends_on=ahead(150))
    first, second = [
        await gives_notice(coordinator, signatures[who], last) for who, last in ((HOSPICE, 95), (HOSPITALS, 120))
    ]
    seen = [await cover_ends(coordinator, move)]
    for who, fact in ((HOSPICE, first), (HOSPITALS, second)):
        await coordinator.made(f"/signatures/{signatures[who]}/facts/{fact}/void", {"reason": "entered-in-error"})
        seen.append(await cover_ends(coordinator, move))
    assert seen == [ahead(95), ahead(120), None]
    assert (await fact_of(coordinator, f"/deployments/{move}", "cover-ends"))["said"]["organisation"] == HOSPICE


async def test_a_notice_that_is_put_right_ends_moves_on_the_day_that_it_should_have_named(coordinator: Any) -> None:
    signatures, move = await under_way(coordinator, ends_on=ahead(150))
    path = f"/signatures/{signatures[HOSPICE]}"
    fact = await gives_notice(coordinator, signatures[HOSPICE], 95)
    said = (await fact_of(coordinator, path, "notice-given"))["said"]
    for last in (110, 92):
        better = {"reason": "typing-error", "replacement": {**said, "last_day": ahead(last)}}
        await coordinator.made(f"{path}/facts/{fact}/correct", better)
        assert await cover_ends(coordinator, move) == ahead(last)


async def test_what_was_handed_over_to_a_framework_that_is_left_and_not_left_after_all_goes_on(
    coordinator: Any,
) -> None:
    _, move = await leaving(coordinator, HOSPICE)
    framework = await a_framework(coordinator)
    await signed(coordinator, framework, HOSPITALS)
    again = await signed(coordinator, framework, HOSPICE)
    fact = await gives_notice(coordinator, again, 120)
    assert await cover_ends(coordinator, move) == ahead(120)
    await coordinator.made(f"/signatures/{again}/facts/{fact}/void", {"reason": "entered-in-error"})
    assert await cover_ends(coordinator, move) is None


# An agreement that has a last day --------------------------------------------------------------------------------------


async def both_signed_until(client: Any, last: int | None) -> str:
    """A framework that is over with a day, to which both have signed."""
    framework = await a_framework(client, **({} if last is None else {"expires_on": ahead(last)}))
    for organisation in (HOSPITALS, HOSPICE):
        await signed(client, framework, organisation)
    return framework


async def test_nobody_is_in_force_after_the_last_day_of_the_agreement_and_nothing_is_authorised_beyond_it(
    coordinator: Any,
) -> None:
    framework = await both_signed_until(coordinator, 50)
    in_force = [
        len((await coordinator.get(f"/frameworks/{framework}/in-force", on=ahead(number))).json()["organisations"])
        for number in (50, 51)
    ]
    assert in_force == [2, 0]
    for ends, status in ((50, 200), (51, 409)):
        asked = a_proposal(str(somebody()), None, starts_on=ahead(0), ends_on=ahead(ends))
        move = (await coordinator.made("/deployments", asked))["id"]
        await brought_to(coordinator, move, "verify-checks")
        assert (
            await coordinator.post(f"/deployments/{move}/authorise", an_authorisation("home", 29))
        ).status_code == status


async def test_nobody_signs_to_be_in_force_after_the_agreement_is_over(coordinator: Any) -> None:
    framework = await a_framework(coordinator, expires_on=on(300))
    made = await coordinator.made("/signatures", an_invitation(framework))
    refused = await coordinator.post(f"/signatures/{made['id']}/sign", a_signing(in_force_from=on(301)))
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/in-force-too-late")


async def test_a_variation_that_ends_the_agreement_sooner_is_told_to_live_moves_at_once_and_a_later_one_too(
    coordinator: Any, database: Database
) -> None:
    framework = await both_signed_until(coordinator, None)
    asked = a_proposal(str(somebody()), None, starts_on=ahead(0), ends_on=ahead(100))
    move = (await coordinator.made("/deployments", asked))["id"]
    await brought_to(coordinator, move, "induct")
    await coordinator.made(f"/deployments/{move}/start", {})
    seen = []
    for last in (50, 80, 100, 60):
        varied = {"effective_from": ahead(30), "notice_days": 60, "expires_on": ahead(last), "reason": "reviewed"}
        await coordinator.made(f"/frameworks/{framework}/vary", varied)
        seen.append(await cover_ends(coordinator, move))
    assert seen == [ahead(50), ahead(80), None, ahead(60)]
    lines = (await coordinator.get(f"/frameworks/{framework}/history")).json()["lines"]
    assert (await coordinator.get(f"/deployments/{move}/history")).json()["lines"][-1]["causation_id"] == lines[-1][
        "id"
    ]
    await coordinator.made(f"/frameworks/{framework}/facts/{lines[-1]['id']}/void", {"reason": "entered-in-error"})
    assert await cover_ends(coordinator, move) is None
    await fire_all(database, at(98))
    assert (await coordinator.get(f"/deployments/{move}")).json()["status"] == "active"
