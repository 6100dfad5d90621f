"""What HR and bank systems claim of passports, checks and moves becomes facts, or is answered with what to do (c1, c18)."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from kit import clock
from kit.claims import ClaimReader
from kit.database import Database
from kit.testing.partner import Partner
from kit.testing.persons import hear, somebody
from mobility import claims
from mobility.domain.stops import OF_RECORD
from mobility.handlers import identities
from mobility.testing import COUNCIL, HOSPICE, HOSPITALS, day
from schemas.fact import Claim
from schemas.mobility import (
    SERVICE,
    AuthorisationClaimed,
    ClaimAnswered,
    ClaimCorrected,
    ClaimWithdrawn,
    EmploymentCheckClaimed,
    MoveClaimed,
    MoveStepClaimed,
    PassportClaimed,
    PassportStepClaimed,
)
from schemas.people import LinkReason, PersonLinked

from .acts import CHECKS, a_need, a_proposal, both_signed, brought_to, on
from .test_api import fact_of, types_of

Json = dict[str, Any]
READER = ClaimReader(SERVICE, claims.ACCEPTS, ClaimAnswered)


@pytest.fixture
def home(database: Database) -> Partner:
    return Partner(database, READER, HOSPICE)


@pytest.fixture
def host(database: Database) -> Partner:
    return Partner(database, READER, HOSPITALS)


def a_passport(person: object, **changes: Any) -> Json:
    return {"occurred_on": on(2), "passport": "HR-1", "person_id": str(person), **changes}


def a_check(person: object, kind: str = "identity", **changes: Any) -> Json:
    return {
        "occurred_on": on(3), "check": f"CHECK-{kind}", "person_id": str(person), "kind": kind, "verified_by": HOSPICE,
        "satisfactory": True, **changes,
    }  # fmt: skip


def a_move(person: object, **changes: Any) -> Json:
    left_out = {"person_id", "home"}
    proposal = {name: value for name, value in a_proposal(str(person), None).items() if name not in left_out}
    return {**proposal, "move": "BANK-1", "person_id": str(person), **changes}


def a_step(move: object, name: str, number: int, **more: Any) -> Json:
    return {"occurred_on": on(number), "deployment_id": str(move), "step": name, **more}


def an_authorisation(move: object, number: int) -> Json:
    return {
        "occurred_on": on(number), "deployment_id": str(move), "authorised_by": "head-of-nursing",
        "indemnity": "host-covers-clinical", "data_basis": "framework-schedule-3", "recharge": "at-cost",
    }  # fmt: skip


# Passports and checks --------------------------------------------------------------------------------------------------


async def test_a_passport_and_its_checks_by_claims_and_whom_its_holder_lets_look(
    coordinator: Any, home: Partner, as_role: Any
) -> None:
    person = somebody()
    id_ = (await home.accepted(PassportClaimed, a_passport(person)))["passport_id"]
    dbs = a_check(person, "criminal-record", level="enhanced", workforce="adult", valid_until=on(500))
    assert (await home.accepted(EmploymentCheckClaimed, dbs))["passport_id"] == id_
    await home.accepted(EmploymentCheckClaimed, a_check(person, satisfactory=False))
    found = await coordinator.found(f"/passports/{id_}")
    assert {each["kind"]: (each["level"], each["satisfactory"], each["valid_until"]) for each in found["checks"]} == {
        "criminal-record": ("enhanced", True, on(500)),
        "identity": (None, False, None),
    }
    shared = {
        "occurred_on": on(5),
        "passport": "HR-1",
        "step": "shared",
        "organisation": HOSPITALS,
        "until": "2099-01-01",
    }
    await home.accepted(PassportStepClaimed, shared)
    looking = as_role("partner", HOSPITALS)
    assert (await looking.get(f"/passports/{id_}")).status_code == 200
    withdrawn = {"occurred_on": on(6), "passport": "HR-1", "step": "sharing-withdrawn", "organisation": HOSPITALS}
    await home.accepted(PassportStepClaimed, withdrawn)
    assert (await looking.get(f"/passports/{id_}")).status_code == 404
    closed = {"occurred_on": on(90), "passport": "HR-1", "step": "closed", "reason": "left"}
    await home.accepted(PassportStepClaimed, closed)
    assert (await coordinator.found(f"/passports/{id_}"))["status"] == "closed"


async def test_a_passport_that_was_opened_by_hand_is_called_by_the_partners_reference_from_then_on(
    coordinator: Any, home: Partner
) -> None:
    person = somebody()
    opened = await coordinator.made("/passports", {"person_id": str(person), "home": HOSPICE})
    assert str((await home.accepted(PassportClaimed, a_passport(person)))["passport_id"]) == opened["id"]
    closed = {"occurred_on": on(900), "passport": "HR-1", "step": "closed", "reason": "left"}
    await home.accepted(PassportStepClaimed, closed)
    assert await types_of(coordinator, f"/passports/{opened['id']}") == ["passport-opened", "passport-closed"]


@pytest.mark.parametrize(
    ("kind", "changes", "answer"),
    [
        (PassportClaimed, {"person_id": "0190a0b0-0000-4000-8000-000000000000"}, ("unknown-person", "person_id")),
        (EmploymentCheckClaimed, {"person_id": "0190a0b0-0000-4000-8000-000000000000"}, ("unknown-person", "person_id")),
        (EmploymentCheckClaimed, {"person_id": str(somebody())}, ("no-open-passport", "person_id")),
        (EmploymentCheckClaimed, {"satisfactory": False, "valid_until": on(90)}, ("validity-without-success", "valid_until")),
        (EmploymentCheckClaimed, {"valid_until": on(1)}, ("validity-without-success", "valid_until")),
        (EmploymentCheckClaimed, {"kind": "Seen: passport 123456789"}, ("unreadable-payload", "kind")),
        (EmploymentCheckClaimed, {"kind": None}, ("unreadable-payload", "kind")),
        (EmploymentCheckClaimed, {"satisfactory": "yes"}, ("unreadable-payload", "satisfactory")),
        (EmploymentCheckClaimed, {"satisfactory": None}, ("outcome-missing", "outcome")),
        (EmploymentCheckClaimed, {"outcome": "refused"}, ("outcome-contradicted", "outcome")),
        (EmploymentCheckClaimed, {"satisfactory": False, "outcome": "satisfactory"}, ("outcome-contradicted", "outcome")),
        (EmploymentCheckClaimed, {"outcome": "passed"}, ("unreadable-payload", "outcome")),
        (EmploymentCheckClaimed, {"verified_by": None}, ("needed-for-the-step", "verified_by")),
        (EmploymentCheckClaimed, {"status": "requested"}, ("not-of-this-status", "satisfactory")),
        (EmploymentCheckClaimed, {"status": "requested", "satisfactory": None, "verified_by": None},
         ("needed-for-the-step", "awaiting")),
        (EmploymentCheckClaimed, {"status": "requested", "awaiting": "candidate"}, ("unreadable-payload", "awaiting")),
        (EmploymentCheckClaimed, {"status": "not-required", "reason": "x"}, ("not-of-this-status", "satisfactory")),
        (EmploymentCheckClaimed, {"status": "not-required", "satisfactory": None, "verified_by": None},
         ("needed-for-the-step", "reason")),
        (EmploymentCheckClaimed, {"status": "not-required", "satisfactory": None, "verified_by": None, "reason": "x"},
         ("always-required", "kind")),
        (EmploymentCheckClaimed, {"status": "expired"}, ("unreadable-payload", "status")),
        (EmploymentCheckClaimed, {"reason": "x"}, ("not-of-this-status", "reason")),
        (EmploymentCheckClaimed, {"verified_by": "St Gemma"}, ("unreadable-payload", "verified_by")),
        (EmploymentCheckClaimed, {"valid_until": "2025-02-30"}, ("unreadable-payload", "valid_until")),
        (PassportStepClaimed, {"passport": "HR-9"}, ("unknown-passport", "passport")),
        (PassportStepClaimed, {"organisation": None}, ("needed-for-the-step", "organisation")),
        (PassportStepClaimed, {"until": None}, ("needed-for-the-step", "until")),
        (PassportStepClaimed, {"step": "closed"}, ("needed-for-the-step", "reason")),
        (PassportStepClaimed, {"until": on(1)}, ("share-over", "until")),
        (PassportStepClaimed, {"organisation": HOSPICE}, ("share-over", "until")),
        (PassportStepClaimed, {"step": "sharing-withdrawn"}, ("not-shared", None)),
        (PassportStepClaimed, {"step": "copied"}, ("unreadable-payload", "step")),
    ],
)  # fmt: skip
async def test_what_cannot_be_accepted_of_a_passport_says_which_field_and_what_to_do(
    home: Partner, kind: type[Claim], changes: Json, answer: tuple[str, str | None]
) -> None:
    person = somebody()
    good = {
        PassportClaimed: a_passport(person, passport="HR-2"),
        EmploymentCheckClaimed: a_check(person),
        PassportStepClaimed: {
            "occurred_on": on(5), "passport": "HR-1", "step": "shared", "organisation": HOSPITALS, "until": on(90),
        },
    }[kind]  # fmt: skip
    await home.accepted(PassportClaimed, a_passport(person))
    assert await home.refused(kind, {**good, **changes}) == answer
    await home.accepted(kind, good)


async def test_a_check_goes_on_under_its_reference_from_the_question_to_its_outcome(
    coordinator: Any, home: Partner
) -> None:
    person = somebody()
    id_ = (await home.accepted(PassportClaimed, a_passport(person)))["passport_id"]
    done = a_check(person, "criminal-record", level="enhanced", workforce="adult")
    asked = {name: value for name, value in done.items() if name not in ("verified_by", "satisfactory")}

    def requested(number: int, awaiting: str) -> Json:
        return {**asked, "status": "requested", "awaiting": awaiting, "occurred_on": on(number)}

    await home.accepted(EmploymentCheckClaimed, requested(3, "holder"), "asked")
    await home.accepted(EmploymentCheckClaimed, requested(5, "third-party"), "moved-on")
    better = {"claim_id": "moved-on", "reason": "wrong-day", "replacement": requested(6, "third-party")}
    await home.accepted(ClaimCorrected, better)
    (request,) = (await coordinator.found(f"/passports/{id_}"))["requested"]
    assert (request["awaiting"], request["requested_on"], request["since"]) == ("third-party", on(3), on(6))
    earlier = await home.refused(EmploymentCheckClaimed, requested(4, "holder"))
    assert earlier == ("before-the-step-it-follows", "occurred_on")
    await home.accepted(EmploymentCheckClaimed, {**done, "occurred_on": on(9)}, "done")
    found = await coordinator.found(f"/passports/{id_}")
    assert (found["requested"], [each["outcome"] for each in found["checks"]]) == ([], ["satisfactory"])
    assert await home.refused(EmploymentCheckClaimed, {**done, "occurred_on": on(10)}) == ("reference-taken", "check")
    await home.accepted(ClaimWithdrawn, {"claim_id": "done", "reason": "wrong-person"})
    found = await coordinator.found(f"/passports/{id_}")
    assert ([each["since"] for each in found["requested"]], found["checks"]) == ([on(6)], [])
    excused = {
        "occurred_on": on(12), "check": "CHECK-NMC", "person_id": str(person), "kind": "professional-registration",
        "status": "not-required", "reason": "role-not-regulated",
    }  # fmt: skip
    await home.accepted(EmploymentCheckClaimed, excused)
    assert (await coordinator.found(f"/passports/{id_}"))["not_required"] == [
        {"kind": "professional-registration", "reason": "role-not-regulated", "since": on(12)}
    ]


async def test_a_check_that_was_made_tomorrow_was_not_made(home: Partner) -> None:
    person = somebody()
    await home.accepted(PassportClaimed, a_passport(person))
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    refused = await home.refused(EmploymentCheckClaimed, a_check(person, occurred_on=tomorrow))
    assert refused == ("in-the-future", "occurred_on")


async def test_nobody_writes_in_another_organisations_passport(home: Partner, host: Partner) -> None:
    person = somebody()
    await home.accepted(PassportClaimed, a_passport(person))
    assert await host.refused(EmploymentCheckClaimed, a_check(person)) == ("no-open-passport", "person_id")
    closed = {"occurred_on": on(90), "passport": "HR-1", "step": "closed", "reason": "left"}
    assert await host.refused(PassportStepClaimed, closed) == ("unknown-passport", "passport")


async def test_no_refusal_and_no_answer_holds_what_was_sent(home: Partner, database: Database) -> None:
    name = "Ada Example, 14 May 1980"
    for changes in ({"kind": name}, {"level": name}, {"verified_by": name}, {"check": f"{name}\x00"}, {name: name}):
        answer = await home.send(EmploymentCheckClaimed, {**a_check(somebody()), **changes})
        assert answer.outcome == "refused"
        assert "Ada" not in answer.model_dump_json()
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM kit.journal") == 0


async def test_a_check_that_was_claimed_is_put_right_and_withdrawn(coordinator: Any, home: Partner) -> None:
    person = somebody()
    id_ = (await home.accepted(PassportClaimed, a_passport(person)))["passport_id"]
    check = a_check(person, valid_until=on(400))
    await home.accepted(EmploymentCheckClaimed, check, "c")

    def better(**changes: Any) -> Json:
        return {"claim_id": "c", "reason": "wrong", "replacement": {**check, **changes}}

    await home.accepted(ClaimCorrected, better(level="enhanced", valid_until=on(300)))
    (held,) = (await coordinator.found(f"/passports/{id_}"))["checks"]
    assert (held["level"], held["valid_until"]) == ("enhanced", on(300))
    await home.accepted(ClaimCorrected, better(valid_until=None))
    (held,) = (await coordinator.found(f"/passports/{id_}"))["checks"]
    assert (held["level"], held["valid_until"]) == (None, None)
    wrong = await home.refused(ClaimCorrected, better(valid_until=on(1)))
    assert wrong == ("validity-without-success", "replacement.valid_until")
    contradicted: list[tuple[Json, tuple[str, str]]] = [
        ({"outcome": "refused"}, ("outcome-contradicted", "replacement.outcome")),
        ({"satisfactory": None}, ("outcome-missing", "replacement.outcome")),
        ({"verified_by": None}, ("needed-for-the-step", "replacement.verified_by")),
        ({"awaiting": "holder"}, ("not-of-this-status", "replacement.awaiting")),
    ]
    for changes, answer in contradicted:
        assert await home.refused(ClaimCorrected, better(valid_until=None, **changes)) == answer
    requested = {"status": "requested", "awaiting": "holder", "satisfactory": None, "verified_by": None}
    another = await home.refused(ClaimCorrected, better(valid_until=None, **requested))
    assert another == ("another-step", "replacement.status")
    came_to: list[tuple[Json, str]] = [
        ({"satisfactory": None, "outcome": "indeterminate"}, "indeterminate"),
        ({"satisfactory": False}, "unsatisfactory"),
        ({}, "satisfactory"),
    ]
    for changes, outcome in came_to:
        await home.accepted(ClaimCorrected, better(valid_until=None, **changes))
        (held,) = (await coordinator.found(f"/passports/{id_}"))["checks"]
        assert (held["outcome"], held["satisfactory"]) == (outcome, outcome == "satisfactory")
    other = await home.refused(ClaimCorrected, better(check="CHECK-9"))
    assert other == ("about-another-record", "replacement.check")
    whose = await home.refused(ClaimCorrected, better(person_id=str(somebody())))
    assert whose == ("about-another", "replacement.person_id")
    await home.accepted(ClaimWithdrawn, {"claim_id": "c", "reason": "wrong-person"})
    assert (await coordinator.found(f"/passports/{id_}"))["checks"] == []


# Moves -----------------------------------------------------------------------------------------------------------------


async def test_a_move_by_claims_of_both_its_organisations_from_a_proposal_to_its_end(
    coordinator: Any, home: Partner, host: Partner
) -> None:
    await both_signed(coordinator)
    person = somebody()
    await home.accepted(PassportClaimed, a_passport(person))
    for name, until in CHECKS.items():
        await home.accepted(EmploymentCheckClaimed, a_check(person, name, valid_until=until))
    move = (await home.accepted(MoveClaimed, a_move(person)))["deployment_id"]
    said: list[tuple[Partner, type[Claim], Json]] = [
        (host, MoveStepClaimed, a_step(move, "taken-up", 25)),
        (home, MoveStepClaimed, a_step(move, "agreed", 26)),
        (home, MoveStepClaimed, a_step(move, "agreement-withdrawn", 27)),
        (home, MoveStepClaimed, a_step(move, "agreed", 27)),
        (home, MoveStepClaimed, a_step(move, "checks-verified", 28)),
        (home, AuthorisationClaimed, an_authorisation(move, 29)),
        (host, AuthorisationClaimed, an_authorisation(move, 30)),
        (host, MoveStepClaimed, a_step(move, "inducted", 39)),
        (host, MoveStepClaimed, a_step(move, "started", 40)),
        (home, MoveStepClaimed, a_step(move, "extended", 50, ends_on=on(120))),
        (home, MoveStepClaimed, a_step(move, "extension-agreed", 51, ends_on=on(120))),
        (host, MoveStepClaimed, a_step(move, "extended", 52, ends_on=on(120))),
        (host, MoveStepClaimed, a_step(move, "extended", 53, ends_on=on(125))),
        (home, MoveStepClaimed, a_step(move, "extension-declined", 54, reason="short-at-home")),
        (home, MoveStepClaimed, a_step(move, "shortened", 55, ends_on=on(118), reason="short-at-home")),
        (host, MoveStepClaimed, a_step(move, "stopped", 60, reason="concern-raised")),
        (home, MoveStepClaimed, a_step(move, "recalled", 80, reason="short-at-home")),
    ]
    for partner, kind, body in said:
        assert (await partner.accepted(kind, body))["deployment_id"] == move
    assert await types_of(coordinator, f"/deployments/{move}") == [
        "deployment-proposed", "deployment-matched", "deployment-agreed", "agreement-withdrawn", "deployment-agreed",
        "checks-verified", "deployment-authorised", "deployment-authorised", "staff-inducted", "staff-seconded",
        "extension-proposed", "extension-confirmed", "extension-confirmed", "deployment-extended",
        "extension-proposed", "extension-declined", "deployment-shortened", "move-stopped", "deployment-recalled",
    ]  # fmt: skip
    found = await coordinator.found(f"/deployments/{move}")
    assert (found["status"], found["last_day"]) == ("recalled", on(80))


async def test_somebody_is_put_forward_by_claim_for_a_need_of_another_and_the_move_is_put_right(
    coordinator: Any, home: Partner, host: Partner
) -> None:
    await both_signed(coordinator)
    need = (await coordinator.made("/needs", a_need()))["id"]
    await coordinator.made(f"/needs/{need}/release", {"occurred_on": on(22)})
    person = somebody()
    work = {"host": None, "title": None, "soc2020": None, "need_id": need}
    claim = {name: value for name, value in a_move(person, **work).items() if value is not None}
    move = (await home.accepted(MoveClaimed, claim, "m"))["deployment_id"]
    shorter = {**claim, "pattern": claim["pattern"][:2], "ends_on": on(100)}
    await home.accepted(ClaimCorrected, {"claim_id": "m", "reason": "wrong", "replacement": shorter})
    found = await coordinator.found(f"/deployments/{move}")
    assert (found["title"], found["weekly_hours"], found["last_day"]) == ("Registered nurse", 15.0, on(100))
    wrong = {"claim_id": "m", "reason": "wrong", "replacement": {**claim, "ends_on": on(30)}}
    assert await home.refused(ClaimCorrected, wrong) == ("end-too-far", "replacement.ends_on")
    await host.accepted(MoveStepClaimed, a_step(move, "taken-up", 25), "up")
    later = {"claim_id": "up", "reason": "wrong-day", "replacement": a_step(move, "taken-up", 26)}
    await host.accepted(ClaimCorrected, later)
    assert (await coordinator.found(f"/deployments/{move}"))["since"] == on(26)
    other = {"claim_id": "up", "reason": "wrong", "replacement": a_step(uuid4(), "taken-up", 26)}
    assert await host.refused(ClaimCorrected, other) == ("about-another-record", "replacement.deployment_id")
    another = {"claim_id": "up", "reason": "wrong", "replacement": a_step(move, "inducted", 26)}
    assert await host.refused(ClaimCorrected, another) == ("another-step", "replacement.step")


async def test_a_host_takes_somebody_on_without_training_by_claim(
    coordinator: Any, home: Partner, host: Partner
) -> None:
    await both_signed(coordinator)
    asked = {
        "occurred_on": on(5), "organisation": HOSPITALS, "soc2020": "2237", "checks": [],
        "training": [{"course_id": str(uuid4()), "title": "Resuscitation"}],
    }  # fmt: skip
    await coordinator.made("/requirements", asked)
    move = (await home.accepted(MoveClaimed, a_move(somebody())))["deployment_id"]
    await brought_to(coordinator, str(move), "induct")
    start, put_off = a_step(move, "started", 40), a_step(move, "training-put-off", 40, reason="supervised")
    assert await host.refused(MoveStepClaimed, start) == ("training-missing", None)
    assert await host.refused(MoveStepClaimed, put_off) == ("needed-for-the-step", "done_by")
    put_off["done_by"] = on(60)
    assert await home.refused(MoveStepClaimed, put_off) == ("not-yours-to-say", "step")
    await host.accepted(MoveStepClaimed, put_off, "p")
    better = {"claim_id": "p", "reason": "wrong-day", "replacement": {**put_off, "done_by": on(70)}}
    await host.accepted(ClaimCorrected, better)
    assert (await coordinator.found(f"/deployments/{move}"))["put_off"]["done_by"] == on(70)
    await host.accepted(MoveStepClaimed, start)


async def test_nobody_puts_a_move_right_to_what_could_not_have_been_proposed(coordinator: Any, home: Partner) -> None:
    strike = {"reason": "industrial-action", "covers_strike": True, "starts_on": on(200), "ends_on": on(300)}
    need = (await coordinator.made("/needs", a_need(**strike)))["id"]
    await coordinator.made(f"/needs/{need}/release", {"occurred_on": on(22)})
    work = {"host": None, "title": None, "soc2020": None, "need_id": need, "starts_on": on(210), "ends_on": on(280)}
    claim = {
        name: value for name, value in a_move(somebody(), **work, not_in_dispute=True).items() if value is not None
    }
    await home.accepted(MoveClaimed, claim, "m")

    def better(**changes: Any) -> Json:
        return {"claim_id": "m", "reason": "wrong", "replacement": {**claim, **changes}}

    for basis in ("bank", "agency"):
        assert await home.refused(ClaimCorrected, better(basis=basis)) == ("strike-cover-blocked", "replacement.basis")
    assert await home.refused(ClaimCorrected, better(ends_on=on(900))) == ("end-too-far", "replacement.ends_on")
    whose = await home.refused(ClaimCorrected, better(person_id=str(somebody())))
    assert whose == ("about-another", "replacement.person_id")
    await home.accepted(ClaimCorrected, better(basis="secondment-agreement"))


async def test_an_extension_that_is_put_right_asks_anew_how_long_and_under_which_cover(
    coordinator: Any, home: Partner, host: Partner
) -> None:
    signatures = await both_signed(coordinator)
    notice = {"occurred_on": on(12), "last_day": (clock.today() + timedelta(days=100)).isoformat(), "reason": "merged"}
    today = {"starts_on": clock.today().isoformat(), "ends_on": (clock.today() + timedelta(days=50)).isoformat()}
    move = (await home.accepted(MoveClaimed, a_move(somebody(), **today)))["deployment_id"]
    await brought_to(coordinator, str(move), "induct")
    await coordinator.made(f"/signatures/{signatures[HOSPICE]}/give-notice", notice)
    path = f"/deployments/{move}"
    await agreed_up_to(move, 60, home, host)
    fact = await fact_of(coordinator, path, "deployment-extended")
    better = {"replacement": fact["said"], "reason": "wrong"}
    seen = []
    for days in (90, 120):
        better["replacement"]["ends_on"] = (clock.today() + timedelta(days=days)).isoformat()
        await coordinator.made(f"{path}/facts/{fact['id']}/correct", better)
        found = await coordinator.found(path)
        seen.append((found["last_day"] == better["replacement"]["ends_on"], found["cover_ends"]))
    assert seen == [(True, None), (True, notice["last_day"])]
    better["replacement"]["ends_on"] = (clock.today() + timedelta(days=400)).isoformat()
    far = await coordinator.post(f"{path}/facts/{fact['id']}/correct", better)
    assert far.json()["errors"][0]["field"] == "replacement.ends_on"


async def agreed_up_to(move: UUID, days: int, home: Partner, host: Partner) -> Json:
    """A later end that all three agreed to: home proposes, and writes the person's word down; the host's claim is `last`."""
    step = {
        "deployment_id": str(move),
        "occurred_on": on(50),
        "ends_on": (clock.today() + timedelta(days=days)).isoformat(),
    }
    await home.accepted(MoveStepClaimed, {**step, "step": "extended"}, "first")
    await home.accepted(MoveStepClaimed, {**step, "step": "extension-agreed"})
    await host.accepted(MoveStepClaimed, {**step, "step": "extended"}, "last")
    return step


async def test_no_partner_has_a_move_last_longer_by_putting_right_what_it_claimed(
    coordinator: Any, home: Partner, host: Partner
) -> None:
    await both_signed(coordinator)
    today = {"starts_on": clock.today().isoformat(), "ends_on": (clock.today() + timedelta(days=50)).isoformat()}
    proposed = a_move(somebody(), **today)
    move = (await home.accepted(MoveClaimed, proposed, "m"))["deployment_id"]
    later = (clock.today() + timedelta(days=90)).isoformat()

    def better(claim: str, of: Json) -> Json:
        return {"claim_id": claim, "reason": "wrong", "replacement": {**of, "ends_on": later}}

    await brought_to(coordinator, str(move), "induct")
    agreement = ("longer-by-agreement", "replacement.ends_on")
    assert await home.refused(ClaimCorrected, better("m", proposed)) == agreement
    step = {**await agreed_up_to(move, 60, home, host), "step": "extended"}
    assert await home.refused(ClaimCorrected, better("first", step)) == ("fact-stands-in-the-way", None)
    assert (await host.refused(ClaimCorrected, better("last", step)))[0] == "fact-stands-in-the-way"
    await host.accepted(ClaimWithdrawn, {"claim_id": "last", "reason": "not-agreed"})
    found = await coordinator.found(f"/deployments/{move}")
    assert (found["last_day"], found["extension"]["agreed"]) == (today["ends_on"], ["home", "person"])


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"person_id": "0190a0b0-0000-4000-8000-000000000000"}, ("unknown-person", "person_id")),
        ({"host": HOSPICE}, ("home-is-host", "home")),
        ({"host": None}, ("need-or-work", "need_id")),
        ({"need_id": "0190a0b0-0000-4000-8000-000000000000"}, ("not-found", "need_id")),
        ({"ends_on": on(30)}, ("end-too-far", "ends_on")),
        ({"ends_on": on(900)}, ("end-too-far", "ends_on")),
        ({"pattern": []}, ("unreadable-payload", "pattern")),
        ({"pattern": [{"day": 8, "starts": "09:00", "ends": "17:00"}]}, ("unreadable-payload", "pattern.0.day")),
        ({"pattern": [{"day": 1, "starts": "9am", "ends": "17:00"}]}, ("unreadable-payload", "pattern.0.starts")),
        ({"home_hours": 1e9}, ("unreadable-payload", "home_hours")),
        ({"basis": "favour"}, ("unreadable-payload", "basis")),
        ({"own": None}, ("unreadable-payload", "own")),
    ],
)  # fmt: skip
async def test_what_cannot_be_accepted_of_a_move_says_which_field_and_what_to_do(
    home: Partner, changes: Json, answer: tuple[str, str]
) -> None:
    claim = a_move(somebody())
    assert await home.refused(MoveClaimed, {**claim, **changes}) == answer
    await home.accepted(MoveClaimed, claim)
    assert await home.refused(MoveClaimed, claim) == ("reference-taken", "move")


async def test_each_side_says_what_is_its_to_say_and_a_third_does_not_learn_that_there_is_a_move(
    coordinator: Any, home: Partner, host: Partner, database: Database
) -> None:
    move = (await home.accepted(MoveClaimed, a_move(somebody())))["deployment_id"]
    third = Partner(database, READER, COUNCIL)
    for name in ("taken-up", "cancelled"):
        answer = await third.refused(MoveStepClaimed, a_step(move, name, 25, reason="x"))
        assert answer == ("not-found", "deployment_id")
        assert answer == await third.refused(MoveStepClaimed, a_step(uuid4(), name, 25, reason="x"))
    assert await third.refused(AuthorisationClaimed, an_authorisation(move, 29)) == ("not-found", "deployment_id")
    assert await home.refused(MoveStepClaimed, a_step(move, "taken-up", 25)) == ("not-yours-to-say", "step")
    await host.accepted(MoveStepClaimed, a_step(move, "taken-up", 25))
    for name in ("agreed", "checks-verified", "recalled"):
        assert await host.refused(MoveStepClaimed, a_step(move, name, 26, reason="x")) == ("not-yours-to-say", "step")
    assert await home.refused(MoveStepClaimed, a_step(move, "recalled", 26)) == ("needed-for-the-step", "reason")
    assert await home.refused(MoveStepClaimed, a_step(move, "extended", 26)) == ("needed-for-the-step", "ends_on")
    assert await home.refused(AuthorisationClaimed, an_authorisation(move, 26)) == ("not-in-this-state", None)
    await home.accepted(MoveStepClaimed, a_step(move, "agreed", 26))
    assert await home.refused(MoveStepClaimed, a_step(move, "checks-verified", 28)) == ("no-passport", None)


async def test_with_bank_the_engager_verifies_and_a_start_that_was_claimed_is_taken_back(
    coordinator: Any, home: Partner, host: Partner
) -> None:
    await both_signed(coordinator)
    move = (await home.accepted(MoveClaimed, a_move(somebody(), basis="bank")))["deployment_id"]
    await host.accepted(MoveStepClaimed, a_step(move, "taken-up", 25))
    await home.accepted(MoveStepClaimed, a_step(move, "agreed", 26))
    assert await home.refused(MoveStepClaimed, a_step(move, "checks-verified", 28)) == ("not-yours-to-say", "step")
    lent = (await home.accepted(MoveClaimed, a_move(somebody(), move="BANK-2")))["deployment_id"]
    await brought_to(coordinator, str(lent), "induct")
    await host.accepted(MoveStepClaimed, a_step(lent, "started", 40), "s")
    await host.accepted(ClaimWithdrawn, {"claim_id": "s", "reason": "did-not-come"})
    assert (await coordinator.found(f"/deployments/{lent}"))["status"] == "inducted"


@pytest.mark.parametrize(
    "kind", [PassportClaimed, EmploymentCheckClaimed, MoveClaimed, MoveStepClaimed, AuthorisationClaimed]
)
async def test_the_same_claim_again_is_already_known_and_another_body_is_refused(
    coordinator: Any, home: Partner, host: Partner, kind: type[Claim]
) -> None:
    person = somebody()
    move = None
    if kind is not PassportClaimed:
        await home.accepted(PassportClaimed, a_passport(person))
    if kind in (MoveStepClaimed, AuthorisationClaimed):
        await both_signed(coordinator)
        move = (await home.accepted(MoveClaimed, a_move(person)))["deployment_id"]
        for name, until in CHECKS.items():
            await home.accepted(EmploymentCheckClaimed, a_check(person, name, valid_until=until))
        await brought_to(coordinator, str(move), "verify-checks" if kind is AuthorisationClaimed else "match")
    body: Json = {
        PassportClaimed: a_passport(person),
        EmploymentCheckClaimed: a_check(person),
        MoveClaimed: a_move(person),
        MoveStepClaimed: a_step(move, "agreed", 26),
        AuthorisationClaimed: an_authorisation(move, 29),
    }[kind]
    first = await home.accepted(kind, body, "x")
    again = await home.send(kind, json.loads(json.dumps(body)), "x")
    assert (again.outcome, again.ids) == ("already-known", first)
    other = await home.send(kind, {**body, "occurred_on": on(31)}, "x")
    assert (other.outcome, other.failings[0].code) == ("refused", "id-reused")


# Stops -----------------------------------------------------------------------------------------------------------------


async def stops_of(coordinator: Any, *moves: object) -> list[Any]:
    return [(await coordinator.found(f"/deployments/{move}"))["stopped"] for move in moves]


@pytest.fixture
def elsewhere(coordinator: Any, home: Partner) -> Any:
    """Two moves of one person to two hosts, put forward under two ids that turn out to be one; and how another is put forward."""

    async def put_forward() -> tuple[UUID, UUID, Any]:
        one, other = somebody(), somebody()
        here = (await home.accepted(MoveClaimed, a_move(one)))["deployment_id"]
        there = (await home.accepted(MoveClaimed, a_move(other, move="BANK-2", host=COUNCIL)))["deployment_id"]
        linked = PersonLinked(occurred_on=day(1), same_as=one, reason=LinkReason.CONFIRMED_BY_PARTNER)
        await hear(home.database, identities.hear, (other, 2, linked))

        async def again() -> UUID:
            return (await home.accepted(MoveClaimed, a_move(other, move=f"BANK-{uuid4().hex}")))["deployment_id"]

        return here, there, again

    return put_forward


@pytest.mark.parametrize(
    ("reason", "more", "reaches"),
    [
        ("registration-restricted", {}, True),
        ("safeguarding-concern", {}, True),
        ("nmc-registration-lapsed", {"everywhere": False}, True),
        ("ward-closed", {}, False),
        ("ward-closed", {"everywhere": False}, False),
        ("unfit-for-work", {"everywhere": True}, True),
    ],
)
async def test_what_a_host_claims_of_a_person_stops_them_at_every_host_and_what_it_claims_of_a_place_there_alone(
    coordinator: Any, as_role: Any, host: Partner, elsewhere: Any, reason: str, more: Json, reaches: bool
) -> None:
    here, there, again = await elsewhere()
    await host.accepted(MoveStepClaimed, a_step(here, "stopped", 60, reason=reason, **more))
    other = reason if reaches else None
    assert await stops_of(coordinator, here, there, await again()) == [reason, other, other]
    waits = (await as_role("partner", COUNCIL).get("/waiting", who="host")).json()["rows"]
    assert (str(there) in {row["aggregate_id"] for row in waits if row["why"] == "keep-from-work"}) is reaches


@pytest.mark.parametrize(("reason", "more"), [("concern-raised", {}), ("ward-closed", {"everywhere": True})])
async def test_a_host_that_stops_one_move_by_hand_for_what_is_the_persons_stops_every_one(
    coordinator: Any, as_role: Any, elsewhere: Any, reason: str, more: Json
) -> None:
    here, there, again = await elsewhere()
    path, by_hand = f"/deployments/{here}/stop-now", {"reason": reason, **more}
    answered = await as_role("partner", HOSPITALS).made(path, by_hand)
    assert (answered["id"], answered["stopped"]) == (str(here), reason)
    assert await stops_of(coordinator, here, there, await again()) == [reason] * 3


async def test_a_stop_at_every_host_that_was_claimed_is_taken_back_and_put_right_at_every_host(
    coordinator: Any, host: Partner, elsewhere: Any
) -> None:
    here, there, _ = await elsewhere()
    claim = a_step(here, "stopped", 60, reason="concern-raised")
    await host.accepted(MoveStepClaimed, claim, "s")

    def better(**changes: Any) -> Json:
        return {"claim_id": "s", "reason": "wrong", "replacement": {**claim, **changes}}

    await host.accepted(ClaimCorrected, better(reason="registration-restricted"))
    assert await stops_of(coordinator, here, there) == ["registration-restricted"] * 2
    for changes in ({"reason": "ward-closed"}, {"step": "recalled"}):
        code, field = await host.refused(ClaimCorrected, better(**changes))
        assert (code, field) == ("another-step", f"replacement.{next(iter(changes))}")
    answered = await host.accepted(ClaimWithdrawn, {"claim_id": "s", "reason": "another-person"})
    assert str(there) not in str(answered)
    assert await stops_of(coordinator, here, there) == [None, None]


async def test_what_only_our_record_says_stops_nobody_by_a_partners_word(
    coordinator: Any, host: Partner, elsewhere: Any
) -> None:
    here, _, _ = await elsewhere()
    person = (await coordinator.found(f"/deployments/{here}"))["person_id"]
    for reason in OF_RECORD:
        refused = await host.refused(MoveStepClaimed, a_step(here, "stopped", 60, reason=reason))
        assert refused == ("records-to-say", "reason")
        for path in (f"/deployments/{here}", f"/persons/{person}"):
            answer = await coordinator.post(f"{path}/stop-now", {"reason": reason})
            assert (answer.status_code, answer.json()["type"]) == (422, "/problems/records-to-say")
