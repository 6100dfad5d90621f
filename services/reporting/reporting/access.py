"""Who asks, and by which rule they are answered: anybody by the published one, named roles exactly, each use logged."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Self
from weakref import WeakValueDictionary

from fastapi import Query, Request, Response
from fastapi.routing import APIRoute

from kit import clock, http, log
from kit.auth import Principal, Unauthenticated
from kit.database import Connection, Database
from kit.errors import Invalid
from reporting import figures
from reporting.disclosure import EXACT_ROLES, Profile, is_published
from reporting.settings import ReportingSettings

EVIDENCE_ROLES = ("auditor", "programme-manager")
QUESTIONS = 200
"""How many questions a process remembers, with their answers."""
EARLIEST = date(1900, 1, 1)
"""Nothing that is counted is older; what looks years back from a date has that far to look."""
AS_AT = Query(
    None,
    description="the day up to and on which is counted; without it today, in Leeds. Published: today or the last day of a month",
)
PROFILE = Query(Profile.PUBLISHED, description="internal_exact is for board, programme-manager and auditor")

logger = log.get(__name__)


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered last: its text, the tag of that, and what it stood on."""

    text: bytes
    media_type: str
    tag: str
    standing: str

    @classmethod
    def of(cls, response: Response, standing: str) -> Self:
        tag = f'"{sha256(response.body).hexdigest()[:32]}"'
        return cls(bytes(response.body), response.headers["Content-Type"], tag, standing)

    def response(self, asker_has: str | None) -> Response:
        """Nothing for who has this answer."""
        headers = {"ETag": self.tag}
        if asker_has == self.tag:
            return Response(status_code=304, headers=headers)
        return Response(self.text, headers=headers | {"Content-Type": self.media_type})


class Unchanged(Exception):
    """The last answer to this question stands."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__("nothing has changed")


class Answers:
    """What this process has answered, by question; of the questions that were asked last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def turn(self, question: str) -> asyncio.Lock:
        """Of many who ask the same at the same moment one counts, while the others wait for that answer."""
        return self._turns.setdefault(question, asyncio.Lock())

    def last(self, question: str) -> Answer | None:
        return self._kept.get(question)

    def keep(self, question: str, answer: Answer) -> None:
        self._kept[question] = answer
        self._kept.move_to_end(question)
        if len(self._kept) > QUESTIONS:
            self._kept.popitem(last=False)


class Counted(APIRoute):
    """A route that counts only where something has changed, and sends nothing to an asker who has its answer (If-None-Match).

    A dashboard asks for itself every few seconds on many screens. The tag is that of the text: one of what it stands on would tell
    everybody when each event came.
    """

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            asker_has = request.headers.get("If-None-Match")
            async with AsyncExitStack() as request.state.turn:
                try:
                    response = await handle(request)
                except Unchanged as unchanged:
                    return unchanged.answer.response(asker_has)
                if response.status_code != 200 or not (asked := getattr(request.state, "asked", None)):
                    return response
                counted = Answer.of(response, request.state.standing)
                request.app.state.answers.keep(asked.question, counted)
                return counted.response(asker_has)

        return answer


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: as at which date, under which profile, and by whom, if they said."""

    as_at: date
    profile: Profile
    principal: Principal | None
    request: Request

    @property
    def settings(self) -> ReportingSettings:
        settings: ReportingSettings = self.request.app.state.settings
        return settings

    @property
    def database(self) -> Database:
        database: Database = self.request.app.state.database
        return database

    @property
    def question(self) -> str:
        """What is asked, and by whom as far as that makes a difference."""
        roles = ",".join(sorted(self.principal.roles)) if self.principal else ""
        return f"{self.request.url.path}?{self.request.url.query} {roles}"

    @asynccontextmanager
    async def moment(self) -> AsyncIterator[Connection]:
        """One moment of the database, so that all that is answered agrees with itself. Raises Unchanged (`Counted`)."""
        state, answers = self.request.state, self.request.app.state.answers
        if hasattr(state, "turn") and not hasattr(state, "asked"):
            await state.turn.enter_async_context(answers.turn(self.question))
        async with figures.one_moment(self.database) as tx:
            state.asked, state.standing = self, f"{await figures.standing(tx)} {self.as_at}"
            last: Answer | None = answers.last(self.question)
            if last is not None and last.standing == state.standing:
                raise Unchanged(last)
            yield tx

    def may(self, *roles: str) -> bool:
        return self.principal is not None and not self.principal.roles.isdisjoint(roles)


async def asked(request: Request, as_at: date | None = AS_AT, profile: Profile = PROFILE) -> Asked:
    """The question of a request. Raises Unauthenticated and Forbidden for exact figures, Invalid for a date to come."""
    return await _asked(request, as_at, profile, EXACT_ROLES if profile is Profile.EXACT else ())


def entitled(*roles: str) -> Callable[..., Awaitable[Asked]]:
    """A dependency: a question that only these roles may ask, and that is answered exactly."""

    async def ask(
        request: Request,
        as_at: date | None = AS_AT,
    ) -> Asked:
        return await _asked(request, as_at, Profile.EXACT, roles)

    ask.roles = roles  # type: ignore[attr-defined]  # read by the test that every route names its role
    return ask


asked.roles = ("anyone, published", *EXACT_ROLES)  # type: ignore[attr-defined]


async def _asked(request: Request, as_at: date | None, profile: Profile, roles: tuple[str, ...]) -> Asked:
    principal = await http.authenticate(request) if roles else await signed_in(request)
    if principal is not None and roles:
        principal.require(roles)
    today = clock.today()
    if as_at is not None and as_at > today:
        raise Invalid("must not be in the future", field="as_at")
    if as_at is not None and as_at < EARLIEST:
        raise Invalid(f"must not be before {EARLIEST}", field="as_at")
    if as_at is not None and profile is Profile.PUBLISHED and not is_published(as_at, today):
        raise Invalid("must be today or the last day of a month: other days are not published", field="as_at")
    if profile is Profile.EXACT and principal is not None:
        logger.info(
            "exact_figures_read",
            subject=principal.subject, role=",".join(sorted(principal.roles)), route=request.scope["route"].path,
            as_at=str(as_at or today), profile=profile.value,
        )  # fmt: skip
    return Asked(as_at or today, profile, principal, request)


async def signed_in(request: Request) -> Principal | None:
    """Who asks, if they are known; a token that is not believed makes nobody of its bearer."""
    try:
        return await http.authenticate(request)
    except Unauthenticated:
        return None
