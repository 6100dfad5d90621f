"""What partners claim: judged one by one, answered one by one, never in another's way (c1).

The topic's name proves who wrote it. The same id and body again get the same answer; the same id with another body is refused
(c18). A refused claim binds nothing: put right, it is judged as if it were new.
"""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from kit import dead_letters, log, outbox
from kit.clock import now
from kit.cloudevents import CONTENT_TYPE, ClaimEnvelope, Record, parse, read_claim
from kit.context import Context
from kit.database import Connection, is_bad_data
from kit.errors import Refused, StopPartition, Unreadable
from kit.ids import new_event_id, new_id
from kit.metrics import APPLIED, DUPLICATES, REFUSED
from kit.positions import Place
from schemas.envelope import answers_topic
from schemas.fact import Answer, Claim, Failing

FIND = "SELECT body_sha256, ids FROM kit.claim WHERE partner = $1 AND source = $2 AND claim_id = $3"
ACCEPT = """
INSERT INTO kit.claim (partner, source, claim_id, type, body_sha256, ids) VALUES ($1, $2, $3, $4, $5, $6)
"""
REFUSE = """
INSERT INTO kit.refused (partner, topic, partition, "offset", type, value, headers, code, field, rule)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
CURE = "Put the field right and send the claim again; what each field takes is on the page for integrators."

logger = log.get(__name__)


class IdReused(Refused):
    """This claim's id came before with another body."""


class NotYourSource(Refused):
    """The source is not the partner that writes this topic."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """Who claims, and the circumstances."""

    partner: str
    envelope: ClaimEnvelope
    context: Context


Judge = Callable[[Connection, Claim, Claimed], Awaitable[Mapping[str, UUID]]]
"""Makes facts of a claim; our ids of what it was about. Raises Refused."""


def consumer_of(service: str) -> str:
    """The name of a service's reader of claims."""
    return f"{service}.claims"


def digest_of(type_: str, payload: bytes) -> bytes:
    """By what we know a claim again that comes with the same id."""
    return hashlib.sha256(type_.encode() + b"\n" + payload).digest()


@dataclass
class ClaimReader:
    """A reader of the claims that partners make to one service."""

    service: str
    accepts: Mapping[type[Claim], Judge]
    answer: type[Answer]

    @property
    def consumer(self) -> str:
        return consumer_of(self.service)

    @property
    def pattern(self) -> str:
        """The topics of all partners, also of those to come."""
        return rf"^partner\.[a-z0-9-]+\.{self.service}\.v1$"

    async def read(self, tx: Connection, place: Place, records: Sequence[Record]) -> None:
        partner = partner_of(place.topic, self.service)
        if partner is None:
            raise StopPartition("not-a-claims-topic", "the topic's name does not say whose it is")
        for record in records:
            await self._judge(tx, partner, record)
        APPLIED.labels(self.consumer, place.topic).inc(len(records))

    async def _judge(self, tx: Connection, partner: str, record: Record) -> None:
        envelope: ClaimEnvelope | None = None
        try:
            envelope, payload = read_claim(record)
            async with tx.transaction():
                ids, known = await self._accept(tx, partner, envelope, payload)
        except Unreadable as fault:
            refusal = Failing(code=fault.code, field=fault.field, rule=fault.rule or "must be readable", cure=CURE)
        except Refused as refused:
            rule = refused.detail or refused.title
            refusal = Failing(code=refused.code, field=refused.field, rule=rule, cure=refused.cure or CURE)
        except Exception as error:
            if not is_bad_data(error):
                raise
            refusal = Failing(code="not-storable", field=None, rule="holds a value that cannot be kept", cure=CURE)
        else:
            await self._reply(tx, partner, record, envelope, "already-known" if known else "accepted", ids, ())
            return
        await self._refuse(tx, partner, record, envelope, refusal)

    async def _accept(
        self, tx: Connection, partner: str, envelope: ClaimEnvelope, payload: bytes
    ) -> tuple[Mapping[str, UUID], bool]:
        """Our ids, and whether we knew the claim already. Raises Refused and Unreadable."""
        own = f"/partner/{partner}"
        if envelope.source != own and not envelope.source.startswith(own + "/"):
            raise NotYourSource(f"must be {own} or begin with {own}/", field="source")
        kind = next((kind for kind in self.accepts if envelope.type == kind.TYPE), None)
        if kind is None:
            raise Unreadable("unknown-type", field="type", rule="must be one of the claims that this service takes")
        digest = digest_of(envelope.type, payload)
        if row := await tx.fetchrow(FIND, partner, envelope.source, envelope.id):
            if row["body_sha256"] != digest:
                raise IdReused(field="id", cure="Send another body under an id of its own.")
            DUPLICATES.labels(self.consumer, partner).inc()
            return {name: UUID(given) for name, given in json.loads(row["ids"]).items()}, True
        claim = parse(kind, payload)
        assert isinstance(claim, Claim)
        context = Context(
            actor=f"partner:{partner}", now=now(), correlation_id=new_id(), traceparent=envelope.traceparent
        )
        ids = await self.accepts[kind](tx, claim, Claimed(partner, envelope, context))
        kept = json.dumps({name: str(id_) for name, id_ in ids.items()})
        await tx.execute(ACCEPT, partner, envelope.source, envelope.id, envelope.type, digest, kept)
        return ids, False

    async def _refuse(
        self, tx: Connection, partner: str, record: Record, envelope: ClaimEnvelope | None, failing: Failing
    ) -> None:
        type_ = envelope.type if envelope else None
        await tx.execute(
            REFUSE, partner, record.topic, record.partition, record.offset, type_, record.value,
            dead_letters.headers_as_json(record.headers), failing.code, failing.field, failing.rule,
        )  # fmt: skip
        REFUSED.labels(partner, failing.code).inc()
        logger.info(
            "claim_refused", partner=partner, topic=record.topic, partition=record.partition, offset=record.offset,
            code=failing.code, field=failing.field, rule=failing.rule,
        )  # fmt: skip
        await self._reply(tx, partner, record, envelope, "refused", {}, (failing,))

    async def _reply(
        self,
        tx: Connection,
        partner: str,
        record: Record,
        envelope: ClaimEnvelope | None,
        outcome: str,
        ids: Mapping[str, UUID],
        failings: Sequence[Failing],
    ) -> None:
        answer = self.answer.model_validate(
            {
                "claim_id": envelope.id if envelope else None,
                "claim_type": envelope.type if envelope else None,
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "outcome": outcome,
                "ids": dict(ids),
                "failings": tuple(failings),
            }
        )
        headers = {
            "ce_specversion": "1.0",
            "ce_id": str(new_event_id()),
            "ce_source": f"/oneworkforce/{self.service}",
            "ce_type": self.answer.TYPE,
            "ce_time": now().isoformat(),
            "content-type": CONTENT_TYPE,
        }
        await outbox.send(tx, answers_topic(partner), f"{record.topic}/{record.partition}", answer, headers)

    async def set_aside(self, tx: Connection, place: Place, record: Record, code: str) -> None:
        failing = Failing(code="not-storable", field=None, rule="holds a value that cannot be kept", cure=CURE)
        await self._refuse(tx, partner_of(place.topic, self.service) or "", record, None, failing)

    async def asked(self, tx: Connection) -> Sequence[tuple[str, int]]:
        return ()

    async def settle(self, tx: Connection, place: Place) -> None:
        """Nothing of a partner's waits: each claim was answered."""


def partner_of(topic: str, service: str) -> str | None:
    """The partner that writes a claims topic; None where the topic is no claims topic of this service."""
    found = re.fullmatch(rf"partner\.([a-z0-9-]+)\.{re.escape(service)}\.v1", topic)
    return found[1] if found else None
