-- A link that somebody was given to their own page, until it is used: its code is known by its hash alone.
CREATE TABLE own_link (
    code_sha256 bytea PRIMARY KEY CHECK (octet_length(code_sha256) = 32),
    person_id   uuid NOT NULL,
    expires_at  timestamptz NOT NULL
);
ALTER TABLE own_link ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON own_link USING (kit.may_see(NULL));
