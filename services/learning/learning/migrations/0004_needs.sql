-- The Learning Needs Analysis: what the city needs to learn. It names no person, and every partner may read all of it.
CREATE TABLE cycle (
    id      uuid PRIMARY KEY,
    turn    bigint GENERATED ALWAYS AS IDENTITY,
    version integer NOT NULL CHECK (version > 0),
    body    jsonb,
    status  text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED
);
-- A year has one cycle.
CREATE UNIQUE INDEX cycle_once ON cycle ((body ->> 'year')) WHERE status <> 'voided';
CREATE UNIQUE INDEX cycle_turn ON cycle (turn);
