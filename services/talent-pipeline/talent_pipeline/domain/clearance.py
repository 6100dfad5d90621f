"""Whether a candidate may start: each check in its state, the risk assessment that covers some for a while, and what runs out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from kit import step
from kit.errors import Invalid
from kit.step import Command, Waiting, day_of
from schemas.talent_pipeline import (
    Awaiting,
    CandidateCleared,
    CheckKind,
    CheckOutcome,
    CheckStatus,
    DbsLevel,
    DbsWorkforce,
    EmploymentCheckExpired,
    EmploymentCheckUpdated,
    RiskAssessmentExpired,
)
from schemas.values import BusinessDate
from talent_pipeline.domain.checks import (
    NEVER_RISK_ASSESSED,
    CheckNotRequired,
    ChecksOutstanding,
    HealthBeforeOffer,
    RiskAssessmentOver,
    listed,
    refuse_half_outcome,
    refuse_risk,
)
from talent_pipeline.domain.journey import UNDER_OFFER, Candidacy, CandidacyFact, Status, of


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCheck(Command):
    kind: CheckKind
    status: CheckStatus
    awaiting: Awaiting
    number: Annotated[int, Field(ge=1, le=9)] = 1
    outcome: CheckOutcome | None = None
    level: DbsLevel | None = None
    workforce: DbsWorkforce | None = None
    valid_until: BusinessDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireCheck(Command):
    kind: CheckKind
    number: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear(Command):
    risk_assessed_until: BusinessDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireRiskAssessment(Command):
    pass


class NeverCovered(Invalid):
    """A risk assessment never covers identity, right to work or registration."""


def checked(command: UpdateCheck, candidacy: Candidacy, now: datetime) -> list[CandidacyFact]:
    check = candidacy.check(command.kind, command.number)
    if check is None:
        raise CheckNotRequired(field="kind")
    if command.kind is CheckKind.WORK_HEALTH and candidacy.offered_on is None:
        raise HealthBeforeOffer(field="kind")
    day = day_of(command, now, after=check.updated_on)
    check.refuse_other_level(command.level, command.workforce)
    updated = EmploymentCheckUpdated(
        **of(candidacy, day),
        kind=check.kind,
        number=check.number,
        level=check.level,
        workforce=check.workforce,
        status=command.status,
        outcome=command.outcome,
        awaiting=command.awaiting,
        valid_until=command.valid_until,
    )
    refuse_unsound(updated)
    now_so = (check.status, check.outcome, check.awaiting, check.valid_until)
    same = now_so == (updated.status, updated.outcome, updated.awaiting, updated.valid_until)
    return [] if same else [updated]


def cleared(command: Clear, candidacy: Candidacy, day: date) -> CandidateCleared:
    outstanding = candidacy.outstanding(day)
    until = command.risk_assessed_until
    if not outstanding:
        return CandidateCleared(**of(candidacy, day), risk_assessed=())
    if until is None:
        raise ChecksOutstanding(listed(outstanding))
    refuse_risk(outstanding)
    if until <= day:
        raise RiskAssessmentOver(field="risk_assessed_until")
    return CandidateCleared(
        **of(candidacy, day),
        risk_assessed=tuple(check.required() for check in outstanding),
        risk_assessed_until=until,
    )


def refuse_uncovered(candidacy: Candidacy, day: date) -> None:
    """On the first day every check has to be in date or covered: a right to work that ends before it does not count."""
    uncovered = candidacy.uncovered(day)
    if uncovered:
        raise ChecksOutstanding(listed(uncovered))


def refuse_unsound(fact: EmploymentCheckUpdated | CandidateCleared) -> None:
    """Raises Invalid where it makes no sense, whether it is said or corrected."""
    match fact:
        case EmploymentCheckUpdated():
            refuse_half_outcome(fact.status, fact.outcome, fact.awaiting, fact.valid_until, fact.occurred_on)
        case CandidateCleared(risk_assessed=covered, risk_assessed_until=until):
            if any(check.kind in NEVER_RISK_ASSESSED for check in covered):
                raise NeverCovered(field="risk_assessed")
            if (until is not None) != bool(covered) or (until is not None and until <= fact.occurred_on):
                raise RiskAssessmentOver(field="risk_assessed_until")


def check_expired(command: ExpireCheck, candidacy: Candidacy, now: datetime) -> list[CandidacyFact]:
    check = candidacy.check(command.kind, command.number)
    if check is None or check.valid_until is None or check.status is not CheckStatus.COMPLETE:
        return []
    if candidacy.status not in (*UNDER_OFFER, Status.STARTED) or now < step.end_of(check.valid_until):
        return []
    day = check.valid_until + timedelta(days=1)
    return [EmploymentCheckExpired(**of(candidacy, day), kind=check.kind, number=check.number)]


def risk_expired(candidacy: Candidacy, now: datetime) -> list[CandidacyFact]:
    until = candidacy.risk_assessed_until
    if not dict(risk_deadline(candidacy)) or until is None or now < step.end_of(until):
        return []
    return [RiskAssessmentExpired(**of(candidacy, until + timedelta(days=1)))]


def check_deadlines(candidacy: Candidacy) -> Iterator[tuple[str, datetime]]:
    if candidacy.status in (*UNDER_OFFER, Status.STARTED):
        for check, until in candidacy.expiring():
            yield f"expire-check:{check.kind}:{check.number}", step.end_of(until)


def risk_deadline(candidacy: Candidacy) -> Iterator[tuple[str, datetime]]:
    until = candidacy.risk_assessed_until
    live = candidacy.status in (Status.CLEARED, Status.START_AGREED, Status.STARTED) and not candidacy.risk_expired
    if live and until is not None and candidacy.outstanding(until):
        yield "expire-risk-assessment", step.end_of(until)


def no_longer_covered(candidacy: Candidacy) -> tuple[Waiting, ...]:
    """Somebody works without the checks that a risk assessment covered for a while: their employer has to decide."""
    until, covered = candidacy.risk_assessed_until, {(each.kind, each.number) for each in candidacy.risk_assessed}
    missing = any((check.kind, check.number) in covered for check in candidacy.checks if check.is_missing)
    if not candidacy.risk_expired or until is None or not missing:
        return ()
    return (Waiting("employer", "risk-assessment-over", until + timedelta(days=1)),)
