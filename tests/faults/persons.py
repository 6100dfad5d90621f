"""What is known of persons in the end: everybody registered once, told of their offer once, and what they declared as they left it.

From logs and tables alone. No code of kit.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from . import known
from .archive import Archive
from .arena import Arena
from .folding import fold
from .following import Findings
from .history import History

MESSAGES = "SELECT fact_id, state FROM message"
DECLARATIONS = "SELECT person_id, monitoring_id, version, declaration ->> 'ethnic_category' AS category FROM monitoring"
LEFT_IN_JOURNAL = """
SELECT count(*) FROM kit.journal WHERE aggregate_id = any($1::uuid[])
AND convert_from(payload, 'UTF8')::jsonb -> 'declaration' ? 'ethnic_category'
"""


@dataclass(frozen=True)
class Stands:
    """A declaration as the service holds it."""

    person: str
    monitoring: str
    category: str | None


async def compare(arena: Arena, history: History, archive: Archive) -> Findings:
    found = Findings()
    open_ = {each.id for each in history.operations.values() if each.outcome == "open"}
    registered(found, history.registered, archive, open_)
    messages = await arena.ask(known.PEOPLE.service, MESSAGES)
    told(found, {str(row["fact_id"]): row["state"] for row in messages}, archive)
    rows = await arena.ask(known.EQUALITY.service, DECLARATIONS)
    stand = [Stands(str(row["person_id"]), str(row["monitoring_id"]), row["category"]) for row in rows]
    read = f'SELECT monitoring_id, ethnic_category FROM "{arena.reader}".declaration'
    counted = await arena.ask(known.REPORTING.service, read)
    read_model = {str(row["monitoring_id"]): row["ethnic_category"] for row in counted}
    declared(found, history.declared, stand, read_model, history.declaring)
    withdrawn = [each.monitoring for each in stand if each.category is None]
    if left := await arena.count(known.EQUALITY.service, LEFT_IN_JOURNAL, withdrawn):
        found.wrong.append(f"{left} lines of the journal still say what was withdrawn")
    return found


def emptied(archive: Archive) -> set[str]:
    """Events that may stand in the log with two contents: what was withdrawn is taken out of what is sent again."""
    events = list(archive.events(known.DECLARED))
    withdrawn = {event.header("subject") for event in events if event.name == "monitoring-withdrawn"}
    return {event.header("id") for event in events if event.header("subject") in withdrawn}


def registered(found: Findings, given: Collection[str], archive: Archive, unanswered: Collection[str] = ()) -> None:
    """Whoever was given an id is registered under it once, and nobody else is but whose registration nobody answered."""
    once = {event.header("id"): event for event in archive.events(known.WHO) if event.name == "person-registered"}
    counts = Counter(event.header("subject") for event in once.values())
    asked = {event.header("subject") for event in once.values() if event.get("correlationid") in unanswered}
    for id_ in set(given) - counts.keys():
        found.missing(f"somebody was given an id and is not registered: {id_}")
    for id_, count in counts.items():
        if count > 1:
            found.twice(f"somebody is registered {count} times: {id_}")
        if id_ not in given and id_ not in asked:
            found.wrong.append(f"somebody is registered whose id nobody was given: {id_}")
    found.seen["persons registered"] = counts.total()


def told(found: Findings, messages: Mapping[str, str], archive: Archive) -> None:
    """Of every offer its person is told: a message, here by the id of the fact, is sent unless something is against it."""
    offers = {id_ for id_, fact in fold(list(archive.events(known.TOPIC))).items() if fact.name == "offer-made"}
    for id_ in offers - messages.keys():
        found.missing(f"an offer of which nobody is told: {id_}")
    for id_, state in messages.items():
        if state not in {"sent", "held"}:
            found.wrong.append(f"a message is {state}: of {id_}")
    found.seen["messages sent"] = list(messages.values()).count("sent")


def declared(
    found: Findings,
    said: Mapping[str, str | None],
    stand: Sequence[Stands],
    counted: Mapping[str, str | None],
    declaring: Collection[str] = (),
) -> None:
    """What somebody declared last stands, in the service and in the read model (by monitoring id). Of who was still declaring
    when the trial ended anything may stand."""
    of_whom = {each.person: each.category for each in stand}
    for person, category in said.items():
        if person in declaring:
            continue
        if person not in of_whom or of_whom[person] != category:
            found.missing(f"what somebody declared is not what stands: {person}")
    if strange := of_whom.keys() - said.keys() - set(declaring):
        found.wrong.append(f"{len(strange)} declarations are there of people who declared nothing")
    if counted != {each.monitoring: each.category for each in stand}:
        found.wrong.append("what is counted of declarations is not what stands")
    found.seen["declarations"] = len(stand)
    found.seen["declarations withdrawn"] = sum(each.category is None for each in stand)
