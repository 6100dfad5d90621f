"""The judge: what clients and partners were told, journal, log, inbox, read model and figures, compared. No code of kit.

`city.checker` compares journal and log; here is what goes beyond. Each rule adds a sentence to `wrong` where it does not hold.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx2

from city import checker as logs

from . import following, known, persons, studied
from .archive import Archive
from .arena import Arena
from .folding import Fact, fold
from .history import History

Place = tuple[str, int, int]
"""Topic, partition and offset."""

BY_ITSELF = ("deadline", "reconciled")
"""Actors of events that nobody asked for: what falls due, and lines that were read back from the log."""
REACTING = "consumer:"
"""How actors begin of events that followed from another service's."""
FOLLOWED = (REACTING, "reconciled")
"""The same, and where they were read back from the log."""


@dataclass
class Judged:
    """What the trial came to."""

    log: logs.Verdict
    operations: int = 0
    acknowledged: int = 0
    unknown_tries: int = 0
    claims: int = 0
    revived: int = 0
    """Claims of aborted transactions that Kafka lets everybody read all the same: a client of another make is given them too."""
    figures: dict[str, float | None] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    lost: int = 0
    doubled: int = 0
    reactions: Mapping[str, int] = field(default_factory=dict)
    """What followed in other services, by name."""

    @property
    def clean(self) -> bool:
        return self.log.clean and not self.wrong


@dataclass(frozen=True)
class Said:
    """A line of the journal."""

    service: str
    event_id: str
    aggregate_id: str
    version: int
    type: str
    actor: str
    correlation: str
    cause: str
    recorded_at: Any


async def judge(arena: Arena, history: History, archive: Archive, poison: Sequence[Place]) -> Judged:
    """Compare everything, after all has settled. `poison`: where the trial has put what nobody can read."""
    journal = [
        Said(
            service, str(row["event_id"]), str(row["aggregate_id"]), row["version"], row["type"], row["actor"],
            str(row["correlation_id"]), str(row["causation_id"]), row["recorded_at"],
        )
        for service, _ in known.SAID
        for row in await arena.ask(service, "SELECT * FROM kit.journal")
    ]  # fmt: skip
    told = [each.subject for each in history.operations.values() if each.outcome == "ok" and each.subject]
    by_id = {said.event_id: (said.aggregate_id, said.version) for said in journal}
    judged = Judged(logs.compare(_entries(archive), by_id, told))
    judged.log.changed = [id_ for id_ in judged.log.changed if id_ not in persons.emptied(archive)]
    judged.operations, judged.unknown_tries = len(history.operations), history.unknown
    judged.acknowledged = sum(each.outcome == "ok" for each in history.operations.values())
    judged.claims = len(history.claims)
    judged.wrong += [f"an answer that nobody should get: {error}" for error in history.errors]
    await _log_that_stands(judged, arena, by_id)
    _commands(judged, history, journal)
    await _claims(judged, arena, history, journal, archive, poison)
    for reader in arena.readers:
        await _inbox(judged, arena, archive, reader)
    await _stopped(judged, arena)
    learners = studied.compare(history, archive)
    for findings in (following.compare(archive), learners, await persons.compare(arena, history, archive)):
        judged.lost, judged.doubled = judged.lost + findings.lost, judged.doubled + findings.doubled
        judged.reactions, judged.wrong = {**judged.reactions, **findings.seen}, judged.wrong + findings.wrong
    await _read_model(judged, arena, archive)
    await _aside(judged, arena, archive.poison(known.TOPIC))
    judged.lost += len(judged.log.lost) + len(judged.log.missing_effects)
    judged.doubled += len(judged.log.doubled)
    return judged


def _entries(archive: Archive) -> list[logs.Entry]:
    return [entry for _, topic in known.SAID for entry in archive.entries(topic)]


async def _log_that_stands(judged: Judged, arena: Arena, journal: Mapping[str, tuple[str, int]]) -> None:
    """Whoever reads the log from its beginning now hears all that the journal holds, in its order: however often it was lost."""
    log = Archive(arena.broker.bootstrap, tuple(topic for _, topic in known.SAID))
    await log.catch_up()
    stands = logs.compare(_entries(log), journal, ())
    judged.lost += len(set(stands.lost) - set(judged.log.lost))
    if stands.lost or stands.out_of_order:
        judged.wrong.append(
            f"the log that stands now lacks {len(stands.lost)} events of the journal, and tells {len(stands.out_of_order)} "
            "aggregates out of order"
        )


def _commands(judged: Judged, history: History, journal: Sequence[Said]) -> None:
    """Every acknowledged command is there once, with what its client was told; no refused one is; nobody sent another."""
    by_correlation: dict[str, list[Said]] = defaultdict(list)
    whose = {said.event_id: said.service for said in journal}
    for said in journal:
        if not _followed_elsewhere(said, whose):  # that has the correlation of its cause
            by_correlation[said.correlation].append(said)
    for each in history.operations.values():
        left = by_correlation[each.id]
        moments = {said.recorded_at for said in left}
        told = [said for said in left if (said.aggregate_id, said.version) == (each.subject, each.version)]
        if each.outcome == "ok" and each.subject and not told:
            judged.lost += 1
            judged.wrong.append(f"acknowledged and not in the journal: {each.what} as {each.subject} v{each.version}")
        if each.outcome == "refused" and left:
            judged.wrong.append(f"refused, and done all the same: {each.what}")
        if each.outcome == "open" and len(moments) > 1:
            judged.wrong.append(f"never answered, and done more than once: {each.what}")
        if len(moments) > 1:
            judged.doubled += 1
            judged.wrong.append(f"done {len(moments)} times: {each.what}")
    for said in journal:
        asked = said.actor.startswith((REACTING, "partner:")) or said.correlation in history.operations
        if asked or said.actor in BY_ITSELF:
            continue
        judged.wrong.append(f"nobody sent it: {said.type} of {said.actor}")


def _followed_elsewhere(said: Said, whose: Mapping[str, str]) -> bool:
    """Whether a service said it by itself because of what another had said; `whose`: the service of each event."""
    return said.actor.startswith(FOLLOWED) and whose.get(said.cause, said.service) != said.service


async def _claims(
    judged: Judged,
    arena: Arena,
    history: History,
    journal: Sequence[Said],
    archive: Archive,
    poison: Sequence[Place],
) -> None:
    """Every claim was accepted once and left its facts once; none was that a partner had taken back."""
    accepted: Counter[tuple[str, str]] = Counter()
    answered: dict[tuple[str, str], set[str]] = defaultdict(set)
    places: set[Place] = set()
    for partner in arena.stage.partners:
        seen = set()
        for record in archive.of(known.answers(partner)):
            if record.header("id") in seen:
                continue  # the same answer, sent twice
            seen.add(record.header("id"))
            claim = (partner, str(record.said.get("claim_id")))
            answered[claim].add(record.said["outcome"])
            if record.said["outcome"] == "refused":
                places.add((record.said["topic"], record.said["partition"], record.said["offset"]))
            accepted[claim] += record.said["outcome"] == "accepted"
    for claim, type_ in history.claims.items():
        if not answered[claim]:
            judged.lost += 1
            judged.wrong.append(f"a claim that nobody answered: {type_}")
        if accepted[claim] > 1:
            judged.doubled += 1
            judged.wrong.append(f"a claim that was accepted {accepted[claim]} times: {type_}")
    if silent := {place for place in poison if place[0] != known.TOPIC} - places:
        judged.wrong.append(f"{len(silent)} claims that nobody can read were not answered")
    stands = {record.get("id") for partner in arena.stage.partners for record in archive.of(known.claims(partner))}
    revived = {claim for claim in answered if claim[1] in history.aborted & stands}
    judged.revived = len(revived)
    for claim, outcomes in answered.items():
        if claim[1] in history.aborted and claim not in revived:
            judged.wrong.append(f"a claim of an aborted transaction was answered {', '.join(outcomes)}")
    rows = await arena.ask(known.WRITER.service, "SELECT partner, claim_id, event_id FROM kit.claimed")
    left = {str(row["event_id"]) for row in rows}
    events = {said.event_id for said in journal}
    missing = len(left - events)
    judged.lost += missing
    if missing:
        judged.wrong.append(f"{missing} facts that claims have left are not in the journal")
    known_claims = await arena.ask(known.WRITER.service, "SELECT partner, claim_id FROM kit.claim")
    bound = {(row["partner"], row["claim_id"]) for row in known_claims}
    for claim, count in accepted.items():
        if count and claim not in bound:
            judged.wrong.append("a claim was answered as accepted, and is not known")
    if strange := bound - set(history.claims) - history.possible - revived:
        judged.wrong.append(f"{len(strange)} claims are known that nobody sent")


async def _inbox(judged: Judged, arena: Arena, archive: Archive, reader: known.Reader) -> None:
    """The reader has marked every event of the log, and no other."""
    said = {record.header("id") for topic in reader.topics for record in archive.events(topic)}
    rows = await arena.ask(reader.service, "SELECT event_id FROM kit.inbox WHERE consumer = $1", reader.consumer)
    marked = {str(row["event_id"]) for row in rows}
    if unmarked := said - marked:
        judged.lost += len(unmarked)
        judged.wrong.append(f"{len(unmarked)} events of the log are not in the inbox of {reader.consumer}")
    discarded = (
        archive.planted()
    )  # by the operator: such an event is never to be applied, from whatever offset it comes
    if strange := marked - said - discarded:
        judged.wrong.append(f"{len(strange)} events are in the inbox of {reader.consumer} and not in the log")


async def _stopped(judged: Judged, arena: Arena) -> None:
    """Nobody waits for a person any more."""
    query = "SELECT consumer, topic, stopped_code FROM kit.position WHERE stopped_code IS NOT NULL"
    for service in sorted({known.WRITER.service, *(reader.service for reader in arena.readers)}):
        for row in await arena.ask(service, query):
            judged.wrong.append(f"{row['topic']} is stopped for {row['consumer']}: {row['stopped_code']}")


# -- the read model against a plain fold of the log -----------------------------------------------------------------------


async def _read_model(judged: Judged, arena: Arena, archive: Archive) -> None:
    facts = fold(list(archive.events(known.TOPIC)))
    wanted: dict[str, Counter[str]] = {}
    for topic, tables in known.TABLES.items():
        wanted |= {table: Counter() for table in tables.values()}
        for fact in fold(list(archive.events(topic))).values():
            if fact.name in tables:
                wanted[tables[fact.name]].update(fact.tellings)
    for table, tellings in wanted.items():
        rows = await arena.ask(known.REPORTING.service, f'SELECT event_id FROM "{arena.reader}".{table}')
        found = Counter(str(row["event_id"]) for row in rows)
        judged.log.doubled += [id_ for id_, count in found.items() if count > 1]
        if missing := tellings - found:
            judged.log.missing_effects += list(missing.elements())
            judged.wrong.append(f"{missing.total()} rows of {table} are missing: {', '.join(sorted(missing)[:5])}")
        if strange := found - tellings:
            judged.wrong.append(f"{len(strange)} rows of {table} tell what the log does not")
    await _placements(judged, arena, facts)
    await _figures(judged, arena, facts)


async def _placements(judged: Judged, arena: Arena, facts: Mapping[str, Fact]) -> None:
    """The rows of starts, field by field; of whom they are reporting keeps as nobody's, and yet tells one from another."""
    fields = ("vacancy_id", "engagement_id", "employer", "soc2020", "route", "new_to_system")
    starts = {id_: fact.said for id_, fact in facts.items() if fact.name == "candidate-placed" and not fact.taken_back}
    rows = await arena.ask(
        known.REPORTING.service,
        f'SELECT fact_id, occurred_on, person_id, {", ".join(fields)} FROM "{arena.reader}".placement WHERE standing',
    )
    wanted = {(id_, said["occurred_on"], *(str(said[name]) for name in fields)) for id_, said in starts.items()}
    found = {
        (str(row["fact_id"]), row["occurred_on"].isoformat(), *(str(row[name]) for name in fields)) for row in rows
    }
    if wanted != found:
        judged.wrong.append(f"{len(wanted ^ found)} starts differ between read model and log")
    stands = {
        (starts[fact_id]["person_id"], str(row["person_id"]))
        for row in rows
        if (fact_id := str(row["fact_id"])) in starts
    }
    if not len(stands) == len({person for person, _ in stands}) == len({kept for _, kept in stands}):
        judged.wrong.append("one person of the log is several in the read model, or several are one")
    if any(person == kept for person, kept in stands):
        judged.wrong.append("the read model holds a person's id")


def figures(facts: Mapping[str, Fact], today: date) -> dict[str, float | None]:
    """The figures that rest on starts, counted plainly: q6, q7's parts, q9."""
    starts: dict[str, tuple[str, str, Mapping[str, Any]]] = {}
    for id_, fact in facts.items():
        if fact.name == "candidate-placed" and not fact.taken_back and fact.said["occurred_on"] <= today.isoformat():
            this = (fact.said["occurred_on"], id_, fact.said)
            person = fact.said["person_id"]
            starts[person] = min(starts.get(person, this), this, key=lambda start: start[:2])
    first = [said for _, _, said in starts.values()]
    pipeline = [said for said in first if said["route"] == "talent-pipeline"]
    campaign = [said for said in first if said["route"] == "connecting-communities"]
    new = Counter(said["new_to_system"] for said in pipeline)
    return {
        "q6": len(pipeline),
        "q7 numerator": new["yes"],
        "q7 denominator": new["yes"] + new["no"],
        "q9": len(campaign),
    }


async def _figures(judged: Judged, arena: Arena, facts: Mapping[str, Fact]) -> None:
    async with httpx2.AsyncClient(base_url=arena.stage.url("reporting.api"), timeout=60) as client:
        token = arena.stage.token("board")
        answer = await client.get(
            "/figures", params={"profile": "internal_exact"}, headers={"Authorization": f"Bearer {token}"}
        )
    shown = {figure["id"]: figure for figure in answer.json()}
    found = {
        "q6": shown["q6"]["value"]["number"],
        "q7 numerator": shown["q7"]["numerator"]["number"],
        "q7 denominator": shown["q7"]["denominator"]["number"],
        "q9": shown["q9"]["value"]["number"],
    }
    judged.figures = figures(facts, date.fromisoformat(shown["q6"]["as_at"]))
    if found != judged.figures:
        judged.wrong.append(f"figures are {found}, the log says {judged.figures}")


# After a log was cut off below, an event may come before the one that it follows, which is said again later: it waits for it.
ASIDE = """
SELECT consumer, topic, partition, "offset" FROM kit.dead_letter WHERE NOT (kind = 'early' AND state = 'applied')
"""


async def _aside(judged: Judged, arena: Arena, wanted: Counter[Place]) -> None:
    """What was set aside is the poison, each once, and nothing else but what came early and was applied in its turn."""
    rows = await arena.ask(known.REPORTING.service, ASIDE)
    kept = Counter((row["topic"], row["partition"], row["offset"]) for row in rows)
    if missing := wanted - kept:
        judged.wrong.append(f"{missing.total()} records that nobody can read were not set aside")
    if strange := kept - wanted:
        judged.wrong.append(f"{strange.total()} records were set aside that are not poison")
    for reader in known.REACTING:  # who reads no payload finds less of it wrong
        rows = [row for row in await arena.ask(reader.service, ASIDE) if row["consumer"] == reader.consumer]
        if strange := Counter((row["topic"], row["partition"], row["offset"]) for row in rows) - wanted:
            judged.wrong.append(f"{strange.total()} records were set aside by {reader.consumer} that are not poison")


def defects(log: str) -> list[str]:
    """What processes have logged as a defect of ours, each place once."""
    found: Counter[str] = Counter()
    for line in log.splitlines():
        name, _, text = line.partition(" | ")
        if '"defect"' in text:
            try:
                logged = json.loads(text)
            except ValueError:
                continue
            if logged.get("event") == "defect":
                found[f"{name}: {logged.get('error')} at {logged.get('where')}"] += 1
    return [f"{count} x {what}" for what, count in found.items()]
