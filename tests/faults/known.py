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

    @property
    def names(self) -> list[str]:
        """The names of its copies."""
        return [self.copy(number) for number in range(1, self.copies + 1)]

    def copy(self, number: int) -> str:
        """The name of one of its copies, from 1."""
        return self.name if number == 1 else f"{self.name}-{number}"


TALENT_PIPELINE = Part("talent-pipeline", ("api", "worker", "relay"))
PEOPLE = Part("people", ("api", "worker", "relay"))
EQUALITY = Part("equality-monitoring", ("api", "worker", "relay"))
LEARNING = Part("learning", ("api", "worker", "relay"))
MOBILITY = Part("mobility", ("api", "worker", "relay"))
REPORTING = Part("reporting", ("api", "projector"))

HUB = Target(TALENT_PIPELINE, "api", 2, ON_HTTP)
REGISTRY = Target(PEOPLE, "api", 2, ON_HTTP)
MONITORING = Target(EQUALITY, "api", 1, ON_HTTP)
ACADEMY = Target(LEARNING, "api", 1, ON_HTTP)
LENDING = Target(MOBILITY, "api", 1, ON_HTTP)
SHOWING = Target(REPORTING, "api", 2, ())
COUNTING = Target(REPORTING, "projector", 3, ON_THE_BUS, hears=True)
TARGETS = (
    HUB,
    Target(TALENT_PIPELINE, "worker", 2, ON_THE_BUS, hears=True),
    Target(TALENT_PIPELINE, "relay", 2, IN_A_RELAY),
    REGISTRY,
    Target(PEOPLE, "worker", 1, ON_THE_BUS, hears=True),
    Target(PEOPLE, "relay", 2, IN_A_RELAY),
    MONITORING,
    Target(EQUALITY, "worker", 1, ON_THE_BUS, hears=True),
    Target(EQUALITY, "relay", 2, IN_A_RELAY),
    ACADEMY,
    Target(LEARNING, "worker", 2, ON_THE_BUS, hears=True),
    Target(LEARNING, "relay", 2, IN_A_RELAY),
    LENDING,
    Target(MOBILITY, "worker", 1, ON_THE_BUS, hears=True),
    Target(MOBILITY, "relay", 2, IN_A_RELAY),
    COUNTING,
    SHOWING,
)

WRITER = TALENT_PIPELINE
TOPIC = "talent-pipeline.events.v1"
LEARNED, LENT, WHO = "learning.events.v1", "mobility.events.v1", "people.events.v1"
DECLARED = "equality-monitoring.restricted.v1"
SAID = (
    ("talent-pipeline", TOPIC), ("learning", LEARNED), ("mobility", LENT), ("people", WHO), ("equality-monitoring", DECLARED),
)  # fmt: skip
"""Who says something, and where: the judge compares their journals with their logs, and reporting hears all of them."""


def claims(partner: str) -> str:
    """Where a partner says something to the writer."""
    return f"partner.{partner}.{WRITER.service}.v1"


def answers(partner: str) -> str:
    """Where a partner is answered."""
    return f"partner.{partner}.answers.v1"


@dataclass(frozen=True)
class Reader:
    """Who reads facts: the service whose database keeps its positions, its name there, and the topics."""

    service: str
    consumer: str
    topics: Sequence[str]


REACTING = (
    Reader("learning", "learning.reactions", (TOPIC, LENT)),
    Reader("mobility", "mobility.reactions", (TOPIC, LEARNED)),
    Reader("people", "people.messages", (TOPIC, LEARNED, LENT)),
    Reader("people", "people.resting", (TOPIC, LEARNED, LENT)),
    *(
        Reader(name, f"{name}.people", (WHO,))
        for name in ("talent-pipeline", "equality-monitoring", "learning", "mobility")
    ),
)
"""Who does something because of what another service has said."""

NAMESPACE = "uk.leeds.oneworkforce.talent-pipeline"
OF_CANDIDATES: Mapping[str, str] = {
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
OF_LEARNERS: Mapping[str, str] = {
    "learner-enrolled": "enrolment",
    "learning-completed": "enrolment",
    "learner-booked": "asked_place",
    "learner-waitlisted": "asked_place",
    "learner-attended": "attendance",
    "course-completed": "course_outcome",
    "course-partly-completed": "course_outcome",
    "course-not-attended": "course_outcome",
    "course-evaluated": "evaluation",
    "use-reported": "use_report",
    "pathway-begun": "placement_step",
    "placement-completed": "placement_step",
    "pathway-ended": "placement_step",
    "placement-hours-logged": "placement_hours",
    "apprenticeship-agreed": "apprentice_step",
    "apprenticeship-begun": "apprentice_step",
    "apprenticeship-paused": "apprentice_step",
    "apprenticeship-resumed": "apprentice_step",
    "apprentice-employer-changed": "apprentice_step",
    "gateway-reached": "apprentice_step",
    "assessment-begun": "apprentice_step",
    "assessment-failed": "apprentice_step",
    "apprenticeship-completed": "apprentice_step",
    "apprenticeship-stopped": "apprentice_step",
    "off-the-job-hours-logged": "off_the_job",
}
TABLES: Mapping[str, Mapping[str, str]] = {TOPIC: OF_CANDIDATES, LEARNED: OF_LEARNERS}
"""By topic: the table in which reporting keeps a fact, by the name of the event. No table is of two topics."""


def type_of(name: str) -> str:
    """`candidate-placed` as `ce_type` has it."""
    return f"{NAMESPACE}.{name}.v1"
