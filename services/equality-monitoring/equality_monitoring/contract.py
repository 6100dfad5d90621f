"""What this service hears, and what it says: the table of contents.

It hears nothing: a person is its only source. What it says goes to one restricted topic, and to named readers.
"""

from collections.abc import Mapping
from typing import Any, Final

from kit.topics import Topic, restricted
from schemas.equality_monitoring import SERVICE, MonitoringChanged, MonitoringDeclared, MonitoringWithdrawn
from schemas.fact import Fact, Message

ACCEPTS: Final[Mapping[type[Message], Any]] = {}
IGNORES: Final[tuple[type[Message], ...]] = ()
EMITS: Final[tuple[type[Fact], ...]] = (MonitoringDeclared, MonitoringChanged, MonitoringWithdrawn)
TOPICS: Final[tuple[Topic, ...]] = (restricted(SERVICE),)
