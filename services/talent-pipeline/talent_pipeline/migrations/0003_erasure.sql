-- Who was erased is forgotten.

-- Who was erased, by the id that stands for nobody: what is said of them from now on is refused, and said of nobody in the journal.
CREATE TABLE erased (
    nobody    uuid PRIMARY KEY,
    erased_at timestamptz NOT NULL DEFAULT now()
);

-- The one way in which a line of the journal changes: what was said of a person who was erased is said of nobody. The service may not
-- update its journal, so the owner's right is lent to it for this and nothing else. The lines stay, and what happened.
CREATE FUNCTION say_of_nobody(person uuid, told uuid[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lines integer;
BEGIN
    IF NOT EXISTS (SELECT FROM public.erased WHERE nobody = kit.nobody(person)) THEN
        RAISE EXCEPTION 'only who was erased is nobody' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE kit.journal
        SET payload = convert_to(replace(convert_from(payload, 'UTF8'), person::text, kit.nobody(person)::text), 'UTF8')
        WHERE aggregate_id = ANY(told) AND position(convert_to(person::text, 'UTF8') IN payload) > 0;
    GET DIAGNOSTICS lines = ROW_COUNT;
    RETURN lines;
END
$$;
