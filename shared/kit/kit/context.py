"""Who does something, when, and what it follows from: given to every command, written beside every event."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kit.clock import now
from kit.ids import new_id
from kit.tracing import current_traceparent


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances of one command."""

    actor: str
    """A principal's subject, `partner:<id>`, `deadline` or `consumer:<name>`; never a name."""
    now: datetime = field(default_factory=now)
    correlation_id: UUID = field(default_factory=new_id)
    causation_id: UUID | None = None
    """The event that it follows from, or the request with an Idempotency-Key."""
    traceparent: str | None = field(default_factory=current_traceparent)
