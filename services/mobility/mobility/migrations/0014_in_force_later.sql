-- Who signed from a later day is looked at when that day comes: also who signed before.
INSERT INTO kit.deadline (aggregate, aggregate_id, name, due_at)
SELECT 'signature', id, 'in-force', kit.day_of(body -> 'periods' -> -1 ->> 'first')::timestamp AT TIME ZONE 'Europe/London'
FROM signature
WHERE status IN ('signed', 'suspended', 'leaving')
    AND kit.day_of(body -> 'periods' -> -1 ->> 'first') > kit.day_of(body ->> 'since')
ON CONFLICT DO NOTHING;
