"""What a move, and a statement of its hours, waits for: whose turn it is, for how long, and who is told when it does not come.

Every duration is a line of a table here, with its reason. An answer that did not come in its time is raised to somebody who can
ask for it or do without it, and what was raised is gone when the answer comes, however late.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kit import step
from kit.errors import Invalid, Refused
from kit.step import CannotFollow, Command, Waiting, changed
from mobility.domain.move import Asked, Deployment, DeploymentFact, Status, of
from mobility.domain.working_time import monday_of
from schemas.mobility import AnswerOverdue, AnswerSettled, Awaited, Side, StatementAwaited
from schemas.values import BusinessDate, Code

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)

WARNING: Final = timedelta(days=28)
"""How long before a check ends somebody is told: it is done anew in four weeks, a criminal record check included."""
ENTERED_LATE: Final = timedelta(hours=12)
"""Nobody is told of a move of which somebody said something so lately: who enters it late enters one step after the other."""


class Counted(StrEnum):
    """From where the days of an answer are counted."""

    FROM_THE_QUESTION = "from-the-question"
    BEFORE_THE_FIRST_DAY = "before-the-first-day"
    FROM_THE_FIRST_DAY = "from-the-first-day"
    FROM_THE_END_OF_THE_WEEK = "from-the-end-of-the-week"


@dataclass(frozen=True, slots=True)
class Line:
    """How long an answer may take. `whose`: who gives it; None: no person, so that it is on no list before it is overdue."""

    answer: Awaited
    asked_in: tuple[Status, ...]
    whose: str | None
    why: str
    """What they have to do, as the list of what waits says it."""
    days: int
    counted: Counted
    told: str
    """Who is told when it has not come."""
    reason: str


@dataclass(frozen=True, slots=True)
class StatementLine:
    """How long an answer may take of which a statement waits; its days are counted from the question."""

    answer: StatementAwaited
    whose: str
    why: str
    days: int
    told: str
    reason: str

    def overdue_on(self, since: date) -> date:
        """The first day on which it is overdue."""
        return since + DAY * (self.days + 1)


EMPLOYER: Final = "employer"
"""Who checks: home, or with bank and agency the host."""

TABLE: Final = (
    Line(
        Awaited.TAKING_UP, (Status.PROPOSED,), "host", "take-up-or-cancel", 7, Counted.FROM_THE_QUESTION, "home",
        "Who put somebody forward may put them forward elsewhere: a need is not kept waiting longer than a week.",
    ),
    Line(
        Awaited.AGREEMENT, (Status.MATCHED,), "person", "agree", 7, Counted.FROM_THE_QUESTION, "home",
        "Nobody moves who has not said yes, and nobody says it for them: their employer asks them again.",
    ),
    Line(
        Awaited.CHECKS, (Status.AGREED,), EMPLOYER, "verify-checks", 5, Counted.FROM_THE_QUESTION, "coordinator",
        "They are read from the passport and not typed: a working week is long, and something is wrong with the passport.",
    ),
    Line(
        Awaited.HOME_AUTHORISATION, (Status.VERIFIED,), "home", "authorise-home", 5, Counted.FROM_THE_QUESTION, "host",
        "One side has a working week, and the other side asks: it plans with somebody who may not come.",
    ),
    Line(
        Awaited.HOST_AUTHORISATION, (Status.VERIFIED,), "host", "authorise-host", 5, Counted.FROM_THE_QUESTION, "home",
        "One side has a working week, and the other side asks: it has given up the person's time.",
    ),
    Line(
        Awaited.FIRST_DAY_PACK, (Status.AUTHORISED, Status.INDUCTED), "host", "give-first-day-pack", 3,
        Counted.BEFORE_THE_FIRST_DAY, "home",
        "Whoever does not know where to come asks at home: it has three days to ring up.",
    ),
    Line(
        Awaited.INDUCTION, (Status.AUTHORISED,), "host", "induct", 2, Counted.BEFORE_THE_FIRST_DAY, "coordinator",
        "Nobody starts without it: two days are left in which to give it, or to tell the person not to come.",
    ),
    Line(
        Awaited.START, (Status.INDUCTED,), "host", "say-whether-started", 2, Counted.FROM_THE_FIRST_DAY, "home",
        "Somebody who is neither here nor there is missed by their employer first.",
    ),
    Line(
        Awaited.LOCAL_INDUCTION, (Status.ACTIVE,), None, "enrol", 1, Counted.FROM_THE_QUESTION, "host",
        "Learning enrols within seconds. After a day it is down, or the host has set no induction for movers: the host asks.",
    ),
    Line(
        Awaited.HOURS, (), None, "record-hours", 7, Counted.FROM_THE_END_OF_THE_WEEK, "home",
        "What was not written down in the week after is not remembered well, and the month is charged by it.",
    ),
)  # fmt: skip
STATEMENTS: Final = (
    StatementLine(
        StatementAwaited.ISSUE, "home", "issue", 14, "host",
        "The host closes its month in two weeks, and has to reckon with what it is not charged yet.",
    ),
    StatementLine(
        StatementAwaited.AGREEMENT, "host", "agree-or-dispute", 30, "home",
        "Thirty days are what public bodies take to pay: hours that nobody confirmed by then are asked about by who is owed.",
    ),
    StatementLine(
        StatementAwaited.SETTLEMENT, "home", "settle-disputed-lines", 30, "coordinator",
        "What two could not settle in a month a third looks at, while people still know what was worked.",
    ),
)  # fmt: skip
BY_STATEMENT: Mapping[StatementAwaited, StatementLine] = MappingProxyType({line.answer: line for line in STATEMENTS})
BY_ANSWER: Mapping[Awaited, Line] = MappingProxyType({line.answer: line for line in TABLE})

SETTLED_HERE: Final = (Awaited.LOCAL_INDUCTION, Awaited.HOURS)
"""What no step of the move itself answers."""
SIDE_OF: Mapping[Awaited, Side] = MappingProxyType({Awaited.LOCAL_INDUCTION: Side.HOST, Awaited.HOURS: Side.HOME})
"""Who may say that it does not come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chase(Command):
    """The time for an answer is over. Of hours it is said whether they are missing: they are in statements."""

    answer: Awaited
    week: date | None = None
    missing: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleAnswer(Command):
    """It came from elsewhere, or does not come, and why: nothing of the induction is due, nothing was worked in that week."""

    answer: Awaited
    reason: Code
    week: BusinessDate | None = None
    """Of hours: the Monday of the week."""


class ItsOwnStepAnswers(Invalid):
    """Only its own step answers that: take it, or cancel the move."""


class NothingIsAwaited(Refused):
    """The move does not wait for that, or not of that week."""


# What is asked ---------------------------------------------------------------------------------------------------------


def still(move: Deployment) -> Deployment:
    """The move with what it waits for: what it waited for before, and what is new since its last step."""
    before: dict[Awaited, Asked] = {asked.answer: asked for asked in move.awaits}
    asks = tuple(
        before.get(line.answer, Asked(answer=line.answer, since=move.since)) for line in TABLE if _is_asked(line, move)
    )
    hours = tuple(asked for asked in move.awaits if asked.answer is Awaited.HOURS and asked.since in weeks(move))
    return changed(move, awaits=(*asks, *hours))


def evolve(move: Deployment, fact: AnswerOverdue | AnswerSettled) -> Deployment:
    """The move after somebody was told that an answer is overdue, or after it was settled. Raises CannotFollow."""
    hours = fact.answer is Awaited.HOURS
    asked = awaited(move, fact.answer, fact.since)
    match fact:
        case AnswerOverdue() if hours and asked is None and fact.since in weeks(move):
            return changed(move, awaits=(*move.awaits, Asked(answer=fact.answer, since=fact.since, overdue=True)))
        case AnswerOverdue() if asked is not None and not asked.overdue:
            return changed(move, awaits=tuple(_overdue(each) if each is asked else each for each in move.awaits))
        case AnswerSettled() if asked is not None:
            rest = tuple(each for each in move.awaits if each is not asked)
            return changed(move, awaits=rest, local_induction=move.local_induction if hours else fact.how)
        case _:
            raise CannotFollow(fact, move)


def _overdue(asked: Asked) -> Asked:
    return changed(asked, overdue=True)


def _is_asked(line: Line, move: Deployment) -> bool:
    if move.status not in line.asked_in:
        return False
    match line.answer:
        case Awaited.HOME_AUTHORISATION:
            return Side.HOME not in move.authorised
        case Awaited.HOST_AUTHORISATION:
            return Side.HOST not in move.authorised
        case Awaited.FIRST_DAY_PACK:
            return move.pack_given_on is None
        case Awaited.LOCAL_INDUCTION:
            return move.local_induction is None
        case _:
            return True


def awaited(move: Deployment, answer: Awaited, week: date | None = None) -> Asked | None:
    """What the move waits for, of hours those of a week."""
    return next((each for each in move.awaits if each.answer is answer and week in (None, each.since)), None)


# What falls due --------------------------------------------------------------------------------------------------------


def deadlines(move: Deployment) -> Iterator[tuple[str, datetime]]:
    """When each answer that nobody was told of is overdue; of hours, those of each week."""
    for asked in move.awaits:
        if not asked.overdue:
            yield f"overdue-{asked.answer}", step.end_of(_last_day(BY_ANSWER[asked.answer], asked.since, move))
    for number, monday in enumerate(weeks(move)):
        yield f"overdue-{Awaited.HOURS}-{number}", step.end_of(_last_day(BY_ANSWER[Awaited.HOURS], monday, move))


def due(name: str, move: Deployment) -> Chase:
    """The command of one of these. Whether hours are missing the move does not know: whoever knows says so."""
    answer = name.removeprefix("overdue-")
    if answer.startswith(f"{Awaited.HOURS}-"):
        monday = weeks(move)[int(answer.removeprefix(f"{Awaited.HOURS}-"))]
        return Chase(answer=Awaited.HOURS, week=monday, missing=False)
    return Chase(answer=Awaited(answer))


def weeks(move: Deployment) -> tuple[date, ...]:
    """The Mondays of the weeks in which the person was to work for the host, from the first day to the last."""
    if move.started_on is None:
        return ()
    first = monday_of(move.started_on)
    found = (first + WEEK * number for number in range((move.last_day - first).days // 7 + 1))
    return tuple(monday for monday in found if any(_works(move, monday + DAY * number) for number in range(7)))


def _works(move: Deployment, day: date) -> bool:
    within = move.started_on is not None and move.started_on <= day <= move.last_day
    return within and any(shift.day == day.isoweekday() for shift in move.pattern)


def _last_day(line: Line, since: date, move: Deployment) -> date:
    """The last day on which an answer comes in time."""
    match line.counted:
        case Counted.FROM_THE_QUESTION:
            return since + DAY * line.days
        case Counted.BEFORE_THE_FIRST_DAY:
            return move.starts_on - DAY * (line.days + 1)
        case Counted.FROM_THE_FIRST_DAY:
            return move.starts_on + DAY * line.days
        case Counted.FROM_THE_END_OF_THE_WEEK:
            return since + WEEK - DAY + DAY * line.days


def chased(command: Chase, move: Deployment, now: datetime) -> list[DeploymentFact]:
    """Somebody is told, unless the answer came meanwhile, or they were told."""
    asked = awaited(move, command.answer, command.week)
    if asked is None and command.missing and command.week is not None and command.week in weeks(move):
        asked = Asked(answer=Awaited.HOURS, since=command.week)
    if asked is None or asked.overdue:
        return []
    last = _last_day(BY_ANSWER[asked.answer], asked.since, move)
    if now < step.end_of(last):
        return []
    return [AnswerOverdue(**of(move, max(last + DAY, asked.since)), answer=asked.answer, since=asked.since)]


def settled(command: SettleAnswer, move: Deployment, day: date) -> list[DeploymentFact]:
    if command.answer not in SETTLED_HERE:
        raise ItsOwnStepAnswers(field="answer")
    if (asked := awaited(move, command.answer, command.week)) is None:
        raise NothingIsAwaited
    return [AnswerSettled(**of(move, day), answer=asked.answer, since=asked.since, how=command.reason)]


# Who has to do something -----------------------------------------------------------------------------------------------


def waiting(move: Deployment) -> Iterator[Waiting]:
    """Whose move it is; and who is told, of each answer that is overdue: of hours, those of the first week."""
    told = set()
    for asked in move.awaits:
        line = BY_ANSWER[asked.answer]
        since = max(asked.since, move.starts_on) if line.counted is Counted.FROM_THE_FIRST_DAY else asked.since
        if line.whose is not None:
            yield Waiting(_whose(line.whose, move), line.why, since)
        if asked.overdue and line.answer not in told:
            told.add(line.answer)
            yield Waiting(line.told, f"{line.answer}-overdue", since)


def _whose(whose: str, move: Deployment) -> str:
    if whose != EMPLOYER:
        return whose
    return "home" if move.employer == move.home else "host"
