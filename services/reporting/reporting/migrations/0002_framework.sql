-- The Workforce Mobility Framework: who has signed it, and since when.
-- What was said of an organisation's signature to the framework, from which day it has effect, and whether it is in force then.
CREATE TABLE signatory (
    LIKE telling INCLUDING ALL,
    framework_id uuid NOT NULL,
    organisation text NOT NULL,
    sector       text NOT NULL,
    statutory    boolean NOT NULL,
    effective_on date NOT NULL,
    in_force     boolean NOT NULL
);
CREATE INDEX signatory_signature ON signatory (aggregate_id, effective_on, fact_id) WHERE standing;

-- What holds on a day of each signature: the last that has effect by then, no matter which was heard first (c14).
CREATE FUNCTION signatory_on(as_at date) RETURNS SETOF signatory LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (aggregate_id) * FROM signatory WHERE standing AND effective_on <= as_at
    ORDER BY aggregate_id, effective_on DESC, fact_id DESC
$$;

CREATE OR REPLACE VIEW evidence AS
SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM interest WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM support WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM step WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM placement WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM ending WHERE standing
UNION ALL SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM signatory WHERE standing
UNION ALL SELECT event_id, event_id, type, NULL, topic, partition, "offset", recorded_at FROM declaration
    WHERE person_id IS NOT NULL;
