"""What a log says in the end: a plain fold, which shares no code with kit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .archive import Kept


@dataclass
class Fact:
    """What the log says of one fact in the end."""

    name: str
    said: Mapping[str, Any]
    tellings: set[str]
    taken_back: bool = False


def fold(events: Sequence[Kept]) -> dict[str, Fact]:
    """Facts by the id of the event that told them first, with what was said about them later; each event once."""
    facts: dict[str, Fact] = {}
    seen: set[str] = set()
    versions = sorted(events, key=lambda event: (event.header("subject"), int(event.header("sequence"))))
    for event in versions:
        id_, name = event.header("id"), event.name
        if id_ in seen:
            continue
        seen.add(id_)
        said = event.said
        match name:
            case "fact-voided":
                facts[said["fact_id"]].taken_back = True
            case "fact-restored":
                facts[said["fact_id"]].taken_back = False
            case "fact-corrected":
                fact = facts[said["fact_id"]]
                fact.said = said["replacement"]
                fact.tellings.add(id_)
            case _:
                facts[id_] = Fact(name, said, {id_})
    return facts
