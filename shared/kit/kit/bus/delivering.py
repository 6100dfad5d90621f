"""What was fetched, in portions: how many partitions and records are one transaction, and what an error means for them."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

from aiokafka import TopicPartition

from kit.bus.applying import Anew, apply, apply_together, set_aside
from kit.bus.fetching import Group
from kit.bus.holding import Held, Holding
from kit.bus.reader import Gathering, Reader
from kit.cloudevents import Record
from kit.database import Database, is_bad_data
from kit.errors import StopPartition, Unavailable, Unreadable
from kit.metrics import BATCH
from kit.positions import Fenced

AT_ONCE = 3  # partitions of one consumer that are applied side by side: below what a pool has
SINGLY_AFTER = 3  # failures of a batch after which its records are tried one by one


class Delivering:
    """Delivers to one reader what its consumer has fetched."""

    def __init__(
        self, reader: Reader, database: Database, holding: Holding, batch: int, turn: Callable[[], None]
    ) -> None:
        """`batch`: records of a transaction, at most. `turn` is called when something begins that may take long."""
        self._reader, self._database, self._holding = reader, database, holding
        self._batch, self._turn = batch, turn

    async def deliver_all(self, fetched: Group) -> None:
        """A few transactions at a time: while the database works for one, another is decoded."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def alone(partition: TopicPartition, records: list[Any]) -> None:
            async with turns:
                self._turn()
                await self.deliver(partition, records)

        async def together(group: Group) -> None:
            async with turns:
                if await self.deliver_together(group):
                    return
            await _all(alone(partition, records) for partition, records in group.items())

        await _all(together(group) for group in self._groups(fetched))

    def _groups(self, fetched: Group) -> Sequence[Group]:
        """What is applied in one transaction: partitions whose records make no more than a batch. When little comes, a few records
        of each partition cost one commit in place of one each."""
        groups: list[dict[TopicPartition, list[Any]]] = []
        room = 0
        for partition, records in fetched.items():
            own = self._holding.of(partition)
            calm = own is not None and own.calm
            if not (calm and len(records) <= room):
                groups.append({})
                room = self._batch if calm and isinstance(self._reader, Gathering) else 0
            groups[-1][partition] = records
            room -= len(records)
        return groups

    async def deliver_together(self, group: Group) -> bool:
        """Apply the records of several partitions in one transaction. False: none were applied, and each partition is to be tried
        by itself, where whatever goes wrong is that partition's alone."""
        held = {partition: own for partition in group if (own := self._holding.of(partition)) is not None}
        if len(group) < 2 or not all(self._holding.holds(*each) for each in held.items()) or len(held) < len(group):
            return False
        assert isinstance(self._reader, Gathering)
        self._turn()
        try:
            with BATCH.labels(self._reader.consumer).time():
                if not await apply_together(self._database, self._reader, group):
                    return False
        except Exception:  # noqa: BLE001 it comes again where the partition is tried by itself, and has its meaning there
            return False
        for partition, own in held.items():
            self._holding.advance(partition, own, group[partition][-1].offset + 1)
        return True

    async def deliver(self, partition: TopicPartition, records: Sequence[Any]) -> None:
        """Apply one partition's records; whatever goes wrong is this partition's alone."""
        own = self._holding.of(partition)
        if own is None or own.waits:
            return
        while records and self._holding.holds(partition, own):
            share = records[: 1 if own.singly else self._batch]
            try:
                with BATCH.labels(self._reader.consumer).time():
                    next_offset = await apply(self._database, self._reader, partition, own, share)
            except Anew:
                self._holding.drop(partition, own)
                return
            except Unavailable as error:
                if own.failures >= SINGLY_AFTER:
                    own.singly = len(records)  # together they may need longer than the database allows
                self._holding.delay(partition, own, type(error.__cause__ or error).__name__)
                return
            except StopPartition as reason:
                if len(share) > 1:
                    own.singly = len(share)
                    continue
                await self._holding.stop(partition, own, reason)
                return
            except Exception as error:  # noqa: BLE001 an error without a name stops this partition, not the others
                if len(share) > 1:
                    own.singly = len(share)
                    continue
                if not await self._aside_or_stop(partition, own, share[0], error):
                    return
                next_offset = share[0].offset + 1
            self._holding.advance(partition, own, next_offset)
            own.singly = max(0, own.singly - len(share))
            records = records[len(share) :]

    async def _aside_or_stop(self, partition: TopicPartition, own: Held, record: Record, error: Exception) -> bool:
        """One record that fails by itself: kept, where no retry makes it readable or storable; else the partition stops."""
        if not (is_bad_data(error) or isinstance(error, Unreadable)):
            await self._holding.stop_for_defect(partition, own, record.offset, error)
            return False
        try:
            await set_aside(self._database, self._reader, partition, record, _code_of(error))
        except StopPartition as reason:
            await self._holding.stop(partition, own, reason)
        except (Unavailable, Fenced) as again:
            self._holding.delay(partition, own, type(again).__name__)
        except Exception as worse:  # noqa: BLE001 it cannot even be kept: a person must look
            await self._holding.stop_for_defect(partition, own, record.offset, worse)
        else:
            return True
        return False


def _code_of(error: Exception) -> str:
    """Why a record is kept aside, for a dead letter: our own name for it, or the database's."""
    if isinstance(error, Unreadable):
        return error.code
    return f"database-{getattr(error, 'sqlstate', None) or 'data'}".lower()


async def _all(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Side by side; all have ended before what one of them raises is raised."""
    for ended in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(ended, BaseException):
            raise ended
