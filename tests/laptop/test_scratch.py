"""A run of tests leaves nothing behind, however it ends."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from laptop.scratch import PREFIX, scratch

ROOT = Path(__file__).parents[2]
WAITS = """
import asyncio, tempfile
from pathlib import Path

async def test_that_waits(postgres, broker, tmp_path):
    (Path({told!r}) / "started").write_text(f"{{tmp_path}} {{tempfile.gettempdir()}}")
    await asyncio.sleep(600)
"""


def test_all_that_makes_a_file_for_a_while_makes_it_there(tmp_path: Path) -> None:
    before = tempfile.gettempdir()
    with scratch(tmp_path) as folder:
        assert Path(tempfile.mkdtemp()).parent == folder
        asked = [sys.executable, "-c", "import tempfile; print(tempfile.gettempdir())"]
        assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip() == str(folder)
    assert [*tmp_path.iterdir()] == []
    assert tempfile.gettempdir() == before


def test_what_a_killed_run_has_left_goes_with_the_next_and_what_another_uses_stays(tmp_path: Path) -> None:
    left = tmp_path / f"{PREFIX}left"
    (left / "data").mkdir(parents=True)
    with scratch(tmp_path) as other, scratch(tmp_path):
        assert not left.exists()
        assert other.exists()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A copy of what a run of tests is told by, with a test that waits until it is interrupted."""
    for name in ("pyproject.toml", "tests/conftest.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "tests/test_waits.py").write_text(WAITS.format(told=str(tmp_path)))
    return tmp_path


@pytest.fixture
def room() -> Iterator[Path]:
    """Where such a run makes its folder. Not in `tmp_path`, which PostgreSQL's user may not enter where we are root."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        yield Path(name)


def test_a_run_that_is_interrupted_leaves_no_process_and_no_folder(elsewhere: Path, room: Path) -> None:
    told = elsewhere / "started"
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--numprocesses=2", "tests"],
        cwd=elsewhere, env={**os.environ, "TMPDIR": str(room), "BROKER": "embedded"}, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    while not told.exists() and run.poll() is None:
        time.sleep(0.05)
    if run.returncode is None:
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to all of them
    said, _ = run.communicate(timeout=300)
    assert told.exists(), said
    assert told.read_text().count(str(room / PREFIX)) == 2
    assert "KeyboardInterrupt" in said
    assert [*room.iterdir()] == []
    left = subprocess.run(["pgrep", "--full", str(room)], capture_output=True, text=True, check=False).stdout
    assert left == ""
