"""What the service is made of: routes, reactions to other services' facts, deadlines, and its state after a restore."""

from collections.abc import Sequence

from kit.inbox import FactReader, each
from kit.process import Reading, Service
from kit.settings import Settings
from mobility import api, contract, handlers
from mobility.reactions import CONSUMER
from mobility.store import aggregates
from schemas import learning
from schemas import talent_pipeline as tp
from schemas.envelope import events_topic
from schemas.mobility import SERVICE


def _readings(settings: Settings) -> Sequence[Reading]:
    reader = FactReader(
        consumer=CONSUMER,
        accepts=tuple(contract.ACCEPTS),
        ignores=contract.IGNORES,
        apply=each(CONSUMER, contract.ACCEPTS),
        ceiling=settings.ceiling,
    )
    return (Reading(reader, topics=(events_topic(learning.SERVICE), events_topic(tp.SERVICE))),)


service = Service(
    name=SERVICE,
    title="Mobility",
    description="Staff of one organisation at work for another: the framework, needs, passports, and the moves themselves.",
    package="mobility",
    settings=Settings,
    routers=lambda settings: api.ROUTERS,
    readings=_readings,
    fire=handlers.fall_due,
    rebuild=aggregates.rebuild,
)
