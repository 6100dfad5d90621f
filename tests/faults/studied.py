"""What learners did, judged: apprenticeships, placements of T Levels, registers and evaluations, and courses that they chose.

The log by itself (nothing comes before what it follows from, nothing twice), and against what clients were told. No code of kit.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from . import known
from .archive import Archive, Kept
from .folding import Fact, fold
from .following import CHOSEN, Findings
from .history import History

WHOLE = 315.0
"""Hours that complete a placement."""
NEXT: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "": {"apprenticeship-agreed": "waiting"},
    "waiting": {"apprenticeship-begun": "live"},
    "live": {"apprenticeship-paused": "paused", "gateway-reached": "gateway"},
    "paused": {"apprenticeship-resumed": "live"},
    "gateway": {"assessment-begun": "assessment"},
    "assessment": {"assessment-failed": "gateway", "apprenticeship-completed": "completed"},
})  # fmt: skip
"""How far an apprenticeship is after a fact; it may be stopped as long as it is not over."""
MOVES_NOTHING = ("off-the-job-hours-logged", "apprentice-employer-changed")
OUTCOMES = ("course-completed", "course-partly-completed", "course-not-attended")
ANSWERS = ("course-evaluated", "use-reported")

Judge = Callable[[Findings, str, Sequence[Fact]], tuple[str, float]]
"""Says how something stands by its facts, and the hours that were logged of it."""


def compare(history: History, archive: Archive) -> Findings:
    """Everything of these kinds that the log tells of, against what was told of it."""
    found = Findings()
    told, unended = history.studied, history.studying
    open_ = {each.id for each in history.operations.values() if each.outcome == "open"}
    unanswered: set[str] = set()
    stands: dict[str, tuple[str, float]] = {}
    for subject, events in _by_subject(archive):
        judge = BY_FIRST.get(events[0].name)
        if judge is None or events[0].said.get("why", CHOSEN) != CHOSEN:
            continue  # whom a start has enrolled another judge looks after
        facts = [fact for fact in fold(events).values() if not fact.taken_back]
        if events[0].get("correlationid") in open_:
            unanswered.add(subject)
        stands[subject] = judge(found, subject, facts)
        found.seen[SEEN[judge]] = found.seen.get(SEEN[judge], 0) + 1
    for subject, (how, hours) in told.items():
        if subject not in stands:
            found.missing(f"somebody was told of what the log does not know: {subject} {how}")
        elif stands[subject][0] != how:
            found.missing(f"{subject} is {stands[subject][0]}, and its client was told that it is {how}")
        elif stands[subject][1] < hours:
            found.missing(f"of the {hours:g} hours of {subject} {hours - stands[subject][1]:g} are missing")
        elif stands[subject][1] > hours:
            found.twice(f"{subject} has {stands[subject][1]:g} hours, and {hours:g} were logged")
    if strange := stands.keys() - told.keys() - unended - unanswered:
        found.wrong.append(f"{len(strange)} of what learners did nobody asked for: {min(strange)}")
    said = {fact.said["booking_id"] for _, events in _by_subject(archive) for fact in _answers(events)}
    for booking in history.answered - said:
        found.missing(f"what a learner answered is not there: {booking}")
    return found


def _by_subject(archive: Archive) -> Iterator[tuple[str, list[Kept]]]:
    """The events of each thing that learning tells of, in their order, each once."""
    once: dict[str, dict[int, Kept]] = defaultdict(dict)
    for event in archive.events(known.LEARNED):
        once[event.header("subject")][int(event.header("sequence"))] = event
    return ((subject, [events[number] for number in sorted(events)]) for subject, events in once.items())


def _answers(events: Sequence[Kept]) -> Iterator[Fact]:
    return (fact for fact in fold(events).values() if fact.name in ANSWERS and not fact.taken_back)


def _apprenticeship(found: Findings, subject: str, facts: Sequence[Fact]) -> tuple[str, float]:
    """Step by step, in the order of the table."""
    status, hours = "", 0.0
    days: Counter[str] = Counter()
    for fact in facts:
        if fact.name == "off-the-job-hours-logged":
            days[fact.said["occurred_on"]] += 1
            hours += fact.said["hours"]
        elif fact.name == "apprenticeship-stopped" and status not in ("", "completed", "stopped"):
            status = "stopped"
        elif fact.name not in MOVES_NOTHING:
            if fact.name not in NEXT.get(status, {}):
                found.wrong.append(f"{subject} was {status or 'nothing'} when it came to {fact.name}")
            status = NEXT.get(status, {}).get(fact.name, status)
    for day, count in days.items():
        if count > 1:
            found.twice(f"the hours of {day} stand {count} times in {subject}")
    return status, hours


def _placement(found: Findings, subject: str, facts: Sequence[Fact]) -> tuple[str, float]:
    """It is complete when its hours are done, once, and not before."""
    names = Counter(fact.name for fact in facts)
    hours = sum(fact.said["hours"] for fact in facts if fact.name == "placement-hours-logged")
    done = names["placement-completed"]
    if done > 1:
        found.twice(f"{subject} is complete {done} times")
    if done and hours < WHOLE:
        found.wrong.append(f"{subject} is complete after {hours:g} hours")
    if not done and hours >= WHOLE and not names["pathway-ended"]:
        found.missing(f"{subject} is not complete after {hours:g} hours")
    return ("completed" if done else "ended" if names["pathway-ended"] else "placed"), hours


def _register(found: Findings, subject: str, facts: Sequence[Fact]) -> tuple[str, float]:
    """Whoever was booked has one outcome when the register is closed, by whether they came; who came answers each question once."""
    came = {fact.said["booking_id"] for fact in facts if fact.name == "learner-attended"}
    booked = {fact.said["booking_id"] for fact in facts if fact.name == "learner-booked"}
    held = any(fact.name == "cohort-held" for fact in facts)
    outcomes = Counter(fact.said["booking_id"] for fact in facts if fact.name in OUTCOMES)
    missed = {fact.said["booking_id"] for fact in facts if fact.name == "course-not-attended"}
    if held and (lost := booked - outcomes.keys()):
        found.missing(f"{len(lost)} learners of {subject} have no outcome")
    for booking, count in outcomes.items():
        if count > 1:
            found.twice(f"a learner of {subject} has {count} outcomes: {booking}")
    if missed & came:
        found.wrong.append(f"{len(missed & came)} learners of {subject} came, and are said not to have")
    for name in ANSWERS:
        answers = Counter(fact.said["booking_id"] for fact in facts if fact.name == name)
        if twice := [booking for booking, count in answers.items() if count > 1]:
            found.twice(f"{len(twice)} learners of {subject} answered more than once: {name}")
        if strange := answers.keys() - came:
            found.wrong.append(f"{len(strange)} answered of {subject} who had not come: {name}")
    return "held" if held else "scheduled", 0.0


def _chosen(found: Findings, subject: str, facts: Sequence[Fact]) -> tuple[str, float]:
    """It has one end."""
    ends = [fact.name for fact in facts if fact.name in ("learning-completed", "enrolment-ended")]
    if len(ends) > 1:
        found.twice(f"{subject} has {len(ends)} ends")
    return {"learning-completed": "completed", "enrolment-ended": "ended"}[ends[0]] if ends else "enrolled", 0.0


BY_FIRST: Mapping[str, Judge] = MappingProxyType({
    "apprenticeship-agreed": _apprenticeship,
    "pathway-begun": _placement,
    "cohort-scheduled": _register,
    "learner-enrolled": _chosen,
})  # fmt: skip
"""Who judges a thing, by its first fact."""
SEEN: Mapping[Judge, str] = MappingProxyType({
    _apprenticeship: "apprenticeships", _placement: "placements of T Levels", _register: "registers",
    _chosen: "courses that people chose",
})  # fmt: skip
