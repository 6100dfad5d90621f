"""The agreement: published, signed, varied, suspended, left, ended; and who sees what of it."""

from tests.desk import Desk, Desks, Known, day

from .conftest import (
    AIRE,
    COUNCIL,
    FORUM,
    GPS,
    HOSPITALS,
    a_passport,
    agreement,
    invited,
    signed,
    signing,
    under_way,
    why,
)


async def in_force(desk: Desk, framework: str) -> list[str]:
    found = (await desk.get(f"/frameworks/{framework}/in-force"))["organisations"]
    return [row["organisation"] for row in found]


async def test_one_organisation_signs_another_declines_and_everybody_sees_who_is_in_force(
    academy: Desk, desks: Desks
) -> None:
    framework = await agreement(academy, "Signed by one")
    gps, council = [await invited(academy, framework, organisation) for organisation in (GPS, COUNCIL)]
    own = desks("partner", GPS)
    assert await why(own, gps) == {"sign"}
    await own.do("POST", f"{gps}/sign", signing())
    await desks("partner", COUNCIL).do(
        "POST", f"{council}/decline", {"reason": "not-this-year", "occurred_on": day(390)}
    )
    for desk in (academy, desks("partner", FORUM)):
        assert await in_force(desk, framework) == [GPS]
    seen = (await own.get("/signatures", framework_id=framework))["rows"]
    assert [(row["organisation"], row["status"]) for row in seen] == [(GPS, "signed")]
    assert (await academy.get(council))["status"] == "declined"
    assert framework in {row["id"] for row in (await own.get("/frameworks", status="published", limit=200))["rows"]}
    assert (await own.get(f"/frameworks/{framework}"))["name"] == "Signed by one"


async def test_a_version_has_to_be_signed_again_and_a_suspension_takes_somebody_out_for_a_while(
    academy: Desk, desks: Desks
) -> None:
    framework = await agreement(academy, "To be signed again")
    (gps,) = await signed(academy, framework, GPS)
    path, own = f"/frameworks/{framework}", desks("partner", GPS)
    varied = {
        "effective_from": day(5),
        "notice_days": 60,
        "sign_by": day(-30),
        "reason": "primary-care-joins",
        "occurred_on": day(10),
    }
    await academy.do("POST", f"{path}/vary", varied)
    assert await why(own, gps) == {"sign-again"}
    await academy.void(path, "framework-varied")
    assert await why(own, gps) == set()
    await academy.restore(path, "framework-varied")
    corrected = await academy.correct(path, "framework-varied", notice_days=45)
    assert corrected["versions"][-1]["notice_days"] == 45
    await own.do("POST", f"{gps}/sign", signing(version=2, in_force_from=day(5), occurred_on=day(5)))
    assert await why(own, gps) == set()

    await academy.do("POST", f"{gps}/suspend", {"reason": "insurance-ended", "occurred_on": day(3)})
    assert (await in_force(own, framework), await why(academy, gps)) == ([], {"end-suspension-or-agreement"})
    await academy.correct(gps, "organisation-suspended", reason="insurance-lapsed")
    await academy.void(gps, "organisation-suspended")
    assert await in_force(own, framework) == [GPS]
    await academy.restore(gps, "organisation-suspended")
    assert (await own.get(gps))["reason"] == "insurance-lapsed"
    await academy.do("POST", f"{gps}/resume", {"occurred_on": day(1)})
    assert await in_force(own, framework) == [GPS]
    for thing, last in ((path, "fact-corrected"), (gps, "organisation-resumed")):
        lines = (await desks("auditor").get(f"{thing}/history"))["lines"]
        assert lines[-1]["type"].split(".")[-2] == last


async def test_who_leaves_sees_before_what_ends_with_it_and_then_the_whole_agreement_ends(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    framework = await agreement(academy, "Left by one, ended by all")
    aire, council = await signed(academy, framework, AIRE, COUNCIL)
    (person,) = await known_at(AIRE, "out-when-aire-left")
    await a_passport(academy, person, AIRE)
    move = await under_way(academy, person, AIRE, COUNCIL)
    own, last = desks("partner", AIRE), day(-45)
    (outlived,) = (await own.get(f"{aire}/outlived", last_day=last))["deployments"]
    assert outlived["id"] == move.rpartition("/")[2]
    await own.do("POST", f"{aire}/give-notice", {"last_day": last, "reason": "merged"})
    assert ((await own.get(move))["cover_ends"], await why(academy, move, who="coordinator")) == (
        last,
        {"hand-over-or-end"},
    )
    await academy.do("POST", f"/frameworks/{framework}/terminate", {"last_day": day(-20), "reason": "replaced"})
    assert ((await academy.get(council))["last_day"], (await own.get(aire))["last_day"]) == (day(-20), day(-20))
    assert (await own.get(move))["cover_ends"] == day(-20)
    again = await own.refusal(f"{aire}/give-notice", {"last_day": last, "reason": "merged"})
    assert "409" in again
    assert "409" in await academy.refusal("/signatures", {
        "framework_id": framework, "organisation": HOSPITALS, "sector": "nhs-trust", "statutory": True,
    })  # fmt: skip
