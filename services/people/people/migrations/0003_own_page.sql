-- Links to people's own pages.

-- A link that somebody was given to their own page, until it is used: its code is known by its hash alone.
CREATE TABLE own_link (
    code_sha256 bytea PRIMARY KEY CHECK (octet_length(code_sha256) = 32),
    person_id   uuid NOT NULL REFERENCES person,
    expires_at  timestamptz NOT NULL
);
-- Whoever is erased has no link left.
CREATE INDEX own_link_of ON own_link (person_id);

ALTER TABLE own_link ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON own_link USING (kit.may_see(NULL));
