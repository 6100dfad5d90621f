"""What the services say of themselves, and the files under deploy/ that have to agree with it."""

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from kit.service import Service
from kit.settings import Settings

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Deployed:
    """A folder of services/, and the processes that it has to have somewhere."""

    name: str
    parts: Service
    contract: ModuleType

    @property
    def settings(self) -> Settings:
        return self.parts.settings(database_dsn="postgresql://nowhere")  # type: ignore[arg-type]

    @property
    def processes(self) -> set[str]:
        """An API; who reads or has deadlines, a worker; who says something, a relay."""
        reads = self.parts.readings(self.settings) or self.parts.fire or self.parts.projection
        worker = {self.parts.worker} if reads else set()
        return {"api", *worker, *({"relay"} if self.contract.EMITS else ())}

    @property
    def process_names(self) -> set[str]:
        return {f"{self.name}-{process}" for process in self.processes}


@cache
def _every_service() -> tuple[Deployed, ...]:
    names = sorted(path.parent.name for path in ROOT.glob("services/*/pyproject.toml"))
    return tuple(
        Deployed(
            name,
            importlib.import_module(f"{name.replace('-', '_')}.app").service,
            importlib.import_module(f"{name.replace('-', '_')}.contract"),
        )
        for name in names
    )


@cache
def _compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


@pytest.fixture(scope="session")
def every_service() -> tuple[Deployed, ...]:
    return _every_service()


@pytest.fixture(params=_every_service(), ids=lambda service: service.name)
def service(request: pytest.FixtureRequest) -> Deployed:
    found: Deployed = request.param
    return found


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    return _compose()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `container` is run for every one of docker-compose.yml."""
    if "container" in metafunc.fixturenames:
        containers = _compose()["services"]
        metafunc.parametrize("container", containers.values(), ids=containers.keys())


@pytest.fixture(scope="session")
def told() -> Any:
    return _told


def _told(settings: type[Settings], environment: Mapping[str, str]) -> Settings:
    """The settings that a process has with this environment. Raises KeyError for a variable that it does not know."""
    known = {f"ONEWORKFORCE_{field.upper()}": field for field in settings.model_fields}
    given = {known[name]: _as_by_default(value) for name, value in environment.items()}
    return settings(**{"database_dsn": "postgresql://nowhere", **given})  # type: ignore[arg-type]


DEFAULT = re.compile(r"\$\{[A-Z_]+:-([^}]*)\}")


def _as_by_default(value: str) -> str:
    """A value of docker-compose.yml as it is where nobody sets the variable in it."""
    return DEFAULT.sub(r"\1", value)
