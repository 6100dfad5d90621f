-- What lending staff comes to: the checks that were relied on, the hours, and the needs with their places.
-- The checks that were seen for a move, and who had done them.
CREATE TABLE checks_seen (
    LIKE telling INCLUDING ALL,
    person_id   uuid NOT NULL,
    home        text NOT NULL,
    host        text NOT NULL,
    verified_by text NOT NULL,
    kinds       text[] NOT NULL
);
CREATE INDEX checks_seen_move ON checks_seen (aggregate_id) WHERE standing;

-- Hours that somebody worked for a host on a day.
CREATE TABLE worked (
    LIKE telling INCLUDING ALL,
    deployment_id uuid NOT NULL,
    person_id     uuid NOT NULL,
    home          text NOT NULL,
    host          text NOT NULL,
    worked_on     date NOT NULL,
    hours         double precision NOT NULL
);

-- What home and host settled that the hours of a day come to.
CREATE TABLE settled (
    LIKE telling INCLUDING ALL,
    deployment_id uuid NOT NULL,
    home          text NOT NULL,
    host          text NOT NULL,
    worked_on     date NOT NULL,
    hours         double precision NOT NULL
);
CREATE INDEX settled_line ON settled (aggregate_id, deployment_id, worked_on) WHERE standing;

-- An organisation needs staff: for how many places, and why.
CREATE TABLE need (
    LIKE telling INCLUDING ALL,
    organisation text NOT NULL,
    reason       text NOT NULL,
    people       integer NOT NULL
);
CREATE INDEX need_of ON need (aggregate_id) WHERE standing;

-- A place of a need was filled, or is free again; or the staff are not needed after all.
CREATE TABLE need_change (
    LIKE telling INCLUDING ALL,
    organisation text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('filled', 'reopened', 'withdrawn'))
);
CREATE INDEX need_change_of ON need_change (aggregate_id) WHERE standing;

-- Every event that a figure may rest on, by the fact that it tells.
CREATE OR REPLACE VIEW evidence AS
SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM interest WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM support WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM step WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM placement WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM ending WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM signatory WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM move WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM checks_seen WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM worked WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM settled WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM need WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM need_change WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM asked_place WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM attendance WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM course_outcome WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM training WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM portability WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM enrolment WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM course WHERE standing
UNION ALL SELECT event_id, event_id, type, NULL, topic, partition, "offset", recorded_at FROM declaration
    WHERE person_id IS NOT NULL;
