-- Training that nobody renewed has a period, once it is needed no more: what is on record is shown for ninety days at least.
CREATE INDEX employment_of_person ON employment (person_id);
CREATE INDEX transcript_code_over ON transcript_code (until);
INSERT INTO kit.deadline (aggregate, aggregate_id, name, due_at)
SELECT 'competence', id, 'retention',
    greatest(
        kit.day_after((coalesce(expires_on, kit.day_of(body ->> 'since')) + interval '120 months')::date), now() + interval '90 days'
    )
FROM competence WHERE status IN ('current', 'expiring');
