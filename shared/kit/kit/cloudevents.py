"""CloudEvents 1.0 on Kafka: what we write (binary mode), and what we believe of what others wrote (binary or structured).

A header that we did not ask for is never read; one of ours that is doubled, null or not UTF-8 makes the record unreadable.
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from asyncpg.pgproto.pgproto import UUID as FastUUID  # noqa: N811
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from kit.errors import Unreadable
from schemas.envelope import Envelope
from schemas.fact import Message

Headers = Sequence[tuple[str, bytes | None]]
ATTRIBUTES = (
    "specversion", "id", "source", "type", "subject", "sequence", "time", "recordedtime", "correlationid", "causationid",
)  # fmt: skip
ATTRIBUTE_OF = {f"ce_{name}": name for name in ATTRIBUTES} | {"traceparent": "traceparent"}
"""The headers that are read, and what each says; any other is passed over."""
TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
LARGEST = 2**31 - 1  # what a version is in the database
CONTENT_TYPE = "application/json"
FIELD = re.compile(r"^[a-zA-Z][a-zA-Z0-9_-]{0,20}$|^[a-zA-Z][a-zA-Z_-]{0,40}$")
UNKNOWN = "(not a field)"
STRUCTURED = "application/cloudevents"
INSTANT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)
SCHEMAS = "https://oneworkforce.leeds.uk/schemas"
"""Where `ce_dataschema` says a schema stands: a name, not a place to fetch from."""


class Record(Protocol):
    """A record as aiokafka gives it."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...


@dataclass(frozen=True, slots=True)
class ClaimEnvelope:
    """The attributes of a partner's event: its own id, any text up to 200 characters, and its own source."""

    id: str
    source: str
    type: str
    time: datetime | None
    traceparent: str | None


def headers_of(envelope: Envelope) -> dict[str, str]:
    """An envelope of ours as the headers of a record in binary mode."""
    name = envelope.type.removeprefix("uk.leeds.oneworkforce.")
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(envelope.id),
        "ce_source": envelope.source,
        "ce_type": envelope.type,
        "ce_subject": str(envelope.subject),
        "ce_partitionkey": str(envelope.subject),
        "ce_sequence": f"{envelope.sequence:010d}",
        "ce_time": envelope.time.isoformat(),
        "ce_recordedtime": envelope.recordedtime.isoformat(),
        "ce_dataschema": f"{SCHEMAS}/{name}.json",
        "ce_correlationid": str(envelope.correlationid),
        "content-type": CONTENT_TYPE,
    }
    if envelope.causationid:
        headers["ce_causationid"] = str(envelope.causationid)
    if envelope.traceparent:
        headers["traceparent"] = envelope.traceparent
    return headers


def read_envelope(record: Record) -> Envelope:
    """The envelope of a fact. Raises Unreadable naming the attribute and the rule."""
    get = _attributes(record.headers)
    return Envelope(
        id=_uuid("id", _required("id", get)),
        source=_text("source", _required("source", get), 200),
        type=_text("type", _required("type", get), 200),
        subject=_uuid("subject", _required("subject", get)),
        sequence=_sequence(_required("sequence", get)),
        time=_instant("time", _required("time", get)),
        recordedtime=_instant("recordedtime", _required("recordedtime", get)),
        correlationid=_uuid("correlationid", _required("correlationid", get)),
        causationid=_uuid("causationid", get["causationid"]) if "causationid" in get else None,
        traceparent=_traceparent(get),
    )


def read_claim(record: Record) -> tuple[ClaimEnvelope, bytes]:
    """The envelope and the payload of a partner's event, in either mode. Raises Unreadable."""
    if _header(record.headers, "content-type").lower().startswith(STRUCTURED):
        get, payload = _structured(record.value)
    else:
        get, payload = _attributes(record.headers), record.value or b""
    envelope = ClaimEnvelope(
        id=_text("id", _required("id", get), 200),
        source=_text("source", _required("source", get), 200),
        type=_text("type", _required("type", get), 200),
        time=_instant("time", get["time"]) if "time" in get else None,
        traceparent=_traceparent(get),
    )
    if get.get("specversion", "1.0") != "1.0":
        raise Unreadable("unreadable-envelope", field="specversion", rule="must be 1.0")
    return envelope, payload


def _structured(value: bytes | None) -> tuple[dict[str, str], bytes]:
    try:
        event = json.loads(value or b"")
    except (ValueError, RecursionError) as error:
        raise Unreadable("unreadable-payload", rule="must be a CloudEvent in JSON, UTF-8") from error
    if not isinstance(event, dict):
        raise Unreadable("unreadable-payload", rule="must be one CloudEvent, an object")
    attributes = {name: given for name, given in event.items() if isinstance(given, str)}
    if isinstance(encoded := event.get("data_base64"), str):
        try:
            return attributes, base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise Unreadable("unreadable-payload", field="data_base64", rule="must be base64") from error
    return attributes, json.dumps(event.get("data")).encode()


def _attributes(headers: Headers) -> dict[str, str]:
    """Our attributes, from the `ce_` headers, and `traceparent`, from the header of that name."""
    found: dict[str, str] = {}
    for name, raw in headers:
        attribute = ATTRIBUTE_OF.get(name)
        if attribute is None:
            continue
        if attribute in found:
            raise Unreadable("unreadable-envelope", field=attribute, rule="must not be given twice")
        if raw is None:
            raise Unreadable("unreadable-envelope", field=attribute, rule="must not be null")
        try:
            found[attribute] = raw.decode()
        except UnicodeDecodeError as error:
            raise Unreadable("unreadable-envelope", field=attribute, rule="must be UTF-8") from error
    return found


def _traceparent(get: Mapping[str, str]) -> str | None:
    """The trace context, where it is one: it goes on with every fact that follows, and any other text might say anything."""
    given = get.get("traceparent", "")
    return given if TRACEPARENT.fullmatch(given) else None


def _header(headers: Headers, name: str) -> str:
    for given, raw in headers:
        if given.lower() == name and raw is not None:
            return raw.decode(errors="replace")
    return ""


def _required(name: str, get: Mapping[str, str]) -> str:
    if not get.get(name):
        raise Unreadable("unreadable-envelope", field=name, rule="is missing")
    return get[name]


def _text(name: str, text: str, most: int) -> str:
    if len(text) > most or not text.isprintable():
        raise Unreadable("unreadable-envelope", field=name, rule=f"must be printable text of at most {most} characters")
    return text


def _uuid(name: str, text: str) -> UUID:
    """asyncpg's own UUID: a uuid.UUID that is made in a tenth of the time, and written without being made again."""
    try:
        return FastUUID(text)
    except ValueError as error:
        raise Unreadable("unreadable-envelope", field=name, rule="must be a UUID") from error


def _sequence(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 0 < int(text) <= LARGEST):
        raise Unreadable("unreadable-envelope", field="sequence", rule=f"must be a number from 1 to {LARGEST}")
    return int(text)


def _instant(name: str, text: str) -> datetime:
    try:
        moment = INSTANT.validate_strings(text)
    except ValidationError as error:
        raise Unreadable("unreadable-envelope", field=name, rule="must be an RFC 3339 time with offset") from error
    if not 1900 <= moment.year < 2100:
        raise Unreadable("unreadable-envelope", field=name, rule="must lie between 1900 and 2100")
    return moment


SAYS_A_VALUE = {
    "uuid_parsing": "must be a UUID",
    "date_parsing": "must be a date, as in 2026-03-31",
    "date_from_datetime_parsing": "must be a date, as in 2026-03-31",
    "datetime_parsing": "must be a time with offset, as in 2026-03-31T09:30:00Z",
    "datetime_from_date_parsing": "must be a time with offset, as in 2026-03-31T09:30:00Z",
    "time_delta_parsing": "must be a duration",
    "json_invalid": "must be JSON in UTF-8",
    "url_parsing": "must be a URL",
}
"""Kinds of errors of which pydantic's own sentence holds a piece of what was sent, each with ours."""


def rule_of(fault: Mapping[str, Any]) -> str:
    """The rule that was broken, as one of pydantic's errors says it, without the value."""
    said: str = SAYS_A_VALUE.get(fault["type"]) or fault["msg"]
    return said


def first_fault(error: ValidationError) -> tuple[str, str]:
    """The first field that broke a rule, and the rule, without the value."""
    fault: Any = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return field_of(fault["loc"]) or "payload", rule_of(fault)


def field_of(place: Iterable[int | str]) -> str:
    """The path of a field. A name that no field of ours could have is not said again: somebody may have typed a value there."""
    return ".".join(str(part) if isinstance(part, int) or FIELD.match(part) else UNKNOWN for part in place)


def parse(kind: type[Message], payload: bytes) -> Message:
    """The message in a payload. Raises Unreadable naming the first field that breaks a rule."""
    try:
        return kind.read(payload)
    except ValidationError as error:
        field, rule = first_fault(error)
        raise Unreadable("unreadable-payload", field=field, rule=rule) from error
