"""What somebody sends, as JSON: builders for the tests of routes."""

from typing import Any

from mobility.testing import HOSPICE, HOSPITALS, day

Json = dict[str, Any]


def on(number: int) -> str:
    """The day so many days after the first, as it is written."""
    return day(number).isoformat()


def a_publication(**changes: Any) -> Json:
    return {
        "occurred_on": on(0), "name": "Workforce Mobility Framework", "effective_from": on(10), "notice_days": 90, **changes,
    }  # fmt: skip


async def a_framework(client: Any, **changes: Any) -> str:
    """A published framework."""
    made = await client.made("/frameworks", a_publication(**changes))
    return str(made["id"])


def an_invitation(framework: str, organisation: str = HOSPITALS, **changes: Any) -> Json:
    return {
        "occurred_on": on(1), "framework_id": framework, "organisation": organisation, "sector": "nhs-trust",
        "statutory": True, **changes,
    }  # fmt: skip


def a_signing(**changes: Any) -> Json:
    return {"occurred_on": on(8), "version": 1, "signed_by": "chief-executive", "in_force_from": on(10), **changes}


async def signed(client: Any, framework: str, organisation: str = HOSPITALS, **changes: Any) -> str:
    """The signature of an organisation that signed."""
    made = await client.made("/signatures", an_invitation(framework, organisation, **changes))
    await client.made(f"/signatures/{made['id']}/sign", a_signing())
    return str(made["id"])


def a_need(**changes: Any) -> Json:
    return {
        "occurred_on": on(20), "organisation": HOSPITALS, "title": "Registered nurse", "soc2020": "2237", "level": 5,
        "place": "seacroft", "weekly_hours": 22.5, "people": 1, "starts_on": on(30), "ends_on": on(120),
        "reason": "winter-pressure", "release_on": on(25), **changes,
    }  # fmt: skip


def pattern(*days: int, starts: str = "09:00", ends: str = "16:30") -> list[Json]:
    return [{"day": number, "starts": starts, "ends": ends} for number in days]


def a_proposal(person: str, need: str | None, **changes: Any) -> Json:
    work = {"need_id": need} if need else {"host": HOSPITALS, "title": "Registered nurse", "soc2020": "2237"}
    own = {"soc2020": "2237", "level": 6, "place": "seacroft", "available_from": on(20), "available_until": on(400)}
    return {
        "occurred_on": on(24), "person_id": person, "home": HOSPICE, "basis": "framework-licence", "starts_on": on(40),
        "ends_on": on(110), "pattern": pattern(1, 2, 3), "own": own, **work, **changes,
    }  # fmt: skip


def an_authorisation(side: str, number: int) -> Json:
    return {
        "occurred_on": on(number), "side": side, "authorised_by": "head-of-nursing", "indemnity": "host-covers-clinical",
        "data_basis": "framework-schedule-3", "recharge": "at-cost",
    }  # fmt: skip


CHECKS: dict[str, str | None] = {"identity": None, "right-to-work": None, "criminal-record": on(500)}
"""Until when each is valid."""
STEPS: tuple[tuple[str, Json], ...] = (
    ("match", {"occurred_on": on(25)}),
    ("agree", {"occurred_on": on(26)}),
    ("verify-checks", {"occurred_on": on(28)}),
    ("authorise", an_authorisation("home", 29)),
    ("authorise", an_authorisation("host", 30)),
    ("induct", {"occurred_on": on(39)}),
    ("start", {"occurred_on": on(40)}),
)
"""A move that goes well, as routes and bodies."""


async def both_signed(client: Any) -> dict[str, str]:
    """The signatures of a hospice that lends and hospitals that borrow."""
    framework = await a_framework(client)
    return {HOSPITALS: await signed(client, framework), HOSPICE: await signed(client, framework, HOSPICE)}


def a_check(kind: str, valid_until: str | None = None, **changes: Any) -> Json:
    until = {} if valid_until is None else {"valid_until": valid_until}
    return {"occurred_on": on(3), "kind": kind, "verified_by": HOSPICE, "satisfactory": True, **until, **changes}


async def a_passport(client: Any, move: str, checks: dict[str, str | None] | None = None) -> str:
    """The passport of who moves, with the employer who checks: opened where there is none yet, with these checks."""
    moved = (await client.get(f"/deployments/{move}")).json()
    holder = {"person_id": moved["person_id"], "home": moved["home"]}
    for found in (await client.get("/passports", **holder)).json()["rows"]:
        return str(found["id"])
    made = await client.made("/passports", {"occurred_on": on(2), **holder})
    for kind, until in (CHECKS if checks is None else checks).items():
        await client.made(f"/passports/{made['id']}/record-check", a_check(kind, until))
    return str(made["id"])


async def brought_to(client: Any, move: str, last: str) -> Json:
    """The move after the steps up to this one."""
    found: Json = {}
    await a_passport(client, move)
    for name, body in STEPS[: max(turn for turn, (name, _) in enumerate(STEPS) if name == last) + 1]:
        found = await client.made(f"/deployments/{move}/{name}", body)
    return found
