"""Where a message goes: to a mail server, or, for a demonstration, into a folder. A channel is told an address and keeps none."""

import asyncio
from collections.abc import Collection
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import parseaddr
from pathlib import Path
from typing import Final, Protocol

import aiosmtplib

from kit.errors import Unavailable
from people.settings import PeopleSettings

TRY: Final = 40.0
"""Seconds that a mail server has for one message. Within the lease, and within what a living loop may stand still."""


class AddressRefused(Exception):
    """The mail server will not take this address: no retry helps."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class MessageRefused(Exception):
    """The mail server will not take this message, whoever it is for."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Channel(Protocol):
    """One way to reach people."""

    async def send(self, message: EmailMessage) -> None:
        """Hand it over to whom its `To` names, so that it cannot be lost any more.

        Raises AddressRefused and MessageRefused, which are for good, and Unavailable, whose text is a code. None names anybody.
        """


class Smtp:
    """A mail server. What it says of an address it says to us alone: only its code is kept."""

    def __init__(self, settings: PeopleSettings) -> None:
        self._settings = settings
        self._returned_to = settings.mail_bounces or parseaddr(settings.mail_from)[1]

    async def send(self, message: EmailMessage) -> None:
        to = str(message["To"])
        plain = to.isascii()
        raw = message.as_bytes(policy=SMTP if plain else SMTPUTF8)
        try:
            async with asyncio.timeout(TRY):
                await self._hand_over(raw, to, () if plain else ("SMTPUTF8",))
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _of_address(refused.recipients[0].code) from None
        except aiosmtplib.SMTPNotSupported:
            raise (Unavailable("smtp-tls") if plain else AddressRefused("smtp-utf8")) from None
        except aiosmtplib.SMTPDataError as refused:
            raise _of_message(refused.code) from None
        except aiosmtplib.SMTPResponseException as refused:
            raise Unavailable(
                f"smtp-{refused.code}"
            ) from None  # its greeting, our name or password: our affair, not this message's
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            raise Unavailable("smtp-away") from None

    async def _hand_over(self, raw: bytes, to: str, options: Collection[str]) -> None:
        told, password = self._settings, self._settings.mail_password
        await aiosmtplib.send(
            raw,
            sender=self._returned_to,
            recipients=[to],
            hostname=told.mail_host,
            port=told.mail_port,
            username=told.mail_user,
            password=None if password is None else password.get_secret_value(),
            use_tls=told.mail_tls == "tls",
            start_tls=told.mail_tls == "starttls",
            mail_options=list(options),
            timeout=TRY / 2,
        )


def _of_address(code: int) -> Exception:
    return AddressRefused(f"smtp-{code}") if code >= 500 else Unavailable(f"smtp-{code}")


def _of_message(code: int) -> Exception:
    return MessageRefused(f"smtp-{code}") if code >= 500 else Unavailable(f"smtp-{code}")


class Folder:
    """A file for each message, `<its id>.eml`: written twice it is one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, message: EmailMessage) -> None:
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        try:
            await asyncio.to_thread(self._write, name, message.as_bytes(policy=SMTPUTF8))
        except OSError:
            raise Unavailable("folder-away") from None

    def _write(self, name: str, raw: bytes) -> None:
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = self._path / f".{name}"
        aside.touch(mode=0o600)
        aside.write_bytes(raw)
        aside.replace(self._path / f"{name}.eml")


def channel_of(settings: PeopleSettings) -> Channel | None:
    """The channel that the settings name; None: messages wait until there is one."""
    if settings.mail_host:
        return Smtp(settings)
    return None if settings.mail_folder is None else Folder(settings.mail_folder)
