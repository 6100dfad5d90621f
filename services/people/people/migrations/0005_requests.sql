-- What people ask of their data beside being erased.

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
