"""The consumer: one loop over Kafka, one transaction a batch, the position moved in it.

A batch is of one partition. A reader that gathers takes several in one transaction while each has only a little; whatever goes
wrong then is tried again partition by partition, and has its meaning there.

FastStream gives the connection, security and documents; the loop keeps what its decorators lose (decision 0001). A reader says
what becomes of records; the loop says when, how often, and what an error means:

- Unavailable: the transaction is rolled back, this partition waits (pause, never a sleep: c17) and is tried again in order;
- StopPartition, or an error that we have no name for: the partition's row says stopped, and it waits for a person (c8);
- a batch that fails is tried record by record, so that what is good before the bad one is applied;
- whatever surprises (a hole, a stale batch, a row that has moved): the partition is taken anew, by its row.

Kafka's own commit comes afterwards, for lag tools; nothing depends on it.

Read in this order: `reader`, what a service gives; `loop`, the turns; `fetching`, what comes; `delivering`, in what portions and
what an error means; `applying`, the transaction; `holding`, the partitions that we have; `logs`, rows beside what the broker says.
"""

from kit.bus.loop import Bus
from kit.bus.reader import Gathering, Reader

__all__ = ["Bus", "Gathering", "Reader"]
