-- Learning as it began: courses, cohorts, and everybody's place in them.

CREATE TABLE course (
    id      uuid PRIMARY KEY,
    turn    bigint GENERATED ALWAYS AS IDENTITY,
    version integer NOT NULL CHECK (version > 0),
    body    jsonb,
    status  text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    -- Springboard is for women.
    CHECK (body ->> 'category' <> 'springboard' OR body ->> 'eligibility' = 'women')
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
