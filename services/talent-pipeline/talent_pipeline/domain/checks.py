"""Employment checks: which ones a role and its employer need, how each stands, and what a risk assessment may cover."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Self

from kit.errors import Invalid, Refused
from kit.step import Waiting, changed
from schemas.talent_pipeline import (
    Awaiting,
    CheckKind,
    CheckOutcome,
    CheckRequired,
    CheckStatus,
    DbsLevel,
    DbsWorkforce,
    Duties,
    EmploymentCheckUpdated,
    Role,
    SectorRules,
)
from schemas.values import Part

# Which are needed ------------------------------------------------------------------------------------------------------

HIGHEST_DBS = MappingProxyType({
    Duties.NO_CONTACT: DbsLevel.BASIC,
    Duties.ACCESS_TO_PATIENTS: DbsLevel.STANDARD,
    Duties.CARE_OR_SUPERVISION: DbsLevel.ENHANCED,
    Duties.REGULATED_ACTIVITY: DbsLevel.ENHANCED_WITH_BARRED_LISTS,
})  # fmt: skip
"""To ask for more than the duties allow is an offence."""

LADDER = tuple(DbsLevel)
WORKFORCE_FROM = DbsLevel.ENHANCED
"""From this level on the check is made for a workforce: adult, child, or another."""

ALWAYS = (CheckKind.IDENTITY, CheckKind.RIGHT_TO_WORK)
SECTOR_CHECKS: Mapping[SectorRules, tuple[tuple[CheckKind, int], ...]] = MappingProxyType({
    SectorRules.NHS_SIX_STANDARDS: (
        (CheckKind.EMPLOYMENT_HISTORY, 1), (CheckKind.REFERENCE, 1), (CheckKind.WORK_HEALTH, 1),
    ),
    SectorRules.CQC_SCHEDULE_3: (
        (CheckKind.EMPLOYMENT_HISTORY, 1), (CheckKind.REFERENCE, 1), (CheckKind.REFERENCE, 2), (CheckKind.WORK_HEALTH, 1),
    ),
    SectorRules.EMPLOYER_POLICY: ((CheckKind.REFERENCE, 1),),
})  # fmt: skip
"""What the employer's sector adds to identity and right to work, with how many of each."""


def required_checks(role: Role) -> tuple[CheckRequired, ...]:
    """The checks that must be satisfactory before a start, by role and sector; identity first, as all others rest on it."""
    kinds = [(kind, 1) for kind in ALWAYS]
    if role.regulator is not None:
        kinds.append((CheckKind.PROFESSIONAL_REGISTRATION, 1))
    if role.qualification_needed:
        kinds.append((CheckKind.QUALIFICATIONS, 1))
    checks = [CheckRequired(kind=kind, number=number) for kind, number in [*kinds, *SECTOR_CHECKS[role.sector_rules]]]
    if role.dbs_level is not DbsLevel.NONE:
        dbs = CheckRequired(
            kind=CheckKind.CRIMINAL_RECORD, number=1, level=role.dbs_level, workforce=role.dbs_workforce
        )
        checks.append(dbs)
    return tuple(checks)


def refuse_dbs(role: Role) -> None:
    """Raises DbsNotEligible or DbsWorkforceMissing for a check that the role may not have, or not so."""
    if LADDER.index(role.dbs_level) > LADDER.index(HIGHEST_DBS[role.duties]):
        raise DbsNotEligible(f"duties allow {HIGHEST_DBS[role.duties]} at most", field="role.dbs_level")
    if LADDER.index(role.dbs_level) >= LADDER.index(WORKFORCE_FROM) and role.dbs_workforce is None:
        raise DbsWorkforceMissing(field="role.dbs_workforce")


# Refusals --------------------------------------------------------------------------------------------------------------


class HealthBeforeOffer(Refused):
    """Nothing about health may be asked before a conditional offer."""


class CheckNotRequired(Invalid):
    """Role and employer do not need this check."""


class DbsNotEligible(Invalid):
    """The duties of the role do not allow a DBS check of this level."""


class DbsNotLikeForLike(Invalid):
    """The DBS check is of another level or workforce than the role needs."""


class OutcomeMissing(Invalid):
    """A complete check has an outcome and awaits nobody; one that is not complete has none and awaits somebody."""


class CheckStatusByItself(Invalid):
    """A check is requested or complete; the rest follows by itself."""


class ValidityWithoutSuccess(Invalid):
    """Only a satisfactory check is valid until a day, and that day is not over."""


class ChecksOutstanding(Refused):
    """Required checks are not satisfactory."""


class NeverRiskAssessed(Refused):
    """Identity, right to work and registration are never covered by a risk assessment."""


class CheckFailed(Refused):
    """A check that is unsatisfactory is not covered by a risk assessment."""


class RiskAssessmentOver(Invalid):
    """A risk assessment has to end after the day on which it is made."""


class DbsWorkforceMissing(Invalid):
    """An enhanced DBS check is made for a workforce: adult, child, both or other."""


# How each stands -------------------------------------------------------------------------------------------------------


class Check(Part):
    """One employment check of a candidacy."""

    kind: CheckKind
    number: int
    level: DbsLevel | None
    workforce: DbsWorkforce | None
    status: CheckStatus = CheckStatus.NOT_REQUESTED
    outcome: CheckOutcome | None = None
    awaiting: Awaiting = Awaiting.NOBODY
    valid_until: date | None = None
    updated_on: date
    good_from: date | None = None
    """Since when it has been satisfactory without a day between: a check that is renewed in time was so before."""

    def satisfactory_on(self, day: date) -> bool:
        """Whether it could be relied on that day: not before it ended well, and not after its last day."""
        in_date = self.valid_until is None or day <= self.valid_until
        known = self.good_from is None or self.good_from <= day
        return self.outcome is CheckOutcome.SATISFACTORY and in_date and known

    @property
    def is_missing(self) -> bool:
        """Whether somebody has still to do something about it."""
        return self.outcome is not CheckOutcome.SATISFACTORY or self.status is CheckStatus.EXPIRED

    def required(self) -> CheckRequired:
        return CheckRequired(kind=self.kind, number=self.number, level=self.level, workforce=self.workforce)

    def updated(self, fact: EmploymentCheckUpdated) -> Self:
        """As the fact says that it stands."""
        return changed(
            self,
            status=fact.status,
            outcome=fact.outcome,
            awaiting=fact.awaiting,
            valid_until=fact.valid_until,
            updated_on=fact.occurred_on,
            good_from=self._good_from(fact),
        )

    def _good_from(self, fact: EmploymentCheckUpdated) -> date | None:
        if fact.outcome is not CheckOutcome.SATISFACTORY:
            return None
        return self.good_from if self.satisfactory_on(fact.occurred_on) and self.good_from else fact.occurred_on

    def expired(self) -> Self:
        """Its time is over: to be made again, which the candidate begins."""
        return changed(self, status=CheckStatus.EXPIRED, awaiting=Awaiting.CANDIDATE)

    def requested(self, day: date) -> Self:
        """Asked for on that day, if it had not been before; the first move is the candidate's."""
        if self.status is not CheckStatus.NOT_REQUESTED:
            return self
        return changed(self, status=CheckStatus.REQUESTED, awaiting=Awaiting.CANDIDATE, updated_on=day)

    @classmethod
    def needed(cls, check: CheckRequired, day: date) -> Self:
        """A check that is required and has not begun."""
        return cls(kind=check.kind, number=check.number, level=check.level, workforce=check.workforce, updated_on=day)

    def refuse_other_level(self, level: DbsLevel | None, workforce: DbsWorkforce | None) -> None:
        """A DBS check is used like for like: the level and the workforce that the role needs, no more and no less."""
        asked = level or self.level
        if asked is not None and (self.level is None or LADDER.index(asked) > LADDER.index(self.level)):
            raise DbsNotEligible(field="level")
        if asked != self.level:
            raise DbsNotLikeForLike(field="level")
        if (workforce or self.workforce) != self.workforce:
            raise DbsNotLikeForLike(field="workforce")


class Checked(Part):
    """What a candidacy knows of all its checks together, and what a risk assessment covers of them meanwhile."""

    checks: tuple[Check, ...]
    risk_assessed: tuple[CheckRequired, ...] = ()
    risk_assessed_until: date | None = None
    risk_expired: bool = False

    def check(self, kind: CheckKind, number: int) -> Check | None:
        return next((check for check in self.checks if (check.kind, check.number) == (kind, number)), None)

    def checks_with(self, changed_one: Check) -> tuple[Check, ...]:
        """The checks, with this one in place of the one of its kind and number."""
        same = (changed_one.kind, changed_one.number)
        return tuple(changed_one if (check.kind, check.number) == same else check for check in self.checks)

    def checks_requested(self, day: date) -> tuple[Check, ...]:
        """The checks once all of them have begun."""
        return tuple(check.requested(day) for check in self.checks)

    def outstanding(self, day: date) -> tuple[Check, ...]:
        """The required checks that could not be relied on that day."""
        return tuple(check for check in self.checks if not check.satisfactory_on(day))

    def uncovered(self, day: date) -> tuple[Check, ...]:
        """The outstanding checks that no risk assessment covers on that day."""
        in_date = self.risk_assessed_until is not None and day <= self.risk_assessed_until
        covered = {(check.kind, check.number) for check in self.risk_assessed} if in_date else set()
        return tuple(check for check in self.outstanding(day) if (check.kind, check.number) not in covered)

    def expiring(self) -> Iterator[tuple[Check, date]]:
        """The complete checks that will not last for ever, each with its last day."""
        for check in self.checks:
            if check.valid_until is not None and check.status is CheckStatus.COMPLETE:
                yield check, check.valid_until


def refuse_half_outcome(
    status: CheckStatus, outcome: CheckOutcome | None, awaiting: Awaiting, valid_until: date | None, day: date
) -> None:
    """A check ends with an outcome and awaits nobody; only success lasts until a day, and that day lies ahead."""
    complete = status is CheckStatus.COMPLETE
    if status not in (CheckStatus.REQUESTED, CheckStatus.COMPLETE):
        raise CheckStatusByItself(field="status")
    if complete != (outcome is not None) or complete != (awaiting is Awaiting.NOBODY):
        raise OutcomeMissing(field="outcome")
    if valid_until is not None and (outcome is not CheckOutcome.SATISFACTORY or valid_until < day):
        raise ValidityWithoutSuccess(field="valid_until")


NEVER_RISK_ASSESSED = (CheckKind.IDENTITY, CheckKind.RIGHT_TO_WORK, CheckKind.PROFESSIONAL_REGISTRATION)


def refuse_risk(outstanding: Sequence[Check]) -> None:
    """Raises NeverRiskAssessed or CheckFailed for checks that no risk assessment may cover."""
    never = [check for check in outstanding if check.kind in NEVER_RISK_ASSESSED]
    if never:
        raise NeverRiskAssessed(listed(never))
    failed = [check for check in outstanding if check.outcome is CheckOutcome.UNSATISFACTORY]
    if failed:
        raise CheckFailed(listed(failed))


def listed(checks: Sequence[Check]) -> str:
    return ", ".join(f"{check.kind} {check.number}" for check in checks)


def waiting_for(checks: Sequence[Check]) -> tuple[Waiting, ...]:
    """Whose move each outstanding check is; a check that ended without success is the employer's to decide about."""
    return tuple(
        Waiting(
            check.awaiting if check.awaiting is not Awaiting.NOBODY else "employer",
            f"check-{check.kind}-{check.number}",
            check.updated_on,
        )
        for check in checks
        if check.is_missing
    )
