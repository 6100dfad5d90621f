-- What was declared or withdrawn before there was a period.

INSERT INTO kit.deadline (aggregate, aggregate_id, name, due_at)
SELECT 'monitoring', monitoring_id, 'retention', greatest(
    kit.day_after((since + CASE status WHEN 'declared' THEN interval '72 months' ELSE interval '12 months' END)::date),
    now() + interval '90 days'
)
FROM monitoring;
