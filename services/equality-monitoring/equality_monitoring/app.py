"""What the service is made of."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from equality_monitoring import contract, handlers
from equality_monitoring.retention import SCHEDULE
from kit.service import Reading, Service
from kit.settings import Settings
from schemas.equality_monitoring import SERVICE
from schemas.people import SERVICE as PEOPLE

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI


def _routers(settings: Settings) -> "Sequence[APIRouter]":
    from equality_monitoring import api, pages
    from kit.routes import retention

    return (api.router, pages.router, retention.router_of(handlers.Keeps()))


def _state(app: "FastAPI", settings: Settings) -> None:
    from equality_monitoring.links import AUDIENCE, ISSUER
    from kit.links import Visitors

    app.state.visitors = Visitors(ISSUER, AUDIENCE, settings.link_keys)


def _readings(settings: Settings) -> Sequence[Reading]:
    return (Reading.of_facts(settings, f"{SERVICE}.people", (PEOPLE,), contract.PERSONS, handlers.hear),)


service = Service(
    name=SERVICE,
    title="Equality monitoring",
    description="What people tell of themselves for equality monitoring: given, changed and withdrawn by them alone.",
    package="equality_monitoring",
    settings=Settings,
    routers=_routers,
    readings=_readings,
    fire=handlers.fall_due,
    schedule=SCHEDULE,
    state=_state,
)
