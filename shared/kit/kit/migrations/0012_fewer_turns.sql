-- Locks and what is read under them, in one turn of the server's.

-- Of whom is to be spoken, in the order of ids: nobody forgets them before the transaction ends. Those who are registered, as it is
-- once they are locked: each statement of such a function sees what was committed before it.
CREATE FUNCTION kit.speak_of(ids uuid[]) RETURNS SETOF uuid LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('person ' || id, 0)) FROM unnest(ids) AS id;
    RETURN QUERY SELECT person.id FROM kit.person WHERE person.id = ANY(ids);
END
$$;

-- The answer that was kept for a key, if any: nobody else answers to it before the transaction ends.
CREATE FUNCTION kit.answered(principal text, route text, key text) RETURNS SETOF kit.answered_request LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(concat_ws(chr(10), $1, $2, $3), 0));
    RETURN QUERY SELECT * FROM kit.answered_request AS kept WHERE (kept.principal, kept.route, kept.key) = ($1, $2, $3);
END
$$;
