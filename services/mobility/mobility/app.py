"""What the service is made of: routes, partners' claims, other services' facts, deadlines, its state after a restore."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kit.claims import ClaimReader
from kit.inbox import each
from kit.service import Reading, Service
from kit.settings import Settings
from mobility import contract
from mobility.handlers import falling_due, identities, restoring
from mobility.reactions import CONSUMER
from mobility.store import aggregates
from schemas import people
from schemas.mobility import SERVICE, ClaimAnswered

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI


def _routers(settings: Settings) -> "Sequence[APIRouter]":
    from mobility import api, pages

    return (*api.ROUTERS, pages.router)


def _state(app: "FastAPI", settings: Settings) -> None:
    """Beside the links that are given here, those in people's letters are believed."""
    from kit.links import Visitors
    from mobility.links import AUDIENCE, ISSUER

    app.state.visitors = Visitors(ISSUER, AUDIENCE, settings.link_keys)


def _readings(settings: Settings) -> Sequence[Reading]:
    followed = each(CONSUMER, contract.FACTS)
    return (
        Reading.of_claims(ClaimReader(SERVICE, contract.CLAIMS, ClaimAnswered)),
        Reading.of_facts(settings, CONSUMER, contract.HEARD, contract.FACTS, followed),
        Reading.of_facts(settings, identities.CONSUMER, (people.SERVICE,), contract.PERSONS, identities.hear),
    )


service = Service(
    name=SERVICE,
    title="Mobility",
    description="Staff of one organisation at work for another: the framework, needs, passports, and the moves themselves.",
    package="mobility",
    settings=Settings,
    routers=_routers,
    readings=_readings,
    fire=falling_due.fall_due,
    schedule=aggregates.schedule,
    state=_state,
    rebuild=restoring.rebuild,
)
