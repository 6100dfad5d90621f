"""The values interview: six scores, a panel of at least two, and the pass that other employers may use for a year."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from kit import step
from kit.errors import Invalid, Refused
from kit.step import Command
from schemas.talent_pipeline import (
    NhsValue,
    ValueScore,
    ValuesInterviewCompleted,
    ValuesOutcome,
    ValuesPassAccepted,
)
from schemas.values import Code, Part, PartnerId
from talent_pipeline.domain.journey import Candidacy, of

PASS_YEARS = 1
"""How long a values pass may be used by other employers."""


class ValuesPass(Part):
    """A values interview that was passed, as every employer may know it. A fail is shared with nobody."""

    passed_in: UUID
    """The candidacy in which it was passed."""
    person_id: UUID
    employer: str
    passed_on: date
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordValuesInterview(Command):
    framework: Code
    scores: Annotated[tuple[ValueScore, ...], Field(min_length=6, max_length=6)]
    panel: Annotated[tuple[PartnerId, ...], Field(min_length=2, max_length=9)]
    outcome: ValuesOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptValuesPass(Command):
    values_pass: ValuesPass | None
    """As it is shared; None where there is none."""


class ValuesMissing(Invalid):
    """Each of the six values needs one score."""


class PassNotAccepted(Refused):
    """This employer makes its own values interview."""


class PassOutOfDate(Refused):
    """There is no values pass of this person in date."""


class PassForAYear(Invalid):
    """A pass is shared for a year from the day of the interview, a fail never."""


def interviewed(command: RecordValuesInterview, candidacy: Candidacy, day: date) -> ValuesInterviewCompleted:
    completed = ValuesInterviewCompleted(
        **of(candidacy, day),
        framework=command.framework,
        scores=command.scores,
        panel=command.panel,
        outcome=command.outcome,
        valid_until=pass_until(command.outcome, day),
    )
    refuse_unsound(completed)
    return completed


def pass_accepted(command: AcceptValuesPass, candidacy: Candidacy, day: date) -> ValuesPassAccepted:
    if not candidacy.accepts_values_pass:
        raise PassNotAccepted
    shared = command.values_pass
    if shared is None or shared.person_id != candidacy.person_id or not shared.passed_on <= day <= shared.valid_until:
        raise PassOutOfDate
    return ValuesPassAccepted(**of(candidacy, day), passed_in=shared.passed_in, valid_until=shared.valid_until)


def pass_until(outcome: ValuesOutcome, day: date) -> date | None:
    """Until when other employers may use an interview of that day; a fail they may not."""
    return step.years_later(day, PASS_YEARS) if outcome is ValuesOutcome.PASSED else None


def refuse_unsound(fact: ValuesInterviewCompleted) -> None:
    """Raises ValuesMissing or PassForAYear, whether it is said or corrected."""
    if sorted(score.value for score in fact.scores) != sorted(NhsValue):
        raise ValuesMissing(field="scores")
    if fact.valid_until != pass_until(fact.outcome, fact.occurred_on):
        raise PassForAYear(field="valid_until")
