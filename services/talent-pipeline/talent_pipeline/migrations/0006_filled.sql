-- The last post filled closes a vacancy to applications: of those that were filled before, the day on which they were.
UPDATE vacancy SET body = jsonb_set(body, '{closed_on}', body -> 'since')
WHERE status = 'filled' AND body ->> 'closed_on' IS NULL;

-- Whoever is in the pool, or with whom the work has ended, waits for nobody to find them another post.
DELETE FROM kit.waiting USING candidacy JOIN engagement ON engagement.id = candidacy.engagement_id
WHERE aggregate_id = candidacy.id AND why = 'redirect-or-pool' AND (
    engagement.status = 'closed'
    OR EXISTS (SELECT FROM appointable WHERE appointable.candidacy_id = candidacy.id AND appointable.status <> 'voided')
);
