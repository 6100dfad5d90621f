-- What holds on a day of each signature, no matter which was heard first (c14). What was said to be in force is so until something that
-- was said after it has effect, though that be before it would have begun; and who resumes is still bound by the notice that it gave.
CREATE OR REPLACE FUNCTION signatory_on(as_at date) RETURNS SETOF signatory LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (aggregate_id) told.* FROM signatory AS told
    WHERE standing AND effective_on <= as_at AND NOT (in_force AND EXISTS (
        SELECT FROM signatory AS ended
        WHERE ended.standing AND ended.aggregate_id = told.aggregate_id AND NOT ended.in_force AND ended.effective_on <= as_at
          AND (ended.fact_id > told.fact_id OR told.type LIKE '%.organisation-resumed.%' AND ended.type LIKE '%.notice-given.%'
            AND NOT EXISTS (
                SELECT FROM signatory AS again
                WHERE again.standing AND again.aggregate_id = told.aggregate_id AND again.type LIKE '%.organisation-signed.%'
                  AND again.fact_id BETWEEN ended.fact_id AND told.fact_id
            ))
    ))
    ORDER BY aggregate_id, in_force DESC, effective_on DESC, fact_id DESC
$$;
