"""Employment checks as a passport holds them: of each kind what was done last, with its outcome, and what is under way beside it.

What is under way takes nothing away: a check in date that is done anew is relied on until there is a new outcome, and only a
satisfactory one is. That a check expired or was superseded is nobody's word: it follows from the day, and from a later one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self, TypeAlias, TypeVar
from uuid import UUID

from pydantic import Field

from kit import step
from kit.errors import Invalid
from kit.step import CannotFollow, Waiting, changed
from mobility.domain.move import RIGHT_TO_WORK
from schemas.fact import Fact
from schemas.mobility import (
    CheckAwaiting,
    CheckNotRequired,
    CheckOutcome,
    CheckOverdue,
    CheckRecorded,
    CheckRequested,
    PassportClosed,
)
from schemas.values import Part

NEEDED_CHECKS: Final = ("identity", RIGHT_TO_WORK)
"""The checks without which nobody moves, whatever else the work asks for."""
CheckFact: TypeAlias = CheckRequested | CheckNotRequired | CheckRecorded


class Check(Part):
    """An employment check as it was last done."""

    kind: str
    level: str | None
    workforce: str | None
    verified_by: str
    verified_on: date
    satisfactory: bool
    """Whether it may be relied on: it came to no other outcome."""
    outcome: CheckOutcome = Field(default_factory=lambda kept: outcome_of(kept["satisfactory"], None))
    """What was kept before there were four says one of two."""
    valid_until: date | None

    @classmethod
    def of(cls, fact: CheckRecorded) -> Self:
        return cls(
            kind=fact.kind, level=fact.level, workforce=fact.workforce, verified_by=fact.verified_by,
            verified_on=fact.occurred_on, satisfactory=fact.satisfactory, outcome=fact.came_to, valid_until=fact.valid_until,
        )  # fmt: skip

    def in_date(self, day: date) -> bool:
        """Whether it may be relied on on a day, as far as its dates go."""
        return self.verified_on <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Answer:
    """How long who has to do something about a check may take, as the list of what waits calls them; and who is told after that."""

    whose: str
    days: int
    told: str
    reason: str


ANSWERS: Mapping[CheckAwaiting, Answer] = MappingProxyType({
    CheckAwaiting.HOLDER: Answer(
        "person", 14, "home",
        "Whoever has to find a certificate, or wait for an appointment, has done so in two weeks: then their employer asks them.",
    ),
    CheckAwaiting.EMPLOYER: Answer(
        "home", 7, "coordinator",
        "What only has to be done is done in a week, and the employer has it on its list: somebody else asks whether it is.",
    ),
    CheckAwaiting.THIRD_PARTY: Answer(
        "third-party", 28, "home",
        "A criminal record check is mostly back in four weeks, and a referee who has not answered by then has to be asked again.",
    ),
})  # fmt: skip


class Request(Part):
    """An employment check that was asked for and has no outcome yet."""

    kind: str
    level: str | None
    workforce: str | None
    awaiting: CheckAwaiting
    requested_on: date
    since: date
    """Since when it is their move."""
    overdue: bool = False
    """Whether somebody was told that it takes too long."""

    @property
    def answer_by(self) -> date:
        """The last day on which it comes in time."""
        return self.since + timedelta(days=ANSWERS[self.awaiting].days)


class NotRequired(Part):
    """An employment check that the employer's own work does not ask for."""

    kind: str
    reason: str
    since: date


class Checked(Part):
    """What a passport knows of all its checks together; of each kind one at most, in each of the three."""

    checks: tuple[Check, ...] = ()
    requested: tuple[Request, ...] = ()
    not_required: tuple[NotRequired, ...] = ()

    def check(self, kind: str) -> Check | None:
        return _of_kind(self.checks, kind)

    def request(self, kind: str) -> Request | None:
        return _of_kind(self.requested, kind)

    def excused(self, kind: str) -> NotRequired | None:
        return _of_kind(self.not_required, kind)

    @property
    def relied_on(self) -> Mapping[str, Check]:
        """The checks that may be relied on as long as they are in date, by kind."""
        return {check.kind: check for check in self.checks if check.satisfactory}

    def last_said(self, kind: str) -> date | None:
        """The day of what was said last of a kind."""
        done = {check.verified_on for check in self.checks if check.kind == kind}
        asked = {request.since for request in self.requested if request.kind == kind}
        return max(done | asked | {each.since for each in self.not_required if each.kind == kind}, default=None)


OfAKind = TypeVar("OfAKind", Check, Request, NotRequired)
Holding = TypeVar("Holding", bound=Checked)


def _of_kind(found: Iterable[OfAKind], kind: str) -> OfAKind | None:
    return next((each for each in found if each.kind == kind), None)


def _but(found: Iterable[OfAKind], kind: str) -> tuple[OfAKind, ...]:
    return tuple(each for each in found if each.kind != kind)


# Refusals --------------------------------------------------------------------------------------------------------------


class OutcomeMissing(Invalid):
    """A check that was done has an outcome, or says whether it is satisfactory."""


class OutcomeContradicted(Invalid):
    """A check is satisfactory where that is its outcome, and with any other outcome it is not."""


class ValidityWithoutSuccess(Invalid):
    """Only a satisfactory check is valid until a day, and that day is not over."""


class AlwaysRequired(Invalid):
    """Identity and the right to work are checked of everybody."""


def outcome_of(satisfactory: bool | None, outcome: CheckOutcome | None, within: str = "") -> CheckOutcome:
    """What a check came to, as either or both say; `within`: what a refused field begins with. Raises OutcomeMissing."""
    if outcome is not None:
        return outcome
    if satisfactory is None:
        raise OutcomeMissing(field=f"{within}outcome")
    return CheckOutcome.SATISFACTORY if satisfactory else CheckOutcome.UNSATISFACTORY


def refuse_unsound_outcome(fact: CheckRecorded) -> None:
    """Raises OutcomeContradicted, ValidityWithoutSuccess."""
    if fact.satisfactory is not (fact.came_to is CheckOutcome.SATISFACTORY):
        raise OutcomeContradicted(field="outcome")
    if fact.valid_until is not None and (not fact.satisfactory or fact.valid_until < fact.occurred_on):
        raise ValidityWithoutSuccess(field="valid_until")


def refuse_always_required(fact: CheckNotRequired) -> None:
    """Raises AlwaysRequired."""
    if fact.kind in NEEDED_CHECKS:
        raise AlwaysRequired(field="kind")


# What follows ----------------------------------------------------------------------------------------------------------


def after(checked: Holding, fact: CheckFact) -> Holding:
    """The checks after a fact. Facts are entered late: what was overtaken when it was said changes nothing.

    Of two outcomes of a kind the later counts. It answers what was asked for before it, whoever's move that was last.
    """
    kind, day = fact.kind, fact.occurred_on
    if isinstance(fact, CheckRecorded):
        held = checked.check(kind)
        if held is not None and held.verified_on > day:
            return checked
        return changed(
            checked, checks=(*_but(checked.checks, kind), Check.of(fact)),
            requested=tuple(each for each in checked.requested if each.kind != kind or each.requested_on > day),
            not_required=tuple(each for each in checked.not_required if each.kind != kind or each.since > day),
        )  # fmt: skip
    last = checked.last_said(kind)
    if last is not None and last > day:
        return checked
    requested, not_required = _but(checked.requested, kind), _but(checked.not_required, kind)
    if isinstance(fact, CheckNotRequired):
        excused = NotRequired(kind=kind, reason=fact.reason, since=day)
        return changed(checked, requested=requested, not_required=(*not_required, excused))
    before = checked.request(kind)
    request = Request(
        kind=kind, level=fact.level, workforce=fact.workforce, awaiting=fact.awaiting,
        requested_on=day if before is None else before.requested_on, since=day,
    )  # fmt: skip
    return changed(checked, requested=(*requested, request), not_required=not_required)


def overdue(checked: Holding, fact: CheckOverdue) -> Holding:
    """The checks after somebody was told of one that takes too long. Raises CannotFollow."""
    request = checked.request(fact.kind)
    if request is None or request.overdue or (request.awaiting, request.since) != (fact.awaiting, fact.since):
        raise CannotFollow(fact, checked)
    told = tuple(changed(each, overdue=True) if each is request else each for each in checked.requested)
    return changed(checked, requested=told)


def deadlines(checked: Checked) -> Iterator[tuple[str, datetime]]:
    """When each check is overdue of which nobody was told."""
    for request in checked.requested:
        if not request.overdue:
            yield f"late-{request.kind}", step.end_of(request.answer_by)


def waiting(checked: Checked) -> Iterator[Waiting]:
    """Whose move each check is that was asked for; and who is told that it takes too long."""
    for request in checked.requested:
        answer = ANSWERS[request.awaiting]
        yield Waiting(answer.whose, f"check-{request.kind}", request.since)
        if request.overdue:
            yield Waiting(answer.told, f"check-{request.kind}-overdue", request.since)


def otherwise(stood: Mapping[UUID, Fact], stands: Mapping[UUID, Fact]) -> set[str]:
    """The kinds of which what was done is another thing once a fact was put right. Each: the facts that stand, by event."""
    return {
        fact.kind
        for these, those in ((stood, stands), (stands, stood))
        for event_id, fact in these.items()
        if isinstance(fact, CheckRecorded) and those.get(event_id) != fact
    }


# As they stand on a day ------------------------------------------------------------------------------------------------


class Standing(StrEnum):
    """How a check stands on a day."""

    REQUESTED = "requested"
    NOT_REQUIRED = "not-required"
    COMPLETE = "complete"
    EXPIRED = "expired"
    """Its last day is over."""
    SUPERSEDED = "superseded"
    """A later one of its kind came to an outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One check as it stands on a day."""

    kind: str
    status: Standing
    since: date
    """The day of what is said of it."""
    level: str | None = None
    workforce: str | None = None
    awaiting: CheckAwaiting | None = None
    requested_on: date | None = None
    answer_by: date | None = None
    """The last day on which it comes in time."""
    reason: str | None = None
    outcome: CheckOutcome | None = None
    verified_by: str | None = None
    valid_until: date | None = None


def standing_on(facts: Iterable[Fact], day: date) -> tuple[Line, ...]:
    """Every check of a passport, by kind, the latest first. `facts`: those that stand, in the order in which they were said."""
    checked, done = Checked(), dict[Check, None]()
    for fact in facts:
        match fact:
            case PassportClosed(occurred_on=closed) if closed <= day:
                checked = changed(checked, requested=())
            case CheckRequested() | CheckNotRequired() | CheckRecorded() if fact.occurred_on <= day:
                checked = after(checked, fact)
                if isinstance(fact, CheckRecorded):
                    done[Check.of(fact)] = None
            case _:
                pass
    lines = [
        *(
            Line(status=Standing.REQUESTED, answer_by=each.answer_by, **each.model_dump(exclude={"overdue"}))
            for each in checked.requested
        ),
        *(Line(status=Standing.NOT_REQUIRED, **each.model_dump()) for each in checked.not_required),
        *(_line(check, checked, day) for check in done),
    ]
    return tuple(sorted(lines, key=lambda line: (line.kind, -line.since.toordinal())))


def _line(check: Check, checked: Checked, day: date) -> Line:
    status = Standing.COMPLETE if check.in_date(day) else Standing.EXPIRED
    return Line(
        kind=check.kind, status=status if check in checked.checks else Standing.SUPERSEDED, since=check.verified_on,
        level=check.level, workforce=check.workforce, outcome=check.outcome, verified_by=check.verified_by,
        valid_until=check.valid_until,
    )  # fmt: skip
