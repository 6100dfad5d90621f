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

CREATE TABLE need (
    id           uuid PRIMARY KEY,
    turn         bigint GENERATED ALWAYS AS IDENTITY,
    version      integer NOT NULL CHECK (version > 0),
    body         jsonb,
    status       text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    organisation text GENERATED ALWAYS AS (body ->> 'organisation') STORED,
    -- No more places are filled than there are.
    CHECK (jsonb_array_length(body -> 'filled_by') + (body ->> 'by_own_staff')::int <= (body ->> 'people')::int),
    -- A need ends no earlier than it starts.
    CHECK (kit.day_of(body ->> 'ends_on') >= kit.day_of(body ->> 'starts_on'))
);

-- A person as a range of one, so that an exclusion can ask for equality without an extension (c22).
CREATE TYPE uuidrange AS RANGE (subtype = uuid);

-- A time by the clock in Leeds as a moment. What the clock skips in spring is the moment at which it does: otherwise a shift that
-- ends after that hour could end before it begins.
CREATE FUNCTION moment(clock timestamp) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN clock AT TIME ZONE 'Europe/London' AT TIME ZONE 'Europe/London' = clock THEN clock AT TIME ZONE 'Europe/London'
    ELSE date_trunc('hour', clock AT TIME ZONE 'Europe/London', 'UTC')
END;

-- The moments that a move takes of a person's time: each shift of its pattern on each of its days, and of those to which they agreed
-- beyond its last.
CREATE FUNCTION booked_time(body jsonb) RETURNS tstzmultirange LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT range_agg(tstzrange(
        public.moment(day + (shift ->> 'starts')::time),
        public.moment(day + (shift ->> 'ends')::time + CASE WHEN shift ->> 'ends' <= shift ->> 'starts' THEN 1 ELSE 0 END * interval '1 day')
    ))
    FROM jsonb_array_elements(body -> 'pattern') AS shift,
        generate_series(
            kit.day_of(body ->> 'starts_on')::timestamp,
            kit.day_of(coalesce(body ->> 'booked_until', body ->> 'last_day'))::timestamp, interval '1 day'
        ) AS day
    WHERE extract(isodow FROM day) = (shift ->> 'day')::int AND body ->> 'booked' = 'true'
$$;

CREATE TABLE deployment (
    id        uuid PRIMARY KEY,
    turn      bigint GENERATED ALWAYS AS IDENTITY,
    version   integer NOT NULL CHECK (version > 0),
    body      jsonb,
    status    text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    person_id uuid GENERATED ALWAYS AS ((body ->> 'person_id')::uuid) STORED,
    home      text GENERATED ALWAYS AS (body ->> 'home') STORED,
    host      text GENERATED ALWAYS AS (body ->> 'host') STORED,
    need_id   uuid GENERATED ALWAYS AS ((body ->> 'need_id')::uuid) STORED REFERENCES need,
    booked    tstzmultirange GENERATED ALWAYS AS (booked_time(body)) STORED,
    -- Nobody is lent to the organisation that they work for.
    CHECK (body ->> 'home' <> body ->> 'host'),
    -- A person is in one place at a time: booked time does not overlap. Part-time moves may lie side by side.
    CONSTRAINT deployment_no_double_booking EXCLUDE USING gist (uuidrange(person_id, person_id, '[]') WITH =, booked WITH &&)
);
CREATE INDEX deployment_of_need ON deployment (need_id);
CREATE INDEX deployment_of_person ON deployment (person_id);

-- What a host tells a mover about the first day. It names people, so it is on no bus and in no journal, and goes with the end of the move.
CREATE TABLE first_day_pack (
    deployment_id uuid PRIMARY KEY REFERENCES deployment,
    contact       text NOT NULL,
    shift         text NOT NULL,
    access        text NOT NULL,
    parking       text NOT NULL
);

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

-- A stop of a person at every host, whether or not a move of theirs is live.
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
-- What one organisation, or the programme, says of a person is one record as long as it stands; said of another move, another.
CREATE UNIQUE INDEX stop_once ON stop (person_id, reason, coalesce(organisation, ''), coalesce(body ->> 'deployment_id', ''))
    WHERE status = 'standing';

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
CREATE INDEX training_over ON training (completed_on);

-- What hosts made of training that they did not give, as learning says: for passports that are opened later.
CREATE TABLE judgement (
    event_id      uuid PRIMARY KEY,
    person_id     uuid NOT NULL,
    competence_id uuid NOT NULL,
    -- of learning's record: a later judgement of the same host takes the place of an earlier one
    version       integer NOT NULL,
    host          text NOT NULL,
    judged_on     date NOT NULL,
    -- what is accepted in its place; null: the host does not accept it as it stands
    waived        jsonb,
    -- learning has taken it back
    voided        boolean NOT NULL DEFAULT false
);
CREATE INDEX judgement_of_person ON judgement (person_id);
CREATE INDEX judgement_over ON judgement (judged_on);

-- What followed here from a fact of another service: it goes and comes back with it.
CREATE TABLE followed (
    cause        uuid NOT NULL,
    aggregate_id uuid NOT NULL,
    event_id     uuid NOT NULL,
    PRIMARY KEY (cause, event_id)
);

CREATE TABLE statement (
    id      uuid PRIMARY KEY,
    turn    bigint GENERATED ALWAYS AS IDENTITY,
    version integer NOT NULL CHECK (version > 0),
    body    jsonb,
    status  text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    home    text GENERATED ALWAYS AS (body ->> 'home') STORED,
    host    text GENERATED ALWAYS AS (body ->> 'host') STORED,
    month   date GENERATED ALWAYS AS (kit.day_of(body ->> 'month')) STORED
);
-- A pair of organisations has one open statement a month; hours that come after it was issued begin a further one.
CREATE UNIQUE INDEX statement_open_once ON statement (home, host, month) WHERE status = 'open';
CREATE INDEX statement_of_month ON statement (home, host, month);

-- Lists are filtered by what the body contains, newest first.
CREATE INDEX framework_body ON framework USING gin (body jsonb_path_ops);
CREATE INDEX signature_body ON signature USING gin (body jsonb_path_ops);
CREATE INDEX need_body ON need USING gin (body jsonb_path_ops);
CREATE INDEX deployment_body ON deployment USING gin (body jsonb_path_ops);
CREATE INDEX requirement_body ON requirement USING gin (body jsonb_path_ops);
CREATE INDEX passport_body ON passport USING gin (body jsonb_path_ops);
CREATE INDEX stop_body ON stop USING gin (body jsonb_path_ops);
CREATE INDEX statement_body ON statement USING gin (body jsonb_path_ops);
CREATE UNIQUE INDEX framework_turn ON framework (turn);
CREATE UNIQUE INDEX signature_turn ON signature (turn);
CREATE UNIQUE INDEX need_turn ON need (turn);
CREATE UNIQUE INDEX deployment_turn ON deployment (turn);
CREATE UNIQUE INDEX requirement_turn ON requirement (turn);
CREATE UNIQUE INDEX passport_turn ON passport (turn);
CREATE UNIQUE INDEX stop_turn ON stop (turn);
CREATE UNIQUE INDEX statement_turn ON statement (turn);

-- An organisation sees its own signature; the agreement is everybody's.
ALTER TABLE signature ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON signature USING (kit.may_see(organisation)) WITH CHECK (kit.may_see(body ->> 'organisation'));

-- A need is seen by who raised it, and by everybody once partners are asked.
ALTER TABLE need ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON need USING (kit.may_see(organisation) OR status = 'released') WITH CHECK (kit.may_see(body ->> 'organisation'));
-- A move is seen by the organisation that lends and by the one that borrows.
ALTER TABLE deployment ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON deployment USING (kit.may_see(home) OR kit.may_see(host))
    WITH CHECK (kit.may_see(body ->> 'home') OR kit.may_see(body ->> 'host'));

-- A passport is seen by the employer that opened it, and by whom its holder lets look, as long as they do.
ALTER TABLE passport ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON passport
    USING (kit.may_see(home) OR EXISTS (
        SELECT FROM jsonb_array_elements(body -> 'shares') AS share
        WHERE share ->> 'organisation' = current_setting('app.organisation', true)
            AND kit.day_of(share ->> 'until') >= (now() AT TIME ZONE 'Europe/London')::date
    ))
    WITH CHECK (kit.may_see(body ->> 'home'));
-- A stop is seen by who said it; what it does to a move, by who sees that.
ALTER TABLE stop ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON stop USING (kit.may_see(organisation)) WITH CHECK (kit.may_see(body ->> 'organisation'));

-- What was heard of other services is the programme's.
ALTER TABLE training ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON training USING (kit.may_see(NULL));
ALTER TABLE judgement ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON judgement USING (kit.may_see(NULL));
ALTER TABLE followed ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON followed USING (kit.may_see(NULL));

-- A statement is seen by who lent and by who borrowed.
ALTER TABLE statement ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON statement USING (kit.may_see(home) OR kit.may_see(host))
    WITH CHECK (kit.may_see(body ->> 'home') OR kit.may_see(body ->> 'host'));

-- A first-day pack is seen by whoever sees its move.
ALTER TABLE first_day_pack ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON first_day_pack USING (EXISTS (SELECT FROM deployment WHERE id = deployment_id));
