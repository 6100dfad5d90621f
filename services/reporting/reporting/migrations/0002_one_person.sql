-- Two ids may be one person: counted once, under whichever of them something happened.

-- Of each id that was ever linked to another, the last word on it: whose other id it is, or that it is nobody else's after all.
CREATE TABLE link (
    person_id   uuid PRIMARY KEY,
    same_as     uuid,
    event_id    uuid NOT NULL,
    version     integer NOT NULL,
    topic       text NOT NULL,
    partition   integer NOT NULL,
    "offset"    bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    CHECK (same_as <> person_id)
);

-- Every linked id with the one that stands for all of its person's. Links make a tree, but what was heard of them so far may be a
-- ring: then the least of the ring stands for all, until the rest is heard.
CREATE VIEW one_person AS
WITH RECURSIVE up AS (
    SELECT person_id, same_as AS at FROM link WHERE same_as IS NOT NULL
    UNION SELECT up.person_id, link.same_as FROM up JOIN link ON link.person_id = up.at WHERE link.same_as IS NOT NULL
)
SELECT up.person_id, coalesce(
    (array_agg(at) FILTER (WHERE on_.person_id IS NULL))[1], (array_agg(at ORDER BY at))[1]
) AS root
FROM up LEFT JOIN link AS on_ ON on_.person_id = up.at AND on_.same_as IS NOT NULL
GROUP BY up.person_id;

-- Each person's earliest start, under whichever of their ids, by business date and then by the fact's id: no matter which was heard
-- first. The route of it is the person's primary route (c14).
CREATE OR REPLACE FUNCTION first_start(as_at date) RETURNS SETOF placement LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (coalesce(root, person_id)) placement.* FROM placement LEFT JOIN one_person USING (person_id)
    WHERE standing AND occurred_on <= as_at
    ORDER BY coalesce(root, person_id), occurred_on, fact_id
$$;

-- What each person last declared, under whichever of their ids.
CREATE VIEW last_declared AS
SELECT DISTINCT ON (coalesce(root, person_id)) coalesce(root, person_id) AS person_id, event_id, ethnic_category
FROM declaration LEFT JOIN one_person USING (person_id)
WHERE person_id IS NOT NULL
ORDER BY coalesce(root, person_id), recorded_at DESC, event_id DESC;

-- The stages of the funnel that somebody has reached, each with the fact that says so.
CREATE OR REPLACE VIEW stage AS
SELECT coalesce(root, told.person_id) AS person_id, candidacy_id, stage, occurred_on, employer, route, campaign_id, fact_id
FROM (
    SELECT person_id, NULL::uuid AS candidacy_id, 'registered' AS stage, occurred_on, NULL AS employer, route, campaign_id, fact_id
    FROM interest WHERE standing
    UNION ALL SELECT person_id, NULL, 'triaged', occurred_on, NULL, route, campaign_id, fact_id FROM triage WHERE standing
    UNION ALL SELECT person_id, NULL, 'supported', occurred_on, NULL, route, campaign_id, fact_id FROM support WHERE standing
    UNION ALL SELECT person_id, aggregate_id, stage, occurred_on, employer, route, campaign_id, fact_id FROM step
        WHERE standing AND (weeks IS NULL OR weeks = 13)
    UNION ALL SELECT person_id, aggregate_id, 'started', occurred_on, employer, route, campaign_id, fact_id FROM placement
        WHERE standing
) AS told LEFT JOIN one_person USING (person_id);
