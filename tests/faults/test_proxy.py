"""The doors of a trial do to what goes through them what they say, and lead to the broker that says it is behind them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from laptop import apache_kafka
from laptop.apache_kafka import ApacheKafka

from .proxy import Proxy, _reset

Talk = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest_asyncio.fixture
async def door() -> AsyncIterator[Proxy]:
    """A door to a server that says everything twice."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line * 2)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server, Proxy() as proxy:
        proxy.target = server.sockets[0].getsockname()[1]
        yield proxy


@asynccontextmanager
async def talk(port: int) -> AsyncIterator[Talk]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    yield reader, writer
    writer.close()


async def said(talk: Talk) -> bytes:
    talk[1].write(b"x\n")
    return await talk[0].readline()


async def test_an_open_door_and_a_slow_one_carry_everything(door: Proxy) -> None:
    async with talk(door.port) as own:
        assert await said(own) == b"x\n"
        assert door.connections == 1
        async with door.being("slow"):
            assert await said(own) == b"x\n"


async def test_a_cut_door_resets_who_talks_and_who_comes(door: Proxy) -> None:
    async with talk(door.port) as own:
        await said(own)
        async with door.being("cut"):
            for each in (own, await asyncio.open_connection("127.0.0.1", door.port)):
                with pytest.raises(ConnectionError):
                    while await each[0].readline():
                        pass
                each[1].close()
    async with talk(door.port) as another:
        assert await said(another) == b"x\n"


async def test_a_door_that_swallows_tells_nobody_until_it_opens(door: Proxy) -> None:
    async with talk(door.port) as own:
        assert await said(own) == await own[0].readline() == b"x\n"
        async with door.being("swallow"):
            own[1].write(b"y\n")
            reading = asyncio.create_task(own[0].readline())
            async with talk(door.target) as round_it:  # that much time there was
                assert await said(round_it) == b"x\n"
            assert not reading.done()
        with pytest.raises(ConnectionError):
            await reading


async def test_an_end_that_is_over_already_is_left_alone(door: Proxy) -> None:
    """One end of a connection may be gone while the other is still written to: somebody stands still and does not read."""
    async with talk(door.port) as own:
        await said(own)
        own[1].transport.abort()
        with suppress(ConnectionError):
            await own[1].wait_closed()
        assert own[1].get_extra_info("socket").fileno() < 0
        _reset(own[1].transport)


@pytest.mark.kafka
async def test_a_broker_is_reached_through_its_door_and_by_no_way_round_it() -> None:
    if not apache_kafka.is_possible():
        pytest.skip("needs Java 17 and Maven")
    async with Proxy() as proxy, ApacheKafka(doors={"service": proxy.port}) as broker:
        proxy.target = broker.door("service")
        producer = AIOKafkaProducer(bootstrap_servers=f"127.0.0.1:{proxy.port}")
        await producer.start()
        assert {(node.host, node.port) for node in producer.client.cluster.brokers()} == {("127.0.0.1", proxy.port)}
        await producer.stop()
