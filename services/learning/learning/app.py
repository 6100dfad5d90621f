"""What the service is made of: routes, partners' claims, other services' facts, deadlines, and its state after a restore."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kit.claims import ClaimReader
from kit.inbox import FactReader, each
from kit.service import Reading, Service
from kit.settings import Settings
from learning import claims, contract
from learning.handlers import forgetting
from learning.reactions import CONSUMER
from learning.store import aggregates
from schemas import mobility, people
from schemas import talent_pipeline as tp
from schemas.envelope import events_topic
from schemas.learning import SERVICE, ClaimAnswered

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI


def _routers(settings: Settings) -> "Sequence[APIRouter]":
    from learning import api, pages

    return (*api.ROUTERS, pages.router)


def _state(app: "FastAPI", settings: Settings) -> None:
    """Beside the links that are given here, those in people's letters are believed."""
    from kit.links import Visitors

    app.state.visitors = Visitors(people.SERVICE, SERVICE, settings.link_keys)


def _readings(settings: Settings) -> Sequence[Reading]:
    reader = FactReader(
        consumer=CONSUMER,
        accepts=tuple(contract.FACTS),
        ignores=contract.IGNORES,
        apply=each(CONSUMER, contract.FACTS),
        ceiling=settings.ceiling,
    )
    persons = FactReader(
        consumer=forgetting.CONSUMER,
        accepts=tuple(contract.PERSONS),
        ignores=contract.IGNORES,
        apply=forgetting.hear,
        ceiling=settings.ceiling,
    )
    claimed = ClaimReader(SERVICE, claims.ACCEPTS, ClaimAnswered)
    return (
        Reading(claimed, pattern=claimed.pattern),
        Reading(reader, topics=(events_topic(tp.SERVICE), events_topic(mobility.SERVICE))),
        Reading(persons, topics=(events_topic(people.SERVICE),)),
    )


service = Service(
    name=SERVICE,
    title="Learning",
    description="What the city's staff learn, together and with each other: courses, cohorts, places, registers, core skills.",
    package="learning",
    settings=Settings,
    routers=_routers,
    readings=_readings,
    state=_state,
    fire=aggregates.fall_due,
    rebuild=aggregates.rebuild,
)
