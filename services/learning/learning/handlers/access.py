"""A partner's people act for their own organisation: what they may not see is not there."""

from kit.database import EVERYONE, Connection, who_sees
from kit.errors import Invalid


class NotYourOrganisation(Invalid):
    """You can act for your own organisation only."""


async def act_for(tx: Connection, organisation: str | None, field: str = "organisation") -> None:
    """Raises NotYourOrganisation, where somebody of a partner names another, or nobody's in particular."""
    if who_sees(tx) not in (EVERYONE, organisation):
        raise NotYourOrganisation(field=field)
