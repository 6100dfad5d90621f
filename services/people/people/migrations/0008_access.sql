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
