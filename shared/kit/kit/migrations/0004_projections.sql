-- The versions of a projection: read models that are built anew from the log, beside those that are read.
CREATE TABLE kit.projection (
    name     text NOT NULL,
    version  integer NOT NULL CHECK (version > 0),
    -- its reader, and the schema that holds its tables: both are called so
    consumer text NOT NULL UNIQUE,
    -- building -> standby <-> live; dropping: its tables are on their way out
    state    text NOT NULL CHECK (state IN ('building', 'standby', 'live', 'dropping')),
    began_at timestamptz NOT NULL DEFAULT now(),
    built_at timestamptz,
    -- when it was last made the one that is read
    live_at  timestamptz,
    PRIMARY KEY (name, version)
);
-- Of a projection one version is read, and one at a time is built.
CREATE UNIQUE INDEX projection_live ON kit.projection (name) WHERE state = 'live';
CREATE UNIQUE INDEX projection_building ON kit.projection (name) WHERE state = 'building';

-- One-time links that have been used.
CREATE TABLE kit.sign_in (
    code_sha256 bytea PRIMARY KEY,
    used_at     timestamptz NOT NULL DEFAULT now()
);
