"""A cycle of the Learning Needs Analysis: a year in which organisations say what their people need to learn.

They submit until a day. Then needs are consolidated and ranked by the rules that the cycle was opened with, the city agrees on what
it will do, and what is commissioned is recorded against it. No need names a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import Field

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of, end_of
from learning.domain.priorities import Need, rank
from schemas.fact import Fact
from schemas.learning import (
    CycleOpened,
    LearningCommissioned,
    LearningNeedSubmitted,
    LearningNeedWithdrawn,
    NeedsConsolidated,
    PrioritiesAgreed,
    Priority,
    SubmissionsClosed,
    Weight,
)
from schemas.values import BusinessDate, Code, Part, PartnerId, Sector, business_date

AGGREGATE = "cycle"


class Status(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    CONSOLIDATED = "consolidated"
    AGREED = "agreed"
    COMMISSIONED = "commissioned"


class Commissioned(Part):
    """What was commissioned against a priority."""

    skill: str
    course_id: UUID
    places: int


class Cycle(Part):
    """One cycle as it stands."""

    status: Status
    since: date
    year: int
    opened_on: date
    closes_on: date
    weights: tuple[Weight, ...]
    needs: tuple[Need, ...] = ()
    priorities: tuple[Priority, ...] = ()
    agreed: tuple[str, ...] = ()
    commissions: tuple[Commissioned, ...] = ()

    def need(self, id_: UUID) -> Need:
        """The need with this id. Raises NotFound."""
        found = next((each for each in self.needs if each.id == id_), None)
        if found is None:
            raise NotFound(field="need_id")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Command):
    year: Annotated[int, Field(ge=2000, le=2100)]
    closes_on: BusinessDate
    weights: Annotated[tuple[Weight, ...], Field(min_length=1, max_length=4)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit(Command):
    need_id: UUID
    organisation: PartnerId
    sector: Sector
    role_group: Code
    skill: Code
    people: int
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawNeed(Command):
    need_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSubmissions(Command):
    """The last day for needs is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidate(Command):
    """Needs are brought together by skill and ranked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agree(Command):
    """Which of the ranked skills the city will do something about, the first first."""

    skills: Annotated[tuple[Code, ...], Field(min_length=1, max_length=100)]
    reason: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission(Command):
    skill: Code
    course_id: UUID
    places: Annotated[int, Field(ge=1, le=100_000)]


COMMANDS = (Open, Submit, WithdrawNeed, CloseSubmissions, Consolidate, Agree, Commission)
CycleFact: TypeAlias = (
    CycleOpened | LearningNeedSubmitted | LearningNeedWithdrawn | SubmissionsClosed | NeedsConsolidated | PrioritiesAgreed
    | LearningCommissioned
)  # fmt: skip

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.OPEN: (Submit, WithdrawNeed),
    Status.SUBMITTED: (Submit, WithdrawNeed, Consolidate),
    Status.CONSOLIDATED: (Agree,),
    Status.AGREED: (Commission,),
    Status.COMMISSIONED: (Commission,),
})  # fmt: skip


class AlreadyOpen(Refused):
    """There is a cycle of this year."""


class ClosesBeforeItOpens(Invalid):
    """It closes on the day on which it opens, or later."""


class WeighedTwice(Invalid):
    """Each measure has one weight."""


class TooLate(Invalid):
    """It was said after the last day for needs."""


class SaidAlready(Refused):
    """The organisation has said this of the role group and the skill: withdraw that need first."""


class NothingSubmitted(Refused):
    """Nobody has submitted a need."""


class NotRanked(Invalid):
    """It names, once each, skills that were ranked."""


class ReasonNeeded(Invalid):
    """Whoever agrees on others than the first of the ranks, in their order, says why."""


class NotAgreed(Invalid):
    """It is not one of the agreed priorities."""


def decide(command: Command, cycle: Cycle | None, now: datetime) -> list[CycleFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, cycle:
        case Open(), None:
            return [_opened(command, day_of(command, now))]
        case _, None:
            raise NotFound

        # what was said in time may be entered late, until it is consolidated
        case Submit(), Cycle(status=Status.OPEN | Status.SUBMITTED):
            return _submitted(command, cycle, day_of(command, now, after=cycle.opened_on))
        case WithdrawNeed(need_id=need_id), Cycle(status=Status.OPEN | Status.SUBMITTED):
            need = cycle.need(need_id)
            day = day_of(command, now, after=need.since)
            return [LearningNeedWithdrawn(occurred_on=day, need_id=need_id, organisation=need.organisation)]
        case CloseSubmissions(), Cycle(status=Status.OPEN, closes_on=day) if day < business_date(now):
            return [SubmissionsClosed(occurred_on=day)]
        case Consolidate(), Cycle(status=Status.SUBMITTED):
            if not cycle.needs:
                raise NothingSubmitted
            day = day_of(command, now, after=cycle.since)
            return [NeedsConsolidated(occurred_on=day, priorities=rank(cycle.needs, cycle.weights))]
        case Agree(), Cycle(status=Status.CONSOLIDATED):
            return [_agreed(command, cycle, day_of(command, now, after=cycle.since))]
        case Commission(), Cycle(status=Status.AGREED | Status.COMMISSIONED):
            if command.skill not in cycle.agreed:
                raise NotAgreed(field="skill")
            asked = Commissioned(skill=command.skill, course_id=command.course_id, places=command.places)
            day = day_of(command, now, after=cycle.since)
            return [] if asked in cycle.commissions else [LearningCommissioned(occurred_on=day, **asked.model_dump())]

        case CloseSubmissions(), _:
            return []
        case Agree(skills=skills), Cycle(status=Status.AGREED, agreed=agreed) if skills == agreed:
            return []
        case _:
            raise NotInThisState


def evolve(cycle: Cycle | None, fact: Fact) -> Cycle:
    """The cycle after a fact. Raises CannotFollow. Needs come in any order, so `since` is the day of its last stage."""
    match cycle, fact:
        case None, CycleOpened():
            return Cycle(
                status=Status.OPEN,
                since=fact.occurred_on,
                year=fact.year,
                opened_on=fact.occurred_on,
                closes_on=fact.closes_on,
                weights=fact.weights,
            )
        case Cycle(status=Status.OPEN | Status.SUBMITTED), LearningNeedSubmitted():
            need = Need(
                id=fact.need_id, organisation=fact.organisation, sector=fact.sector, role_group=fact.role_group,
                skill=fact.skill, people=fact.people, priority=fact.priority, since=fact.occurred_on,
            )  # fmt: skip
            return changed(cycle, needs=(*cycle.needs, need))
        case Cycle(status=Status.OPEN | Status.SUBMITTED, needs=needs), LearningNeedWithdrawn(need_id=id_) if any(
            need.id == id_ for need in needs
        ):
            return changed(cycle, needs=tuple(need for need in needs if need.id != id_))
        case Cycle(status=Status.OPEN), SubmissionsClosed(occurred_on=day):
            return changed(cycle, status=Status.SUBMITTED, since=day)
        case Cycle(status=Status.SUBMITTED), NeedsConsolidated(occurred_on=day, priorities=priorities):
            return changed(cycle, status=Status.CONSOLIDATED, since=day, priorities=priorities)
        case Cycle(status=Status.CONSOLIDATED), PrioritiesAgreed(occurred_on=day, skills=skills):
            return changed(cycle, status=Status.AGREED, since=day, agreed=skills)
        case Cycle(status=Status.AGREED | Status.COMMISSIONED), LearningCommissioned(occurred_on=day):
            made = Commissioned(skill=fact.skill, course_id=fact.course_id, places=fact.places)
            return changed(cycle, status=Status.COMMISSIONED, since=day, commissions=(*cycle.commissions, made))
        case _:
            raise CannotFollow(fact, cycle)


def _opened(command: Open, day: date) -> CycleOpened:
    fact = CycleOpened(occurred_on=day, year=command.year, closes_on=command.closes_on, weights=command.weights)
    refuse_unsound(fact)
    return fact


def refuse_unsound(fact: CycleOpened) -> None:
    """Raises Invalid where it makes no sense, whether it is said or corrected."""
    if fact.closes_on < fact.occurred_on:
        raise ClosesBeforeItOpens(field="closes_on")
    if len({weight.by for weight in fact.weights}) < len(fact.weights):
        raise WeighedTwice(field="weights")


def _submitted(command: Submit, cycle: Cycle, day: date) -> list[CycleFact]:
    if day > cycle.closes_on:
        raise TooLate(field="occurred_on")
    key = (command.organisation, command.role_group, command.skill)
    if key in {(need.organisation, need.role_group, need.skill) for need in cycle.needs}:
        raise SaidAlready
    return [
        LearningNeedSubmitted(
            occurred_on=day, need_id=command.need_id, organisation=command.organisation, sector=command.sector,
            role_group=command.role_group, skill=command.skill, people=command.people, priority=command.priority,
        )
    ]  # fmt: skip


def _agreed(command: Agree, cycle: Cycle, day: date) -> PrioritiesAgreed:
    ranked = [priority.skill for priority in cycle.priorities]
    if len(set(command.skills)) < len(command.skills) or not set(command.skills) <= set(ranked):
        raise NotRanked(field="skills")
    if list(command.skills) != ranked[: len(command.skills)] and command.reason is None:
        raise ReasonNeeded(field="reason")
    return PrioritiesAgreed(occurred_on=day, skills=command.skills, reason=command.reason)


def allowed(cycle: Cycle | None) -> tuple[str, ...]:
    """The commands that would change it."""
    return step.names((Open,) if cycle is None else ALLOWED[cycle.status])


def deadlines(cycle: Cycle) -> Mapping[str, datetime]:
    """Submissions close by themselves."""
    return {"close-submissions": end_of(cycle.closes_on)} if cycle.status is Status.OPEN else {}


def due(name: str, cycle: Cycle) -> Command:
    """The command that the deadline stands for."""
    return CloseSubmissions()


NEXT: Mapping[Status, str] = MappingProxyType({
    Status.SUBMITTED: "consolidate", Status.CONSOLIDATED: "agree-priorities", Status.AGREED: "commission",
})  # fmt: skip


def waiting(cycle: Cycle) -> tuple[Waiting, ...]:
    """The Academy takes it from stage to stage."""
    return (Waiting("coordinator", NEXT[cycle.status], cycle.since),) if cycle.status in NEXT else ()
