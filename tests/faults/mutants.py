"""Deliberate defects of kit, one at a time on a copy of it, and the script that must notice each.

A mutant that survives is a missing test. Each is run in a process of its own that finds the copy first; the database is cloned for
it, the broker shared. `python -m tests.faults.mutants SCRIPT` runs one script on whatever kit it finds.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

import kit
from kit import kafka, topics
from kit.database import Database
from kit.settings import Settings
from kit.testing.databases import Clone, Template
from kit.testing.effects import EFFECTS
from laptop import leash
from laptop.broker import Broker, choose_broker
from laptop.postgres import EmbeddedPostgres

from .defects import MUTANTS, Mutant
from .scripts import SCRIPTS
from .scripts.bench import Bench

AT_ONCE = 4  # they wait most of the time, for what on a mutant never comes
LIMIT = 120.0  # seconds for a script, its processes and their imports on a busy machine
BROKEN, UNFIT = 1, 3
"""How the process of a script ends: it has found the promise broken; or it could not be run at all."""
ROOT = Path(__file__).parents[2]
KIT = Path(next(iter(kit.__path__)))


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant."""

    mutant: Mutant
    killed: bool
    said: str


async def kill_all(tell: Callable[[str], None], mutants: Sequence[Mutant] = MUTANTS) -> list[Outcome]:
    """Every script on kit as it is, which must hold; then every mutant. Raises RuntimeError where a script does not hold."""
    async with choose_broker("apache") as broker, EmbeddedPostgres(durable=False) as postgres:
        template = Template(postgres.dsn(), postgres.dsn, "testing")
        await template.make()
        places = asyncio.Semaphore(AT_ONCE)
        done: list[Outcome] = []

        async def one(mutant: Mutant) -> Outcome:
            async with places:
                outcome = await _try(mutant, broker, template)
            done.append(outcome)
            killed = sum(each.killed for each in done)
            tell(
                f"mutants: {killed} of {len(mutants)} killed; tried {len(done)}, the scripts on kit as it is among them"
            )
            return outcome

        scripts = sorted({mutant.script for mutant in mutants})
        plain = await asyncio.gather(*(one(Mutant("kit as it is", script, ())) for script in scripts))
        if unfit := [each for each in plain if each.killed]:
            raise RuntimeError(f"{unfit[0].mutant.script} does not hold on kit as it is: {unfit[0].said}")
        return await asyncio.gather(*(one(mutant) for mutant in mutants))


async def _try(mutant: Mutant, broker: Broker, template: Template) -> Outcome:
    """One mutant in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="oneworkforce-mutant-") as name:
        folder = Path(name)
        _copy_with(mutant, folder)
        async with _cloned(template) as clone:
            given = {"clone": clone.__dict__, "bootstrap": broker.bootstrap, "idempotent": broker.idempotent}
            child = await leash.start(
                [sys.executable, "-m", "tests.faults.mutants", mutant.script, json.dumps(given)],
                env={**os.environ, "PYTHONPATH": str(folder)},
                output=asyncio.subprocess.PIPE,
                cwd=ROOT,
            )
            try:
                said, _ = await asyncio.wait_for(child.communicate(), LIMIT)
            except TimeoutError:
                return Outcome(mutant, True, "hung")
            finally:
                await leash.end(child)
    if child.returncode not in (0, BROKEN):
        raise RuntimeError(f"{mutant.name}: {mutant.script} could not be run: {said.decode(errors='replace')[-2000:]}")
    return Outcome(mutant, child.returncode == BROKEN, said.decode(errors="replace").strip()[-300:])


def _copy_with(mutant: Mutant, folder: Path) -> None:
    """A copy of kit with the defect in it."""
    shutil.copytree(KIT, folder / "kit", ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in edited(mutant).items():
        (folder / "kit" / name).write_text(text)


def edited(mutant: Mutant) -> dict[str, str]:
    """The files of kit that are others with the defect. Raises RuntimeError where the text is not there, or is there twice."""
    files: dict[str, str] = {}
    for name, before, after in mutant.edits:
        text = files.get(name) or (KIT / name).read_text()
        if text.count(before) != 1:
            raise RuntimeError(f"{mutant.name}: {name} has {text.count(before)} places like {before.strip()[:60]!r}")
        files[name] = text.replace(before, after)
    return files


@asynccontextmanager
async def _cloned(template: Template) -> AsyncIterator[Clone]:
    """A database of its own, with the table of effects."""
    async with template.clone() as clone:
        async with Database.connect(clone.owner_dsn) as owner, owner.transaction() as tx:
            await tx.execute(EFFECTS)
            await tx.execute(
                "GRANT ALL ON effect TO testing_service; GRANT ALL ON SEQUENCE effect_turn_seq TO testing_service"
            )
        yield clone


@asynccontextmanager
async def bench(broker: Broker, template: Template) -> AsyncIterator[Bench]:
    """A bench for one script."""
    async with _cloned(template) as clone, _bench(clone, broker.bootstrap, idempotent=broker.idempotent) as own:
        yield own


@asynccontextmanager
async def _bench(clone: Clone, bootstrap: str, *, idempotent: bool) -> AsyncIterator[Bench]:
    settings = Settings(
        service="testing", process="script", database_dsn=SecretStr(clone.dsn), kafka_bootstrap=bootstrap,
        kafka_idempotent=idempotent, kafka_exact_ends=idempotent, kafka_metadata_max_age_ms=500,
    )  # fmt: skip
    topic = f"script-{clone.dsn.rpartition('_')[2]}.events.v1"
    await asyncio.to_thread(topics.create, kafka.admin(settings), [topics.Topic(topic, 3)])
    with tempfile.TemporaryDirectory() as folder:
        async with clone.open() as database:
            yield Bench(settings, clone, database, topic, Path(folder))


async def _run(script: str, given: str) -> None:
    told = json.loads(given)
    async with _bench(Clone(**told["clone"]), told["bootstrap"], idempotent=told["idempotent"]) as own:
        await SCRIPTS[script](own)


def main() -> None:
    """Run one script; end with BROKEN where its promise is, in whatever way."""
    try:
        asyncio.run(_run(*sys.argv[1:]))
    except* (ImportError, SyntaxError) as error:
        print(f"unfit: {error.exceptions}")
        sys.exit(UNFIT)
    except* Exception as error:  # noqa: BLE001 a broken promise shows as whatever error it likes
        print("; ".join(f"{type(each).__name__}: {each}" for each in error.exceptions))
        sys.exit(BROKEN)


if __name__ == "__main__":
    main()
