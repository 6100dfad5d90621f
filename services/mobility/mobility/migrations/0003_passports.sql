-- What hosts ask for, and what passports say.
CREATE TABLE requirement (
    id           uuid PRIMARY KEY,
    turn         bigint GENERATED ALWAYS AS IDENTITY,
    version      integer NOT NULL CHECK (version > 0),
    body         jsonb,
    status       text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    organisation text GENERATED ALWAYS AS (body ->> 'organisation') STORED,
    soc2020      text GENERATED ALWAYS AS (body ->> 'soc2020') STORED
);
-- A host asks once for each kind of work.
CREATE UNIQUE INDEX requirement_once ON requirement (organisation, soc2020) WHERE status = 'standing';

CREATE TABLE passport (
    id        uuid PRIMARY KEY,
    turn      bigint GENERATED ALWAYS AS IDENTITY,
    version   integer NOT NULL CHECK (version > 0),
    body      jsonb,
    status    text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    person_id uuid GENERATED ALWAYS AS ((body ->> 'person_id')::uuid) STORED,
    home      text GENERATED ALWAYS AS (body ->> 'home') STORED
);
-- A person has one open passport with each employer.
CREATE UNIQUE INDEX passport_once ON passport (person_id, home) WHERE status = 'open';

-- Courses that were completed, as learning says: for passports that are opened later.
CREATE TABLE training (
    event_id     uuid PRIMARY KEY,
    person_id    uuid NOT NULL,
    course_id    uuid NOT NULL,
    title        text NOT NULL,
    completed_on date NOT NULL,
    -- learning has taken it back
    voided       boolean NOT NULL DEFAULT false
);
CREATE INDEX training_of_person ON training (person_id);

-- What followed here from a fact of another service: it goes and comes back with it.
CREATE TABLE followed (
    cause        uuid NOT NULL,
    aggregate_id uuid NOT NULL,
    event_id     uuid NOT NULL,
    PRIMARY KEY (cause, event_id)
);

CREATE INDEX requirement_body ON requirement USING gin (body jsonb_path_ops);
CREATE INDEX passport_body ON passport USING gin (body jsonb_path_ops);
CREATE UNIQUE INDEX requirement_turn ON requirement (turn);
CREATE UNIQUE INDEX passport_turn ON passport (turn);

-- A passport is seen by the employer that opened it, and by whom its holder lets look, as long as they do.
ALTER TABLE passport ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON passport
    USING (kit.may_see(home) OR EXISTS (
        SELECT FROM jsonb_array_elements(body -> 'shares') AS share
        WHERE share ->> 'organisation' = current_setting('app.organisation', true)
            AND kit.day_of(share ->> 'until') >= (now() AT TIME ZONE 'Europe/London')::date
    ))
    WITH CHECK (kit.may_see(body ->> 'home'));
-- What was heard of other services is the programme's.
ALTER TABLE training ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON training USING (kit.may_see(NULL));
ALTER TABLE followed ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON followed USING (kit.may_see(NULL));
