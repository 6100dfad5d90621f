"""The partners: `partners.toml`, one table each. What is declared there has topics and ACLs; nothing else knows the list.

[leeds-city-council]
title = "Leeds City Council"
services = ["talent-pipeline"]          # to which it may make claims
principal = "User:leeds-city-council"   # its account on the bus; this is the default
"""

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kit import topics
from kit.topics import Topic
from oneworkforce.answering import MISUSED, Problem

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Partner:
    """One partner, as declared."""

    name: str
    title: str
    services: Sequence[str]
    principal: str

    @property
    def topics(self) -> list[Topic]:
        return topics.partner(self.name, self.services)


def read(path: Path) -> list[Partner]:
    """All partners; none where there is no file. Raises Problem, naming the table and the field."""
    if not path.exists():
        return []
    try:
        given = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise Problem(f"{path} cannot be read: {error}", MISUSED) from error
    return [_partner(path, name, table) for name, table in given.items()]


def _partner(path: Path, name: str, table: object) -> Partner:
    where = f"{path}: [{name}]"
    if not NAME.fullmatch(name):
        raise Problem(f"{where}: a name is lower case letters, digits and hyphens, at most 40", MISUSED)
    if not isinstance(table, dict):
        raise Problem(f"{where}: must be a table", MISUSED)
    if unknown := table.keys() - {"title", "services", "principal"}:
        raise Problem(f"{where}: {sorted(unknown)[0]} is not known there", MISUSED)
    title, services, principal = table.get("title"), table.get("services"), table.get("principal", f"User:{name}")
    if not isinstance(title, str) or not title:
        raise Problem(f"{where}: title is missing", MISUSED)
    if not isinstance(services, list) or not services or not all(isinstance(each, str) for each in services):
        raise Problem(f"{where}: services must be a list of at least one service", MISUSED)
    if not isinstance(principal, str) or not principal.startswith("User:"):
        raise Problem(f"{where}: principal must begin with User:", MISUSED)
    return Partner(name, title, tuple(services), principal)


def add(path: Path, partner: Partner) -> None:
    """Declare one more. Raises Problem where the name is taken by another declaration."""
    known = {each.name: each for each in read(path)}
    if partner.name in known:
        if known[partner.name] == partner:
            return
        raise Problem(f"{path} declares another {partner.name} already: change it there")
    before = path.read_text().rstrip("\n") + "\n\n" if path.exists() and path.read_text().strip() else ""
    lines = [
        f"[{partner.name}]",
        f"title = {json.dumps(partner.title, ensure_ascii=False)}",
        f"services = {json.dumps(list(partner.services))}",
        f"principal = {json.dumps(partner.principal)}",
    ]
    try:
        path.write_text(before + "\n".join(lines) + "\n")
    except OSError as error:
        raise Problem(
            f"{path} cannot be written here: declare {partner.name} in it, then `oneworkforce topics create`", MISUSED
        ) from error
