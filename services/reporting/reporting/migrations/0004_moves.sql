-- Moves between organisations.
-- Somebody of one organisation began to work for another. An authorisation is not a move; this is.
CREATE TABLE move (
    LIKE telling INCLUDING ALL,
    person_id    uuid NOT NULL,
    home         text NOT NULL,
    host         text NOT NULL,
    basis        text NOT NULL,
    need_id      uuid,
    weekly_hours double precision NOT NULL
);

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
UNION ALL SELECT event_id, event_id, type, NULL, topic, partition, "offset", recorded_at FROM declaration
    WHERE person_id IS NOT NULL;
