"""How each list is filtered: by fields of the state."""

from uuid import UUID

from kit.routes.things import Listed
from mobility.domain import framework, signature
from schemas.values import PartnerId, Sector


class Frameworks(Listed):
    status: framework.Status | None = None


class Signatures(Listed):
    status: signature.Status | None = None
    framework_id: UUID | None = None
    organisation: PartnerId | None = None
    sector: Sector | None = None
    statutory: bool | None = None
