"""One act beside another, of passports and of the framework: undone after it, dated before it, or by another id of its person."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from kit.database import Database
from kit.testing.persons import hear, somebody
from mobility.handlers import identities
from mobility.testing import HOSPICE, HOSPITALS, day
from schemas.people import LinkReason, PersonLinked, PersonUnlinked, UnlinkReason

from .acts import a_check, a_framework, a_proposal, an_invitation, both_signed, on, signed
from .test_api import fact_of, fire_all
from .test_leaving import ahead, under_way
from .test_moves import active
from .test_own_page import browser, enter, link_of
from .test_reactions import Bus, completed, ended, waived
from .test_stops import stopped

As = Callable[..., Any]
__all__ = ["browser"]


async def opened(client: Any, person: Any, home: str = HOSPICE, number: int = 2) -> str:
    made = await client.made("/passports", {"occurred_on": on(number), "person_id": str(person), "home": home})
    return f"/passports/{made['id']}"


async def courses(client: Any, path: str) -> list[str]:
    return sorted(each["course_id"] for each in (await client.found(path))["training"])


async def test_training_is_in_the_passports_of_who_turns_out_to_be_one_person_and_no_longer_apart_again(
    coordinator: Any, database: Database
) -> None:
    bus, one, other, mine, theirs = Bus(database), somebody(), somebody(), uuid4(), uuid4()
    first = await opened(coordinator, one)
    await bus.say(completed(one, mine))
    await bus.say(completed(other, theirs))
    await bus.say(waived(other))
    seen = []
    for turn, fact in enumerate(
        (
            PersonLinked(occurred_on=day(40), same_as=one, reason=LinkReason.CONFIRMED_BY_PARTNER),
            PersonUnlinked(occurred_on=day(41), same_as=one, reason=UnlinkReason.MISTAKEN),
            PersonLinked(occurred_on=day(42), same_as=one, reason=LinkReason.CONFIRMED_BY_PARTNER),
            PersonUnlinked(occurred_on=day(43), same_as=one, reason=UnlinkReason.MISTAKEN),
        ),
        start=2,
    ):
        await hear(database, identities.hear, (other, turn, fact))
        seen.append((await courses(coordinator, first), len((await coordinator.found(first))["waived"])))
    both, alone = (sorted((str(mine), str(theirs))), 1), ([str(mine)], 0)
    assert seen == [both, alone, both, alone]


async def test_training_that_was_heard_while_two_ids_were_one_goes_when_they_are_two_again(
    coordinator: Any, database: Database
) -> None:
    bus, one, other, theirs = Bus(database), somebody(), somebody(), uuid4()
    first, second = await opened(coordinator, one), await opened(coordinator, other, HOSPITALS)
    linked = PersonLinked(occurred_on=day(20), same_as=one, reason=LinkReason.CONFIRMED_BY_PARTNER)
    await hear(database, identities.hear, (other, 2, linked))
    await bus.say(completed(other, theirs))
    assert await courses(coordinator, first) == [str(theirs)]
    apart = PersonUnlinked(occurred_on=day(41), same_as=one, reason=UnlinkReason.MISTAKEN)
    await hear(database, identities.hear, (other, 3, apart))
    assert [await courses(coordinator, path) for path in (first, second)] == [[], [str(theirs)]]


async def test_nobody_has_two_open_passports_of_one_employer_under_two_ids(
    coordinator: Any, database: Database
) -> None:
    one, other = somebody(), somebody()
    await opened(coordinator, one)
    linked = PersonLinked(occurred_on=day(20), same_as=one, reason=LinkReason.CONFIRMED_BY_PARTNER)
    await hear(database, identities.hear, (other, 2, linked))
    asked = {"occurred_on": on(30), "person_id": str(other), "home": HOSPICE}
    refused = await coordinator.post("/passports", asked)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/already-open")


async def test_the_second_passport_of_who_turns_out_to_be_one_person_is_closed_and_nobody_stops(
    coordinator: Any, database: Database
) -> None:
    move, path = await active(coordinator)
    person = UUID((await coordinator.found(f"/deployments/{move}"))["person_id"])
    seen = []
    for other in (somebody(), somebody()):
        second = await opened(coordinator, other)
        linked = PersonLinked(occurred_on=day(45), same_as=person, reason=LinkReason.CONFIRMED_BY_PARTNER)
        await hear(database, identities.hear, (other, 2, linked))
        await coordinator.made(f"{second}/record-check", a_check("reference", occurred_on=on(50)))
        await coordinator.made(f"{second}/close", {"occurred_on": on(60), "reason": "duplicate"})
        seen.append(await stopped(coordinator, move))
    assert seen == [[], []]
    await coordinator.made(f"{path}/close", {"occurred_on": on(70), "reason": "left"})
    assert await stopped(coordinator, move) == ["passport-closed"]


async def test_of_two_passports_of_one_person_that_are_closed_at_once_the_move_stops(
    coordinator: Any, database: Database
) -> None:
    move, path = await active(coordinator)
    person = UUID((await coordinator.found(f"/deployments/{move}"))["person_id"])
    other = somebody()
    second = await opened(coordinator, other)
    linked = PersonLinked(occurred_on=day(45), same_as=person, reason=LinkReason.CONFIRMED_BY_PARTNER)
    await hear(database, identities.hear, (other, 2, linked))
    body = {"occurred_on": on(70), "reason": "left"}
    await asyncio.gather(*(coordinator.made(f"{each}/close", body) for each in (path, second)))
    assert "passport-closed" in await stopped(coordinator, move)


async def test_the_checks_of_a_move_are_read_from_whichever_passport_has_them(
    coordinator: Any, database: Database
) -> None:
    await both_signed(coordinator)
    one, other = somebody(), somebody()
    ids = [await opened(coordinator, person) for person in (one, other)]
    linked = PersonLinked(occurred_on=day(20), same_as=one, reason=LinkReason.CONFIRMED_BY_PARTNER)
    await hear(database, identities.hear, (other, 2, linked))
    for kind, id_ in zip(("identity", "right-to-work"), sorted(ids, reverse=True), strict=True):
        await coordinator.made(f"{id_}/record-check", a_check(kind))
    move = (await coordinator.made("/deployments", a_proposal(str(one), None)))["id"]
    for name, body in (("match", on(25)), ("agree", on(26)), ("verify-checks", on(28))):
        await coordinator.made(f"/deployments/{move}/{name}", {"occurred_on": body})


async def test_a_framework_that_was_terminated_in_error_binds_everybody_as_before(
    coordinator: Any, database: Database
) -> None:
    framework = await a_framework(coordinator)
    bound = f"/signatures/{await signed(coordinator, framework)}"
    leaves = f"/signatures/{await signed(coordinator, framework, HOSPICE)}"
    await coordinator.made(f"{leaves}/give-notice", {"occurred_on": on(150), "last_day": ahead(50), "reason": "merged"})
    ends = {"occurred_on": on(200), "last_day": ahead(40), "reason": "replaced"}
    await coordinator.made(f"/frameworks/{framework}/terminate", ends)
    fact = await fact_of(coordinator, f"/frameworks/{framework}", "framework-terminated")
    path = f"/frameworks/{framework}/facts/{fact['id']}"

    async def last_days() -> list[str | None]:
        return [(await coordinator.found(each))["last_day"] for each in (bound, leaves)]

    seen = [await last_days()]
    better = {**fact["said"], "last_day": ahead(45)}
    await coordinator.made(f"{path}/correct", {"reason": "typing-error", "replacement": better})
    seen.append(await last_days())
    await coordinator.made(f"{path}/void", {"reason": "typing-error"})
    seen.append(await last_days())
    await coordinator.made(f"{path}/restore", {"reason": "typing-error"})
    seen.append(await last_days())
    assert seen == [
        [ahead(40), ahead(40)],
        [ahead(45), ahead(45)],
        [None, ahead(50)],
        [ahead(45), ahead(45)],
    ]


async def test_an_agreement_that_has_not_run_out_after_all_binds_who_was_bound_and_asks_who_was_asked(
    coordinator: Any, database: Database
) -> None:
    framework = await a_framework(coordinator, expires_on=on(300))
    bound = f"/signatures/{await signed(coordinator, framework)}"
    asked = f"/signatures/{(await coordinator.made('/signatures', an_invitation(framework, HOSPICE)))['id']}"

    async def stands() -> list[str]:
        return [(await coordinator.found(path))["status"] for path in (f"/frameworks/{framework}", bound, asked)]

    await fire_all(database)
    seen = [await stands()]
    published = await fact_of(coordinator, f"/frameworks/{framework}", "framework-published")
    for last in (ahead(100), on(200)):
        better = {"reason": "typing-error", "replacement": {**published["said"], "expires_on": last}}
        await coordinator.made(f"/frameworks/{framework}/facts/{published['id']}/correct", better)
        await fire_all(database)
        seen.append(await stands())
    over = ["expired", "withdrawn", "closed"]
    assert seen == [over, ["published", "signed", "invited"], over]
    periods = (await coordinator.found(bound))["periods"]
    assert [period["last"] for period in periods] == [on(200)]


async def test_what_was_shared_in_error_and_taken_back_is_on_the_holders_page_no_more(
    coordinator: Any, browser: Any
) -> None:
    person = somebody()
    path = await opened(coordinator, person)
    share = {"occurred_on": on(4), "organisation": HOSPITALS, "until": on(4000)}
    await coordinator.made(f"{path}/share-with", share)
    await coordinator.made(f"{path}/withdraw-sharing", {"occurred_on": on(5), "organisation": HOSPITALS})
    fact = await fact_of(coordinator, path, "passport-shared")
    await coordinator.made(f"{path}/facts/{fact['id']}/void", {"reason": "another-person"})
    assert "Leeds Teaching Hospitals" not in await enter(browser, await link_of(coordinator, person))


async def test_a_passport_that_was_opened_since_is_not_closed_by_an_employment_that_ended_before(
    coordinator: Any, database: Database
) -> None:
    bus, person = Bus(database), somebody()
    path = await opened(coordinator, person, number=110)
    await bus.say(ended(person))
    assert (await coordinator.found(path))["status"] == "open"
    assert await bus.tasks() == []


async def test_what_leaving_would_end_is_what_it_ends(coordinator: Any, database: Database) -> None:
    signatures, move = await under_way(coordinator, ends_on=ahead(155))
    other = await a_framework(coordinator)
    for organisation in (HOSPITALS, HOSPICE):
        await signed(coordinator, other, organisation)
    found = await coordinator.found(f"/signatures/{signatures[HOSPICE]}/outlived", last_day=ahead(95))
    notice = {"last_day": ahead(95), "reason": "merged"}
    await coordinator.made(f"/signatures/{signatures[HOSPICE]}/give-notice", notice)
    ends = (await coordinator.found(f"/deployments/{move}"))["cover_ends"]
    assert ([row["id"] for row in found["deployments"]], ends) == ([], None)
