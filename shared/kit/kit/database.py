"""PostgreSQL: a pool, and transactions that say which organisation's rows they may see."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import asyncpg

from kit.errors import Invalid, Unavailable

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool

EVERYONE = "*"
"""Rows of every organisation: coordinators, workers."""

SEE = "SELECT set_config('app.organisation', $1, true)"
IS_RESTORED = "SELECT EXISTS (SELECT FROM kit.restored)"

AWAY = ("08", "40", "53", "57", "58")  # connection, rollback, resources, operator, system: classes of SQLSTATE
AWAY_CODES = ("55P03", "25P03", "25P04", "3D000")
"""A lock not to be had; sessions ended by a time limit; a database that is lost, and may come back from a backup."""


def is_away(error: BaseException) -> bool:
    """Whether the database may answer the same statement later: true for lost connections, false for bad statements."""
    if isinstance(error, asyncpg.PostgresError):
        code: str = getattr(error, "sqlstate", None) or ""
        return code.startswith(AWAY) or code in AWAY_CODES
    if isinstance(error, asyncpg.InterfaceError):
        return "clos" in str(error)  # a closed connection or pool; anything else that it says is a defect of ours
    # asyncpg raises InternalClientError, a plain Exception, when a session is ended under it
    return isinstance(error, asyncpg.InternalClientError | OSError | TimeoutError)


def is_bad_data(error: BaseException) -> bool:
    """Whether the database will never take this value: no retry helps."""
    return isinstance(
        error, asyncpg.DataError | asyncpg.IntegrityConstraintViolationError | asyncpg.ProgramLimitExceededError
    )


class Restored(Unavailable):
    """This database came back from a backup: `oneworkforce reconcile` reads back what was said since then."""


class Session(asyncpg.Connection):
    """A connection that knows whose rows its transaction sees, so that nobody asks the database for what they have told it."""

    _sees = ""

    def sees(self) -> str:
        return self._sees

    def told(self, organisation: str) -> None:
        """Note what the database was told."""
        self._sees = organisation


class Database:
    """A service's own database."""

    def __init__(self, pool: Pool, organisation: str) -> None:
        self._pool = pool
        self._organisation = organisation

    @classmethod
    @asynccontextmanager
    async def connect(
        cls,
        dsn: str,
        *,
        size: int = 10,
        organisation: str = EVERYONE,
        name: str = "oneworkforce",
        search_path: str | None = None,
    ) -> AsyncIterator["Database"]:
        """A pool that opens connections as they are asked for, so that a process starts while the database is away.

        Row-level security reads `app.organisation`: a transaction that names none has the one given here. A database that came
        back from a backup is as good as away until it is reconciled (c6).
        """
        async with asyncpg.create_pool(
            dsn,
            min_size=0,
            max_size=size,
            command_timeout=30,
            connection_class=Session,
            init=_refuse_restored,
            reset=_leave_as_it_is,
            server_settings={
                "application_name": name,
                "app.organisation": organisation,
                "lock_timeout": "5s",
                "statement_timeout": "20s",
                "idle_in_transaction_session_timeout": "15s",
                "timezone": "UTC",
                **({"search_path": search_path} if search_path else {}),
            },
        ) as pool:
            yield cls(pool, organisation)

    @asynccontextmanager
    async def transaction(self, organisation: str | None = None) -> AsyncIterator[Connection]:
        """One transaction, seeing the rows of this organisation. Raises Unavailable where trying again may help."""
        try:
            async with self._pool.acquire(timeout=5) as connection, connection.transaction():
                _session(connection).told(self._organisation)
                if organisation is not None and organisation != self._organisation:
                    await _see(connection, organisation)
                yield connection
        except Exception as error:
            if is_away(error):
                raise Unavailable("the database is away") from error
            raise

    async def ping(self) -> None:
        """Raises Unavailable when the database does not answer."""
        async with self.transaction() as tx:
            await tx.fetchval("SELECT 1")


async def is_restored(connection: Connection) -> bool:
    """Whether the mark of `restored` is there. A database without the plumbing's tables has none."""
    try:
        return bool(await connection.fetchval(IS_RESTORED))
    except asyncpg.UndefinedTableError:
        return False


async def _refuse_restored(connection: Connection) -> None:
    """Raises Restored: asked of every new connection of a pool, so that none to a restored database comes into use."""
    if await is_restored(connection):
        raise Restored("the database was restored and is not reconciled")


async def _leave_as_it_is(connection: Connection) -> None:
    """In place of asyncpg's statement after every transaction: whatever we set is set for the transaction alone (`SET LOCAL`, locks
    of the transaction), so there is nothing to put back, and a command has a round trip less."""


def who_sees(tx: Connection) -> str:
    """The organisation whose rows this transaction sees; `*`: all."""
    return _session(tx).sees()


class NotYourOrganisation(Invalid):
    """You can say this of your own organisation only."""


def act_for(tx: Connection, *organisations: str | None, field: str = "organisation") -> None:
    """Somebody acts for one of these. Raises NotYourOrganisation where they are another one's; None is the programme's alone."""
    if who_sees(tx) not in (EVERYONE, *organisations):
        raise NotYourOrganisation(field=field)


@asynccontextmanager
async def seeing_everything(tx: Connection) -> AsyncIterator[None]:
    """See every row for a while: where an organisation's step has a consequence that is not its own to see."""
    before = who_sees(tx)
    if before == EVERYONE:
        yield
        return
    await _see(tx, EVERYONE)
    try:
        yield
    except BaseException:
        _session(tx).told(before)  # as the database is too, once what failed is rolled back
        raise
    await _see(tx, before)


async def _see(tx: Connection, organisation: str) -> None:
    await tx.execute(SEE, organisation)
    _session(tx).told(organisation)


def _session(tx: Connection) -> Session:
    """The session of a transaction that `Database` began."""
    return cast(Session, tx)  # a pool's proxy hands on what it has not itself


def value(row: asyncpg.Record | None, name: str) -> Any:
    return None if row is None else row[name]


def columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows as columns, for `unnest`: also when there is no row."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


@dataclass(frozen=True, slots=True)
class Clause:
    """Something that can be said together with others: common table expressions, and the values of their `$1`, `$2` and so on."""

    expressions: str
    values: Sequence[object]


async def together(tx: Connection, *clauses: Clause) -> None:
    """Say several things in one statement, which is one turn of the server's: none of them sees what another does."""
    statement = _together(tuple(clause.expressions for clause in clauses))
    await tx.execute(statement, *chain.from_iterable(clause.values for clause in clauses))


@cache
def _together(expressions: tuple[str, ...]) -> str:
    """One statement, whose parameters are counted through."""
    counted, taken = [], 0
    for each in expressions:
        numbers = [int(number) for number in re.findall(r"\$(\d+)", each)]
        counted.append(re.sub(r"\$(\d+)", lambda number, taken=taken: f"${int(number[1]) + taken}", each))  # type: ignore[misc]
        taken += max(numbers)
    return f"WITH {', '.join(counted)} SELECT"
