"""What a person is told of, by which fact of another service: a row for fact and person, in the transaction that marks the fact."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from uuid import UUID

from kit.database import Connection
from kit.inbox import Handler, Received
from kit.step import months_later
from people.domain.messages import MessageKind
from people.messages import store
from people.retention import MESSAGES_MONTHS
from schemas import learning, mobility
from schemas import talent_pipeline as tp
from schemas.corrections import Corrected, Restored, Voided
from schemas.fact import Fact, Step

CONSUMER = "people.messages"
PAUSE: Final = 0.2
"""Seconds. A letter is under way for longer than that, and most of what is heard here is told to nobody."""
HEARD: Final = (tp.SERVICE, learning.SERVICE, mobility.SERVICE)
"""The services that are heard, here and in resting.py."""

Told: TypeAlias = tuple[MessageKind, date | None]
"""What somebody is told, and the day that it speaks of."""


def _check(fact: tp.EmploymentCheckUpdated) -> Told | None:
    return (MessageKind.CHECK_WAITS, None) if fact.awaiting is tp.Awaiting.CANDIDATE else None


def _passport_check(fact: mobility.CheckRequested | mobility.CheckOverdue) -> Told | None:
    return (MessageKind.PASSPORT_CHECK_WAITS, None) if fact.awaiting is mobility.CheckAwaiting.HOLDER else None


TELLS: Mapping[type[Fact], Callable[[Any], Told | None]] = MappingProxyType({
    tp.OfferMade: lambda fact: (MessageKind.OFFER_MADE, None),
    tp.EmploymentCheckUpdated: _check,
    tp.EmploymentCheckExpired: lambda fact: (MessageKind.CHECK_WAITS, None),
    learning.LearnerBooked: lambda fact: (MessageKind.PLACE_BOOKED, None),
    learning.PlaceOffered: lambda fact: (MessageKind.PLACE_OFFERED, fact.until),
    learning.CompetenceExpiring: lambda fact: (MessageKind.TRAINING_RUNS_OUT, fact.expires_on),
    mobility.CheckRequested: _passport_check,
    mobility.CheckOverdue: _passport_check,
    mobility.DeploymentMatched: lambda fact: (MessageKind.MOVE_TO_AGREE, None),
    mobility.ExtensionProposed: lambda fact: (MessageKind.LONGER_STAY, fact.answer_by),
    mobility.FirstDayPackGiven: lambda fact: (MessageKind.FIRST_DAY_PACK, None),
    **dict.fromkeys(
        (mobility.DeploymentCancelled, mobility.DeploymentShortened, mobility.DeploymentRecalled, mobility.DeploymentEndedEarly),
        lambda fact: (MessageKind.MOVE_CHANGED, None),
    ),
})  # fmt: skip
"""Of which facts their person is told. Each names the person in `person_id`."""
BY_TYPE: Mapping[str, type[Fact]] = MappingProxyType({kind.TYPE: kind for kind in TELLS})


async def told(tx: Connection, event: Received) -> None:
    """A fact of which its person is told."""
    await _tell(tx, event.envelope.id, event.fact, event)


async def taken_back(tx: Connection, event: Received) -> None:
    """A fact was voided, or stands again: what is not sent yet is not sent, or is."""
    fact = event.fact
    assert isinstance(fact, Voided | Restored)
    await (store.take_back if isinstance(fact, Voided) else store.restore)(tx, fact.fact_id)


async def put_right(tx: Connection, event: Received) -> None:
    """A fact should have been said otherwise: what is not sent yet is told as it should have been, to whom it should have been."""
    fact = event.fact
    assert isinstance(fact, Corrected)
    if fact.fact_type in BY_TYPE:
        await store.take_back(tx, fact.fact_id)
        better, said_on = BY_TYPE[fact.fact_type].read(json.dumps(fact.replacement)), event.envelope.recordedtime.date()
        assert isinstance(better, Step)
        if (
            months_later(better.occurred_on, MESSAGES_MONTHS) > said_on
        ):  # of what is older nobody knows whether it was told
            await _tell(tx, fact.fact_id, better, event)
        await store.forget_taken_back(tx, fact.fact_id)


async def _tell(tx: Connection, fact_id: UUID, fact: Any, event: Received) -> None:
    said = TELLS[type(fact)](fact)
    if said is not None:
        await store.tell(tx, fact_id, fact.person_id, *said, event.envelope.recordedtime)


ACCEPTS: Mapping[type[Fact], Handler] = MappingProxyType({
    **dict.fromkeys(TELLS, told),
    **dict.fromkeys((tp.FactVoided, learning.FactVoided, mobility.FactVoided), taken_back),
    **dict.fromkeys((tp.FactRestored, learning.FactRestored, mobility.FactRestored), taken_back),
    **dict.fromkeys((tp.FactCorrected, learning.FactCorrected, mobility.FactCorrected), put_right),
})  # fmt: skip
