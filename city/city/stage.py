"""Everything that the city runs on, on this machine: PostgreSQL, a broker, and every service as processes of its own.

The same stage serves `make demo` and the system tests. It knows services from outside only: their modules' command lines,
their HTTP routes, their topics.
"""

import asyncio
import os
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import SecretStr

from kit import auth, kafka, provision, topics
from kit.settings import Settings
from laptop.broker import Broker
from laptop.gateway import Gateway
from laptop.ports import free_port
from laptop.postgres import EmbeddedPostgres
from laptop.supervisor import Process, Supervisor

ROOT = Path(__file__).parents[2]
WEB_ASSETS = ROOT / "services/reporting/web/node_modules"

SAID = """
SELECT array(SELECT event_id FROM kit.journal WHERE octet_length(payload) > 2), (SELECT count(*) FROM kit.outbox)
"""
"""What a service has said, less what was erased: of that only a stub is there, and it may never have been sent."""
UNHEARD = """
SELECT count(*) FROM unnest($1::uuid[]) AS said (event_id) WHERE NOT EXISTS (
    SELECT FROM kit.inbox JOIN kit.projection USING (consumer) WHERE state = 'live' AND inbox.event_id = said.event_id
)
"""
UNHEARD_BY = """
SELECT count(*) FROM unnest($2::uuid[]) AS said (event_id)
WHERE NOT EXISTS (SELECT FROM kit.inbox WHERE consumer = $1 AND inbox.event_id = said.event_id)
"""


@dataclass(frozen=True)
class Part:
    """A service as the stage runs it: its package, and the processes that it has."""

    service: str
    processes: Sequence[str]

    @property
    def package(self) -> str:
        return self.service.replace("-", "_")


PARTS = (
    Part("talent-pipeline", ("api", "worker", "relay")),
    Part("people", ("api", "worker", "relay")),
    Part("equality-monitoring", ("api", "worker", "relay")),
    Part("mobility", ("api", "worker", "relay")),
    Part("learning", ("api", "worker", "relay")),
    Part("reporting", ("api", "projector")),
)
ONE_HOST = {
    "/": "talent-pipeline.api",
    "/my/person": "people.api",
    "/names": "people.api",
    "/messages": "people.api",
}
"""What answers under one host, as in deploy/k8s/example: there a page of one service asks the other for names (decision 0011)."""
BELIEVED = {
    "talent-pipeline": "talent-pipeline", "equality-monitoring": "talent-pipeline", "learning": "people", "mobility": "people",
}  # fmt: skip
"""By service, who signs the links that let people in there."""
SIGNERS = sorted(set(BELIEVED.values()))
HEARD = ("talent-pipeline", "equality-monitoring", "learning", "mobility", "people")
"""The services whose facts reporting reads."""
CLAIMED = ("talent-pipeline", "mobility", "learning")
"""The services to which partners make claims."""


@dataclass
class Stage:
    """The city's machinery while it runs."""

    broker: Broker
    postgres: EmbeddedPostgres
    supervisor: Supervisor
    folder: Path
    partners: Sequence[str]
    ports: dict[str, int] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    host: str | None = None
    """The origin of the host that several services share; None: each is at its own port alone."""
    extra: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """More environment for a process, by its name `service.process`."""

    @property
    def mail(self) -> Path:
        """Where messages to people go, a file each."""
        return self.folder / "mail"

    def url(self, name: str) -> str:
        """Where a process answers HTTP: `talent-pipeline.api`."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def token(self, role: str, organisation: str = "*", subject: str | None = None) -> str:
        """A token of the development issuer."""
        return auth.development_token(auth.Signer(self.folder / "development.jwk"), role, organisation, subject)

    def sign_in_link(self, role: str, pages: str, organisation: str = "*") -> str:
        """A one-time link to pages of staff: reporting's at its own address, the desk at that of the shared host."""
        signer = auth.Signer(self.folder / "development.jwk")
        return f"{pages}/sign-in?code={auth.sign_in_code(signer, role, organisation)}"

    def public_url(self, service: str) -> str:
        """Where people reach a service's pages."""
        here = self.host if f"{service}.api" in ONE_HOST.values() else None
        return here or self.url(f"{service}.api")

    def dsn(self, service: str, *, owner: bool = False) -> str:
        database, owner_role, role = provision.names(service)
        return self.postgres.dsn(database, owner_role if owner else role, self.passwords[service])

    def process(self, part: Part, name: str, *, copy: int = 1) -> Process:
        """One process of a service; a further copy has a port of its own."""
        full = f"{part.service}.{name}" if copy == 1 else f"{part.service}.{name}-{copy}"
        port = self.ports.setdefault(full, free_port())
        return Process(
            name=full,
            argv=[sys.executable, "-m", part.package, name],
            env=self._environment(part, full, port),
            ready=f"http://127.0.0.1:{port}/readyz",
            cwd=ROOT,
        )

    def _environment(self, part: Part, full: str, port: int) -> dict[str, str]:
        ours = {
            "DATABASE_DSN": self.dsn(part.service),
            "KAFKA_BOOTSTRAP": self.broker.bootstrap,
            "KAFKA_IDEMPOTENT": str(self.broker.idempotent).lower(),
            "KAFKA_EXACT_ENDS": str(self.broker.idempotent).lower(),
            "KAFKA_FETCH_WAIT_MS": "500" if self.broker.idempotent else "100",
            "KAFKA_METADATA_MAX_AGE_MS": "2000",
            "KAFKA_SESSION_TIMEOUT_MS": str(self.settings().kafka_session_timeout_ms),
            "RELAY_IDLE_MS": "100",  # five relays that look fifty times a second would be a tenth of a laptop's work
            "PORT": str(port),
            "DEVELOPMENT_KEYS": str(self.folder / "development.jwks"),
            "WEB_ASSETS": str(WEB_ASSETS),
            **self._link_keys(part.service),
            "EQUALITY_MONITORING_URL": self.url("equality-monitoring.api"),
            "LEARNING_URL": self.public_url("learning"),
            "MOBILITY_URL": self.public_url("mobility"),
            "VAULT_KEYS": str(self.folder / "vault.json"),
            "MAIL_FOLDER": str(self.mail),
            "COOKIE_SECURE": "false",
            "PUBLIC_URL": self.public_url(part.service),
            "PEOPLE_HERE": str(self.host is not None).lower(),
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ONEWORKFORCE_")}
        return {
            **inherited,
            **{f"ONEWORKFORCE_{name}": value for name, value in ours.items()},
            **self.extra.get(full, {}),
        }

    def _link_keys(self, service: str) -> dict[str, str]:
        """With which a service signs links for people, and by which it believes those to its own pages."""
        signs = {"LINK_KEY": str(self.folder / f"{service}.jwk")} if service in SIGNERS else {}
        believes = {"LINK_KEYS": str(self.folder / f"{BELIEVED[service]}.jwks")} if service in BELIEVED else {}
        return signs | believes

    def configure(self) -> Path:
        """The operator's configuration of all this, written where the stage is: what `oneworkforce --config` takes."""
        config = self.folder / "oneworkforce.toml"
        bus = [
            "[kafka]",
            f'bootstrap = "{self.broker.bootstrap}"',
            f"idempotent = {str(self.broker.idempotent).lower()}",
            f"exact_ends = {str(self.broker.idempotent).lower()}",
        ]
        services = [
            f'[services.{part.service}]\ndatabase = "{self.dsn(part.service)}"\n'
            f'owner = "{self.dsn(part.service, owner=True)}"\n'
            f"[services.{part.service}.processes]\n"
            + "\n".join(f'{name} = "{self.url(f"{part.service}.{name}")}"' for name in part.processes)
            for part in PARTS
        ]
        development = f'[development]\nkey = "{self.folder / "development.jwk"}"'
        administrator = f'[administrator]\ndatabase = "{self.postgres.dsn()}"'
        config.write_text("\n".join([*bus, administrator, development, *services]) + "\n")
        claimed = ", ".join(f'"{service}"' for service in CLAIMED)
        partners = [f'[{name}]\ntitle = "{name}"\nservices = [{claimed}]\n' for name in self.partners]
        (self.folder / "partners.toml").write_text("".join(partners))
        return config

    def settings(self, service: str = "reporting") -> Settings:
        """Settings for a client of the stage's own: topics, positions."""
        return Settings(
            service=service,
            process="stage",
            database_dsn=SecretStr(self.dsn(service)),
            kafka_bootstrap=self.broker.bootstrap,
            kafka_idempotent=self.broker.idempotent,
            kafka_exact_ends=self.broker.idempotent,
        )

    async def prepare(self) -> None:
        """Keys, databases, roles, schemas and topics."""
        auth.make_key(self.folder / "development.jwk", self.folder / "development.jwks", "development")
        for service in SIGNERS:
            auth.make_key(self.folder / f"{service}.jwk", self.folder / f"{service}.jwks", f"{service}-links")
        for part in PARTS:
            self.passwords[part.service] = secrets.token_urlsafe(16)
            for process in part.processes:
                self.ports[f"{part.service}.{process}"] = free_port()
        await asyncio.gather(asyncio.to_thread(self.make_topics), self._make_databases(), self._make_vault_keys())

    async def _make_vault_keys(self) -> None:
        """The keys under which people keeps names, made by its own command."""
        make = ["-m", "people", "keys", "make", str(self.folder / "vault.json"), "first"]
        if await (await asyncio.create_subprocess_exec(sys.executable, *make, cwd=ROOT)).wait():
            raise RuntimeError("the vault's keys could not be made")

    async def _make_databases(self) -> None:
        """By the operator's own command: one process for all, which loads once what the services have in common."""
        made = (
            provision.provision(self.postgres.dsn(), name, password, password)
            for name, password in self.passwords.items()
        )
        await asyncio.gather(*made)
        migrate = ["-m", "oneworkforce", "--config", str(self.configure()), "migrate", "--all"]
        child = await asyncio.create_subprocess_exec(
            sys.executable, *migrate, stdout=asyncio.subprocess.DEVNULL, cwd=ROOT
        )
        if await child.wait():
            raise RuntimeError("the databases could not be migrated")

    def make_topics(self) -> None:
        topics.create(kafka.admin(self.settings()), self._topics())

    def drop_topics(self) -> None:
        """Take the topics away: whoever comes next on this broker begins with an empty log, as with empty databases."""
        names = [topic.name for topic in self._topics()]
        client = kafka.admin(self.settings())
        for future in client.delete_topics(names).values():
            future.result()

    def _topics(self) -> list[topics.Topic]:
        """Every topic that the services and the partners of the example need."""
        wanted = [topics.events(service) for service in ("talent-pipeline", "people", "learning", "mobility")]
        wanted.append(topics.restricted("equality-monitoring"))
        for partner in self.partners:
            wanted += topics.partner(partner, CLAIMED)
        return wanted

    async def start(self, *, waits_for: Collection[str] | None = None) -> None:
        """Start every process; return when they are ready: all, or those of these names (`api`)."""
        processes = [self.process(part, name) for part in PARTS for name in part.processes]
        if waits_for is not None:
            processes = [
                process if process.name.rpartition(".")[2] in waits_for else replace(process, ready=None)
                for process in processes
            ]
        await self.supervisor.start(*processes, limit=90)

    async def settle(self, tell: Callable[[int, int], None] = lambda done, of: None, *, limit: float = 120) -> None:
        """Return when all that was said has been counted by reporting. `tell`: how many of how many."""
        async with asyncio.timeout(limit):
            while True:
                said, unsent = await self.said()
                (unheard,) = await self._ask("reporting", UNHEARD, said)
                tell(len(said) - unheard, len(said))
                if not unsent and not unheard:
                    return
                await asyncio.sleep(0.2)

    async def until_heard(self, service: str, reader: str, consumer: str, *, limit: float = 60) -> None:
        """Return when a reader of another service has heard all that a service has said so far."""
        said, _ = await self._ask(service, SAID)  # one by one: what others say meanwhile may be heard before
        async with asyncio.timeout(limit):
            while (await self._ask(reader, UNHEARD_BY, consumer, said))[0]:  # noqa: ASYNC110 rows wake nobody
                await asyncio.sleep(0.1)

    async def said(self) -> tuple[list[UUID], int]:
        """The events in the journals that can reach reporting, and how many rows are still in an outbox."""
        answers = [await self._ask(service, SAID) for service in HEARD]
        return [event_id for ids, _ in answers for event_id in ids], sum(unsent for _, unsent in answers)

    async def _ask(self, service: str, query: str, *values: Any) -> asyncpg.Record:
        """The one row of an answer."""
        connection = await asyncpg.connect(self.dsn(service))
        try:
            (row,) = await connection.fetch(query, *values)
            return row
        finally:
            await connection.close()


Progress = Callable[[str], None]


@asynccontextmanager
async def staged(
    broker: Broker,
    partners: Sequence[str],
    *,
    tell: Progress = lambda _: None,
    extra: Mapping[str, Mapping[str, str]] | None = None,
    waits_for: Collection[str] | None = None,
) -> AsyncIterator[Stage]:
    """The city's machinery, running; stopped in order and gone at the end. The broker is the caller's."""
    with tempfile.TemporaryDirectory(prefix="oneworkforce-") as name:
        folder = Path(name)
        tell("PostgreSQL starts")
        ports: dict[str, int] = {}
        async with (
            EmbeddedPostgres(durable=False) as postgres,
            Supervisor(folder / "processes.log") as supervisor,
            Gateway(ONE_HOST, ports) as gateway,
        ):
            stage = Stage(broker, postgres, supervisor, folder, partners, ports, host=gateway.url, extra=extra or {})
            tell("databases, roles, schemas, topics")
            await stage.prepare()
            tell(f"{sum(len(part.processes) for part in PARTS)} processes start")
            await stage.start(waits_for=waits_for)
            yield stage
