"""What everything is measured on: a broker and a database of the bench's own, and the product's own processes on them."""

import asyncio
import os
import secrets
import shutil
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from pydantic import SecretStr

from kit import auth, kafka, topics
from kit.testing.databases import Clone, Template
from laptop import leash
from laptop.apache_kafka import ApacheKafka
from laptop.ports import free_port
from laptop.postgres import EmbeddedPostgres
from reporting import contract
from reporting.app import service
from reporting.settings import ReportingSettings

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).parent / "peers"
CONSUMER = "reporting.figures.1"
POSTGRES = {
    "shared_buffers": "1GB", "max_wal_size": "8GB", "checkpoint_timeout": "30min", "maintenance_work_mem": "512MB",
    "autovacuum_naptime": "30s", "track_commit_timestamp": "on",
}  # fmt: skip
"""A server of a production's kind. fsync is off, which is kind to who commits once a message."""
FACT = """
CREATE TABLE fact (
    event_id uuid{key}, type text NOT NULL, aggregate_id uuid NOT NULL, occurred_on date, partition int NOT NULL,
    "offset" bigint NOT NULL
)
"""
"""What peers write: less than half of what we write of a fact, and no rollup, order, position or dead letter."""

Tell = Callable[[str], None]


@dataclass
class Ground:
    """Broker and database while they run."""

    broker: ApacheKafka
    postgres: EmbeddedPostgres
    template: Template
    folder: Path

    def settings(self, clone: Clone, process: str = "bench") -> ReportingSettings:
        return ReportingSettings(
            service="reporting",
            process=process,
            database_dsn=SecretStr(clone.dsn),
            kafka_bootstrap=self.broker.bootstrap,
            development_keys=self.folder / "staff.json",
            web_assets=ROOT / "services/reporting/web/node_modules",
        )

    def environment(self, clone: Clone, port: int) -> dict[str, str]:
        """What a process of reporting is told."""
        ours = {
            "DATABASE_DSN": clone.dsn, "KAFKA_BOOTSTRAP": self.broker.bootstrap, "PORT": str(port), "LOG_LEVEL": "WARNING",
            "DEVELOPMENT_KEYS": str(self.folder / "staff.json"),
            "WEB_ASSETS": str(ROOT / "services/reporting/web/node_modules"),
        }  # fmt: skip
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ONEWORKFORCE_")}
        return inherited | {f"ONEWORKFORCE_{name}": value for name, value in ours.items()}

    @asynccontextmanager
    async def reporting(self, clone: Clone, process: str, port: int | None = None) -> AsyncIterator[Process]:
        """A process of reporting, ended in order."""
        argv = [sys.executable, "-m", "reporting", process]
        async with self.running(argv, self.environment(clone, port or free_port()), process) as child:
            yield child

    @asynccontextmanager
    async def running(self, argv: list[str], env: Mapping[str, str] | None, name: str) -> AsyncIterator[Process]:
        """A process whose output goes into a file, killed at the end where it does not end by itself."""
        with (self.folder / f"{name}.log").open("ab") as log:
            child = await leash.start(argv, env=env, output=log, cwd=ROOT)
        try:
            yield child
        finally:
            await leash.end(child, grace=5)

    def said(self, name: str) -> str:
        """The end of what a process printed."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-1500:]

    @asynccontextmanager
    async def peer_database(self, *, key: bool) -> AsyncIterator[str]:
        """A database with the table that peers write, gone afterwards: its address, with a password."""
        name, password = f"peer_{secrets.token_hex(4)}", secrets.token_hex(8)
        admin = await asyncpg.connect(self.postgres.dsn())
        try:
            await admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
            await admin.execute(f"CREATE DATABASE {name} OWNER {name}")
            dsn = self.postgres.dsn(name, name, password)
            own = await asyncpg.connect(dsn)
            await own.execute(FACT.format(key=" PRIMARY KEY" if key else " NOT NULL"))
            await own.close()
            yield dsn
        finally:
            await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await admin.execute(f"DROP ROLE IF EXISTS {name}")
            await admin.close()


@asynccontextmanager
async def ground(folder: Path, tell: Tell) -> AsyncIterator[Ground]:
    """Broker and database, gone at the end; the schema of reporting is a template."""
    tell("Apache Kafka and PostgreSQL start")
    auth.make_key(folder / "staff.key", folder / "staff.json", "staff-1")
    async with ApacheKafka(lasts=True) as broker, EmbeddedPostgres(durable=False, options=POSTGRES) as postgres:
        template = Template(postgres.dsn(), postgres.dsn, service.name, service)
        await template.make()
        made = Ground(broker, postgres, template, folder)
        async with template.clone() as clone:
            wanted = [
                topics.restricted("equality-monitoring") if name == contract.EQUALITY_MONITORING
                else topics.events(name.removesuffix(".events.v1"))
                for name in contract.TOPICS
            ]  # fmt: skip
            await asyncio.to_thread(topics.create, kafka.admin(made.settings(clone)), wanted)
        yield made


async def peers_python(tell: Tell) -> str:
    """The interpreter that has the peers, made where there is none. Raises RuntimeError where a registry does not answer."""
    python, made = PEERS / ".venv/bin/python", PEERS / ".venv/.made-from"
    requirements = (PEERS / "requirements.txt").read_text()
    if not made.exists() or made.read_text() != requirements:
        tell("the peers are installed, once")
        shutil.rmtree(PEERS / ".venv", ignore_errors=True)
        uv = str(Path(sys.executable).parent / "uv")
        await leash.run([uv, "venv", "--quiet", "--python", sys.executable, str(PEERS / ".venv")])
        await leash.run(
            [uv, "pip", "install", "--quiet", "--python", str(python), "--require-hashes", "-r",
             str(PEERS / "requirements.txt")]
        )  # fmt: skip
        made.write_text(requirements)
    return str(python)
