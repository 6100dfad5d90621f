"""What the service is made of: routes, deadlines, and its state after a restore."""

from collections.abc import Sequence

from fastapi import APIRouter

from kit.process import Service
from kit.settings import Settings
from learning import api
from learning.store import aggregates
from schemas.learning import SERVICE


def _routers(settings: Settings) -> Sequence[APIRouter]:
    return api.ROUTERS


service = Service(
    name=SERVICE,
    title="Learning",
    description="What the city's staff learn, together and with each other: courses, cohorts, places, registers.",
    package="learning",
    settings=Settings,
    routers=_routers,
    fire=aggregates.fall_due,
    rebuild=aggregates.rebuild,
)
