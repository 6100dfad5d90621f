"""Somebody's training in a core skill: when it runs out, and what hosts make of it that did not give it.

A host accepts it on a ground that is recorded, asks for a part to be done again, or rejects it with a reason. What is accepted is
waived, and never recorded as completed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias
from uuid import UUID

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of, start_of
from learning.domain.core_skills import Equivalence, Rule, counts_for, expiry, levels_that_do
from learning.domain.reference import is_as_new
from schemas.fact import Fact
from schemas.learning import (
    CompetenceExpiring,
    CompetenceRecorded,
    CompetenceRenewed,
    Ground,
    LearningWaived,
    Level,
    PortabilityRejected,
    Rejection,
    Skill,
    Subject,
    TopUpAsked,
    TrainingSource,
)
from schemas.values import Part, PartnerId

AGGREGATE = "competence"

RAISED_BEFORE = timedelta(days=60)
"""How long before training runs out its holder's organisation is told: time for a course."""
PRACTICAL = "local-practical"
"""What a host asks for where the table asks for a top-up: the part that is done with its own equipment."""


class Status(StrEnum):
    CURRENT = "current"
    EXPIRING = "expiring"
    RENEWED = "renewed"


class Outcome(StrEnum):
    WAIVED = "waived"
    TOP_UP = "top-up"
    REJECTED = "rejected"


class Judgement(Part):
    """What a host made of it last."""

    host: str
    on: date
    outcome: Outcome
    required_level: int
    ground: Ground | None = None
    reason: Rejection | None = None
    top_up: str | None = None
    valid_until: date | None = None
    rule_id: UUID | None = None
    rule_version: int | None = None
    """The refresher period by which it is valid until then."""
    saved_pence: int | None = None


class Competence(Part):
    """One training as it stands. `since` is the day of its completion: what hosts say of it may come in any order."""

    status: Status
    since: date
    person_id: UUID
    organisation: str
    framework: str
    subject: Subject
    level: int
    source: TrainingSource
    aligned: bool
    course_id: UUID | None
    expires_on: date | None
    rule_id: UUID | None
    rule_version: int | None
    renewed_by: UUID | None = None
    judgements: tuple[Judgement, ...] = ()

    def counts_on(self, day: date) -> bool:
        """Whether it has not run out."""
        return self.since <= day and (self.expires_on is None or day <= self.expires_on)

    def does_for(self, other: "Competence") -> bool:
        """Whether who has this training needs the other no more: the same subject, and a level and a version that do for its."""
        does = self.level in levels_that_do(other.subject, other.level) and self.subject is other.subject
        return does and is_as_new(self.framework, other.framework)

    def judgement(self, host: str) -> Judgement | None:
        return next((each for each in self.judgements if each.host == host), None)


# Commands --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Command):
    """Training that was completed. `rules`: the refresher periods that hold for who gave it."""

    person_id: UUID
    organisation: PartnerId
    skill: Skill
    source: TrainingSource
    aligned: bool
    course_id: UUID | None = None
    said: date | None = None
    """The last day, as who gave it said itself."""
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge(Command):
    """A host needs this skill: does the record do? `rules`: the refresher periods that hold for the host."""

    host: PartnerId
    skill: Skill
    ground: Ground
    rules: tuple[Rule, ...] = ()
    saved_pence: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetTopUp(Command):
    """The part that the host asked for was done with it."""

    host: PartnerId
    rules: tuple[Rule, ...] = ()
    saved_pence: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject(Command):
    """The host knows a reason that the record does not show."""

    host: PartnerId
    required_level: Level
    reason: Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew(Command):
    """The same person trained in the same skill again."""

    by_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseExpiry(Command):
    """It is about to run out."""


COMMANDS = (Record, Judge, MeetTopUp, Reject, Renew, RaiseExpiry)
CompetenceFact: TypeAlias = (
    CompetenceRecorded | CompetenceExpiring | CompetenceRenewed | LearningWaived | TopUpAsked | PortabilityRejected
)

JUDGED = (Judge, MeetTopUp, Reject)
ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.CURRENT: JUDGED,
    Status.EXPIRING: JUDGED,
    Status.RENEWED: (),
})  # fmt: skip


# Refusals --------------------------------------------------------------------------------------------------------------


class AlreadyRecorded(Refused):
    """This training is on record."""


class SaidBeforeCompletion(Invalid):
    """Training runs out after it was completed."""


class AnotherSubject(Invalid):
    """The record is of another subject."""


class OnesOwnRecord(Invalid):
    """A host judges training that it did not give itself."""


class NoTopUpAsked(Refused):
    """The host did not ask for a top-up."""


# The machine -----------------------------------------------------------------------------------------------------------


def decide(command: Command, competence: Competence | None, now: datetime) -> list[CompetenceFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, competence:
        case Record(), None:
            return [_recorded(command, day_of(command, now))]
        case _, None:
            raise NotFound

        case Judge(), Competence(status=Status.CURRENT | Status.EXPIRING):
            return _judge(command, competence, day_of(command, now, after=competence.since))
        case MeetTopUp(), Competence(status=Status.CURRENT | Status.EXPIRING):
            return _meet(command, competence, now)
        case Reject(), Competence(status=Status.CURRENT | Status.EXPIRING):
            return _reject(command, competence, day_of(command, now, after=competence.since))
        case Renew(by_id=by_id), Competence(status=Status.CURRENT | Status.EXPIRING):
            day = day_of(command, now, after=competence.since)
            return [CompetenceRenewed(**of(competence), occurred_on=day, by_id=by_id)]
        case RaiseExpiry(), Competence(status=Status.CURRENT, expires_on=date() as expires_on):
            day = max(competence.since, expires_on - RAISED_BEFORE)
            return [CompetenceExpiring(**of(competence), occurred_on=day, expires_on=expires_on)]

        case RaiseExpiry(), _:
            return []
        case Renew(by_id=by_id), Competence(renewed_by=known) if by_id == known:
            return []
        case _:
            raise NotInThisState


def evolve(competence: Competence | None, fact: Fact) -> Competence:
    """The training after a fact. Raises CannotFollow."""
    match competence, fact:
        case None, CompetenceRecorded():
            return Competence(
                status=Status.CURRENT, since=fact.occurred_on, person_id=fact.person_id, organisation=fact.organisation,
                framework=fact.framework, subject=fact.subject, level=fact.level, source=fact.source,
                aligned=fact.aligned, course_id=fact.course_id, expires_on=fact.expires_on, rule_id=fact.rule_id,
                rule_version=fact.rule_version,
            )  # fmt: skip
        case Competence(status=Status.CURRENT, expires_on=on), CompetenceExpiring(expires_on=said) if on == said:
            return changed(competence, status=Status.EXPIRING)
        case Competence(status=Status.CURRENT | Status.EXPIRING), CompetenceRenewed(by_id=by_id):
            return changed(competence, status=Status.RENEWED, renewed_by=by_id)
        case Competence(), LearningWaived() | TopUpAsked() | PortabilityRejected() if _still_rests(fact, competence):
            others = tuple(each for each in competence.judgements if each.host != fact.host)
            return changed(competence, judgements=(*others, _judged(fact)))
        case _:
            raise CannotFollow(fact, competence)


def _still_rests(fact: LearningWaived | TopUpAsked | PortabilityRejected, competence: Competence) -> bool:
    """Whether a judgement is of the training as it stands: where that was put right, the host judges it again."""
    of_it = {name: getattr(fact, name) for name in of(competence)} == of(
        competence
    ) and fact.occurred_on >= competence.since
    if isinstance(fact, PortabilityRejected):
        return of_it
    aligned = competence.aligned or fact.ground is not Ground.ALIGNMENT
    ends = competence.expires_on
    if isinstance(fact, LearningWaived) and ends is not None:
        return of_it and aligned and fact.valid_until is not None and fact.valid_until <= ends
    return of_it and aligned


def _judged(fact: LearningWaived | TopUpAsked | PortabilityRejected) -> Judgement:
    match fact:
        case LearningWaived():
            return Judgement(
                host=fact.host, on=fact.occurred_on, outcome=Outcome.WAIVED, required_level=fact.required_level,
                ground=fact.ground, top_up=fact.top_up, valid_until=fact.valid_until, rule_id=fact.rule_id,
                rule_version=fact.rule_version, saved_pence=fact.saved_pence,
            )  # fmt: skip
        case TopUpAsked():
            return Judgement(
                host=fact.host, on=fact.occurred_on, outcome=Outcome.TOP_UP, required_level=fact.required_level,
                ground=fact.ground, top_up=fact.top_up,
            )  # fmt: skip
        case PortabilityRejected():
            return Judgement(
                host=fact.host, on=fact.occurred_on, outcome=Outcome.REJECTED, required_level=fact.required_level,
                reason=fact.reason,
            )  # fmt: skip


def _recorded(command: Record, day: date) -> CompetenceRecorded:
    if command.said is not None and command.said <= day:
        raise SaidBeforeCompletion(field="said")
    ends = expiry(day, command.rules, command.said)
    return CompetenceRecorded(
        occurred_on=day, person_id=command.person_id, organisation=command.organisation,
        framework=command.skill.framework, subject=command.skill.subject, level=command.skill.level,
        source=command.source, aligned=command.aligned, course_id=command.course_id, expires_on=ends.on,
        rule_id=ends.rule_id, rule_version=ends.rule_version,
    )  # fmt: skip


def refuse_unsound(fact: CompetenceRecorded) -> None:
    """Raises Invalid where it makes no sense, whether it is said or corrected."""
    if fact.expires_on is not None and fact.expires_on <= fact.occurred_on:
        raise SaidBeforeCompletion(field="expires_on")


def _judge(command: Judge, competence: Competence, day: date) -> list[CompetenceFact]:
    """What the rules make of the record for a host: waived, to be topped up, or rejected with the reason."""
    skill, host = command.skill, command.host
    _refuse_ones_own(host, competence)
    if skill.subject is not competence.subject:
        raise AnotherSubject(field="skill.subject")
    own = {**of(competence), "occurred_on": day, "host": host, "required_level": skill.level}
    counts = counts_for(competence.subject, competence.level, skill.level)
    waived = _waived(competence, own, command.ground, command.rules, command.saved_pence)
    reason = _why_not(command, competence, counts, waived.valid_until, day)
    fact: LearningWaived | TopUpAsked | PortabilityRejected = waived
    if reason is not None:
        fact = PortabilityRejected(**own, reason=reason)
    elif counts is Equivalence.TOP_UP:
        fact = TopUpAsked(**own, ground=command.ground, top_up=PRACTICAL)
    known = competence.judgement(host)
    if _is_known(fact, known):
        return []
    # what was topped up is not asked for again
    met = known is not None and known.outcome is Outcome.WAIVED and isinstance(fact, TopUpAsked)
    return [] if met and known is not None and known.required_level >= skill.level else [fact]


def _reject(command: Reject, competence: Competence, day: date) -> list[CompetenceFact]:
    """For a reason that the host gives itself."""
    _refuse_ones_own(command.host, competence)
    fact = PortabilityRejected(
        **of(competence), occurred_on=day, host=command.host, required_level=command.required_level, reason=command.reason
    )  # fmt: skip
    return [] if _is_known(fact, competence.judgement(command.host)) else [fact]


def _refuse_ones_own(host: str, competence: Competence) -> None:
    if host == competence.organisation:
        raise OnesOwnRecord(field="host")


def _is_known(fact: LearningWaived | TopUpAsked | PortabilityRejected, known: Judgement | None) -> bool:
    """Whether the host has said the same before, on whatever day."""
    return known is not None and _judged(fact).model_copy(update={"on": known.on}) == known


def _why_not(
    command: Judge, competence: Competence, counts: Equivalence | None, valid_until: date | None, day: date
) -> Rejection | None:
    if command.skill.framework != competence.framework:
        return Rejection.ANOTHER_FRAMEWORK
    if counts is None:
        return Rejection.LEVEL_NOT_EQUIVALENT
    if valid_until is not None and valid_until < day:
        return Rejection.OUT_OF_DATE
    if command.ground is Ground.ALIGNMENT and not competence.aligned:
        return Rejection.NOT_ALIGNED
    return None


def _meet(command: MeetTopUp, competence: Competence, now: datetime) -> list[CompetenceFact]:
    known = competence.judgement(command.host)
    if known is not None and known.outcome is Outcome.WAIVED and known.top_up is not None:
        return []
    if known is None or known.outcome is not Outcome.TOP_UP or known.ground is None:
        raise NoTopUpAsked
    day = day_of(command, now, after=known.on)
    own = {**of(competence), "occurred_on": day, "host": command.host, "required_level": known.required_level}
    waived = _waived(competence, own | {"top_up": known.top_up}, known.ground, command.rules, command.saved_pence)
    if waived.valid_until is not None and waived.valid_until < day:
        return [PortabilityRejected(**own, reason=Rejection.OUT_OF_DATE)]
    return [waived]


def _waived(
    competence: Competence, own: Mapping[str, Any], ground: Ground, rules: tuple[Rule, ...], saved_pence: int | None
) -> LearningWaived:
    ends = expiry(competence.since, rules, competence.expires_on)
    return LearningWaived(
        **own, ground=ground, valid_until=ends.on, rule_id=ends.rule_id, rule_version=ends.rule_version,
        saved_pence=saved_pence,
    )  # fmt: skip


def of(competence: Competence) -> dict[str, Any]:
    """What every fact of it says."""
    return {
        "person_id": competence.person_id, "organisation": competence.organisation, "framework": competence.framework,
        "subject": competence.subject, "level": competence.level,
    }  # fmt: skip


# What the state implies ------------------------------------------------------------------------------------------------


def allowed(competence: Competence | None) -> tuple[str, ...]:
    """The commands that somebody may give it."""
    return step.names((Record,) if competence is None else ALLOWED[competence.status])


def deadlines(competence: Competence) -> Mapping[str, datetime]:
    """That it runs out is raised before, once, and not where something renewed it."""
    if competence.status is not Status.CURRENT or competence.expires_on is None:
        return {}
    return {"raise-expiry": start_of(competence.expires_on - RAISED_BEFORE)}


def due(name: str, competence: Competence) -> Command:
    """The command that the deadline stands for."""
    return RaiseExpiry()


def waiting(competence: Competence) -> tuple[Waiting, ...]:
    """Whose training is about to run out has to be trained again."""
    if competence.status is not Status.EXPIRING or competence.expires_on is None:
        return ()
    return (Waiting("organisation", "refresh", max(competence.since, competence.expires_on - RAISED_BEFORE)),)
