"""The gateway of docker-compose.yml: the paths of the cluster's example, and the same answers as the laptop's own."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
import yaml
from tests.laptop.test_gateway import answering

from kit.testing.waiting import until
from laptop.ports import free_port

ROOT = Path(__file__).parents[2]
CONFIGURATION = (ROOT / "deploy/gateway/nginx.conf").read_text()
NGINX = shutil.which("nginx")
LOCATION = re.compile(r"location (?P<path>[^{]+) \{\s+proxy_pass http://(?P<name>[a-z-]+):8000;")
SEVERAL = re.compile(r"~ \^/\(\?:(?P<paths>.+?)\)\(\?:/\|\$\)")


def paths() -> dict[str, str]:
    """What lies under each path, and who answers it."""
    found: dict[str, str] = {}
    for location in LOCATION.finditer(CONFIGURATION):
        several = SEVERAL.fullmatch(location["path"])
        under = [location["path"]] if several is None else [f"/{path}" for path in several["paths"].split("|")]
        found |= dict.fromkeys(under, location["name"])
    return found


def test_it_has_the_paths_of_the_clusters_example() -> None:
    rules = yaml.safe_load((ROOT / "deploy/k8s/example/ingress.yaml").read_text())["spec"]["rules"]
    jobs = next(rule for rule in rules if rule["host"] == "jobs.city.example")
    assert paths() == {path["path"]: path["backend"]["service"]["name"] for path in jobs["http"]["paths"]}


@asynccontextmanager
async def gateway(folder: Path) -> AsyncIterator[str]:
    """nginx with the file as it stands but for where the services are, and where it listens."""
    async with answering("jobs") as jobs, answering("people") as people:
        port, file = free_port(), folder / "nginx.conf"
        here = {"talent-pipeline-api:8000": f"127.0.0.1:{jobs}", "people-api:8000": f"127.0.0.1:{people}",
                "listen 8080;": f"listen 127.0.0.1:{port};", "/tmp/": f"{folder}/"}  # the container's own  # fmt: skip
        text = CONFIGURATION
        for said, instead in here.items():
            assert said in text
            text = text.replace(said, instead)
        file.write_text(text)
        child = await asyncio.create_subprocess_exec(str(NGINX), "-e", "/dev/stderr", "-c", str(file))
        try:
            await until(lambda: _listens(port), what="nginx listens")
            yield f"http://127.0.0.1:{port}"
        finally:
            child.terminate()
            await child.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@pytest.mark.skipif(NGINX is None, reason="no nginx on this machine (Debian: apt-get install nginx-light)")
async def test_a_path_is_answered_by_whom_its_longest_prefix_names_and_bodies_pass_as_they_are(tmp_path: Path) -> None:
    async with gateway(tmp_path) as url, httpx2.AsyncClient(base_url=url, timeout=30) as client:
        for path, name in {
            "/": "jobs", "/desk?who=employer": "jobs", "/names": "people", "/names/sign-in": "people", "/nameless": "jobs",
            "/my/person/name": "people", "/my/personal": "jobs", "/messages/x/stop/y": "people",
        }.items():  # fmt: skip
            assert (await client.get(path)).text == f"{name} {path} 0"
        assert (await client.post("/names", content=b"x" * 3_000_000)).text == "people /names 3000000"
