"""What this service hears, and what it says: the table of contents.

A person is its only source; people says which ids are one person's, and when somebody was erased. What it says goes to one
restricted topic, and to named readers.
"""

from collections.abc import Mapping
from typing import Final

from equality_monitoring import handlers
from kit import persons
from kit.inbox import Apply
from kit.topics import Topic, restricted
from schemas import people
from schemas.equality_monitoring import SERVICE, MonitoringChanged, MonitoringDeclared, MonitoringWithdrawn
from schemas.fact import Fact
from schemas.registry import others

PERSONS: Final[Mapping[type[Fact], Apply]] = dict.fromkeys(persons.HEARD, handlers.hear)
"""Facts of people: who withdraws means each of their ids; what an erased person declared is withdrawn, and is nobody's."""
ACCEPTS: Final[tuple[type[Fact], ...]] = (*PERSONS,)
IGNORES: Final[tuple[type[Fact], ...]] = others((people.SERVICE,), ACCEPTS)
EMITS: Final[tuple[type[Fact], ...]] = (MonitoringDeclared, MonitoringChanged, MonitoringWithdrawn)
TOPICS: Final[tuple[Topic, ...]] = (restricted(SERVICE),)
