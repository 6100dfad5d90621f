"""An id in each of its states, reached by commands alone, and one command of each kind."""

from datetime import UTC, date, datetime
from uuid import UUID

from kit.testing.lives import Life, life
from people.domain import person
from people.domain.person import ChangeContacts, ChangeName, Link, Register, Unlink
from schemas.people import LinkReason, UnlinkReason

OTHER = UUID("6f1a2c9e-3b7d-4e52-9a40-1c8e5d7b2f03")
NOW = datetime(2022, 6, 1, 9, 30, tzinfo=UTC)
FIRST, SECOND = date(2022, 3, 14), date(2022, 3, 31)

REGISTER = Register(occurred_on=FIRST, organisation="leeds-city-council")
CHANGE_NAME = ChangeName(occurred_on=SECOND)
CHANGE_CONTACTS = ChangeContacts(occurred_on=SECOND)
LINK = Link(occurred_on=SECOND, same_as=OTHER, reason=LinkReason.SAME_CONTACT)
UNLINK = Unlink(occurred_on=SECOND, reason=UnlinkReason.MISTAKEN)
COMMANDS = (REGISTER, CHANGE_NAME, CHANGE_CONTACTS, LINK, UNLINK)

LIFE: Life = life(person, NOW, COMMANDS, (REGISTER,), (REGISTER, LINK))
