"""A real Apache Kafka on this machine's Java: one KRaft node from the artefacts that Maven fetches, once."""

import asyncio
import base64
import os
import re
import shutil
import signal
import subprocess
import tempfile
import uuid
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self
from xml.sax.saxutils import escape

from rich.console import Console

from laptop import cache, kafka_client, leash, ports

VERSION = "4.4.0"

_JARS = f"apache-kafka-{VERSION}"
_EMPTY = f"{_JARS}-empty"
_IDS = re.compile(r"^(cluster\.id|directory\.id)=.*$", re.MULTILINE)
_JAVA_AT_LEAST = 17
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"

# log4j-slf4j-impl is of the version of the log4j-core that this Kafka brings; without it the broker is silent.
_DEPENDENCIES = (
    ("org.apache.kafka", "kafka_2.13", VERSION),
    ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.3"),
)

_LOGGING = """\
appender.stdout.type = Console
appender.stdout.name = STDOUT
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = %d %p %c{1} %m%n
rootLogger.level = WARN
rootLogger.appenderRef.stdout.ref = STDOUT
"""


def is_possible() -> bool:
    """Whether this machine has Java 17 or newer, and the jars or the Maven to fetch them with."""
    return _has_java() and ((cache.folder() / _JARS).exists() or shutil.which("mvn") is not None)


class ApacheKafka:
    """One node on 127.0.0.1 with data of its own; `async with` starts it, stops it and removes the data.

    On the plaintext listener (`bootstrap`) everybody is the super user. With `users` (name -> password, may be empty:
    an administrator can add users later) there is a second listener (`partners`), SASL_PLAINTEXT with SCRAM-SHA-512,
    and every request is checked: who is not the super user may do what an ACL allows, and nothing else.

    `lasts`: it is to be fast for long, its code compiled as for a server; else it is to be there soon, for two thirds of the work.

    `doors` (name -> port) are further plaintext listeners, each of which says that it is to be found at that port of 127.0.0.1: a
    proxy of the caller's, which leads to `door(name)`.

    Raises:
        ValueError: a name or a password holds a comma, an equals sign or a bracket, which Kafka's own tool cannot read.
    """

    name = f"Apache Kafka {VERSION} (KRaft, one node, this machine's Java)"
    idempotent = True
    session_ms = 3_000

    def __init__(
        self, *, users: Mapping[str, str] | None = None, doors: Mapping[str, int] | None = None, lasts: bool = False
    ) -> None:
        if odd := [user for user, password in (users or {}).items() if set(",]=") & set(user + password)]:
            raise ValueError(f"a comma, an equals sign or a bracket in the name or password of {', '.join(odd)}")
        self.acls = users is not None
        self._users = dict(users or {})
        self._ports = {"plain": ports.free_port(), "controller": ports.free_port()}
        if self.acls:
            self._ports["partners"] = ports.free_port()
        self._doors = dict(doors or {})
        self._lasts = lasts
        self._ports |= {f"door {name}": ports.free_port() for name in self._doors}
        self._server: Process | None = None

    @cached_property
    def _folder(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="oneworkforce-kafka-"))

    @property
    def bootstrap(self) -> str:
        """host:port of the plaintext listener, the super user's; the same for every start."""
        return f"127.0.0.1:{self._ports['plain']}"

    @property
    def partners(self) -> str:
        """host:port of the listener with sign-in.

        Raises:
            ValueError: the broker was made without `users`.
        """
        if not self.acls:
            raise ValueError("this broker has no listener with sign-in: make it with users={}")
        return f"127.0.0.1:{self._ports['partners']}"

    def door(self, name: str) -> int:
        """The port at which the broker listens for what comes through this door."""
        return self._ports[f"door {name}"]

    @property
    def data(self) -> Path:
        """The folder of the logs: `<topic>-<partition>/`. Touch it while the broker is down, if at all."""
        return self._folder / "data"

    @property
    def log(self) -> Path:
        """The broker's log file."""
        return self._folder / "log"

    async def start(self) -> None:
        """Start on the data that is there, and return when a record was written and acknowledged.

        Raises:
            RuntimeError: the jars cannot be fetched, or the broker ended; the message holds the end of its log.
        """
        jars = await _jars()
        if not (self._folder / "data").exists():
            await self._format(jars)
        with self.log.open("ab") as log:
            self._server = await leash.start(
                [*self._java(jars, heap="512m", lasts=self._lasts), "kafka.Kafka", self._folder / "server.properties"],
                output=log,
                cwd=self._folder,
            )
        await kafka_client.wait_until_ready(self.bootstrap, self._server, self.log, idempotent=True)

    async def kill(self) -> None:
        """SIGKILL the broker. `start()` brings it back on the same port and data."""
        if self._server:
            await leash.end(self._server)

    async def shut_down(self) -> None:
        """Stop the broker in order and keep its data. `start()` brings it back on the same port."""
        if self._server:
            await leash.end(self._server, first=signal.SIGTERM, grace=30)

    async def stop(self) -> None:
        """Stop the broker and remove its data."""
        await self.kill()  # its data goes too: there is nothing to put in order
        shutil.rmtree(self._folder, ignore_errors=True)
        for port in self._ports.values():
            ports.give_back(port)

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

    async def _format(self, jars: Path) -> None:
        """Settings, and empty data; where there are no users, a copy of what Kafka's tool made once, with ids of its own."""
        properties = "".join(f"{key}={value}\n" for key, value in self._properties().items())
        (self._folder / "server.properties").write_text(properties)
        (self._folder / "log4j2.properties").write_text(_LOGGING)
        if self._users:
            await self._run_tool(jars)
            return
        with cache.making(_EMPTY) as unfinished:
            if unfinished:
                await self._run_tool(jars)
                shutil.move(self.data, unfinished)
        shutil.copytree(cache.folder() / _EMPTY / "data", self.data)
        named = self.data / "meta.properties"
        named.write_text(_IDS.sub(lambda id_: f"{id_[1]}={_new_id()}", named.read_text()))

    async def _run_tool(self, jars: Path) -> None:
        # With the equals sign, because one id in 64 begins with a hyphen and may be taken for an option.
        tool = ["kafka.tools.StorageTool", "format", f"--cluster-id={_new_id()}", "-c", "server.properties"]
        for user, password in self._users.items():  # the tool takes them in no other way
            tool += ["--add-scram", f"SCRAM-SHA-512=[name={user},password={password}]"]
        await leash.run([*self._java(jars, heap="128m"), *tool], cwd=self._folder)

    def _java(self, jars: Path, *, heap: str, lasts: bool = False) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={self._folder / 'log4j2.properties'}"
        # What it unpacks for itself would lie in /tmp for good after a kill.
        own = [logging, f"-Djava.io.tmpdir={self._folder}", "-XX:-UsePerfData"]
        compiled = [] if lasts else ["-XX:TieredStopAtLevel=1"]
        return [_java(), f"-Xmx{heap}", "-XX:+UseSerialGC", *compiled, *own, "-cp", f"{jars}/*"]

    def _properties(self) -> dict[str, str | int]:
        controller = f"127.0.0.1:{self._ports['controller']}"
        settings: dict[str, str | int] = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@{controller}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"PLAIN://{self.bootstrap},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAIN://{self.bootstrap}",
            "listener.security.protocol.map": "PLAIN:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAIN",
            "log.dirs": str(self._folder / "data"),
            "auto.create.topics.enable": "false",
            "offsets.topic.num.partitions": 4,
            "offsets.topic.replication.factor": 1,
            "transaction.state.log.num.partitions": 4,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "share.coordinator.state.topic.num.partitions": 1,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": self.session_ms,
            # After a SIGKILL the controller waits this long before it takes the same broker again (9 s by default).
            "broker.session.timeout.ms": 3_000,
            "metadata.max.idle.interval.ms": 0,  # nobody waits to see that the controller lives: a third of an idle broker's work
            "broker.heartbeat.interval.ms": 1_000,
        }
        for turn, (name, found_at) in enumerate(self._doors.items()):
            _listen(settings, f"DOOR{turn}", "PLAINTEXT", f"127.0.0.1:{self.door(name)}", f"127.0.0.1:{found_at}")
        if self.acls:
            _listen(settings, "PARTNERS", "SASL_PLAINTEXT", self.partners, self.partners)
            settings |= {
                "sasl.enabled.mechanisms": "SCRAM-SHA-512",
                # Without this line, which says nothing, the broker stops at start.
                "listener.name.partners.scram-sha-512.sasl.jaas.config": (
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;"
                ),
                "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users": "User:ANONYMOUS",
            }
        return settings


def _listen(settings: dict[str, str | int], name: str, protocol: str, address: str, advertised: str) -> None:
    """Add a listener."""
    for setting, more in (
        ("listeners", f"{name}://{address}"),
        ("advertised.listeners", f"{name}://{advertised}"),
        ("listener.security.protocol.map", f"{name}:{protocol}"),
    ):
        settings[setting] = f"{settings[setting]},{more}"


def _new_id() -> str:
    """As Kafka writes the ids of clusters and of folders."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def _java() -> str:
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else "java"


def _has_java() -> bool:
    asks = [_java(), "-XX:-UsePerfData", "-version"]
    try:
        said = subprocess.run(asks, capture_output=True, text=True, check=True, timeout=30).stderr
    except (OSError, subprocess.SubprocessError):
        return False
    version = re.search(r'version "(\d+)', said)
    return version is not None and int(version.group(1)) >= _JAVA_AT_LEAST


async def _jars() -> Path:
    """The folder of Kafka's jars, fetched by Maven, with its checksums, if they are not there yet."""
    jars = cache.folder() / _JARS
    if jars.exists():
        return jars
    with cache.making(_JARS) as unfinished:
        if unfinished:
            await _fetch(unfinished)
    return jars


async def _fetch(into: Path) -> None:
    with tempfile.TemporaryDirectory() as project:
        (Path(project) / "pom.xml").write_text(_pom())
        options = ["--batch-mode", "--strict-checksums", "-DincludeScope=runtime", f"-DoutputDirectory={into}"]
        maven = await leash.start(["mvn", *options, _COPY], output=PIPE, cwd=Path(project))
        assert maven.stdout is not None
        fetched, printed = 0, []
        try:
            with Console(stderr=True).status("") as status:
                async for line in maven.stdout:
                    printed.append(line.decode(errors="replace"))
                    fetched += b"Downloaded" in line and b".jar" in line
                    status.update(f"Apache Kafka {VERSION}, once: {fetched} files fetched by Maven")
            code = await maven.wait()
        except asyncio.CancelledError:
            await leash.end(maven)
            raise
    if code:
        raise RuntimeError(f"Maven could not fetch Apache Kafka {VERSION}:\n{''.join(printed[-20:]).strip()}")


def _pom() -> str:
    dependencies = "".join(
        f"<dependency><groupId>{group}</groupId><artifactId>{artefact}</artifactId><version>{escape(version)}</version>"
        "</dependency>"
        for group, artefact, version in _DEPENDENCIES
    )
    return (
        "<project><modelVersion>4.0.0</modelVersion><groupId>oneworkforce</groupId><artifactId>kafka</artifactId>"
        f"<version>1</version><dependencies>{dependencies}</dependencies></project>"
    )
