"""What the service is made of: routes, and deadlines."""

from kit.process import Service
from kit.settings import Settings
from mobility import api, handlers
from mobility.store import aggregates
from schemas.mobility import SERVICE

service = Service(
    name=SERVICE,
    title="Mobility",
    description="Staff of one organisation at work for another: the framework, and who has signed it.",
    package="mobility",
    settings=Settings,
    routers=lambda settings: api.ROUTERS,
    fire=handlers.fall_due,
    rebuild=aggregates.rebuild,
)
