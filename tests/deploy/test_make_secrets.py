"""deploy/make_secrets.py, run on folders as docker-compose.yml mounts them."""

import runpy
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from kit import auth
from kit.settings import Settings

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deploy/make_secrets.py"
DSN = "oneworkforce_database_dsn"
SERVICES = ("people", "reporting", "talent-pipeline")


def run(folder: Path) -> str:
    done = subprocess.run([sys.executable, SCRIPT, folder], check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def volumes(tmp_path: Path) -> Path:
    for name in ("operator", "postgres", *SERVICES):
        (tmp_path / name).mkdir()
    return tmp_path


def contents(folder: Path) -> Mapping[str, tuple[str, int, int]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): (path.read_text(), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in files
    }


def test_the_second_time_nothing_is_made_and_no_file_is_touched(volumes: Path) -> None:
    assert run(volumes) == "made: postgres, development, links, letters, people, reporting, talent-pipeline\n"
    before = contents(volumes)
    assert run(volumes) == "made: nothing, all is there\n"
    assert contents(volumes) == before


def test_a_service_that_is_added_later_gets_its_own_and_the_others_keep_theirs(volumes: Path) -> None:
    run(volumes)
    before = contents(volumes)
    (volumes / "learning").mkdir()
    assert run(volumes) == "made: learning\n"
    after = contents(volumes)
    assert {name: after[name] for name in before} == before
    assert {name for name in after if name not in before} == {
        f"learning/{DSN}", "learning/development.jwks", "learning/links.jwks", "learning/letters.jwks", "operator/learning",
        "operator/learning-owner",
    }  # fmt: skip


def test_what_was_begun_and_not_ended_is_made_anew(volumes: Path) -> None:
    run(volumes)
    (volumes / "reporting" / DSN).unlink()
    assert run(volumes) == "made: reporting\n"
    assert urlsplit((volumes / "reporting" / DSN).read_text()).password == (volumes / "operator/reporting").read_text()


def test_nobody_but_its_owner_reads_a_secret_apart_from_the_servers_password(volumes: Path) -> None:
    """PostgreSQL's own image runs as another user; its folder is mounted by it alone."""
    run(volumes)
    modes = {name: stat.S_IMODE(mode) for name, (_, mode, _) in contents(volumes).items()}
    assert modes.pop("postgres/password") == 0o444
    readable = {name for name, mode in modes.items() if mode & 0o077}
    assert readable <= {"operator/development.jwks", "operator/links.jwks", "operator/letters.jwks"}  # public keys


def test_every_password_is_another_and_long(volumes: Path) -> None:
    run(volumes)
    operator = volumes / "operator"
    drawn = [path.read_text() for path in operator.iterdir() if path.suffix not in (".jwk", ".jwks")]
    assert len(drawn) == 1 + 2 * len(SERVICES)
    assert len(set(drawn)) == len(drawn)
    assert min(map(len, drawn)) >= 32


def test_a_service_reads_its_own_file_and_believes_the_operators_tokens(
    volumes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(volumes)
    own = volumes / "reporting"
    monkeypatch.setenv("ONEWORKFORCE_SECRETS", str(own))
    settings = Settings.load(development_keys=own / "development.jwks")
    address = urlsplit(settings.database_dsn.get_secret_value())
    assert (address.hostname, address.username, address.path) == ("postgres", "reporting_service", "/reporting")
    token = auth.development_token(auth.Signer(volumes / "operator/development.jwk"), "coordinator")
    assert auth.Keys(settings).principal(token).roles == {"coordinator"}


def test_only_who_signs_links_has_the_private_key(volumes: Path) -> None:
    run(volumes)
    held = {str(path.relative_to(volumes)) for path in volumes.glob("*/*.jwk") if path.parent.name != "operator"}
    assert held == {"talent-pipeline/links.jwk", "people/letters.jwk"}
    for path in held:
        auth.Signer(volumes / path)


def test_a_kind_of_key_that_came_later_is_brought_to_who_is_there(volumes: Path) -> None:
    run(volumes)
    before = contents(volumes)
    later = ["operator/letters.jwk", "operator/letters.jwks", "people/letters.jwk"]
    later += [f"{service}/letters.jwks" for service in SERVICES]
    for path in later:
        (volumes / path).unlink()
    assert run(volumes) == "made: letters, people, reporting, talent-pipeline\n"
    after = contents(volumes)
    assert {name: after[name] for name in before if name not in later} == {
        name: held for name, held in before.items() if name not in later
    }
    assert set(after) == set(before)


def test_what_it_knows_by_name_is_what_settings_and_compose_know() -> None:
    script = runpy.run_path(str(SCRIPT))
    assert script["DSN"] == "oneworkforce_database_dsn"
    assert all((ROOT / "services" / service).is_dir() for service in script["SIGNS"].values())
