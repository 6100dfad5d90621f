-- Training in core skills, and who accepts it.
-- Somebody was trained in a core skill, and how long that counts.
CREATE TABLE training (
    LIKE telling INCLUDING ALL,
    person_id    uuid NOT NULL,
    organisation text NOT NULL,
    subject      text NOT NULL,
    level        integer NOT NULL,
    expires_on   date
);

-- A host judged training that it did not give.
CREATE TABLE portability (
    LIKE telling INCLUDING ALL,
    person_id    uuid NOT NULL,
    organisation text NOT NULL,
    host         text NOT NULL,
    subject      text NOT NULL,
    outcome      text NOT NULL CHECK (outcome IN ('waived', 'top-up', 'rejected')),
    -- on what it accepts, or why it does not
    ground       text,
    reason       text,
    CHECK ((outcome = 'rejected') = (reason IS NOT NULL) AND (outcome = 'rejected') = (ground IS NULL))
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
UNION ALL SELECT event_id, event_id, type, NULL, topic, partition, "offset", recorded_at FROM declaration
    WHERE person_id IS NOT NULL;
