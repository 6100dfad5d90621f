"""Builders for tests: a city's log, fact by fact, as the relays of its services would have written it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from kit import positions
from kit.database import Database
from kit.ids import new_event_id, new_id
from kit.testing.records import TestRecord, envelope_of, record_of
from reporting import contract
from reporting.projector import projector
from reporting.settings import ReportingSettings
from schemas import equality_monitoring as em
from schemas import learning as le
from schemas import mobility as mob
from schemas import people as pe
from schemas import talent_pipeline as tp
from schemas.envelope import events_topic
from schemas.fact import Fact
from schemas.values import Sector

DAY = date(2026, 1, 5)
EMPLOYER = "leeds-teaching-hospitals"
SOC = "6131"
COURSE = UUID(int=77)
PARTITIONS = 4
CONSUMER = f"reporting.{contract.PROJECTION}.1"
"""The first version of the projection."""
FRAMEWORK = UUID("00000000-0000-4000-8000-00000000f000")
SAYS: dict[str, Any] = {tp.SERVICE: tp, le.SERVICE: le, mob.SERVICE: mob}
"""Where each service's corrections stand."""


class Feed:
    """The projector, fed with records by hand as the bus would feed it: a transaction and a position a batch.

    `consumer`: the version, whose tables the database sees.
    """

    def __init__(self, database: Database, settings: ReportingSettings, consumer: str = CONSUMER) -> None:
        self._database, self._reader, self._consumer = database, projector(settings, consumer), consumer

    async def __call__(self, records: Iterable[TestRecord], batch: int = 500) -> None:
        """Feed these records, partition after partition, each in its order."""
        ordered = sorted(records, key=lambda record: (record.topic, record.partition, record.offset))
        for _, group in groupby(ordered, key=lambda record: (record.topic, record.partition)):
            own = list(group)
            for first in range(0, len(own), batch):
                await self.batch(own[first : first + batch])

    async def batch(self, records: Sequence[TestRecord]) -> None:
        """Feed one batch of one partition."""
        topic, partition = records[0].topic, records[0].partition
        async with self._database.transaction() as tx:
            await positions.open_place(tx, self._consumer, topic, partition, f"id-of-{topic}", 0)
            place = await positions.lock(tx, self._consumer, topic, partition)
            await self._reader.read(tx, place, records)
            await positions.move(tx, place, records[-1].offset + 1)


@dataclass
class City:
    """A log that grows: each fact gets the next version of its aggregate and the next offset of its partition."""

    records: list[TestRecord] = field(default_factory=list)
    said: dict[UUID, list[tuple[UUID, Fact]]] = field(default_factory=lambda: defaultdict(list))
    """By aggregate: what was said of it, corrections included."""
    _ends: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))

    def say(self, fact: Fact, subject: UUID | None = None, event_id: UUID | None = None) -> UUID:
        """Append a fact; the id of its event."""
        subject, event_id = subject or new_id(), event_id or new_event_id()
        self.said[subject].append((event_id, fact))
        topic = contract.EQUALITY_MONITORING if isinstance(fact, em.Monitored) else events_topic(fact.SERVICE)
        moment = datetime(2026, 3, 1, 9, tzinfo=UTC) + timedelta(seconds=len(self.records))
        envelope = envelope_of(fact, subject, len(self.said[subject]), moment, event_id)
        self._append(record_of(fact, envelope, topic=topic, partition=subject.int % PARTITIONS))
        return event_id

    def tombstone(self, monitoring_id: UUID) -> None:
        key = str(monitoring_id).encode()
        self._append(TestRecord(contract.EQUALITY_MONITORING, monitoring_id.int % PARTITIONS, 0, key, None))

    def again(self, record: TestRecord) -> None:
        """The same record at a later offset: what a relay that sends twice leaves behind."""
        self._append(record)

    def _append(self, record: TestRecord) -> None:
        place = (record.topic, record.partition)
        self.records.append(record.at(self._ends[place]))
        self._ends[place] += 1

    # -- stories -------------------------------------------------------------------------------------------------------

    def campaign(self, name: str = "Lincoln Green") -> UUID:
        campaign = new_id()
        area = tp.Area(lsoa="E01011365", ward="E05011397", imd_rank=12, imd_vintage=2019)
        planned = tp.CampaignPlanned(
            name=name, areas=(area,), channels=("leaflet",), employers=(EMPLOYER,), opens_on=DAY, closes_on=DAY,
            occurred_on=DAY,
        )  # fmt: skip
        self.say(planned, campaign)
        return campaign

    def interest(self, person: UUID, **given: Any) -> UUID:
        """Interest registered; the engagement's id."""
        engagement = new_id()
        self.say(interest(person, **given), engagement)
        return engagement

    def start(self, person: UUID, **given: Any) -> UUID:
        """A start; the id of the event."""
        return self.say(placed(person, **given), given.get("candidacy"))

    def declare(self, person: UUID, category: str | None) -> UUID:
        """A declaration of an ethnic category; the monitoring id."""
        monitoring = new_id()
        self.say(
            em.MonitoringDeclared(person_id=person, occurred_on=DAY, declaration=declaration(category)), monitoring
        )
        return monitoring

    def signed(self, organisation: str, day: date, in_force_from: date | None = None, **given: Any) -> UUID:
        """An organisation that was invited and signed, in force from a day on; the id of its signature."""
        signature = new_id()
        self.say(signatory(mob.OrganisationInvited, organisation, day, **given), signature)
        terms = {"version": 1, "signed_by": "chief-executive", "in_force_from": in_force_from or day, "notice_days": 90}
        self.say(signatory(mob.OrganisationSigned, organisation, day, **given, **terms), signature)
        return signature

    def link(self, person: UUID, same_as: UUID) -> UUID:
        """Two ids are one person."""
        return self.say(pe.PersonLinked(same_as=same_as, occurred_on=DAY, reason=pe.LinkReason.SAME_CONTACT), person)

    def erase(self, person: UUID) -> UUID:
        """Somebody was erased."""
        return self.say(pe.PersonErased(occurred_on=DAY), person)

    def unlink(self, person: UUID, same_as: UUID) -> UUID:
        return self.say(pe.PersonUnlinked(same_as=same_as, occurred_on=DAY, reason=pe.UnlinkReason.MISTAKEN), person)

    def came(self, person: UUID, cohort: UUID, **given: Any) -> UUID:
        """A learner came to a session of a cohort; the id of the event."""
        return self.say(attended(person, **given), cohort)

    def correct(self, subject: UUID, fact_id: UUID, better: Fact) -> UUID:
        replacement = json.loads(better.write())
        kind = SAYS[better.SERVICE].FactCorrected
        correction = kind(fact_id=fact_id, fact_type=better.TYPE, replacement=replacement, reason="mistyped")
        return self.say(correction, subject)

    def void(self, subject: UUID, fact_id: UUID, kind: type[Fact] = tp.CandidatePlaced) -> UUID:
        voided = SAYS[kind.SERVICE].FactVoided
        return self.say(voided(fact_id=fact_id, fact_type=kind.TYPE, reason="did-not-happen"), subject)

    def restore(self, subject: UUID, fact_id: UUID, kind: type[Fact] = tp.CandidatePlaced) -> UUID:
        restored = SAYS[kind.SERVICE].FactRestored
        return self.say(restored(fact_id=fact_id, fact_type=kind.TYPE, reason="did-happen"), subject)


def signatory(kind: type[Fact], organisation: str, day: date, **given: Any) -> Fact:
    """Something that was said of an organisation's signature."""
    fields: dict[str, Any] = {
        "framework_id": FRAMEWORK, "organisation": organisation, "sector": Sector.THIRD_SECTOR, "statutory": False,
        "occurred_on": day,
    } | given  # fmt: skip
    return kind(**fields)


def interest(person: UUID, **given: Any) -> tp.InterestRegistered:
    fields: dict[str, Any] = {
        "person_id": person, "route": tp.Route.TALENT_PIPELINE, "source": tp.Source.DIRECT, "channel": "website",
        "employment_status": tp.EmploymentStatus.EMPLOYED, "occurred_on": DAY,
    } | given  # fmt: skip
    return tp.InterestRegistered(**fields)


def placed(person: UUID, **given: Any) -> tp.CandidatePlaced:
    fields: dict[str, Any] = {
        "person_id": person, "vacancy_id": new_id(), "employer": EMPLOYER, "soc2020": SOC,
        "route": tp.Route.TALENT_PIPELINE, "engagement_id": new_id(), "source": tp.Source.DIRECT, "weekly_hours": 37.5,
        "employment_status": tp.EmploymentStatus.EMPLOYED, "prior_employment": tp.PriorEmployment.OTHER_SECTOR,
        "new_to_system": tp.NewToSystem.YES, "occurred_on": DAY,
    } | given  # fmt: skip
    return tp.CandidatePlaced(**{name: value for name, value in fields.items() if name != "candidacy"})


def attended(person: UUID, kind: type[Fact] = le.LearnerAttended, **given: Any) -> Fact:
    """A learner's place in a cohort: that they came, or another fact of it."""
    fields: dict[str, Any] = {
        "booking_id": new_id(), "person_id": person, "organisation": EMPLOYER,
        "sector": Sector.NHS_TRUST, "learner_kind": le.LearnerKind.WORKFORCE, "course_id": COURSE,
        "category": le.Category.BETTER_CONVERSATIONS, "programme": le.Programme.SHORT_COURSE, "occurred_on": DAY,
    } | ({"walk_in": False} if kind is le.LearnerAttended else {}) | given  # fmt: skip
    return kind(**fields)


def journey(kind: type[Fact], person: UUID, day: date, **given: Any) -> Fact:
    """A step of a candidacy."""
    fields: dict[str, Any] = {
        "person_id": person, "vacancy_id": new_id(), "employer": EMPLOYER, "soc2020": SOC,
        "route": tp.Route.TALENT_PIPELINE, "occurred_on": day,
    } | given  # fmt: skip
    return kind(**fields)


def applied(person: UUID, day: date, **given: Any) -> Fact:
    return journey(
        tp.ApplicationSubmitted, person, day, engagement_id=new_id(), source=tp.Source.DIRECT,
        employment_status=tp.EmploymentStatus.EMPLOYED, weekly_hours=37.5, regulated=False, accepts_values_pass=True,
        checks=(), **given,
    )  # fmt: skip


def declaration(category: str | None) -> em.Declaration:
    return em.Declaration(ethnic_category=em.EthnicCategory(category) if category else None)
