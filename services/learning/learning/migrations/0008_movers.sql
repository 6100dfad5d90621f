-- Who comes to work for a while, as mobility says it, learns first what the host's movers do.

ALTER TABLE starter RENAME COLUMN candidacy_id TO work_id;
ALTER TABLE starter ALTER COLUMN work_id DROP NOT NULL, ALTER COLUMN work_id SET NOT NULL;  -- whose constraint has its name
ALTER INDEX starter_of_candidacy RENAME TO starter_of_work;
ALTER TABLE starter ADD COLUMN mover boolean NOT NULL DEFAULT false;

DROP INDEX induction_once;
-- An organisation has one induction for everybody, and one for each kind of work; and the same for its movers.
CREATE UNIQUE INDEX induction_once ON induction (organisation, (body ->> 'soc2020'), coalesce((body ->> 'movers')::boolean, false))
    NULLS NOT DISTINCT WHERE status = 'standing';
