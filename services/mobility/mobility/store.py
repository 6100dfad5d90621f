"""What is kept: each aggregate as a row (kit.aggregates), and what is found otherwise than by id. Statements are constants."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kit.aggregates import Aggregates, Row
from kit.corrections import Corrections
from kit.database import Connection
from mobility.domain import deployment, framework, need, signature
from mobility.domain.deployment import Deployment
from mobility.domain.signature import Signature
from schemas.mobility import (
    CheckExpiring,
    DeploymentCompleted,
    FactCorrected,
    FactRestored,
    FactVoided,
    FrameworkExpired,
    OrganisationWithdrew,
    SignatureLapsed,
)

# Signatures ------------------------------------------------------------------------------------------------------------

SIGNATURES_OF = (
    "SELECT id, turn, version, body FROM signature WHERE framework_id = $1 AND status <> 'voided' ORDER BY id"
)


async def signatures_of(tx: Connection, framework_id: UUID) -> Sequence[Row[Signature]]:
    """Every signature of a framework that this transaction sees, in the order in which several are locked."""
    return [
        Row(row["id"], row["version"], Signature.model_validate_json(row["body"]), row["turn"])
        for row in await tx.fetch(SIGNATURES_OF, framework_id)
    ]


SIGNATURES_BY = "SELECT body FROM signature WHERE organisation = $1 AND status <> 'voided' ORDER BY id"


async def signatures_by(tx: Connection, organisation: str) -> tuple[Signature, ...]:
    """What an organisation signed, whichever framework."""
    rows = await tx.fetch(SIGNATURES_BY, organisation)
    return tuple(Signature.model_validate_json(row["body"]) for row in rows)


# Moves -----------------------------------------------------------------------------------------------------------------

ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))"
BOOKED_OF = """
SELECT body FROM deployment WHERE person_id = $1 AND id <> $2 AND status = ANY($3) AND body ->> 'booked' = 'true'
"""
MOVES_OF = """
SELECT id, turn, version, body FROM deployment
WHERE (home = $1 OR host = $1) AND status = ANY($2) AND kit.day_of(body ->> 'last_day') > $3 ORDER BY id
"""
PROPOSALS_FOR = "SELECT id, body FROM deployment WHERE need_id = $1 AND status = 'proposed'"
LIVE = [status.value for status in deployment.LIVE]


async def one_at_a_time(tx: Connection, person_id: UUID) -> None:
    """Of those who book a person's time each waits for the one before, until its transaction ends."""
    await tx.execute(ONE_AT_A_TIME, str(person_id))


async def booked_of(tx: Connection, person_id: UUID, but: UUID) -> tuple[Deployment, ...]:
    """A person's live moves whose time is booked, but this one."""
    rows = await tx.fetch(BOOKED_OF, person_id, but, LIVE)
    return tuple(Deployment.model_validate_json(row["body"]) for row in rows)


async def moves_of(tx: Connection, organisation: str, after: date) -> list[Row[Deployment]]:
    """The live moves from or to an organisation that go on after a day, in the order in which several are locked."""
    return [
        Row(row["id"], row["version"], Deployment.model_validate_json(row["body"]), row["turn"])
        for row in await tx.fetch(MOVES_OF, organisation, LIVE, after)
    ]


async def proposals_for(tx: Connection, need_id: UUID) -> list[tuple[UUID, Deployment]]:
    """Who is put forward for a need, and nobody took up yet."""
    rows = await tx.fetch(PROPOSALS_FOR, need_id)
    return [(row["id"], Deployment.model_validate_json(row["body"])) for row in rows]


# What hangs on what ----------------------------------------------------------------------------------------------------

HANG_ON: Mapping[str, str] = MappingProxyType({
    framework.AGGREGATE: "SELECT EXISTS (SELECT FROM signature WHERE framework_id = $1)",
    need.AGGREGATE: "SELECT EXISTS (SELECT FROM deployment WHERE need_id = $1)",
})  # fmt: skip


# The aggregates --------------------------------------------------------------------------------------------------------


def _organisation(state: Any) -> str | None:
    """Who sees what waits: of a move the side whose turn it is."""
    if isinstance(state, Deployment):
        return state.host if state.status in HOSTS_TURN else state.home
    return getattr(state, "organisation", None)


HOSTS_TURN = (deployment.Status.PROPOSED, deployment.Status.AUTHORISED, deployment.Status.INDUCTED)


aggregates = Aggregates(
    machines=MappingProxyType({
        framework.Framework: framework,
        signature.Signature: signature,
        need.Need: need,
        deployment.Deployment: deployment,
    }),
    says=Corrections(
        FactVoided, FactRestored, FactCorrected,
        by_itself=(FrameworkExpired, SignatureLapsed, OrganisationWithdrew, CheckExpiring, DeploymentCompleted),
    ),
    organisation=_organisation,
    refusals=MappingProxyType({
        "signature_once": signature.AlreadyInvited,
        "deployment_no_double_booking": deployment.DoubleBooked,
    }),
    hang_on=HANG_ON,
)  # fmt: skip
"""Rows are locked in this order, and by id within a table."""
