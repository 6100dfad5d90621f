-- What learning tells: courses, places that were asked for, who came, and what came of it.

-- A course of the catalogue, and what it is called.
CREATE TABLE course (
    LIKE telling INCLUDING ALL,
    title     text NOT NULL,
    category  text NOT NULL,
    programme text NOT NULL,
    provider  text NOT NULL
);

-- A learner asked for a place, and got it or waits for it.
CREATE TABLE asked_place (
    LIKE telling INCLUDING ALL,
    booking_id        uuid NOT NULL,
    person_id         uuid NOT NULL,
    organisation      text NOT NULL,
    sector            text NOT NULL,
    learner_kind      text NOT NULL,
    course_id         uuid NOT NULL,
    category          text NOT NULL,
    programme         text NOT NULL,
    got               text NOT NULL CHECK (got IN ('booked', 'waiting'))
);
CREATE INDEX asked_place_category ON asked_place (category, occurred_on) WHERE standing;

-- A learner came to a session of a cohort: they participated, whatever came of it.
CREATE TABLE attendance (
    LIKE telling INCLUDING ALL,
    booking_id        uuid NOT NULL,
    person_id         uuid NOT NULL,
    organisation      text NOT NULL,
    sector            text NOT NULL,
    learner_kind      text NOT NULL,
    course_id         uuid NOT NULL,
    category          text NOT NULL,
    programme         text NOT NULL
);
CREATE INDEX attendance_category ON attendance (category, occurred_on) WHERE standing;
-- Who came to the same cohort from other organisations.
CREATE INDEX attendance_cohort ON attendance (aggregate_id, organisation, fact_id) WHERE standing;

-- A cohort was held: what came of a learner's place in it.
CREATE TABLE course_outcome (
    LIKE telling INCLUDING ALL,
    booking_id        uuid NOT NULL,
    person_id         uuid NOT NULL,
    organisation      text NOT NULL,
    sector            text NOT NULL,
    learner_kind      text NOT NULL,
    course_id         uuid NOT NULL,
    category          text NOT NULL,
    programme         text NOT NULL,
    outcome           text NOT NULL CHECK (outcome IN ('completed', 'partly-completed', 'not-attended'))
);

-- Every event that a figure may rest on, by the fact that it tells.
CREATE OR REPLACE VIEW evidence AS
SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM interest WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM support WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM step WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM placement WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM ending WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM signatory WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM asked_place WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM attendance WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM course_outcome WHERE standing
UNION ALL SELECT event_id, event_id, type, NULL, topic, partition, "offset", recorded_at FROM declaration
    WHERE person_id IS NOT NULL;
