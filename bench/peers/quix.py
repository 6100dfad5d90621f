"""(c) quixstreams with its own PostgreSQL sink."""

import sys
from typing import Any
from urllib.parse import urlsplit

from quixstreams import Application, message_context
from quixstreams.sinks.community.postgresql import PostgreSQLSink

BOOTSTRAP, TOPIC, GROUP, DSN = sys.argv[1:]
address = urlsplit(DSN)


def row(value: dict[str, Any], key: Any, timestamp: int, headers: Any) -> dict[str, Any]:
    given, here = dict(headers), message_context()
    return {
        "event_id": given["ce_id"].decode(),
        "type": given["ce_type"].decode(),
        "aggregate_id": given["ce_subject"].decode(),
        "occurred_on": value.get("occurred_on"),
        "partition": here.partition,
        "offset": here.offset,
    }


app = Application(
    broker_address=BOOTSTRAP, consumer_group=GROUP, auto_offset_reset="earliest", loglevel="WARNING",
    commit_interval=1.0, commit_every=20_000,
)  # fmt: skip
sink = PostgreSQLSink(
    host=address.hostname or "", port=address.port or 5432, dbname=address.path[1:], user=address.username or "",
    password=address.password or "", table_name="fact", schema_auto_update=False, on_conflict_do_nothing=True,
    include_metadata=False,
)  # fmt: skip
app.dataframe(app.topic(TOPIC, value_deserializer="json")).apply(row, metadata=True).sink(sink)
app.run()
