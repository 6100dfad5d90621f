-- Of a record that several were in, each line is said of nobody once for whom it names.
CREATE OR REPLACE FUNCTION kit.let_go_of(letting uuid, person uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lines integer;
BEGIN
    IF NOT EXISTS (SELECT FROM kit.let_go WHERE aggregate_id = letting) THEN
        RAISE EXCEPTION 'only what was let go is nobody''s' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE kit.journal SET payload = kit.of_nobody(payload, person)
        WHERE aggregate_id = letting AND position(convert_to(person::text, 'UTF8') IN payload) > 0;
    GET DIAGNOSTICS lines = ROW_COUNT;
    RETURN lines;
END
$$;
