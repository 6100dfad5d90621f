-- A check that was asked for has its time: also one that was asked for before.
INSERT INTO kit.deadline (aggregate, aggregate_id, name, due_at)
SELECT 'passport', id, 'late-' || (request ->> 'kind'),
    (kit.day_of(request ->> 'since') + 1
        + CASE request ->> 'awaiting' WHEN 'holder' THEN 14 WHEN 'employer' THEN 7 ELSE 28 END)::timestamp AT TIME ZONE 'Europe/London'
FROM passport, jsonb_array_elements(body -> 'requested') AS request
WHERE status = 'open'
ON CONFLICT DO NOTHING;
