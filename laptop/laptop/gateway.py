"""One origin for what answers on several ports, as a city's gateway gives it: a browser then lets their pages work together.

Each request goes to the port of the longest prefix of its path. A connection carries one request, so nothing of it is read but
its head: bodies pass as they are, of whatever length.
"""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

HEAD_LIMIT = 65_536
CHUNK = 65_536
NOT_REQUESTS = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
NOBODY = b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Gateway:
    """Listens on a port of its own from `async with` on. `ports` may be filled later: it is looked up with each request."""

    def __init__(self, paths: Mapping[str, str], ports: Mapping[str, int]) -> None:
        """`paths`: prefix -> name, `/` among them; `ports`: name -> port."""
        self._paths = sorted(paths.items(), key=lambda path: len(path[0]), reverse=True)
        self._ports = ports
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The origin: `http://127.0.0.1:8123`."""
        host, port = self._server.sockets[0].getsockname()
        return f"http://{host}:{port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=HEAD_LIMIT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _port(self, path: str) -> int:
        """The port for a path: `/my/person` is for `/my/person` and what lies under it, and not for `/my/personal`."""
        name = next(name for prefix, name in self._paths if f"{path}/".startswith(f"{prefix.rstrip('/')}/"))
        return self._ports[name]

    def _accept(self, browser: StreamReader, to_browser: StreamWriter) -> None:
        """Serve a connection in a task that is held until it is done: the loop holds none."""
        serving = asyncio.create_task(self._serve(browser, to_browser))
        self._connections.add(serving)
        serving.add_done_callback(self._connections.discard)

    async def _serve(self, browser: StreamReader, to_browser: StreamWriter) -> None:
        try:
            await self._pass_on(browser, to_browser)
        finally:
            to_browser.close()

    async def _pass_on(self, browser: StreamReader, to_browser: StreamWriter) -> None:
        try:
            head = await browser.readuntil(b"\r\n\r\n")
            first, *headers = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
            _, target, _ = first.decode("ascii").split(" ")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, ConnectionError):
            await _end(to_browser, NOT_REQUESTS)
            return
        try:
            service, to_service = await asyncio.open_connection("127.0.0.1", self._port(urlsplit(target).path))
        except OSError:
            await _end(to_browser, NOBODY)
            return
        kept = [header for header in headers if not header.lower().startswith((b"connection:", b"keep-alive:"))]
        to_service.write(b"\r\n".join([first, *kept, b"Connection: close", b"", b""]))
        asking = asyncio.create_task(_carry(browser, to_service))
        try:
            await _carry(service, to_browser)
        finally:
            asking.cancel()
            to_service.close()
        await _end(to_browser)


async def _carry(source: StreamReader, sink: StreamWriter) -> None:
    """All that comes, until it ends or one side is gone."""
    try:
        while chunk := await source.read(CHUNK):
            sink.write(chunk)
            await sink.drain()
    except ConnectionError:
        return


async def _end(sink: StreamWriter, last: bytes = b"") -> None:
    try:
        if last:
            sink.write(last)
            await sink.drain()
        sink.close()
        await sink.wait_closed()
    except ConnectionError:
        return
