-- Whoever reads `telling` reads every table of facts: what a figure may rest on is no list that each new table has to be put into.
ALTER TABLE campaign INHERIT telling;
ALTER TABLE vacancy INHERIT telling;
ALTER TABLE interest INHERIT telling;
ALTER TABLE triage INHERIT telling;
ALTER TABLE support INHERIT telling;
ALTER TABLE step INHERIT telling;
ALTER TABLE placement INHERIT telling;
ALTER TABLE ending INHERIT telling;
ALTER TABLE signatory INHERIT telling;
ALTER TABLE course INHERIT telling;
ALTER TABLE asked_place INHERIT telling;
ALTER TABLE attendance INHERIT telling;
ALTER TABLE course_outcome INHERIT telling;
ALTER TABLE move INHERIT telling;
ALTER TABLE checks_seen INHERIT telling;
ALTER TABLE worked INHERIT telling;
ALTER TABLE settled INHERIT telling;
ALTER TABLE need INHERIT telling;
ALTER TABLE need_change INHERIT telling;
ALTER TABLE course_retired INHERIT telling;
ALTER TABLE enrolment INHERIT telling;
ALTER TABLE training INHERIT telling;
ALTER TABLE portability INHERIT telling;

-- Every event that a figure may rest on, by the fact that it tells.
CREATE OR REPLACE VIEW evidence AS
SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM telling WHERE standing
UNION ALL SELECT event_id, event_id, type, NULL, topic, partition, "offset", recorded_at FROM declaration
    WHERE person_id IS NOT NULL;
