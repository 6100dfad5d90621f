-- A record of another service that names somebody: as long as it is kept there, they are kept here.
CREATE TABLE resting (
    record_id uuid NOT NULL,
    person_id uuid NOT NULL REFERENCES person,
    -- when its service let go of it
    let_go_on date,
    PRIMARY KEY (record_id, person_id)
);
CREATE INDEX resting_on ON resting (person_id);

ALTER TABLE resting ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON resting USING (kit.may_see(NULL));

-- Who was registered before this is shown for ninety days, in which the worker reads what every service has said of them.
INSERT INTO kit.deadline (aggregate, aggregate_id, name, due_at)
SELECT 'person', id, 'retention',
    greatest(kit.day_after((registered_on + interval '12 months')::date), now() + interval '90 days')
FROM person WHERE status <> 'erased' AND NOT EXISTS (SELECT FROM exchange WHERE person_id = person.id);
