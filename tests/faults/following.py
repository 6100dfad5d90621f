"""What must have followed in one service from what another has said: enrolments from starts, lines of passports from completions.

Compared by the causes that events name, from the logs alone. No code of kit.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from . import known
from .archive import Archive, Kept
from .folding import Fact, fold

STARTS = ("candidate-placed", "fact-restored", "fact-corrected", "placement-resumed")
"""What somebody may be enrolled because of."""
CHOSEN = "own-choice"
"""Why somebody is enrolled whom no start has enrolled."""
COMPLETIONS = ("learning-completed", "course-completed")


@dataclass
class Findings:
    """What was found wrong, and how much there was to look at."""

    lost: int = 0
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    def missing(self, what: str) -> None:
        self.lost += 1
        self.wrong.append(what)

    def twice(self, what: str) -> None:
        self.doubled += 1
        self.wrong.append(what)


def compare(archive: Archive) -> Findings:
    """The logs of who says, who learns and who lends, against one another."""
    found = Findings()
    said, learned, lent = (_once(archive.events(topic)) for topic in (known.TOPIC, known.LEARNED, known.LENT))
    _enrolments(found, said, learned)
    _lines(found, learned, lent)
    return found


def _once(events: Iterable[Kept]) -> dict[str, Kept]:
    return {event.header("id"): event for event in events}


def _named(events: Mapping[str, Kept], *names: str) -> Iterator[tuple[str, Kept]]:
    return ((id_, event) for id_, event in events.items() if event.name in names)


def _enrolments(found: Findings, said: Mapping[str, Kept], learned: Mapping[str, Kept]) -> None:
    """Who started is enrolled in what their employer's starters learn first, once; whose every start was void is not any more."""
    inducting = {event.said["organisation"]: event.said["courses"] for _, event in _named(learned, "induction-set")}
    enrolled: dict[tuple[str, str], list[str]] = defaultdict(list)
    causes: Counter[tuple[str, str]] = Counter()
    chosen = set()
    for id_, event in _named(learned, "learner-enrolled"):
        enrolled[event.said["person_id"], event.said["course_id"]].append(event.header("subject"))
        cause = event.get("causationid")
        if event.said["why"] == CHOSEN:
            chosen.add(event.header("subject"))
            if cause in said:
                found.wrong.append(f"somebody has chosen a course because of what another service said: {id_}")
            continue
        causes[cause, event.said["course_id"]] += 1
        if cause not in said or said[cause].name not in STARTS:
            found.wrong.append(f"somebody was enrolled because of nothing: {id_}")
    for (cause, _), count in causes.items():
        if count > 1:
            found.twice(f"one start enrolled somebody {count} times: {cause}")
    starts = _starts(fold(list(said.values())))
    for person, own in starts.items():
        for start in own:
            for course in inducting.get(start.said["employer"], ()):
                if not enrolled[person, course]:
                    found.missing(f"somebody who started was not enrolled: {min(start.tellings)}")
    over = {event.header("subject") for _, event in _named(learned, "enrolment-ended", "learning-completed")}
    for (person, _), enrolments in enrolled.items():
        if all(start.taken_back for start in starts.get(person, ())) and set(enrolments) - over - chosen:
            found.wrong.append("somebody whose start was taken back is enrolled all the same")
    found.seen["enrolled because of a start"] = causes.total()


def _starts(facts: Mapping[str, Fact]) -> dict[str, list[Fact]]:
    """Every start, taken back or not, by person."""
    starts: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts.values():
        if fact.name == "candidate-placed":
            starts[fact.said["person_id"]].append(fact)
    return starts


def _lines(found: Findings, learned: Mapping[str, Kept], lent: Mapping[str, Kept]) -> None:
    """What somebody completed on a day stands in each of their open passports once, whether these were opened before or after."""
    done: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    for id_, event in _named(learned, *COMPLETIONS):
        done[event.said["person_id"]][event.said["course_id"], event.said["occurred_on"]] = id_
    due = {
        (event.header("subject"), *what): id_
        for _, event in _named(lent, "passport-opened")
        for what, id_ in done[event.said["person_id"]].items()
    }
    closed = {event.header("subject") for _, event in _named(lent, "passport-closed")}
    lines = Counter(
        (event.header("subject"), event.said["course_id"], event.said["occurred_on"])
        for _, event in _named(lent, "training-recorded")
    )
    for line in due.keys() - lines.keys():
        if line[0] not in closed:
            found.missing(f"a completed course is not in the passport: {due[line]}")
    for line, count in lines.items():
        if line not in due:
            found.wrong.append(f"a line of a passport is there because of nothing: {line[0]}")
        if count > 1:
            found.twice(f"a completed course stands in a passport {count} times: {due.get(line)}")
    causes = {event.get("causationid") for _, event in _named(lent, "training-recorded")}
    if strange := causes - learned.keys():
        found.wrong.append(f"{len(strange)} lines of passports name a cause that learning has not said")
    found.seen["courses in passports"] = lines.total()
