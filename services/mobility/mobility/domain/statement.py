"""The hours of a month that one organisation lent another, line by line: disputed, settled, issued with its VAT, agreed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, TypeAlias, TypedDict
from uuid import UUID

from pydantic import Field

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from mobility.domain.answers import BY_STATEMENT
from mobility.domain.deployment import Deployment
from schemas.fact import Fact
from schemas.mobility import (
    HoursRecorded,
    LineDisputed,
    LineSettled,
    LineWithdrawn,
    Pence,
    Recharge,
    StatementAgreed,
    StatementAwaited,
    StatementIssued,
    StatementOverdue,
    Vat,
)
from schemas.values import BusinessDate, Code, Part

AGGREGATE = "statement"

PER_CENT: Mapping[Vat, int] = MappingProxyType({Vat.STANDARD: 20, Vat.EXEMPT: 0, Vat.OUTSIDE_SCOPE: 0})
"""Supply of staff is normally subject to VAT; whether it is here is said with each statement."""
SettledHours = Annotated[float, Field(ge=0, le=24, multiple_of=0.25)]
"""What a disputed day comes to after all, in quarters; none: nothing was worked on it."""
RECORD_ANEW = "Withdraw it, or have it voided, and record the hours anew."
NOT_UNDER_WAY = "move-not-under-way"
"""Why our record disputes a line by itself: the move ended before that day, or had not begun."""


class Status(StrEnum):
    OPEN = "open"
    ISSUED = "issued"
    AGREED = "agreed"


class Line(Part):
    """The hours of one move on one day."""

    deployment_id: UUID
    worked_on: date
    person_id: UUID
    hours: float
    pence: int
    disputed: str | None = None


class Statement(Part):
    """One month between two organisations as it stands."""

    status: Status
    since: date
    home: str
    host: str
    month: date
    """Its first day."""
    lines: tuple[Line, ...] = ()
    vat: Vat | None = None
    awaits: StatementAwaited | None = None
    awaits_since: date | None = None
    overdue: bool = False
    """Whether somebody was told that what it awaits did not come in its time."""

    @property
    def hours(self) -> float:
        return sum(line.hours for line in self.lines)

    @property
    def pence(self) -> int:
        return sum(line.pence for line in self.lines)

    @property
    def disputed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.disputed is not None)

    def line(self, deployment_id: UUID, worked_on: date) -> Line | None:
        return next(
            (each for each in self.lines if (each.deployment_id, each.worked_on) == (deployment_id, worked_on)), None
        )


# Commands --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Command):
    """The hours of a day that was worked; of a move without recharge they cost nothing."""

    deployment_id: UUID
    deployment: Deployment
    worked_on: date
    hours: float
    pence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute(Command):
    deployment_id: UUID
    worked_on: BusinessDate
    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle(Command):
    deployment_id: UUID
    worked_on: BusinessDate
    hours: SettledHours
    pence: Pence
    recharge: Recharge | None = None
    """What the two sides agreed that the hours of the move cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue(Command):
    vat: Vat


@dataclass(frozen=True, slots=True, kw_only=True)
class Agree(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Chase(Command):
    """The time for an answer is over."""

    answer: StatementAwaited


COMMANDS = (Record, Dispute, Settle, Issue, Agree, Chase)
LINES = (HoursRecorded, LineDisputed, LineSettled, LineWithdrawn)
"""The facts of which the lines are made."""
StatementFact: TypeAlias = (
    HoursRecorded | LineDisputed | LineSettled | LineWithdrawn | StatementIssued | StatementAgreed | StatementOverdue
)

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.OPEN: (Dispute, Settle, Issue),
    Status.ISSUED: (Dispute, Settle, Agree),
    Status.AGREED: (),
})  # fmt: skip


# Refusals --------------------------------------------------------------------------------------------------------------


class NotWorkedThen(Invalid):
    """The move was not under way on that day."""


class RecordedAlready(Refused):
    """Other hours of this move are recorded for this day: dispute and settle them."""


class AnotherIsOpen(Refused):
    """A further statement of this month is open: issue that first."""


class NothingToCharge(Invalid):
    """The two sides agreed that nothing is charged for this move."""


class NothingWorked(Invalid):
    """Where nothing was worked nothing is charged."""


class AnotherMonth(Invalid):
    """Hours stay in the statement of their month, and of their home and host."""


class AgreedTo(Refused):
    """Both organisations agreed to this statement: void the agreement first, so that the host sees what it agrees to."""


class NoSuchLine(Invalid):
    """The statement has no line of this move on this day."""


class NotDisputed(Refused):
    """The line is not disputed."""


class MonthNotOver(Invalid):
    """A statement is issued when its month is over."""


class LinesDisputed(Refused):
    """Lines are disputed: settle them first."""


# The machine -----------------------------------------------------------------------------------------------------------


def decide(command: Command, statement: Statement | None, now: datetime) -> list[StatementFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, statement:
        case Record(), None | Statement(status=Status.OPEN):
            return _recorded(command, statement, day_of(command, now))
        case _, None:
            raise NotFound
        case Record(), _ if statement.line(command.deployment_id, command.worked_on):
            return _recorded(command, statement, day_of(command, now))

        case Dispute(reason=reason), Statement(status=Status.OPEN | Status.ISSUED):
            line = _line(statement, command.deployment_id, command.worked_on)
            if line.disputed == reason:
                return []
            day = day_of(command, now, after=statement.since)
            return [LineDisputed(**_of(statement, day), **_on(line), reason=reason)]
        case Settle(hours=hours, pence=pence), Statement(status=Status.OPEN | Status.ISSUED):
            line = _line(statement, command.deployment_id, command.worked_on)
            if line.disputed is None:
                raise NotDisputed
            if command.recharge is Recharge.NONE and pence:
                raise NothingToCharge(field="pence")
            if not hours and pence:
                raise NothingWorked(field="pence")
            day = day_of(command, now, after=statement.since)
            if not hours:
                return [LineWithdrawn(**_of(statement, day), **_on(line))]
            return [LineSettled(**_of(statement, day), **_on(line), hours=hours, pence=pence)]
        case Issue(vat=vat), Statement(status=Status.OPEN):
            day = day_of(command, now, after=statement.since)
            if day < next_month(statement.month):
                raise MonthNotOver(field="occurred_on")
            return [StatementIssued(**_of(statement, day), **_sums(statement, vat), vat=vat)]
        case Agree(), Statement(status=Status.ISSUED, vat=Vat() as vat):
            if statement.disputed:
                raise LinesDisputed(f"{len(statement.disputed)} lines")
            day = day_of(command, now, after=statement.since)
            return [StatementAgreed(**_of(statement, day), **_sums(statement, vat))]

        case Chase(answer=answer), _:
            return _chased(answer, statement, now)
        case Issue(vat=vat), Statement(status=Status.ISSUED, vat=said) if vat == said:
            return []
        case Agree(), Statement(status=Status.AGREED):
            return []
        case _:
            raise NotInThisState


def evolve(statement: Statement | None, fact: Fact) -> Statement:
    """The statement after a fact, with what it waits for then. Raises CannotFollow."""
    match statement, fact:
        case Statement(overdue=False), StatementOverdue() if fact.answer is statement.awaits:
            return changed(statement, overdue=True)
        case _:
            return _awaiting(_after(statement, fact))


def _after(statement: Statement | None, fact: Fact) -> Statement:
    match statement, fact:
        case None, HoursRecorded(occurred_on=day):
            begun = Statement(status=Status.OPEN, since=day, home=fact.home, host=fact.host, month=fact.month)
            return changed(begun, lines=(_new_line(fact),))
        case Statement(status=Status.OPEN), HoursRecorded() if (
            statement.line(fact.deployment_id, fact.worked_on) is None
        ):
            since = max(statement.since, fact.occurred_on)
            return changed(statement, since=since, lines=(*statement.lines, _new_line(fact)))
        case Statement(status=Status.OPEN | Status.ISSUED), LineDisputed(occurred_on=day, reason=reason) if (
            line := statement.line(fact.deployment_id, fact.worked_on)
        ):
            return changed(statement, since=day, lines=_with(statement, changed(line, disputed=reason)))
        case Statement(status=Status.OPEN | Status.ISSUED), LineSettled(occurred_on=day) if line := statement.line(
            fact.deployment_id, fact.worked_on
        ):
            settled = changed(line, disputed=None, hours=fact.hours, pence=fact.pence)
            return changed(statement, since=day, lines=_with(statement, settled))
        case Statement(status=Status.OPEN | Status.ISSUED), LineWithdrawn(occurred_on=day) if line := statement.line(
            fact.deployment_id, fact.worked_on
        ):
            nothing = changed(line, disputed=None, hours=0.0, pence=0)
            return changed(statement, since=day, lines=_with(statement, nothing))
        case Statement(status=Status.OPEN), StatementIssued(occurred_on=day):
            return changed(statement, status=Status.ISSUED, since=day, vat=fact.vat)
        case Statement(status=Status.ISSUED), StatementAgreed(occurred_on=day) if not statement.disputed:
            return changed(statement, status=Status.AGREED, since=day)
        case _:
            raise CannotFollow(fact, statement)


def allowed(statement: Statement | None) -> tuple[str, ...]:
    """The commands that somebody may give it."""
    return step.names((Record,) if statement is None else ALLOWED[statement.status])


def deadlines(statement: Statement) -> Mapping[str, datetime]:
    """Nothing is charged or agreed by itself; that what it waits for does not come, somebody is told."""
    if statement.awaits is None or statement.awaits_since is None or statement.overdue:
        return {}
    overdue_on = BY_STATEMENT[statement.awaits].overdue_on(statement.awaits_since)
    return {f"overdue-{statement.awaits}": step.start_of(overdue_on)}


def due(name: str, statement: Statement) -> Command:
    """The command of a deadline."""
    return Chase(answer=StatementAwaited(name.removeprefix("overdue-")))


def waiting(statement: Statement) -> tuple[Waiting, ...]:
    """Who has to do something about it."""
    if statement.awaits is None or statement.awaits_since is None:
        return ()
    line, since = BY_STATEMENT[statement.awaits], statement.awaits_since
    asked = Waiting(line.whose, line.why, since)
    return (asked, Waiting(line.told, f"{line.answer}-overdue", since)) if statement.overdue else (asked,)


def _awaiting(statement: Statement) -> Statement:
    """With what it waits for: since it was asked for, or, where that is new, since now."""
    answer, since = _asked(statement)
    if statement.awaits is answer:
        return statement
    return changed(statement, awaits=answer, awaits_since=since, overdue=False)


def _asked(statement: Statement) -> tuple[StatementAwaited | None, date | None]:
    """What it waits for, and since when: that it is issued, since its month is over; else since its last step."""
    match statement.status:
        case Status.AGREED:
            return None, None
        case _ if statement.disputed:
            return StatementAwaited.SETTLEMENT, statement.since
        case Status.OPEN:
            return StatementAwaited.ISSUE, next_month(statement.month)
        case Status.ISSUED:
            return StatementAwaited.AGREEMENT, statement.since


def _chased(answer: StatementAwaited, statement: Statement, now: datetime) -> list[StatementFact]:
    """Somebody is told, unless the answer came meanwhile, or they were told."""
    if statement.awaits is not answer or statement.awaits_since is None or statement.overdue:
        return []
    overdue_on = BY_STATEMENT[answer].overdue_on(statement.awaits_since)
    if now < step.start_of(overdue_on):
        return []
    day = max(overdue_on, statement.since)
    return [StatementOverdue(**_of(statement, day), answer=answer, since=statement.awaits_since)]


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


class _Of(TypedDict):
    home: str
    host: str
    month: date
    occurred_on: date


class _On(TypedDict):
    deployment_id: UUID
    worked_on: date


class _Sums(TypedDict):
    hours: float
    pence: int
    vat_pence: int


def _of(statement: Statement, day: date) -> _Of:
    return {"home": statement.home, "host": statement.host, "month": statement.month, "occurred_on": day}


def _on(line: Line) -> _On:
    return {"deployment_id": line.deployment_id, "worked_on": line.worked_on}


def _sums(statement: Statement, vat: Vat) -> _Sums:
    """Pence of VAT are rounded to the nearest, half up."""
    charged = (statement.pence * PER_CENT[vat] + 50) // 100
    return {"hours": statement.hours, "pence": statement.pence, "vat_pence": charged}


def refuse_unworked(
    better: HoursRecorded | LineSettled, stands: HoursRecorded | LineSettled, move: Deployment | None
) -> None:
    """Raises Refused where a line that is put right could not have been said so; `move`: None where it is kept no longer."""
    for name in ("home", "host", "month"):
        if getattr(better, name) != getattr(stands, name):
            raise AnotherMonth(field=f"replacement.{name}", cure=RECORD_ANEW)
    if better.worked_on != stands.worked_on:
        if better.worked_on.replace(day=1) != better.month:
            raise AnotherMonth(field="replacement.worked_on", cure=RECORD_ANEW)
        if move is None or outside(move, better.worked_on):
            raise NotWorkedThen(field="replacement.worked_on")
    if better.worked_on > better.occurred_on:
        raise NotWorkedThen(field="replacement.worked_on")
    if move is not None and move.recharge is Recharge.NONE and better.pence:
        raise NothingToCharge(field="replacement.pence")


def issued_as(stands: Sequence[Fact]) -> tuple[StatementIssued, StatementIssued] | None:
    """The issuing, and as it is with what the statement came to then, where it says otherwise. `stands`: the facts, in order."""
    state: Statement | None = None
    for fact in stands:
        if isinstance(fact, StatementIssued) and state is not None:
            better = fact.model_copy(update={**_sums(state, fact.vat)})
            return None if better == fact else (fact, better)
        state = evolve(state, fact)
    return None


def outside(move: Deployment, day: date) -> bool:
    """Whether the move was not under way on a day."""
    return move.started_on is None or not move.started_on <= day <= move.last_day


def _recorded(command: Record, statement: Statement | None, day: date) -> list[StatementFact]:
    move = command.deployment
    if outside(move, command.worked_on) or command.worked_on > day:
        raise NotWorkedThen(field="worked_on")
    if move.recharge is Recharge.NONE and command.pence:
        raise NothingToCharge(field="pence")
    line = None if statement is None else statement.line(command.deployment_id, command.worked_on)
    if line is not None:
        if (line.hours, line.pence) == (command.hours, command.pence):
            return []
        raise RecordedAlready(state=Status.OPEN if statement is None else statement.status)
    return [
        HoursRecorded(
            occurred_on=day, home=move.home, host=move.host, month=command.worked_on.replace(day=1),
            deployment_id=command.deployment_id, person_id=move.person_id, worked_on=command.worked_on,
            hours=command.hours, pence=command.pence,
        )
    ]  # fmt: skip


def _new_line(fact: HoursRecorded) -> Line:
    return Line(
        deployment_id=fact.deployment_id, worked_on=fact.worked_on, person_id=fact.person_id, hours=fact.hours,
        pence=fact.pence,
    )  # fmt: skip


def _line(statement: Statement, deployment_id: UUID, worked_on: date) -> Line:
    line = statement.line(deployment_id, worked_on)
    if line is None:
        raise NoSuchLine(field="deployment_id")
    return line


def _with(statement: Statement, line: Line) -> tuple[Line, ...]:
    """The lines with this one in the place of that which it was."""
    return tuple(line if _on(each) == _on(line) else each for each in statement.lines)
