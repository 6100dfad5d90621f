-- The schema as it stands, beside the plumbing's own (kit/tables.sql). migrations/ builds the same; a test compares the two.
--
-- Each aggregate is a row: its version, and the whole of its state in `body`. The other columns are drawn from the body by the
-- database itself, so that they cannot differ from it. A row without a body is one whose every fact was voided.

CREATE TABLE course (
    id      uuid PRIMARY KEY,
    turn    bigint GENERATED ALWAYS AS IDENTITY,
    version integer NOT NULL CHECK (version > 0),
    body    jsonb,
    status  text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    -- Springboard is for women.
    CHECK (body ->> 'category' <> 'springboard' OR body ->> 'eligibility' IS NOT DISTINCT FROM 'women')
);

CREATE TABLE cohort (
    id        uuid PRIMARY KEY,
    turn      bigint GENERATED ALWAYS AS IDENTITY,
    version   integer NOT NULL CHECK (version > 0),
    body      jsonb,
    status    text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    course_id uuid GENERATED ALWAYS AS ((body ->> 'course_id')::uuid) STORED REFERENCES course,
    -- Places are kept for partners until a day before the first session.
    CHECK (kit.day_of(body ->> 'release_on') <= kit.day_of(body -> 'sessions' ->> 0))
);
CREATE INDEX cohort_of_course ON cohort (course_id);

-- Everybody's place in a cohort, drawn from its state whenever that is saved: found by person, and seen by their organisation alone.
CREATE TABLE booking (
    id           uuid PRIMARY KEY,
    cohort_id    uuid NOT NULL REFERENCES cohort,
    person_id    uuid NOT NULL,
    organisation text NOT NULL,
    status       text NOT NULL,
    since        date NOT NULL,
    -- the last day on which a place that was offered can be taken
    offered_until date CHECK ((offered_until IS NOT NULL) = (status = 'offered'))
);
CREATE INDEX booking_of_person ON booking (person_id);
CREATE INDEX booking_of_cohort ON booking (cohort_id);
-- A person has one place in a cohort, or waits for one.
CREATE UNIQUE INDEX booking_once ON booking (cohort_id, person_id) WHERE status IN ('booked', 'confirmed', 'offered', 'waiting');

-- Lists are filtered by what the body contains, newest first. A cohort's is too large to be worth an index.
CREATE INDEX course_body ON course USING gin (body jsonb_path_ops);
CREATE UNIQUE INDEX course_turn ON course (turn);
CREATE UNIQUE INDEX cohort_turn ON cohort (turn);

-- A partner sees the places of its own learners only.
ALTER TABLE booking ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON booking USING (kit.may_see(organisation));
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
CREATE INDEX transcript_code_over ON transcript_code (until);

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
CREATE INDEX employment_of_person ON employment (person_id);

CREATE INDEX requirement_body ON requirement USING gin (body jsonb_path_ops);
CREATE INDEX employment_body ON employment USING gin (body jsonb_path_ops);
CREATE UNIQUE INDEX requirement_turn ON requirement (turn);
CREATE UNIQUE INDEX employment_turn ON employment (turn);

-- An organisation sees its own staff.
ALTER TABLE employment ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON employment USING (kit.may_see(organisation)) WITH CHECK (kit.may_see(body ->> 'organisation'));

-- What an employer's starters learn first, who is enrolled in what, and who started.
CREATE TABLE induction (
    id           uuid PRIMARY KEY,
    turn         bigint GENERATED ALWAYS AS IDENTITY,
    version      integer NOT NULL CHECK (version > 0),
    body         jsonb,
    status       text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    organisation text GENERATED ALWAYS AS (body ->> 'organisation') STORED
);
-- An organisation has one induction for everybody, and one for each kind of work; and the same for its movers.
CREATE UNIQUE INDEX induction_once ON induction (organisation, (body ->> 'soc2020'), coalesce((body ->> 'movers')::boolean, false))
    NULLS NOT DISTINCT WHERE status = 'standing';

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
-- A course is completed once on a day, whatever a partner's systems call it.
CREATE UNIQUE INDEX enrolment_completed_once ON enrolment (person_id, course_id, organisation, (body ->> 'since'))
    WHERE status = 'completed';
CREATE INDEX enrolment_of_course ON enrolment (course_id);

-- Who started work, as the talent pipeline said it, or came to work for a while, as mobility did: so that a voiding, a restoration or a correction finds what it was.
CREATE TABLE starter (
    event_id     uuid PRIMARY KEY,
    -- the candidacy, or the move
    work_id      uuid NOT NULL,
    person_id    uuid NOT NULL,
    organisation text NOT NULL,
    soc2020      text NOT NULL,
    started_on   date NOT NULL,
    -- somebody else's employee, who works here for a while
    mover        boolean NOT NULL DEFAULT false,
    -- the start was taken back
    voided       boolean NOT NULL DEFAULT false,
    -- the event by which they left
    left_by      uuid
);
CREATE INDEX starter_of_work ON starter (work_id);
CREATE INDEX starter_left_by ON starter (left_by) WHERE left_by IS NOT NULL;

CREATE INDEX induction_body ON induction USING gin (body jsonb_path_ops);
CREATE INDEX enrolment_body ON enrolment USING gin (body jsonb_path_ops);
CREATE UNIQUE INDEX induction_turn ON induction (turn);
CREATE UNIQUE INDEX enrolment_turn ON enrolment (turn);

-- A partner sees what its own learners are enrolled in.
ALTER TABLE enrolment ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON enrolment USING (kit.may_see(organisation)) WITH CHECK (kit.may_see(body ->> 'organisation'));
-- An organisation sees who started with it.
ALTER TABLE starter ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON starter USING (kit.may_see(organisation));

-- The Learning Needs Analysis: what the city needs to learn. It names no person, and every partner may read all of it.
CREATE TABLE cycle (
    id      uuid PRIMARY KEY,
    turn    bigint GENERATED ALWAYS AS IDENTITY,
    version integer NOT NULL CHECK (version > 0),
    body    jsonb,
    status  text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED
);
-- A year has one cycle.
CREATE UNIQUE INDEX cycle_once ON cycle ((body ->> 'year')) WHERE status <> 'voided';
CREATE UNIQUE INDEX cycle_turn ON cycle (turn);

-- T Level placements that employers share, and apprenticeships.
CREATE TABLE pathway (
    id        uuid PRIMARY KEY,
    turn      bigint GENERATED ALWAYS AS IDENTITY,
    version   integer NOT NULL CHECK (version > 0),
    body      jsonb,
    status    text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    person_id uuid GENERATED ALWAYS AS ((body ->> 'person_id')::uuid) STORED
);
-- A student has one placement at a time.
CREATE UNIQUE INDEX pathway_once ON pathway (person_id) WHERE status = 'placed';
CREATE INDEX pathway_body ON pathway USING gin (body jsonb_path_ops);
CREATE UNIQUE INDEX pathway_turn ON pathway (turn);

CREATE TABLE apprenticeship (
    id        uuid PRIMARY KEY,
    turn      bigint GENERATED ALWAYS AS IDENTITY,
    version   integer NOT NULL CHECK (version > 0),
    body      jsonb,
    status    text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    person_id uuid GENERATED ALWAYS AS ((body ->> 'person_id')::uuid) STORED,
    employer  text GENERATED ALWAYS AS (body ->> 'employer') STORED
);
-- An apprentice learns by a standard once at a time.
CREATE UNIQUE INDEX apprenticeship_once ON apprenticeship (person_id, (body ->> 'standard'))
    WHERE status IN ('waiting', 'live', 'paused', 'gateway', 'assessment');
CREATE INDEX apprenticeship_body ON apprenticeship USING gin (body jsonb_path_ops);
CREATE UNIQUE INDEX apprenticeship_turn ON apprenticeship (turn);

-- A placement is seen by the college and by every employer that gives a part of it; an apprenticeship by its employer and provider.
ALTER TABLE pathway ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON pathway USING (
    kit.may_see(body ->> 'provider')
    OR body -> 'legs' @> jsonb_build_array(jsonb_build_object('employer', current_setting('app.organisation', true)))
);
ALTER TABLE apprenticeship ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON apprenticeship USING (kit.may_see(body ->> 'employer') OR kit.may_see(body ->> 'provider'));
