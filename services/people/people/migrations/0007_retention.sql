-- What the vault writes down of people has a period.

-- Who was written to, and what did not come through, is found when its period is over.
CREATE INDEX message_ended ON message (state_at) WHERE state <> 'queued';
CREATE INDEX look_over ON look (looked_at);

-- A look is never changed, and taken back by nobody, not even by this service, before it is six years old (less a day: clocks differ).
DROP TRIGGER look_is_kept ON look;
CREATE OR REPLACE FUNCTION look_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.looked_at <= now() - interval '6 years' + interval '1 day' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a look is kept as it is' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER look_is_kept BEFORE UPDATE OR DELETE ON look FOR EACH ROW EXECUTE FUNCTION look_is_kept();

-- What was decided before there was a period.
INSERT INTO kit.deadline (aggregate, aggregate_id, name, due_at)
SELECT 'erasure', id, 'retention', greatest(kit.day_after((kit.day_of(body ->> 'since') + interval '72 months')::date), now() + interval '90 days')
FROM erasure WHERE status = 'refused'
UNION ALL
SELECT 'request', id, 'retention', greatest(kit.day_after((kit.day_of(body ->> 'since') + interval '72 months')::date), now() + interval '90 days')
FROM request WHERE status IN ('refused', 'closed') OR status = 'granted' AND about IS DISTINCT FROM 'being-compared';
