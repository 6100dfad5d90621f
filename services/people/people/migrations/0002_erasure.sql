-- Requests to be erased.

-- A request to be erased, until it is decided.
CREATE TABLE erasure (
    id        uuid PRIMARY KEY,
    turn      bigint GENERATED ALWAYS AS IDENTITY,
    version   integer NOT NULL CHECK (version > 0),
    body      jsonb,
    status    text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    person_id uuid GENERATED ALWAYS AS ((body ->> 'person_id')::uuid) STORED REFERENCES person
);
CREATE UNIQUE INDEX erasure_turn ON erasure (turn);
CREATE INDEX erasure_body ON erasure USING gin (body jsonb_path_ops);
-- A person's request is decided before they make another.
CREATE UNIQUE INDEX erasure_open ON erasure (person_id) WHERE status IN ('requested', 'held');

ALTER TABLE erasure ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON erasure USING (kit.may_see(NULL));
