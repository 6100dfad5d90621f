"""deploy/k8s as Kustomize builds it, held against Kubernetes' own schemas and against the rules that this file states.

There is no cluster here: that an API server takes the objects and that the network policies hold was not tried.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from kit.settings import Settings

K8S = Path(__file__).parents[2] / "deploy/k8s"
KUBERNETES = "1.34"
CUSTOM = {"ScaledObject", "TriggerAuthentication"}
"""KEDA's kinds, of which no schema is at hand."""
NAME, COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/component"

Object = Mapping[str, Any]


@pytest.fixture(scope="session", params=["base", "example"])
def objects(request: pytest.FixtureRequest) -> list[Object]:
    """Every object of the base, and of the overlay that cities copy."""
    if shutil.which("kubectl") is None:
        pytest.skip("needs kubectl, which builds what Kustomize describes")
    built = subprocess.run(["kubectl", "kustomize", K8S / request.param], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return list(yaml.safe_load_all(built.stdout))


@pytest.fixture
def deployments(objects: list[Object]) -> dict[str, Object]:
    return {each["metadata"]["name"]: each for each in objects if each["kind"] == "Deployment"}


@pytest.fixture
def pods(objects: list[Object]) -> dict[str, Object]:
    """The pod of each Deployment and Job, by its name."""
    return {
        each["metadata"]["name"]: each["spec"]["template"] for each in objects if each["kind"] in ("Deployment", "Job")
    }


def containers(pods: Mapping[str, Object]) -> Iterator[tuple[str, Object]]:
    for name, pod in pods.items():
        for container in (*pod["spec"]["containers"], *pod["spec"].get("initContainers", ())):
            yield name, container


def of_kind(objects: list[Object], kind: str) -> dict[str, Object]:
    return {each["metadata"]["name"]: each for each in objects if each["kind"] == kind}


def labels(pod: Object) -> Mapping[str, str]:
    found: Mapping[str, str] = pod["metadata"]["labels"]
    return found


def test_every_object_is_one_that_kubernetes_knows_with_no_field_that_it_does_not(objects: list[Object]) -> None:
    for each in objects:
        if each["kind"] not in CUSTOM:
            kubernetes_validate.validate(dict(each), KUBERNETES, strict=True)


def test_a_field_that_kubernetes_does_not_know_is_found(deployments: dict[str, Object]) -> None:
    wrong = {**deployments["reporting-api"], "spce": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, KUBERNETES, strict=True)


def test_every_process_of_every_service_is_a_deployment_and_nothing_else_is(
    every_service: Any, deployments: dict[str, Object]
) -> None:
    assert deployments.keys() == set().union(*(service.process_names for service in every_service))
    for name, each in deployments.items():
        label = each["spec"]["selector"]["matchLabels"]
        assert f"{label[NAME]}-{label[COMPONENT]}" == name
        assert label.items() <= labels(each["spec"]["template"]).items()
        assert each["spec"]["template"]["spec"]["containers"][0]["args"] == [label[COMPONENT]]


def test_every_service_migrates_as_the_owner_and_runs_as_itself(every_service: Any, pods: dict[str, Object]) -> None:
    for service in every_service:
        expected = {f"{service.name}-migrate": f"{service.name}-owner"} | dict.fromkeys(
            service.process_names, service.name
        )
        for name, secret in expected.items():
            assert [
                volume["secret"]["secretName"] for volume in pods[name]["spec"]["volumes"] if "secret" in volume
            ] == [secret]


def test_no_pod_runs_as_root_or_has_an_account_of_the_cluster(pods: dict[str, Object]) -> None:
    for pod in pods.values():
        context = pod["spec"]["securityContext"]
        assert context["runAsNonRoot"] is True
        assert context["runAsUser"] == context["runAsGroup"] == 10001  # that of deploy/Dockerfile
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["spec"]["automountServiceAccountToken"] is False
        assert not pod["spec"].keys() & {"hostNetwork", "hostPID", "hostIPC"}


def test_no_container_can_gain_rights_or_write_outside_tmp(pods: dict[str, Object]) -> None:
    for name, container in containers(pods):
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}
        writable = [mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")]
        assert writable == ["/tmp"], name


def test_every_container_says_what_it_needs_and_where_memory_ends(pods: dict[str, Object]) -> None:
    for _, container in containers(pods):
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]


def test_every_deployment_is_started_again_by_livez_and_asked_by_readyz(deployments: dict[str, Object]) -> None:
    for each in deployments.values():
        container = each["spec"]["template"]["spec"]["containers"][0]
        asked = {probe: container[f"{probe}Probe"]["httpGet"] for probe in ("startup", "liveness", "readiness")}
        assert {probe: get["path"] for probe, get in asked.items()} == {
            "startup": "/livez", "liveness": "/livez", "readiness": "/readyz",
        }  # fmt: skip
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert [ports[get["port"]] for get in asked.values()] == [8000, 8000, 8000]


def test_a_release_takes_no_process_away_before_a_new_one_is_ready(
    objects: list[Object], deployments: dict[str, Object]
) -> None:
    budgets = of_kind(objects, "PodDisruptionBudget")
    for name, each in deployments.items():
        assert each["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        assert budgets[name]["spec"]["selector"] == each["spec"]["selector"]
        assert budgets[name]["spec"]["maxUnavailable"] == 1


def test_every_api_and_nothing_else_is_behind_a_service(objects: list[Object], deployments: dict[str, Object]) -> None:
    behind = of_kind(objects, "Service")
    assert behind.keys() == {name for name in deployments if name.endswith("-api")}
    for name, each in behind.items():
        assert each["spec"]["selector"] == deployments[name]["spec"]["selector"]["matchLabels"]


def test_every_variable_is_one_that_the_services_settings_know(
    every_service: Any, objects: list[Object], pods: dict[str, Object], told: Any
) -> None:
    maps = of_kind(objects, "ConfigMap")
    for service in every_service:
        for name in (*service.process_names, f"{service.name}-migrate"):
            container = pods[name]["spec"]["containers"][0]
            environment: dict[str, str] = {}
            for source in container["envFrom"]:
                environment |= maps[source["configMapRef"]["name"]]["data"]
            settings: Settings = told(service.parts.settings, environment)
            assert settings.kafka_tls
            assert settings.development_keys is None, "the development issuer is for laptops"
            assert name.endswith("-migrate") or settings.kafka_user == service.name


def test_every_configmap_that_is_named_is_there(objects: list[Object], pods: dict[str, Object]) -> None:
    there = of_kind(objects, "ConfigMap").keys()
    for _, container in containers(pods):
        assert {source["configMapRef"]["name"] for source in container.get("envFrom", ())} <= there
    for pod in pods.values():
        assert {volume["configMap"]["name"] for volume in pod["spec"]["volumes"] if "configMap" in volume} <= there


def test_no_secret_is_in_the_repository(objects: list[Object]) -> None:
    assert not of_kind(objects, "Secret")


# -- the network -------------------------------------------------------------------------------------------------------


def chosen(policy: Object, pod: Object) -> bool:
    """Whether a policy is about this pod."""
    selector = policy["spec"]["podSelector"]
    wanted = selector.get("matchLabels", {}).items() <= labels(pod).items()
    return wanted and all(
        labels(pod).get(each["key"]) in each["values"] for each in selector.get("matchExpressions", ())
    )


def reached(objects: list[Object], pod: Object) -> set[tuple[str, int]]:
    """Namespace and port of all that a pod may connect to."""
    return {
        (peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"], port["port"])
        for policy in of_kind(objects, "NetworkPolicy").values()
        if chosen(policy, pod)
        for rule in policy["spec"].get("egress", ())
        for peer in rule["to"]
        for port in rule["ports"]
    }


def heard(objects: list[Object], pod: Object) -> set[tuple[str, int]]:
    """Namespace of all that may connect to a pod, and at which port."""
    return {
        (peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"], port["port"])
        for policy in of_kind(objects, "NetworkPolicy").values()
        if chosen(policy, pod)
        for rule in policy["spec"].get("ingress", ())
        for peer in rule["from"]
        for port in rule["ports"]
    }


DNS, DATABASE, KAFKA, TRACES = ("kube-system", 53), ("postgres", 5432), ("kafka", 9093), ("monitoring", 4318)
MAIL = ("mail", 587)
REACHES = {
    "api": {DNS, DATABASE, TRACES},
    "worker": {DNS, DATABASE, TRACES, KAFKA},
    "relay": {DNS, DATABASE, TRACES, KAFKA},
    "projector": {DNS, DATABASE, TRACES, KAFKA},
    "migrate": {DNS, DATABASE},
    "topics": {DNS, KAFKA},
}


def test_every_pod_reaches_what_it_needs_and_nothing_more(objects: list[Object], pods: dict[str, Object]) -> None:
    for name, pod in pods.items():
        tells_people = {MAIL} if name == "people-worker" else set()
        assert reached(objects, pod) == REACHES[labels(pod)[COMPONENT]] | tells_people, name


def test_a_pod_is_reached_by_monitoring_and_an_api_by_the_ingress(
    objects: list[Object], pods: dict[str, Object]
) -> None:
    for name, pod in pods.items():
        component = labels(pod)[COMPONENT]
        monitored = {("monitoring", 8000)} if component not in ("migrate", "topics") else set()
        assert heard(objects, pod) == monitored | ({("ingress", 8000)} if component == "api" else set()), name


def test_by_default_nothing_is_allowed(objects: list[Object]) -> None:
    spec = of_kind(objects, "NetworkPolicy")["nothing-by-default"]["spec"]
    assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


# -- scaling -----------------------------------------------------------------------------------------------------------


def test_a_projector_is_scaled_by_its_own_groups_lag_up_to_its_partitions(
    every_service: Any, objects: list[Object], deployments: dict[str, Object]
) -> None:
    scaled = of_kind(objects, "ScaledObject")
    projectors = [service for service in every_service if service.parts.worker == "projector"]
    assert scaled.keys() == {f"{service.name}-projector" for service in projectors}
    for service in projectors:
        spec = scaled[f"{service.name}-projector"]["spec"]
        target = deployments[spec["scaleTargetRef"]["name"]]
        assert "replicas" not in target["spec"], "two would decide how many there are"
        assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (2, 12)
        (trigger,) = spec["triggers"]
        assert trigger["type"] == "kafka"
        projection = service.parts.projection
        assert re.fullmatch(rf"{service.name}\.{projection.name}\.\d+", trigger["metadata"]["consumerGroup"])
        assert trigger["metadata"]["bootstrapServersFromEnv"] == "ONEWORKFORCE_KAFKA_BOOTSTRAP"
        assert trigger["authenticationRef"]["name"] in of_kind(objects, "TriggerAuthentication")
