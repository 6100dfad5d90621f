"""A partner in a test: each of its claims is read at once, in a transaction of its own, and answered."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from kit.claims import ClaimReader
from kit.database import Database
from kit.positions import Place
from kit.testing.records import TestRecord
from schemas.envelope import answers_topic, claims_topic
from schemas.fact import Answer, Claim

ANSWERS = "SELECT value FROM kit.outbox WHERE topic = $1 ORDER BY position"


class Partner:
    """A partner's topic, and the one reader of it."""

    def __init__(self, database: Database, reader: ClaimReader, name: str) -> None:
        self.database, self.reader, self.name, self.sent = database, reader, name, 0

    async def send(
        self, kind: type[Claim], payload: dict[str, Any], id_: str | None = None, source: str | None = None
    ) -> Answer:
        """The answer to one claim."""
        self.sent += 1
        headers = {
            "ce_specversion": "1.0", "ce_id": id_ or f"claim-{self.sent}", "ce_source": source or f"/partner/{self.name}",
            "ce_type": kind.TYPE, "content-type": "application/json",
        }  # fmt: skip
        topic = claims_topic(self.name, self.reader.service)
        listed = [(name, value.encode()) for name, value in headers.items()]
        record = TestRecord(topic, 0, self.sent, b"k", json.dumps(payload).encode(), listed)
        place = Place(self.reader.consumer, topic, 0, "t", self.sent, None, datetime.now(UTC))
        async with self.database.transaction() as tx:
            await self.reader.read(tx, place, [record])
            rows = await tx.fetch(ANSWERS, answers_topic(self.name))
        return self.reader.answer.read(rows[-1]["value"])

    async def accepted(self, kind: type[Claim], payload: dict[str, Any], id_: str | None = None) -> dict[str, UUID]:
        """Our ids of what it claims."""
        answer = await self.send(kind, payload, id_)
        assert answer.outcome == "accepted", answer.failings
        return answer.ids

    async def refused(
        self, kind: type[Claim], payload: dict[str, Any], id_: str | None = None
    ) -> tuple[str, str | None]:
        """The code and the field; what would cure it is said too."""
        answer = await self.send(kind, payload, id_)
        assert answer.outcome == "refused"
        assert answer.failings[0].cure
        return answer.failings[0].code, answer.failings[0].field
