-- Who has one id only, which is nearly everybody, is told by an index and sorted by nobody; who has several is worked out as before.
CREATE VIEW linked AS
SELECT person_id FROM link WHERE same_as IS NOT NULL UNION SELECT same_as FROM link WHERE same_as IS NOT NULL;

CREATE OR REPLACE FUNCTION first_start(as_at date) RETURNS SETOF placement LANGUAGE sql STABLE AS $$
    (
        SELECT DISTINCT ON (person_id) placement.* FROM placement
        WHERE standing AND occurred_on <= as_at AND person_id NOT IN (SELECT person_id FROM linked)
        ORDER BY person_id, occurred_on, fact_id
    ) UNION ALL (
        SELECT DISTINCT ON (coalesce(root, person_id)) placement.* FROM placement LEFT JOIN one_person USING (person_id)
        WHERE standing AND occurred_on <= as_at AND person_id IN (SELECT person_id FROM linked)
        ORDER BY coalesce(root, person_id), occurred_on, fact_id
    )
$$;

CREATE INDEX declaration_last ON declaration (person_id, recorded_at DESC, event_id DESC) WHERE person_id IS NOT NULL;
DROP INDEX declaration_person;

CREATE OR REPLACE VIEW last_declared AS
(
    SELECT DISTINCT ON (person_id) person_id, event_id, ethnic_category FROM declaration
    WHERE person_id IS NOT NULL AND person_id NOT IN (SELECT person_id FROM linked)
    ORDER BY person_id, recorded_at DESC, event_id DESC
) UNION ALL (
    SELECT DISTINCT ON (coalesce(root, person_id)) coalesce(root, person_id), event_id, ethnic_category
    FROM declaration LEFT JOIN one_person USING (person_id)
    WHERE person_id IN (SELECT person_id FROM linked)
    ORDER BY coalesce(root, person_id), recorded_at DESC, event_id DESC
);
