"""`oneworkforce provision`, `migrate`, `backup` and `restore`: a service's database from nothing, and back from a backup.

A backup is pg_dump's custom format. It is restored into a database beside the old one, brought to the newest schema and marked
(`kit.restored`) before it takes the old one's place: at no moment could a process use it unmarked.
"""

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit, urlunsplit

import typer

from kit import operations
from kit import provision as provisioning
from kit.database import Connection
from kit.process import bring_up_to_date
from kit.restored import mark
from oneworkforce import configuration, databases, declared, postgres_programs
from oneworkforce.answering import MISUSED, Author, Problem, Reason, answered, say
from oneworkforce.configuration import Configuration, Service

Which = Annotated[str | None, typer.Argument(metavar="[SERVICE]", help="The service; or --all.")]
All = Annotated[bool, typer.Option("--all", help="Every service of the configuration.")]


@answered
async def provision(
    ctx: typer.Context,
    service: Which = None,
    every: All = False,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for a server that is starting.")] = 60,
) -> None:
    """Make a service's database and its two roles, as the server's administrator. Asked twice, it sets the passwords anew.

    Example: oneworkforce provision --all
    """
    config = configuration.of(ctx)
    for each in config.chosen(service, every=every):
        passwords = _password(config.owner_dsn(each)), _password(config.dsn(each))
        await provisioning.provision(config.administrator_dsn(), each.name, *passwords, wait=wait)
        say(f"{each.name}: database and roles are there")


@answered
async def migrate(ctx: typer.Context, service: Which = None, every: All = False) -> None:
    """Bring a service's database to the newest schema, as its owner, and say again what the service may do there.

    Example: oneworkforce migrate talent-pipeline
    """
    config = configuration.of(ctx)
    for each in config.chosen(service, every=every):
        applied = await _migrate(config.owner_dsn(each), each)
        for name in applied:
            say(f"{each.name}: {name}")
        if not applied:
            say(f"{each.name}: is up to date")


@answered
async def backup(
    ctx: typer.Context,
    service: Annotated[str, typer.Argument(help="The service.")],
    file: Annotated[Path, typer.Argument(help="Where to; it must not exist.")],
) -> None:
    """Write all of a service's database into a file that its owner alone may read.

    Example: oneworkforce backup talent-pipeline talent-pipeline.dump
    """
    config = configuration.of(ctx)
    which = config.service(service)
    if file.exists():
        raise Problem(f"{file} exists: nothing is overwritten", MISUSED)
    dsn = _as_administrator(config, _name(config, which))
    async with databases.connected(dsn, f"the database of {service}") as connection:
        server = _major(connection)
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        await postgres_programs.run("pg_dump", dsn, server, ["--format=custom", f"--file={file}"])
    except Problem:
        file.unlink()
        raise
    say(f"{file}: {file.stat().st_size} bytes")


@answered
async def restore(
    ctx: typer.Context,
    service: Annotated[str, typer.Argument(help="The service.")],
    file: Annotated[Path, typer.Argument(help="What `backup` wrote.")],
    author: Author,
    reason: Reason,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where the service has a database: it is dropped.")
    ] = False,
) -> None:
    """Put a backup in the place of a service's database. The service stays closed until `oneworkforce reconcile` is done.

    Example: oneworkforce restore talent-pipeline talent-pipeline.dump --replace --author ops-4 --reason "disk of 3 March"
    """
    config = configuration.of(ctx)
    which = config.service(service)
    if not file.is_file():
        raise Problem(f"{file} is not there", MISUSED)
    name = _name(config, which)
    async with databases.connected(config.administrator_dsn(), "the database server") as admin:
        if not replace and await admin.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name):
            raise Problem(f"{service} has a database: --replace drops it")
        fresh = f"{name}_restored"
        try:
            await _fill(config, which, admin, fresh, file)
            await _mark(config, fresh, str(file), author, reason)
            await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await admin.execute(f"ALTER DATABASE {fresh} RENAME TO {name}")
        finally:
            await admin.execute(f"DROP DATABASE IF EXISTS {fresh} WITH (FORCE)")
    say(f"{service} is restored, and closed until `oneworkforce reconcile {service}` is done")


async def _fill(config: Configuration, service: Service, admin: Connection, name: str, file: Path) -> None:
    """The backup in a database of its own, as new as the code and marked."""
    _, owner, role = provisioning.names(service.name)
    await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await admin.execute(f"CREATE DATABASE {name} OWNER {owner}")
    await admin.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO {role}")
    arguments = ["--exit-on-error", "--single-transaction", f"--dbname={name}", str(file)]
    await postgres_programs.run("pg_restore", _as_administrator(config, name), _major(admin), arguments)
    await _migrate(_in(config.owner_dsn(service), name), service)


async def _mark(config: Configuration, name: str, file: str, author: str, reason: str) -> None:
    async with databases.connected(_as_administrator(config, name), f"the database {name}") as connection:
        await mark(connection)
        await operations.note(connection, "restore", {"file": file}, author=author, reason=reason)


async def _migrate(owner_dsn: str, service: Service) -> list[str]:
    async with databases.connected(owner_dsn, f"the database of {service.name}"):
        return await bring_up_to_date(declared.parts(service), owner_dsn)


def _name(config: Configuration, service: Service) -> str:
    """The database's name. Raises Problem for one that `provision` would not have made."""
    name = unquote(urlsplit(config.owner_dsn(service)).path.lstrip("/"))
    if not provisioning.NAME.match(name):
        raise Problem(f"{config.path}: services.{service.name}.owner names no database that is ours", MISUSED)
    return name


def _as_administrator(config: Configuration, database: str) -> str:
    return _in(config.administrator_dsn(), database)


def _in(dsn: str, database: str) -> str:
    """The same address, another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


def _major(connection: Connection) -> int:
    return int(connection.get_server_version().major)


def _password(dsn: str) -> str:
    password = urlsplit(dsn).password
    if not password:
        raise Problem("an account that is to be made needs a password: name its file", MISUSED)
    return unquote(password)
