"""What is kept: each aggregate as a row (kit.aggregates), and what is found otherwise than by id. Statements are constants."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kit.aggregates import Aggregates, Row
from kit.corrections import Corrections
from kit.database import Connection
from mobility.domain import framework, signature
from mobility.domain.signature import Signature
from schemas.mobility import (
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


# What hangs on what ----------------------------------------------------------------------------------------------------

HANG_ON: Mapping[str, str] = MappingProxyType({
    framework.AGGREGATE: "SELECT EXISTS (SELECT FROM signature WHERE framework_id = $1)",
})  # fmt: skip


# The aggregates --------------------------------------------------------------------------------------------------------


def _organisation(state: Any) -> str | None:
    return getattr(state, "organisation", None)


aggregates = Aggregates(
    machines=MappingProxyType({
        framework.Framework: framework,
        signature.Signature: signature,
    }),
    says=Corrections(
        FactVoided, FactRestored, FactCorrected, by_itself=(FrameworkExpired, SignatureLapsed, OrganisationWithdrew)
    ),
    organisation=_organisation,
    refusals=MappingProxyType({"signature_once": signature.AlreadyInvited}),
    hang_on=HANG_ON,
)  # fmt: skip
"""Rows are locked in this order, and by id within a table."""
