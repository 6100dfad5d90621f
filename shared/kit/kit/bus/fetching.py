"""What comes from the broker, by partition; and who it is that cannot be taken apart."""

import asyncio
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError

from kit.bus.holding import Holding, now
from kit.errors import StopPartition

POLL_MS = 200
BREATH = 0.02  # seconds between rounds of single records of which none brought one
CAREFUL = 10.0  # seconds of reading one record at a time, to find the one that cannot be taken apart

UNDECODABLE = (
    CorruptRecordException,
    UnsupportedCodecError,
    ValueError,
    IndexError,
    EOFError,
    struct.error,
    zlib.error,
)
"""What aiokafka raises over what stands in one partition, and not over the connection or the group."""

Group: TypeAlias = Mapping[TopicPartition, list[Any]]
"""Records by partition, each in its order."""


class Fetching:
    """Fetches for one consumer."""

    def __init__(self, holding: Holding, consumer: Callable[[], Any], most: int) -> None:
        """At most so many records at a time."""
        self._holding, self._consumer, self._most = holding, consumer, most
        self._careful_until = float("-inf")

    async def fetch(self) -> Group:
        """Records by partition. One that cannot even be taken apart stops its partition; the others go on.

        aiokafka loses what it had fetched when a record of any partition breaks it (a codec that is not installed, a header's
        name that is not UTF-8): all partitions are taken anew, and read record by record until the culprit is found.
        """
        if now() < self._careful_until:
            return await self._one_by_one()
        try:
            found: Group = await self._consumer().getmany(timeout_ms=POLL_MS, max_records=self._most)
        except UNDECODABLE:
            self._holding.forget()
            self._careful_until = now() + CAREFUL
            return {}
        return found

    async def _one_by_one(self) -> Group:
        fetched: dict[TopicPartition, list[Any]] = {}
        for partition, own in self._holding.all().items():
            try:
                if self._holding.holds(partition, own) and not own.stopped:
                    fetched |= await self._consumer().getmany(partition, timeout_ms=0, max_records=1)
            except UNDECODABLE as error:
                reason = f"{type(error).__name__} at offset {own.next_offset}"
                await self._holding.stop(partition, own, StopPartition("undecodable", reason))
                self._careful_until = float("-inf")
        if not fetched:
            await asyncio.sleep(BREATH)
        return fetched
