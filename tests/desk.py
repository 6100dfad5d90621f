"""Somebody who uses a service in a story, at a desk of their own."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

import pytest

from city.client import Caller, Refused
from kit.clock import today

Json: TypeAlias = dict[str, Any]


def day(ago: int) -> str:
    """The day so many days ago; a negative number is one to come."""
    return (today() - timedelta(days=ago)).isoformat()


def csrf_of(page: str) -> dict[str, str]:
    """What a form of a page sends along, so that nobody else's page can."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found is not None
    return {"csrf": found[1]}


class Desk(Caller):
    """Somebody who uses a service, in one role."""

    async def said(self, path: str, kind: str) -> list[Json]:
        """The facts of one kind in the history of something, the first first."""
        lines = (await self.get(f"{path}/history"))["lines"]
        return [line for line in lines if f".{kind}." in line["type"]]

    async def correct(self, path: str, kind: str, **better: Any) -> Json:
        """The last fact of a kind gets the fields that it should have had; what the thing is then."""
        fact = (await self.said(path, kind))[-1]
        asked = {"replacement": {**fact["said"], **better}, "reason": "entered-in-error"}
        return dict(await self.do("POST", f"{path}/facts/{fact['id']}/correct", asked))

    async def void(self, path: str, kind: str) -> Json:
        """The last fact of a kind is taken back; what the thing is then."""
        return await self._undo(path, kind, "void")

    async def restore(self, path: str, kind: str) -> Json:
        """The last fact of a kind stands again; what the thing is then."""
        return await self._undo(path, kind, "restore")

    async def _undo(self, path: str, kind: str, name: str) -> Json:
        fact = (await self.said(path, kind))[-1]
        return dict(await self.do("POST", f"{path}/facts/{fact['id']}/{name}", {"reason": "entered-in-error"}))

    async def refusal(self, path: str, body: Mapping[str, Any] | None = None) -> str:
        """What a command is refused with, as the API says it; without a body, a question."""
        with pytest.raises(Refused) as refused:
            await (self.get(path) if body is None else self.do("POST", path, body))
        return str(refused.value)

    async def table(self, path: str, *rows: Mapping[str, Any]) -> list[str]:
        """Commands as the lines of a spreadsheet; the ids of what they were about."""
        return [str(row["id"]) for row in await self.rows(path, rows)]


Desks: TypeAlias = Callable[..., Desk]
"""Whose desk: `desks("partner", HOSPITALS)`; a role of the programme alone: `desks("coordinator")`."""
Known: TypeAlias = Callable[..., Any]
"""Ids of people of whom the service has heard: `await known_at(HOSPITALS, "ada", "ben")`."""
