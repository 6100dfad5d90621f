"""What a service gives to the loop: a reader, which says what becomes of records."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from kit.cloudevents import Record
from kit.database import Connection
from kit.dead_letters import Batch
from kit.positions import Place


class Reader(Protocol):
    """What a service makes of the records of one partition."""

    @property
    def consumer(self) -> str:
        """The reader's name: its consumer group, and the key of its positions. A new version is a new name."""

    async def read(self, tx: Connection, place: Place, records: Sequence[Record]) -> None:
        """Apply the records, in order, in this transaction. Raises what the package's text gives a meaning to."""

    async def set_aside(self, tx: Connection, place: Place, record: Record, code: str) -> None:
        """Keep one record that the database will never take. Raises StopPartition at the ceiling."""

    async def settle(self, tx: Connection, place: Place) -> None:
        """Do what an operator has asked for this partition's dead letters."""

    async def asked(self, tx: Connection) -> Sequence[tuple[str, int]]:
        """The partitions for which an operator has asked something."""


@runtime_checkable
class Gathering(Reader, Protocol):
    """A reader that takes the records of several partitions in one transaction.

    More is fetched when all that was fetched is applied: a partition that waits is waited for either way.
    """

    async def read_together(self, tx: Connection, batches: Sequence[Batch]) -> None:
        """Apply the records of each partition, in order, in this transaction. Raises like `read`."""
