-- The schema as it stands, beside the plumbing's own (kit/tables.sql). migrations/ builds the same; a test compares the two.

-- One row a declaration: what a person told us of themselves, until they change it or withdraw it.
CREATE TABLE monitoring (
    -- random, and not the person's: the key of the restricted topic
    monitoring_id uuid PRIMARY KEY,
    person_id     uuid NOT NULL,
    status        text NOT NULL CHECK (status IN ('declared', 'withdrawn')),
    -- the business date of the last step
    since         date NOT NULL,
    version       integer NOT NULL CHECK (version > 0),
    declaration   jsonb,
    -- What is withdrawn holds nothing, and what is declared holds something.
    CHECK (CASE status WHEN 'declared' THEN declaration <> '{}' AND declaration IS NOT NULL ELSE declaration IS NULL END)
);

-- A person has one declaration at a time; another begins only when the last is withdrawn.
CREATE UNIQUE INDEX monitoring_declared ON monitoring (person_id) WHERE status = 'declared';

-- A person's declarations are found by person, the latest first.
CREATE INDEX monitoring_of_person ON monitoring (person_id, since);

-- A fact without what the person declared: whose it is and of which day, and a declaration that answers nothing.
CREATE FUNCTION without_declaration(payload bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
RETURN convert_to(jsonb_build_object(
    'person_id', convert_from(payload, 'UTF8')::jsonb -> 'person_id',
    'occurred_on', convert_from(payload, 'UTF8')::jsonb -> 'occurred_on',
    'declaration', '{}'::jsonb
)::text, 'UTF8');

-- The one way in which a line of the journal changes: what was withdrawn is taken out of it. The service may not update its
-- journal, so the owner's right is lent to it for this and nothing else: the declarations of one monitoring id, whose last
-- fact is a withdrawal. The lines stay, with id, version, type and times. Only the owner and the service get this far.
CREATE FUNCTION erase_withdrawn(erased uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    last  text;
    lines integer;
BEGIN
    SELECT type INTO last FROM kit.journal
        WHERE aggregate = 'monitoring' AND aggregate_id = erased ORDER BY version DESC LIMIT 1;
    IF last IS DISTINCT FROM 'uk.leeds.oneworkforce.equality-monitoring.monitoring-withdrawn.v1' THEN
        RAISE EXCEPTION 'only what was withdrawn is erased' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE kit.journal SET payload = public.without_declaration(payload) WHERE aggregate_id = erased AND type <> last;
    GET DIAGNOSTICS lines = ROW_COUNT;
    RETURN lines;
END
$$;
