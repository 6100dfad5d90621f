"""How long a move lasts: a later end is agreed by home, host and person; a sooner one is said beforehand by home or host alone.

A later end is proposed by home or host, and confirmed by the other and by the person. The rules are asked when it is proposed, so
that nobody is asked for what cannot be, and again when the last of the three agrees, for by then much may have changed. The
person's word books their time up to the later end, as it does for the move itself: nobody gives the same hours twice. It is free
again when another declines, or not all have agreed in time, at the latest when the last day is over: until then the move ends as
it was to.

A sooner end asks for nobody's agreement: home may call back and the host end it on any day, and whoever may do that today may
say beforehand when they will.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from kit import step
from kit.errors import Invalid, Refused
from kit.step import Command, Waiting, changed
from mobility.domain import strike
from mobility.domain.answers import DAY
from mobility.domain.booking import refuse_hours, refuse_limits, refuse_taken
from mobility.domain.clearance import CheckOver, refuse_not_in_force, refuse_stopped
from mobility.domain.move import RIGHT_TO_WORK, Deployment, DeploymentFact, Extension, of
from mobility.domain.signature import Signature
from schemas.mobility import (
    Basis,
    DeploymentExtended,
    DeploymentShortened,
    ExtensionConfirmed,
    ExtensionDeclined,
    ExtensionLapsed,
    ExtensionProposed,
    Party,
    Side,
    WorkLimit,
)
from schemas.values import BusinessDate, Code

LONGEST: Mapping[Basis, timedelta] = MappingProxyType({
    Basis.FRAMEWORK_LICENCE: timedelta(days=183),
    Basis.SECONDMENT_AGREEMENT: timedelta(days=731),
    Basis.HONORARY_CONTRACT: timedelta(days=366),
    Basis.BANK: timedelta(days=366),
    Basis.AGENCY: timedelta(days=92),
})  # fmt: skip
"""A move has an end; how far away it may lie."""
TO_AGREE: Final = timedelta(days=14)
"""How long a later end may be agreed to, unless its proposal says so: who is on leave is back in two weeks."""
ASKED: Mapping[Party, str] = MappingProxyType({
    Party.HOME: "confirm-extension-home",
    Party.HOST: "confirm-extension-host",
    Party.PERSON: "agree-to-extension",
})  # fmt: skip
"""What each of the three has to do, as the list of what waits says it."""
LAPSE: Final = "lapse-extension"
"""The deadline's name."""


# Commands --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Longer(Command):
    """A later end, and what it is asked against."""

    ends_on: BusinessDate
    others: tuple[Deployment, ...] = ()
    """The person's other moves whose time is booked."""
    limits: tuple[WorkLimit, ...] = ()
    """How far the person may work, as their passports say."""
    home: tuple[Signature, ...] = ()
    host: tuple[Signature, ...] = ()
    """What the two organisations signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeExtension(Longer):
    side: Side
    answer_by: BusinessDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmExtension(Longer):
    by: Party


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineExtension(Command):
    """One of the three does not agree, or no longer; who proposed it takes it back so."""

    by: Party
    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseExtension(Command):
    """The last day on which all three may have agreed is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shorten(Command):
    """It ends sooner than it was to, on a day to come."""

    ends_on: BusinessDate
    side: Side
    reason: Code


# Refusals --------------------------------------------------------------------------------------------------------------


class EndTooFar(Invalid):
    """A move ends, after it has started and within the time that its basis allows."""


class LastDayOver(Invalid):
    """The last day lies between the first day and the day that was agreed."""


class NotLonger(Invalid):
    """An extension ends later than the move. That it ends sooner is `shorten`, which needs nobody else's word."""


class NotSooner(Invalid):
    """What is shortened ends sooner than the move, and not before today. That it ends later is `propose-extension`."""


class AnswerTooLate(Invalid):
    """All three agree before the move is over, and have time from the day on which it is proposed."""


class AnotherIsProposed(Refused):
    """A later end is proposed already: confirm that one, or decline it first."""


class AnotherEnd(Invalid):
    """That is not the end that is proposed: look at it again."""


class NothingProposed(Refused):
    """No later end is proposed: it was declined, taken back, or not agreed to in time."""


class TimeToAgreeOver(Invalid):
    """The last day on which it may be agreed to is over."""


# What follows ----------------------------------------------------------------------------------------------------------


def refuse_end(basis: Basis, first: date, last: date) -> None:
    """Raises EndTooFar."""
    if not first <= last <= first + LONGEST[basis]:
        raise EndTooFar(f"at most {LONGEST[basis].days} days", field="ends_on")


def asked_on(move: Deployment) -> date:
    """Before which day nobody agrees to a later end, or does not."""
    return move.last_step if move.pending is None else max(move.last_step, move.pending.since)


def proposed(command: ProposeExtension, move: Deployment, day: date) -> list[DeploymentFact]:
    """A later end; the same again says nothing. Raises what stands against it."""
    pending = move.pending
    if pending is not None:
        if (pending.ends_on, pending.side) == (command.ends_on, command.side):
            return []
        raise AnotherIsProposed(f"it ends on {pending.ends_on}")
    if command.ends_on <= move.last_day:
        raise NotLonger(field="ends_on")
    if day > move.last_day:
        raise LastDayOver(field="occurred_on")
    answer_by = command.answer_by or min(day + TO_AGREE, move.last_day)
    if not day <= answer_by <= move.last_day:
        raise AnswerTooLate(f"from {day} up to {move.last_day}", field="answer_by")
    _refuse_longer(command, move, day)
    return [ExtensionProposed(**of(move, day), ends_on=command.ends_on, side=command.side, answer_by=answer_by)]


def confirmed(command: ConfirmExtension, move: Deployment, day: date) -> list[DeploymentFact]:
    """One of the three agrees; with the last of them the move lasts longer. Raises what stands against it."""
    pending = move.pending
    if pending is None:
        if command.ends_on == move.last_day:
            return []
        raise NothingProposed
    if command.ends_on != pending.ends_on:
        raise AnotherEnd(f"it ends on {pending.ends_on}", field="ends_on")
    if command.by in pending.agreed:
        return []
    if day > pending.answer_by:
        raise TimeToAgreeOver(f"it was {pending.answer_by}", field="occurred_on")
    said: list[DeploymentFact] = [ExtensionConfirmed(**of(move, day), ends_on=command.ends_on, by=command.by)]
    if pending.awaited == (command.by,):
        _refuse_longer(command, move, day)
        said.append(DeploymentExtended(**of(move, day), ends_on=command.ends_on))
    elif command.by is Party.PERSON:
        _refuse_time(command, move)
    return said


def declined(command: DeclineExtension, move: Deployment, day: date) -> list[DeploymentFact]:
    if move.pending is None:
        raise NothingProposed
    return [ExtensionDeclined(**of(move, day), by=command.by, reason=command.reason)]


def lapsed(move: Deployment, now: datetime) -> list[DeploymentFact]:
    pending = move.pending
    if pending is None or now < step.end_of(pending.answer_by):
        return []
    return [ExtensionLapsed(**of(move, max(pending.answer_by + DAY, move.since)))]


def shortened(command: Shorten, move: Deployment, day: date) -> list[DeploymentFact]:
    if command.ends_on == move.last_day:
        return []
    if not max(day, move.starts_on) <= command.ends_on < move.last_day:
        raise NotSooner(field="ends_on")
    return [DeploymentShortened(**of(move, day), ends_on=command.ends_on, side=command.side, reason=command.reason)]


def refuse_unsound(said: DeploymentShortened) -> None:
    """Raises NotSooner where nobody could have said it beforehand."""
    if said.ends_on < said.occurred_on:
        raise NotSooner(f"it was said on {said.occurred_on}", field="ends_on")


def deadlines(move: Deployment) -> Iterator[tuple[str, datetime]]:
    """When a later end may be agreed to no more."""
    if move.pending is not None:
        yield LAPSE, step.end_of(move.pending.answer_by)


def waiting(move: Deployment) -> Iterator[Waiting]:
    """Whose word is awaited; or whose proposal came to nothing, until they propose anew or the move is over."""
    match move.extension:
        case Extension(fell=None) as pending:
            yield from (Waiting(party.value, ASKED[party], pending.since) for party in pending.awaited)
        case Extension(fell=str() as why) as fallen:
            yield Waiting(fallen.side.value, why, fallen.since)


def _refuse_longer(command: Longer, move: Deployment, day: date) -> None:
    """Raises what stands against the move's lasting so long."""
    refuse_end(move.basis, move.starts_on, command.ends_on)
    if move.covers_strike:
        strike.refuse(move.basis, move.starts_on, command.ends_on, volunteers=True)
    refuse_stopped(move)
    _refuse_time(command, move)
    # what is over was covered as it was: a suspension that has ended, or another framework since, is no hindrance
    refuse_not_in_force(move, command.home, command.host, max(day, move.starts_on), command.ends_on)
    if (right := _lasting(command, move).right_to_work_ends) is not None:
        raise CheckOver(f"{RIGHT_TO_WORK} ends on {right}", field="ends_on")


def _refuse_time(command: Longer, move: Deployment) -> None:
    """Raises what stands against booking the person's time."""
    longer = _lasting(command, move)
    refuse_taken(longer, command.others)
    refuse_hours(longer, command.others)
    refuse_limits(command.limits, longer, command.others)


def _lasting(command: Longer, move: Deployment) -> Deployment:
    return changed(move, last_day=command.ends_on)
