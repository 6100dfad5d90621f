"""Who must be trained in what, and how they stand: read across all that is kept. The statement is a constant."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from kit.database import Connection
from learning.store.places import FIRST
from schemas.learning import Subject

# Of several requirements of one subject the highest level is asked; training elsewhere does where the organisation accepted it.
# Training by another version of the framework than the one that is asked for does until the day before that one is.
# Whoever has several ids is one, and is shown under one that the organisation knows.
COMPLIANCE = """
WITH RECURSIVE up AS (
    SELECT id, same_as FROM kit.person WHERE same_as IS NOT NULL
    UNION SELECT up.id, next.same_as FROM up JOIN kit.person AS next ON next.id = up.same_as WHERE next.same_as IS NOT NULL
), one AS (
    SELECT up.id, up.same_as AS who FROM up JOIN kit.person AS last ON last.id = up.same_as WHERE last.same_as IS NULL
), works AS (
    SELECT person_id, organisation, soc2020, kit.day_of(body ->> 'since') AS since FROM employment WHERE status = 'working'
    UNION ALL SELECT person_id, organisation, soc2020, started_on FROM starter
    WHERE NOT voided AND left_by IS NULL AND NOT mover
), must AS (
    SELECT DISTINCT ON (coalesce(who, person_id), works.organisation, subject) coalesce(who, person_id) AS who, person_id,
           works.organisation, subject, level, requirement.body -> 'met_by' AS met_by,
           works.since + within_days AS due_on, requirement.id AS requirement_id,
           requirement.body ->> 'framework' AS framework,
           kit.day_of(requirement.body ->> 'framework_from') AS framework_from
    FROM works LEFT JOIN one ON one.id = person_id JOIN requirement ON requirement.status = 'standing'
        AND coalesce(requirement.organisation, works.organisation) = works.organisation
        AND coalesce(requirement.soc2020, works.soc2020) = works.soc2020
    WHERE works.since <= $1 AND ($3::text IS NULL OR works.organisation = $3) AND ($4::text IS NULL OR subject = $4)
    ORDER BY coalesce(who, person_id), works.organisation, subject, level DESC, framework_from DESC NULLS LAST,
             works.since + within_days, person_id
), known AS (
    SELECT must.*, who || ARRAY(SELECT id FROM one WHERE one.who = must.who) AS ids FROM must
), stands AS (
    SELECT must.*, competence_id, trained_by, rule_id, rule_version, expires_on, CASE
        WHEN expires_on IS NULL THEN NULL WHEN expires_on < coalesce(counts_until, 'infinity') THEN 'version' ELSE 'period'
    END AS ends_by, CASE
        WHEN has IS NULL AND due_on >= $1 THEN 'starting' WHEN has IS NULL THEN 'never-trained'
        WHEN expires_on < $1 THEN 'out-of-date' WHEN expires_on < $1 + $2::int THEN 'due' ELSE 'in-date'
    END AS standing
    FROM known AS must LEFT JOIN LATERAL (
        SELECT true AS has, held.*, CASE
            WHEN must.framework <> trained_by THEN least(counts_until, must.framework_from - 1) ELSE counts_until
        END AS expires_on FROM (
            SELECT id AS competence_id, body ->> 'framework' AS trained_by, (body ->> 'rule_id')::uuid AS rule_id,
                   (body ->> 'rule_version')::int AS rule_version, expires_on AS counts_until
            FROM competence
            WHERE person_id = ANY(must.ids) AND subject = must.subject AND status <> 'voided'
              AND organisation = must.organisation AND met_by @> (body -> 'level')
            UNION ALL
            SELECT id, body ->> 'framework', (judged ->> 'rule_id')::uuid, (judged ->> 'rule_version')::int,
                   kit.day_of(judged ->> 'valid_until')
            FROM competence, jsonb_array_elements(body -> 'judgements') AS judged
            WHERE person_id = ANY(must.ids) AND subject = must.subject AND status <> 'voided'
              AND judged ->> 'host' = must.organisation AND judged ->> 'outcome' = 'waived'
              AND met_by @> (judged -> 'required_level')
        ) AS held ORDER BY expires_on DESC NULLS FIRST, competence_id LIMIT 1
    ) AS best ON true
)
SELECT person_id, organisation, subject, level, due_on, expires_on, standing, requirement_id, framework, framework_from,
       competence_id, trained_by, rule_id, rule_version, ends_by
FROM stands
WHERE ($5::text IS NULL OR standing = $5) AND (person_id, organisation, subject) > ($6::uuid, $7::text, $8::text)
ORDER BY person_id, organisation, subject LIMIT $9
"""

Standing = Literal["in-date", "due", "out-of-date", "never-trained", "starting"]
"""Due: it runs out soon. Never trained: and the time for it is over; starting: it is not."""


@dataclass(frozen=True, slots=True)
class MustBeTrained:
    """Somebody who must be trained in a subject for an organisation, and how they stand."""

    person_id: UUID
    organisation: str
    subject: str
    level: int
    due_on: date
    """By when it was to be done first."""
    expires_on: date | None
    standing: Standing
    requirement_id: UUID
    framework: str | None
    """The version of the framework that is asked for; none: any."""
    framework_from: date | None
    """From this day on training by another version no longer does."""
    competence_id: UUID | None
    """The training by which they stand as they do: of several the one that does longest."""
    trained_by: str | None
    """The version that it followed."""
    rule_id: UUID | None
    rule_version: int | None
    """The refresher period that gave its last day."""
    ends_by: Literal["period", "version"] | None
    """What gives `expires_on`: the training runs out, or another version is asked for from the day after. None: nothing does."""


async def standings(
    tx: Connection,
    day: date,
    soon: timedelta,
    *,
    organisation: str | None = None,
    subject: Subject | None = None,
    standing: Standing | None = None,
    after: tuple[UUID, str, str] = (FIRST, "", ""),
    limit: int = 1000,
) -> list[MustBeTrained]:
    """Who must be trained in what on a day, of those whom this transaction sees: by person, organisation and subject."""
    said = None if subject is None else subject.value
    rows = await tx.fetch(COMPLIANCE, day, soon.days, organisation, said, standing, *after, limit)
    return [MustBeTrained(**dict(row)) for row in rows]
