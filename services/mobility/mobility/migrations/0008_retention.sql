-- A statement has a period: one that was agreed before is shown for ninety days.
INSERT INTO kit.deadline (aggregate, aggregate_id, name, due_at)
SELECT 'statement', id, 'retention',
    greatest(kit.day_after((kit.day_of(body ->> 'since') + interval '72 months')::date), now() + interval '90 days')
FROM statement WHERE status = 'agreed';
