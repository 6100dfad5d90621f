"""Where services, databases and the bus are: `oneworkforce.toml`. Its fields are described in cli/README.md.

Every path in it is relative to the file itself. A password stands in a file of its own, named beside its address.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import typer
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from kit.settings import Settings
from oneworkforce.answering import MISUSED, Problem

DEFAULT = Path("oneworkforce.toml")


class Section(BaseModel):
    """A part of the file; a field that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Kafka(Section):
    """The bus, and who we are there: an account that may make topics and ACLs."""

    bootstrap: str
    user: str | None = None
    password_file: Path | None = None
    tls: bool = False
    idempotent: bool = True
    exact_ends: bool = True
    replication: int = Field(default=1, ge=1)
    acls: bool = False
    """Whether the cluster has an authorizer."""
    other_principals: tuple[str, ...] = ()
    """Principals whose ACLs are somebody else's business: `User:backup`."""


class Service(Section):
    """One service: its database, as itself and as its owner, its processes, its account on the bus."""

    name: str = ""
    package: str = ""
    database: str | None = None
    database_password_file: Path | None = None
    owner: str | None = None
    owner_password_file: Path | None = None
    processes: Mapping[str, str] = {}
    """Where each answers HTTP, by name: api, worker, relay, projector."""
    principal: str = ""


class Administrator(Section):
    """The database server's administrator: makes databases and roles, backs up and restores."""

    database: str
    password_file: Path | None = None


class Development(Section):
    """The development issuer: the private key with which `token` signs."""

    key: Path


class Configuration(Section):
    """The whole file."""

    path: Path
    kafka: Kafka | None = None
    services: Mapping[str, Service]
    partners: Path = Path("partners.toml")
    administrator: Administrator | None = None
    development: Development | None = None

    def service(self, name: str) -> Service:
        """Raises Problem where the file does not name it."""
        if name not in self.services:
            known = ", ".join(self.services) or "none"
            raise Problem(f"{self.path} names no service {name}; there are {known}", MISUSED)
        return self.services[name]

    def chosen(self, name: str | None, *, every: bool = True) -> list[Service]:
        """The service of this name, or all of them. Raises Problem where none is named and `every` is false."""
        if name is not None:
            return [self.service(name)]
        if not every:
            raise Problem("name a service, or give --all", MISUSED)
        return list(self.services.values())

    def inside(self, path: Path) -> Path:
        """A path of the file: relative to its folder."""
        return self.path.parent / path

    def dsn(self, service: Service) -> str:
        """The service's database as the service's own role."""
        return self._address(f"services.{service.name}", "database", service.database, service.database_password_file)

    def owner_dsn(self, service: Service) -> str:
        """The service's database as its owner, who migrates."""
        return self._address(f"services.{service.name}", "owner", service.owner, service.owner_password_file)

    def administrator_dsn(self) -> str:
        """The server as its administrator."""
        if self.administrator is None:
            raise Problem(f"{self.path} has no [administrator]: who makes databases is not known", MISUSED)
        return self._address("administrator", "database", self.administrator.database, self.administrator.password_file)

    def _address(self, section: str, field: str, address: str | None, password_file: Path | None) -> str:
        if address is None:
            raise Problem(f"{self.path}: {section}.{field} is missing", MISUSED)
        if password_file is None:
            return address
        password = self.secret(password_file)
        parts = urlsplit(address)
        user, _, host = parts.netloc.rpartition("@")
        if not user or ":" in user:
            raise Problem(
                f"{self.path}: {section}.{field} must name a user and no password beside a password file", MISUSED
            )
        return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))

    def secret(self, path: Path) -> str:
        """What a password file holds. Raises Problem where it cannot be read."""
        try:
            return self.inside(path).read_text().strip()
        except OSError as error:
            raise Problem(f"the password file {self.inside(path)} cannot be read", MISUSED) from error

    def bus(self) -> Kafka:
        """Raises Problem where the file says nothing of Kafka."""
        if self.kafka is None:
            raise Problem(f"{self.path} has no [kafka]", MISUSED)
        return self.kafka

    def settings(self, service: str = "oneworkforce") -> Settings:
        """Settings with which kit connects to the bus, as the operator."""
        kafka = self.bus()
        return Settings(
            service=service,
            process="operator",
            database_dsn=SecretStr("postgresql://nowhere"),
            kafka_bootstrap=kafka.bootstrap,
            kafka_user=kafka.user,
            kafka_password=SecretStr(self.secret(kafka.password_file)) if kafka.password_file else None,
            kafka_tls=kafka.tls,
            kafka_idempotent=kafka.idempotent,
            kafka_exact_ends=kafka.exact_ends,
        )


def of(ctx: typer.Context) -> Configuration:
    """The file that --config or ONEWORKFORCE_CONFIG names. Raises Problem."""
    return read(ctx.obj or DEFAULT)


def read(path: Path) -> Configuration:
    """Raises Problem, naming the field, where the file is not there or not right."""
    try:
        given = tomllib.loads(path.read_text())
    except OSError as error:
        raise Problem(f"{path} cannot be read; --config or ONEWORKFORCE_CONFIG say where it is", MISUSED) from error
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"{path} is not TOML: {error}", MISUSED) from error
    try:
        return Configuration.model_validate({**_named(given), "path": path.absolute()})
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise Problem(f"{path}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}", MISUSED) from error


def _named(given: dict[str, Any]) -> dict[str, Any]:
    """Each service with its name, and what follows from it."""
    services = given.get("services", {})
    if not isinstance(services, dict):
        return given
    named = {
        name: {"package": name.replace("-", "_"), "principal": f"User:{name}", **section, "name": name}
        for name, section in services.items()
        if isinstance(section, dict)
    }
    return {**given, "services": {**services, **named}}
