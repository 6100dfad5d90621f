-- Somebody who waited for a place took the one that they were offered, or let it lapse.
CREATE TABLE waited (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    booking_id   uuid NOT NULL,
    person_id    uuid NOT NULL,
    organisation text NOT NULL,
    sector       text NOT NULL,
    learner_kind text NOT NULL,
    course_id    uuid NOT NULL,
    category     text NOT NULL,
    programme    text NOT NULL,
    how          text NOT NULL CHECK (how IN ('taken', 'lapsed'))
) INHERITS (telling);
