"""Posts that an employer wants to fill: what they are, and how many are filled.

A vacancy of several posts is one vacancy. A post is filled when somebody starts, not when they are offered it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, TypeAlias, TypedDict
from uuid import UUID

from pydantic import Field

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from schemas.fact import Fact
from schemas.talent_pipeline import (
    PostFilled,
    PostReleased,
    Role,
    VacancyAdvertised,
    VacancyAuthorised,
    VacancyClosed,
    VacancyConcluded,
    VacancyDrafted,
    VacancyOutcome,
    VacancyWithdrawn,
)
from schemas.values import BusinessDate, Code, Part, PartnerId
from talent_pipeline.domain.checks import refuse_dbs

AGGREGATE = "vacancy"


class Status(StrEnum):
    DRAFT = "draft"
    AUTHORISED = "authorised"
    ADVERTISED = "advertised"
    CLOSED = "closed"
    FILLED = "filled"
    PART_FILLED = "part-filled"
    UNFILLED = "unfilled"
    WITHDRAWN = "withdrawn"


RECRUITING = (Status.AUTHORISED, Status.ADVERTISED, Status.CLOSED)
CONCLUDED = MappingProxyType({
    VacancyOutcome.FILLED: Status.FILLED,
    VacancyOutcome.PART_FILLED: Status.PART_FILLED,
    VacancyOutcome.UNFILLED: Status.UNFILLED,
})  # fmt: skip


class Gap(Part):
    """Between the last day of one advertisement and the first of the next no applications were taken."""

    after: date
    until: date


class Vacancy(Part):
    """One vacancy as it stands."""

    status: Status
    since: date
    employer: str
    role: Role
    posts: int
    accepts_values_pass: bool
    drafted_on: date
    authorised_on: date | None = None
    advertised_on: date | None = None
    closes_on: date | None = None
    closed_on: date | None = None
    gaps: tuple[Gap, ...] = ()
    channels: tuple[str, ...] = ()
    shared: bool = False
    filled_by: tuple[UUID, ...] = ()
    """The candidacies that started, in their order."""
    reason: str | None = None

    @property
    def filled(self) -> int:
        return len(self.filled_by)

    @property
    def has_post_left(self) -> bool:
        """Whether somebody may still be offered one of its posts."""
        return self.status in RECRUITING and self.filled < self.posts

    def took_applications_on(self, day: date) -> bool:
        """Whether it was advertised on that day. Asked by date, so that an application may be recorded late."""
        if self.advertised_on is None or any(gap.after < day < gap.until for gap in self.gaps):
            return False
        return self.advertised_on <= day and (self.closed_on is None or day <= self.closed_on)


# Commands --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(Command):
    employer: PartnerId
    role: Role
    posts: Annotated[int, Field(ge=1, le=500)]
    accepts_values_pass: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorise(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Advertise(Command):
    channels: Annotated[tuple[Code, ...], Field(min_length=1, max_length=30)]
    shared: bool
    closes_on: BusinessDate


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclude(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Command):
    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class FillPost(Command):
    candidacy_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePost(Command):
    candidacy_id: UUID


COMMANDS = (Draft, Authorise, Advertise, Close, Conclude, Withdraw, FillPost, ReleasePost)
VacancyFact: TypeAlias = (
    VacancyDrafted | VacancyAuthorised | VacancyAdvertised | VacancyClosed | VacancyConcluded | VacancyWithdrawn
    | PostFilled | PostReleased
)  # fmt: skip

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.DRAFT: (Authorise, Withdraw),
    Status.AUTHORISED: (Advertise, Withdraw),
    Status.ADVERTISED: (Advertise, Close, Withdraw),
    Status.CLOSED: (Advertise, Conclude, Withdraw),
    Status.FILLED: (),
    Status.PART_FILLED: (Advertise,),
    Status.UNFILLED: (Advertise,),
    Status.WITHDRAWN: (),
})  # fmt: skip
"""What somebody may do. A post is filled and released by what becomes of a candidacy."""


# Refusals --------------------------------------------------------------------------------------------------------------


class ClosesBeforeItOpens(Invalid):
    """It would close before it opens."""


class NotTheRoles(Invalid):
    """The occupation of a vacancy is that of its role."""


class NoPostLeft(Refused):
    """Every post is filled."""


# The machine -----------------------------------------------------------------------------------------------------------


def decide(command: Command, vacancy: Vacancy | None, now: datetime) -> list[VacancyFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, vacancy:
        case Draft(), None:
            return [_drafted(command, day_of(command, now))]
        case _, None:
            raise NotFound

        case Authorise(), Vacancy(status=Status.DRAFT):
            return [VacancyAuthorised(**_opening(vacancy, day_of(command, now, after=vacancy.since)))]
        case Advertise(), Vacancy(
            status=Status.AUTHORISED | Status.ADVERTISED | Status.CLOSED | Status.PART_FILLED | Status.UNFILLED
        ):
            return _advertised(command, vacancy, day_of(command, now, after=vacancy.since))
        case Close(), Vacancy(status=Status.ADVERTISED):
            return [VacancyClosed(**_opening(vacancy, day_of(command, now, after=vacancy.since)))]
        case Conclude(), Vacancy(status=Status.CLOSED):
            return [_concluded(vacancy, vacancy.filled, day_of(command, now, after=vacancy.since))]
        case Withdraw(), Vacancy(status=Status.DRAFT | Status.AUTHORISED | Status.ADVERTISED | Status.CLOSED):
            day = day_of(command, now, after=vacancy.since)
            return [VacancyWithdrawn(**_opening(vacancy, day), reason=command.reason)]
        case FillPost(candidacy_id=candidacy_id), _ if candidacy_id in vacancy.filled_by:
            return []
        case FillPost(), Vacancy(status=Status.FILLED):
            raise NoPostLeft
        # an offer outlives the withdrawal of the vacancy
        case FillPost(), Vacancy(authorised_on=date() as authorised_on):
            return _filled(command, vacancy, day_of(command, now, after=authorised_on))
        case ReleasePost(candidacy_id=candidacy_id), _ if candidacy_id in vacancy.filled_by:
            return [_released(command, vacancy, day_of(command, now))]

        case Authorise(), Vacancy(status=Status.AUTHORISED):
            return []
        case Close(), Vacancy(status=Status.CLOSED):
            return []
        case Conclude(), Vacancy(status=Status.FILLED | Status.PART_FILLED | Status.UNFILLED):
            return []
        case Withdraw(reason=reason), Vacancy(status=Status.WITHDRAWN, reason=said) if reason == said:
            return []
        case _:
            raise NotInThisState


def evolve(vacancy: Vacancy | None, fact: Fact) -> Vacancy:
    """The vacancy after a fact. Raises CannotFollow."""
    match vacancy, fact:
        case None, VacancyDrafted():
            return Vacancy(
                status=Status.DRAFT,
                since=fact.occurred_on,
                employer=fact.employer,
                role=fact.role,
                posts=fact.posts,
                accepts_values_pass=fact.accepts_values_pass,
                drafted_on=fact.occurred_on,
            )
        case Vacancy(status=Status.DRAFT), VacancyAuthorised(occurred_on=day):
            return changed(vacancy, status=Status.AUTHORISED, since=day, authorised_on=day)
        case Vacancy(
            status=Status.AUTHORISED | Status.ADVERTISED | Status.CLOSED | Status.PART_FILLED | Status.UNFILLED
        ), VacancyAdvertised(occurred_on=day):
            first, closed_on = vacancy.advertised_on or day, vacancy.closed_on
            gaps = vacancy.gaps if closed_on is None else (*vacancy.gaps, Gap(after=closed_on, until=day))
            return changed(
                vacancy, status=Status.ADVERTISED, since=day, advertised_on=first, closes_on=fact.closes_on,
                closed_on=None, gaps=gaps, channels=fact.channels, shared=fact.shared,
            )  # fmt: skip
        case Vacancy(status=Status.ADVERTISED), VacancyClosed(occurred_on=day):
            return changed(vacancy, status=Status.CLOSED, since=day, closed_on=day)
        case Vacancy(), VacancyConcluded(outcome=outcome) if _can_conclude(vacancy, outcome):
            day = fact.occurred_on
            return changed(
                vacancy, status=CONCLUDED[outcome], since=max(vacancy.since, day), closed_on=vacancy.closed_on or day
            )
        case Vacancy(status=Status.DRAFT | Status.AUTHORISED | Status.ADVERTISED | Status.CLOSED), VacancyWithdrawn():
            day = fact.occurred_on
            return changed(
                vacancy, status=Status.WITHDRAWN, since=day, closed_on=vacancy.closed_on or day, reason=fact.reason
            )
        case Vacancy(authorised_on=date()), PostFilled(candidacy_id=who) if (
            who not in vacancy.filled_by and vacancy.filled < vacancy.posts
        ):
            return changed(vacancy, filled_by=(*vacancy.filled_by, who))
        case Vacancy(), PostReleased(candidacy_id=who) if who in vacancy.filled_by:
            return _without(vacancy, who)
        case _:
            raise CannotFollow(fact, vacancy)


def allowed(vacancy: Vacancy | None) -> tuple[str, ...]:
    """The commands that would change it."""
    return step.names((Draft,) if vacancy is None else ALLOWED[vacancy.status])


def deadlines(vacancy: Vacancy) -> Mapping[str, datetime]:
    """An advertised vacancy closes when the day that it named is over."""
    if vacancy.status is Status.ADVERTISED and vacancy.closes_on is not None:
        return {"close": step.end_of(vacancy.closes_on)}
    return {}


def due(name: str, vacancy: Vacancy) -> Command:
    """The command of a deadline, dated by what it promised and not by when it was noticed."""
    return Close(occurred_on=max(vacancy.closes_on or vacancy.since, vacancy.since))


def waiting(vacancy: Vacancy) -> tuple[Waiting, ...]:
    """Who has to do something about it."""
    match vacancy.status:
        case Status.DRAFT:
            return (Waiting("employer", "authorise", vacancy.since),)
        case Status.AUTHORISED:
            return (Waiting("coordinator", "advertise", vacancy.since),)
        case Status.CLOSED:
            return (Waiting("employer", "conclude", vacancy.since),)
        case _:
            return ()


# What the arms say -----------------------------------------------------------------------------------------------------


class _Opening(TypedDict):
    employer: str
    soc2020: str
    occurred_on: date


def _opening(vacancy: Vacancy, day: date) -> _Opening:
    return {"employer": vacancy.employer, "soc2020": vacancy.role.soc2020, "occurred_on": day}


def _drafted(command: Draft, day: date) -> VacancyDrafted:
    drafted = VacancyDrafted(
        occurred_on=day,
        employer=command.employer,
        soc2020=command.role.soc2020,
        role=command.role,
        posts=command.posts,
        accepts_values_pass=command.accepts_values_pass,
    )
    refuse_unsound(drafted)
    return drafted


def refuse_unsound(fact: VacancyDrafted | VacancyAdvertised) -> None:
    """Raises Invalid where it makes no sense, whether it is said or corrected."""
    match fact:
        case VacancyDrafted(role=role):
            refuse_dbs(role)
            if fact.soc2020 != role.soc2020:
                raise NotTheRoles(field="soc2020")
        case VacancyAdvertised(closes_on=closes_on, occurred_on=day) if closes_on < day:
            raise ClosesBeforeItOpens(field="closes_on")
        case _:
            pass


def _advertised(command: Advertise, vacancy: Vacancy, day: date) -> list[VacancyFact]:
    now_so = (vacancy.channels, vacancy.shared, vacancy.closes_on)
    if vacancy.status is Status.ADVERTISED and now_so == (command.channels, command.shared, command.closes_on):
        return []
    advertised = VacancyAdvertised(
        **_opening(vacancy, day), channels=command.channels, shared=command.shared, closes_on=command.closes_on
    )
    refuse_unsound(advertised)
    return [advertised]


def _filled(command: FillPost, vacancy: Vacancy, day: date) -> list[VacancyFact]:
    """The last post to be filled concludes the vacancy, whatever its status was."""
    filled = vacancy.filled + 1
    said = PostFilled(**_opening(vacancy, day), candidacy_id=command.candidacy_id, posts=vacancy.posts, filled=filled)
    if filled == vacancy.posts or vacancy.status is Status.UNFILLED:
        return [said, _concluded(vacancy, filled, day)]
    return [said]


def _concluded(vacancy: Vacancy, filled: int, day: date) -> VacancyConcluded:
    outcome = (
        VacancyOutcome.FILLED if filled == vacancy.posts
        else VacancyOutcome.PART_FILLED if filled
        else VacancyOutcome.UNFILLED
    )  # fmt: skip
    return VacancyConcluded(**_opening(vacancy, day), outcome=outcome, posts=vacancy.posts, filled=filled)


def _released(command: ReleasePost, vacancy: Vacancy, day: date) -> PostReleased:
    return PostReleased(
        **_opening(vacancy, day),
        candidacy_id=command.candidacy_id,
        posts=vacancy.posts,
        filled=vacancy.filled - 1,
    )


def _can_conclude(vacancy: Vacancy, outcome: VacancyOutcome) -> bool:
    """Whether what an outcome says of the posts is so."""
    match outcome:
        case VacancyOutcome.FILLED:
            return vacancy.filled == vacancy.posts
        case VacancyOutcome.PART_FILLED:
            return vacancy.status in (Status.CLOSED, Status.UNFILLED) and 0 < vacancy.filled < vacancy.posts
        case VacancyOutcome.UNFILLED:
            return vacancy.status is Status.CLOSED and vacancy.filled == 0


def _without(vacancy: Vacancy, candidacy_id: UUID) -> Vacancy:
    """A vacancy that was filled has a post to fill again, unless it was withdrawn; one part filled may have none filled now."""
    left = tuple(who for who in vacancy.filled_by if who != candidacy_id)
    status = vacancy.status
    if status is Status.FILLED:
        status = Status.CLOSED if vacancy.reason is None else Status.WITHDRAWN
    elif status is Status.PART_FILLED and not left:
        status = Status.UNFILLED
    return changed(vacancy, status=status, filled_by=left)
