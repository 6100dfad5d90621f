"""The envelope on the wire: what we write others read, and of what others write nothing but Unreadable comes out."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, to_structured_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import example, given
from hypothesis import strategies as st

from kit.cloudevents import ATTRIBUTES, first_fault, headers_of, read_claim, read_envelope
from kit.errors import Unreadable
from kit.ids import new_id
from kit.testing.effects import counted
from kit.testing.facts import CountClaimed, Counted
from kit.testing.records import TestRecord, envelope_of, record_of
from schemas.fact import Claim

HEADER = st.tuples(
    st.sampled_from([f"ce_{name}" for name in sorted(ATTRIBUTES)] + ["traceparent", "content-type"]) | st.text(max_size=9),
    st.one_of(
        st.none(), st.binary(max_size=50), st.text(max_size=250).map(str.encode),
        st.sampled_from([b"1.0", b"application/cloudevents+json", b"application/json", b"2026-01-05T09:00:00+00:00", b"7"]),
        st.uuids().map(lambda id_: str(id_).encode()), st.datetimes().map(lambda moment: moment.isoformat().encode()),
    ),
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*sorted(ATTRIBUTES), "data"]), inner, max_size=9)
    ),
    max_leaves=12,
)  # fmt: skip


def record(headers: Any, value: bytes | None) -> TestRecord:
    return TestRecord("topic", 0, 0, b"key", value, headers)


def test_an_envelope_is_read_as_it_was_written() -> None:
    envelope = replace(
        envelope_of(Counted(by=1), new_id(), 12, datetime(2026, 6, 30, 23, 30, 0, 123456, UTC)),
        causationid=new_id(), traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )  # fmt: skip
    assert read_envelope(record_of(Counted(by=1), envelope, topic="topic")) == envelope


def test_the_package_of_the_standard_reads_what_we_write() -> None:
    envelope = envelope_of(Counted(by=3), new_id(), 1)
    ours = record_of(Counted(by=3), envelope, topic="topic")
    headers = {name: value for name, value in ours.headers if value is not None}
    message = KafkaMessage(headers, ours.key, ours.value or b"")
    event = from_binary_event(message, JSONFormat())
    assert (event.get_id(), event.get_type(), event.get_subject()) == (
        str(envelope.id),
        envelope.type,
        str(envelope.subject),
    )
    assert (event.get_time(), event.get_source(), event.get_data()) == (envelope.time, envelope.source, {"by": 3})
    assert event.get_extension("sequence") == "0000000001"
    assert event.get_extension("partitionkey") == str(envelope.subject)


def test_we_read_what_the_package_of_the_standard_writes() -> None:
    attributes = {"id": "1", "source": "/partner/college", "type": CountClaimed.TYPE, "specversion": "1.0"}
    moment = datetime(2026, 1, 5, 9, tzinfo=UTC)
    event = CloudEvent({**attributes, "time": moment, "datacontenttype": "application/json"}, {"by": 4})
    message = to_structured_event(event, JSONFormat())
    envelope, payload = read_claim(record(list(message.headers.items()), message.value))
    assert (envelope.id, envelope.source, envelope.type, envelope.time) == (
        "1",
        "/partner/college",
        CountClaimed.TYPE,
        moment,
    )
    assert json.loads(payload) == {"by": 4}


@given(headers=st.lists(HEADER, max_size=14), value=st.none() | st.binary(max_size=60))
def test_of_any_headers_nothing_but_unreadable_comes_out(
    headers: list[tuple[str, bytes | None]], value: bytes | None
) -> None:
    for read in (read_envelope, read_claim):
        try:
            read(record(headers, value))
        except Unreadable as fault:
            said = (fault.code, fault.field, fault.rule)
            assert all(part is None or part.isprintable() for part in said)


@given(spoilt=st.dictionaries(st.sampled_from(sorted(ATTRIBUTES)), st.binary(max_size=40), min_size=1, max_size=2))
@example(spoilt={"time": b"2026-01-05T09:00:00"})
@example(spoilt={"time": b"9" * 40})
@example(spoilt={"time": b"-1"})
@example(spoilt={"sequence": b"0"})
@example(spoilt={"id": b"{0af76519-16cd-43dd-8448-eb211c80319c}"})
def test_of_one_attribute_that_is_spoilt_nothing_but_unreadable_comes_out(spoilt: dict[str, bytes]) -> None:
    good = counted([1], topic="topic")[0]
    headers = [(name, spoilt.get(name.removeprefix("ce_"), value)) for name, value in good.headers]
    try:
        envelope = read_envelope(replace(good, headers=headers))
    except Unreadable as fault:
        named = fault.field
        assert named in spoilt
    else:
        assert 0 < envelope.sequence < 2**31


@given(event=JSON)
@example(event={"id": "\ud800", "source": "x", "type": "y"})
def test_of_any_structured_event_nothing_but_unreadable_comes_out(event: Any) -> None:
    value = json.dumps(event).encode()
    try:
        envelope, payload = read_claim(record([("content-type", b"application/cloudevents+json")], value))
    except Unreadable:
        return
    assert len(envelope.id) <= 200
    json.loads(payload)


@pytest.mark.parametrize(
    "name", sorted({"id", "source", "type", "subject", "sequence", "time", "recordedtime", "correlationid"})
)
@pytest.mark.parametrize("how", ["missing", "empty", "null", "twice", "not UTF-8"])
def test_each_attribute_that_is_not_there_once_in_utf_8_is_named(name: str, how: str) -> None:
    good = counted([1], topic="topic")[0]
    own = [(header, value) for header, value in good.headers if header != f"ce_{name}"]
    (value,) = [value for header, value in good.headers if header == f"ce_{name}"]
    put: dict[str, list[tuple[str, bytes | None]]] = {
        "missing": [], "empty": [(f"ce_{name}", b"")], "null": [(f"ce_{name}", None)],
        "twice": [(f"ce_{name}", value)] * 2, "not UTF-8": [(f"ce_{name}", b"\xff")],
    }  # fmt: skip
    with pytest.raises(Unreadable) as fault:
        read_envelope(replace(good, headers=[*own, *put[how]]))
    assert (fault.value.code, fault.value.field) == ("unreadable-envelope", name)


def test_a_header_that_we_did_not_ask_for_is_not_read() -> None:
    good = counted([1], topic="topic")[0]
    odd = [("ce_x", b"\xff"), ("ce_x", None), ("reply_to", b"topic"), ("na\x00me", b"\x00"), ("", None)]
    assert read_envelope(replace(good, headers=[*odd, *good.headers])) == read_envelope(good)


def test_a_trace_context_that_is_none_is_left_out() -> None:
    good = counted([1], topic="topic")[0]
    for odd in (b"", b"x" * 10_000, b"Jane Example", b"00-x-y-01"):
        assert read_envelope(replace(good, headers=[*good.headers, ("traceparent", odd)])).traceparent is None


def test_what_breaks_a_rule_is_said_without_what_was_given() -> None:
    class Named(Claim, service="testing"):
        names: dict[str, int]
        kind: str

    for payload in (
        '{"names": {"a\\u0000b": "Jane"}, "kind": "Jane"}',
        '{"names": 5, "kind": "Jane"}',
        "Jane",
        '{"kind": 5}',
    ):
        with pytest.raises(ValueError) as fault:
            Named.read(payload)
        field, rule = first_fault(fault.value)  # type: ignore[arg-type]
        assert "Jane" not in field + rule
        assert (field + rule).isprintable()


def test_what_we_write_holds_only_what_the_standard_allows_in_names() -> None:
    headers = headers_of(envelope_of(Counted(by=1), new_id(), 1))
    assert all(name == "content-type" or name.removeprefix("ce_").isalnum() for name in headers)
    assert {name.removeprefix("ce_") for name in headers} >= {"id", "source", "specversion", "type"}
