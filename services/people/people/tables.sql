-- The schema as it stands, beside the plumbing's own (kit/tables.sql). migrations/ builds the same; a test compares the two.

-- An id that we issued: its version, and the whole of what is said of it in `body`. Who it is stands in `detail`.
CREATE TABLE person (
    id            uuid PRIMARY KEY,
    turn          bigint GENERATED ALWAYS AS IDENTITY,
    version       integer NOT NULL CHECK (version > 0),
    body          jsonb,
    status        text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    organisation  text GENERATED ALWAYS AS (body ->> 'organisation') STORED,
    registered_on date GENERATED ALWAYS AS (kit.day_of(body ->> 'registered_on')) STORED,
    same_as       uuid GENERATED ALWAYS AS ((body ->> 'same_as')::uuid) STORED REFERENCES person DEFERRABLE INITIALLY DEFERRED,
    -- Who is linked is linked to another, and nobody else is.
    CHECK ((body ->> 'status' = 'linked') = (body ->> 'same_as' IS NOT NULL)),
    CHECK (body ->> 'same_as' <> id::text)
);
CREATE UNIQUE INDEX person_turn ON person (turn);
CREATE INDEX person_body ON person USING gin (body jsonb_path_ops);
-- Who is linked to whom is followed both ways.
CREATE INDEX person_linked ON person (same_as) WHERE same_as IS NOT NULL;

-- The name of a person and the ways to reach them: each sealed, and found by an HMAC of how it is compared.
CREATE TABLE detail (
    person_id uuid NOT NULL REFERENCES person,
    kind      text NOT NULL CHECK (kind IN ('name', 'email', 'phone', 'post')),
    key_id    text NOT NULL,
    digest    bytea NOT NULL CHECK (octet_length(digest) = 32),
    -- a nonce and what AES-GCM made of the text, bound to whose it is and what: no text is this short
    sealed    bytea NOT NULL CHECK (octet_length(sealed) > 28),
    PRIMARY KEY (person_id, kind)
);
CREATE INDEX detail_found ON detail (kind, digest);
CREATE INDEX detail_under ON detail (key_id);

-- A partner's own reference and our id of whom it means: sealed, and found by an HMAC, so that a stolen table gives no number away.
CREATE TABLE exchange (
    partner   text NOT NULL,
    kind      text NOT NULL,
    key_id    text NOT NULL,
    digest    bytea NOT NULL CHECK (octet_length(digest) = 32),
    sealed    bytea NOT NULL CHECK (octet_length(sealed) > 28),
    person_id uuid NOT NULL REFERENCES person,
    exchanged_at timestamptz NOT NULL DEFAULT now(),
    -- A reference means one person.
    PRIMARY KEY (partner, digest)
);
CREATE INDEX exchange_of ON exchange (person_id);
CREATE INDEX exchange_under ON exchange (key_id);

-- Somebody looked at who a person is, and said why: shown to the person, and kept for six years.
CREATE TABLE look (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id    uuid NOT NULL,
    looked_at    timestamptz NOT NULL,
    actor        text NOT NULL,
    -- whose staff; null: the programme's
    organisation text,
    reason       text NOT NULL
);
CREATE INDEX look_at ON look (person_id, id);
CREATE INDEX look_over ON look (looked_at);

-- A look is never changed, and taken back by nobody, not even by this service, before it is six years old (less a day: clocks differ).
CREATE FUNCTION look_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.looked_at <= now() - interval '6 years' + interval '1 day' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a look is kept as it is' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER look_is_kept BEFORE UPDATE OR DELETE ON look FOR EACH ROW EXECUTE FUNCTION look_is_kept();

-- Two ids that somebody told apart: they are not proposed as one person again.
CREATE TABLE different (
    one        uuid NOT NULL REFERENCES person,
    other      uuid NOT NULL REFERENCES person,
    reason     text NOT NULL,
    actor      text NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (one, other),
    -- A pair is written in one order.
    CHECK (one < other)
);

-- Every linked id with the one that stands for all of its person's.
CREATE VIEW one_person WITH (security_invoker = true) AS
WITH RECURSIVE up AS (
    SELECT id, same_as AS at FROM person WHERE same_as IS NOT NULL
    UNION SELECT up.id, person.same_as FROM up JOIN person ON person.id = up.at WHERE person.same_as IS NOT NULL
)
SELECT up.id AS person_id, up.at AS root FROM up JOIN person ON person.id = up.at WHERE person.same_as IS NULL;

-- A partner sees the people that were registered on its behalf, and nobody else's.
ALTER TABLE person ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON person USING (kit.may_see(organisation)) WITH CHECK (kit.may_see(body ->> 'organisation'));
ALTER TABLE detail ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON detail USING (kit.may_see(NULL) OR EXISTS (SELECT FROM person WHERE person.id = person_id));
ALTER TABLE exchange ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON exchange USING (kit.may_see(partner));
ALTER TABLE look ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON look USING (kit.may_see(organisation));
ALTER TABLE different ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON different USING (kit.may_see(NULL));

-- A request to be erased, until it is decided.
CREATE TABLE erasure (
    id        uuid PRIMARY KEY,
    turn      bigint GENERATED ALWAYS AS IDENTITY,
    version   integer NOT NULL CHECK (version > 0),
    body      jsonb,
    status    text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    person_id uuid GENERATED ALWAYS AS ((body ->> 'person_id')::uuid) STORED REFERENCES person
);
CREATE UNIQUE INDEX erasure_turn ON erasure (turn);
CREATE INDEX erasure_body ON erasure USING gin (body jsonb_path_ops);
-- A person's request is decided before they make another.
CREATE UNIQUE INDEX erasure_open ON erasure (person_id) WHERE status IN ('requested', 'held');

ALTER TABLE erasure ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON erasure USING (kit.may_see(NULL));

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
-- What is over is found when its period is.
CREATE INDEX message_ended ON message (state_at) WHERE state <> 'queued';

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

-- What a person asks beside being erased: that something be put right, or that something stop.
CREATE TABLE request (
    id        uuid PRIMARY KEY,
    turn      bigint GENERATED ALWAYS AS IDENTITY,
    version   integer NOT NULL CHECK (version > 0),
    body      jsonb,
    status    text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    person_id uuid GENERATED ALWAYS AS ((body ->> 'person_id')::uuid) STORED REFERENCES person,
    -- a right, and for an objection what it is about
    wish      text GENERATED ALWAYS AS ((body ->> 'right') || coalesce(' ' || (body ->> 'about'), '')) STORED,
    about     text GENERATED ALWAYS AS (body ->> 'about') STORED
);
CREATE UNIQUE INDEX request_turn ON request (turn);
CREATE INDEX request_body ON request USING gin (body jsonb_path_ops);
CREATE INDEX request_of ON request (person_id);
-- The same is decided before it is asked again.
CREATE UNIQUE INDEX request_open ON request (person_id, wish) WHERE status = 'made';

ALTER TABLE request ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON request USING (kit.may_see(NULL));

-- What is to stand in place of what is held, until that is decided: sealed like what is held.
CREATE TABLE proposed (
    request_id uuid NOT NULL REFERENCES request,
    kind       text NOT NULL CHECK (kind IN ('email', 'phone', 'post')),
    key_id     text NOT NULL,
    sealed     bytea NOT NULL CHECK (octet_length(sealed) > 28),
    PRIMARY KEY (request_id, kind)
);

ALTER TABLE proposed ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON proposed USING (kit.may_see(NULL));

-- What a person is given of all that every service holds: asked for, and sealed once an officer has gathered it.
CREATE TABLE access (
    id          uuid PRIMARY KEY,
    person_id   uuid NOT NULL UNIQUE REFERENCES person,
    -- since when they wait for it
    asked_on    date,
    key_id      text,
    sealed      bytea CHECK (octet_length(sealed) > 28),
    released_at timestamptz,
    CHECK (num_nulls(key_id, sealed, released_at) IN (0, 3)),
    CHECK (asked_on IS NOT NULL OR sealed IS NOT NULL)
);
CREATE INDEX access_released ON access (released_at);

ALTER TABLE access ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON access USING (kit.may_see(NULL));

-- A record of another service that names somebody: as long as it is kept there, they are kept here.
CREATE TABLE resting (
    record_id uuid NOT NULL,
    person_id uuid NOT NULL REFERENCES person,
    -- when its service let go of it
    let_go_on date,
    PRIMARY KEY (record_id, person_id)
);
CREATE INDEX resting_on ON resting (person_id);

ALTER TABLE resting ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON resting USING (kit.may_see(NULL));
