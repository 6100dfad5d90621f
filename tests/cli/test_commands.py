"""What holds of every command: help with an example, JSON where it reads, an exit code, a sentence, never a trace."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from oneworkforce.main import app

from .conftest import World

READS = ("list", "show", "check", "lag", "outbox")


def commands(command: Any, words: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        return [(words, command)]
    return [found for name, each in inner.items() for found in commands(each, (*words, name))]


EVERY = commands(typer.main.get_command(app))


@pytest.mark.parametrize("words", [" ".join(words) for words, _ in EVERY])
def test_every_command_has_help_with_an_example(words: str) -> None:
    said = CliRunner().invoke(app, [*words.split(), "--help"])
    assert said.exit_code == 0
    assert "Example: " in said.output


def test_every_command_that_reads_has_json() -> None:
    without = [words for words, command in EVERY if words[-1] in READS and not _takes(command, "--json")]
    assert without == []


def test_every_decision_has_an_author_and_a_reason() -> None:
    decisions = ("edit", "replay", "discard", "done", "resume", "adopt", "republish", "reconcile", "restore")
    made = {words[-1]: command for words, command in EVERY if words[-1] in decisions}
    assert sorted(made) == sorted(decisions)
    assert all(_takes(command, "--author") and _takes(command, "--reason") for command in made.values())


def _takes(command: Any, option: str) -> bool:
    return any(option in each.opts for each in command.params)


async def test_every_reading_command_runs_on_a_service_that_has_done_nothing(world: World) -> None:
    for words in ("dead-letters list", "tasks list", "refused list", "partitions list", "positions show", "lag", "outbox",
                  "partners list"):  # fmt: skip
        assert isinstance((await world.ok(*words.split(), "--json")).json, list)
        assert (await world.ok(*words.split())).out
    assert (await world.ok("services", "list", "--json")).json[0]["database"] == "ok"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("dead-letters list nowhere", "names no service nowhere"),
        ("dead-letters list --state odd", "a state is one of open, asked, applied, discarded"),
        ("migrate", "name a service, or give --all"),
        ("restore {service} nothing.dump --author a --reason b", "nothing.dump is not there"),
        ("republish {service} --topic other.v1 --author a --reason b", "other.v1 is not a topic of {service}"),
    ],
)
async def test_a_command_asked_wrongly_says_what_is_missing_and_ends_with_2(
    bare: World, words: str, sentence: str
) -> None:
    said = await bare.run(*words.format(service=bare.service).split())
    assert said.code == 2
    assert sentence.format(service=bare.service) in said.error


async def test_a_database_that_is_not_there_or_not_migrated_is_named(bare: World) -> None:
    said = await bare.run("dead-letters", "list")
    assert said.code == 1
    assert f"the database of {bare.service} does not let {bare.package}_service in" in said.error
    await bare.ok("provision", bare.service)
    said = await bare.run("dead-letters", "list", "--json")
    assert said.code == 1
    assert f"run `oneworkforce migrate {bare.service}`" in said.error


async def test_a_file_that_is_not_right_is_named_with_its_field(bare: World, tmp_path: Path) -> None:
    for text, sentence in (
        ("[kafka]\nbootstrap = 'x'\ncolour = 'red'\n[services]", "kafka.colour: Extra inputs are not permitted"),
        ("[kafka", "is not TOML"),
        ("[services.a]\nprocesses = 3", "services.a.processes: Input should be a valid dictionary"),
    ):
        bare.config.write_text(text)
        said = await bare.run("lag")
        assert (said.code, sentence in said.error) == (2, True), said
    bare.config.unlink()
    said = await bare.run("lag")
    assert said.code == 2
    assert "--config or ONEWORKFORCE_CONFIG say where it is" in said.error


async def test_no_password_is_said(bare: World) -> None:
    (bare.folder / "password").write_text("a-secret-that-is-wrong")
    await bare.ok("provision", bare.service)
    (bare.folder / "password").write_text("another-secret")
    said = await bare.run("migrate", bare.service)
    assert said.code == 1
    assert "secret" not in said.out + said.error


async def test_the_program_itself_ends_with_a_sentence_and_a_code() -> None:
    done = await asyncio.to_thread(
        subprocess.run,
        [str(Path(sys.executable).parent / "oneworkforce"), "--config", "/nowhere.toml", "lag"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr == "oneworkforce: /nowhere.toml cannot be read; --config or ONEWORKFORCE_CONFIG say where it is\n"
    )
