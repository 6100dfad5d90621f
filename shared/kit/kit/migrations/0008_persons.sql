-- Of whom a service may speak, and how it forgets.

-- Whom the vault has registered, where the service asks. Nothing else is known of them here.
CREATE TABLE kit.person (
    id       uuid PRIMARY KEY,
    heard_at timestamptz NOT NULL DEFAULT now(),
    -- Another id of the same person. It may not have been heard of yet.
    same_as  uuid
);
CREATE INDEX person_linked ON kit.person (same_as) WHERE same_as IS NOT NULL;

-- Who was erased, by the id that stands for nobody: what is said of them from now on is refused, and said of nobody in the journal.
CREATE TABLE kit.erased (
    nobody    uuid PRIMARY KEY,
    erased_at timestamptz NOT NULL DEFAULT now()
);

-- The id under which things stay that happened to somebody who was erased: the same everywhere, so that what was one person's still is,
-- and nobody's. An id is random: nobody finds it from this one. It is marked (a UUID of version 8, which we give to no person), so
-- that nobody's is nobody's: what a service says later of what it has left is counted under the same id.
CREATE OR REPLACE FUNCTION kit.nobody(erased uuid) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN substr(erased::text, 15, 1) = '8' THEN erased
    ELSE overlay(overlay(md5('nobody ' || erased::text) PLACING '8' FROM 13 FOR 1) PLACING 'a' FROM 17 FOR 1)::uuid
END;

-- What was written of a person, as it is written of nobody. By the bytes' digits, so that it need not be text.
CREATE FUNCTION kit.of_nobody(written bytea, person uuid) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN decode(replace(
    encode(written, 'hex'), encode(convert_to(person::text, 'UTF8'), 'hex'),
    encode(convert_to(kit.nobody(person)::text, 'UTF8'), 'hex')
), 'hex');

-- Whether these bytes name one of these, in whichever letters and with or without hyphens: partners write ids in their own way.
CREATE FUNCTION kit.names(written bytea, ids text[]) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN EXISTS (
    SELECT FROM unnest(ids) AS id
    WHERE position(replace(id, '-', '') IN replace(lower(encode(written, 'escape')), '-', '')) > 0
);

-- The one way in which a line of the journal changes: what was said of a person who was erased is said of nobody. The service may not
-- update its journal, so the owner's right is lent to it for this and nothing else. The lines stay, and what happened.
CREATE FUNCTION kit.say_of_nobody(person uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lines integer;
BEGIN
    IF NOT EXISTS (SELECT FROM kit.erased WHERE nobody = kit.nobody(person)) THEN
        RAISE EXCEPTION 'only who was erased is nobody' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE kit.journal SET payload = kit.of_nobody(payload, person)
        WHERE position(convert_to(person::text, 'UTF8') IN payload) > 0;
    GET DIAGNOSTICS lines = ROW_COUNT;
    RETURN lines;
END
$$;
