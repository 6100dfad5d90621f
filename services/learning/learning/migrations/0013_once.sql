-- The same is not entered twice under two references, or in two tabs.
CREATE UNIQUE INDEX apprenticeship_once ON apprenticeship (person_id, (body ->> 'standard'))
    WHERE status IN ('waiting', 'live', 'paused', 'gateway', 'assessment');
CREATE UNIQUE INDEX enrolment_completed_once ON enrolment (person_id, course_id, organisation, (body ->> 'since'))
    WHERE status = 'completed';
