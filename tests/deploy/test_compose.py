"""docker-compose.yml, read: how each container is closed in, who reads which secret, and that none stands in the file.

That the file runs is tried by hand, on a machine with an engine: deploy/README.md says how, and what was seen.
"""

import asyncio
import re
from pathlib import Path
from typing import Any

from kit.settings import Settings
from laptop.broker import Broker

ROOT = Path(__file__).parents[2]
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|KEY|DSN", re.IGNORECASE)
WITH_PASSWORD = re.compile(r"://[^/\s:@]+:[^/\s@]+@")


def test_no_container_can_write_outside_its_volumes_or_become_root(container: dict[str, Any]) -> None:
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert "cap_add" not in container
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["user"].partition(":")[0] not in ("", "0", "root")
    assert not container.keys() & {"privileged", "container_name", "pid", "ipc", "devices"}
    assert container.get("network_mode", "none") == "none"


def test_no_container_is_reached_from_another_machine(container: dict[str, Any]) -> None:
    assert all(port.startswith("127.0.0.1:") for port in container.get("ports", ()))


def test_every_container_that_stays_has_a_health_check_and_comes_back(container: dict[str, Any]) -> None:
    stays = container["restart"] == "unless-stopped"
    assert stays == (not container["healthcheck"].get("disable", False))


async def test_kafkas_health_check_tells_a_broker_from_an_open_port(compose: dict[str, Any], broker: Broker) -> None:
    _, shell, option, text = compose["services"]["kafka"]["healthcheck"]["test"]

    async def asked_of(address: str) -> int:
        script = text.replace("$$", "$").replace("kafka/9092", address.replace(":", "/"))
        child = await asyncio.create_subprocess_exec(shell, option, script, stderr=asyncio.subprocess.DEVNULL)
        return await child.wait()

    async def says_something(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request")
        writer.close()
        await writer.wait_closed()

    assert await asked_of(broker.bootstrap) == 0
    async with await asyncio.start_server(says_something, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        assert await asked_of(f"127.0.0.1:{port}") == 1
    assert await asked_of(f"127.0.0.1:{port}") == 1


def test_no_container_takes_the_machine_from_the_others(container: dict[str, Any]) -> None:
    assert re.fullmatch(r"\d+[mg]", container["mem_limit"])
    assert 0 < container["pids_limit"] <= 1024
    assert "cpus" not in container  # a reader that is throttled is thrown out of its group


def test_a_container_hears_that_it_is_to_end_also_while_it_starts(container: dict[str, Any]) -> None:
    assert container["init"] is True


def test_every_image_has_a_version_or_is_built_here(container: dict[str, Any]) -> None:
    assert container["image"].startswith("oneworkforce/") or re.fullmatch(r"[a-z/-]+:v?\d[\w.]*", container["image"])


def test_a_secret_is_named_by_its_file_and_never_by_its_value(container: dict[str, Any]) -> None:
    for name, value in container.get("environment", {}).items():
        if SECRET.search(name):
            assert str(value).startswith("/run/secrets/") or name in PUBLIC, name


PUBLIC = {"GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"}


def test_no_file_of_the_deployment_holds_a_password() -> None:
    files = [ROOT / "docker-compose.yml", *(path for path in (ROOT / "deploy").rglob("*") if path.suffix != ".pyc")]
    texts = {path: path.read_text() for path in files if path.is_file()}
    found = {str(path.relative_to(ROOT)): WITH_PASSWORD.findall(text) for path, text in texts.items()}
    del found["deploy/make_secrets.py"]  # puts the password that it draws into an address
    assert {path: hits for path, hits in found.items() if hits} == {}


def test_every_image_is_built_in_one_place(compose: dict[str, Any]) -> None:
    """Built by every process that runs it, an image would be built as often; built by none, it would be looked for elsewhere."""
    ours = [each for each in compose["services"].values() if each["image"].startswith("oneworkforce/")]
    built = [each["image"] for each in ours if "build" in each]
    assert sorted(built) == sorted({each["image"] for each in ours})


def test_a_services_secrets_are_mounted_by_its_own_processes_alone(service: Any, compose: dict[str, Any]) -> None:
    readers = {
        name
        for name, container in compose["services"].items()
        if any(str(volume).startswith(f"{service.name}-secrets:") for volume in container.get("volumes", ()))
    }
    assert readers == {*service.process_names, "secrets"}


def test_secrets_are_written_by_one_container_and_read_only_for_all_others(compose: dict[str, Any]) -> None:
    for name, container in compose["services"].items():
        for volume in container.get("volumes", ()):
            if "-secrets:" in volume:
                assert volume.endswith(":ro") != (name == "secrets"), (name, volume)


def test_every_volume_is_declared_and_used(compose: dict[str, Any]) -> None:
    used = {
        volume.partition(":")[0]
        for container in compose["services"].values()
        for volume in container.get("volumes", ())
        if not volume.startswith(".")
    }
    assert used == set(compose["volumes"])


def test_every_variable_is_one_that_the_services_settings_know(
    service: Any, compose: dict[str, Any], told: Any
) -> None:
    for name in service.process_names:
        settings: Settings = told(service.parts.settings, compose["services"][name]["environment"])
        assert settings.kafka_bootstrap == "kafka:9092"


def test_a_service_starts_after_its_database_and_its_topics_are_there(service: Any, compose: dict[str, Any]) -> None:
    for name in service.process_names:
        assert compose["services"][name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "topics": {"condition": "service_completed_successfully"},
        }
