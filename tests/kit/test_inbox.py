"""Facts, each applied once and in order: whatever way they come, and whatever stands among them."""

import itertools
import random
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kit import inbox, positions
from kit.database import Connection, Database
from kit.errors import Refused, StopPartition
from kit.ids import new_id
from kit.inbox import FactReader, Received
from kit.migrate import Folder
from kit.testing.effects import BAD, Ledger, counted, write_down
from kit.testing.facts import Counted, Renamed
from kit.testing.records import TestRecord, envelope_of, record_of, stream

TOPIC = "counter.events.v1"


def a_reader(name: str = "", **more: object) -> FactReader:
    return FactReader(name or f"test-{secrets.token_hex(4)}", [Counted], write_down, **more)  # type: ignore[arg-type]


async def deliver(
    database: Database, reader: FactReader, records: Sequence[TestRecord], *, topic_id: str = "one", topic: str = TOPIC
) -> None:
    """What the bus does with a batch: lock, leave out what is behind the position, read, move."""
    async with database.transaction() as tx:
        await positions.open_place(tx, reader.consumer, topic, 0, topic_id, 0)
        place = await positions.lock(tx, reader.consumer, topic, 0)
        fresh = [record for record in records if record.offset >= place.next_offset]
        if fresh:
            await reader.read(tx, place, fresh)
            await positions.move(tx, place, fresh[-1].offset + 1)


async def settle(database: Database, reader: FactReader) -> None:
    async with database.transaction() as tx:
        await reader.settle(tx, await positions.lock(tx, reader.consumer, TOPIC, 0))


def laid_out(records: Sequence[TestRecord], first: int = 0) -> list[TestRecord]:
    """The records at one offset after the other."""
    return [record.at(offset) for offset, record in enumerate(records, start=first)]


def unreadable(record: TestRecord) -> TestRecord:
    return replace(record, value=b'{"by": "many"}')


def without_envelope(record: TestRecord) -> TestRecord:
    return replace(record, headers=[("ce_id", b"\xff")])


# -- any batches, any copies ------------------------------------------------------------------------------------------


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[int, list[list[TestRecord]]]:
    """A log of four counters in which events come again later, as a relay leaves them, and batches of it: some come twice,
    and some are what a reader had fetched before another went on."""
    aggregates = [new_id() for _ in range(4)]
    histories = [
        stream([Counted(by=10 * number + turn) for turn in range(draw(st.integers(1, 5)))], aggregate, topic=TOPIC)
        for number, aggregate in enumerate(aggregates)
    ]
    log: list[TestRecord] = []
    while any(histories):
        history = draw(st.sampled_from([history for history in histories if history]))
        log.append(history.pop(0))
        if draw(st.integers(0, 3)) == 0:
            log.append(draw(st.sampled_from(log)))
    log = laid_out(log)
    batches, at = [], 0
    while at < len(log):
        until = draw(st.integers(at + 1, len(log)))
        batches.append(log[at:until])
        if draw(st.booleans()):
            batches.append(log[draw(st.integers(0, at)) : until])
        at = until
    return len(log), batches


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given=deliveries())
async def test_any_batches_of_any_log_give_each_effect_once_and_in_order(
    database: Database, ledger: Ledger, given: tuple[int, list[list[TestRecord]]]
) -> None:
    length, batches = given
    await ledger.do("DELETE FROM effect")
    reader = a_reader()
    for batch in batches:
        await deliver(database, reader, batch)
    found = await ledger.rows("SELECT aggregate_id, version, event_id FROM effect ORDER BY turn")
    records = {record.offset: record for batch in batches for record in batch}
    said = {dict(record.headers)["ce_id"] for record in records.values()}
    assert {str(row["event_id"]).encode() for row in found} == said
    assert len(found) == len(said)
    by_aggregate: dict[UUID, list[int]] = {}
    for row in found:
        by_aggregate.setdefault(row["aggregate_id"], []).append(row["version"])
    assert all(versions == sorted(versions) for versions in by_aggregate.values())
    place = await ledger.rows("SELECT next_offset FROM kit.position WHERE consumer = $1", reader.consumer)
    assert place == [{"next_offset": length}]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), cuts=st.lists(st.integers(1, 11), max_size=5, unique=True))
@example(seed=630, cuts=[8])
async def test_events_in_any_order_are_all_applied_when_the_last_has_come_in_whatever_batches(
    database: Database, ledger: Ledger, seed: int, cuts: list[int]
) -> None:
    await ledger.do("DELETE FROM effect")
    reader = a_reader()
    one, other = counted(range(6), topic=TOPIC), counted(range(10, 16), topic=TOPIC)
    rest = [*one[1:], *other[1:]]
    random.Random(seed).shuffle(rest)
    log = laid_out([one[0], other[0], *rest])
    edges = [0, *sorted(cuts), len(log)]
    for first, last in itertools.pairwise(edges):
        await deliver(database, reader, log[first:last])
    effects = await ledger.effects()
    assert [by for by in effects if by < 10] == list(range(6))
    assert [by for by in effects if by >= 10] == list(range(10, 16))


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_an_early_event_waits_for_its_predecessor_and_the_copies_of_both_do_nothing(
    database: Database, ledger: Ledger, size: int
) -> None:
    v1, v2, v3, v4 = counted([1, 2, 3, 4], topic=TOPIC)
    log = laid_out([v1, v3, v3, v4, v2, v3, v2])
    reader = a_reader()
    for first in range(0, len(log), size):
        await deliver(database, reader, log[first : first + size])
    assert await ledger.effects() == [1, 2, 3, 4]
    assert await ledger.rows("SELECT * FROM kit.dead_letter WHERE state <> 'applied'") == []


# -- c6, c11 ----------------------------------------------------------------------------------------------------------


async def test_a_known_version_with_another_id_stops_and_writes_nothing(database: Database, ledger: Ledger) -> None:
    reader, subject = a_reader(), new_id()
    await deliver(database, reader, counted([1, 2], topic=TOPIC, subject=subject))
    again = counted([1, 9], topic=TOPIC, subject=subject)[1].at(2)
    with pytest.raises(StopPartition, match="version-reused"):
        await deliver(database, reader, [again])
    assert await ledger.effects() == [1, 2]
    assert await ledger.position(TOPIC) == 2


async def test_the_first_version_seen_is_taken_as_it_is_and_the_next_must_follow(
    database: Database, ledger: Ledger
) -> None:
    reader = a_reader()
    v5, v6, v8 = (
        record.at(offset) for offset, record in enumerate(counted(range(1, 9), topic=TOPIC)[4:8:1]) if offset != 2
    )
    await deliver(database, reader, [v5, v6, v8])
    assert await ledger.effects() == [5, 6]
    assert await ledger.letters() == [(3, "early", "open")]


async def test_events_of_one_command_each_have_a_version_and_may_come_in_separate_batches(
    database: Database, ledger: Ledger
) -> None:
    reader = a_reader()
    log = counted([1, 2, 3], topic=TOPIC)
    await deliver(database, reader, log[:1])
    await deliver(database, reader, log[1:])
    assert await ledger.effects() == [1, 2, 3]


# -- c9 ---------------------------------------------------------------------------------------------------------------


async def test_a_type_from_the_future_is_kept_its_key_goes_on_and_a_reader_that_knows_it_applies_it(
    database: Database, ledger: Ledger
) -> None:
    reader, subject = a_reader(), new_id()
    log = stream([Counted(by=1), Renamed(label="new"), Counted(by=3)], subject, topic=TOPIC)
    await deliver(database, reader, log)
    await deliver(database, reader, [log[1].at(3)])
    assert await ledger.effects() == [1, 3]
    assert await ledger.letters() == [(1, "unknown", "open"), (3, "unknown", "open")]
    async with database.transaction() as tx:
        assert await reader.asked(tx) == []
    labels: list[str] = []

    async def note(tx: Connection, received: Sequence[Received]) -> None:
        labels.extend(event.fact.label for event in received if isinstance(event.fact, Renamed))

    newer = FactReader(reader.consumer, [Counted, Renamed], note)
    async with database.transaction() as tx:
        assert await newer.asked(tx) == [(TOPIC, 0)]
    await settle(database, newer)
    assert labels == ["new"]
    assert {state for _, _, state in await ledger.letters()} == {"applied"}


async def test_a_type_from_the_future_behind_an_unreadable_event_does_not_overtake_it(
    database: Database, ledger: Ledger
) -> None:
    reader = a_reader()
    v1, v2, v3, v4 = stream([Counted(by=1), Counted(by=2), Renamed(label="x"), Counted(by=4)], new_id(), topic=TOPIC)
    await deliver(database, reader, [v1, unreadable(v2), v3, v4])
    assert [kind for _, kind, _ in await ledger.letters()] == ["unreadable", "behind", "behind"]
    await ledger.decide(1, "edit", value=v2.value)
    await settle(database, reader)
    assert await ledger.effects() == [1, 2, 4]
    assert await ledger.letters() == [(1, "unreadable", "applied"), (2, "unknown", "open"), (3, "behind", "applied")]


@pytest.mark.parametrize("size", [1, 2, 4])
async def test_a_type_from_the_future_that_comes_early_does_not_overtake(
    database: Database, ledger: Ledger, size: int
) -> None:
    reader = a_reader()
    v1, v2, v3, v4 = stream([Counted(by=1), Counted(by=2), Renamed(label="x"), Counted(by=4)], new_id(), topic=TOPIC)
    log = laid_out([v1, v3, v4, v2])
    for first in range(0, len(log), size):
        await deliver(database, reader, log[first : first + size])
    assert await ledger.effects() == [1, 2, 4]
    assert [letter for letter in await ledger.letters() if letter[2] == "open"] == [(1, "unknown", "open")]


async def test_an_ignored_type_counts_as_seen(database: Database, ledger: Ledger) -> None:
    reader = a_reader(ignores=[Renamed])
    await deliver(database, reader, stream([Counted(by=1), Renamed(label="x"), Counted(by=3)], new_id(), topic=TOPIC))
    assert await ledger.effects() == [1, 3]
    assert await ledger.letters() == []


# -- c7: dead letters -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("break_", [unreadable, without_envelope])
@pytest.mark.parametrize("size", [1, 5])
async def test_what_cannot_be_read_parks_its_key_and_no_other(
    database: Database, ledger: Ledger, break_: object, size: int
) -> None:
    reader = a_reader()
    v1, v2, v3, v4 = counted([1, 2, 3, 4], topic=TOPIC)
    (other,) = counted([50], topic=TOPIC)
    log = laid_out([v1, break_(v2), v3, other, v4])  # type: ignore[operator]
    for first in range(0, len(log), size):
        await deliver(database, reader, log[first : first + size])
    assert await ledger.effects() == [1, 50]
    kinds = [(1, "unreadable", "open"), (2, "behind", "open"), (4, "behind", "open")]
    assert await ledger.letters() == kinds


@pytest.mark.parametrize("break_", [unreadable, without_envelope])
async def test_an_edit_is_applied_in_its_place_and_what_waits_behind_it_follows(
    database: Database, ledger: Ledger, break_: object
) -> None:
    reader = a_reader()
    v1, v2, v3 = counted([1, 2, 3], topic=TOPIC)
    await deliver(database, reader, [v1, break_(v2), v3])  # type: ignore[operator]
    await ledger.decide(1, "edit", value=b'{"by": 22}', headers=v2.headers)
    await settle(database, reader)
    assert await ledger.effects() == [1, 22, 3]


@pytest.mark.parametrize("break_", [unreadable, without_envelope])
async def test_a_discard_lets_what_waits_behind_it_follow(database: Database, ledger: Ledger, break_: object) -> None:
    reader = a_reader()
    v1, v2, v3, v4 = counted([1, 2, 3, 4], topic=TOPIC)
    await deliver(database, reader, [v1, break_(v2), v3])  # type: ignore[operator]
    await ledger.decide(1, "discard")
    await settle(database, reader)
    await deliver(database, reader, [v4])
    assert await ledger.effects() == [1, 3, 4]


async def test_a_discarded_event_is_not_applied_from_the_copy_that_waits_behind_it(
    database: Database, ledger: Ledger
) -> None:
    reader = a_reader()
    v1, v2, v3 = counted([1, 2, 3], topic=TOPIC)
    await deliver(database, reader, laid_out([v1, unreadable(v2), v2, v3]))
    await ledger.decide(1, "discard")
    await settle(database, reader)
    await deliver(database, reader, [v2.at(4)])
    assert await ledger.effects() == [1, 3]


async def test_a_copy_of_an_applied_event_is_dropped_and_not_parked(database: Database, ledger: Ledger) -> None:
    reader = a_reader()
    v1, v2, v3 = counted([1, 2, 3], topic=TOPIC)
    await deliver(database, reader, laid_out([v1, unreadable(v2), v1, v3, v1]))
    assert await ledger.letters() == [(1, "unreadable", "open"), (3, "behind", "open")]


async def test_a_replay_takes_along_what_the_live_batch_parks_meanwhile(database: Database, ledger: Ledger) -> None:
    reader = a_reader()
    v1, v2, v3, v4, v5 = counted([1, 2, 3, 4, 5], topic=TOPIC)
    await deliver(database, reader, [v1, unreadable(v2), v3])
    await ledger.decide(1, "edit", value=v2.value)
    await deliver(database, reader, [v4])
    await settle(database, reader)
    await deliver(database, reader, [v5])
    assert await ledger.effects() == [1, 2, 3, 4, 5]


async def test_a_replay_that_cannot_go_on_leaves_all_of_its_key_open_and_is_not_tried_for_ever(
    database: Database, ledger: Ledger
) -> None:
    reader = a_reader()
    v1, v2, v3 = counted([1, 2, 3], topic=TOPIC)
    await deliver(database, reader, [v1, unreadable(v2), v3])
    await ledger.decide(2, "replay")
    await settle(database, reader)
    assert await ledger.letters() == [(1, "unreadable", "open"), (2, "behind", "open")]
    async with database.transaction() as tx:
        assert await reader.asked(tx) == []


async def test_of_two_decisions_at_once_the_replayed_is_applied_and_the_discarded_is_not(
    database: Database, ledger: Ledger
) -> None:
    reader = a_reader()
    v1, v2, v3, v4 = counted([1, 2, 3, 4], topic=TOPIC)
    await deliver(database, reader, [v1, unreadable(v2), v3, v4])
    await ledger.decide(1, "edit", value=v2.value)
    await ledger.decide(2, "discard")
    await settle(database, reader)
    assert await ledger.effects() == [1, 2, 4]
    assert await ledger.letters() == [
        (1, "unreadable", "applied"), (2, "behind", "discarded"), (3, "behind", "applied"),
    ]  # fmt: skip


async def test_a_replay_that_meets_a_defect_of_ours_stays_open_and_says_so(database: Database, ledger: Ledger) -> None:
    v1, v2, v3 = counted([1, 2, 3], topic=TOPIC)

    async def careless(tx: Connection, received: Sequence[Received]) -> None:
        if any(event.envelope.sequence == 2 for event in received):
            raise KeyError("a defect")
        await write_down(tx, received)

    reader = FactReader("careless", [Counted], careless)
    await deliver(database, reader, [v1, unreadable(v2), v3])
    (other, *_) = counted([7], topic=TOPIC)
    await deliver(database, reader, [unreadable(other.at(3))])
    await ledger.decide(1, "edit", value=v2.value)
    await ledger.decide(3, "edit", value=other.value)
    await settle(database, reader)
    assert await ledger.effects() == [1, 7]
    assert await ledger.rows('SELECT code FROM kit.dead_letter WHERE "offset" = 1') == [{"code": "defect"}]


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("break_", [unreadable, without_envelope])
async def test_a_rebuild_under_a_new_name_meets_what_was_decided(
    database: Database, ledger: Ledger, break_: object, size: int
) -> None:
    """The discarded one stands between others of its key, in one batch and in several."""
    live = a_reader()
    v1, v2, v3, v4, v5 = counted([1, 2, 3, 4, 5], topic=TOPIC)
    log = [v1, break_(v2), v3, break_(v4), v5]  # type: ignore[operator]
    await deliver(database, live, log)
    await ledger.decide(1, "discard")
    await ledger.decide(3, "edit", value=b'{"by": 44}', headers=v4.headers)
    await settle(database, live)
    assert await ledger.effects() == [1, 3, 44, 5]
    await ledger.do("DELETE FROM effect")
    rebuilt = a_reader()
    for first in range(0, len(log), size):
        await deliver(database, rebuilt, log[first : first + size])
    assert await ledger.effects() == [1, 3, 44, 5]
    assert await ledger.rows("SELECT * FROM kit.dead_letter WHERE consumer = $1", rebuilt.consumer) == []


async def test_what_was_decided_of_a_record_says_nothing_of_the_next_at_its_place(
    database: Database, ledger: Ledger
) -> None:
    """A log that has lost its end gives offsets out again, under the same topic id."""
    reader = a_reader()
    v1, v2 = counted([1, 2], topic=TOPIC)
    await deliver(database, reader, [v1, unreadable(v2)])
    await ledger.decide(1, "discard")
    await settle(database, reader)
    (w1, w2), (x1,) = counted([7, 8], topic=TOPIC), counted([9], topic=TOPIC)
    await begin_again(ledger)
    await deliver(database, reader, laid_out([v1, w1, unreadable(w2)]))
    assert await ledger.effects() == [1, 7]
    assert await ledger.letters() == [(1, "unreadable", "discarded"), (2, "unreadable", "open")]
    await ledger.decide(2, "discard")
    await settle(database, reader)
    await begin_again(ledger)
    await deliver(database, reader, laid_out([v1, w1, unreadable(x1)]))
    assert await ledger.letters() == [
        (1, "unreadable", "discarded"), (2, "unreadable", "discarded"), (2, "unreadable", "open"),
    ]  # fmt: skip
    await ledger.decide(2, "edit", value=x1.value)
    await settle(database, reader)
    assert await ledger.effects() == [1, 7, 9]
    for log, effects in (([v1, unreadable(v2)], [1]), ([v1, w1, unreadable(x1)], [1, 7, 9])):
        rebuilt = a_reader()
        await ledger.do("DELETE FROM effect")
        await deliver(database, rebuilt, laid_out(log))
        assert await ledger.effects() == effects


async def begin_again(ledger: Ledger) -> None:
    """As an operator has readers do whose log ends before their position."""
    await ledger.do("UPDATE kit.position SET next_offset = 0")


async def test_a_decision_reaches_every_reader_that_kept_the_record(database: Database, ledger: Ledger) -> None:
    live, beside = a_reader(), a_reader()
    v1, v2, v3 = counted([1, 2, 3], topic=TOPIC)
    for reader in (live, beside):
        await deliver(database, reader, [v1, unreadable(v2), v3])
    await ledger.decide(1, "discard")
    for reader in (live, beside):
        await settle(database, reader)
    assert await ledger.effects() == [1, 1, 3, 3]


async def test_a_decision_is_about_the_log_in_which_the_record_stood(database: Database, ledger: Ledger) -> None:
    """The topic was made anew and adopted: at the old offset stands another event now."""
    reader = a_reader()
    v1, v2, v3 = counted([1, 2, 3], topic=TOPIC)
    await deliver(database, reader, [v1, unreadable(v2), v3])
    await ledger.decide(1, "edit", value=b'{"by": 22}')
    async with database.transaction() as tx:
        await positions.adopt(tx, reader.consumer, TOPIC, 0, "two", 0)
    await settle(database, reader)
    others = counted([60, 61], topic=TOPIC)
    await deliver(database, reader, others, topic_id="two")
    assert await ledger.effects() == [1, 22, 3, 60, 61]


# -- what the database does not take ----------------------------------------------------------------------------------


async def test_what_the_database_does_not_take_is_kept_by_itself(database: Database, ledger: Ledger) -> None:
    reader = a_reader()
    v1, v2 = counted([BAD, 2], topic=TOPIC)
    async with database.transaction() as tx:
        await positions.open_place(tx, reader.consumer, TOPIC, 0, "one", 0)
        place = await positions.lock(tx, reader.consumer, TOPIC, 0)
        await reader.set_aside(tx, place, v1, "23514")
        await positions.move(tx, place, 1)
    await deliver(database, reader, [v2])
    assert await ledger.letters() == [(0, "unreadable", "open"), (1, "behind", "open")]
    await ledger.decide(0, "replay")
    await settle(database, reader)
    assert await ledger.effects() == []
    await ledger.decide(0, "edit", value=b'{"by": 1}')
    await settle(database, reader)
    assert await ledger.effects() == [1, 2]


_, _, GIVEN_OUT_AGAIN = next(text for name, text in Folder.of("kit").files() if name.startswith("0015")).partition(
    "SET digest = "
)
WORKED_OUT = GIVEN_OUT_AGAIN[: GIVEN_OUT_AGAIN.index(";")]
"""How the migration works out by what a record is known that was kept before it."""
HOSTILE_HEADERS = [
    [("ce_type", b"a\x00b")],
    [("ce_type", "x" * 5000)],
    [("ce_source", b"a\x00b")],
    [("ce_x\x00", b"1"), ("ce_x\x00", b"2")],
    [("na\x00me", b"value")],
    [("ce_sequence", b"9999999999")],
    [("ce_sequence", "٣".encode())],
    [("ce_time", b"0001-01-01T00:00:00Z")],
    [("ce_id", None)],
    [("ce_id", b"\xff\xfe")],
    [("traceparent", b"a\x00b")],
    [("traceparent", b"x" * 100_000)],
]


@pytest.mark.parametrize("odd", HOSTILE_HEADERS, ids=lambda odd: str(odd)[:40])
async def test_no_header_can_stop_a_reader(
    database: Database, ledger: Ledger, odd: list[tuple[str, bytes | str | None]]
) -> None:
    """Each is put in the place of ours; the record is kept byte for byte or applied, and its neighbours are applied."""
    reader = a_reader()
    (before,), (bad,), (after,) = (counted([by], topic=TOPIC) for by in (1, 2, 3))
    given = [(name, raw.encode() if isinstance(raw, str) else raw) for name, raw in odd]
    names = {name for name, _ in given}
    bad = replace(bad, headers=[*(own for own in bad.headers if own[0] not in names), *given])
    await deliver(database, reader, laid_out([before, bad, after]))
    assert [by for by in await ledger.effects() if by != 2] == [1, 3]
    if kept := await ledger.rows("SELECT value, headers FROM kit.dead_letter"):
        from kit.dead_letters import headers_from_json

        assert kept[0]["value"] == bad.value
        assert headers_from_json(kept[0]["headers"]) == list(bad.headers)
        assert await ledger.rows(f"SELECT FROM kit.dead_letter WHERE digest <> {WORKED_OUT}") == []


@pytest.mark.parametrize(
    "value",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"by": 1e999}', b'{"by": 99999999999999999999999}', b'{"by": NaN}',
        b"[" * 100_000, b'{"by": true}', b'{"by": "1"}', b'{"by": {"\\u0000": 1}}', b'{"by":1' + b" " * 1_000_000,
    ],
    ids=lambda value: repr(value[:20]),
)  # fmt: skip
async def test_no_payload_can_stop_a_reader(database: Database, ledger: Ledger, value: bytes) -> None:
    reader = a_reader()
    (before,), (bad,), (after,) = (counted([by], topic=TOPIC) for by in (1, 2, 3))
    with suppress(Exception):  # a number too large for the column is the bus's to set aside
        await deliver(database, reader, laid_out([before, replace(bad, value=value), after]))
        assert await ledger.rows("SELECT value FROM kit.dead_letter") == [{"value": value}]
        assert await ledger.effects() == [1, 3]
        return
    assert b"9999" in value


async def test_a_key_larger_than_an_index_holds_can_be_kept(database: Database, ledger: Ledger) -> None:
    reader = a_reader()
    (bad,), (after,) = counted([1], topic=TOPIC), counted([2], topic=TOPIC)
    await deliver(database, reader, [replace(unreadable(bad), key=secrets.token_bytes(20_000)), after.at(1)])
    assert await ledger.effects() == [2]
    assert await ledger.letters() == [(0, "unreadable", "open")]


# -- the ceiling, compaction, reactions -------------------------------------------------------------------------------


async def test_the_ceiling_is_counted_from_rows_and_followers_do_not_count(database: Database, ledger: Ledger) -> None:
    consumer = f"test-{secrets.token_hex(4)}"
    follow = counted(range(20), topic=TOPIC)
    log = laid_out([unreadable(follow[0]), *follow[1:], *(unreadable(counted([n], topic=TOPIC)[0]) for n in range(5))])
    await deliver(database, a_reader(consumer, ceiling=3), log[:20])
    for at in (20, 21):
        await deliver(database, a_reader(consumer, ceiling=3), [log[at]])  # a new reader each time: a restart
    with pytest.raises(StopPartition, match="ceiling"):
        await deliver(database, a_reader(consumer, ceiling=3), [log[22]])
    assert await ledger.position(TOPIC) == 22
    async with database.transaction() as tx:
        await positions.stop(tx, consumer, TOPIC, 0, StopPartition("ceiling", "too many"))
    await ledger.resume(consumer, TOPIC)
    await deliver(database, a_reader(consumer, ceiling=3), log[22:])
    assert await ledger.position(TOPIC) == len(log)


async def test_on_a_compacted_topic_versions_may_be_missing_and_tombstones_say_nothing(
    database: Database, ledger: Ledger
) -> None:
    reader = a_reader(compacted=[TOPIC])
    v1, _, v3, _, v5 = counted([1, 2, 3, 4, 5], topic=TOPIC)
    tombstone = TestRecord(TOPIC, 0, 3, v1.key, None)
    await deliver(database, reader, [v1, v3, tombstone])
    await deliver(database, reader, [v5])
    assert await ledger.effects() == [1, 3, 5]
    assert await ledger.letters() == []
    assert await ledger.position(TOPIC) == 5


class Full(Refused):
    """The counter is full."""


async def test_a_reaction_that_the_rules_refuse_becomes_a_task_and_the_rest_goes_on(
    database: Database, ledger: Ledger
) -> None:
    async def react(tx: Connection, event: Received) -> None:
        await write_down(tx, [event])
        if isinstance(event.fact, Counted) and event.fact.by == 2:
            raise Full("it holds 2")

    reader = FactReader("reaction", [Counted], inbox.each("reaction", {Counted: react}))
    log = counted([1, 2, 3], topic=TOPIC)
    await deliver(database, reader, log)
    await deliver(database, reader, [log[1].at(3)])
    assert await ledger.effects() == [1, 3]
    task = {"consumer": "reaction", "code": "full", "detail": "it holds 2"}
    assert await ledger.rows("SELECT consumer, code, detail FROM kit.task") == [task]


async def test_a_wrong_subject_under_a_known_key_does_not_mix_two_counters(database: Database, ledger: Ledger) -> None:
    reader, one, other = a_reader(), new_id(), new_id()
    first = record_of(Counted(by=1), envelope_of(Counted(by=1), one, 1), topic=TOPIC)
    second = record_of(Counted(by=2), envelope_of(Counted(by=2), other, 1), topic=TOPIC, offset=1)
    await deliver(database, reader, [first, replace(second, key=first.key)])
    assert sorted(await ledger.effects()) == [1, 2]
