"""What the service is made of."""

from fastapi import FastAPI

from equality_monitoring import api
from equality_monitoring.links import AUDIENCE, ISSUER
from equality_monitoring.pages import routes
from equality_monitoring.settings import EqualityMonitoringSettings
from kit.links import Visitors
from kit.process import Service
from kit.settings import Settings
from schemas.equality_monitoring import SERVICE


def _state(app: FastAPI, settings: Settings) -> None:
    assert isinstance(settings, EqualityMonitoringSettings)
    app.state.visitors = Visitors(ISSUER, AUDIENCE, settings.link_keys)
    app.state.cookie_secure = settings.cookie_secure


service = Service(
    name=SERVICE,
    title="Equality monitoring",
    description="What people tell of themselves for equality monitoring: given, changed and withdrawn by them alone.",
    package="equality_monitoring",
    settings=EqualityMonitoringSettings,
    routers=lambda settings: (api.router, routes.router),
    state=_state,
)
