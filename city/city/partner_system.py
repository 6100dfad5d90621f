"""A partner's own system: it imports nothing of ours, and speaks Kafka by a client of another make.

    python -m city.partner_system BOOTSTRAP PARTNER SERVICE

reads claims as JSON lines on standard input ({"id", "type", "data", "mode": "binary" | "structured"}), writes them to its own
topic, and writes each answer that comes back as a JSON line to standard output. It ends when its input ends.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

NAMESPACE = "uk.leeds.oneworkforce"
SILENCE = 30.0  # seconds without an answer after which another client asks, from the first answer on


def record(partner: str, service: str, claim: Mapping[str, Any]) -> tuple[bytes, list[tuple[str, str | bytes | None]]]:
    """Value and headers of a claim as a CloudEvent, in the mode that it asks for."""
    attributes = {
        "specversion": "1.0",
        "id": claim["id"],
        "source": f"/partner/{partner}",
        "type": f"{NAMESPACE}.{service}.{claim['type']}.v1",
        "time": datetime.now(UTC).isoformat(),
    }
    if claim.get("mode") == "structured":
        event = {**attributes, "datacontenttype": "application/json", "data": claim["data"]}
        return json.dumps(event).encode(), [("content-type", b"application/cloudevents+json; charset=UTF-8")]
    headers: list[tuple[str, str | bytes | None]] = [(f"ce_{name}", value) for name, value in attributes.items()]
    return json.dumps(claim["data"]).encode(), [*headers, ("content-type", b"application/json")]


def hear_answers(bootstrap: str, partner: str, tell: Callable[[str], None], ending: threading.Event) -> None:
    """Tell every answer on this partner's topic, from the first on, until the end.

    Where nothing comes for a while it asks anew: a client that has lost its only broker may never look for it again.
    """
    settings = {
        "bootstrap.servers": bootstrap, "group.id": f"partner.{partner}.answers", "enable.auto.commit": False, "log_level": 0,
    }  # fmt: skip
    heard: set[object] = set()
    while not ending.is_set():
        consumer = Consumer(settings)
        consumer.assign([TopicPartition(f"partner.{partner}.answers.v1", 0, OFFSET_BEGINNING)])
        came_at = time.monotonic()
        while not ending.is_set() and time.monotonic() - came_at < SILENCE:
            message = consumer.poll(0.1)
            if message is None or message.error() is not None:
                continue
            came_at = time.monotonic()
            event_id = dict(message.headers() or [])["ce_id"]
            if event_id not in heard:  # an answer may be sent twice: it is the same event
                heard.add(event_id)
                tell((message.value() or b"{}").decode())
        consumer.close()


def main() -> None:
    if len(sys.argv) != 4 or "--help" in sys.argv:
        print(__doc__)
        sys.exit(0 if "--help" in sys.argv else 2)
    bootstrap, partner, service = sys.argv[1:]
    ending = threading.Event()
    listener = threading.Thread(target=hear_answers, args=(bootstrap, partner, _print_line, ending))
    listener.start()
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "linger.ms": 5, "log_level": 0})
    for line in sys.stdin:
        value, headers = record(partner, service, json.loads(line))
        producer.produce(f"partner.{partner}.{service}.v1", value, headers=headers)
        producer.poll(0)
    producer.flush(30)
    ending.set()
    listener.join()


def _print_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
