"""The routes, on a real database: who is registered, found and looked at, what is refused and how, and who sees what."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from kit import outbox
from kit.database import Database
from kit.testing.client import Client
from kit.testing.lives import allowed_somewhere
from people.domain import erasure, person
from people.store import aggregates

from .conftest import ADA, COUNCIL, HOSPITALS

As = Callable[..., Any]
WHY = {"reason": "arrange-interview"}


async def test_somebody_is_registered_looked_at_and_sees_who_looked(coordinator: Client, as_role: As) -> None:
    made = await coordinator.made("/persons", {**ADA, "organisation": HOSPITALS, "occurred_on": "2024-03-01"})
    assert (made["status"], made["organisation"], made["registered_on"]) == ("registered", HOSPITALS, "2024-03-01")
    assert not any(str(value) in str(made) for value in ADA.values())
    hospitals = as_role("partner", HOSPITALS, "hr-7")
    shown = await hospitals.made(f"/persons/{made['id']}/look", WHY)
    assert shown["details"] == {**ADA, "phone": "+441134960001"}
    looks = (await coordinator.get(f"/persons/{made['id']}/looks")).json()["rows"]
    assert [(look["actor"], look["organisation"], look["reason"]) for look in looks] == [
        ("hr-7", HOSPITALS, "arrange-interview")
    ]


async def test_nobody_looks_without_a_reason_of_the_list(coordinator: Client) -> None:
    made = await coordinator.made("/persons", ADA)
    for reason in ({}, {"reason": "curious"}):
        refused = await coordinator.post(f"/persons/{made['id']}/look", reason)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "reason")
    assert (await coordinator.get(f"/persons/{made['id']}/looks")).json()["rows"] == []


@pytest.mark.parametrize(
    "asked",
    [{"name": "smith-example ADA"}, {"email": "ADA@example.org"}, {"phone": "+44 113 496 0001"},
     {"name": "Ada Example Smith", "phone": "(0113) 496 0001"}],
)  # fmt: skip
async def test_people_are_found_by_name_and_contact_and_every_find_is_a_look(
    coordinator: Client, asked: dict[str, str]
) -> None:
    made = await coordinator.made("/persons", ADA)
    await coordinator.made("/persons", {"name": "Grace Other", "email": "grace@example.org"})
    (found,) = (await coordinator.made("/persons/find", {**WHY, **asked}))["rows"]
    assert (found["person_id"], found["details"]["name"]) == (made["id"], ADA["name"])
    assert len((await coordinator.get(f"/persons/{made['id']}/looks")).json()["rows"]) == 1


async def test_who_has_only_one_of_two_things_asked_for_is_not_found(coordinator: Client) -> None:
    made = await coordinator.made("/persons", ADA)
    asked = {**WHY, "name": ADA["name"], "email": "grace@example.org"}
    assert (await coordinator.made("/persons/find", asked))["rows"] == []
    assert (await coordinator.get(f"/persons/{made['id']}/looks")).json()["rows"] == []
    assert (await coordinator.post("/persons/find", WHY)).status_code == 422


async def test_an_organisation_finds_and_changes_its_own_people_only(coordinator: Client, as_role: As) -> None:
    hospitals, council = as_role("partner", HOSPITALS), as_role("partner", COUNCIL)
    ours = (await hospitals.made("/persons", ADA))["id"]
    theirs = (await council.made("/persons", ADA))["id"]
    for client, own, other in ((hospitals, ours, theirs), (council, theirs, ours)):
        (found,) = (await client.made("/persons/find", {**WHY, "name": ADA["name"]}))["rows"]
        assert found["person_id"] == own
        assert [row["id"] for row in (await client.get("/persons")).json()["rows"]] == [own]
        for path, body in (("look", WHY), ("change-name", {"name": "Another"}), ("change-contacts", {"post": "Here"})):
            assert (await client.post(f"/persons/{other}/{path}", body)).status_code == 404
        for path in ("", "/history"):
            assert (await client.get(f"/persons/{other}{path}")).status_code == 404
    assert len((await coordinator.made("/persons/find", {**WHY, "name": ADA["name"]}))["rows"]) == 2
    refused = await hospitals.post("/persons", {**ADA, "organisation": COUNCIL})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "organisation")


async def test_what_changed_is_held_and_that_it_changed_is_said_without_it(
    coordinator: Client, database: Database
) -> None:
    path = f"/persons/{(await coordinator.made('/persons', ADA))['id']}"
    await coordinator.made(f"{path}/change-name", {"name": "Ada Example"})
    assert (await coordinator.made(f"{path}/change-name", {"name": "Ada Example"}))["version"] == 2
    await coordinator.made(f"{path}/change-contacts", {"post": "1 Park Row, Leeds"})
    assert (await coordinator.made(f"{path}/change-contacts", {"post": "1 Park Row, Leeds"}))["version"] == 3
    shown = await coordinator.made(f"{path}/look", WHY)
    assert shown["details"] == {"name": "Ada Example", "post": "1 Park Row, Leeds"}
    lines = (await coordinator.get(f"{path}/history")).json()["lines"]
    assert [line["type"].split(".")[-2] for line in lines] == ["person-registered", "name-changed", "contacts-changed"]
    assert all(set(line["said"]) == {"occurred_on"} for line in lines)
    async with database.transaction() as tx:
        sent = b"".join(row["value"] for row in await tx.fetch("SELECT value FROM kit.outbox"))
    assert not any(part in sent for part in (b"Ada", b"Park", b"4960001"))


async def test_a_person_has_a_way_to_be_reached(coordinator: Client) -> None:
    refused = await coordinator.post("/persons", {"name": "Ada"})
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/no-way-to-reach")
    made = await coordinator.made("/persons", ADA)
    assert (await coordinator.post(f"/persons/{made['id']}/change-contacts", {})).status_code == 422


async def test_several_are_registered_by_csv_each_judged_by_itself(coordinator: Client) -> None:
    text = (
        "name;email;phone;organisation\n"
        f"Ada Example;ada@example.org;;{HOSPITALS}\nNobody;;;\nGrace Other;not an address;;\n"
        ";x@example.org;;\nZo\u00eb;;0113 496 0002;\n"
    )
    rows = await coordinator.rows("/persons/rows", text)
    assert [(row["row"], row["outcome"], row.get("code")) for row in rows] == [
        (2, "done", None), (3, "refused", "no-way-to-reach"), (4, "refused", "invalid"), (5, "refused", "invalid"),
        (6, "done", None),
    ]  # fmt: skip
    assert "Grace" not in str(rows)
    assert len((await coordinator.get("/persons")).json()["rows"]) == 2


async def test_a_request_that_is_repeated_registers_once_and_its_digest_cannot_be_tried_out(
    coordinator: Client, database: Database
) -> None:
    first = await coordinator.post("/persons", ADA, Idempotency_Key="k1")
    again = await coordinator.post("/persons", ADA, Idempotency_Key="k1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    other = await coordinator.post("/persons", {**ADA, "name": "Grace"}, Idempotency_Key="k1")
    assert other.json()["type"] == "/problems/key-reused"
    async with database.transaction() as tx:
        kept = await tx.fetchval("SELECT body_sha256 FROM kit.answered_request")
    assert kept != hashlib.sha256(json.dumps(ADA, separators=(",", ":")).encode()).digest()


HOSTILE: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("a NUL in a name", {"name": "A\u0000"}, "name"),
    ("a name that turns round", {"name": "A\u202eB"}, "name"),
    ("no name", {"name": " "}, "name"),
    ("a name that nobody knows", {"name": "?"}, "name"),
    ("an address that nobody knows", {"post": "-"}, "post"),
    ("a NUL in an address", {"email": "a\u0000@example.org"}, "email"),
    ("an address with what nobody sees", {"email": "a@example.org\u200b"}, "email"),
    ("two addresses in one", {"email": "a@example.org,b@example.org"}, "email"),
    ("a header in an address", {"email": "a@example.org\nBcc: all@example.org"}, "email"),
    ("no telephone number", {"phone": "call me"}, "phone"),
    ("a characteristic", {"ethnic_category": "A"}, "ethnic_category"),
    ("a date of birth", {"born_on": "1990-01-01"}, "born_on"),
    ("no organisation", {"organisation": "*"}, "organisation"),
)


@pytest.mark.parametrize(
    ("given", "field"), [(each, field) for _, each, field in HOSTILE], ids=[n for n, *_ in HOSTILE]
)
async def test_bad_input_is_refused_by_field_and_rule_and_never_repeated(
    coordinator: Client, given: dict[str, Any], field: str
) -> None:
    answer = await coordinator.post("/persons", {**ADA, **given})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert str(*given.values()).strip("* ") not in answer.text or not str(*given.values()).strip("* ")


async def test_every_route_names_its_role_and_takes_nobody_without(app: FastAPI, as_role: As) -> None:
    stranger, board = as_role(None), as_role("board")
    routes = [(method, path) for path, methods in app.openapi()["paths"].items() for method in methods]
    assert len(routes) > 15
    for method, pattern in routes:
        path = pattern.replace("{id}", str(uuid4()))
        assert (await stranger.http.request(method, path)).status_code == 401, path
        assert (await board.http.request(method, path)).status_code == 403, path


def test_every_command_that_a_state_allows_has_a_route_of_that_name(app: FastAPI) -> None:
    routes = set(app.openapi()["paths"])
    for machine, path in ((person, "/persons"), (erasure, "/erasures")):
        assert {f"{path}/{{id}}/{name}" for name in allowed_somewhere(machine)} <= routes


# References ------------------------------------------------------------------------------------------------------------


def esr(*numbers: int) -> dict[str, Any]:
    return {"references": [{"kind": "esr", "value": f"{number:08d}"} for number in numbers]}


async def test_the_same_reference_has_the_same_id_for_its_partner_and_its_kind(as_role: As) -> None:
    hospitals, council = as_role("integrator", HOSPITALS), as_role("integrator", COUNCIL)
    first = await hospitals.made("/references/exchange", {"kind": "esr", "value": "20471188"})
    again = await hospitals.made("/references/exchange", {"kind": "esr", "value": " 20471188 "})
    assert (first["new"], again) == (True, {"person_id": first["person_id"], "new": False})
    others = [
        await hospitals.made("/references/exchange", {"kind": "trac", "value": "20471188"}),
        await council.made("/references/exchange", {"kind": "esr", "value": "20471188"}),
    ]
    assert len({first["person_id"], *(each["person_id"] for each in others)}) == 3


async def test_a_thousand_at_once_are_answered_in_their_order(as_role: As) -> None:
    hospitals = as_role("integrator", HOSPITALS)
    some = (await hospitals.made("/references/exchange-all", esr(7, 3, 7)))["rows"]
    assert some[0]["person_id"] == some[2]["person_id"] != some[1]["person_id"]
    rows = (await hospitals.made("/references/exchange-all", esr(*range(1000))))["rows"]
    assert (rows[7]["person_id"], rows[3]["person_id"]) == (some[0]["person_id"], some[1]["person_id"])
    assert sum(row["new"] for row in rows) == 998
    assert len({row["person_id"] for row in rows}) == 1000
    assert (await hospitals.post("/references/exchange-all", esr(*range(1001)))).status_code == 422


async def test_of_twenty_who_ask_at_once_all_get_the_same_ids(as_role: As, database: Database) -> None:
    hospitals = as_role("integrator", HOSPITALS)
    orders = [[(turn + number) % 30 for number in range(30)] for turn in range(20)]
    answers = await asyncio.gather(*(hospitals.made("/references/exchange-all", esr(*order)) for order in orders))
    given = {
        (number, row["person_id"])
        for order, answer in zip(orders, answers, strict=True)
        for number, row in zip(order, answer["rows"], strict=True)
    }
    assert len(given) == 30
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM person") == 30
        (line,) = await outbox.history(tx, await tx.fetchval("SELECT id FROM person LIMIT 1"))
    assert line.fact.model_dump()["organisation"] == HOSPITALS


async def test_only_a_partner_s_own_system_exchanges(as_role: As) -> None:
    programme = as_role("integrator")
    refused = await programme.post("/references/exchange", {"kind": "esr", "value": "1"})
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-a-partner")
    for wrong in ({"kind": "ESR", "value": "1"}, {"kind": "esr", "value": "\u0661"}, {"kind": "esr", "value": ""}):
        refused = await as_role("integrator", HOSPITALS).post("/references/exchange", wrong)
        assert refused.status_code == 422


# One person twice ------------------------------------------------------------------------------------------------------


async def test_a_likely_pair_says_why_is_linked_unlinked_and_not_proposed_again(coordinator: Client) -> None:
    first = (await coordinator.made("/persons", {**ADA, "occurred_on": "2024-03-01"}))["id"]
    second = (await coordinator.made("/persons", {**ADA, "phone": "0113 496 0009", "occurred_on": "2024-05-01"}))["id"]
    await coordinator.made("/persons", {"name": ADA["name"], "post": "Elsewhere", "occurred_on": "2023-01-01"})
    (pair,) = (await coordinator.get("/duplicates")).json()["rows"]
    assert ({pair["one"], pair["other"]}, pair["rules"]) == (
        {first, second}, ["same-name-and-email", "same-email", "same-name-near-date"],
    )  # fmt: skip
    link = {"same_as": first, "reason": "same-contact"}
    linked = await coordinator.made(f"/persons/{second}/link", link)
    assert (linked["status"], linked["same_as"], linked["allowed"][-1]) == ("linked", first, "unlink")
    assert (await coordinator.get(f"/persons/{first}/ids")).json()["ids"] == [first, second]
    assert (await coordinator.get("/duplicates")).json()["rows"] == []
    refused = await coordinator.post(f"/persons/{first}/link", {**link, "same_as": second})
    assert refused.json()["type"] == "/problems/one-person-already"
    unlinked = await coordinator.made(f"/persons/{second}/unlink", {"reason": "documents-seen"})
    assert (unlinked["status"], unlinked.get("same_as")) == ("registered", None)
    assert (await coordinator.get("/duplicates")).json()["rows"] == []
    history = (await coordinator.get(f"/persons/{second}/history")).json()["lines"]
    assert [(line["actor"], line["said"].get("reason")) for line in history[1:]] == [
        ("development-coordinator", "same-contact"), ("development-coordinator", "documents-seen"),
    ]  # fmt: skip


async def test_links_make_a_tree_whatever_is_linked_to_what(coordinator: Client) -> None:
    ids = [(await coordinator.made("/persons", {"name": f"N {turn}", "post": f"P {turn}"}))["id"] for turn in range(4)]
    link = {"reason": "said-by-the-person"}
    await coordinator.made(f"/persons/{ids[1]}/link", {**link, "same_as": ids[0]})
    await coordinator.made(f"/persons/{ids[3]}/link", {**link, "same_as": ids[2]})
    joined = await coordinator.made(f"/persons/{ids[2]}/link", {**link, "same_as": ids[1]})
    assert joined["same_as"] == ids[0]
    for each in ids:
        found = (await coordinator.get(f"/persons/{each}/ids")).json()["ids"]
        assert (found[0], sorted(found)) == (ids[0], sorted(ids))
    for one, other in ((0, 3), (3, 0), (3, 1)):
        refused = await coordinator.post(f"/persons/{ids[one]}/link", {**link, "same_as": ids[other]})
        assert refused.status_code == 409
    assert (await coordinator.post(f"/persons/{ids[0]}/link", {**link, "same_as": ids[0]})).status_code == 422
    assert (await coordinator.post(f"/persons/{ids[0]}/link", {**link, "same_as": str(uuid4())})).status_code == 404


async def test_of_two_who_link_each_to_the_other_at_once_one_is_linked(coordinator: Client) -> None:
    one, other = [(await coordinator.made("/persons", ADA))["id"] for _ in range(2)]
    answers = await asyncio.gather(
        coordinator.post(f"/persons/{one}/link", {"same_as": other, "reason": "same-contact"}),
        coordinator.post(f"/persons/{other}/link", {"same_as": one, "reason": "same-contact"}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_told_apart_they_are_not_proposed(coordinator: Client) -> None:
    one, other = [(await coordinator.made("/persons", ADA))["id"] for _ in range(2)]
    await coordinator.made("/duplicates/tell-apart", {"one": one, "other": other, "reason": "twins"})
    assert (await coordinator.get("/duplicates")).json()["rows"] == []
    assert (
        await coordinator.post("/duplicates/tell-apart", {"one": one, "other": one, "reason": "x"})
    ).status_code == 422


async def several(coordinator: Client, *given: dict[str, str]) -> list[str]:
    """Registered one after the other, the first first."""
    return [
        (await coordinator.made("/persons", {"occurred_on": f"2024-03-{turn + 1:02}", **each}))["id"]
        for turn, each in enumerate(given)
    ]


async def test_two_who_were_told_apart_are_not_made_one_by_way_of_a_third(coordinator: Client) -> None:
    """A father and a daughter of one name have one telephone, and she was registered twice."""
    family = {"name": "Sam Example", "phone": "0113 496 0005"}
    father, daughter, again = await several(coordinator, family, family, family)
    await coordinator.made(
        "/duplicates/tell-apart", {"one": father, "other": daughter, "reason": "father-and-daughter"}
    )
    linked = (await coordinator.made("/duplicates/link", {"rule": "same-name-and-phone"}))["linked"]
    assert len(linked) == 1
    assert daughter not in (await coordinator.get(f"/persons/{father}/ids")).json()["ids"]
    assert (await coordinator.get("/duplicates")).json()["rows"] == []
    assert (await coordinator.made("/duplicates/link", {"rule": "same-phone"}))["linked"] == []
    assert again in {each["id"] for each in linked}


async def test_whoever_was_unlinked_is_not_linked_again_by_way_of_another_id(coordinator: Client) -> None:
    first, second, third = await several(
        coordinator, {"name": "Ada One", "email": "a@example.org"},
        {"name": "Ada Two", "email": "a@example.org", "phone": "0113 496 0006"},
        {"name": "Ada Three", "phone": "0113 496 0006"},
    )  # fmt: skip
    for rule in ("same-email", "same-phone"):
        await coordinator.made("/duplicates/link", {"rule": rule})
    assert len((await coordinator.get(f"/persons/{first}/ids")).json()["ids"]) == 3
    await coordinator.made(f"/persons/{third}/unlink", {"reason": "documents-seen"})
    assert (await coordinator.get("/duplicates")).json()["rows"] == []
    assert (await coordinator.made("/duplicates/link", {"rule": "same-phone"}))["linked"] == []
    by_hand = await coordinator.made(f"/persons/{third}/link", {"same_as": second, "reason": "said-by-the-person"})
    assert by_hand["same_as"] == first


async def test_who_objected_to_being_compared_is_not_under_another_id(coordinator: Client, as_role: As) -> None:
    first, second, third = await several(
        coordinator, {"name": "Ada One", "email": "a@example.org"}, {"name": "Ada Two", "email": "a@example.org"},
        {"name": "Ada Three", "phone": "0113 496 0006"},
    )  # fmt: skip
    await coordinator.made(f"/persons/{third}/link", {"same_as": first, "reason": "said-by-the-person"})
    assert len((await coordinator.get("/duplicates")).json()["rows"]) == 1
    asked = await coordinator.made("/requests", {"person_id": third, "about": "being-compared"})
    await as_role("data-protection-officer").made(f"/requests/{asked['id']}/grant")
    assert (await coordinator.get("/duplicates")).json()["rows"] == []
    assert second not in (await coordinator.get(f"/persons/{first}/ids")).json()["ids"]


async def test_what_many_have_in_common_tells_nothing(coordinator: Client) -> None:
    text = "name,phone\n" + "".join(f"Resident {turn},0113 496 0003\n" for turn in range(13))
    await coordinator.rows("/persons/rows", text)
    assert (await coordinator.get("/duplicates")).json()["rows"] == []


async def test_nobody_but_a_coordinator_sees_who_may_be_whom(as_role: As) -> None:
    for role, organisation in (("partner", HOSPITALS), ("integrator", HOSPITALS), ("employer", HOSPITALS)):
        client = as_role(role, organisation)
        assert (await client.get("/duplicates")).status_code == 403
        assert (await client.post(f"/persons/{uuid4()}/link")).status_code == 403


def test_the_statements_of_a_person_are_of_the_table_of_that_name() -> None:
    assert aggregates.kind("person") is person.Person
