"""Q1 and Q2: who is signed up to the framework, as at any day, and the signatories that a naive count gets wrong."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest

from kit.ids import new_id
from reporting.testing import DAY, City, Feed, signatory
from schemas import mobility as mob
from schemas.values import Sector

STATUTORY = ("council", "hospitals", "community", "partnership", "icb")


@pytest.fixture
def ask(client: httpx2.AsyncClient, bearer: Callable[[str], dict[str, str]]) -> Any:
    async def ask(figure: str, number: int = 300, **given: Any) -> Any:
        asked = {"as_at": str(later(number)), "profile": "internal_exact", **given}
        answer = await client.get(f"/figures/{figure}", params=asked, headers=bearer("auditor"))
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


def later(number: int) -> date:
    return DAY + timedelta(days=number)


def report() -> City:
    """31 in force, all five statutory partners among them; and one each of those who are not in force."""
    city = City()
    for name in STATUTORY:
        city.signed(name, DAY, statutory=True, sector=Sector.NHS_TRUST)
    for turn in range(26):
        city.signed(f"charity-{turn}", DAY)
    city.say(signatory(mob.OrganisationInvited, "only-invited", DAY))
    left, suspended, lapsed = (city.signed(name, DAY) for name in ("left", "suspended", "lapsed"))
    notice = signatory(mob.NoticeGiven, "left", later(20), last_day=later(100), reason="merged")
    city.say(notice, left)
    city.say(signatory(mob.OrganisationWithdrew, "left", later(101), reason="merged"), left)
    city.say(signatory(mob.OrganisationSuspended, "suspended", later(150), reason="insurance-ended"), suspended)
    city.say(signatory(mob.SignatureLapsed, "lapsed", later(200), version=2), lapsed)
    city.signed("signed-for-later", later(290), in_force_from=later(310))
    return city


async def test_over_thirty_are_signed_up_and_all_five_statutory_partners(ask: Any, feed: Feed) -> None:
    await feed(report().records)
    assert (await ask("q1"))["value"]["text"] == "31"
    q2 = await ask("q2")
    assert [q2[part]["text"] for part in ("value", "numerator", "denominator")] == ["100%", "5", "5"]
    assert "organisation-signed.v1" in str(q2["counted_from"])


@pytest.mark.parametrize(
    ("number", "signed"),
    [(-1, 0), (0, 34), (100, 34), (101, 33), (149, 33), (150, 32), (200, 31), (309, 31), (310, 32)],
)
async def test_who_is_in_force_is_asked_of_a_day(number: int, signed: int, ask: Any, feed: Feed) -> None:
    await feed(report().records)
    assert (await ask("q1", number))["value"]["number"] == signed


async def test_organisations_are_not_protected_from_being_counted(ask: Any, feed: Feed) -> None:
    """The disclosure rule hides 1 to 7 people; organisations are not people."""
    city = City()
    city.signed("hospitals", DAY, statutory=True)
    city.say(signatory(mob.OrganisationInvited, "council", DAY, statutory=True))
    await feed(city.records)
    end_of_january = 26
    published = {"profile": "published_hes5"}
    assert (await ask("q1", end_of_january, **published))["value"]["text"] == "1"
    assert (await ask("q2", end_of_january, **published))["value"]["text"] == "50%"


async def test_an_organisation_that_signed_two_frameworks_counts_once(ask: Any, feed: Feed) -> None:
    city = City()
    for _ in range(2):
        city.signed("hospitals", DAY, statutory=True)
    await feed(city.records)
    assert (await ask("q1"))["value"]["number"] == 1
    assert (await ask("q2"))["denominator"]["number"] == 1


async def test_who_left_before_they_would_have_been_in_force_never_is(ask: Any, feed: Feed) -> None:
    city = City()
    ends = {
        "left": signatory(mob.NoticeGiven, "left", later(20), last_day=later(60), reason="merged", statutory=True),
        "lapsed": signatory(mob.SignatureLapsed, "lapsed", later(60), version=2, statutory=True),
    }
    for name, end in ends.items():
        city.say(end, city.signed(name, DAY, in_force_from=later(100), statutory=True))
    city.signed("stays", DAY, in_force_from=later(100))
    await feed(city.records)
    assert [(await ask("q1", number))["value"]["number"] for number in (60, 99, 100, 300)] == [0, 0, 1, 1]
    q2 = await ask("q2", 300)
    assert [q2[part]["number"] for part in ("numerator", "denominator")] == [0, 2]


async def test_who_resumes_is_bound_by_the_notice_that_it_gave_until_it_signs_again(ask: Any, feed: Feed) -> None:
    city = City()
    signature = city.signed("hospice", DAY)
    city.say(signatory(mob.NoticeGiven, "hospice", later(10), last_day=later(60), reason="merged"), signature)
    for suspended, resumed in ((20, 30), (50, 70)):
        city.say(signatory(mob.OrganisationSuspended, "hospice", later(suspended), reason="insurance-ended"), signature)
        city.say(signatory(mob.OrganisationResumed, "hospice", later(resumed)), signature)
    city.say(signatory(mob.OrganisationWithdrew, "hospice", later(71), reason="merged"), signature)
    terms = {"version": 1, "signed_by": "chief-executive", "in_force_from": later(90), "notice_days": 90}
    city.say(signatory(mob.OrganisationSigned, "hospice", later(80), **terms), signature)
    city.say(signatory(mob.OrganisationSuspended, "hospice", later(100), reason="insurance-ended"), signature)
    city.say(signatory(mob.OrganisationResumed, "hospice", later(110)), signature)
    await feed(city.records)
    expected = {0: 1, 19: 1, 20: 0, 29: 0, 30: 1, 49: 1, 50: 0, 61: 0, 70: 0, 89: 0, 90: 1, 100: 0, 110: 1}
    assert {number: (await ask("q1", number))["value"]["number"] for number in expected} == expected


async def test_a_signature_that_was_voided_or_put_right_counts_as_it_stands(ask: Any, feed: Feed) -> None:
    city = City()
    voided, moved = city.signed("voided", DAY), city.signed("moved", DAY)
    signed = city.said[voided][1][0]
    city.void(voided, signed, mob.OrganisationSigned)
    event, fact = city.said[moved][1]
    city.correct(moved, event, fact.model_copy(update={"in_force_from": later(50)}))
    await feed(city.records)
    assert [(await ask("q1", number))["value"]["number"] for number in (0, 49, 50)] == [0, 0, 1]


async def test_a_move_counts_from_its_first_day_by_home_host_and_basis(
    client: httpx2.AsyncClient, bearer: Callable[[str], dict[str, str]], feed: Feed
) -> None:
    city = City()
    for turn in range(9):
        move, person, home = new_id(), new_id(), f"home-{turn % 3}"
        began = mob.StaffSeconded(
            person_id=person, home=home, host="hospitals", soc2020="2237", basis=mob.Basis.FRAMEWORK_LICENCE,
            weekly_hours=22.5, ends_on=later(90), occurred_on=DAY,
        )  # fmt: skip
        goes_on = mob.DeploymentExtended(
            person_id=person, home=home, host="hospitals", soc2020="2237", basis=mob.Basis.BANK, ends_on=later(99),
            occurred_on=later(5),
        )  # fmt: skip
        said = city.say(began, move)
        city.say(goes_on, move)
        if turn == 8:
            city.void(move, said, mob.StaffSeconded)
    await feed(city.records)
    asked = {"as_at": str(DAY), "by": "home", "profile": "internal_exact"}
    exact = (await client.get("/figures/moves", params=asked, headers=bearer("auditor"))).json()
    assert exact["value"]["number"] == 8
    assert [(group["label"], group["value"]["number"]) for group in exact["groups"]] == [
        ("Home 0", 3), ("Home 1", 3), ("Home 2", 2),
    ]  # fmt: skip
    before = await client.get("/figures/moves", params=asked | {"as_at": str(later(-1))}, headers=bearer("auditor"))
    assert before.json()["value"]["number"] == 0


async def test_by_kind_of_organisation(ask: Any, feed: Feed) -> None:
    await feed(report().records)
    groups = (await ask("q1", by="sector"))["groups"]
    assert [(group["label"], group["value"]["number"]) for group in groups] == [("Third Sector", 26), ("NHS Trust", 5)]
