"""What this service hears, and what it says: the table of contents.

Who somebody is comes over HTTPS alone. From the bus it hears what people are to be told of.
"""

from collections.abc import Mapping
from typing import Final

from kit.inbox import Apply, Handler
from people import reactions, resting
from schemas.fact import Fact
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
    RequestClosed,
    RequestGranted,
    RequestMade,
    RequestOverdue,
    RequestRefused,
)
from schemas.registry import others

HEARD: Final = reactions.HEARD
FACTS: Final[Mapping[type[Fact], Handler]] = reactions.ACCEPTS
"""Facts of other services of which people are told, each with what becomes of it."""
RESTING: Final[Mapping[type[Fact], Apply]] = dict.fromkeys(resting.ACCEPTS, resting.hear)
"""Facts by which another service has something of somebody, or has let go of it: whom the vault keeps rests on them."""
ACCEPTS: Final[tuple[type[Fact], ...]] = tuple(dict.fromkeys((*FACTS, *RESTING)))
IGNORES: Final[tuple[type[Fact], ...]] = others(HEARD, ACCEPTS)
EMITS: Final[tuple[type[Fact], ...]] = (
    PersonRegistered, NameChanged, ContactsChanged, PersonLinked, PersonUnlinked, PersonErased,
    ErasureRequested, ErasureHeld, ErasureReleased, ErasureOverdue, ErasureRefused, ErasureApproved,
    RequestMade, RequestOverdue, RequestGranted, RequestRefused, RequestClosed,
)  # fmt: skip
