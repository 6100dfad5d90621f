"""One learner's place in a cohort, or the wait for one, as it stands; and how many places are left for whom."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from schemas.learning import LearnerKind, Share
from schemas.values import Part, Sector


class Status(StrEnum):
    BOOKED = "booked"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    COMPLETED = "completed"
    PARTLY_COMPLETED = "partly-completed"
    NOT_ATTENDED = "not-attended"


HAS_PLACE = (Status.BOOKED, Status.CONFIRMED, Status.OFFERED)
"""A place that is offered is kept until the offer lapses."""
LIVE = (*HAS_PLACE, Status.WAITING)
COMES = (Status.BOOKED, Status.CONFIRMED)
OVER = (Status.COMPLETED, Status.PARTLY_COMPLETED, Status.NOT_ATTENDED)


class Booking(Part):
    """A learner's place, or the wait for one."""

    id: UUID
    person_id: UUID
    organisation: str
    sector: Sector
    learner_kind: LearnerKind
    status: Status
    since: date
    offered_until: date | None = None
    attended: tuple[date, ...] = ()
    missed: tuple[date, ...] = ()
    evaluated: bool = False
    use_reported: bool = False

    @property
    def participated(self) -> bool:
        """Whether the learner came to at least one session."""
        return bool(self.attended)


def left(places: int, shares: Mapping[str, int], bookings: Iterable[Booking], organisation: str) -> int:
    """The places that this organisation could still book: what others have kept for themselves is not among them."""
    used: dict[str, int] = {}
    for booking in bookings:
        if booking.status in HAS_PLACE or booking.status in OVER:
            used[booking.organisation] = used.get(booking.organisation, 0) + 1
    kept = sum(max(0, share - used.get(owner, 0)) for owner, share in shares.items() if owner != organisation)
    return places - sum(used.values()) - kept


def unused(shares: Sequence[Share], bookings: Iterable[Booking]) -> int:
    """The places that are kept for organisations and that they do not use."""
    own = list(bookings)
    return sum(
        max(0, share.places - sum(each.organisation == share.organisation and each.status in HAS_PLACE for each in own))
        for share in shares
    )
