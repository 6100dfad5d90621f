"""The links that people signs: a letter lets its person in at their own page of another service (decision 0013).

That service believes the key and asks nobody. It learns who comes, and nothing of the address to which the letter went.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Self
from uuid import UUID

import jwt

from kit import links
from kit.auth import Unauthenticated
from kit.errors import Unavailable
from people.domain.messages import Page
from people.settings import PeopleSettings
from schemas.people import SERVICE
from schemas.values import business_date

LASTS: Final = timedelta(days=7)
"""As long as most messages are worth sending. A link is good for one use."""
HOME: Final = "/my/person"
"""Where their page here is: no letter opens it, a link of one use does."""
HOMES: Final[Mapping[Page, str]] = MappingProxyType({Page.LEARNING: "/my/learning", Page.PASSPORT: "/my/passport"})


@dataclass(frozen=True)
class Links(links.Links):
    """Where each page is."""

    urls: Mapping[Page, str]
    """A service without an address has no page to link to."""

    @classmethod
    def of(cls, settings: PeopleSettings) -> Self:
        urls = {Page.LEARNING: settings.learning_url, Page.PASSPORT: settings.mobility_url}
        return cls(SERVICE, settings.link_key, MappingProxyType(urls))

    def to(self, page: Page, person_id: UUID, letter: UUID) -> str | None:
        """A link to a page, for one use by whoever holds a copy of this letter; None where there is none.

        Raises Unavailable where the key cannot be read.
        """
        if not self.urls[page]:
            return None
        try:
            token = self.token(person_id, page, LASTS, once=letter)
        except Unauthenticated:
            return None
        except (OSError, ValueError, TypeError, KeyError, jwt.PyJWTError) as error:
            raise Unavailable("link-key-away") from error
        return f"{self.urls[page].rstrip('/')}{HOMES[page]}/start?code={token}"


def lasts_until(moment: datetime) -> str:
    """The last whole day on which a link that is made now works, as people in Leeds write it."""
    return f"{business_date(moment + LASTS) - timedelta(days=1):%-d %B %Y}"
