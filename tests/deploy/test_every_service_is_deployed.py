"""A service that is in services/ is in every place that runs services. What fails here names the place that misses it."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from city import stage

ROOT = Path(__file__).parents[2]


def test_docker_compose_runs_each_of_its_processes(service: Any, compose: dict[str, Any]) -> None:
    there = {name for name in compose["services"] if name.startswith(f"{service.name}-")}
    assert there == service.process_names, "docker-compose.yml"


def test_docker_compose_makes_its_secrets(service: Any, compose: dict[str, Any]) -> None:
    mounted = compose["services"]["secrets"]["volumes"]
    assert f"{service.name}-secrets:/secrets/{service.name}" in mounted, "docker-compose.yml: services.secrets.volumes"


@pytest.mark.parametrize("file", ["deploy/oneworkforce.toml", "deploy/k8s/base/operator/oneworkforce.toml"])
def test_the_operators_command_knows_it(service: Any, file: str) -> None:
    assert service.name in tomllib.loads((ROOT / file).read_text())["services"], file


def test_the_operators_command_asks_each_of_its_processes(service: Any) -> None:
    asked = tomllib.loads((ROOT / "deploy/oneworkforce.toml").read_text())["services"][service.name]["processes"]
    expected = {process: f"http://{service.name}-{process}:8000" for process in service.processes}
    assert asked == expected, "deploy/oneworkforce.toml"


def test_prometheus_scrapes_each_of_its_processes(service: Any) -> None:
    scraped = yaml.safe_load((ROOT / "deploy/observability/prometheus/prometheus.yml").read_text())["scrape_configs"]
    names = set(scraped[0]["dns_sd_configs"][0]["names"])
    assert service.process_names <= names, "deploy/observability/prometheus/prometheus.yml"


def test_kubernetes_has_a_part_for_each_of_its_processes(service: Any) -> None:
    folder = ROOT / "deploy/k8s/base" / service.name
    assert folder.is_dir(), "deploy/k8s/base"
    parts = {Path(each).name for each in yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]}
    assert parts - {"scaling.yaml"} == service.processes | {"migrate"}, f"{folder}/kustomization.yaml"
    listed = yaml.safe_load((folder.parent / "kustomization.yaml").read_text())["resources"]
    assert service.name in listed, "deploy/k8s/base/kustomization.yaml"


def test_the_example_overlay_names_its_image_and_its_way_in(service: Any) -> None:
    folder = ROOT / "deploy/k8s/example"
    images = {each["name"] for each in yaml.safe_load((folder / "kustomization.yaml").read_text())["images"]}
    assert f"oneworkforce/{service.name}" in images, "deploy/k8s/example/kustomization.yaml"
    rules = yaml.safe_load((folder / "ingress.yaml").read_text())["spec"]["rules"]
    reached = {path["backend"]["service"]["name"] for rule in rules for path in rule["http"]["paths"]}
    assert f"{service.name}-api" in reached, "deploy/k8s/example/ingress.yaml"


def test_the_laptops_stage_runs_each_of_its_processes(service: Any) -> None:
    staged = {part.service: set(part.processes) for part in stage.PARTS}
    assert staged.get(service.name) == service.processes, "city/city/stage.py: PARTS"


def test_the_laptops_shared_host_has_the_paths_of_the_examples() -> None:
    rules = yaml.safe_load((ROOT / "deploy/k8s/example/ingress.yaml").read_text())["spec"]["rules"]
    jobs = next(rule for rule in rules if rule["host"] == "jobs.city.example")
    paths = {path["path"]: path["backend"]["service"]["name"] for path in jobs["http"]["paths"]}
    assert {path: name.replace(".", "-") for path, name in stage.ONE_HOST.items()} == paths


def test_nothing_is_deployed_that_is_no_service(every_service: Any, compose: dict[str, Any]) -> None:
    names = {service.name for service in every_service}
    assert {each.partition("-secrets:")[0] for each in compose["services"]["secrets"]["volumes"]} == {
        *names, "operator", "postgres",
    }  # fmt: skip
    folders = {folder.name for folder in (ROOT / "deploy/k8s/base").iterdir() if folder.is_dir()}
    assert folders == {*names, "operator"}
