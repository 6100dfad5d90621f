-- What a seat and its backfill cost, and what an acceptance saved: in pence, where there is a price.
-- A learner gave a place up, or the wait for one.
CREATE TABLE given_up (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    booking_id   uuid NOT NULL,
    person_id    uuid NOT NULL,
    organisation text NOT NULL,
    sector       text NOT NULL,
    learner_kind text NOT NULL,
    course_id    uuid NOT NULL,
    category     text NOT NULL,
    programme    text NOT NULL,
    reason       text NOT NULL,
    -- so shortly before the first session that the place may stay empty
    late         boolean NOT NULL
) INHERITS (telling);

ALTER TABLE course ADD COLUMN seat_pence integer, ADD COLUMN backfill_pence integer;
CREATE INDEX course_of ON course (aggregate_id) WHERE standing;
ALTER TABLE portability ADD COLUMN saved_pence integer;
