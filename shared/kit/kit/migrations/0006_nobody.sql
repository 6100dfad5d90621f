-- What is left of somebody who was erased.

-- The id under which things stay that happened to somebody who was erased: the same everywhere, so that what was one person's still is,
-- and nobody's. An id is random: nobody finds it from this one.
CREATE FUNCTION kit.nobody(erased uuid) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN md5('nobody ' || erased::text)::uuid;
