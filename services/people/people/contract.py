"""What this service hears, and what it says: the table of contents.

It hears nothing from the bus: who somebody is comes over HTTPS alone.
"""

from collections.abc import Mapping
from typing import Any, Final

from schemas.fact import Fact, Message
from schemas.people import (
    ContactsChanged,
    ErasureApproved,
    ErasureHeld,
    ErasureOverdue,
    ErasureRefused,
    ErasureReleased,
    ErasureRequested,
    NameChanged,
    PersonErased,
    PersonLinked,
    PersonRegistered,
    PersonUnlinked,
)

ACCEPTS: Final[Mapping[type[Message], Any]] = {}
IGNORES: Final[tuple[type[Message], ...]] = ()
EMITS: Final[tuple[type[Fact], ...]] = (
    PersonRegistered, NameChanged, ContactsChanged, PersonLinked, PersonUnlinked, PersonErased,
    ErasureRequested, ErasureHeld, ErasureReleased, ErasureOverdue, ErasureRefused, ErasureApproved,
)  # fmt: skip
