"""What comes back: a delivery status notification (RFC 3464), as the mail system hands it over.

The message is known by the Message-ID of what is returned in it; of the rest only the status code is read. Whom it was for is in
the notification too, and stays there: nothing of it is kept or said.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from typing import Final
from uuid import UUID

from kit.errors import Invalid

STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}", re.ASCII)
OURS: Final = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@[^<>@\s]+>")


class NotANotification(Invalid):
    """The body is no delivery status notification: multipart/report, with the headers of the message that it is about."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What a mail system says of one message."""

    message_id: UUID
    failed: bool
    """For good; otherwise it is delayed, or came through."""
    status: str
    """`5.1.1`."""


def read(raw: bytes) -> Notification:
    """Raises NotANotification."""
    try:
        found = message_from_bytes(raw)  # headers as they stand: reading them by grammar fails on what is broken
        parts = list(found.walk())
    except RecursionError:  # anybody can write to where bounces go, and put parts in parts without end
        raise NotANotification(field="body") from None
    statuses = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    actions = [block for part in statuses for block in _blocks(part) if block["action"]]
    named = next(_named(parts), None)
    if not actions or named is None:
        raise NotANotification(field="body")
    failed = [block for block in actions if str(block["action"]).strip().lower() == "failed"]
    status = STATUS.search(str((failed or actions)[0]["status"] or ""))
    return Notification(named, bool(failed), status[0] if status else "no-status")


def _blocks(part: Message) -> list[Message]:
    """What is in a part: the groups of fields of a delivery status, or the message that is returned."""
    held = part.get_payload()
    return [block for block in held if isinstance(block, Message)] if isinstance(held, list) else []


def _named(parts: Iterable[Message]) -> Iterator[UUID]:
    """The ids of ours that what is returned is known by: its headers, or the whole of it."""
    for part in parts:
        if part.get_content_type() == "text/rfc822-headers":
            headers = message_from_string(str(part.get_payload()))
            yield from _ids(headers)
        elif part.get_content_type() == "message/rfc822":
            for returned in _blocks(part):
                yield from _ids(returned)


def _ids(returned: Message) -> Iterator[UUID]:
    if found := OURS.fullmatch(str(returned["message-id"] or "").strip()):
        yield UUID(found[1])
