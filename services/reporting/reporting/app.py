"""What reporting is made of: the reader, the routes and the pages."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kit.database import EVERYONE
from kit.projections import Projection
from kit.service import Service
from kit.settings import Settings
from reporting import contract
from reporting.projector import COMPARED, projector
from reporting.settings import ReportingSettings

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI


def _routers(settings: Settings) -> "Sequence[APIRouter]":
    from reporting import api
    from reporting.pages import sign_in, views

    return (api.router, views.router, sign_in.router)


def _state(app: "FastAPI", settings: Settings) -> None:
    from reporting.access import Answers

    app.state.answers = Answers()


service = Service(
    name="reporting",
    title="Reporting",
    description="Facts to figures: what the programme has come to, each figure with its rule and what stands behind it.",
    package="reporting",
    settings=ReportingSettings,
    routers=_routers,
    projection=Projection(contract.PROJECTION, projector, contract.TOPICS, COMPARED),
    organisation=EVERYONE,
    worker="projector",
    state=_state,
)
