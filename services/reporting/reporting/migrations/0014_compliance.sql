-- Who works where, who must be trained in what, and how long an acceptance lasts.
-- Somebody came back to a placement that had ended.
CREATE TABLE resumption (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id uuid NOT NULL,
    employer  text NOT NULL
) INHERITS (telling);
CREATE INDEX resumption_of ON resumption (aggregate_id) WHERE standing;
CREATE INDEX ending_left ON ending (aggregate_id) WHERE standing AND kind = 'left';

-- Somebody works for an organisation, or does so no longer: the day is the first of it, or the last.
CREATE TABLE employment (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id    uuid NOT NULL,
    organisation text NOT NULL,
    soc2020      text NOT NULL,
    stage        text NOT NULL CHECK (stage IN ('begun', 'ended'))
) INHERITS (telling);
CREATE INDEX employment_of ON employment (aggregate_id) WHERE standing;

-- Who does this work must be trained in a core skill, or need not any more: in one organisation or in all, in one kind of work or any.
CREATE TABLE requirement (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    organisation text,
    soc2020      text,
    subject      text NOT NULL,
    level        integer NOT NULL,
    stage        text NOT NULL CHECK (stage IN ('required', 'dropped')),
    -- the levels that do, and how long after the first day there is time for it
    met_by       integer[] CHECK ((met_by IS NOT NULL) = (stage = 'required')),
    within_days  integer CHECK ((within_days IS NOT NULL) = (stage = 'required'))
) INHERITS (telling);
CREATE INDEX requirement_of ON requirement (aggregate_id) WHERE standing;

ALTER TABLE portability ADD COLUMN required_level integer, ADD COLUMN valid_until date;

-- Who works for which organisation on a day, and in what: those whom it has entered, and who started through the talent pipeline.
CREATE FUNCTION at_work(as_at date)
RETURNS TABLE (who uuid, organisation text, soc2020 text, since date, fact_id uuid) LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (coalesce(root, told.person_id), told.organisation, told.soc2020)
           coalesce(root, told.person_id), told.organisation, told.soc2020, told.since, told.fact_id
    FROM (
        SELECT person_id, organisation, soc2020, occurred_on AS since, fact_id FROM employment AS begun
        WHERE standing AND stage = 'begun' AND occurred_on <= as_at AND NOT EXISTS (
            SELECT FROM employment AS ended
            WHERE ended.standing AND ended.aggregate_id = begun.aggregate_id AND ended.stage = 'ended' AND ended.occurred_on < as_at
        )
        UNION ALL SELECT person_id, employer, soc2020, occurred_on, fact_id FROM placement AS start
        WHERE standing AND occurred_on <= as_at AND NOT EXISTS (
            SELECT FROM ending AS gone
            WHERE gone.standing AND gone.kind = 'left' AND gone.aggregate_id = start.aggregate_id AND gone.occurred_on < as_at
              AND NOT EXISTS (
                SELECT FROM resumption AS back
                WHERE back.standing AND back.aggregate_id = gone.aggregate_id
                  AND back.occurred_on BETWEEN gone.occurred_on AND as_at
            )
        )
    ) AS told LEFT JOIN one_person USING (person_id)
    ORDER BY 1, 2, 3, 4, 5
$$;
