"""Probes that tell the truth. Live: work moves on. Ready: it can be asked. What is checked is said by the process itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from kit import metrics
from kit.errors import Unavailable

Check = Callable[[], Awaitable[str | None]]
"""None: well. Otherwise a code that says what is not."""


@dataclass
class Health:
    """What this process looks at when it is asked how it is. Changed only while it starts."""

    live: dict[str, Check] = field(default_factory=dict)
    ready: dict[str, Check] = field(default_factory=dict)
    refresh: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    """Looks that are taken when metrics are asked for: the outbox's length, the lag."""


async def livez(request: Request) -> Response:
    return await _answer(request.app.state.health.live)


async def readyz(request: Request) -> Response:
    return await _answer(request.app.state.health.ready)


async def prometheus(request: Request) -> Response:
    for look in request.app.state.health.refresh:
        await look()
    return Response(metrics.exposition(), media_type="text/plain; version=0.0.4")


async def _answer(checks: dict[str, Check]) -> Response:
    found = {}
    for name, check in checks.items():
        try:
            found[name] = await check()
        except Unavailable:
            found[name] = "unavailable"
    bad = {name: code for name, code in found.items() if code}
    text = "\n".join(f"{name}: {code}" for name, code in bad.items()) or "ok"
    return Response(text + "\n", 503 if bad else 200, media_type="text/plain")


PROBES = {"/livez": livez, "/readyz": readyz, "/metrics": prometheus}
"""What every process answers, by path."""
