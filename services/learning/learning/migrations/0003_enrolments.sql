-- What an employer's starters learn first, who is enrolled in what, and who started.
CREATE TABLE induction (
    id           uuid PRIMARY KEY,
    turn         bigint GENERATED ALWAYS AS IDENTITY,
    version      integer NOT NULL CHECK (version > 0),
    body         jsonb,
    status       text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    organisation text GENERATED ALWAYS AS (body ->> 'organisation') STORED
);
-- An employer has one induction for everybody, and one for each kind of work.
CREATE UNIQUE INDEX induction_once ON induction (organisation, (body ->> 'soc2020')) NULLS NOT DISTINCT
    WHERE status = 'standing';

CREATE TABLE enrolment (
    id           uuid PRIMARY KEY,
    turn         bigint GENERATED ALWAYS AS IDENTITY,
    version      integer NOT NULL CHECK (version > 0),
    body         jsonb,
    status       text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    course_id    uuid GENERATED ALWAYS AS ((body ->> 'course_id')::uuid) STORED REFERENCES course,
    person_id    uuid GENERATED ALWAYS AS ((body ->> 'person_id')::uuid) STORED,
    organisation text GENERATED ALWAYS AS (body ->> 'organisation') STORED
);
-- A learner is enrolled in a course once for each organisation.
CREATE UNIQUE INDEX enrolment_once ON enrolment (person_id, course_id, organisation) WHERE status = 'enrolled';
CREATE INDEX enrolment_of_course ON enrolment (course_id);

-- Who started work, as the talent pipeline said it: so that a voiding, a restoration or a correction finds what it was.
CREATE TABLE starter (
    event_id     uuid PRIMARY KEY,
    candidacy_id uuid NOT NULL,
    person_id    uuid NOT NULL,
    organisation text NOT NULL,
    soc2020      text NOT NULL,
    started_on   date NOT NULL,
    -- the start was taken back
    voided       boolean NOT NULL DEFAULT false,
    -- the event by which they left
    left_by      uuid
);
CREATE INDEX starter_of_candidacy ON starter (candidacy_id);
CREATE INDEX starter_left_by ON starter (left_by) WHERE left_by IS NOT NULL;

CREATE INDEX induction_body ON induction USING gin (body jsonb_path_ops);
CREATE INDEX enrolment_body ON enrolment USING gin (body jsonb_path_ops);
CREATE UNIQUE INDEX induction_turn ON induction (turn);
CREATE UNIQUE INDEX enrolment_turn ON enrolment (turn);

-- A partner sees what its own learners are enrolled in.
ALTER TABLE enrolment ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON enrolment USING (kit.may_see(organisation)) WITH CHECK (kit.may_see(body ->> 'organisation'));
-- What was heard of other services is the programme's.
ALTER TABLE starter ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON starter USING (kit.may_see(NULL));
