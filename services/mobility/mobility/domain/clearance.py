"""What is in order before somebody starts: which checks were seen, and what home and host authorised under one framework."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kit import step
from kit.errors import Invalid, Refused
from kit.step import Command
from mobility.domain.answers import DAY, WARNING
from mobility.domain.checks import NEEDED_CHECKS
from mobility.domain.move import RIGHT_TO_WORK, Deployment, DeploymentFact, checks_with, of
from mobility.domain.passport import Passport
from mobility.domain.readiness import held_until, like_for_like
from mobility.domain.signature import Signature
from mobility.domain.stops import RIGHT_OVER
from schemas.mobility import (
    CheckExpiring,
    CheckNeeded,
    CheckSeen,
    ChecksVerified,
    DeploymentAuthorised,
    MoveStopped,
    Recharge,
    Side,
    TrainingExpiring,
    TrainingNeeded,
    TrainingSeen,
)
from schemas.values import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyChecks(Command):
    """The employer vouches for what stands in its passport of the person: nothing is typed again."""

    verified_by: str
    passport: Passport | None
    needed: tuple[CheckNeeded, ...] = ()
    """What the host asks for this kind of work."""
    training: tuple[TrainingNeeded, ...] = ()
    """The courses that it asks for: that one is missing is no hindrance here, that one ends is told in time."""
    again: bool = False
    """What was verified before is read again: what ends sooner now is seen, and told in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorise(Command):
    side: Side
    authorised_by: Code
    indemnity: Code
    data_basis: Code
    recharge: Recharge
    home: tuple[Signature, ...] = ()
    host: tuple[Signature, ...] = ()
    """What the two organisations signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Warn(Command):
    """A check, or a course, ends soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRight(Command):
    """The last day of the right to work is over."""


# Refusals --------------------------------------------------------------------------------------------------------------


class NoPassport(Refused):
    """The employer has no open passport of this person: open one, and record the checks there."""


class CheckMissing(Refused):
    """Identity, the right to work and what the host asks for, like for like, stand in the passport before anybody moves."""


class CheckOver(Refused):
    """A check is in date on the first day; the right to work on every day."""


class NotInForce(Refused):
    """Both organisations have to be in force under one framework for the whole time."""


class Stopped(Refused):
    """The move is stopped: nothing goes on before that is lifted."""


class TermsDiffer(Invalid):
    """The other side authorised it on other recharge terms: agree on them first."""


# What follows ----------------------------------------------------------------------------------------------------------


def refuse_stopped(move: Deployment) -> None:
    if move.stops:
        raise Stopped(", ".join(move.stops), state=move.status)


def verified(command: VerifyChecks, move: Deployment, day: date) -> list[DeploymentFact]:
    if command.passport is None:
        raise NoPassport(state=move.status)
    first = max(day, move.starts_on)
    held = {kind: check for kind, check in command.passport.relied_on.items() if check.verified_on <= day}
    asked = {needed.kind: needed for needed in command.needed}
    for kind in (*NEEDED_CHECKS, *asked):
        if (check := held.get(kind)) is None or (kind in asked and not like_for_like(asked[kind], check)):
            raise CheckMissing(kind, state=move.status)
        until = move.last_day if kind == RIGHT_TO_WORK else first
        if check.valid_until is not None and check.valid_until < until and not command.again:
            raise CheckOver(f"{kind} ends on {check.valid_until}, needed until {until}", state=move.status)
    relied_on = {check.kind for check in move.checks}
    seen = tuple(
        CheckSeen(kind=kind, valid_until=held[kind].valid_until)
        for kind in sorted(held)
        if held[kind].in_date(first) or (command.again and kind in relied_on)
    )
    training = tuple(_trained(command, command.passport, move, first))
    if move.checks and (checks_with(move.checks, seen), training) == (move.checks, move.training):
        return []
    return [ChecksVerified(**of(move, day), verified_by=command.verified_by, checks=seen, training=training or None)]


def _trained(command: VerifyChecks, passport: Passport, move: Deployment, day: date) -> Iterator[TrainingSeen]:
    for course in command.training:
        if (last := held_until(passport, move.host, course, day)) is not None:
            yield TrainingSeen(course_id=course.course_id, title=course.title, valid_until=last)


def authorised(command: Authorise, move: Deployment, day: date) -> DeploymentAuthorised:
    refuse_stopped(move)
    if move.recharge not in (None, command.recharge):
        raise TermsDiffer(field="recharge")
    refuse_not_in_force(move, command.home, command.host, move.starts_on, move.last_day)
    return DeploymentAuthorised(
        **of(move, day), side=command.side, authorised_by=command.authorised_by, indemnity=command.indemnity,
        data_basis=command.data_basis, recharge=command.recharge,
    )  # fmt: skip


def refuse_not_in_force(
    move: Deployment, home: Sequence[Signature], host: Sequence[Signature], first: date, last: date
) -> None:
    """Both under one framework, on every day from a first to a last."""
    if not in_force_together(home, host, first, last):
        raise NotInForce(state=move.status)


def in_force_together(home: Sequence[Signature], host: Sequence[Signature], first: date, last: date) -> bool:
    """Whether there is a framework under which both are in force on every day from a first to a last."""
    both = [{each.framework_id for each in signed if each.in_force(first, last)} for signed in (home, host)]
    return bool(both[0] & both[1])


def covered_up_to(home: Sequence[Signature], host: Sequence[Signature], day: date) -> date | None:
    """The last day up to which both are in force under one framework from a day on; None: on that day they are not."""
    ends = [
        {
            each.framework_id: period.last or date.max
            for each in signed
            for period in each.periods
            if period.covers(day, day)
        }
        for signed in (home, host)
    ]
    return max((min(ends[0][id_], ends[1][id_]) for id_ in ends[0].keys() & ends[1].keys()), default=None)


def expiring(move: Deployment, now: datetime) -> list[DeploymentFact]:
    ending = move.next_to_end
    if ending is None or ending.valid_until is None or now < step.start_of(ending.valid_until - WARNING):
        return []
    day = max(ending.valid_until - WARNING, move.since)
    if isinstance(ending, TrainingSeen):
        return [TrainingExpiring(**of(move, day), course_id=ending.course_id, valid_until=ending.valid_until)]
    return [CheckExpiring(**of(move, day), kind=ending.kind, valid_until=ending.valid_until)]


def right_ended(move: Deployment, now: datetime) -> list[DeploymentFact]:
    """Nobody works for a host after the last day of their right to."""
    last = move.right_to_work_ends
    if last is None or RIGHT_OVER in move.stops or now < step.end_of(last):
        return []
    return [MoveStopped(**of(move, max(last + DAY, move.since)), reason=RIGHT_OVER)]
