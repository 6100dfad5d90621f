-- A link that somebody was given to their own page, until it is used: its code is known by its hash alone.
CREATE TABLE kit.own_link (
    code_sha256 bytea PRIMARY KEY CHECK (octet_length(code_sha256) = 32),
    person_id   uuid NOT NULL,
    expires_at  timestamptz NOT NULL
);
-- Whoever is erased has no link left.
CREATE INDEX own_link_of ON kit.own_link (person_id);
ALTER TABLE kit.own_link ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON kit.own_link USING (kit.may_see(NULL));
