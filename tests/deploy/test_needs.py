"""deploy/needs.py against the packages that are installed here from the same lock: their own metadata says what they need."""

import re
import runpy
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
needs = runpy.run_path(str(ROOT / "deploy/needs.py"))["needs"]
OURS = sorted(f"oneworkforce-{path.parent.name}" for path in ROOT.glob("services/*/pyproject.toml"))


def names(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE))


def installed_needs(distributions: Iterable[str]) -> set[str]:
    """All that these ask for, and what that asks for, by the metadata of what is installed."""
    found: set[tuple[str, str]] = set()
    wanted = {(name, "") for name in distributions}
    while wanted:
        name, extra = wanted.pop()
        found.add((name, extra))
        for text in metadata.requires(name) or ():
            asked = Requirement(text)
            if asked.marker is None or asked.marker.evaluate({"extra": extra}):
                wanted |= {(canonicalize_name(asked.name), each) for each in ("", *asked.extras)} - found
    return {name for name, _ in found}


@pytest.mark.parametrize("distribution", [*OURS, "oneworkforce-cli", "oneworkforce-kit", "hatchling"])
def test_it_is_what_pip_would_install(distribution: str) -> None:
    """Asked for itself and for those of ours that it stands on, as deploy/Dockerfile asks."""
    every = installed_needs([distribution])
    ours = {name for name in every if name.startswith("oneworkforce-")}
    pip, chosen = every - ours, names(needs(LOCK, ours or [distribution]))
    assert pip <= chosen, "an image would lack these"
    elsewhere = {name for name in chosen - pip if not _for_other_platforms(name)}
    assert elsewhere == set(), "an image would carry these for nothing"


def _for_other_platforms(name: str) -> bool:
    """Locked behind a marker, for a Python or a system that is not this one."""
    entry = re.search(rf"^{re.escape(name)}==[^\n]*", LOCK, re.MULTILINE)
    return entry is not None and ";" in entry.group()


def test_every_entry_keeps_its_version_and_its_hashes() -> None:
    chosen = needs(LOCK, ["oneworkforce-reporting"])
    for entry in re.split(r"(?m)^(?=[a-z0-9._-]+==)", chosen)[1:]:
        assert entry in LOCK
        assert "--hash=sha256:" in entry


def test_no_tool_of_developers_is_in_an_image() -> None:
    assert not names(needs(LOCK, [*OURS, "oneworkforce-cli"])) & {"pytest", "ruff", "mypy", "testcontainers", "uv"}


def test_a_name_that_the_lock_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="not in the lock: nobody"):
        needs(LOCK, ["nobody"])
