-- What a host tells a mover about the first day. It names people, so it is on no bus and in no journal, and goes with the end of the move.
CREATE TABLE first_day_pack (
    deployment_id uuid PRIMARY KEY REFERENCES deployment,
    contact       text NOT NULL,
    shift         text NOT NULL,
    access        text NOT NULL,
    parking       text NOT NULL
);

-- A first-day pack is seen by whoever sees its move.
ALTER TABLE first_day_pack ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON first_day_pack USING (EXISTS (SELECT FROM deployment WHERE id = deployment_id));
