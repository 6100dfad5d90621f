"""Every route says who may use it: a role, the person of a link, or everybody (listed here). No two share a name."""

import importlib
import os
import subprocess
import sys
from collections import Counter

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import SecretStr

from kit.process import api_app
from kit.service import Service

PUBLIC = {
    "reporting": ("/dashboard", "/figures", "/funnel", "/time-to-hire", "/sources", "/sign-in", "/sign-out", "/assets"),
    "talent-pipeline": ("/my/applications", "/desk/sign-in", "/desk/assets"),
    "equality-monitoring": ("/my/monitoring",),
    "people": ("/my/person", "/messages/{id_}/stop", "/names/sign-in", "/names/sign-out"),
    "mobility": ("/my/passport",),
    "learning": ("/my/learning",),
}
"""Published figures, and pages that ask for a link by themselves."""
EVERY = ("/livez", "/readyz", "/metrics", "/docs")
PACKAGES = ("talent_pipeline", "equality_monitoring", "learning", "people", "mobility", "reporting")


def services() -> list[Service]:
    return [importlib.import_module(f"{package}.app").service for package in PACKAGES]


def names_a_role(dependant: Dependant) -> bool:
    return hasattr(dependant.call, "roles") or any(names_a_role(inner) for inner in dependant.dependencies)


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
def test_every_route_names_its_role_or_is_meant_for_everybody(service: Service) -> None:
    settings = service.settings(database_dsn=SecretStr("postgresql://nowhere"))
    routes = [route for router in service.routers(settings) for route in router.routes if isinstance(route, APIRoute)]
    assert len(routes) > 5
    open_ = [
        route.path
        for route in routes
        if not names_a_role(route.dependant)
        and not route.path.startswith(EVERY)
        and not route.path.startswith(PUBLIC[service.name])
    ]
    assert open_ == []


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
def test_every_operation_has_an_id_of_its_own(service: Service) -> None:
    document = api_app(service, service.settings(database_dsn=SecretStr("postgresql://nowhere"))).openapi()
    ids = Counter(operation["operationId"] for path in document["paths"].values() for operation in path.values())
    assert [id_ for id_, count in ids.items() if count > 1] == []


def test_who_serves_no_routes_builds_none() -> None:
    """A worker, a relay and a migration start without FastAPI, the routes and the pages: half of what an API imports."""
    apps = ", ".join(f"{package}.app" for package in PACKAGES)
    look = f"import sys, {apps}, kit.bus, kit.projecting, kit.relay; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout.split()
    )
    served = {f"{package}.{part}" for package in PACKAGES for part in ("api", "pages", "desk")}
    assert {"fastapi", "kit.http", "kit.routes", *served} & loaded == set()


@pytest.mark.parametrize("package", [package for package in PACKAGES if package != "reporting"])
def test_a_relay_loads_nothing_of_its_service(package: str) -> None:
    look = f"""
import runpy, sys
from kit import process
async def look(settings):
    print(settings.service, *sys.modules)
process.run_relay = look
sys.argv = ["", "relay"]
runpy.run_module("{package}", run_name="__main__")
"""
    environment = {**os.environ, "ONEWORKFORCE_DATABASE_DSN": "postgresql://nowhere"}
    done = subprocess.run([sys.executable, "-c", look], env=environment, capture_output=True, text=True)
    name, *loaded = done.stdout.split()
    assert name == package.replace("_", "-")
    assert [module for module in loaded if module.startswith(f"{package}.")] == []


def test_a_service_without_a_worker_says_what_it_has() -> None:
    done = subprocess.run([sys.executable, "-m", "reporting", "worker"], capture_output=True, text=True)
    assert (done.returncode, done.stderr.splitlines()[-1].endswith("reporting has a projector, and no worker")) == (
        2,
        True,
    )
