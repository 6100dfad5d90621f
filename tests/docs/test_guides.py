"""The guides' commands run: on a copy of the repository, in the order of the page, with what the page adds to its files."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COPIED = (
    "shared",
    "services",
    "scripts",
    "tests/schemas",
    "tests/architecture",
    "tests/conftest.py",
    "laptop",
    "docs",
    "pyproject.toml",
)
LEFT_OUT = shutil.ignore_patterns("node_modules", "*.egg-info")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The repository without its history, its virtual environment and what set-up puts in place."""
    for name in COPIED:
        there = tmp_path / name
        there.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, there, ignore=LEFT_OUT)
        else:
            shutil.copy(ROOT / name, there)
    subprocess.run(
        "git init -q && git add -A && git -c user.name=t -c user.email=t@t commit -qm t",
        shell=True,
        check=True,
        cwd=tmp_path,
    )
    return tmp_path


def test_adding_an_event_as_the_guide_says_leaves_everything_green(copy: Path) -> None:
    members = [*copy.glob("shared/*"), *copy.glob("services/*"), copy / "laptop"]
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": ":".join(map(str, members)),
    }
    commands = 0
    for kind, file, text in BLOCK.findall((ROOT / "docs/guides/add-an-event.md").read_text()):
        if file:
            with (copy / file).open("a") as there:
                there.write(f"\n\n{text}" if kind == "python" else text)
        elif kind == "bash":
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", text], cwd=copy, env=environment, capture_output=True, text=True
            )
            assert done.returncode == 0, f"{text}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
            commands += 1
    assert commands >= 3
