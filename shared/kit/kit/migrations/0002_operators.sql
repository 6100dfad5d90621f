-- What operators ask for: rows said again, a database that came back from a backup, and who did what.

-- What the relay is to say again, a row a shard: journal rows from the beginning, while new rows wait (c5).
CREATE TABLE kit.republish (
    request      uuid NOT NULL,
    shard        smallint NOT NULL,
    topic        text NOT NULL,
    -- null: every aggregate's
    aggregate_id uuid,
    -- how far it is: the last that was acknowledged
    after_aggregate uuid,
    after_version   integer,
    said         bigint NOT NULL DEFAULT 0,
    asked_at     timestamptz NOT NULL DEFAULT now(),
    done_at      timestamptz,
    PRIMARY KEY (request, shard)
);
CREATE INDEX republish_open ON kit.republish (asked_at) WHERE done_at IS NULL;

-- One row: this database came back from a backup, and nothing may use it before its own topics are read back (c6).
CREATE TABLE kit.restored (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    restored_at timestamptz NOT NULL DEFAULT now(),
    -- set: reconciling found what a person must look at
    stopped_code   text,
    stopped_detail text
);

-- What operators did here, by whom and why; what they decided about dead letters stands in kit.resolution.
CREATE TABLE kit.operation (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action text NOT NULL,
    about  jsonb NOT NULL,
    author text NOT NULL,
    reason text NOT NULL,
    done_at timestamptz NOT NULL DEFAULT now()
);
