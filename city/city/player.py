"""Plays the example: opens campaigns, advertises vacancies, and lets everybody's journey run, as many at once as the city takes."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx2
from rich.console import Console
from rich.progress import Progress

from city import board, lending, monitoring
from city.client import PLAIN, Caller, PartnerSystem, partner_system
from city.compliance import STAFF, Compliance
from city.journeys import City, Journey, Place, fact_of
from city.learning import ORGANISATIONS, Academy, employed
from city.lending import Lending
from city.moves import PUT_FORWARD, Winter
from city.partner_journeys import PartnerJourney
from city.pathways import APPRENTICES, STUDENTS, Pathways
from city.people import Person, people
from city.registering import employ, known, register, until_heard
from city.scenery import CLAIMING, EMPLOYERS, Scenery, scenery
from city.signatories import Framework
from city.skills import TRAINED, Skills
from city.stage import Stage
from city.starters import Starters
from kit.clock import now
from schemas.values import business_date

PARTNERS = CLAIMING
AT_ONCE = 12
"""Journeys at the same time: as many as two processors are busy with."""


MOVERS = "leeds-community-healthcare"
"""Who registers the staff that is trained or lent."""
OTHERS = PUT_FORWARD + TRAINED + STAFF * len(CLAIMING) + STUDENTS + APPRENTICES
"""How many they are, beside those who learn in cohorts."""


@dataclass
class Played:
    """What was played."""

    calls: int
    claims: int
    events: int
    placement: str
    """A candidacy of the pipeline that started: what `--check` voids and restores."""


async def play(stage: Stage, seed: int, progress: Progress, *, unknowns: bool = False) -> Played:
    """Play the whole example. Raises client.Refused where a service does not do what the story asks."""
    today = business_date(now())
    async with AsyncExitStack() as stack:
        clients = {
            name: await stack.enter_async_context(httpx2.AsyncClient(base_url=stage.url(f"{name}.api"), timeout=30))
            for name in ("talent-pipeline", "equality-monitoring", "learning", "mobility")
        }
        hub = Caller(clients["talent-pipeline"], stage.token("coordinator"))
        desk = Caller(clients["mobility"], stage.token("coordinator"))
        systems = [
            await stack.enter_async_context(partner_system(stage.broker.bootstrap, partner, "talent-pipeline"))
            for partner in CLAIMING
        ]
        everybody = people(seed, unknowns=unknowns)
        academy = await _academy(stage, clients["learning"], today, seed)
        cohorts = academy.cohorts()
        city, ids = await asyncio.gather(
            set_scene(hub, scenery(seed, today), today, seed), register(stage, everybody, CLAIMING, seed)
        )
        learners = await employ(stage, employed(cohorts))
        others = iter(await known(stage, MOVERS, *(f"{turn}" for turn in range(OTHERS))))
        journeys = await _journeys(city, systems, everybody, ids)
        started: list[Journey] = []
        await Framework(desk, today).sign_up()
        teacher = Caller(clients["learning"], stage.token("coordinator"))
        lent = await known(stage, lending.HOME, *(f"bank-{turn}" for turn in range(lending.LENT)))
        bank, ward = [
            await stack.enter_async_context(partner_system(stage.broker.bootstrap, partner, "mobility"))
            for partner in (lending.HOME, lending.HOST)
        ]
        await asyncio.gather(
            Winter(desk, teacher, today, seed, others).pass_by(), Lending(bank, ward, today, lent).go()
        )

        async def one(person: Person, journey: Journey | PartnerJourney) -> None:
            await journey.go()
            await _declare(hub, clients, person, journey.person_id)
            if isinstance(journey, Journey) and _plain_start(person):
                started.append(journey)

        sectors = ORGANISATIONS | {"roundhay-nursing": "independent-provider"}
        await Skills(teacher, sectors, today, seed, others).enter(sorted(EMPLOYERS))
        await Compliance(teacher, today, seed, others).enter(CLAIMING)
        await Pathways(teacher, today, seed, others).enter()
        starters = Starters(teacher, today, seed)
        await starters.bring([(each.person_id, each.first_day) for _, each in journeys], sorted(ORGANISATIONS))
        learning = progress.add_task("cohorts", total=len(cohorts))
        await _at_once(
            [(lambda cohort=cohort: academy.enter(cohort, learners)) for cohort in cohorts],  # type: ignore[misc]
            lambda: progress.advance(learning),
        )
        task = progress.add_task("people", total=len(journeys))
        await _at_once(
            [(lambda person=person, journey=journey: one(person, journey)) for person, journey in journeys],  # type: ignore[misc]
            lambda: progress.advance(task),
        )
        await starters.learn(hub)
        page = await hub.get("/candidacies", person_id=started[0].person_id)
        said, _ = await stage.said()
        return Played(
            hub.calls + desk.calls,
            sum(len(system.answers) for system in systems),
            len(said),
            str(page["rows"][0]["id"]),
        )


async def _academy(stage: Stage, client: httpx2.AsyncClient, today: date, seed: int) -> Academy:
    """The Academy with its catalogue; three partners book for themselves."""
    partners = {name: Caller(client, stage.token("partner", name)) for name in CLAIMING}
    academy = Academy(Caller(client, stage.token("coordinator")), partners, today, seed)
    await academy.publish()
    return academy


def _plain_start(person: Person) -> bool:
    """Somebody who started once, by the pipeline."""
    return not person.by_campaign and person.ending == "started" and person.second_start is None


async def set_scene(hub: Caller, scene: Scenery, today: Any, seed: int) -> City:
    """Campaigns open, fairs held, vacancies advertised."""
    campaigns = []
    for campaign in scene.campaigns:
        made = await hub.do("POST", "/campaigns", campaign.plan)
        campaigns.append((str(made["id"]), campaign))
    fairs = []
    for fair in scene.fairs:
        made = await hub.do("POST", "/fairs", fair)
        await hub.do("POST", f"/fairs/{made['id']}/hold", {"attended": 140, "occurred_on": fair["planned_for"]})
        fairs.append(str(made["id"]))
    places = await advertise(hub, scene, today)
    for id_, _ in campaigns:
        await _until_over(hub, id_)
    return City(hub, places, campaigns, fairs, today, seed)


async def advertise(hub: Caller, scene: Scenery, today: Any) -> list[Place]:
    """The scene's vacancies, open for applications."""
    advertised = scene.advertised_on.isoformat()
    places = []
    for vacancy in scene.vacancies:
        made = await hub.do("POST", "/vacancies", vacancy)
        await hub.do("POST", f"/vacancies/{made['id']}/authorise", {"occurred_on": advertised})
        closes = (today + timedelta(days=60)).isoformat()
        said = {"channels": ["city-jobs-board", "social-media"], "shared": True, "closes_on": closes}
        await hub.do("POST", f"/vacancies/{made['id']}/advertise", {**said, "occurred_on": advertised})
        places.append(Place(str(made["id"]), vacancy["employer"]))
    return places


async def _until_over(hub: Caller, campaign: str) -> None:
    """A campaign opens and closes by itself, on the days that were planned: these lie in the past, so it is soon over."""
    async with asyncio.timeout(60):
        while (await hub.get(f"/campaigns/{campaign}"))["status"] != "closed":  # noqa: ASYNC110 its API tells nobody
            await asyncio.sleep(0.1)


async def _journeys(
    city: City, systems: Sequence[PartnerSystem], everybody: Iterable[Person], ids: Mapping[int, str]
) -> list[tuple[Person, Journey | PartnerJourney]]:
    """Everybody's journey: by a partner's system where the story says so."""
    homes = [await own_vacancy(city, system) for system in systems]
    journeys: list[tuple[Person, Journey | PartnerJourney]] = []
    for person in everybody:
        if person.by_partner:
            turn = person.number % len(systems)
            journeys.append((person, PartnerJourney(city, systems[turn], homes[turn], person, ids[person.number])))
        else:
            journeys.append((person, Journey(city, person, ids[person.number])))
    return journeys


async def own_vacancy(city: City, system: PartnerSystem, number: int = 1) -> str:
    """A vacancy that the partner's own system claims; its reference there."""
    day = city.today - timedelta(days=600)
    reference = f"{system.partner}/vacancy/{number}"
    await system.accepted(
        "vacancy-claimed",
        {
            "vacancy": reference, "posts": 40, "accepts_values_pass": False, "channels": ["own-site"], "shared": False,
            "closes_on": (city.today + timedelta(days=60)).isoformat(), "occurred_on": day.isoformat(),
            "role": {
                "title": "Support worker", "soc2020": "6135", "pay_framework": "local", "grade": "2", "weekly_hours": 30.0,
                "contract": "permanent", "sector_rules": "employer-policy", "qualification_needed": False,
                "duties": "no-contact", "dbs_level": "basic",
            },
        },
        mode="structured",
    )  # fmt: skip
    return reference


async def _declare(hub: Caller, clients: dict[str, httpx2.AsyncClient], person: Person, person_id: str) -> None:
    """Those who came by a campaign are asked, and a quarter of the others; some put right what they said first."""
    if person.ethnic_category is None or not (person.by_campaign or person.number % 4 == 0):
        return
    async with httpx2.AsyncClient(timeout=30, verify=PLAIN) as browser:
        token = await monitoring.follow_link(hub, browser, person_id)
    equality = clients["equality-monitoring"]
    if person.corrected_from:
        await monitoring.declare(equality, person_id, token, {"ethnic_category": person.corrected_from})
    await monitoring.declare(equality, person_id, token, {"ethnic_category": person.ethnic_category})


async def _at_once(jobs: Sequence[Callable[[], Awaitable[None]]], done: Callable[[], None]) -> None:
    """Run the jobs, a few at a time. The first failure ends all."""
    places = asyncio.Semaphore(AT_ONCE)

    async def run(job: Callable[[], Awaitable[None]]) -> None:
        async with places:
            await job()
        done()

    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(run(job))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def check(stage: Stage, console: Console, played: Played) -> bool:
    """Whether Q6 follows a placement that is voided and restored, and stays when its person is erased."""
    async with (
        httpx2.AsyncClient(base_url=stage.url("talent-pipeline.api"), timeout=30) as client,
        httpx2.AsyncClient(base_url=stage.url("people.api"), timeout=30) as vault,
        httpx2.AsyncClient(base_url=stage.url("reporting.api"), timeout=30) as figures,
    ):
        hub = Caller(client, stage.token("coordinator"))

        async def q6() -> float | None:
            await stage.settle()
            lines = await board.ask(figures, stage.token("board"))
            return next(line.computed["value"] for line in lines if line.figure == "q6")

        before = await q6()
        start = await fact_of(hub, played.placement, "candidate-placed")
        path = f"/candidacies/{played.placement}/facts/{start}"
        await hub.do("POST", f"{path}/void", {"reason": "entered-in-error"})
        voided = await q6()
        await hub.do("POST", f"{path}/restore", {"reason": "entered-in-error"})
        restored = await q6()
        console.print(f"one placement voided: Q6 {before:g} -> {voided:g}; restored: {restored:g}")
        person = (await hub.get(f"/candidacies/{played.placement}"))["person_id"]
        await _erase(stage, vault, person)
        forgotten = person not in json.dumps(await hub.get(f"/candidacies/{played.placement}/history"))
        erased = await q6()
        console.print(f"its person erased: {'forgotten' if forgotten else 'still known'}; Q6 {erased:g}")
    return before is not None and forgotten and (voided, restored, erased) == (before - 1, before, before)


async def _erase(stage: Stage, vault: httpx2.AsyncClient, person: str) -> None:
    """Asked for by the coordinator, approved by the data protection officer, and heard by every service that speaks of people."""
    asked = await Caller(vault, stage.token("coordinator")).do("POST", "/erasures", {"person_id": person})
    officer = Caller(vault, stage.token("data-protection-officer"))
    await officer.do("POST", f"/erasures/{asked['id']}/approve")
    await until_heard(stage)
