"""What services declare in their `contract.py`, and what follows from it: which topics they own, which they read.

A contract has EMITS, ACCEPTS and IGNORES (classes of messages), and may have TOPICS. There a `Topic` is the service's own, in place
of the one that every service has; a name is a topic that it reads, in place of those that follow from what it accepts.
"""

import importlib
import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from kit import topics
from kit.topics import Topic
from oneworkforce.answering import MISUSED, Problem
from oneworkforce.configuration import Configuration, Service
from schemas.envelope import events_topic
from schemas.fact import Claim, Fact, Message

if TYPE_CHECKING:
    from kit.service import Service as Parts


@dataclass(frozen=True)
class Declared:
    """What one service says and hears."""

    name: str
    principal: str
    emits: Sequence[type[Message]]
    accepts: Sequence[type[Message]]
    ignores: Sequence[type[Message]]
    own: Sequence[Topic]
    named: Sequence[str]

    @property
    def facts(self) -> list[type[Fact]]:
        """The facts that it says."""
        return [kind for kind in self.emits if issubclass(kind, Fact)]

    @property
    def takes_claims(self) -> bool:
        return any(issubclass(kind, Claim) for kind in self.accepts)

    def reads(self, every: Iterable["Declared"]) -> list[str]:
        """The topics of other services that it reads."""
        if self.named:
            return sorted(self.named)
        owned = {each.name: [topic.name for topic in each.own] for each in every}
        services = {kind.SERVICE for kind in self.accepts if issubclass(kind, Fact)} - {self.name}
        return sorted(name for service in services for name in owned.get(service, [events_topic(service)]))


def of(service: Service) -> Declared:
    """A service's declaration. Raises Problem where it has no contract."""
    contract = _module(service, "contract")
    emits = tuple(getattr(contract, "EMITS", ()))
    given = getattr(contract, "TOPICS", ())
    own = [topic for topic in given if isinstance(topic, Topic)]
    if not own and any(issubclass(kind, Fact) for kind in emits):
        own = [topics.events(service.name)]
    return Declared(
        name=service.name,
        principal=service.principal,
        emits=emits,
        accepts=tuple(getattr(contract, "ACCEPTS", ())),
        ignores=tuple(getattr(contract, "IGNORES", ())),
        own=own,
        named=[topic for topic in given if isinstance(topic, str)],
    )


def every(config: Configuration) -> list[Declared]:
    """The declarations of all services of the configuration."""
    return [of(service) for service in config.services.values()]


def parts(service: Service) -> "Parts":
    """What the service is made of: the `kit.service.Service` in its `app.py`. Raises Problem."""
    from kit.service import Service as Parts  # a second to import, which other commands need not wait for

    found = inspect.getmembers(_module(service, "app"), lambda value: isinstance(value, Parts))
    if not found:
        raise Problem(f"{service.package}.app holds no kit.service.Service", MISUSED)
    made: Parts = found[0][1]
    return made


def _module(service: Service, name: str) -> ModuleType:
    try:
        return importlib.import_module(f"{service.package}.{name}")
    except ModuleNotFoundError as error:
        missing = f"{service.package}.{name}"
        if error.name not in (service.package, missing):
            raise
        raise Problem(f"the service {service.name} has no {missing}: is it installed here?", MISUSED) from error
