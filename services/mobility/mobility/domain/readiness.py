"""Whether somebody may do a host's work on a day: each thing that is missing, and what would cure it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from mobility.domain.checks import NEEDED_CHECKS, Check, Request
from mobility.domain.passport import Passport, Status, Waiver
from mobility.domain.requirement import Requirement
from schemas.mobility import CheckNeeded, CheckOutcome, TrainingNeeded, WorkLimit


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that stands between somebody and the work."""

    what: str
    """`passport`, `sharing`, `limit`, `check` or `training`."""
    name: str
    """The kind of the check, the id of the course, the ground of the limit, or the organisation."""
    why: str
    cure: str
    title: str | None = None
    """What the course is called."""


@dataclass(frozen=True, slots=True)
class Waived:
    """A course that was not completed, or too long ago, and that the host does not ask for: by which ground, until when."""

    course_id: UUID
    title: str
    ground: str
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Readiness:
    passport_id: UUID
    person_id: UUID
    ready: bool
    missing: tuple[Missing, ...]
    waived: tuple[Waived, ...] = ()
    """What is not missing because the host accepted other training."""


def ready(passport_id: UUID, passport: Passport, requirement: Requirement, day: date) -> Readiness:
    """Everything that is missing, in the order in which it is cured best."""
    missing = tuple(_missing(passport, requirement, day))
    return Readiness(passport_id, passport.person_id, not missing, missing, tuple(_waived(passport, requirement, day)))


def best_cure(people: Iterable[Readiness]) -> tuple[Missing, int] | None:
    """The one thing that would make most people ready, and how many, each counted once; None where nobody lacks exactly one thing.

    A course that some never completed and others too long ago is one thing: what most of them have to do about it is said of it.
    """
    alone = {(person.person_id, person.missing[0]) for person in people if len(person.missing) == 1}
    found: dict[tuple[str, str], Counter[Missing]] = {}
    for _, missing in alone:
        found.setdefault((missing.what, missing.name), Counter())[missing] += 1
    if not found:
        return None
    _, why = min(found.items(), key=lambda each: (-each[1].total(), each[0]))
    return min(why, key=lambda missing: (-why[missing], missing.why)), why.total()


def held_until(passport: Passport, host: str, course: TrainingNeeded, day: date) -> date | None:
    """The last day on which its holder has what a host asks for by a course; None: it is missing then, or never out of date."""
    ends = []
    done = next((each.completed_on for each in passport.training if each.course_id == course.course_id), None)
    if done is not None and _not_trained(course, done, day) is None:
        ends.append(date.max if course.within_days is None else done + timedelta(days=course.within_days))
    waiver = _waiver_of(passport, host, course)
    if waiver is not None and waiver.holds(day):
        ends.append(waiver.valid_until or date.max)
    last = max(ends, default=date.max)
    return None if last == date.max else last


def _missing(passport: Passport, requirement: Requirement, day: date) -> Iterator[Missing]:
    if passport.status is Status.CLOSED:
        yield Missing("passport", passport.home, "passport-closed", CURES["passport-closed"])
    elif not passport.seen_by(requirement.organisation, day):
        yield Missing("sharing", requirement.organisation, "not-shared", CURES["not-shared"])
    for limit in passport.limits:
        if (why := _forbids(limit, requirement, day)) is not None:
            yield Missing("limit", limit.ground, why, CURES[why])
    asked = {needed.kind: needed for needed in requirement.checks}
    for kind in dict.fromkeys((*asked, *NEEDED_CHECKS)):
        if (why := _lacks(kind, asked.get(kind), passport, day)) is not None:
            yield Missing("check", kind, why, CURES[why])
    for course, why in _missing_training(passport, requirement.organisation, requirement.training, day):
        yield Missing("training", str(course.course_id), why, CURES[why], course.title)


def _forbids(limit: WorkLimit, requirement: Requirement, day: date) -> str | None:
    """Why a limit does not let somebody do this work on a day; how many hours are left is asked of a move."""
    if limit.until is not None and limit.until < day:
        return "limit-over"
    if limit.soc2020 and requirement.soc2020 not in limit.soc2020:
        return "limit-not-this-work"
    return "limit-not-this-host" if limit.hosts and requirement.organisation not in limit.hosts else None


def untrained(
    passport: Passport, host: str, courses: Iterable[TrainingNeeded], day: date
) -> tuple[TrainingNeeded, ...]:
    """The courses of those for which a host asks that the holder neither completed as it asks nor need not."""
    return tuple(course for course, _ in _missing_training(passport, host, courses, day))


def _missing_training(
    passport: Passport, host: str, courses: Iterable[TrainingNeeded], day: date
) -> Iterator[tuple[TrainingNeeded, str]]:
    for course, why in _not_completed(passport, courses, day):
        waiver = _waiver_of(passport, host, course)
        if waiver is None or not waiver.holds(day):
            yield course, why if waiver is None or day < waiver.since else "waiver-over"


def _waived(passport: Passport, requirement: Requirement, day: date) -> Iterator[Waived]:
    for course, _ in _not_completed(passport, requirement.training, day):
        waiver = _waiver_of(passport, requirement.organisation, course)
        if waiver is not None and waiver.holds(day):
            yield Waived(course.course_id, course.title, waiver.ground, waiver.valid_until)


def _not_completed(
    passport: Passport, courses: Iterable[TrainingNeeded], day: date
) -> Iterator[tuple[TrainingNeeded, str]]:
    """The courses that were not completed as the host asks, each with why."""
    done = {training.course_id: training.completed_on for training in passport.training}
    for course in courses:
        if (why := _not_trained(course, done.get(course.course_id), day)) is not None:
            yield course, why


def _waiver_of(passport: Passport, host: str, course: TrainingNeeded) -> Waiver | None:
    """What a host accepted in place of a course, like for like: that which holds longest, where there are several."""
    found = [each for each in passport.waived if each.host == host and each.skill == course.skill]
    return max(found, key=lambda each: (each.valid_until or date.max, each.since), default=None)


def _lacks(kind: str, needed: CheckNeeded | None, passport: Passport, day: date) -> str | None:
    """Why a check will not do, which is taken like for like where the host asks for it; of one under way, whom it awaits."""
    held, request = passport.check(kind), passport.request(kind)
    why = _will_not_do(needed, held, day)
    if why is None:
        return None
    if request is not None and _alike(needed, request):
        return f"check-awaits-{request.awaiting}"
    if held is None and passport.excused(kind) is not None:
        return "check-not-required"
    return why


def _will_not_do(needed: CheckNeeded | None, held: Check | None, day: date) -> str | None:
    if held is None:
        return "check-missing"
    if held.outcome is not CheckOutcome.SATISFACTORY:
        return f"check-{held.outcome}"
    if not _alike(needed, held):
        return "check-not-like-for-like"
    return None if held.in_date(day) else "check-not-in-date"


def _alike(needed: CheckNeeded | None, held: Check | Request) -> bool:
    return needed is None or like_for_like(needed, held)


def like_for_like(needed: CheckNeeded, held: Check | Request) -> bool:
    """Whether a check is of the level and for the workforce that is asked for."""
    return (held.level, held.workforce) == (needed.level, needed.workforce)


def _not_trained(needed: TrainingNeeded, completed_on: date | None, day: date) -> str | None:
    if completed_on is None or completed_on > day:
        return "training-missing"
    if needed.within_days is not None and completed_on + timedelta(days=needed.within_days) < day:
        return "training-too-long-ago"
    return None


CURES = {
    "passport-closed": "Whoever employs the person now opens a passport, and checks them.",
    "not-shared": "The holder shares the passport with the host.",
    "limit-over": "The holder shows that they may work for longer, and the employer records it.",
    "limit-not-this-work": "Nothing, unless the holder's permission names this kind of work, and the employer records it.",
    "limit-not-this-host": "Nothing, unless the holder's permission names this organisation, and the employer records it.",
    "check-missing": "The employer does the check and records it.",
    "check-awaits-holder": "The holder gives what the check needs, and the employer goes on with it.",
    "check-awaits-employer": "The employer does the check that was asked for, and records it.",
    "check-awaits-third-party": "Whoever was asked answers, and the employer records what came of it.",
    "check-not-required": "The employer does the check, which its own work does not ask for, and the host's does.",
    "check-unsatisfactory": "The employer decides: the host may not rely on this check.",
    "check-indeterminate": "The employer does the check again: it showed neither way.",
    "check-refused": "The employer settles with whoever refused it whether it can be done, and does it again.",
    "check-not-like-for-like": "A new check of the level and workforce that the host asks for.",
    "check-not-in-date": "The employer renews the check.",
    "training-missing": "The holder completes the course.",
    "training-too-long-ago": "The holder completes the course again.",
    "waiver-over": "The holder completes the course, or trains again elsewhere and the host accepts that.",
}
"""What would mend it, by what is wrong."""
