"""One origin for several ports: each path is answered by whom it belongs to, and bodies pass as they are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from laptop.gateway import Gateway
from laptop.ports import free_port

PATHS = {"/": "jobs", "/my/person": "people", "/names": "people"}


@asynccontextmanager
async def answering(name: str) -> AsyncIterator[int]:
    """A server that says who it is, what it was asked, and what it was sent."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            (int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-length")), 0
        )
        body = await reader.readexactly(length)
        assert "connection: close" in head.lower()
        said = f"{name} {head.split()[1]} {len(body)}".encode()
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def city() -> AsyncIterator[Gateway]:
    async with (
        answering("jobs") as jobs,
        answering("people") as people,
        Gateway(PATHS, {"jobs": jobs, "people": people}) as gateway,
    ):
        yield gateway


@pytest.mark.parametrize(
    ("path", "answered"),
    [
        ("/", "jobs / 0"),
        ("/desk?who=employer", "jobs /desk?who=employer 0"),
        ("/names", "people /names 0"),
        ("/names/sign-in", "people /names/sign-in 0"),
        ("/names?x=/my/person", "people /names?x=/my/person 0"),
        ("/nameless", "jobs /nameless 0"),
        ("/my/person/name", "people /my/person/name 0"),
        ("/my/personal", "jobs /my/personal 0"),
    ],
)
async def test_a_path_is_answered_by_whom_its_longest_prefix_names(path: str, answered: str) -> None:
    async with city() as gateway, httpx2.AsyncClient() as client:
        assert (await client.get(gateway.url + path)).text == answered


async def test_a_long_body_passes_whole_and_a_connection_carries_one_request() -> None:
    async with city() as gateway, httpx2.AsyncClient() as client:
        for size in (1_000_000, 0, 3):
            sent = await client.post(f"{gateway.url}/names", content=b"x" * size)
            assert sent.text == f"people /names {size}"


async def test_a_service_that_is_away_is_said_to_be_away_and_what_is_no_request_is_refused() -> None:
    async with Gateway({"/": "jobs"}, {"jobs": free_port()}) as gateway, httpx2.AsyncClient() as client:
        assert (await client.get(gateway.url)).status_code == 502
        reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rpartition(":")[2]))
        writer.write(b"hello\r\n\r\n")
        assert (await reader.readline()).split()[1] == b"400"
        writer.close()


async def test_nobody_is_left_waiting_when_it_closes() -> None:
    before = asyncio.all_tasks()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        heard.set()
        await reader.read()
        writer.close()

    heard = asyncio.Event()
    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Gateway({"/": "silent"}, {"silent": port}) as gateway:
            at = int(gateway.url.rpartition(":")[2])
            idle, asking = [await asyncio.open_connection("127.0.0.1", at) for _ in range(2)]
            asking[1].write(b"GET / HTTP/1.1\r\n\r\n")
            await heard.wait()
        for reader, writer in (idle, asking):
            assert await reader.read() == b""
            writer.close()
    left = [task for task in asyncio.all_tasks() - before if "Gateway" in repr(task) or "_carry" in repr(task)]
    assert not left
