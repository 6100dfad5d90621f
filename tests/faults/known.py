"""What the trial knows of services: the one place to add another.

From outside only: their processes, the fail-points that these pass, their topics, and what reporting makes of which event.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from city.stage import Part

ON_HTTP = ("http.before_commit", "http.after_commit")
IN_A_RELAY = ("relay.after_read", "relay.after_send", "relay.after_delete")
ON_THE_BUS = ("bus.before_move", "bus.before_commit", "bus.after_commit", "bus.before_ack", "bus.after_ack")


@dataclass(frozen=True)
class Target:
    """A kind of process that faults strike: how many of it run, and the fail-points that it passes."""

    part: Part
    process: str
    copies: int
    points: Sequence[str]
    hears: bool = False
    """Whether it is a member of a group on the bus."""

    @property
    def name(self) -> str:
        return f"{self.part.service}.{self.process}"

    def copy(self, number: int) -> str:
        """The name of one of its copies, from 1."""
        return self.name if number == 1 else f"{self.name}-{number}"


TALENT_PIPELINE = Part("talent-pipeline", ("api", "worker", "relay"))
PEOPLE = Part("people", ("api", "relay"))
LEARNING = Part("learning", ("api", "worker", "relay"))
MOBILITY = Part("mobility", ("api", "worker", "relay"))
REPORTING = Part("reporting", ("api", "projector"))
UNHURT = (
    (PEOPLE, "api"), (PEOPLE, "relay"), (LEARNING, "api"), (MOBILITY, "api"), (MOBILITY, "relay"), (REPORTING, "api"),
)  # fmt: skip
"""What runs beside the targets and is not struck: who gives out persons' ids, where learners learn, and who shows figures."""

TARGETS = (
    Target(TALENT_PIPELINE, "api", 2, ON_HTTP),
    Target(TALENT_PIPELINE, "worker", 2, ON_THE_BUS, hears=True),
    Target(TALENT_PIPELINE, "relay", 2, IN_A_RELAY),
    Target(LEARNING, "worker", 2, ON_THE_BUS, hears=True),
    Target(LEARNING, "relay", 2, IN_A_RELAY),
    Target(MOBILITY, "worker", 1, ON_THE_BUS, hears=True),
    Target(REPORTING, "projector", 3, ON_THE_BUS, hears=True),
)

WRITER = TALENT_PIPELINE
TOPIC = "talent-pipeline.events.v1"
LEARNED, LENT = "learning.events.v1", "mobility.events.v1"
WRITERS = (("talent-pipeline", TOPIC), ("learning", LEARNED), ("mobility", LENT))
"""Who says something because somebody asked for it, and where: the judge compares their journals with their logs."""
SAID = (*WRITERS, ("people", "people.events.v1"))
"""Who says what reporting hears in a trial."""


@dataclass(frozen=True)
class Reader:
    """Who reads facts: the service whose database keeps its positions, its name there, and the topics."""

    service: str
    consumer: str
    topics: Sequence[str]


REACTING = (
    Reader("learning", "learning.reactions", (TOPIC, LENT)), Reader("mobility", "mobility.reactions", (TOPIC, LEARNED)),
)  # fmt: skip
"""Who does something because of what another service has said."""

NAMESPACE = "uk.leeds.oneworkforce.talent-pipeline"
TABLES: Mapping[str, str] = {
    "campaign-planned": "campaign",
    "vacancy-drafted": "vacancy",
    "interest-registered": "interest",
    "candidate-triaged": "triage",
    "candidate-supported": "support",
    "application-submitted": "step",
    "application-shortlisted": "step",
    "values-interview-completed": "step",
    "values-pass-accepted": "step",
    "offer-made": "step",
    "candidate-cleared": "step",
    "start-date-agreed": "step",
    "placement-sustained": "step",
    "candidate-placed": "placement",
    "candidate-withdrew": "ending",
    "offer-declined": "ending",
    "candidate-not-appointed": "ending",
    "offer-withdrawn": "ending",
    "candidate-redirected": "ending",
    "placement-ended": "ending",
}
"""The table in which reporting keeps a fact, by the name of the event."""


def type_of(name: str) -> str:
    """`candidate-placed` as `ce_type` has it."""
    return f"{NAMESPACE}.{name}.v1"
