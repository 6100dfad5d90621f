-- T Level placements that employers share, and apprenticeships.
CREATE TABLE pathway (
    id        uuid PRIMARY KEY,
    turn      bigint GENERATED ALWAYS AS IDENTITY,
    version   integer NOT NULL CHECK (version > 0),
    body      jsonb,
    status    text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    person_id uuid GENERATED ALWAYS AS ((body ->> 'person_id')::uuid) STORED
);
-- A student has one placement at a time.
CREATE UNIQUE INDEX pathway_once ON pathway (person_id) WHERE status = 'placed';
CREATE INDEX pathway_body ON pathway USING gin (body jsonb_path_ops);
CREATE UNIQUE INDEX pathway_turn ON pathway (turn);

CREATE TABLE apprenticeship (
    id        uuid PRIMARY KEY,
    turn      bigint GENERATED ALWAYS AS IDENTITY,
    version   integer NOT NULL CHECK (version > 0),
    body      jsonb,
    status    text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    person_id uuid GENERATED ALWAYS AS ((body ->> 'person_id')::uuid) STORED,
    employer  text GENERATED ALWAYS AS (body ->> 'employer') STORED
);
CREATE INDEX apprenticeship_body ON apprenticeship USING gin (body jsonb_path_ops);
CREATE UNIQUE INDEX apprenticeship_turn ON apprenticeship (turn);

-- A placement is seen by the college and by every employer that gives a part of it; an apprenticeship by its employer and provider.
ALTER TABLE pathway ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON pathway USING (
    kit.may_see(body ->> 'provider')
    OR body -> 'legs' @> jsonb_build_array(jsonb_build_object('employer', current_setting('app.organisation', true)))
);
ALTER TABLE apprenticeship ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON apprenticeship USING (kit.may_see(body ->> 'employer') OR kit.may_see(body ->> 'provider'));
