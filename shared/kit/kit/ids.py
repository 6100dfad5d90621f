"""Ids: an event's tells its age and sorts by it, a person's tells nothing."""

from uuid import UUID, uuid4

from uuid_utils.compat import uuid7


def new_event_id() -> UUID:
    """A UUIDv7: in order of time, so that an index grows at its end."""
    return uuid7()


def new_id() -> UUID:
    """A random UUID for a person or a thing: nothing can be read off it."""
    return uuid4()
