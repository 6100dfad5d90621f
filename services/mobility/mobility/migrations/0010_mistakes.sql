-- What was voided has a period: what was voided before is shown for ninety days at least.
INSERT INTO kit.deadline (aggregate, aggregate_id, name, due_at)
SELECT gone.aggregate, gone.id, 'retention',
    greatest(kit.day_after(((last.recorded_at AT TIME ZONE 'Europe/London')::date + interval '12 months')::date), now() + interval '90 days')
FROM (
    SELECT 'passport', id FROM passport WHERE body IS NULL
    UNION ALL SELECT 'deployment', id FROM deployment WHERE body IS NULL
    UNION ALL SELECT 'statement', id FROM statement WHERE body IS NULL
) AS gone (aggregate, id)
CROSS JOIN LATERAL (
    SELECT type, recorded_at FROM kit.journal WHERE aggregate_id = gone.id ORDER BY version DESC LIMIT 1
) AS last
WHERE last.type LIKE '%.fact-voided.v1';
