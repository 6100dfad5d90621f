"""One transaction: the position locked, the records applied, the position moved."""

from collections.abc import Sequence

from aiokafka import TopicPartition

from kit import positions
from kit.bus.fetching import Group
from kit.bus.holding import Held
from kit.bus.reader import Gathering, Reader
from kit.cloudevents import Record
from kit.database import Database
from kit.errors import StopPartition
from kit.failpoints import failpoint
from kit.metrics import FENCED
from kit.positions import Fenced, Place


class Anew(Exception):
    """These are not the records that are due: take the partition anew, by its row."""


class _Stale(Exception):
    """All of the batch lies before the position: another reader has applied it."""


async def apply(
    database: Database, reader: Reader, partition: TopicPartition, own: Held, records: Sequence[Record]
) -> int:
    """Apply records of one partition in one transaction; the next offset. Raises Anew where they are not the ones that are due."""
    at = (reader.consumer, partition.topic, partition.partition)
    try:
        async with database.transaction() as tx:
            place = await positions.lock(tx, *at)
            if place.stopped_code:
                raise StopPartition(place.stopped_code, "stopped by another process")
            if records[-1].offset < place.next_offset:
                raise _Stale
            if records[0].offset > place.next_offset and not own.has_hole_at(place):
                raise Anew
            fresh = [record for record in records if record.offset >= place.next_offset]
            await reader.read(tx, place, fresh)
            failpoint("bus.before_move")
            await positions.move(tx, place, fresh[-1].offset + 1)
            failpoint("bus.before_commit")
        failpoint("bus.after_commit")
        return fresh[-1].offset + 1
    except Fenced:
        raise Anew from None
    except _Stale:
        FENCED.labels(reader.consumer, partition.topic).inc()
        async with database.transaction() as tx:
            await positions.fence(tx, *at)
        raise Anew from None


async def apply_together(database: Database, reader: Gathering, group: Group) -> bool:
    """Apply records of several partitions in one transaction. False: they were not what is due in each, and none is applied."""
    due = {(at.topic, at.partition): records for at, records in group.items()}
    async with database.transaction() as tx:
        places = await positions.lock_free(tx, reader.consumer, due)
        batches = [(place, due[place.topic, place.partition]) for place in places]
        if len(batches) < len(due) or not all(_is_due(*batch) for batch in batches):
            return False
        await reader.read_together(tx, batches)
        failpoint("bus.before_move")
        moves = {place: records[-1].offset + 1 for place, records in batches}
        await positions.move_all(tx, reader.consumer, moves)
        failpoint("bus.before_commit")
    failpoint("bus.after_commit")
    return True


def _is_due(place: Place, records: Sequence[Record]) -> bool:
    """Whether the records begin where the position is. A hole, or what was applied before, is for the partition by itself."""
    return place.stopped_code is None and records[0].offset == place.next_offset


async def set_aside(database: Database, reader: Reader, partition: TopicPartition, record: Record, code: str) -> None:
    """Keep one record that fails by itself, and pass over it. Raises StopPartition at the ceiling."""
    async with database.transaction() as tx:
        place = await positions.lock(tx, reader.consumer, partition.topic, partition.partition)
        if place.next_offset <= record.offset:
            await reader.set_aside(tx, place, record, code)
            await positions.move(tx, place, record.offset + 1)
