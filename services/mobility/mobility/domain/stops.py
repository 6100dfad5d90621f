"""What keeps somebody from work, and who lets them go on.

Each reason stops a move by itself, and it goes on when the last of them is gone. A stop that stands too long costs hours, and is on
somebody's list for as long; one that is lifted wrongly puts somebody before patients who should not be there. So:

- What says no more than our own record does is lifted by itself when the record says otherwise, and by nobody before: hours that
  are over a limit (`work-limit`), an organisation that is suspended (`organisation-suspended`), a right to work whose last day is
  over (`right-to-work-over`). So is what stood on an entry that was in error, once that entry is voided, restored or put right: a
  passport that was closed (`passport-closed`), a check that was entered as unsatisfactory (`check-withdrawn`). The same passport
  lifts its own stop too when its holder is back within a break: whoever checked them employs them again.
- What says something about a person is lifted by a person, a coordinator, who says why: a registration that was restricted, a
  concern that was raised, whatever reason was given by hand. So is a check that turned out unsatisfactory, though it was done anew
  with another outcome: only a person knows what had been found, and whether it is settled. So is one that was refused: whoever
  would not have it done, or would not answer, had a reason, and the record does not hold it. Another passport than the one that
  was closed, because its holder left, lifts nothing either.
- A check that shows neither way (`check-indeterminate`) says nothing about a person, and nothing that a host may rely on: what was
  valid before was asked again, and was not confirmed. The move stops, and goes on by itself when the check is done anew and no
  longer indeterminate; a coordinator who knows why may let it go on before.

Whom a reason speaks of says where it stops: a registration or a concern is the person's wherever they work, and stops them at
every host, whoever said it of one move (`of_the_person`). Any other is of the one place, unless who says it says that it is not.
What is of the person is a record of its own (`everywhere`): a move is stopped for it exactly as long as that stands, and lifted
there it is lifted at every host.

Every lifting names the reason and why it is gone. Who lifted it is in the journal: a coordinator, or the event from which it
followed.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from kit.errors import Invalid, Refused
from kit.step import Command
from mobility.domain.checks import Check, Checked
from mobility.domain.move import Deployment, DeploymentFact, of
from schemas.mobility import CheckOutcome, StopLifted
from schemas.values import Code

WORK_LIMIT: Final = "work-limit"
SUSPENDED: Final = "organisation-suspended"
PASSPORT_CLOSED: Final = "passport-closed"
CHECK_WITHDRAWN: Final = "check-withdrawn"
CHECK_INDETERMINATE: Final = "check-indeterminate"
RIGHT_OVER: Final = "right-to-work-over"

OF_RECORD: Final = (WORK_LIMIT, SUSPENDED, RIGHT_OVER)
"""What stands exactly as long as our record says so: nobody lifts it."""

OF_THE_PERSON: Final = frozenset({"registration", "concern", "concerns", "safeguarding", "barred"})
"""Words of a reason that speaks of the person: `registration-restricted`, `safeguarding-concern`. `ward-closed` is a place's."""

WITHIN_THE_LIMIT: Final = "within-the-limit"
IN_FORCE_AGAIN: Final = "in-force-again"
RENEWED: Final = "renewed"
ENTERED_IN_ERROR: Final = "entered-in-error"
REOPENED: Final = "passport-reopened"
ANOTHER_PERSON: Final = "another-person"
"""Why a reason is gone by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopNow(Command):
    """A registration was restricted, or a concern raised."""

    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class StopEverywhere(StopNow):
    """It is said of the person at every host, and stands on record."""

    stop_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftStop(Command):
    """A person says that a reason is gone, and why. `reason`: which, where there are several."""

    why: Code
    reason: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGoOn(Command):
    """The record says otherwise now: what stood on it is gone."""

    reason: str
    why: str
    everywhere: bool = False
    """It is a stop of the person that stands no more."""


def for_checks(move: Deployment, held: Checked, kinds: Collection[str]) -> Iterator[str]:
    """Why a move stops when something came out about checks of these kinds: what it relies on is nothing to rely on.

    What a person has settled is not stopped anew by whatever else is written in a passport.
    """
    for kind in (seen.kind for seen in move.checks if seen.kind in kinds and seen.kind not in held.relied_on):
        yield CHECK_INDETERMINATE if _is_indeterminate(held.check(kind)) else CHECK_WITHDRAWN


def confirmed(move: Deployment, held: Checked) -> bool:
    """Whether no check that a move relies on is indeterminate."""
    return not any(_is_indeterminate(held.check(seen.kind)) for seen in move.checks)


def _is_indeterminate(check: Check | None) -> bool:
    return check is not None and check.outcome is CheckOutcome.INDETERMINATE


class WhichStop(Invalid):
    """It names one of the reasons for which the move is stopped; where there is one alone it may be left out."""


class RecordSaysSo(Refused):
    """Our own record says so: it is lifted by itself when that is put right."""


class SaidOfThePerson(Refused):
    """It is said of the person at every host: lift it there, among the stops, and every move of theirs goes on."""


class RecordsToSay(Invalid):
    """Only our own record says this: it would be lifted by itself. Give the reason for which the person has to stop."""


def of_the_person(reason: str) -> bool:
    """Whether a reason speaks of the person, at whichever host they are."""
    return not OF_THE_PERSON.isdisjoint(reason.split("-"))


def refuse_records_own(reason: str, field: str = "reason") -> None:
    """Raises RecordsToSay."""
    if reason in OF_RECORD:
        raise RecordsToSay(", ".join(OF_RECORD), field=field)


def lifted(command: LiftStop, move: Deployment, day: date) -> list[DeploymentFact]:
    reason = command.reason or (move.stops[0] if len(move.stops) == 1 else None)
    if reason not in move.stops:
        raise WhichStop(", ".join(move.stops), field="reason")
    if reason in OF_RECORD:
        raise RecordSaysSo(reason)
    if reason not in move.stopped_here:
        raise SaidOfThePerson(reason)
    return [StopLifted(**of(move, day), reason=reason, why=command.why)]


def gone(command: LetGoOn, move: Deployment, day: date) -> list[DeploymentFact]:
    if command.reason not in (move.stopped_on_record if command.everywhere else move.stopped_here):
        return []
    return [StopLifted(**of(move, day), reason=command.reason, why=command.why, everywhere=command.everywhere or None)]


def to_lift(move: Deployment) -> bool:
    """Whether a person may lift one of its stops where it is."""
    return any(reason not in OF_RECORD for reason in move.stopped_here)
