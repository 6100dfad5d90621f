"""Everybody's place in a cohort, drawn from its state, and the cohorts that are open. Statements are constants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kit import persons
from kit.aggregates import Row
from kit.database import Connection
from learning.domain import booking
from learning.domain.booking import Booking
from learning.domain.cohort import Cohort
from schemas.values import Part

KEEP_BOOKINGS = """
INSERT INTO booking (id, cohort_id, person_id, organisation, status, since, offered_until)
SELECT id, $1, person_id, organisation, status, since, offered_until
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::date[], $7::date[])
  AS now (id, person_id, organisation, status, since, offered_until)
ON CONFLICT (id) DO UPDATE SET status = excluded.status, since = excluded.since, offered_until = excluded.offered_until
"""
FORGET_BOOKINGS = "DELETE FROM booking WHERE id = ANY($1::uuid[])"
BOOKINGS = """
SELECT id, cohort_id, person_id, organisation, status, since, offered_until FROM booking
WHERE ($1::uuid[] IS NULL OR person_id = ANY($1)) AND ($2::uuid IS NULL OR cohort_id = $2)
  AND ($3::text IS NULL OR organisation = $3) AND ($4::text IS NULL OR status = $4) AND id > $5
ORDER BY id LIMIT $6
"""
BOOKINGS_NAMED = """
SELECT id, cohort_id, person_id, organisation, status, since, offered_until FROM booking
WHERE cohort_id = $1 AND (id = ANY($2::uuid[]) OR person_id = ANY($3::uuid[])) ORDER BY id
"""
OPEN = """
SELECT id, version, body FROM cohort
WHERE status = 'scheduled' AND kit.day_of(body -> 'sessions' ->> 0) >= $1 AND id > $2 ORDER BY id LIMIT $3
"""
FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class BookingRow:
    """One learner's place, as lists show it."""

    id: UUID
    cohort_id: UUID
    person_id: UUID
    organisation: str
    status: str
    since: date
    offered_until: date | None


async def bookings(
    tx: Connection,
    *,
    person_id: UUID | None = None,
    cohort_id: UUID | None = None,
    organisation: str | None = None,
    status: str | None = None,
    after: UUID = FIRST,
    limit: int = 1000,
) -> list[BookingRow]:
    """The places that this transaction sees, by id; of a person those under any of their ids."""
    ids = None if person_id is None else await persons.one_with(tx, person_id)
    rows = await tx.fetch(BOOKINGS, ids, cohort_id, organisation, status, after, limit)
    return [BookingRow(**dict(row)) for row in rows]


async def bookings_named(
    tx: Connection, cohort_id: UUID, ids: Sequence[UUID], people: Sequence[UUID]
) -> list[BookingRow]:
    """Those of a cohort's places that have these ids, or are these people's."""
    return [BookingRow(**dict(row)) for row in await tx.fetch(BOOKINGS_NAMED, cohort_id, list(ids), list(people))]


async def open_cohorts(tx: Connection, day: date, after: UUID, limit: int) -> list[Row[Cohort]]:
    """Cohorts that begin on a day or later, by id. Whoever came to one that has begun is written into its register."""
    rows = await tx.fetch(OPEN, day, after, limit)
    return [Row(row["id"], row["version"], Cohort.model_validate_json(row["body"])) for row in rows]


async def keep_bookings(tx: Connection, id_: UUID, before: Part | None, state: Part | None) -> None:
    """The places of a cohort that are others than before: of a long waiting list only who joined it is written."""
    had = _bookings(before)
    has = _bookings(state)
    if gone := [booking for booking in had if booking not in has]:
        await tx.execute(FORGET_BOOKINGS, gone)
    if own := [booking for booking in has.values() if booking != had.get(booking.id)]:
        await tx.execute(
            KEEP_BOOKINGS, id_, [each.id for each in own], [each.person_id for each in own],
            [each.organisation for each in own], [each.status.value for each in own], [each.since for each in own],
            [each.offered_until for each in own],
        )  # fmt: skip


def _bookings(state: Part | None) -> Mapping[UUID, Booking]:
    return {booking.id: booking for booking in state.bookings} if isinstance(state, Cohort) else {}


LIVE_PLACES = """
SELECT booking.id, booking.cohort_id FROM booking JOIN cohort ON cohort.id = booking.cohort_id
WHERE person_id = $1 AND booking.status = ANY($2) AND cohort.status = 'scheduled' ORDER BY cohort_id, booking.id
"""
LIVE = sorted(status.value for status in booking.LIVE)


async def live_places(tx: Connection, person_id: UUID) -> list[tuple[UUID, UUID]]:
    """Somebody's places in cohorts that are to come, or their turn for one: cohort and booking, in the order of locks."""
    return [(row["cohort_id"], row["id"]) for row in await tx.fetch(LIVE_PLACES, person_id, LIVE)]
