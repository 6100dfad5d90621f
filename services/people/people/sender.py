"""The loop that sends: takes a message for the length of a lease, looks up whom it goes to, hands it over, notes what became of it.

Any number of workers do so at once. No transaction is open while a mail server thinks. Between the server's word and our note of it
lies the one window in which a process that dies has sent and does not know: the lease ends, and the message goes out again, under
the same Message-ID. That is at least once; nothing that speaks SMTP can do better (decision 0010).
"""

import asyncio
from dataclasses import dataclass, field
from email.message import EmailMessage

from kit import log
from kit.clock import now
from kit.database import Database
from kit.ending import Ending
from kit.errors import Unavailable
from kit.failpoints import failpoint
from kit.metrics import LOOPS
from people.domain.details import Kind
from people.domain.messages import MessageState, Standing, held_because, next_try
from people.handlers import People
from people.messages import store
from people.messages.channels import AddressRefused, Channel, MessageRefused
from people.messages.letters import Letters
from people.messages.store import Taken
from people.tree import one_with

LOOK = 1.0  # seconds between two looks while nothing is due

logger = log.get(__name__)


@dataclass
class Sender:
    """Sends what is due (kit.service.Loop)."""

    database: Database
    people: People
    letters: Letters
    channel: Channel
    name: str = "messages"
    moved_at: float = 0.0
    _ending: Ending = field(default_factory=Ending)

    async def run(self) -> None:
        while not self._ending.is_set():
            self.moved_at = asyncio.get_running_loop().time()
            try:
                if await self.send_next():
                    continue
            except Unavailable:
                pass  # the database is away, or a key of the vault: what is due is due when they come back
            await self._ending.rest(LOOK)

    def stop(self) -> None:
        self._ending.set()

    async def send_next(self) -> bool:
        """Send the message that has been due for longest. False: there is none, or nothing goes through. Raises Unavailable."""
        async with self.database.transaction() as tx:
            taken = await store.take(tx)
        if taken is None:
            return False
        try:
            return await self._look_up_and_send(taken)
        except Exception as error:
            if isinstance(error, Unavailable):
                raise
            # a defect of ours: the others do not wait for it, and it is not at the head of them for ever
            logger.exception("defect", aggregate="message", aggregate_id=str(taken.id))
            await self._later(taken, "defect")
            return True

    async def _look_up_and_send(self, taken: Taken) -> bool:
        async with self.database.transaction() as tx:
            held = await self.people.details_of(tx, taken.person_id)
            stopped = await store.opted_out(tx, await one_with(tx, taken.person_id))
            standing = Standing(
                kind=taken.kind, said_at=taken.said_at, day=taken.day, opted_out=taken.kind in stopped,
                reachable=Kind.EMAIL in held,
            )  # fmt: skip
            because = held_because(standing, now())
            if because is not None:
                await store.hold(tx, taken.id, because)
        if because is not None:
            self._count("held")
            return True
        try:
            letter = self.letters.letter(taken, held)
        except ValueError:  # an address that no mail can be written to
            await self._end(taken, MessageState.BOUNCED, "unwritable")
            return True
        return await self._send(taken, letter)

    async def _send(self, taken: Taken, letter: EmailMessage) -> bool:
        failpoint("messages.before_send")
        try:
            await self.channel.send(letter)
        except AddressRefused as refused:
            await self._end(taken, MessageState.BOUNCED, refused.code)
        except MessageRefused as refused:
            await self._end(taken, MessageState.FAILED, refused.code)
        except Unavailable as away:
            await self._later(taken, str(away))
            return False
        else:
            failpoint("messages.after_send")
            async with self.database.transaction() as tx:
                await store.mark_sent(tx, taken.id)
            self._count("sent")
        return True

    async def _later(self, taken: Taken, code: str) -> None:
        logger.warning("message_not_sent", aggregate_id=str(taken.id), code=code, attempt=taken.attempts)
        at = next_try(taken.attempts, now())
        if at is None:
            await self._end(taken, MessageState.FAILED, code)
            return
        async with self.database.transaction() as tx:
            await store.try_later(tx, taken, at, code)
        self._count("later")

    async def _end(self, taken: Taken, state: MessageState, code: str) -> None:
        logger.warning("message_ended", aggregate_id=str(taken.id), state=state, code=code)
        async with self.database.transaction() as tx:
            await store.end(tx, taken.id, state, code)
        self._count(state)

    def _count(self, outcome: str) -> None:
        LOOPS.labels(self.name, outcome).inc()
