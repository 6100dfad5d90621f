"""(e) confluent-kafka and COPY: facts only, as fast as one would write it by hand. Duplicates stay in."""

import json
import sys
from typing import cast

import psycopg
from confluent_kafka import Consumer

BOOTSTRAP, TOPIC, GROUP, DSN = sys.argv[1:]
COPY = 'COPY fact (event_id, type, aggregate_id, occurred_on, partition, "offset") FROM STDIN'

consumer = Consumer(
    {"bootstrap.servers": BOOTSTRAP, "group.id": GROUP, "auto.offset.reset": "earliest", "enable.auto.commit": False}
)
consumer.subscribe([TOPIC])
with psycopg.connect(DSN) as connection:
    while True:
        messages = consumer.consume(5000, timeout=0.2)
        if not messages:
            continue
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for message in messages:
                headers = dict(cast("list[tuple[str, bytes]]", message.headers()))
                told = json.loads(cast("bytes", message.value()))
                copy.write_row(
                    (headers["ce_id"].decode(), headers["ce_type"].decode(), headers["ce_subject"].decode(),
                     told.get("occurred_on"), message.partition(), message.offset())
                )  # fmt: skip
        connection.commit()
        consumer.commit(asynchronous=True)
