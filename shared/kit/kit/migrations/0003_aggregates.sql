-- What services with aggregates have in common: who sees a row, what waits for whom, and what partners call things.

-- A day as the body of an aggregate writes it. Immutable, unlike the cast, which depends on a setting.
CREATE FUNCTION kit.day_of(written text) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN make_date(substr(written, 1, 4)::int, substr(written, 6, 2)::int, substr(written, 9, 2)::int);

-- Whose rows a transaction may see: `*` is everybody's, a name is that organisation's, nothing is nobody's.
CREATE FUNCTION kit.may_see(organisation text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN current_setting('app.organisation', true) IN ('*', coalesce(organisation, '*'));

-- What waits for somebody: written with the state that implies it, one row a thing to do.
CREATE TABLE kit.waiting (
    aggregate    text NOT NULL,
    aggregate_id uuid NOT NULL,
    -- who sees it beside the programme; null: nobody else
    organisation text,
    -- a kind of people or organisation, by the service's own list
    who          text NOT NULL,
    why          text NOT NULL,
    since        date NOT NULL,
    PRIMARY KEY (aggregate_id, why)
);
CREATE INDEX waiting_for ON kit.waiting (who, since, aggregate_id, why);

-- A partner's own references, by what they name. No other partner and no other service sees them.
CREATE TABLE kit.reference (
    partner   text NOT NULL,
    kind      text NOT NULL,
    reference text NOT NULL CHECK (length(reference) <= 200),
    id        uuid NOT NULL,
    PRIMARY KEY (partner, kind, reference)
);
CREATE INDEX reference_of ON kit.reference (id);

-- What became of a claim: the facts that it left, in their order, so that it can be withdrawn or corrected.
CREATE TABLE kit.claimed (
    partner      text NOT NULL,
    source       text NOT NULL,
    claim_id     text NOT NULL,
    turn         smallint NOT NULL,
    type         text NOT NULL,
    aggregate    text NOT NULL,
    aggregate_id uuid NOT NULL,
    event_id     uuid NOT NULL,
    PRIMARY KEY (partner, source, claim_id, turn)
);

ALTER TABLE kit.waiting ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON kit.waiting USING (kit.may_see(organisation));
ALTER TABLE kit.reference ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON kit.reference USING (kit.may_see(NULL));
ALTER TABLE kit.claimed ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON kit.claimed USING (kit.may_see(NULL));
