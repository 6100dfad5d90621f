-- How long records are kept.

-- What was let go when its period was over: a stub, which says that there was such a record and by which rule it went.
CREATE TABLE kit.let_go (
    aggregate_id uuid PRIMARY KEY,
    aggregate    text NOT NULL,
    -- the kind of record, as the service's schedule names it
    record       text NOT NULL,
    ended_on     date NOT NULL,
    let_go_at    timestamptz NOT NULL DEFAULT now()
);

-- What is kept longer than its period, by whom and why.
CREATE TABLE kit.kept_longer (
    aggregate_id uuid PRIMARY KEY,
    -- the last day
    until        date NOT NULL,
    reason       text NOT NULL,
    actor        text NOT NULL,
    decided_at   timestamptz NOT NULL DEFAULT now()
);

-- The other way in which lines of the journal change: what was said of a record that was let go is said of nobody. The lines stay.
CREATE FUNCTION kit.let_go_of(letting uuid, person uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lines integer;
BEGIN
    IF NOT EXISTS (SELECT FROM kit.let_go WHERE aggregate_id = letting) THEN
        RAISE EXCEPTION 'only what was let go is nobody''s' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE kit.journal SET payload = kit.of_nobody(payload, person) WHERE aggregate_id = letting;
    GET DIAGNOSTICS lines = ROW_COUNT;
    RETURN lines;
END
$$;
