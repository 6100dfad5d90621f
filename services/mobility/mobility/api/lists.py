"""How each list is filtered: by fields of the state."""

from datetime import date
from uuid import UUID

from kit.routes.things import Listed
from mobility.domain import deployment, everywhere, framework, need, passport, requirement, signature, statement
from schemas.mobility import Basis, NeedReason
from schemas.values import Code, PartnerId, Sector, Soc2020


class Frameworks(Listed):
    status: framework.Status | None = None


class Signatures(Listed):
    status: signature.Status | None = None
    framework_id: UUID | None = None
    organisation: PartnerId | None = None
    sector: Sector | None = None
    statutory: bool | None = None


class Needs(Listed):
    status: need.Status | None = None
    organisation: PartnerId | None = None
    soc2020: Soc2020 | None = None
    reason: NeedReason | None = None
    covers_strike: bool | None = None


class Deployments(Listed):
    status: deployment.Status | None = None
    home: PartnerId | None = None
    host: PartnerId | None = None
    basis: Basis | None = None
    need_id: UUID | None = None
    person_id: UUID | None = None


class Requirements(Listed):
    status: requirement.Status | None = None
    organisation: PartnerId | None = None
    soc2020: Soc2020 | None = None


class Stops(Listed):
    status: everywhere.Status | None = None
    person_id: UUID | None = None
    organisation: PartnerId | None = None
    reason: Code | None = None


class Passports(Listed):
    status: passport.Status | None = None
    person_id: UUID | None = None
    home: PartnerId | None = None


class Statements(Listed):
    status: statement.Status | None = None
    home: PartnerId | None = None
    host: PartnerId | None = None
    month: date | None = None
