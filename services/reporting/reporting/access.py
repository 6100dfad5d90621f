"""Who asks, and by which rule they are answered: anybody by the published one, named roles exactly, each use logged."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date

from fastapi import Query, Request

from kit import clock, http, log
from kit.auth import Principal, Unauthenticated
from kit.database import Connection, Database
from kit.errors import Invalid
from reporting import figures
from reporting.disclosure import EXACT_ROLES, Profile
from reporting.settings import ReportingSettings
from schemas.values import business_date

EVIDENCE_ROLES = ("auditor", "programme-manager")
AS_AT = Query(None, description="the day up to and on which is counted; without it today, in Leeds")
PROFILE = Query(Profile.PUBLISHED, description="internal_exact is for board, programme-manager and auditor")

logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: as at which date, under which profile, and by whom, if they said."""

    as_at: date
    profile: Profile
    principal: Principal | None
    database: Database
    settings: ReportingSettings

    def moment(self) -> AbstractAsyncContextManager[Connection]:
        """One moment of the database, so that all that is answered agrees with itself."""
        return figures.one_moment(self.database)

    def may(self, *roles: str) -> bool:
        return self.principal is not None and not self.principal.roles.isdisjoint(roles)


async def asked(request: Request, as_at: date | None = AS_AT, profile: Profile = PROFILE) -> Asked:
    """The question of a request. Raises Unauthenticated and Forbidden for exact figures, Invalid for a date to come."""
    return await _asked(request, as_at, profile, EXACT_ROLES if profile is Profile.EXACT else ())


def entitled(*roles: str) -> Callable[..., Awaitable[Asked]]:
    """A dependency: a question that only these roles may ask, and that is answered exactly."""

    async def ask(
        request: Request,
        as_at: date | None = AS_AT,
    ) -> Asked:
        return await _asked(request, as_at, Profile.EXACT, roles)

    ask.roles = roles  # type: ignore[attr-defined]  # read by the test that every route names its role
    return ask


asked.roles = ("anyone, published", *EXACT_ROLES)  # type: ignore[attr-defined]


async def _asked(request: Request, as_at: date | None, profile: Profile, roles: tuple[str, ...]) -> Asked:
    principal = await http.authenticate(request) if roles else await signed_in(request)
    if principal is not None and roles:
        principal.require(roles)
    today = business_date(clock.now())
    if as_at is not None and as_at > today:
        raise Invalid("must not be in the future", field="as_at")
    if profile is Profile.EXACT and principal is not None:
        logger.info(
            "exact_figures_read",
            subject=principal.subject, role=",".join(sorted(principal.roles)), route=request.scope["route"].path,
            as_at=str(as_at or today), profile=profile.value,
        )  # fmt: skip
    state = request.app.state
    return Asked(as_at or today, profile, principal, state.database, state.settings)


async def signed_in(request: Request) -> Principal | None:
    """Who asks, if they are known; a token that is not believed makes nobody of its bearer."""
    try:
        return await http.authenticate(request)
    except Unauthenticated:
        return None
