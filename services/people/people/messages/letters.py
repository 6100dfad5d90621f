"""What a message looks like: text alone, to one person, with a way to have no more of its kind.

It is the same at every try, but for what was changed of the person meanwhile, and for the signature of its link: of all copies of a
letter one link is good, once.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from uuid import UUID

from kit.clock import now
from people.domain.details import Kind
from people.domain.messages import CALLED, TEMPLATES
from people.keyring import Keyring
from people.links import Links, lasts_until
from people.messages.store import Taken
from schemas.values import LONDON

STOP = "/messages"
WRITABLE = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]+@[\w-]+(\.[\w-]+)+")
"""An address as almost everybody has it: without quotes and comments, which a header would read as something else."""


@dataclass(frozen=True)
class Letters:
    """Makes messages in the name of the programme; the keys make the link by which one is stopped."""

    keys: Keyring
    sender: str
    """`One Workforce <no-reply@…>`."""
    public_url: str
    links: Links

    def letter(self, taken: Taken, held: Mapping[str, str]) -> EmailMessage:
        """The message to whom these details are held of. Raises ValueError where no mail can be addressed so, Unavailable."""
        template, made = TEMPLATES[taken.kind], EmailMessage()
        if not WRITABLE.fullmatch(held[Kind.EMAIL]):
            raise ValueError("no plain address")
        made["From"], made["To"], made["Subject"] = self.sender, held[Kind.EMAIL], template.subject
        if str(made["To"]) != held[Kind.EMAIL]:
            raise ValueError("a header reads it as another address")
        made["Date"] = format_datetime(taken.said_at.astimezone(LONDON))
        made["Message-ID"] = f"<{taken.id}@{self.domain}>"
        made["Auto-Submitted"] = "auto-generated"  # RFC 3834: an answering machine does not answer
        name = held.get(Kind.NAME)
        greeting = f"Dear {name}," if name else "Hello,"
        day = "" if taken.day is None else taken.day.strftime("%-d %B %Y")
        ending = f"We have to tell you this by law ({template.must_be_told})."
        if template.must_be_told is None:
            stop = self.stop_link(taken.id)
            made["List-Unsubscribe"], made["List-Unsubscribe-Post"] = (
                f"<{stop}>",
                "List-Unsubscribe=One-Click",
            )  # RFC 8058
            ending = f"You do not want messages of this kind? {stop}"
        made.set_content(
            f"{greeting}\n\n{template.body.format(day=day)}\n\n{self._way_in(taken)}One Workforce\n\n-- \n{ending}\n",
            cte="8bit",
        )
        return made

    def _way_in(self, taken: Taken) -> str:
        """How its person comes to their page that the message speaks of, where there is one."""
        page = TEMPLATES[taken.kind].page
        link = None if page is None else self.links.to(page, taken.person_id, taken.id)
        if page is None or link is None:
            return ""
        return (
            f"{CALLED[page]}, without a password:\n{link}\n"
            f"The link works once, until {lasts_until(now())}. It is for you alone: whoever opens it comes to your page.\n\n"
        )

    @property
    def domain(self) -> str:
        """What our own Message-IDs end in."""
        return parseaddr(self.sender)[1].rpartition("@")[2]

    def stop_link(self, id_: UUID) -> str:
        token = self.keys.current.digest("stop", str(id_)).hex()
        return f"{self.public_url.rstrip('/')}{STOP}/{id_}/stop/{token}"


def may_stop(keys: Keyring, id_: UUID, token: str) -> bool:
    """Whether this link is one that we sent, under any key that we still have."""
    links = (key.digest("stop", str(id_)).hex() for key in keys.every)
    return any(hmac.compare_digest(link.encode(), token.encode()) for link in links)
