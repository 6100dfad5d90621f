"""Every route says who may use it: a role, the person of a link, or everybody (listed here). No two share a name.

An auditor reads what a coordinator reads. Whoever has to act is let see what waits for them.
"""

import importlib
import inspect
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import get_args

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
NOT_FOR_AUDITORS = {
    "/desk": "pages of whoever acts: what they show is in the lists",
    "/transcripts/{code}": "a learner shows it to whom they choose",
    "/deployments/{id}/first-day-pack": "names whom to meet, for who comes and who sends them",
}
"""What a coordinator reads and an auditor does not, each with its reason."""
ACTS: Mapping[str, tuple[str, ...]] = {
    "coordinator": ("coordinator",),
    "data-protection-officer": ("data-protection-officer",),
    **dict.fromkeys(("partner", "employer", "organisation", "home", "host"), ("partner",)),
    **dict.fromkeys(("candidate", "learner", "person", "third-party"), ("coordinator",)),
}
"""By which roles somebody acts for whom something waits. People without an account are reminded by who looks after them."""
WAITS: Mapping[str, Mapping[str, str]] = {
    "talent-pipeline": {
        "vacancy": "employer coordinator",
        "engagement": "coordinator",
        "candidacy": "candidate employer third-party coordinator",
        "appointable": "coordinator",
        "fair": "coordinator",
    },
    "learning": {
        "cohort": "learner coordinator",
        "competence": "organisation",
        "enrolment": "learner organisation",
        "cycle": "coordinator",
        "pathway": "coordinator",
        "apprenticeship": "organisation",
    },
    "mobility": {
        "signature": "organisation coordinator",
        "need": "organisation coordinator",
        "deployment": "home host person coordinator",
        "statement": "home host",
        "passport": "home person third-party",
        "stop": "coordinator",
    },
    "people": {
        "erasure": "data-protection-officer",
        "request": "data-protection-officer",
        "message": "partner coordinator",
        "access": "data-protection-officer",
    },
}
"""For whom something can wait about which aggregate, by service."""
PLURAL = {"vacancy": "vacancies", "candidacy": "candidacies", "access": "access"}
EVERY = ("/livez", "/readyz", "/metrics", "/docs")
PACKAGES = ("talent_pipeline", "equality_monitoring", "learning", "people", "mobility", "reporting")


def services() -> list[Service]:
    return [importlib.import_module(f"{package}.app").service for package in PACKAGES]


def routes_of(service: Service) -> list[APIRoute]:
    return _routes_of(service.package)


@cache
def _routes_of(package: str) -> list[APIRoute]:
    service: Service = importlib.import_module(f"{package}.app").service
    settings = service.settings(database_dsn=SecretStr("postgresql://nowhere"))
    return [route for router in service.routers(settings) for route in router.routes if isinstance(route, APIRoute)]


def names_a_role(dependant: Dependant) -> bool:
    return hasattr(dependant.call, "roles") or any(names_a_role(inner) for inner in dependant.dependencies)


def roles_of(dependant: Dependant) -> Iterator[str]:
    yield from getattr(dependant.call, "roles", ())
    for inner in dependant.dependencies:
        yield from roles_of(inner)


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
def test_every_route_names_its_role_or_is_meant_for_everybody(service: Service) -> None:
    routes = routes_of(service)
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
def test_an_auditor_reads_what_a_coordinator_reads_and_changes_nothing(service: Service) -> None:
    closed, open_ = [], []
    for route in routes_of(service):
        roles = set(roles_of(route.dependant))
        changes = route.methods is None or bool(route.methods - {"GET", "HEAD"})
        if not changes and "coordinator" in roles and not route.path.startswith(tuple(NOT_FOR_AUDITORS)):
            closed += [route.path] if "auditor" not in roles else []
        elif "auditor" in roles and changes and not route.path.startswith(PUBLIC[service.name]):
            open_.append(route.path)
    assert (closed, open_) == ([], [])


def test_each_exception_is_a_route_that_there_is() -> None:
    paths = [route.path for service in services() for route in routes_of(service)]
    assert [each for each in NOT_FOR_AUDITORS if not any(path.startswith(each) for path in paths)] == []


@pytest.mark.parametrize("name", WAITS)
def test_whatever_waits_is_opened_by_whoever_has_to_act(name: str) -> None:
    service = next(each for each in services() if each.name == name)
    routes = {route.path: route for route in routes_of(service) if route.methods == {"GET"}}
    shut = []
    for aggregate, waits in WAITS[name].items():
        path = f"/{PLURAL.get(aggregate, f'{aggregate}s')}/{{id}}"
        opened_by = set(roles_of(routes[path].dependant)) if path in routes else set()
        shut += [(path, who) for who in waits.split() if opened_by.isdisjoint(ACTS[who])]
    assert shut == []


@pytest.mark.parametrize("name", WAITS)
def test_every_aggregate_that_can_wait_and_all_for_whom_are_known(name: str) -> None:
    """As the route itself names them: what it does not name it cannot be asked for."""
    service = next(each for each in services() if each.name == name)
    route = next(route for route in routes_of(service) if route.path == "/waiting")
    (asked_by,) = (field.field_info.annotation for field in route.dependant.query_params)
    assert asked_by is not None
    named = {
        name: set(get_args(get_args(field.annotation)[0]))
        for name, field in asked_by.model_fields.items()
        if name in ("who", "aggregate")
    }
    assert named == {
        "aggregate": set(WAITS[name]),
        "who": {who for whom in WAITS[name].values() for who in whom.split()},
    }


@pytest.mark.parametrize("name", WAITS)
def test_whom_an_aggregate_names_as_having_to_act_is_known(name: str) -> None:
    store = importlib.import_module(f"{name.replace('-', '_')}.store")
    found = {
        (machine.AGGREGATE, who)
        for machine in store.aggregates.machines.values()
        for who in re.findall(r'Waiting\(\s*"([a-z-]+)"', inspect.getsource(machine))
    }
    assert found == {(each, who) for each, who in found if who in WAITS[name].get(each, "").split()}


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
