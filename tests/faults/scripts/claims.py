"""A reader of claims."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from kit import positions
from kit.claims import Claimed, ClaimReader
from kit.database import Connection
from kit.errors import Refused
from kit.testing.facts import ClaimAnswered, CountClaimed
from kit.testing.records import TestRecord
from schemas.fact import Claim

from .bench import Bench, happened


async def a_refused_claim_is_in_nobodys_way(bench: Bench) -> None:
    answers = await _claim(bench, [("1", b'{"by": 500}', "college"), ("2", b'{"by": 1}', "college")])
    assert answers == ["refused", "accepted"]


async def the_same_claim_again_counts_once(bench: Bench) -> None:
    claim = ("1", b'{"by": 1}', "college")
    assert await _claim(bench, [claim, claim]) == ["accepted", "already-known"]
    assert await bench.ledger.effects() == [1]


async def another_body_under_the_same_id_is_refused(bench: Bench) -> None:
    assert await _claim(bench, [("1", b'{"by": 1}', "college"), ("1", b'{"by": 2}', "college")]) == [
        "accepted",
        "refused",
    ]


async def nobody_claims_in_the_name_of_another(bench: Bench) -> None:
    assert await _claim(bench, [("1", b'{"by": 1}', "hospital")]) == ["refused"]
    assert await bench.ledger.effects() == []


async def _claim(bench: Bench, claims: Sequence[tuple[str, bytes, str]]) -> list[str]:
    """The outcomes of claims with one key: id, body and whose name it is made in."""

    class TooMany(Refused):
        """It cannot go up by so much."""

    async def judge(tx: Connection, claim: Claim, claimed: Claimed) -> Mapping[str, UUID]:
        assert isinstance(claim, CountClaimed)
        if claim.by > 100:
            raise TooMany(field="by")
        return {"counter_id": await happened(tx, claim.by)}

    reader = ClaimReader("testing", {CountClaimed: judge}, ClaimAnswered)
    topic = "partner.college.testing.v1"
    records = []
    for offset, (id_, body, source) in enumerate(claims):
        given = {"specversion": "1.0", "id": id_, "source": f"/partner/{source}", "type": CountClaimed.TYPE}
        headers = [(f"ce_{name}", value.encode()) for name, value in given.items()]
        records.append(TestRecord(topic, 0, offset, b"key", body, headers))
    async with bench.database.transaction() as tx:
        await positions.open_place(tx, reader.consumer, topic, 0, "id", 0)
        await reader.read(tx, await positions.lock(tx, reader.consumer, topic, 0), records)
    rows = await bench.ledger.rows("SELECT value FROM kit.outbox ORDER BY position")
    return [json.loads(row["value"])["outcome"] for row in rows]
