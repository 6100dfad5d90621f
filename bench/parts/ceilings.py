"""Our own ceilings: what each stage would reach if it were alone. decode: bytes into facts. merge: facts into tables."""

import time
from datetime import UTC, datetime

from pydantic import SecretStr

from bench.ground import CONSUMER, Ground
from bench.log import TOPIC, City
from kit import positions
from kit.testing.records import TestRecord
from reporting.projector import projector
from reporting.settings import ReportingSettings

SAMPLE = 60_000
BATCH = 2000
PLACE = positions.Place(CONSUMER, TOPIC, 0, "bench", 0, None, datetime.now(UTC))


def sample(many: int = SAMPLE) -> list[list[TestRecord]]:
    """Records of one partition, in batches as the consumer gets them."""
    records: list[TestRecord] = []
    for partition, key, payload, headers, _, _ in City(7).records():
        if partition == 0:
            records.append(TestRecord(TOPIC, 0, len(records), key, payload, headers))
            if len(records) == many:
                break
    return [records[first : first + BATCH] for first in range(0, many, BATCH)]


def decode(total: int) -> float:
    """Envelopes and payloads validated, nothing written, in one thread."""
    reader = projector(ReportingSettings(database_dsn=SecretStr("postgresql://nowhere")), CONSUMER)
    batches = sample(min(SAMPLE, total))
    began = time.perf_counter()
    for batch in batches:
        for record in batch:
            reader._decode(PLACE, record)
    return sum(map(len, batches)) / (time.perf_counter() - began)


async def merge(ground: Ground) -> float:
    """What comes after decoding: rows made, staged and merged, duplicates dropped, marks and position, committed."""
    batches = sample()
    async with ground.template.clone() as clone, clone.open() as database:
        reader = projector(ground.settings(clone), CONSUMER)
        spent = 0.0
        for batch in batches:
            letters = [reader._decode(PLACE, record) for record in batch]
            began = time.perf_counter()
            async with database.transaction() as tx:
                await positions.open_place(tx, CONSUMER, TOPIC, 0, "bench", 0)
                place = await positions.lock(tx, CONSUMER, TOPIC, 0)
                await reader._apply_letters(tx, letters)
                await positions.move(tx, place, batch[-1].offset + 1)
            spent += time.perf_counter() - began
        return sum(map(len, batches)) / spent
