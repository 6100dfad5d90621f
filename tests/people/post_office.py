"""A mail server of a test's own, that speaks SMTP: it takes what it is told to take, and remembers what came."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class PostOffice:
    """What came, and how it answers; `port` is where it listens."""

    port: int = 0
    came: list[EmailMessage] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    to_address: str = "250 OK"
    """The answer to an address."""
    to_message: str = "250 OK"
    """The answer to a message."""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_RCPT(  # noqa: N802 the names are aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_address.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_address

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.to_message.startswith("250"):
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            assert envelope.rcpt_tos == [message["To"]]
            self.came.append(message)
            self.senders.append(envelope.mail_from or "")
            self.arrived.set()
        return self.to_message

    @property
    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.came]


@asynccontextmanager
async def post_office() -> AsyncIterator[PostOffice]:
    """A mail server that is open while the block lasts."""
    office, loop = PostOffice(), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(office, enable_SMTPUTF8=True, loop=loop, hostname="mail.test"), "127.0.0.1", 0
    )
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        await server.wait_closed()
