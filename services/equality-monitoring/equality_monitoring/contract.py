"""What this service hears, and what it says: the table of contents.

A person is its only source; people says when somebody was erased. What it says goes to one restricted topic, and to named readers.
"""

from collections.abc import Mapping
from typing import Final

from equality_monitoring import handlers
from kit.inbox import Apply
from kit.topics import Topic, restricted
from schemas import people
from schemas.equality_monitoring import SERVICE, MonitoringChanged, MonitoringDeclared, MonitoringWithdrawn
from schemas.fact import Fact
from schemas.people import PersonErased
from schemas.registry import others

PERSONS: Final[Mapping[type[Fact], Apply]] = {PersonErased: handlers.forget}
"""Facts of people: what an erased person declared is withdrawn, and is nobody's."""
ACCEPTS: Final[tuple[type[Fact], ...]] = (*PERSONS,)
IGNORES: Final[tuple[type[Fact], ...]] = others((people.SERVICE,), ACCEPTS)
EMITS: Final[tuple[type[Fact], ...]] = (MonitoringDeclared, MonitoringChanged, MonitoringWithdrawn)
TOPICS: Final[tuple[Topic, ...]] = (restricted(SERVICE),)
