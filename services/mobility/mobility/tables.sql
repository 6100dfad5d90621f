-- The schema as it stands, beside the plumbing's own (kit/tables.sql). migrations/ builds the same; a test compares the two.
--
-- Each aggregate is a row: its version, and the whole of its state in `body`. The other columns are drawn from the body by the
-- database itself, so that they cannot differ from it. A row without a body is one whose every fact was voided.

CREATE TABLE framework (
    id      uuid PRIMARY KEY,
    turn    bigint GENERATED ALWAYS AS IDENTITY,
    version integer NOT NULL CHECK (version > 0),
    body    jsonb,
    status  text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    -- What was terminated has a last day, and nothing else has.
    CHECK ((body ->> 'status' = 'terminated') = (body ->> 'last_day' IS NOT NULL))
);

CREATE TABLE signature (
    id           uuid PRIMARY KEY,
    turn         bigint GENERATED ALWAYS AS IDENTITY,
    version      integer NOT NULL CHECK (version > 0),
    body         jsonb,
    status       text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    framework_id uuid GENERATED ALWAYS AS ((body ->> 'framework_id')::uuid) STORED REFERENCES framework,
    organisation text GENERATED ALWAYS AS (body ->> 'organisation') STORED,
    -- An organisation has one signature to a framework; an invitation that was voided does not count.
    CONSTRAINT signature_once UNIQUE (framework_id, organisation),
    -- Who is leaving has a last day.
    CHECK (body ->> 'status' <> 'leaving' OR body ->> 'last_day' IS NOT NULL)
);

-- Lists are filtered by what the body contains, newest first.
CREATE INDEX framework_body ON framework USING gin (body jsonb_path_ops);
CREATE INDEX signature_body ON signature USING gin (body jsonb_path_ops);
CREATE UNIQUE INDEX framework_turn ON framework (turn);
CREATE UNIQUE INDEX signature_turn ON signature (turn);

-- An organisation sees its own signature; the agreement is everybody's.
ALTER TABLE signature ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON signature USING (kit.may_see(organisation)) WITH CHECK (kit.may_see(body ->> 'organisation'));
