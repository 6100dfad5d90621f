-- Whoever says the same of two moves may take back what they said of one: these are two records.
DROP INDEX stop_once;
CREATE UNIQUE INDEX stop_once ON stop (person_id, reason, coalesce(organisation, ''), coalesce(body ->> 'deployment_id', ''))
    WHERE status = 'standing';
