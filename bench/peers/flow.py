"""(d) bytewax: Kafka in, rows by executemany out."""

import json
import sys
from typing import Any

import bytewax.operators as op
import psycopg
from bytewax.connectors.kafka import KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.run import cli_main

BOOTSTRAP, TOPIC, GROUP, DSN = sys.argv[1:]
Row = tuple[Any, ...]


class _Rows(StatelessSinkPartition[Row]):
    def __init__(self) -> None:
        self._connection = psycopg.connect(DSN)

    def write_batch(self, items: list[Row]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany("INSERT INTO fact VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING", items)
        self._connection.commit()


class Postgres(DynamicSink[Row]):
    """A connection a worker, a transaction a batch."""

    def build(self, step_id: str, worker_index: int, worker_count: int) -> _Rows:
        return _Rows()


def row(message: Any) -> Row:
    headers = {name: value.decode() for name, value in message.headers}
    told = json.loads(message.value)
    return (
        headers["ce_id"], headers["ce_type"], headers["ce_subject"], told.get("occurred_on"), message.partition,
        message.offset,
    )  # fmt: skip


flow = Dataflow("facts")
source = op.input("log", flow, KafkaSource([BOOTSTRAP], [TOPIC], batch_size=2000))
op.output("rows", op.map("row", source, row), Postgres())
cli_main(flow)
