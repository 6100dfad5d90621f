"""Somebody is lent to the hospitals, as a coordinator enters it: both sign, they are put forward, and start. Days are days ago."""

import uuid
from datetime import date, timedelta
from typing import Any

import asyncpg

from city.client import Caller
from city.stage import Stage
from kit.clock import now
from kit.provision import names
from schemas.values import business_date

HOSPITALS = "leeds-teaching-hospitals"
EARLIER = "UPDATE kit.journal SET recorded_at = recorded_at - interval '13 hours' WHERE aggregate_id = $1"
NOT_LATER = "UPDATE kit.deadline SET retry_at = NULL WHERE aggregate_id = $1 AND fired_at IS NULL"


def day(ago: int) -> str:
    """The day so many days ago; a negative number is one to come."""
    today: date = business_date(now())
    return (today - timedelta(days=ago)).isoformat()


async def both_signed(desk: Caller, home: str, *, long_ago: int = 90) -> dict[str, str]:
    """The signatures of who lends and of the hospitals that borrow, to a framework of their own."""
    publication = {"name": "Framework", "effective_from": day(long_ago), "notice_days": 0, "occurred_on": day(long_ago)}
    framework = (await desk.do("POST", "/frameworks", publication))["id"]
    signatures = {}
    for organisation in (HOSPITALS, home):
        invitation = {
            "framework_id": framework, "organisation": organisation, "sector": "third-sector", "statutory": False,
            "occurred_on": day(long_ago),
        }  # fmt: skip
        signatures[organisation] = f"/signatures/{(await desk.do('POST', '/signatures', invitation))['id']}"
        signing = {
            "version": 1,
            "signed_by": "chief-executive",
            "in_force_from": day(long_ago),
            "occurred_on": day(long_ago),
        }
        await desk.do("POST", f"{signatures[organisation]}/sign", signing)
    return signatures


async def put_forward(desk: Caller, person: str, home: str, *, began: int = 20) -> str:
    """A move of somebody to the hospitals, a day a week."""
    own = {
        "soc2020": "2237",
        "level": 6,
        "place": "seacroft",
        "available_from": day(began),
        "available_until": day(-60),
    }
    proposal = {
        "person_id": person, "home": home, "host": HOSPITALS, "title": "Nurse", "soc2020": "2237",
        "basis": "framework-licence", "starts_on": day(began), "ends_on": day(-60), "own": own, "occurred_on": day(began),
        "pattern": [{"day": 1, "starts": "09:00", "ends": "17:00"}],
    }  # fmt: skip
    return str((await desk.do("POST", "/deployments", proposal))["id"])


async def checked(desk: Caller, person: str, home: str, *, ago: int = 20) -> str:
    """The id of a passport with the checks without which nobody moves."""
    opened = await desk.do("POST", "/passports", {"person_id": person, "home": home, "occurred_on": day(ago)})
    for kind in ("identity", "right-to-work"):
        check = {"kind": kind, "verified_by": home, "satisfactory": True, "occurred_on": day(ago)}
        await desk.do("POST", f"/passports/{opened['id']}/record-check", check)
    return str(opened["id"])


async def started(desk: Caller, move: str, *, began: int = 20) -> None:
    """From the host's yes to the first day."""
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("match", {}),
        ("agree", {}),
        ("verify-checks", {}),
        *(
            ("authorise", {"side": side, "authorised_by": "director-of-nursing", "indemnity": "host-covers-clinical",
                           "data_basis": "framework-schedule-3", "recharge": "at-cost"})
            for side in ("home", "host")
        ),
        ("induct", {}),
        ("start", {}),
    )  # fmt: skip
    moves = await desk.get(f"/deployments/{move}")
    await checked(desk, moves["person_id"], moves["home"], ago=began)
    for name, fields in steps:
        await desk.do("POST", f"/deployments/{move}/{name}", {**fields, "occurred_on": day(began)})


async def a_night_passes(stage: Stage, *things: str) -> None:
    """All that was said of these was said half a day earlier: nobody is entering it any more."""
    connection = await asyncpg.connect(stage.postgres.dsn(names("mobility")[0]))
    try:
        for each in things:
            await connection.execute(EARLIER, uuid.UUID(each))
            await connection.execute(NOT_LATER, uuid.UUID(each))
    finally:
        await connection.close()
