"""Builders for tests and drawings: an id in each of its states, reached by commands alone, and one command of each kind."""

from datetime import UTC, date, datetime
from uuid import UUID

from kit.testing.lives import Life, life
from people.domain import erasure, person, request
from people.domain.erasure import Approve, Hold, Raise, Refuse, Release, Request
from people.domain.person import ChangeContacts, ChangeName, Erase, Link, Register, Unlink
from schemas.people import HoldReason, LinkReason, Processing, RefusalGround, RequestGround, UnlinkReason

OTHER = UUID("6f1a2c9e-3b7d-4e52-9a40-1c8e5d7b2f03")
NOW = datetime(2022, 6, 1, 9, 30, tzinfo=UTC)
FIRST, SECOND = date(2022, 3, 14), date(2022, 3, 31)

REGISTER = Register(occurred_on=FIRST, organisation="leeds-city-council")
CHANGE_NAME = ChangeName(occurred_on=SECOND)
CHANGE_CONTACTS = ChangeContacts(occurred_on=SECOND)
LINK = Link(occurred_on=SECOND, same_as=OTHER, reason=LinkReason.SAME_CONTACT)
UNLINK = Unlink(occurred_on=SECOND, reason=UnlinkReason.MISTAKEN)
ERASE = Erase(occurred_on=SECOND)
COMMANDS = (REGISTER, CHANGE_NAME, CHANGE_CONTACTS, LINK, UNLINK, ERASE)

LIFE: Life = life(person, NOW, COMMANDS, (REGISTER,), (REGISTER, LINK), (REGISTER, ERASE))

REQUEST = Request(occurred_on=FIRST, person_id=OTHER)
HOLD = Hold(occurred_on=SECOND, reason=HoldReason.LEGAL_CLAIM)
RELEASE = Release(occurred_on=SECOND)
REFUSE = Refuse(occurred_on=SECOND, ground=RefusalGround.LEGAL_OBLIGATION)
APPROVE = Approve(occurred_on=SECOND)
RAISE = Raise()
ERASURE_COMMANDS = (REQUEST, HOLD, RELEASE, REFUSE, APPROVE, RAISE)

ERASURE_LIFE: Life = life(
    erasure, NOW, ERASURE_COMMANDS, (REQUEST,), (REQUEST, HOLD), (REQUEST, REFUSE), (REQUEST, APPROVE)
)

PUT_RIGHT = request.PutRight(occurred_on=FIRST, person_id=OTHER)
OBJECT = request.Object(occurred_on=FIRST, person_id=OTHER, about=Processing.BEING_COMPARED)
GRANT = request.Grant(occurred_on=SECOND)
DENY = request.Refuse(occurred_on=SECOND, ground=RequestGround.RIGHT_AS_IT_IS)
CLOSE = request.Close(occurred_on=SECOND)
OVERDUE = request.Raise()
REQUEST_COMMANDS = (PUT_RIGHT, OBJECT, GRANT, DENY, CLOSE, OVERDUE)

REQUEST_LIFE: Life = life(
    request, NOW, REQUEST_COMMANDS, (OBJECT,), (PUT_RIGHT, GRANT), (OBJECT, DENY), (PUT_RIGHT, CLOSE)
)
