"""A database of its own for each test: cloned from one that was migrated once."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import asyncpg

from kit import provision
from kit.database import Connection, Database
from kit.migrate import Folder, migrate
from kit.process import bring_up_to_date
from kit.service import Service
from kit.testing import persons

SETTINGS = """
SELECT replace(unnest(setconfig), '=', ' = ') AS given FROM pg_db_role_setting JOIN pg_database AS d ON d.oid = setdatabase
WHERE datname = $1 AND setrole = 0
"""
"""What a copy does not bring: where a database says what its sessions see."""

Dsn = Callable[[str, str, str | None], str]
"""The address of a database for a user and password."""

# A role is the server's and not a template's: two templates of one service must not lock each other out.
_PASSWORD = secrets.token_urlsafe(12)


@dataclass
class Template:
    """A service's database as its migrations leave it, with its two roles; tests run on copies."""

    admin_dsn: str
    dsn: Dsn
    service: str
    parts: Service | None = None
    """What the service is made of; without, there is the plumbing alone."""
    password: str = _PASSWORD
    _made: bool = False
    _untouched: Database | None = None
    _kept: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def name(self) -> str:
        return provision.names(self.service)[0]

    async def make(self) -> None:
        """Provision and migrate it, once."""
        if self._made:
            return
        await provision.provision(self.admin_dsn, self.service, self.password, self.password)
        _, owner, _ = provision.names(self.service)
        owner_dsn = self.dsn(self.name, owner, self.password)
        if self.parts is not None:
            await bring_up_to_date(self.parts, owner_dsn)
        else:
            await migrate(owner_dsn, [Folder.of("kit")])
            await provision.grant(owner_dsn, self.service)
        await persons.register(owner_dsn)
        self._made = True

    async def untouched(self) -> Database:
        """One copy for all that only ask, in which PostgreSQL lets nobody write; gone with `close`."""
        if self._untouched is None:
            copy = await self._kept.enter_async_context(self.clone())
            admin = await asyncpg.connect(copy.admin_dsn)
            await admin.execute(f"ALTER DATABASE {copy.name} SET default_transaction_read_only = on")
            await admin.close()
            self._untouched = await self._kept.enter_async_context(copy.open())
        return self._untouched

    async def close(self) -> None:
        """Let go of what tests share."""
        await self._kept.aclose()

    @asynccontextmanager
    async def clone(self) -> AsyncIterator["Clone"]:
        """A copy, gone afterwards."""
        await self.make()
        database, owner, role = provision.names(self.service)
        name = f"{database}_{secrets.token_hex(4)}"
        admin = await asyncpg.connect(self.admin_dsn)
        try:
            # Not through the log of the server, which is thrice the work: nobody will recover it.
            await admin.execute(f"CREATE DATABASE {name} TEMPLATE {database} OWNER {owner} STRATEGY FILE_COPY")
            await admin.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
            await admin.execute(f"GRANT CONNECT ON DATABASE {name} TO {role}")
            for setting in await admin.fetch(SETTINGS, database):
                await admin.execute(f"ALTER DATABASE {name} SET {setting['given']}")
            yield Clone(
                name=name,
                dsn=self.dsn(name, role, self.password),
                owner_dsn=self.dsn(name, owner, self.password),
                admin_dsn=self.dsn(name, "postgres", None),
            )
        finally:
            await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await admin.close()


@dataclass(frozen=True)
class Clone:
    """A test's own database, as the service's role, its owner and the administrator see it."""

    name: str
    dsn: str
    owner_dsn: str
    admin_dsn: str

    @asynccontextmanager
    async def open(self, organisation: str = "*", search_path: str | None = None) -> AsyncIterator[Database]:
        async with Database.connect(
            self.dsn, organisation=organisation, name="test", search_path=search_path
        ) as database:
            yield database


@asynccontextmanager
async def counted(tx: Connection) -> AsyncIterator[list[str]]:
    """The statements that are said to the database meanwhile: each is a turn of its own."""
    said: list[str] = []
    with tx.query_logger(lambda query: said.append(query.query)):
        yield said
        await asyncio.sleep(0)  # the driver tells of the last one in the loop's next turn
