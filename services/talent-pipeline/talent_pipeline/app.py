"""What the service is made of: routes, pages, partners' claims, the facts of people, deadlines, its state after a restore."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kit.claims import ClaimReader
from kit.inbox import FactReader
from kit.service import Reading, Service
from kit.settings import Settings
from schemas.envelope import events_topic
from schemas.people import SERVICE as PEOPLE
from schemas.talent_pipeline import SERVICE, ClaimAnswered
from talent_pipeline import claims, contract, handlers
from talent_pipeline.settings import TalentPipelineSettings
from talent_pipeline.store import PERSONS, aggregates

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI


def _routers(settings: Settings) -> "Sequence[APIRouter]":
    from talent_pipeline import api, desk
    from talent_pipeline.pages import routes

    return (*api.ROUTERS, routes.router, *desk.ROUTERS)


def _readings(settings: Settings) -> Sequence[Reading]:
    reader = ClaimReader(SERVICE, claims.ACCEPTS, ClaimAnswered)
    people = FactReader(
        consumer=f"{SERVICE}.people",
        accepts=tuple(contract.FACTS),
        ignores=contract.IGNORES,
        apply=PERSONS.hear,
        ceiling=settings.ceiling,
    )
    return (Reading(reader, pattern=reader.pattern), Reading(people, topics=(events_topic(PEOPLE),)))


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
    fire=aggregates.fall_due,
    state=_state,
    rebuild=handlers.rebuild,
)
