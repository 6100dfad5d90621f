"""What is kept: each aggregate as a row (kit.aggregates), and what is found otherwise than by id. Statements are constants."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kit.aggregates import Aggregates, Kept, Row
from kit.corrections import Corrections
from kit.database import Connection
from kit.persons import Persons, all_with
from mobility.domain import (
    booking,
    checks,
    deployment,
    everywhere,
    framework,
    lasting,
    move,
    need,
    passport,
    requirement,
    signature,
    statement,
)
from mobility.domain.deployment import Deployment
from mobility.domain.everywhere import Stop
from mobility.domain.need import Need
from mobility.domain.passport import Passport
from mobility.domain.requirement import Requirement
from mobility.domain.signature import Signature
from mobility.domain.statement import Statement
from mobility.domain.working_time import REFERENCE
from mobility.retention import SCHEDULE
from schemas.mobility import (
    AnswerOverdue,
    AnswerSettled,
    CheckExpiring,
    CheckNotRequired,
    CheckOverdue,
    CheckRecorded,
    CoreSkill,
    DeploymentCompleted,
    DeploymentProposed,
    DeploymentShortened,
    ExtensionLapsed,
    FactCorrected,
    FactRestored,
    FactVoided,
    FrameworkExpired,
    LimitEnding,
    NeedRaised,
    OrganisationWithdrew,
    PassportClosed,
    PassportReopened,
    RecordLetGo,
    SignatureLapsed,
    StatementOverdue,
    TrainingExpiring,
    TrainingOverdue,
    TrainingRecorded,
    TrainingWaived,
    WaiverWithdrawn,
    WorkLimit,
)
from schemas.values import Part

# Signatures ------------------------------------------------------------------------------------------------------------

SIGNATURES_OF = (
    "SELECT id, turn, version, body FROM signature WHERE framework_id = $1 AND status <> 'voided' ORDER BY id"
)


async def signatures_of(tx: Connection, framework_id: UUID) -> Sequence[Row[Signature]]:
    """Every signature of a framework that this transaction sees, in the order in which several are locked."""
    return [
        Row(row["id"], row["version"], Signature.model_validate_json(row["body"]), row["turn"])
        for row in await tx.fetch(SIGNATURES_OF, framework_id)
    ]


SIGNATURES_BY = """
SELECT signature.body, kit.day_of(framework.body ->> 'expires_on') AS expires_on
FROM signature JOIN framework ON framework.id = framework_id
WHERE organisation = $1 AND signature.status <> 'voided' ORDER BY signature.id
"""


async def signatures_by(tx: Connection, organisation: str) -> tuple[Signature, ...]:
    """What an organisation signed, whichever framework; in force no longer than each of those."""
    rows = await tx.fetch(SIGNATURES_BY, organisation)
    return tuple(Signature.model_validate_json(row["body"]).bounded_by(row["expires_on"]) for row in rows)


EVERY_SIGNATURE = """
SELECT organisation, signature.body, kit.day_of(framework.body ->> 'expires_on') AS expires_on
FROM signature JOIN framework ON framework.id = framework_id WHERE signature.status <> 'voided'
"""


async def in_force_on(tx: Connection, day: date) -> set[str]:
    """Every organisation that is in force on a day, under whichever framework."""
    rows = await tx.fetch(EVERY_SIGNATURE)
    return {
        row["organisation"]
        for row in rows
        if Signature.model_validate_json(row["body"]).bounded_by(row["expires_on"]).in_force(day)
    }


# Needs -----------------------------------------------------------------------------------------------------------------

NEEDS_UNDER_WAY = "SELECT id, body FROM need WHERE status IN ('raised', 'released', 'filled') ORDER BY id"


async def needs_under_way(tx: Connection) -> list[tuple[UUID, Need]]:
    """The needs that are neither closed nor withdrawn, whether they have free places or not."""
    return [(row["id"], Need.model_validate_json(row["body"])) for row in await tx.fetch(NEEDS_UNDER_WAY)]


RELEASED_NEEDS = """
SELECT id FROM need WHERE organisation = $1 AND status = 'released' AND kit.day_of(body ->> 'ends_on') > $2 ORDER BY id
"""


async def released_needs(tx: Connection, organisation: str, after: date = date.min) -> list[UUID]:
    """An organisation's needs for which partners are asked, and which go on after a day."""
    return [row["id"] for row in await tx.fetch(RELEASED_NEEDS, organisation, after)]


# Moves -----------------------------------------------------------------------------------------------------------------

ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))"
BOOKED_OF = """
SELECT body FROM deployment
WHERE person_id = ANY($1::uuid[]) AND id <> $2 AND body ->> 'booked' = 'true'
    AND kit.day_of(coalesce(body ->> 'booked_until', body ->> 'last_day')) >= $3
"""
MOVES_OF = """
SELECT id, turn, version, body FROM deployment
WHERE (home = $1 OR host = $1) AND status = ANY($2) AND kit.day_of(body ->> 'last_day') > $3 ORDER BY id
"""
LIVE_MOVES = "SELECT body FROM deployment WHERE status = ANY($1)"
LIVE_OF = (
    "SELECT id, turn, version, body FROM deployment WHERE person_id = ANY($1::uuid[]) AND status = ANY($2) ORDER BY id"
)
MOVES_TO = """
SELECT id, EXISTS (SELECT FROM kit.journal WHERE event_id = $3 AND aggregate_id = id) AS caused FROM deployment
WHERE person_id = ANY($1::uuid[]) AND host = $2 AND status = 'active' ORDER BY id
"""
EVERY_MOVE_OF = """
SELECT id, body FROM deployment WHERE person_id = ANY($1::uuid[]) AND status <> 'voided' ORDER BY turn DESC
"""
MOVES_FOR = "SELECT id FROM deployment WHERE need_id = $1 AND status = ANY($2) ORDER BY id"
PROPOSALS_FOR = "SELECT id, body FROM deployment WHERE need_id = $1 AND status = 'proposed'"
LIVE = [status.value for status in move.LIVE]


async def one_at_a_time(tx: Connection, whose: UUID | str) -> None:
    """Of those who book a person's time, or write in a statement, each waits for the one before, until its transaction ends."""
    await tx.execute(ONE_AT_A_TIME, str(whose))


async def booked_of(tx: Connection, ids: Sequence[UUID], but: UUID, beside: Deployment) -> tuple[Deployment, ...]:
    """A person's moves whose time is or was booked, but this one; those that ended before its hours are averaged are not asked."""
    rows = await tx.fetch(BOOKED_OF, ids, but, beside.starts_on - timedelta(days=REFERENCE))
    return tuple(Deployment.model_validate_json(row["body"]) for row in rows)


async def live_of(tx: Connection, ids: Sequence[UUID]) -> list[Row[Deployment]]:
    """A person's live moves that this transaction sees, in the order in which several are locked."""
    return [
        Row(row["id"], row["version"], Deployment.model_validate_json(row["body"]), row["turn"])
        for row in await tx.fetch(LIVE_OF, ids, LIVE)
    ]


async def moves_to(tx: Connection, ids: Sequence[UUID], host: str, cause: UUID | None) -> list[tuple[UUID, bool]]:
    """A person's moves to a host that are under way, and of each whether an event is one of its own."""
    return [(row["id"], row["caused"]) for row in await tx.fetch(MOVES_TO, ids, host, cause)]


async def moves_of_person(tx: Connection, ids: Sequence[UUID]) -> list[tuple[UUID, Deployment]]:
    """Every move of a person, the last proposed first."""
    rows = await tx.fetch(EVERY_MOVE_OF, ids)
    return [(row["id"], Deployment.model_validate_json(row["body"])) for row in rows]


RELYING_ON = """
SELECT id, turn, version, body FROM deployment
WHERE person_id = ANY($1::uuid[]) AND status = ANY($2) AND jsonb_array_length(body -> 'checks') > 0 ORDER BY id
"""


async def live_moves(tx: Connection) -> list[Deployment]:
    """Every move that has not ended."""
    return [Deployment.model_validate_json(row["body"]) for row in await tx.fetch(LIVE_MOVES, LIVE)]


RELYING_AT = """
SELECT id, turn, version, body FROM deployment
WHERE host = $1 AND body ->> 'soc2020' = $2 AND status = ANY($3) AND jsonb_array_length(body -> 'checks') > 0 ORDER BY id
"""


async def relying_at(tx: Connection, host: str, soc2020: str) -> list[Row[Deployment]]:
    """The live moves to a host in a kind of work of which checks were verified, in the order in which several are locked."""
    return [
        Row(row["id"], row["version"], Deployment.model_validate_json(row["body"]), row["turn"])
        for row in await tx.fetch(RELYING_AT, host, soc2020, LIVE)
    ]


async def relying_on(tx: Connection, ids: Sequence[UUID], employer: str) -> list[Row[Deployment]]:
    """A person's live moves for which this employer verified checks, in the order in which several are locked."""
    rows = [
        Row(row["id"], row["version"], Deployment.model_validate_json(row["body"]), row["turn"])
        for row in await tx.fetch(RELYING_ON, ids, LIVE)
    ]
    return [row for row in rows if row.standing.employer == employer]


async def moves_of(tx: Connection, organisation: str, after: date) -> list[Row[Deployment]]:
    """The live moves from or to an organisation that go on after a day, in the order in which several are locked."""
    return [
        Row(row["id"], row["version"], Deployment.model_validate_json(row["body"]), row["turn"])
        for row in await tx.fetch(MOVES_OF, organisation, LIVE, after)
    ]


async def proposals_for(tx: Connection, need_id: UUID) -> list[tuple[UUID, Deployment]]:
    """Who is put forward for a need, and nobody took up yet."""
    rows = await tx.fetch(PROPOSALS_FOR, need_id)
    return [(row["id"], Deployment.model_validate_json(row["body"])) for row in rows]


async def moves_for(tx: Connection, need_id: UUID) -> list[UUID]:
    """The live moves for a need."""
    return [row["id"] for row in await tx.fetch(MOVES_FOR, need_id, LIVE)]


STANDING_REQUIREMENTS = "SELECT body FROM requirement WHERE status = 'standing'"
REQUIREMENT_OF = "SELECT body FROM requirement WHERE organisation = $1 AND soc2020 = $2 AND status = 'standing'"


async def standing_requirements(tx: Connection) -> list[Requirement]:
    """What every host asks for, of every kind of work."""
    return [Requirement.model_validate_json(row["body"]) for row in await tx.fetch(STANDING_REQUIREMENTS)]


async def requirement_of(tx: Connection, host: str, soc2020: str) -> Requirement | None:
    """What a host asks for a kind of work; None where it asks for nothing in particular."""
    body: str | None = await tx.fetchval(REQUIREMENT_OF, host, soc2020)
    return None if body is None else Requirement.model_validate_json(body)


KEEP_PACK = """
INSERT INTO first_day_pack (deployment_id, contact, shift, access, parking) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (deployment_id) DO UPDATE SET
    contact = excluded.contact, shift = excluded.shift, access = excluded.access, parking = excluded.parking
"""
PACK_OF = "SELECT contact, shift, access, parking FROM first_day_pack WHERE deployment_id = $1"
FORGET_PACK = "DELETE FROM first_day_pack WHERE deployment_id = $1"


async def keep_pack(tx: Connection, id_: UUID, pack: Mapping[str, str]) -> None:
    await tx.execute(KEEP_PACK, id_, pack["contact"], pack["shift"], pack["access"], pack["parking"])


async def pack_of(tx: Connection, id_: UUID) -> dict[str, str] | None:
    """What the mover was told about the first day; None before, and when the move has ended."""
    row = await tx.fetchrow(PACK_OF, id_)
    return None if row is None else dict(row)


async def forget_pack(tx: Connection, id_: UUID) -> None:
    await tx.execute(FORGET_PACK, id_)


# Statements ------------------------------------------------------------------------------------------------------------

STATEMENTS_OF = """
SELECT id, body FROM statement WHERE home = $1 AND host = $2 AND month = $3 AND status <> 'voided' ORDER BY turn
"""


HAS_HOURS = """
SELECT EXISTS (
    SELECT FROM statement, jsonb_array_elements(body -> 'lines') AS line
    WHERE status <> 'voided' AND body @> $2 AND line ->> 'deployment_id' = $1 AND kit.day_of(line ->> 'worked_on') BETWEEN $3 AND $4
)
"""


async def has_hours(tx: Connection, deployment_id: UUID, first: date, last: date) -> bool:
    """Whether hours of a move on a day from a first to a last are in a statement."""
    id_ = str(deployment_id)
    having = json.dumps({"lines": [{"deployment_id": id_}]})
    return bool(await tx.fetchval(HAS_HOURS, id_, having, first, last))


STATEMENTS_WITH = """
SELECT id FROM statement WHERE status IN ('open', 'issued') AND body @> $1 ORDER BY id
"""


async def statements_with(tx: Connection, deployment_id: UUID) -> list[UUID]:
    """The statements that hold hours of a move and are not agreed to, in the order in which several are locked."""
    having = json.dumps({"lines": [{"deployment_id": str(deployment_id)}]})
    return [row["id"] for row in await tx.fetch(STATEMENTS_WITH, having)]


async def statements_of(tx: Connection, home: str, host: str, month: date) -> list[tuple[UUID, Statement]]:
    """The statements of a month between two organisations: the first, and further ones for hours that came late."""
    rows = await tx.fetch(STATEMENTS_OF, home, host, month)
    return [(row["id"], Statement.model_validate_json(row["body"])) for row in rows]


# Passports -------------------------------------------------------------------------------------------------------------

OPEN_PASSPORTS = """
SELECT id, body FROM passport WHERE person_id = ANY($1::uuid[]) AND status = 'open' AND ($2::text IS NULL OR home = $2) ORDER BY id
"""
CLOSED_WHEN_LEFT = """
SELECT id FROM passport
WHERE person_id = ANY($1::uuid[]) AND home = $2 AND status = 'closed' AND body ->> 'reason' = $3
    AND kit.day_of(body ->> 'since') >= $4
    AND NOT EXISTS (SELECT FROM passport WHERE person_id = ANY($1::uuid[]) AND home = $2 AND status = 'open')
ORDER BY turn DESC LIMIT 1
"""
EVERY_PASSPORT_OF = """
SELECT id, body FROM passport WHERE person_id = ANY($1::uuid[]) AND status <> 'voided' ORDER BY turn DESC
"""
SHARES_OF = """
SELECT id, array_agg(share ->> 'organisation' ORDER BY share ->> 'organisation') AS organisations
FROM passport, jsonb_array_elements(body -> 'shares') AS share
WHERE status = 'open' AND (home = $1 OR body @> $2) AND (home = $1 OR share ->> 'organisation' = $1)
    AND kit.day_of(share ->> 'until') > $3
GROUP BY id ORDER BY id
"""
ALL_OPEN = "SELECT id, body FROM passport WHERE status = 'open' ORDER BY id"
HEAR = """
INSERT INTO training (event_id, person_id, course_id, title, completed_on) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
HEARD = """
SELECT event_id, person_id, course_id, title, completed_on FROM training
WHERE person_id = ANY($1::uuid[]) AND NOT voided ORDER BY completed_on, event_id
"""
MARK_TRAINING = "UPDATE training SET voided = $2 WHERE event_id = $1"
CORRECT_TRAINING = "UPDATE training SET title = $2, completed_on = $3 WHERE event_id = $1"
HEAR_JUDGEMENT = """
INSERT INTO judgement (event_id, person_id, competence_id, version, host, judged_on, waived) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING
"""
JUDGED = """
SELECT event_id, person_id, competence_id, version, host, judged_on, waived FROM judgement
WHERE person_id = ANY($1::uuid[]) AND NOT voided ORDER BY competence_id, version
"""
MARK_JUDGEMENT = "UPDATE judgement SET voided = $2 WHERE event_id = $1"
CORRECT_JUDGEMENT = "UPDATE judgement SET judged_on = $2, waived = $3 WHERE event_id = $1"
WHOSE = """
SELECT person_id FROM training WHERE event_id = $1 UNION ALL SELECT person_id FROM judgement WHERE event_id = $1
"""
FOLLOW = "INSERT INTO followed (cause, aggregate_id, event_id) SELECT $1, $2, unnest($3::uuid[])"
FOLLOW_AGAIN = """
INSERT INTO followed (cause, aggregate_id, event_id) SELECT causation_id, aggregate_id, event_id FROM kit.journal AS line
WHERE aggregate_id = ANY($1::uuid[]) AND actor = 'reconciled' AND type = ANY($2::text[])
  AND NOT EXISTS (SELECT FROM kit.journal AS own WHERE own.event_id = line.causation_id) ON CONFLICT DO NOTHING
"""
FOLLOWS = [
    said.TYPE
    for said in (TrainingRecorded, TrainingWaived, WaiverWithdrawn, PassportClosed, PassportReopened, AnswerSettled)
]
"""What is said because of another service's fact, and goes with it."""
FOLLOWED = "SELECT aggregate_id, event_id FROM followed WHERE cause = $1 ORDER BY event_id"
FOLLOWED_IN = "SELECT cause, event_id FROM followed WHERE aggregate_id = $1"
HEARD_OF_ANOTHER = """
SELECT followed.event_id FROM followed
JOIN (SELECT event_id, person_id FROM training UNION ALL SELECT event_id, person_id FROM judgement) AS heard
    ON heard.event_id = followed.cause
WHERE aggregate_id = $1 AND person_id <> ALL($2::uuid[]) ORDER BY followed.event_id
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """A course that somebody completed, and the event that says so."""

    event_id: UUID
    person_id: UUID
    course_id: UUID
    title: str
    completed_on: date


class Accepted(Part):
    """What a host accepts in place of training of its own."""

    skill: CoreSkill
    ground: str
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a host made of training that it did not give, and the event that says so."""

    event_id: UUID
    person_id: UUID
    competence_id: UUID
    """Learning's record of the training, and the version of it that says so."""
    version: int
    host: str
    judged_on: date
    waived: Accepted | None
    """None: the host does not accept it as it stands."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A fact of ours that followed from one of another service."""

    aggregate_id: UUID
    event_id: UUID


async def open_of(tx: Connection, ids: Sequence[UUID], home: str | None = None) -> list[tuple[UUID, Passport]]:
    """A person's open passports, all or those with one employer, in the order in which several are locked."""
    rows = await tx.fetch(OPEN_PASSPORTS, ids, home)
    return [(row["id"], Passport.model_validate_json(row["body"])) for row in rows]


async def open_passports(tx: Connection, ids: Sequence[UUID], home: str | None = None) -> list[UUID]:
    """Which they are."""
    return [id_ for id_, _ in await open_of(tx, ids, home)]


async def closed_when_left(tx: Connection, ids: Sequence[UUID], home: str, reason: str, left_on: date) -> list[UUID]:
    """The last passport with an employer that was closed for this reason, on a day or later; none where another is open."""
    return [row["id"] for row in await tx.fetch(CLOSED_WHEN_LEFT, ids, home, reason, left_on)]


async def limits_of(tx: Connection, ids: Sequence[UUID]) -> tuple[WorkLimit, ...]:
    """How far a person may work, as all their open passports say."""
    return tuple(limit for _, held in await open_of(tx, ids) for limit in held.limits)


async def passports_of(tx: Connection, ids: Sequence[UUID]) -> list[tuple[UUID, Passport]]:
    """Every passport of a person, closed ones too, the last opened first."""
    rows = await tx.fetch(EVERY_PASSPORT_OF, ids)
    return [(row["id"], Passport.model_validate_json(row["body"])) for row in rows]


async def all_open(tx: Connection) -> list[tuple[UUID, Passport]]:
    """Every open passport that this transaction sees."""
    return [(row["id"], Passport.model_validate_json(row["body"])) for row in await tx.fetch(ALL_OPEN)]


async def shares_of(tx: Connection, organisation: str, after: date = date.min) -> list[tuple[UUID, list[str]]]:
    """The open passports into which an organisation looks after a day, or of which it is the employer; of each, who looks."""
    having = json.dumps({"shares": [{"organisation": organisation}]})
    return [(row["id"], row["organisations"]) for row in await tx.fetch(SHARES_OF, organisation, having, after)]


async def hear_training(tx: Connection, heard: Heard) -> None:
    await tx.execute(HEAR, heard.event_id, heard.person_id, heard.course_id, heard.title, heard.completed_on)


async def heard_of(tx: Connection, ids: Sequence[UUID]) -> list[Heard]:
    """The courses that a person completed, the earliest first."""
    return [Heard(**dict(row)) for row in await tx.fetch(HEARD, ids)]


async def hear_judgement(tx: Connection, judged: Judged) -> None:
    await tx.execute(
        HEAR_JUDGEMENT, judged.event_id, judged.person_id, judged.competence_id, judged.version, judged.host,
        judged.judged_on, _accepted(judged.waived),
    )  # fmt: skip


async def judged_of(tx: Connection, ids: Sequence[UUID]) -> list[Judged]:
    """What hosts made of a person's training, of each record in the order in which it was said."""
    return [
        Judged(**{**row, "waived": None if row["waived"] is None else Accepted.model_validate_json(row["waived"])})
        for row in await tx.fetch(JUDGED, ids)
    ]


async def correct_judgement(tx: Connection, event_id: UUID, judged_on: date, waived: Accepted | None) -> None:
    await tx.execute(CORRECT_JUDGEMENT, event_id, judged_on, _accepted(waived))


def _accepted(waived: Accepted | None) -> str | None:
    return None if waived is None else waived.model_dump_json()


async def whose(tx: Connection, event_id: UUID) -> UUID | None:
    """Whose training an event of learning spoke of; None where nothing was heard of it."""
    person_id: UUID | None = await tx.fetchval(WHOSE, event_id)
    return person_id


async def mark_heard(tx: Connection, event_id: UUID, *, voided: bool) -> None:
    """Learning took it back, or it stands again."""
    await tx.execute(MARK_TRAINING, event_id, voided)
    await tx.execute(MARK_JUDGEMENT, event_id, voided)


async def correct_training(tx: Connection, event_id: UUID, title: str, completed_on: date) -> None:
    await tx.execute(CORRECT_TRAINING, event_id, title, completed_on)


async def follow(tx: Connection, cause: UUID, kept: Kept[Any]) -> None:
    """Keep what followed from another service's fact."""
    await tx.execute(FOLLOW, cause, kept.id, [envelope.id for envelope in kept.said])


async def follow_again(tx: Connection, ids: Sequence[UUID]) -> None:
    """Keep of what was read back of these, after a restore, what had followed from other services' facts."""
    await tx.execute(FOLLOW_AGAIN, ids, FOLLOWS)


async def followed(tx: Connection, cause: UUID) -> list[Followed]:
    return [Followed(**dict(row)) for row in await tx.fetch(FOLLOWED, cause)]


async def followed_in(tx: Connection, id_: UUID) -> Mapping[UUID, UUID]:
    """What followed in one record from facts of other services, by the fact from which it did."""
    return {row["cause"]: row["event_id"] for row in await tx.fetch(FOLLOWED_IN, id_)}


async def heard_of_another(tx: Connection, id_: UUID, ids: Sequence[UUID]) -> list[UUID]:
    """What followed in a passport from training that was heard of somebody who has none of these ids."""
    return [row["event_id"] for row in await tx.fetch(HEARD_OF_ANOTHER, id_, ids)]


# Stops -----------------------------------------------------------------------------------------------------------------

STANDING_STOPS = """
SELECT id, turn, version, body FROM stop WHERE person_id = ANY($1::uuid[]) AND status = 'standing' ORDER BY id
"""
WHO_IS_STOPPED = "SELECT DISTINCT person_id FROM stop WHERE status = 'standing'"


async def standing_stops(tx: Connection, ids: Sequence[UUID]) -> list[Row[Stop]]:
    """What stands of a person at every host."""
    return [
        Row(row["id"], row["version"], Stop.model_validate_json(row["body"]), row["turn"])
        for row in await tx.fetch(STANDING_STOPS, ids)
    ]


async def stopped_persons(tx: Connection) -> set[UUID]:
    """Every id of each person of whom something stands at every host."""
    return set(await all_with(tx, [row["person_id"] for row in await tx.fetch(WHO_IS_STOPPED)]))


# What hangs on what ----------------------------------------------------------------------------------------------------

HANG_ON: Mapping[str, str] = MappingProxyType({
    framework.AGGREGATE: "SELECT EXISTS (SELECT FROM signature WHERE framework_id = $1)",
    need.AGGREGATE: "SELECT EXISTS (SELECT FROM deployment WHERE need_id = $1)",
})  # fmt: skip


# Where persons are -----------------------------------------------------------------------------------------------------

PERSONS = Persons(
    shared=(statement.AGGREGATE,),
    own=(passport.AGGREGATE, everywhere.AGGREGATE, deployment.AGGREGATE),
    goes_with=MappingProxyType({"first_day_pack": "deployment_id", "followed": "aggregate_id"}),
    dropped=("training", "judgement"),
)

# The aggregates --------------------------------------------------------------------------------------------------------


def _organisation(state: Any, who: str) -> str | None:
    """Who sees what waits: of a move and of a statement the side whose turn it is; for its person home; of a passport home, but
    what waits for the coordinator.
    """
    if isinstance(state, Deployment | Statement):
        return {"home": state.home, "person": state.home, "host": state.host}.get(who)
    if isinstance(state, Passport):
        return None if who == "coordinator" else state.home
    return getattr(state, "organisation", None)


aggregates = Aggregates(
    machines=MappingProxyType({
        framework.Framework: framework,
        signature.Signature: signature,
        need.Need: need,
        requirement.Requirement: requirement,
        passport.Passport: passport,
        everywhere.Stop: everywhere,
        deployment.Deployment: deployment,
        statement.Statement: statement,
    }),
    says=Corrections(
        FactVoided, FactRestored, FactCorrected,
        by_itself=(
            FrameworkExpired, SignatureLapsed, OrganisationWithdrew, CheckExpiring, TrainingExpiring, DeploymentCompleted,
            AnswerOverdue, AnswerSettled, StatementOverdue, CheckOverdue, LimitEnding, ExtensionLapsed,
            TrainingOverdue,
        ),
        sound=MappingProxyType({
            Deployment: deployment.refuse_unsound, DeploymentProposed: deployment.refuse_unsound_proposal,
            DeploymentShortened: lasting.refuse_unsound,
            CheckRecorded: checks.refuse_unsound_outcome, CheckNotRequired: checks.refuse_always_required,
            NeedRaised: need.refuse_unsound,
        }),
        follows=move.of_record,
    ),
    organisation=_organisation,
    refusals=MappingProxyType({
        "need_body_check1": need.EndsBeforeItStarts,
        "signature_once": signature.AlreadyInvited,
        "requirement_once": requirement.AlreadyAsked,
        "passport_once": passport.AlreadyOpen,
        "stop_once": everywhere.StandsAlready,
        "statement_open_once": statement.AnotherIsOpen,
        "deployment_no_double_booking": booking.DoubleBooked,
    }),
    hang_on=HANG_ON,
    persons=PERSONS,
    schedule=SCHEDULE,
    lets_go=RecordLetGo,
)  # fmt: skip
"""Rows are locked in this order, and by id within a table."""
