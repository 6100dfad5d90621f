-- Who is signed in to pages: the hash of each session's secret, and whose it is. A stolen table opens nothing.
CREATE TABLE kit.session (
    id_sha256    bytea PRIMARY KEY,
    subject      text NOT NULL,
    roles        text[] NOT NULL,
    organisation text NOT NULL,
    expires_at   timestamptz NOT NULL
);
