-- Stops of a person at every host: records of their own, which outlive a move.
CREATE TABLE stop (
    id           uuid PRIMARY KEY,
    turn         bigint GENERATED ALWAYS AS IDENTITY,
    version      integer NOT NULL CHECK (version > 0),
    body         jsonb,
    status       text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    person_id    uuid GENERATED ALWAYS AS ((body ->> 'person_id')::uuid) STORED,
    organisation text GENERATED ALWAYS AS (body ->> 'organisation') STORED,
    reason       text GENERATED ALWAYS AS (body ->> 'reason') STORED
);
-- What one organisation, or the programme, says of a person is one record as long as it stands.
CREATE UNIQUE INDEX stop_once ON stop (person_id, reason, coalesce(organisation, '')) WHERE status = 'standing';
CREATE INDEX stop_body ON stop USING gin (body jsonb_path_ops);
CREATE UNIQUE INDEX stop_turn ON stop (turn);

-- A stop is seen by who said it; what it does to a move, by who sees that.
ALTER TABLE stop ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON stop USING (kit.may_see(organisation)) WITH CHECK (kit.may_see(body ->> 'organisation'));

-- What was said at every host before is put on record: the worker looks at those moves again.
INSERT INTO kit.deadline (aggregate, aggregate_id, name, due_at)
SELECT 'deployment', id, 'look-again', now() FROM deployment
WHERE status NOT IN ('completed', 'recalled', 'ended-early', 'cancelled', 'voided')
    AND jsonb_array_length(body -> 'stopped_everywhere') > 0;
