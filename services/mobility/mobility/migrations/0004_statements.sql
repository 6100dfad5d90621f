-- Hours and what they cost.
CREATE TABLE statement (
    id      uuid PRIMARY KEY,
    turn    bigint GENERATED ALWAYS AS IDENTITY,
    version integer NOT NULL CHECK (version > 0),
    body    jsonb,
    status  text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    home    text GENERATED ALWAYS AS (body ->> 'home') STORED,
    host    text GENERATED ALWAYS AS (body ->> 'host') STORED,
    month   date GENERATED ALWAYS AS (kit.day_of(body ->> 'month')) STORED,
    -- A pair of organisations has one statement a month.
    CONSTRAINT statement_once UNIQUE (home, host, month)
);

CREATE INDEX statement_body ON statement USING gin (body jsonb_path_ops);
CREATE UNIQUE INDEX statement_turn ON statement (turn);

-- A statement is seen by who lent and by who borrowed.
ALTER TABLE statement ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON statement USING (kit.may_see(home) OR kit.may_see(host))
    WITH CHECK (kit.may_see(body ->> 'home') OR kit.may_see(body ->> 'host'));
