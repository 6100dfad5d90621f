"""Figures of mobility beside what a person counts by hand from the journal: with places left, hours settled, and much put right."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from random import Random
from statistics import median
from typing import Any, TypeVar
from uuid import UUID

import pytest

from kit.database import Database
from kit.errors import Refused
from kit.ids import new_id
from kit.step import end_of
from mobility.domain import framework, signature
from mobility.domain.signature import Signature
from reporting import figures
from reporting.metrics import METRICS
from reporting.settings import ReportingSettings
from reporting.testing import FRAMEWORK, City, Feed
from schemas import mobility as mob
from schemas import people as pe
from schemas.corrections import Corrected, standing
from schemas.fact import Fact
from schemas.values import Sector

from .test_lending import HOSPICE, HOSPITALS, MONTH, changed, later, move, of, raised, settled, worked

Said = TypeVar("Said", bound=Fact)
ALSO = (mob.StaffSeconded, mob.HoursRecorded, mob.NeedFilled, mob.NeedReopened, mob.ChecksVerified, mob.LineSettled)
"""What is taken back, brought back and put right in between."""


def a_city(seed: int) -> City:
    """Needs whose places are filled, left and filled again; hours of who came; checks; then corrections of much of it."""
    chance, city = Random(seed), City()
    people = [new_id() for _ in range(12)]
    for _ in range(4):
        need, size, statement = new_id(), chance.randint(1, 3), new_id()
        city.say(raised(people=size, occurred_on=later(chance.randint(0, 5))), need)
        there: list[UUID] = []
        for day in sorted(chance.sample(range(6, 60), 9)):
            place: dict[str, Any] = {"people": size, "filled": len(there)}
            if len(there) < size and chance.random() < 0.75:
                there.append(_comes(city, chance, need, chance.choice(people), day, statement, place))
            elif there:
                gone = there.pop(chance.randrange(len(there)))
                how = None if chance.random() < 0.15 else "recalled"
                city.say(changed(mob.NeedReopened, day, deployment_id=gone, left=how, **place), need)
        if chance.random() < 0.3:
            city.say(changed(mob.NeedWithdrawn, 61, why="ward-closed"), need)
    city.link(people[0], people[1])
    for _ in range(12):
        _put_right(city, chance)
    return city


def _comes(
    city: City, chance: Random, need: UUID, person: UUID, day: int, statement: UUID, place: dict[str, Any]
) -> UUID:
    """Somebody comes, after checks, and works; or a place is filled with the organisation's own staff."""
    if chance.random() < 0.2:
        city.say(changed(mob.NeedFilled, day, filled_by=mob.FilledBy.OWN_STAFF, **place), need)
        return new_id()
    id_ = new_id()
    seen = tuple(
        mob.CheckSeen(kind=kind) for kind in chance.sample(["identity", "right-to-work", "criminal-record"], 2)
    )
    by = chance.choice([HOSPICE, HOSPITALS])
    city.say(mob.ChecksVerified(**of(person), verified_by=by, checks=seen, occurred_on=later(day - 1)), id_)
    city.say(move(person, day, need_id=need), id_)
    filled = changed(mob.NeedFilled, day, filled_by=mob.FilledBy.PARTNER, deployment_id=id_, **place)
    city.say(filled, need)
    for number in range(3):
        line = worked(person, chance.choice([4.0, 7.5]), day + number, deployment_id=id_)
        city.say(line, statement)
        if chance.random() < 0.4:
            city.say(settled(line, 3.25, day + number + 5), statement)
        elif chance.random() < 0.3:
            nothing: dict[str, Any] = {
                "deployment_id": id_,
                "worked_on": line.worked_on,
                "occurred_on": later(day + number + 6),
            }
            city.say(mob.LineWithdrawn(home=HOSPICE, host=HOSPITALS, month=MONTH, **nothing), statement)
    return id_


def _put_right(city: City, chance: Random) -> None:
    told = [
        (subject, each, fact) for subject, lines in city.said.items() for each, fact in lines if isinstance(fact, ALSO)
    ]
    subject, event_id, fact = chance.choice(told)
    match chance.choice(["void", "restore", "correct"]):
        case "void":
            city.void(subject, event_id, type(fact))
        case "restore":
            city.restore(subject, event_id, type(fact))
        case _:
            better: dict[str, Any] = {"occurred_on": later(chance.randint(6, 70))}
            if isinstance(fact, mob.HoursRecorded | mob.LineSettled):
                better = {"hours": chance.choice([1.0, 2.0])}
            city.correct(subject, event_id, fact.model_copy(update=better))


# Counted by hand -------------------------------------------------------------------------------------------------------


class Journal:
    """What stands of a city up to a day, and which event tells it."""

    def __init__(self, city: City, day: date) -> None:
        self.stands = {subject: standing(lines) for subject, lines in city.said.items()}
        self.day, self.told = day, dict[UUID, UUID]()
        self.roots: dict[UUID, UUID] = {}
        for subject, lines in city.said.items():
            for event_id, fact in lines:
                self.told[fact.fact_id if isinstance(fact, Corrected) else event_id] = event_id
                if isinstance(fact, pe.PersonLinked):
                    self.roots[subject] = fact.same_as

    def all(self, kind: type[Said], by: str = "occurred_on") -> Iterator[tuple[UUID, UUID, Said]]:
        """The facts of a kind up to the day: of what, by which event, and what it says."""
        for subject, lines in self.stands.items():
            for event_id, fact in lines:
                if isinstance(fact, kind) and getattr(fact, by) <= self.day:
                    yield subject, event_id, fact

    def who(self, person: UUID) -> UUID:
        return self.roots.get(person, person)

    def events(self, ids: Iterable[UUID]) -> set[UUID]:
        return {self.told[id_] for id_ in ids}


Counted = tuple[float | None, int, set[UUID]]
"""What a figure comes to (of a share, how many hold), of how many people or cases, and the events behind it."""


def moves(journal: Journal) -> Counted:
    found = list(journal.all(mob.StaffSeconded))
    return len(found), len(found), journal.events(event_id for _, event_id, _ in found)


def hours_lent(journal: Journal) -> Counted:
    total, people, behind = 0.0, set[UUID](), list[UUID]()
    for subject, event_id, line in journal.all(mob.HoursRecorded, "worked_on"):
        told: list[tuple[UUID, UUID, mob.LineSettled | mob.LineWithdrawn]] = [
            *journal.all(mob.LineSettled), *journal.all(mob.LineWithdrawn)
        ]  # fmt: skip
        after = [
            (fact.occurred_on, each, getattr(fact, "hours", 0.0))
            for of_, each, fact in told
            if (of_, fact.deployment_id, fact.worked_on) == (subject, line.deployment_id, line.worked_on)
        ]
        _, last, hours = max(after, default=(None, None, line.hours))
        if hours:
            total, behind = total + hours, [*behind, event_id, *([last] if last else [])]
            people.add(journal.who(line.person_id))
    return total or None, len(people), journal.events(behind)


def days_to_start(journal: Journal) -> Counted:
    needs = {subject: (event_id, fact.occurred_on) for subject, event_id, fact in journal.all(mob.NeedRaised)}
    came = [
        (event_id, fact, *needs[fact.need_id]) for _, event_id, fact in journal.all(mob.StaffSeconded) if fact.need_id
    ]
    behind = journal.events(each for event_id, _, raised_by, _ in came for each in (event_id, raised_by))
    waited = [(fact.occurred_on - since).days for _, fact, _, since in came]
    return median(waited) if waited else None, len({journal.who(fact.person_id) for _, fact, _, _ in came}), behind


def _places(journal: Journal, need: UUID) -> list[tuple[date, UUID, str]]:
    """What became of a need's places, in order; of one day, as it was said."""
    filled = ((of_, (fact.occurred_on, each, "filled")) for of_, each, fact in journal.all(mob.NeedFilled))
    withdrawn = ((of_, (fact.occurred_on, each, "withdrawn")) for of_, each, fact in journal.all(mob.NeedWithdrawn))
    reopened = (
        (of_, (fact.occurred_on, each, "left" if fact.left else "reopened"))
        for of_, each, fact in journal.all(mob.NeedReopened)
    )
    return sorted(change for of_, change in (*filled, *withdrawn, *reopened) if of_ == need)


def fill_rate(journal: Journal) -> Counted:
    holds, of_all, behind = 0, 0, list[UUID]()
    for need, event_id, fact in journal.all(mob.NeedRaised):
        changes = _places(journal, need)
        if any(what == "withdrawn" for _, _, what in changes):
            continue
        held, most, never = 0, 0, 0
        for _, _, what in changes:
            held += {"filled": 1, "left": -1, "reopened": 0}[what]
            most, never = max(most, held), never + (what == "reopened")
        holds, of_all = holds + max(0, min(fact.people, most - never)), of_all + fact.people
        behind += [event_id, *(each for _, each, _ in changes)]
    return holds, of_all, journal.events(behind)


def days_to_fill(journal: Journal) -> Counted:
    waited, people, behind = list[int](), set[UUID](), list[UUID]()
    for need, event_id, fact in journal.all(mob.NeedRaised):
        held, so_far = 0, list[UUID]()
        for day, each, what in _places(journal, need):
            if what == "withdrawn":
                continue
            so_far.append(each)
            held += 1 if what == "filled" else -1
            came = [
                (start.occurred_on, by, start.person_id)
                for _, by, start in journal.all(mob.StaffSeconded)
                if start.need_id == need and start.occurred_on <= day
            ]
            if held >= fact.people:
                if came:
                    _, last, person = max(came)
                    waited.append((day - fact.occurred_on).days)
                    people.add(journal.who(person))
                    behind += [event_id, *so_far, last]
                break
    return median(waited) if waited else None, len(people), journal.events(behind)


def checks_relied_on(journal: Journal) -> Counted:
    began = {subject: event_id for subject, event_id, _ in journal.all(mob.StaffSeconded)}
    kinds, behind = set[tuple[UUID, str]](), list[UUID]()
    for subject, event_id, seen in journal.all(mob.ChecksVerified):
        if subject in began and seen.verified_by != seen.host:
            kinds |= {(subject, check.kind) for check in seen.checks}
            behind += [began[subject], event_id]
    return len(kinds), len(kinds), journal.events(behind)


BY_HAND: Mapping[str, Any] = {
    "moves": moves, "hours-lent": hours_lent, "days-to-start": days_to_start, "days-to-fill": days_to_fill,
    "fill-rate": fill_rate, "checks-relied-on": checks_relied_on,
}  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
async def test_each_figure_is_what_a_person_counts_from_the_journal_and_names_the_events_of_it(
    seed: int, feed: Feed, database: Database, settings: ReportingSettings
) -> None:
    city = a_city(seed)
    await feed(city.records)
    differ = defaultdict[str, list[Any]](list)
    async with figures.one_moment(database) as tx:
        for day in (later(number) for number in (-1, 20, 40, 62, 90)):
            for figure, by_hand in BY_HAND.items():
                metric = METRICS[figure]
                count = (await figures.figure(tx, metric, day, settings)).total
                events = await figures.events(tx, metric, day, settings, after=("", -1, -1), limit=1000)
                amount, people = (
                    (count.numerator, count.denominator) if count.amount is None else (count.amount, count.numerator)
                )
                if metric.measure.value in ("sum", "median"):
                    amount, people = count.amount, count.numerator  # type: ignore[assignment]
                found = (amount, people, {event.event_id for event in events})
                if found != (expected := by_hand(Journal(city, day))):
                    differ[figure].append((str(day), found[:2], expected[:2], len(found[2] ^ expected[2])))
    assert not differ


# Who is in force -------------------------------------------------------------------------------------------------------


def a_signature(chance: Random, organisation: str) -> tuple[list[Fact], list[tuple[date, bool]]]:
    """What was said of a signature that is signed, suspended, resumed, left, lapsed and signed again; and when it was in force."""
    of_all = framework.decide(
        framework.Publish(occurred_on=later(0), name="Of a test", effective_from=later(0), notice_days=5),
        None,
        end_of(later(0)),
    )
    agreement = framework.evolve(None, of_all[0])
    said: list[Fact] = []
    state: Signature | None = None
    day = 0
    for _ in range(14):
        day += chance.randint(0, 8)
        on = later(day)
        commands = [
            signature.Invite(
                occurred_on=on, framework_id=FRAMEWORK, framework=agreement, organisation=organisation,
                sector=Sector.NHS_TRUST, statutory=organisation.endswith("s"),
            ),
            signature.Sign(
                occurred_on=on, framework=agreement, version=1, signed_by="chief-executive",
                in_force_from=later(day + chance.choice([0, 0, 4, 12])),
            ),
            signature.Suspend(occurred_on=on, reason="insurance-ended"),
            signature.Resume(occurred_on=on),
            signature.GiveNotice(occurred_on=on, last_day=later(day + chance.randint(5, 20)), reason="merged"),
            signature.AskAgain(occurred_on=on, version=2, sign_by=later(day + 3)),
            signature.Lapse(),
            signature.Withdraw(),
        ]  # fmt: skip
        with suppress(Refused):
            for fact in signature.decide(
                commands[0] if state is None else chance.choice(commands[1:]), state, end_of(on)
            ):
                state = signature.evolve(state, fact)
                said.append(fact)
                day = max(day, (state.since - later(0)).days)
    days = [later(number) for number in range(-1, 160)]
    return said, [(each, state is not None and state.in_force(each)) for each in days]


@pytest.mark.parametrize("seed", range(6))
async def test_who_is_in_force_on_a_day_is_what_the_signatures_say_of_it(
    seed: int, feed: Feed, database: Database, settings: ReportingSettings
) -> None:
    chance, city, expected = Random(seed), City(), defaultdict[date, set[str]](set)
    for turn in range(12):
        organisation = f"organisation-{turn}{'s' if turn % 2 else ''}"
        said, days = a_signature(chance, organisation)
        subject = new_id()
        for fact in said:
            city.say(fact, subject)
        for day, in_force in days:
            expected[day] |= {organisation} if in_force else set()
    await feed(city.records)
    async with figures.one_moment(database) as tx:
        for day, names in sorted(expected.items()):
            rows = await tx.fetch(f"SELECT key FROM ({METRICS['q1'].cases}) AS cases WHERE holds", day)
            assert {row["key"] for row in rows} == names, day
            held = await tx.fetch(f"SELECT key FROM ({METRICS['q2'].cases}) AS cases WHERE holds", day)
            assert {row["key"] for row in held} == {name for name in names if name.endswith("s")}, day
