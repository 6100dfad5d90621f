-- The catalogue as it grows, and who learns from it outside any cohort.
-- A course left the catalogue.
CREATE TABLE course_retired (
    LIKE telling INCLUDING ALL
);

-- Somebody is to learn a course of the catalogue, or has learned it, outside any cohort.
CREATE TABLE enrolment (
    LIKE telling INCLUDING ALL,
    person_id    uuid NOT NULL,
    organisation text NOT NULL,
    sector       text NOT NULL,
    learner_kind text NOT NULL,
    course_id    uuid NOT NULL,
    category     text NOT NULL,
    programme    text NOT NULL,
    stage        text NOT NULL CHECK (stage IN ('enrolled', 'completed'))
);

-- Every event that a figure may rest on, by the fact that it tells.
CREATE OR REPLACE VIEW evidence AS
SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM interest WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM support WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM step WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM placement WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM ending WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM signatory WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM move WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM asked_place WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM attendance WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM course_outcome WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM training WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM portability WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM enrolment WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM course WHERE standing
UNION ALL SELECT event_id, event_id, type, NULL, topic, partition, "offset", recorded_at FROM declaration
    WHERE person_id IS NOT NULL;
