"""What the service is made of: routes, partners' claims, other services' facts, deadlines, its state after a restore."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kit.claims import ClaimReader
from kit.inbox import FactReader, each
from kit.service import Reading, Service
from kit.settings import Settings
from mobility import claims, contract
from mobility.handlers import agreement
from mobility.reactions import CONSUMER
from mobility.store import PERSONS, aggregates
from schemas import learning, people
from schemas import talent_pipeline as tp
from schemas.envelope import events_topic
from schemas.mobility import SERVICE, ClaimAnswered

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI


def _routers(settings: Settings) -> "Sequence[APIRouter]":
    from mobility import api, pages

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
        consumer=f"{SERVICE}.people",
        accepts=tuple(contract.PERSONS),
        ignores=contract.IGNORES,
        apply=PERSONS.hear,
        ceiling=settings.ceiling,
    )
    claimed = ClaimReader(SERVICE, claims.ACCEPTS, ClaimAnswered)
    return (
        Reading(claimed, pattern=claimed.pattern),
        Reading(reader, topics=(events_topic(learning.SERVICE), events_topic(tp.SERVICE))),
        Reading(persons, topics=(events_topic(people.SERVICE),)),
    )


service = Service(
    name=SERVICE,
    title="Mobility",
    description="Staff of one organisation at work for another: the framework, needs, passports, and the moves themselves.",
    package="mobility",
    settings=Settings,
    routers=_routers,
    readings=_readings,
    state=_state,
    fire=agreement.fall_due,
    rebuild=aggregates.rebuild,
)
