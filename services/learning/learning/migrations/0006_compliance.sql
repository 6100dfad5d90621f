-- Who must be trained in which core skill. It names no person, and every partner may read all of it.
CREATE TABLE requirement (
    id           uuid PRIMARY KEY,
    turn         bigint GENERATED ALWAYS AS IDENTITY,
    version      integer NOT NULL CHECK (version > 0),
    body         jsonb,
    status       text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    organisation text GENERATED ALWAYS AS (body ->> 'organisation') STORED,
    soc2020      text GENERATED ALWAYS AS (body ->> 'soc2020') STORED,
    subject      text GENERATED ALWAYS AS (body ->> 'subject') STORED,
    level        integer GENERATED ALWAYS AS ((body ->> 'level')::integer) STORED,
    within_days  integer GENERATED ALWAYS AS ((body ->> 'within_days')::integer) STORED
);
-- A subject is required once of those in an organisation who do one kind of work.
CREATE UNIQUE INDEX requirement_once ON requirement (organisation, soc2020, subject) NULLS NOT DISTINCT
    WHERE status = 'standing';

-- Who works for which organisation, as it says itself.
CREATE TABLE employment (
    id           uuid PRIMARY KEY,
    turn         bigint GENERATED ALWAYS AS IDENTITY,
    version      integer NOT NULL CHECK (version > 0),
    body         jsonb,
    status       text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    person_id    uuid GENERATED ALWAYS AS ((body ->> 'person_id')::uuid) STORED,
    organisation text GENERATED ALWAYS AS (body ->> 'organisation') STORED,
    soc2020      text GENERATED ALWAYS AS (body ->> 'soc2020') STORED
);
-- A person does one kind of work for an organisation once at a time.
CREATE UNIQUE INDEX employment_once ON employment (person_id, organisation, soc2020) WHERE status = 'working';

CREATE INDEX requirement_body ON requirement USING gin (body jsonb_path_ops);
CREATE INDEX employment_body ON employment USING gin (body jsonb_path_ops);
CREATE UNIQUE INDEX requirement_turn ON requirement (turn);
CREATE UNIQUE INDEX employment_turn ON employment (turn);

-- An organisation sees its own staff.
ALTER TABLE employment ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON employment USING (kit.may_see(organisation)) WITH CHECK (kit.may_see(body ->> 'organisation'));

-- An organisation sees who started with it.
DROP POLICY programme ON starter;
CREATE POLICY own ON starter USING (kit.may_see(organisation));
