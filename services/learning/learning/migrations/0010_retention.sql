-- A cohort has a period, and everybody's place goes with it: one that ended before is shown for ninety days.
INSERT INTO kit.deadline (aggregate, aggregate_id, name, due_at)
SELECT 'cohort', id, 'retention',
    greatest(
        kit.day_after((kit.day_of(body ->> 'since') + CASE status WHEN 'held' THEN interval '72 months' ELSE interval '24 months' END)::date),
        now() + interval '90 days'
    )
FROM cohort WHERE status IN ('held', 'cancelled');
