-- Core skills: how long training counts, what people were trained in, and who accepts it.
CREATE TABLE refresher (
    id           uuid PRIMARY KEY,
    turn         bigint GENERATED ALWAYS AS IDENTITY,
    version      integer NOT NULL CHECK (version > 0),
    body         jsonb,
    status       text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    framework    text GENERATED ALWAYS AS (body ->> 'framework') STORED,
    subject      text GENERATED ALWAYS AS (body ->> 'subject') STORED,
    level        integer GENERATED ALWAYS AS ((body ->> 'level')::integer) STORED,
    organisation text GENERATED ALWAYS AS (body ->> 'organisation') STORED
);
-- A skill has one refresher period for everybody, and one for each employer that is stricter.
CREATE UNIQUE INDEX refresher_once ON refresher (framework, subject, level, organisation) NULLS NOT DISTINCT
    WHERE status = 'standing';

CREATE TABLE competence (
    id           uuid PRIMARY KEY,
    turn         bigint GENERATED ALWAYS AS IDENTITY,
    version      integer NOT NULL CHECK (version > 0),
    body         jsonb,
    status       text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    person_id    uuid GENERATED ALWAYS AS ((body ->> 'person_id')::uuid) STORED,
    organisation text GENERATED ALWAYS AS (body ->> 'organisation') STORED,
    subject      text GENERATED ALWAYS AS (body ->> 'subject') STORED,
    expires_on   date GENERATED ALWAYS AS (kit.day_of(body ->> 'expires_on')) STORED,
    -- Training runs out after it was completed.
    CHECK (kit.day_of(body ->> 'expires_on') > kit.day_of(body ->> 'since'))
);
-- One training is on record once.
CREATE UNIQUE INDEX competence_once
    ON competence (person_id, organisation, (body ->> 'framework'), subject, (body ->> 'level'), (body ->> 'since'))
    WHERE status <> 'voided';
CREATE INDEX competence_of_person ON competence (person_id);
CREATE INDEX competence_runs_out ON competence (expires_on) WHERE status IN ('current', 'expiring');

-- What followed here from another fact: it goes, comes back and is put right with it.
CREATE TABLE followed (
    cause        uuid NOT NULL,
    aggregate    text NOT NULL,
    aggregate_id uuid NOT NULL,
    event_id     uuid NOT NULL,
    PRIMARY KEY (cause, event_id)
);

-- A code with which somebody shows their transcript. Only its digest is kept: who reads this table can show nothing.
CREATE TABLE transcript_code (
    digest    bytea PRIMARY KEY,
    person_id uuid NOT NULL,
    until     date NOT NULL
);

CREATE INDEX refresher_body ON refresher USING gin (body jsonb_path_ops);
CREATE INDEX competence_body ON competence USING gin (body jsonb_path_ops);
CREATE UNIQUE INDEX refresher_turn ON refresher (turn);
CREATE UNIQUE INDEX competence_turn ON competence (turn);

-- Training is seen by the organisation for which it was done, and by whoever judged it.
ALTER TABLE competence ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON competence
    USING (
        kit.may_see(organisation)
        OR body -> 'judgements' @> jsonb_build_array(jsonb_build_object('host', current_setting('app.organisation', true)))
    )
    WITH CHECK (kit.may_see(body ->> 'organisation'));
-- What followed from what, and who shows their transcript, is the programme's.
ALTER TABLE followed ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON followed USING (kit.may_see(NULL));
ALTER TABLE transcript_code ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON transcript_code USING (kit.may_see(NULL));
