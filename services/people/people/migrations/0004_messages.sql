-- Messages to people.

-- What a person is to be told of, by which fact: decided with the mark of that fact. Whom it goes to and what it says is looked up when it is sent.
CREATE TABLE message (
    -- made of the fact and the person
    id        uuid PRIMARY KEY,
    turn      bigint GENERATED ALWAYS AS IDENTITY,
    fact_id   uuid NOT NULL,
    -- no reference: other services may name an id that is nobody's, and that is seen here
    person_id uuid NOT NULL,
    kind      text NOT NULL,
    -- the day of which it speaks: until when a place is kept
    day       date,
    said_at   timestamptz NOT NULL,
    state     text NOT NULL CHECK (state IN ('queued', 'sent', 'bounced', 'held', 'failed')),
    -- why it is so, or why the last try came to nothing
    code      text,
    attempts  integer NOT NULL DEFAULT 0,
    -- when it is tried next; whoever takes it moves this to the end of a lease
    due_at    timestamptz,
    state_at  timestamptz NOT NULL,
    -- Somebody is told of a fact once.
    UNIQUE (fact_id, person_id),
    -- What is queued is due some time, and nothing else is.
    CHECK ((state = 'queued') = (due_at IS NOT NULL))
);
CREATE UNIQUE INDEX message_turn ON message (turn);
CREATE INDEX message_due ON message (due_at) WHERE state = 'queued';
CREATE INDEX message_of ON message (person_id, turn);

ALTER TABLE message ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON message USING (kit.may_see(NULL) OR EXISTS (SELECT FROM person WHERE person.id = person_id));

-- A kind of message that a person does not want.
CREATE TABLE opt_out (
    person_id uuid NOT NULL REFERENCES person,
    kind      text NOT NULL,
    since     timestamptz NOT NULL,
    PRIMARY KEY (person_id, kind)
);

ALTER TABLE opt_out ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON opt_out USING (kit.may_see(NULL));
