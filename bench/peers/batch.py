"""(b) FastStream's batch subscriber, a transaction and an executemany a batch."""

import asyncio
import sys
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from faststream import AckPolicy, Context, FastStream
from faststream.kafka import KafkaBroker
from pydantic import BaseModel

BOOTSTRAP, TOPIC, GROUP, DSN = sys.argv[1:]

broker = KafkaBroker(BOOTSTRAP, logger=None)
app = FastStream(broker, logger=None)
pool: Any = None


class Event(BaseModel):
    """What is wanted of the payload."""

    occurred_on: date | None = None
    person_id: UUID | None = None


@app.on_startup
async def connect() -> None:
    global pool
    pool = await asyncpg.create_pool(DSN, min_size=1, max_size=2)


@broker.subscriber(
    TOPIC, group_id=GROUP, auto_offset_reset="earliest", batch=True, max_records=2000, ack_policy=AckPolicy.ACK
)
async def handle(events: list[Event], message: Annotated[Any, Context("message")]) -> None:
    rows = []
    for event, raw in zip(events, message.raw_message, strict=True):
        headers = {name: value.decode() for name, value in raw.headers}
        rows.append(
            (headers["ce_id"], headers["ce_type"], headers["ce_subject"], event.occurred_on, raw.partition, raw.offset)
        )
    async with pool.acquire() as connection, connection.transaction():
        await connection.executemany("INSERT INTO fact VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING", rows)


asyncio.run(app.run())
