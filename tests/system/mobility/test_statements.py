"""The hours of a month between two organisations: written down, disputed, settled, charged with VAT, and agreed."""

from datetime import date

from tests.desk import Desk, Desks, Known, day

from city.client import Caller
from kit.testing.waiting import until

from .conftest import GPS, HOSPITALS, a_passport, agreement, pattern, signed, under_way, why


async def lent(board: Caller, home: str) -> float:
    """The hours that an organisation lent, as the Board's exact figure has them."""
    groups = (await board.get("/figures/hours-lent", by="home", profile="internal_exact"))["groups"]
    return sum(float(group["value"]["number"]) for group in groups if group["code"] == home)


async def test_home_writes_hours_down_the_host_disputes_one_home_settles_it_and_the_month_is_agreed(
    academy: Desk, desks: Desks, known_at: Known, board: Caller
) -> None:
    await signed(academy, await agreement(academy, "Of a statement"), GPS, HOSPITALS)
    gps, hospitals = desks("partner", GPS), desks("partner", HOSPITALS)
    (person,) = await known_at(GPS, "works-by-the-hour")
    await a_passport(gps, person, GPS)
    move = await under_way(academy, person, GPS, HOSPITALS, pattern=pattern(1, 2, 3, 4, 5))
    worked, before = day(58), await lent(board, GPS)
    line = {"deployment_id": move.rpartition("/")[2], "worked_on": worked}
    kept = await gps.do("POST", "/statements", {**line, "hours": 7.5, "pence": 18_000, "occurred_on": day(57)})
    statement = f"/statements/{kept['id']}"
    await academy.correct(statement, "hours-recorded", hours=7.0)
    assert (await hospitals.get(statement))["lines"][0]["hours"] == 7.0
    await hospitals.do("POST", f"{statement}/dispute", {**line, "reason": "left-at-noon", "occurred_on": day(25)})
    assert await why(gps, statement) == {"settle-disputed-lines"}
    await academy.void(statement, "line-disputed")
    assert await why(gps, statement) == {"issue"}
    await academy.restore(statement, "line-disputed")
    for hours in (4.0, 3.5):
        settled = {**line, "hours": hours, "pence": 9_600, "occurred_on": day(25)}
        assert (await gps.do("POST", f"{statement}/settle", settled))["lines"][0]["hours"] == hours
        if hours == 4.0:
            again = {**line, "reason": "left-at-eleven", "occurred_on": day(25)}
            assert "422" in await hospitals.refusal(f"{statement}/settle", {**settled, "hours": 1.0, "pence": 0})
            await hospitals.do("POST", f"{statement}/dispute", again)
    await gps.do("POST", f"{statement}/issue", {"vat": "standard", "occurred_on": day(25)})
    assert await why(hospitals, statement) == {"agree-or-dispute"}
    agreed = await hospitals.do("POST", f"{statement}/agree")
    assert (agreed["status"], agreed["vat"]) == ("agreed", "standard")
    month = date.fromisoformat(worked).replace(day=1).isoformat()
    listed = (await gps.get("/statements", host=HOSPITALS, month=month))["rows"]
    assert statement.rpartition("/")[2] in {row["id"] for row in listed}
    issued = (await desks("auditor").get(f"{statement}/history"))["lines"][-2]["said"]
    assert (issued["pence"], issued["vat_pence"]) == (9_600, 1_920)

    async def counted() -> bool:
        return await lent(board, GPS) == before + 3.5

    await until(counted, 60, "reporting counts what both settled")
