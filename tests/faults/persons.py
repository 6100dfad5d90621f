"""What is known of persons in the end: everybody registered once, told of their offer once, and what they declared as they left it.

From logs and tables alone. No code of kit.
"""

from collections import Counter

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


async def compare(arena: Arena, history: History, archive: Archive) -> Findings:
    found = Findings()
    _registered(found, history, archive)
    await _told(found, arena, archive)
    await _declared(found, arena, history)
    return found


def emptied(archive: Archive) -> set[str]:
    """Events that may stand in the log with two contents: what was withdrawn is taken out of what is sent again."""
    events = list(archive.events(known.DECLARED))
    withdrawn = {event.header("subject") for event in events if event.name == "monitoring-withdrawn"}
    return {event.header("id") for event in events if event.header("subject") in withdrawn}


def _registered(found: Findings, history: History, archive: Archive) -> None:
    """Whoever was given an id is registered under it once, and nobody else is."""
    once = {event.header("id"): event for event in archive.events(known.WHO) if event.name == "person-registered"}
    registered = Counter(event.header("subject") for event in once.values())
    for id_ in history.registered - registered.keys():
        found.missing(f"somebody was given an id and is not registered: {id_}")
    for id_, count in registered.items():
        if count > 1:
            found.twice(f"somebody is registered {count} times: {id_}")
        if id_ not in history.registered:
            found.wrong.append(f"somebody is registered whose id nobody was given: {id_}")
    found.seen["persons registered"] = registered.total()


async def _told(found: Findings, arena: Arena, archive: Archive) -> None:
    """Of every offer its person is told once: there is one message, and it has gone out unless something stands against it."""
    offers = {id_ for id_, fact in fold(list(archive.events(known.TOPIC))).items() if fact.name == "offer-made"}
    messages = {str(row["fact_id"]): row["state"] for row in await arena.ask(known.PEOPLE.service, MESSAGES)}
    for id_ in offers - messages.keys():
        found.missing(f"an offer of which nobody is told: {id_}")
    for id_, state in messages.items():
        if state not in {"sent", "held"}:
            found.wrong.append(f"a message is {state}: of {id_}")
    found.seen["messages sent"] = list(messages.values()).count("sent")


async def _declared(found: Findings, arena: Arena, history: History) -> None:
    """What somebody declared last stands, in the service and in the read model; of what was withdrawn nothing is left."""
    rows = await arena.ask(known.EQUALITY.service, DECLARATIONS)
    stands = {str(row["person_id"]): row["category"] for row in rows}
    for person, category in history.declared.items():
        if stands.get(person) != category:
            found.missing(f"what somebody declared is not what stands: {person}")
    if strange := stands.keys() - history.declared.keys():
        found.wrong.append(f"{len(strange)} declarations are there of people who declared nothing")
    wanted = {str(row["monitoring_id"]): row["category"] for row in rows}
    read = f'SELECT monitoring_id, ethnic_category FROM "{arena.reader}".declaration'
    counted = await arena.ask(known.REPORTING.service, read)
    if wanted != {str(row["monitoring_id"]): row["ethnic_category"] for row in counted}:
        found.wrong.append("what is counted of declarations is not what stands")
    withdrawn = [row["monitoring_id"] for row in rows if row["category"] is None]
    if left := await arena.count(known.EQUALITY.service, LEFT_IN_JOURNAL, withdrawn):
        found.wrong.append(f"{left} lines of the journal still say what was withdrawn")
    found.seen["declarations"], found.seen["declarations withdrawn"] = len(rows), len(withdrawn)
