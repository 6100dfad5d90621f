-- The ids of people come from people: here is kept whom it has registered, and who is one person with whom.

ALTER TABLE person DROP COLUMN issued_at, ADD COLUMN heard_at timestamptz NOT NULL DEFAULT now();
-- Another id of the same person. It may not have been heard of yet.
ALTER TABLE person ADD COLUMN same_as uuid;
CREATE INDEX person_linked ON person (same_as) WHERE same_as IS NOT NULL;
