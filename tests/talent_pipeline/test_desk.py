"""The desk: what waits, vacancies with their applicants, one record with its history, and the commands that move it on."""

import asyncio
import re
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI

from kit.auth import Principal, Signer, sign_in_code
from kit.database import EVERYONE
from kit.testing.client import HOST
from people.domain.details import LookReason
from schemas.talent_pipeline import NhsValue
from talent_pipeline.desk import records, words
from talent_pipeline.desk.door import Looking
from talent_pipeline.desk.questions import ACTS
from talent_pipeline.store import aggregates
from talent_pipeline.testing import COUNCIL, HOSPITALS, lives

from .acts import FAR, a_draft, a_vacancy, an_application, an_engagement, brought_to, on
from .test_pool import ago, found_appointable, pooled

DESK = "/desk"


@pytest.fixture
def code(keys: Path) -> Any:
    """A link's code, for a role of an organisation."""

    def made(role: str = "coordinator", organisation: str = EVERYONE, subject: str | None = None) -> str:
        return sign_in_code(Signer(keys / "development.jwk"), role, organisation, subject)

    return made


@pytest.fixture
def at_desk(app: FastAPI, code: Any) -> Any:
    """A browser in which somebody is signed in."""

    async def browser(*who: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        client = httpx2.AsyncClient(transport=transport, base_url=HOST)
        answer = await client.post(f"{DESK}/sign-in", data={"code": code(*who)})
        assert (answer.status_code, answer.headers["location"]) == (303, DESK)
        return client

    return browser


async def text(browser: httpx2.AsyncClient, path: str, status: int = 200) -> str:
    """What a page says, its tags taken out."""
    answer = await browser.get(path)
    assert answer.status_code == status, answer.text
    return plain(answer)


def plain(answer: httpx2.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2])).split())


async def form_of(browser: httpx2.AsyncClient, path: str) -> dict[str, str]:
    """What a form holds before anybody fills it in."""
    page = await browser.get(path)
    assert page.status_code == 200, page.text
    return dict(
        re.findall(r'<input type="hidden"(?: id="\w+")? name="(\w+)" value="([^"]*)"', page.text.partition("<main")[2])
    )


async def a_candidate(coordinator: Any, last: str | None = None, employer: str = HOSPITALS) -> str:
    """Where the record of an application is, brought to a step."""
    made = await an_application(coordinator, await a_vacancy(coordinator, employer=employer))
    if last:
        await brought_to(coordinator, made, last)
    return f"{DESK}/candidacies/{made}"


async def status_of(coordinator: Any, record: str) -> str:
    return str((await coordinator.found(record.removeprefix(DESK)))["status"])


# Who comes -------------------------------------------------------------------------------------------------------------


async def test_a_link_signs_in_once_and_opening_it_uses_nothing_up(app: FastAPI, code: Any) -> None:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    browser = httpx2.AsyncClient(transport=transport, base_url=HOST)
    given = code()
    for _ in range(2):
        assert given in (await browser.get(f"{DESK}/sign-in", params={"code": given})).text
    assert (await browser.get(DESK)).status_code == 401
    begun = await browser.post(f"{DESK}/sign-in", data={"code": given})
    assert all(part in begun.headers["set-cookie"] for part in ("HttpOnly", "SameSite=strict", "Secure", "Path=/desk"))
    assert (await browser.get(DESK)).status_code == 200
    again = await browser.post(f"{DESK}/sign-in", data={"code": given})
    assert (again.status_code, "cannot be used" in again.text) == (401, True)


@pytest.mark.parametrize("role", ["board", "auditor", "integrator"])
async def test_another_role_is_not_signed_in(app: FastAPI, code: Any, role: str) -> None:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=HOST) as browser:
        assert (await browser.post(f"{DESK}/sign-in", data={"code": code(role)})).status_code == 401


async def test_signing_out_ends_the_session_itself(at_desk: Any) -> None:
    browser = await at_desk()
    kept = browser.cookies["desk_session"]
    page = (await browser.get(DESK)).text
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert csrf
    assert (await browser.post(f"{DESK}/sign-out", data={"csrf": "0" * 64})).status_code == 403
    assert (await browser.post(f"{DESK}/sign-out", data={"csrf": csrf[1]})).status_code == 200
    browser.cookies.set("desk_session", kept)
    assert (await browser.get(DESK)).status_code == 401


async def test_a_desks_session_is_no_token_for_the_api(at_desk: Any) -> None:
    browser = await at_desk()
    assert (await browser.get("/candidacies")).status_code == 401
    assert (await browser.post("/vacancies", json={})).status_code == 401


async def test_a_page_asks_nothing_of_another_host_and_runs_no_script_but_a_file_of_ours(
    at_desk: Any, coordinator: Any
) -> None:
    browser, record = await at_desk(), await a_candidate(coordinator)
    for path in (DESK, f"{DESK}/vacancies", record, f"{record}/shortlist", f"{DESK}/sign-in"):
        answer = await browser.get(path)
        assert re.findall(r"(?:src|href|action)=\"(?:https?:)?//", answer.text) == [], path
        assert " style=" not in answer.text
        assert not re.search(r" on\w+=", answer.text)
        strict = answer.headers.get_list("content-security-policy")[0]
        nonce = re.search(r"script-src 'self' 'nonce-([\w-]+)'; style-src 'self'$", strict)
        assert nonce
        assert set(re.findall(r"<script(?! type=\"module\" src=)([^>]*)>", answer.text)) == {f' nonce="{nonce[1]}"'}
    for name in ("desk.css", "desk.js"):
        assert (await browser.get(f"{DESK}/assets/{name}")).status_code == 200
    assert (await browser.get(f"{DESK}/assets/words.py")).status_code == 404


# What waits ------------------------------------------------------------------------------------------------------------


async def test_it_says_of_each_what_there_is_to_do_since_when_and_whose_move_it_is(
    at_desk: Any, coordinator: Any
) -> None:
    await a_candidate(coordinator, "shortlist")
    page = await text(await at_desk(), DESK)
    assert "The employer 1 Interview on the values 1" in page
    assert "The coordinator 1 Triage to a spoke 1" in page
    assert re.search(
        r"Healthcare assistant , [0-9a-f]{8} Leeds Teaching Hospitals .*Interview on the values Since 16 March 2023",
        page,
    )


async def test_it_is_filtered_by_the_address_and_goes_on_where_a_page_ended(at_desk: Any, coordinator: Any) -> None:
    browser = await at_desk()
    for _ in range(3):
        await a_candidate(coordinator)
    await a_candidate(coordinator, "shortlist", COUNCIL)
    shown = await text(browser, f"{DESK}?who=employer&why=interview&aggregate=&organisation=")
    assert "Leeds City Council" in shown
    assert "Read the application Since" not in shown
    found: list[str] = []
    path: str | None = f"{DESK}?who=employer&aggregate=candidacy&limit=2"
    while path:
        page = (await browser.get(path)).text
        found += re.findall(r'href="(/desk/candidacies/[^"]+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = unescape(following[1]) if following else None
    assert len(found) == len(set(found)) == 4


@pytest.mark.parametrize(
    "asked", ["who=nobody", "aggregate=person", "after=x", "limit=0", "limit=101", "unheard=of", "why=A+b"]
)
async def test_a_filter_that_is_none_is_refused_with_a_page(at_desk: Any, asked: str) -> None:
    answer = await (await at_desk()).get(f"{DESK}?{asked}")
    assert (answer.status_code, "<main" in answer.text) == (422, True)


async def test_everything_that_can_wait_has_words_and_a_record_to_go_to() -> None:
    states = [state for life in lives().values() for state in life.states.values() if state is not None]
    machines = aggregates.machines
    waits = {
        (machines[type(state)].AGGREGATE, each.who, each.why)
        for state in states
        for each in machines[type(state)].waiting(state)
    }
    assert len(waits) > 10
    for aggregate, who, why in waits:
        assert aggregate in words.PLACES, aggregate
        assert who in words.WHO
        assert why in words.WHY or why.startswith("check-"), why
        assert "-" not in words.why(why)


# Vacancies -------------------------------------------------------------------------------------------------------------


async def test_a_vacancy_is_shown_with_its_applicants_and_goes_on_where_a_page_ended(
    at_desk: Any, coordinator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "APPLICANTS", 2)
    browser, vacancy = await at_desk(), await a_vacancy(coordinator, posts=3)
    for _ in range(3):
        await an_application(coordinator, vacancy)
    assert (
        "Healthcare assistant Leeds Teaching Hospitals How far Advertised Posts filled 0 of 3 Applied 3"
        in await text(browser, f"{DESK}/vacancies?status=advertised")
    )
    page = (await browser.get(f"{DESK}/vacancies/{vacancy}")).text
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert following
    pages = page + (await browser.get(unescape(following[1]))).text
    assert len(set(re.findall(r'href="(/desk/candidacies/[^"]+)"', pages))) == 3
    assert "No vacancy is like that" in await text(browser, f"{DESK}/vacancies?status=withdrawn")


# One record ------------------------------------------------------------------------------------------------------------


async def test_a_record_tells_its_whole_history_by_whom_and_what_no_longer_stands(
    at_desk: Any, coordinator: Any, as_role: Any
) -> None:
    record = await a_candidate(coordinator, "record-values-interview")
    path = record.removeprefix(DESK)
    lines = (await coordinator.found(f"{path}/history"))["lines"]
    await coordinator.made(f"{path}/facts/{lines[-1]['id']}/void", {"reason": "wrong-person"})
    page = await text(await at_desk("coordinator", EVERYONE, "development-coordinator"), record)
    assert (
        "What happens next The employer , since 16 March 2023 Interview on the values Record the values interview"
        in page
    )
    assert "A fact of this service was taken back: values interview completed" in page
    assert "21 March 2023, by you · taken back · entered" in page
    assert "A person applied for a vacancy. 11 March 2023, by you" in page
    other = await text(await at_desk("coordinator", EVERYONE, "somebody-else"), record)
    assert "by development-coordinator" in other


async def test_a_record_leads_to_what_it_names_and_to_the_persons_other_applications(
    at_desk: Any, coordinator: Any
) -> None:
    browser, engagement = await at_desk(), await an_engagement(coordinator)
    one, other = [
        await an_application(coordinator, await a_vacancy(coordinator, employer=employer), engagement["id"])
        for employer in (HOSPITALS, COUNCIL)
    ]
    page = (await browser.get(f"{DESK}/candidacies/{one}")).text
    assert f'href="/desk/candidacies/{other}">Healthcare assistant, Leeds City Council' in page
    for path in re.findall(r'<dd[^>]*><a href="([^"]+)"', page):
        assert (await browser.get(path)).status_code == 200, path
    assert "Triage to a spoke" in await text(browser, f"{DESK}/engagements/{engagement['id']}")


async def test_a_record_whose_every_fact_was_taken_back_is_still_there_to_read(at_desk: Any, coordinator: Any) -> None:
    record = await a_candidate(coordinator)
    path = record.removeprefix(DESK)
    (line,) = (await coordinator.found(f"{path}/history"))["lines"]
    await coordinator.made(f"{path}/facts/{line['id']}/void", {"reason": "entered-twice"})
    browser = await at_desk()
    assert "Voided" in await text(browser, record)
    assert (await browser.get(f"{record}/shortlist")).status_code == 404


async def test_an_employer_sees_its_own_alone(at_desk: Any, coordinator: Any) -> None:
    own, others = await a_candidate(coordinator, "shortlist"), await a_candidate(coordinator, "shortlist", COUNCIL)
    browser = await at_desk("partner", HOSPITALS)
    for path in (DESK, f"{DESK}/vacancies"):
        shown = await text(browser, path)
        assert "Leeds Teaching Hospitals" in shown
        assert "Leeds City Council" not in shown
    assert (await browser.get(own)).status_code == 200
    found = await coordinator.found(own.removeprefix(DESK))
    theirs = await coordinator.found(others.removeprefix(DESK))
    programmes = f"{DESK}/engagements/{found['engagement_id']}"
    for path in (others, f"{others}/make-offer", f"{DESK}/vacancies/{theirs['vacancy_id']}", programmes):
        assert (await browser.get(path)).status_code == 404, path
    form = {**await form_of(browser, f"{own}/not-appoint"), "reason": "other"}
    assert (await browser.post(f"{others}/not-appoint", data=form)).status_code == 404
    assert await status_of(coordinator, others) == "shortlisted"
    assert (await browser.post(f"{own}/not-appoint", data=form)).status_code == 303


async def test_a_page_holds_ids_and_asks_for_names_only_where_people_is_under_the_same_host(
    at_desk: Any, coordinator: Any, app: FastAPI
) -> None:
    browser, record = await at_desk(), await a_candidate(coordinator)
    person = (await coordinator.found(record.removeprefix(DESK)))["person_id"]
    assert "data-names" not in (await browser.get(record)).text
    app.state.people_here = True
    page = (await browser.get(record)).text
    assert f'data-person="{person}"' in page
    mark = Principal("development-coordinator", frozenset({"coordinator"}), EVERYONE).mark
    assert f'<meta name="reader" content="{mark}">' in page, "people is told for whom it was drawn"


async def test_a_page_says_by_peoples_own_words_what_its_reader_does_on_it(
    at_desk: Any, coordinator: Any, app: FastAPI
) -> None:
    browser, record, app.state.people_here = await at_desk(), await a_candidate(coordinator), True
    vacancy = (await coordinator.found(record.removeprefix(DESK)))["vacancy_id"]
    shown = {DESK: Looking.LIST, f"{DESK}/vacancies/{vacancy}": Looking.LIST, record: Looking.RECORD,
             f"{record}/shortlist": Looking.ACT}  # fmt: skip
    for path, looking in shown.items():
        assert f'data-names="{looking}"' in (await browser.get(path)).text, path
    assert set(shown.values()) == set(Looking) <= {str(each) for each in LookReason}


@pytest.mark.parametrize("path", ["candidacies", "vacancies", "engagements", "appointables", "fairs"])
async def test_what_is_not_there_is_said_so_with_a_page(at_desk: Any, path: str) -> None:
    browser = await at_desk()
    assert (await browser.get(f"{DESK}/{path}/{uuid4()}")).status_code == 404
    assert (await browser.get(f"{DESK}/{path}/nothing")).status_code == 422


# Acts ------------------------------------------------------------------------------------------------------------------

SCORED = {f"scores-{value}": "4" for value in NhsValue}
GIVEN: dict[str, dict[str, str]] = {
    "shortlist": {},
    "record-values-interview": {
        **SCORED, "panel": "Leeds Teaching Hospitals\r\nleeds-city-council\r\n", "framework": "nhs-values-2023",
        "outcome": "passed",
    },
    "make-offer": {},
    "update-check": {"kind": "identity", "number": "1", "stands": "complete-satisfactory"},
    "clear": {},
    "agree-start": {"start_on": on(60)},
    "start": {"prior_employment": "unemployed"},
    "not-appoint": {"reason": "criteria-not-met"},
    "withdraw": {"reason": "transport"},
    "decline-offer": {"reason": "start-date"},
    "withdraw-offer": {"reason": "false-information"},
    "leave": {"reason": "education"},
}  # fmt: skip
AFTER = {
    "shortlist": None, "record-values-interview": "shortlist", "make-offer": "record-values-interview",
    "update-check": "make-offer", "clear": "update-check", "agree-start": "clear", "start": "agree-start",
    "not-appoint": "shortlist", "withdraw": "shortlist", "decline-offer": "make-offer", "withdraw-offer": "make-offer",
    "leave": "start",
}  # fmt: skip
DAY = {"agree-start": on(50), "start": on(60), "leave": on(70)}


ELSEWHERE = {
    ("candidacies", "accept-values-pass"), ("candidacies", "redirect"), ("candidacies", "return"), ("fairs", "cancel"),
    ("appointables", "offer"), ("appointables", "leave"),
}  # fmt: skip
"""What needs more than one record before it: tried by itself."""
OTHERS: list[tuple[str, str, dict[str, str], str]] = [
    ("vacancies", "authorise", {}, "authorised"),
    ("vacancies", "advertise", {"channels": "Talent hub\n", "shared": "yes", "closes_on": on(200)}, "advertised"),
    ("vacancies", "close", {}, "closed"),
    ("vacancies", "conclude", {}, "unfilled"),
    ("engagements", "triage", {"spoke": "Adult social care"}, "triaged"),
    ("fairs", "hold", {"attended": "140"}, "held"),
]
"""What is done with records of other kinds, in its order."""


def test_every_act_is_a_command_of_the_api_and_is_tried_here() -> None:
    every = {(words.PLACES[kind], name) for kind, acts in ACTS.items() for name in acts}
    assert set(GIVEN) == set(AFTER)
    assert every == ELSEWHERE | {("candidacies", name) for name in GIVEN} | {
        (place, name) for place, name, *_ in OTHERS
    }
    for acts in ACTS.values():
        for act in acts.values():
            assert act.taken.kind is not None
            assert act.roles


@pytest.mark.parametrize("name", GIVEN)
async def test_an_act_is_the_command_that_the_api_takes_by_whoever_is_signed_in(
    at_desk: Any, coordinator: Any, name: str
) -> None:
    record, browser = (
        await a_candidate(coordinator, AFTER[name]),
        await at_desk("coordinator", EVERYONE, "coordinator-7"),
    )
    form = {**await form_of(browser, f"{record}/{name}"), **GIVEN[name], "occurred_on": DAY.get(name, on(48))}
    answer = await browser.post(f"{record}/{name}", data=form)
    assert answer.status_code == 303, plain(answer)
    assert answer.headers["location"] == f"{record}?done={name}"
    assert ACTS["candidacy"][name].done in await text(browser, answer.headers["location"])
    *_, last = (await coordinator.found(f"{record.removeprefix(DESK)}/history"))["lines"]
    assert (last["actor"], last["said"]["occurred_on"]) == ("coordinator-7", form["occurred_on"])


async def test_what_waits_about_other_records_is_done_from_them(at_desk: Any, coordinator: Any) -> None:
    browser = await at_desk()
    planned = {"occurred_on": on(0), "name": "Spring fair", "employers": [HOSPITALS, COUNCIL], "planned_for": on(20)}
    made = {
        "vacancies": (await coordinator.made("/vacancies", a_draft()))["id"],
        "engagements": (await an_engagement(coordinator))["id"],
        "fairs": (await coordinator.made("/fairs", planned))["id"],
    }
    for turn, (place, name, given, status) in enumerate(OTHERS):
        path = f"{DESK}/{place}/{made[place]}"
        assert f'href="{path}/{name}"' in (await browser.get(path)).text, name
        form = {**await form_of(browser, f"{path}/{name}"), **given, "occurred_on": on(50 + turn)}
        answer = await browser.post(f"{path}/{name}", data=form)
        assert answer.status_code == 303, plain(answer)
        assert words.plain(status) in await text(browser, answer.headers["location"])
        assert (await coordinator.found(f"/{place}/{made[place]}"))["status"] == status
    assert (await browser.get(f"{DESK}/engagements/{made['engagements']}/authorise")).status_code == 404


async def done(browser: httpx2.AsyncClient, record: str, name: str, **given: str) -> httpx2.Response:
    """What is answered to an act from the page of a record, which offers it."""
    assert f'href="{record}/{name}"' in (await browser.get(record)).text, name
    return await browser.post(f"{record}/{name}", data={**await form_of(browser, f"{record}/{name}"), **given})


async def test_whoever_found_no_post_is_passed_on_or_offered_another_from_the_desk(
    at_desk: Any, coordinator: Any
) -> None:
    browser = await at_desk()
    candidacy, _ = await found_appointable(coordinator)
    target = f"https://service.test{DESK}/vacancies/{await a_vacancy(coordinator, employer=COUNCIL)}"
    member = f"{DESK}/appointables/{await pooled(coordinator, candidacy)}"
    stray = await done(browser, member, "offer", vacancy_id="the other one")
    assert (stray.status_code, "Give the address of a vacancy's page" in unescape(stray.text)) == (422, True)
    assert (await done(browser, member, "offer", vacancy_id=target)).status_code == 303
    offered = await coordinator.found(f"/appointables/{member.rpartition('/')[2]}")
    became = f"{DESK}/candidacies/{offered['offered_as']}"
    assert (await done(browser, became, "decline-offer", reason="transport")).status_code == 303
    assert (await done(browser, member, "leave", reason="Found other work")).status_code == 303
    record = f"{DESK}/candidacies/{candidacy}"
    wrong = await done(browser, record, "redirect", to="programme", vacancy_id=target)
    assert (wrong.status_code, "names where it leads" in wrong.text) == (422, True)
    refused = await done(browser, record, "redirect", to="programme", programme="Springboard")
    assert refused.status_code == 303, plain(refused)
    assert await status_of(coordinator, record) == "redirected"


async def test_a_pass_is_accepted_a_break_is_noted_and_a_fair_cancelled_from_the_desk(
    at_desk: Any, coordinator: Any
) -> None:
    browser = await at_desk()
    _, engagement = await found_appointable(coordinator)
    asked = {
        "occurred_on": ago(20),
        "engagement_id": engagement,
        "vacancy_id": str(await a_vacancy(coordinator, employer=COUNCIL)),
    }
    second = f"{DESK}/candidacies/{(await coordinator.made('/candidacies', asked))['id']}"
    await done(browser, second, "shortlist", occurred_on=ago(15))
    assert (await done(browser, second, "accept-values-pass")).status_code == 303
    assert await status_of(coordinator, second) == "interviewed"
    started = await a_candidate(coordinator, "start")
    await done(browser, started, "leave", reason="education", occurred_on=on(70))
    assert (await done(browser, started, "return", occurred_on=on(80))).status_code == 303
    assert await status_of(coordinator, started) == "started"
    planned = {"name": "Fair", "employers": [HOSPITALS, COUNCIL], "planned_for": ago(-14)}
    fair = f"{DESK}/fairs/{(await coordinator.made('/fairs', planned))['id']}"
    assert "in 14 days" in await text(browser, DESK)
    assert (await done(browser, fair, "cancel", reason="Venue lost")).status_code == 303
    assert await status_of(coordinator, fair) == "cancelled"


async def test_a_check_whose_number_is_anything_is_shown_and_no_defect(at_desk: Any, coordinator: Any) -> None:
    record, browser = await a_candidate(coordinator, "make-offer"), await at_desk()
    answer = await browser.get(f"{record}/update-check", params={"kind": "reference", "number": "9" * 5000})
    assert answer.status_code == 200


async def test_an_employer_does_to_its_own_vacancy_what_the_api_lets_it(at_desk: Any, coordinator: Any) -> None:
    own, others = [
        (await coordinator.made("/vacancies", a_draft(employer=employer)))["id"] for employer in (HOSPITALS, COUNCIL)
    ]
    browser = await at_desk("partner", HOSPITALS)
    form = await form_of(browser, f"{DESK}/vacancies/{own}/authorise")
    assert (await browser.post(f"{DESK}/vacancies/{others}/authorise", data=form)).status_code == 404
    assert (await browser.post(f"{DESK}/vacancies/{own}/authorise", data=form)).status_code == 303
    assert (await browser.get(f"{DESK}/engagements/{own}/triage")).status_code == 403


async def test_a_second_click_is_the_first_one(at_desk: Any, coordinator: Any) -> None:
    record, browser = await a_candidate(coordinator, "make-offer"), await at_desk()
    path = f"{record}/update-check"
    form = {**await form_of(browser, path), **GIVEN["update-check"]}
    answers = await asyncio.gather(*(browser.post(path, data=form) for _ in range(5)))
    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {
        (303, f"{record}?done=update-check")
    }
    lines = (await coordinator.found(f"{record.removeprefix(DESK)}/history"))["lines"]
    assert [line["type"].split(".")[-2] for line in lines].count("employment-check-updated") == 1


async def test_of_two_who_act_at_once_the_second_is_told_what_the_first_did(at_desk: Any, coordinator: Any) -> None:
    record = await a_candidate(coordinator, "shortlist")
    first, second = await at_desk("coordinator", EVERYONE, "first"), await at_desk("coordinator", EVERYONE, "second")
    path = f"{record}/record-values-interview"
    forms = [{**await form_of(each, path), **GIVEN["record-values-interview"]} for each in (first, second)]
    assert (await first.post(path, data=forms[0])).status_code == 303
    late = await second.post(path, data={**forms[1], "outcome": "not-passed"})
    assert late.status_code == 412
    said = plain(late)
    assert "Somebody was first. Nothing of yours was saved." in said
    assert "A panel interviewed the candidate on the six values." in said
    assert ", by first" in said
    found = await coordinator.found(record.removeprefix(DESK))
    assert found["values_outcome"] == "passed"


async def test_who_was_first_with_one_check_stops_the_other_until_they_have_seen_it(
    at_desk: Any, coordinator: Any
) -> None:
    record = await a_candidate(coordinator, "make-offer")
    first, second = await at_desk("coordinator", EVERYONE, "first"), await at_desk("coordinator", EVERYONE, "second")
    path = f"{record}/update-check"
    one = {**await form_of(first, path), **GIVEN["update-check"]}
    other = {**await form_of(second, path), **GIVEN["update-check"], "kind": "right-to-work"}
    await first.post(path, data=one)
    late = await second.post(path, data=other)
    assert late.status_code == 412
    shown = dict(
        re.findall(r'<input type="hidden"(?: id="\w+")? name="(\w+)" value="([^"]*)"', late.text.partition("<main")[2])
    )
    assert (shown["kind"], 'value="complete-satisfactory" checked' in late.text) == ("right-to-work", True)
    assert (await second.post(path, data={**other, **shown})).status_code == 303


WRONG: dict[str, list[tuple[dict[str, str], str, str]]] = {
    "record-values-interview": [
        ({"scores-compassion": "9"}, "scores", "Give each of the six values a score from 0 to 5"),
        ({"scores-compassion": "many"}, "scores", "Give each of the six values a score from 0 to 5"),
        ({"scores-compassion": ""}, "scores", "Give each of the six values a score from 0 to 5"),
        ({"panel": "one-alone"}, "panel", "at least two members"),
        ({"panel": "Who?\nWhat?"}, "panel", "at least two members"),
        ({"outcome": ""}, "outcome", "Choose whether they passed"),
        ({"framework": "Ours & yours"}, "framework", "as in nhs-values-2023"),
        ({"occurred_on": "tomorrow"}, "occurred_on", "Enter a day, not in the future"),
        ({"occurred_on": FAR.isoformat()}, "occurred_on", "It is dated in the future"),
        (
            {"occurred_on": on(1)},
            "occurred_on",
            "It is dated before the step that it follows: the step before it is dated",
        ),
    ],
    "update-check": [
        ({"stands": ""}, "stands", "Choose how it stands"),
        ({"kind": "qualifications"}, "kind", "Role and employer do not need this check"),
        ({"kind": "nonsense"}, "kind", "This application has no such check"),
        ({"stands": "complete-refused", "valid_until": FAR.isoformat()}, "valid_until", "Only a satisfactory check is"),
    ],
    "not-appoint": [({"reason": "because"}, "reason", "Choose a reason")],
    "start": [({"prior_employment": ""}, "prior_employment", "Choose where they came from")],
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_refused_is_said_beside_its_field_and_what_was_given_is_kept(
    at_desk: Any, coordinator: Any, name: str
) -> None:
    record, browser = await a_candidate(coordinator, AFTER[name]), await at_desk()
    before = await coordinator.found(record.removeprefix(DESK))
    form = {**await form_of(browser, f"{record}/{name}"), **GIVEN[name]}
    for given, field, said in WRONG[name]:
        answer = await browser.post(f"{record}/{name}", data={**form, **given})
        assert answer.status_code == 422, given
        assert re.search(rf'<a href="#{field}">[^<]*{re.escape(said)}', answer.text), given
        assert f'id="{field}"' in answer.text
        assert plain(answer).count(said) >= 2, "in the summary, and beside the field"
        if "framework" in form and "framework" not in given:
            assert 'value="nhs-values-2023"' in answer.text
    assert await coordinator.found(record.removeprefix(DESK)) == before


async def test_what_the_state_does_not_allow_is_said_with_what_stands_against_it(
    at_desk: Any, coordinator: Any
) -> None:
    record, browser = await a_candidate(coordinator, "make-offer"), await at_desk()
    answer = await browser.post(f"{record}/clear", data=await form_of(browser, f"{record}/clear"))
    assert answer.status_code == 409
    assert "Required checks are not satisfactory: identity 1, right-to-work 1" in plain(answer)
    assert "that is not possible now" in await text(browser, f"{record}/shortlist")
    assert (await browser.get(f"{record}/sustain")).status_code == 404


@pytest.mark.parametrize("without", ["csrf", "key", "version"])
async def test_a_form_that_no_page_of_ours_showed_does_nothing(at_desk: Any, coordinator: Any, without: str) -> None:
    record, browser = await a_candidate(coordinator), await at_desk()
    form = await form_of(browser, f"{record}/shortlist")
    for wrong in ({**form, without: "é"}, {name: text for name, text in form.items() if name != without}):
        if (without, wrong.get("key")) == ("key", "é"):
            continue  # any key is a key
        answer = await browser.post(f"{record}/shortlist", data=wrong)
        assert answer.status_code == (403 if without == "csrf" else 422)
    assert await status_of(coordinator, record) == "applied"


async def test_a_key_that_came_with_another_form_is_told_apart(at_desk: Any, coordinator: Any) -> None:
    record, browser = await a_candidate(coordinator, "make-offer"), await at_desk()
    path = f"{record}/update-check"
    form = {**await form_of(browser, path), **GIVEN["update-check"]}
    assert (await browser.post(path, data=form)).status_code == 303
    answer = await browser.post(path, data={**form, "stands": "complete-refused"})
    assert (answer.status_code, "This form was sent before" in plain(answer)) == (422, True)
