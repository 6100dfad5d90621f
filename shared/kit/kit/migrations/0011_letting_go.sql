-- Rows that are let go when their period is over.

-- Since when a line of the schedule has stood as it does: what it lets go of a person's is shown for ninety days before.
CREATE TABLE kit.schedule (
    -- the kind of record, as the schedule names it
    record text PRIMARY KEY,
    period interval NOT NULL,
    since  timestamptz NOT NULL
);

-- The moment at which a day is over in Leeds.
CREATE FUNCTION kit.day_after(day date) RETURNS timestamptz LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN (day + 1)::timestamp AT TIME ZONE 'Europe/London';

-- What is over is found without looking at what is not.
CREATE INDEX answered_request_at ON kit.answered_request (answered_at);
CREATE INDEX refused_at ON kit.refused (refused_at);
CREATE INDEX dead_letter_settled ON kit.dead_letter (settled_at) WHERE state IN ('applied', 'discarded');
CREATE INDEX task_done ON kit.task (done_at) WHERE done_at IS NOT NULL;
CREATE INDEX sign_in_used ON kit.sign_in (used_at);
CREATE INDEX session_over ON kit.session (expires_at);
CREATE INDEX own_link_over ON kit.own_link (expires_at);
