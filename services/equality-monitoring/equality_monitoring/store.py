"""Every statement of this service, and one function each. All run in the caller's transaction."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from equality_monitoring.domain.monitoring import AGGREGATE, Monitoring, Status
from kit import retention
from kit.database import Connection
from kit.persons import Persons
from kit.retention import Kept
from schemas.equality_monitoring import TOPIC, Declaration, MonitoringWithdrawn

# taken before the row is looked for: two first declarations of one person would both find none
LOCK_PERSON = "SELECT pg_advisory_xact_lock(hashtextextended('monitoring ' || $1::uuid, 0))"

OF_PERSON = """
SELECT monitoring_id, person_id, status, since, version, declaration FROM monitoring
WHERE person_id = $1 ORDER BY status = 'declared' DESC, since DESC LIMIT 1
"""

AT = "SELECT monitoring_id, person_id, status, since, version, declaration FROM monitoring WHERE monitoring_id = $1"

SAVE = """
INSERT INTO monitoring (monitoring_id, person_id, status, since, version, declaration) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (monitoring_id) DO UPDATE
    SET status = excluded.status, since = excluded.since, version = excluded.version, declaration = excluded.declaration
"""

# Unsent facts are emptied and not deleted: a version that is missing would stop a reader who has seen the one before.
EMPTY_UNSENT = """
UPDATE kit.outbox SET value = without_declaration(value)
WHERE topic = $1 AND key = $2 AND headers ->> 'ce_type' <> $3
"""

ERASE_JOURNAL = "SELECT erase_withdrawn($1)"

# A digest of so few possible bodies is as good as the body. Emptied, it also stops a request from before, sent again late,
# from declaring anew: the key is known with another body.
EMPTY_ANSWERS = "UPDATE kit.answered_request SET body_sha256 = '', body = '' WHERE principal = $1"

OF_NOBODY = "UPDATE monitoring SET person_id = kit.nobody(person_id) WHERE monitoring_id = $1"

PERSONS = Persons(renamed=("monitoring",))
"""A stub of a withdrawn declaration stays, and is nobody's."""


@dataclass(frozen=True, slots=True)
class Held:
    """A person's declaration as it is held: its id, its version and what it says."""

    monitoring_id: UUID
    version: int
    monitoring: Monitoring


async def lock(tx: Connection, person_id: UUID) -> None:
    """Wait for whoever writes this person's declaration, and keep others waiting until the end of the transaction."""
    await tx.execute(LOCK_PERSON, person_id)


async def of_person(tx: Connection, person_id: UUID) -> Held | None:
    """What stands of a person; if nothing stands, the last that was withdrawn."""
    row = await tx.fetchrow(OF_PERSON, person_id)
    return None if row is None else _held(row)


async def at(tx: Connection, monitoring_id: UUID) -> Held:
    """The declaration with this id."""
    return _held(await tx.fetchrow(AT, monitoring_id))


def _held(row: Any) -> Held:
    monitoring = Monitoring(
        status=Status(row["status"]),
        since=row["since"],
        person_id=row["person_id"],
        declaration=row["declaration"] and Declaration.model_validate_json(row["declaration"]),
    )
    return Held(row["monitoring_id"], row["version"], monitoring)


async def save(tx: Connection, monitoring_id: UUID, version: int, monitoring: Monitoring) -> None:
    declaration = monitoring.declaration and monitoring.declaration.model_dump(mode="json", exclude_none=True)
    await tx.execute(
        SAVE,
        monitoring_id,
        monitoring.person_id,
        monitoring.status,
        monitoring.since,
        version,
        declaration and json.dumps(declaration),
    )


async def erase(tx: Connection, monitoring_id: UUID, person_id: UUID) -> None:
    """Take what a withdrawn declaration said out of the journal, the outbox and the answers that are kept for repeats."""
    await tx.execute(ERASE_JOURNAL, monitoring_id)
    await tx.execute(EMPTY_UNSENT, TOPIC, str(monitoring_id).encode(), MonitoringWithdrawn.TYPE)
    await tx.execute(EMPTY_ANSWERS, str(person_id))


async def let_go(tx: Connection, line: Kept, held: Held, now: datetime) -> None:
    """That somebody had declared something is nobody's: here, and in the journal. A stub says that there was one."""
    await tx.execute(retention.STUB, held.monitoring_id, AGGREGATE, line.record, held.monitoring.since, now)
    await tx.execute(OF_NOBODY, held.monitoring_id)
    await tx.execute(retention.LET_GO_OF, held.monitoring_id)
