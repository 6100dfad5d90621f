-- What learners said of a course: after it, and three months later.
-- A learner said after the course what it was worth, and how confident they were before it and are now.
CREATE TABLE evaluation (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    booking_id        uuid NOT NULL,
    person_id         uuid NOT NULL,
    organisation      text NOT NULL,
    sector            text NOT NULL,
    learner_kind      text NOT NULL,
    course_id         uuid NOT NULL,
    category          text NOT NULL,
    programme         text NOT NULL,
    rating            integer NOT NULL CHECK (rating BETWEEN 1 AND 5),
    confidence_before integer NOT NULL CHECK (confidence_before BETWEEN 1 AND 10),
    confidence_after  integer NOT NULL CHECK (confidence_after BETWEEN 1 AND 10)
) INHERITS (telling);

-- A learner said, three months after the course, whether they use at work what they learned.
CREATE TABLE use_report (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    booking_id   uuid NOT NULL,
    person_id    uuid NOT NULL,
    organisation text NOT NULL,
    sector       text NOT NULL,
    learner_kind text NOT NULL,
    course_id    uuid NOT NULL,
    category     text NOT NULL,
    programme    text NOT NULL,
    used         boolean NOT NULL
) INHERITS (telling);
