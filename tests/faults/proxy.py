"""A TCP door between a service and what it needs, which can be shut, slowed or made to swallow what goes through."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Literal, Self

from laptop import ports

Mode = Literal["open", "cut", "slow", "swallow"]
SLOW = 0.3  # seconds by which each piece is late
PIECE = 65_536


class Proxy:
    """One door of 127.0.0.1: what comes to `port` goes to `target`.

    cut: connections are reset, and new ones too. slow: each piece comes late. swallow: what is said is never heard, and nobody is
    told, as when a cable is pulled; when the door opens again those connections are reset, since part of their talk is missing.
    """

    def __init__(self, target: int = 0) -> None:
        self.port = ports.free_port()
        self.target = target
        self.mode: Mode = "open"
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.WriteTransport] = set()

    @property
    def connections(self) -> int:
        """How many talk through it now."""
        return len(self._open) // 2

    @asynccontextmanager
    async def being(self, mode: Mode) -> AsyncIterator[None]:
        """The door is like this for as long as the block lasts."""
        self.mode = mode
        if mode == "cut":
            self._reset()
        try:
            yield
        finally:
            self.mode = "open"
            if mode == "swallow":
                self._reset()

    def _reset(self) -> None:
        for transport in list(self._open):
            _reset(transport)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self._reset()
        ports.give_back(self.port)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "cut":
            _reset(writer.transport)
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer.transport, back.transport}
        self._open |= ends
        try:
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        finally:
            self._open -= ends
            for end in ends:
                end.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(PIECE):
                if self.mode == "slow":
                    await asyncio.sleep(SLOW)
                if self.mode != "swallow":
                    writer.write(piece)
                    await writer.drain()
        writer.transport.close() if not writer.transport.is_closing() else None


def _reset(transport: asyncio.WriteTransport) -> None:
    """End a connection without a word, as a machine does that has lost it; one that its other end has ended is over already."""
    own = transport.get_extra_info("socket")
    if own.fileno() >= 0:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
