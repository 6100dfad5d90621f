"""What destroys data on purpose, and the operator's way back. Each has the city to itself; nothing acknowledged may be missing.

What was committed and not yet sent when a database is lost is in no copy, as cli/README.md says: so everybody is quiet then.
"""

import asyncio
import shutil
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from kit import provision
from kit.testing.waiting import until

from . import known
from .archive import Archive
from .arena import PATIENCE, Arena, Stop, freeze
from .nemesis import Nemesis
from .strikes import Strike

PROBES = 8

Disaster = Callable[[Nemesis], Awaitable[tuple[bool, str]]]
"""Whether it hit, and a note."""


async def topic_recreated(nemesis: Nemesis) -> tuple[bool, str]:
    """The topic is deleted and made again; commands go on meanwhile."""
    arena = nemesis.arena
    await _read_up(nemesis)
    await nemesis.archive.catch_up()
    await _delete_topic(arena)
    nemesis.archive.begin_anew(known.TOPIC)
    await arena.decide("republish", known.WRITER.service)
    await asyncio.to_thread(arena.stage.make_topics)
    await nemesis.planting.allow_large()
    hearing = [reader for reader in arena.readers if known.TOPIC in reader.topics]
    stopped = await _stopped(arena, "topic-recreated", 12 * len(hearing))
    await arena.adopt_what_stopped()
    await _said_again(arena)
    return True, f"{stopped} partitions stopped, republished, adopted"


async def log_cut_below(nemesis: Nemesis) -> tuple[bool, str]:
    """What the readers have not read yet is deleted from the log."""
    arena = nemesis.arena
    names = await _unread(nemesis)
    async with nemesis.history.paused(PATIENCE):
        await arena.sent()
        await nemesis.archive.catch_up()
        admin = AdminClient({"bootstrap.servers": arena.broker.bootstrap})
        cuts = admin.delete_records([TopicPartition(known.TOPIC, number, -1) for number in range(12)])
        for future in cuts.values():
            await asyncio.to_thread(future.result)
        for name in names:
            arena.supervisor.resume(name)
        await _stopped(arena, "log-begins-later", 1)
        stopped = await _say_again_and_adopt(nemesis)
    return True, f"{stopped} partitions stopped, republished, adopted"


async def log_shorter(nemesis: Nemesis) -> tuple[bool, str]:
    """The broker's disk loses partitions: it comes back with the same topic, and nothing in these."""
    arena = nemesis.arena
    async with nemesis.history.paused(PATIENCE):
        await arena.sent()
        await _read_up(nemesis)
        await nemesis.archive.catch_up()
        await arena.broker.kill()
        lost = [folder for folder in sorted(arena.broker.data.glob(f"{known.TOPIC}-*")) if _has_records(folder)][:4]
        for folder in lost:
            shutil.rmtree(folder)
        _forget_checkpoints(arena.broker.data)
        await arena.broker.start()
        nemesis.archive.begin_anew(known.TOPIC)
        await _stopped(arena, "log-ends-earlier", 1)
        stopped = await _say_again_and_adopt(nemesis)
    return bool(lost), f"{len(lost)} partitions emptied, {stopped} stopped, republished, adopted"


async def writer_restored(nemesis: Nemesis) -> tuple[bool, str]:
    """The database of the service that commands go to is lost, and comes back from a backup of some time ago."""
    return await _restored(nemesis, known.WRITER.service)


async def reader_restored(nemesis: Nemesis) -> tuple[bool, str]:
    """The reader's database is lost, and comes back from a backup of some time ago."""
    return await _restored(nemesis, known.REPORTING.service)


async def learning_restored(nemesis: Nemesis) -> tuple[bool, str]:
    """So is that of a service that reacts: it hears again what it had heard since, and does nothing twice."""
    return await _restored(nemesis, known.LEARNING.service)


DISASTERS: dict[str, Disaster] = {
    "topic recreated": topic_recreated,
    "log cut off below": log_cut_below,
    "log shorter than the position": log_shorter,
    "writer's database restored": writer_restored,
    "reader's database restored": reader_restored,
    "reacting service's database restored": learning_restored,
}


async def strike(nemesis: Nemesis, name: str) -> None:
    """One disaster, alone; and how long it took until all worked again."""
    async with nemesis.alone():
        began = time.monotonic()
        hit, note = await DISASTERS[name](nemesis)
        await nemesis.works_again()
        nemesis.strikes.add(Strike(name, "data", hit, note, recovery=time.monotonic() - began))


# -- the log ---------------------------------------------------------------------------------------------------------------


async def _delete_topic(arena: Arena) -> None:
    admin = AdminClient({"bootstrap.servers": arena.broker.bootstrap})
    await asyncio.to_thread(admin.delete_topics([known.TOPIC])[known.TOPIC].result)

    async def gone() -> bool:
        return known.TOPIC not in (await asyncio.to_thread(admin.list_topics, timeout=10)).topics

    await until(gone, PATIENCE, "the topic is gone")


async def _stopped(arena: Arena, code: str, least: int) -> int:
    """Wait until so many partitions of all readers have stopped for this reason; how many have."""
    found = 0

    async def have() -> bool:
        nonlocal found
        found = list((await arena.stops()).values()).count(code)
        return found >= least

    await until(have, PATIENCE, f"partitions stop: {code}")
    return found


async def _unread(nemesis: Nemesis) -> list[str]:
    """Freeze every reader, and let some be said that they have not read; the names of the frozen."""
    target = known.COUNTING
    names = [target.copy(number) for number in range(1, target.copies + 1)]
    async with nemesis.history.paused(PATIENCE):
        await nemesis.arena.sent()
        await _read_up(nemesis)
        for name in names:
            await freeze(nemesis.arena, name)
    await nemesis.history.acknowledgements(20, PATIENCE)
    return names


async def _read_up(nemesis: Nemesis) -> None:
    """Return when the reader has marked all that was said, and set aside what nobody can read: that is in the log alone."""
    arena = nemesis.arena
    said = await arena.said()
    poison = sum(topic == known.TOPIC for topic, _, _ in nemesis.planting.places)

    async def read() -> bool:
        aside = await arena.count(known.REPORTING.service, "SELECT count(*) FROM kit.dead_letter")
        return aside >= poison and await arena.heard() >= said

    await until(read, PATIENCE, "all that was said is read")


async def _say_again_and_adopt(nemesis: Nemesis) -> int:
    """What the operator does about partitions that stop one after another; how many did."""
    arena = nemesis.arena
    await arena.decide("republish", known.WRITER.service)
    await _said_again(arena)
    said = await arena.said()
    adopted: set[Stop] = set()

    async def read() -> bool:
        stops = await arena.adopt_what_stopped()
        adopted.update(stops)
        return not stops and await arena.heard() >= said

    await until(read, PATIENCE, "all that was said again is read")
    return len(adopted)


async def _said_again(arena: Arena) -> None:
    async def done() -> bool:
        query = "SELECT count(*) FROM kit.republish WHERE done_at IS NULL"
        return not await arena.count(known.WRITER.service, query)

    await until(done, PATIENCE, "the journal is said again")


def _has_records(folder: Path) -> bool:
    return any(file.stat().st_size for file in folder.glob("*.log"))


def _forget_checkpoints(data: Path) -> None:
    """A disk that loses its logs loses what it noted of them."""
    for file in data.glob("*-checkpoint"):
        if not file.name.startswith("cleaner"):
            file.unlink()


# -- databases -------------------------------------------------------------------------------------------------------------


async def _noise(nemesis: Nemesis) -> list[str]:
    """What the operator has seen to be no facts: the poison that stands in the writer's log now, and not in one before it."""
    log = Archive(nemesis.arena.broker.bootstrap, (known.TOPIC,))
    await log.catch_up()
    poison = log.poison(known.TOPIC)
    return [word for topic, at, offset in sorted(poison) for word in ("--pass-over", f"{topic}/{at}/{offset}")]


async def _restored(nemesis: Nemesis, service: str) -> tuple[bool, str]:
    arena = nemesis.arena
    file = arena.config.with_name(f"{service}.dump")
    file.unlink(missing_ok=True)
    await arena.operate("backup", service, file)
    await nemesis.history.acknowledgements(30, PATIENCE)
    async with nemesis.history.paused(PATIENCE):
        await arena.settled()  # also of what follows by itself: who reacts is not quiet because nobody asks anything
        await _read_up(nemesis)
        admin = await asyncpg.connect(arena.stage.postgres.dsn())
        try:
            await admin.execute(f"DROP DATABASE {provision.names(service)[0]} WITH (FORCE)")
        finally:
            await admin.close()
        await arena.decide("restore", service, file)
        noise = await _noise(nemesis) if service == known.WRITER.service else []
        told = await arena.decide("reconcile", service, "--json", *noise)
    await nemesis.arena.revive()
    return True, f"{told['added']} lines read back"


# -- neighbours of poison ----------------------------------------------------------------------------------------------------


async def neighbours(nemesis: Nemesis) -> tuple[float, float]:
    """How much longer than otherwise good claims and good events take in the middle of poison: medians and worst, in seconds.

    Measured alone and quiet, since every other fault of the trial delays them too.
    """
    async with nemesis.alone(), nemesis.history.paused(PATIENCE):
        await _read_up(nemesis)
        chance = nemesis.chance("neighbours")
        plain, among = [], []
        for _ in range(PROBES):
            plain += [await _claim_time(nemesis), await _event_time(nemesis)]
        for _ in range(PROBES):
            await nemesis.planting.poison_claims(chance)
            among.append(await _claim_time(nemesis))
            await nemesis.planting.poison_events(chance)
            among.append(await _event_time(nemesis))
    return statistics.median(among) - statistics.median(plain), max(among) - statistics.median(plain)


async def _claim_time(nemesis: Nemesis) -> float:
    """Seconds from every partner's claim to its answer, the slowest."""
    began = time.monotonic()
    await asyncio.gather(*(partner.probe() for partner in nemesis.load.partners))
    return time.monotonic() - began


async def _event_time(nemesis: Nemesis) -> float:
    """Seconds from a command's acknowledgement to its effect in the read model."""
    person = nemesis.history.persons[0]
    body = {"person_id": person, "source": "direct", "channel": "website", "employment_status": "unemployed"}
    told = await nemesis.load.hub.probe("/engagements", body)
    began = time.monotonic()

    async def counted() -> bool:
        query = f'SELECT count(*) FROM "{nemesis.arena.reader}".interest WHERE aggregate_id = $1::uuid'
        return bool(await nemesis.arena.count(known.REPORTING.service, query, told["id"]))

    await until(counted, PATIENCE, "an event in the middle of poison is counted")
    return time.monotonic() - began
