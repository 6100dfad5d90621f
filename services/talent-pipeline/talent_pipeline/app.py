"""What the service is made of: routes, pages, partners' claims, the facts of people, deadlines, its state after a restore."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kit.claims import ClaimReader
from kit.service import Reading, Service
from kit.settings import Settings
from schemas.people import SERVICE as PEOPLE
from schemas.talent_pipeline import SERVICE, ClaimAnswered
from talent_pipeline import contract
from talent_pipeline.handlers import falling_due, restoring
from talent_pipeline.settings import TalentPipelineSettings
from talent_pipeline.store import PERSONS, aggregates

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI


def _routers(settings: Settings) -> "Sequence[APIRouter]":
    from talent_pipeline import api, desk, pages

    return (*api.ROUTERS, pages.router, *desk.ROUTERS)


def _readings(settings: Settings) -> Sequence[Reading]:
    return (
        Reading.of_claims(ClaimReader(SERVICE, contract.CLAIMS, ClaimAnswered)),
        Reading.of_facts(settings, f"{SERVICE}.people", (PEOPLE,), contract.PERSONS, PERSONS.hear),
    )


def _state(app: "FastAPI", settings: Settings) -> None:
    from kit.links import Visitors
    from talent_pipeline.links import AUDIENCE, ISSUER, Links

    assert isinstance(settings, TalentPipelineSettings)
    app.state.links = Links(ISSUER, settings.link_key, settings.public_url, settings.equality_monitoring_url)
    app.state.visitors = Visitors(ISSUER, AUDIENCE, settings.link_keys)
    app.state.people_here = settings.people_here


service = Service(
    name=SERVICE,
    title="Talent pipeline",
    description="From interest to a job that is kept: campaigns, vacancies, candidacies, checks, starts, and the pool.",
    package="talent_pipeline",
    settings=TalentPipelineSettings,
    routers=_routers,
    readings=_readings,
    fire=falling_due.fall_due,
    schedule=aggregates.schedule,
    state=_state,
    rebuild=restoring.rebuild,
)
