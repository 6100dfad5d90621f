-- Reporting's tables as they stand; migrations/ builds the same, and a test compares the two. The plumbing's are in schema kit.

-- What every row says of the event that it was told by. The tables of facts below are made like this one and inherit from it: it
-- holds no row of its own, and whoever reads it reads all of them.
-- A fact that is corrected has a row for each telling: the first, and one for each correction, each with an event of its own.
CREATE TABLE telling (
    -- who said so: the fact's own event, or the correction's
    event_id      uuid PRIMARY KEY,
    -- what happened: the id of the event that told it first
    fact_id       uuid NOT NULL,
    type          text NOT NULL,
    aggregate_id  uuid NOT NULL,
    version       integer NOT NULL CHECK (version > 0),
    -- the day in Leeds on which it happened
    occurred_on   date NOT NULL,
    topic         text NOT NULL,
    partition     integer NOT NULL,
    "offset"      bigint NOT NULL,
    recorded_at   timestamptz NOT NULL,
    -- the next telling of the same fact
    superseded_by uuid,
    -- the event that took the fact back, and that nothing has restored since
    voided_by     uuid,
    -- what figures count: the last telling of a fact that has not been taken back
    standing      boolean GENERATED ALWAYS AS (superseded_by IS NULL AND voided_by IS NULL) STORED,
    -- of two tellings of a fact one is later
    UNIQUE (fact_id, version)
);

-- A campaign and what it is called.
CREATE TABLE campaign (LIKE telling INCLUDING ALL EXCLUDING GENERATED, name text NOT NULL) INHERITS (telling);

-- A vacancy, and what its role is called.
CREATE TABLE vacancy (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    employer text NOT NULL,
    soc2020  text NOT NULL,
    title    text NOT NULL
) INHERITS (telling);
CREATE INDEX vacancy_role ON vacancy (soc2020) WHERE standing;

-- Somebody told the programme of their interest: how, where, and what they did for a living then.
CREATE TABLE interest (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id         uuid NOT NULL,
    route             text NOT NULL,
    campaign_id       uuid,
    source            text NOT NULL,
    channel           text NOT NULL,
    ward              text,
    employment_status text NOT NULL,
    partner           text,
    supply_partner    text
) INHERITS (telling);
CREATE INDEX interest_engagement ON interest (aggregate_id) WHERE standing;

-- The hub passed somebody to a spoke.
CREATE TABLE triage (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id   uuid NOT NULL,
    route       text NOT NULL,
    campaign_id uuid,
    spoke       text NOT NULL
) INHERITS (telling);

-- Somebody was helped towards training, employability or a career.
CREATE TABLE support (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id   uuid NOT NULL,
    route       text NOT NULL,
    campaign_id uuid,
    kind        text NOT NULL,
    destination text NOT NULL,
    provider    text
) INHERITS (telling);

-- A candidacy moved on.
CREATE TABLE step (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id   uuid NOT NULL,
    vacancy_id  uuid NOT NULL,
    employer    text NOT NULL,
    soc2020     text NOT NULL,
    route       text NOT NULL,
    campaign_id uuid,
    stage       text NOT NULL
        CHECK (stage IN ('applied', 'shortlisted', 'interviewed', 'offered', 'cleared', 'start-agreed', 'sustained')),
    weeks       integer,
    -- only what is sustained has lasted for some weeks
    CHECK ((stage = 'sustained') = (weeks IS NOT NULL))
) INHERITS (telling);
CREATE INDEX step_candidacy ON step (aggregate_id) WHERE standing;

-- Somebody started work. An offer is not a placement; this is.
CREATE TABLE placement (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id         uuid NOT NULL,
    vacancy_id        uuid NOT NULL,
    engagement_id     uuid NOT NULL,
    employer          text NOT NULL,
    soc2020           text NOT NULL,
    route             text NOT NULL,
    campaign_id       uuid,
    ward              text,
    weekly_hours      double precision NOT NULL,
    employment_status text NOT NULL,
    prior_employment  text NOT NULL,
    new_to_system     text NOT NULL CHECK (new_to_system IN ('yes', 'no', 'unknown'))
) INHERITS (telling);
-- A person's first start, by which their route is told (c14).
CREATE INDEX placement_first ON placement (person_id, occurred_on, fact_id) WHERE standing;

-- A candidacy or a placement came to an end.
CREATE TABLE ending (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id   uuid NOT NULL,
    employer    text NOT NULL,
    soc2020     text NOT NULL,
    route       text NOT NULL,
    campaign_id uuid,
    kind        text NOT NULL
        CHECK (kind IN ('withdrew', 'offer-declined', 'not-appointed', 'offer-withdrawn', 'redirected', 'left')),
    stage       text,
    -- a coded reason; of a redirection, where to
    reason      text NOT NULL
) INHERITS (telling);

-- What was said of an organisation's signature to the framework, from which day it has effect, and whether it is in force then.
CREATE TABLE signatory (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    framework_id uuid NOT NULL,
    organisation text NOT NULL,
    sector       text NOT NULL,
    statutory    boolean NOT NULL,
    effective_on date NOT NULL,
    in_force     boolean NOT NULL
) INHERITS (telling);
CREATE INDEX signatory_signature ON signatory (aggregate_id, effective_on, fact_id) WHERE standing;

-- A course of the catalogue, and what it is called.
CREATE TABLE course (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    title          text NOT NULL,
    category       text NOT NULL,
    programme      text NOT NULL,
    provider       text NOT NULL,
    -- what a place costs whoever gives it, and a learner's organisation to do without them meanwhile
    seat_pence     integer,
    backfill_pence integer
) INHERITS (telling);
CREATE INDEX course_of ON course (aggregate_id) WHERE standing;

-- A learner asked for a place, and got it or waits for it.
CREATE TABLE asked_place (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    booking_id        uuid NOT NULL,
    person_id         uuid NOT NULL,
    organisation      text NOT NULL,
    sector            text NOT NULL,
    learner_kind      text NOT NULL,
    course_id         uuid NOT NULL,
    category          text NOT NULL,
    programme         text NOT NULL,
    got               text NOT NULL CHECK (got IN ('booked', 'waiting'))
) INHERITS (telling);
CREATE INDEX asked_place_category ON asked_place (category, occurred_on) WHERE standing;

-- A learner came to a session of a cohort: they participated, whatever came of it.
CREATE TABLE attendance (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    booking_id        uuid NOT NULL,
    person_id         uuid NOT NULL,
    organisation      text NOT NULL,
    sector            text NOT NULL,
    learner_kind      text NOT NULL,
    course_id         uuid NOT NULL,
    category          text NOT NULL,
    programme         text NOT NULL
) INHERITS (telling);
CREATE INDEX attendance_category ON attendance (category, occurred_on) WHERE standing;
-- Who came to the same cohort from other organisations.
CREATE INDEX attendance_cohort ON attendance (aggregate_id, organisation, fact_id) WHERE standing;

-- A cohort was held: what came of a learner's place in it.
CREATE TABLE course_outcome (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    booking_id        uuid NOT NULL,
    person_id         uuid NOT NULL,
    organisation      text NOT NULL,
    sector            text NOT NULL,
    learner_kind      text NOT NULL,
    course_id         uuid NOT NULL,
    category          text NOT NULL,
    programme         text NOT NULL,
    outcome           text NOT NULL CHECK (outcome IN ('completed', 'partly-completed', 'not-attended'))
) INHERITS (telling);

-- Somebody of one organisation began to work for another. An authorisation is not a move; this is.
CREATE TABLE move (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id    uuid NOT NULL,
    home         text NOT NULL,
    host         text NOT NULL,
    basis        text NOT NULL,
    need_id      uuid,
    weekly_hours double precision NOT NULL
) INHERITS (telling);

-- The checks that were seen for a move, and who had done them.
CREATE TABLE checks_seen (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id   uuid NOT NULL,
    home        text NOT NULL,
    host        text NOT NULL,
    verified_by text NOT NULL,
    kinds       text[] NOT NULL
) INHERITS (telling);
CREATE INDEX checks_seen_move ON checks_seen (aggregate_id) WHERE standing;

-- Hours that somebody worked for a host on a day.
CREATE TABLE worked (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    deployment_id uuid NOT NULL,
    person_id     uuid NOT NULL,
    home          text NOT NULL,
    host          text NOT NULL,
    worked_on     date NOT NULL,
    hours         double precision NOT NULL
) INHERITS (telling);

-- What home and host settled that the hours of a day come to.
CREATE TABLE settled (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    deployment_id uuid NOT NULL,
    home          text NOT NULL,
    host          text NOT NULL,
    worked_on     date NOT NULL,
    hours         double precision NOT NULL
) INHERITS (telling);
CREATE INDEX settled_line ON settled (aggregate_id, deployment_id, worked_on) WHERE standing;

-- An organisation needs staff: for how many places, and why.
CREATE TABLE need (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    organisation text NOT NULL,
    reason       text NOT NULL,
    people       integer NOT NULL
) INHERITS (telling);
CREATE INDEX need_of ON need (aggregate_id) WHERE standing;

-- A place of a need was filled, was left by who had filled it, or never was; or the staff are not needed after all.
CREATE TABLE need_change (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    organisation text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('filled', 'left', 'reopened', 'withdrawn'))
) INHERITS (telling);
CREATE INDEX need_change_of ON need_change (aggregate_id) WHERE standing;

-- A fact was taken back, or put back: the last of these decides whether it is voided.
CREATE TABLE retraction (
    event_id    uuid PRIMARY KEY,
    fact_id     uuid NOT NULL,
    fact_type   text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('voided', 'restored')),
    reason      text NOT NULL,
    version     integer NOT NULL,
    topic       text NOT NULL,
    partition   integer NOT NULL,
    "offset"    bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    UNIQUE (fact_id, version)
);

-- A course left the catalogue.
CREATE TABLE course_retired (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED
) INHERITS (telling);

-- Somebody is to learn a course of the catalogue, or has learned it, outside any cohort.
CREATE TABLE enrolment (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id    uuid NOT NULL,
    organisation text NOT NULL,
    sector       text NOT NULL,
    learner_kind text NOT NULL,
    course_id    uuid NOT NULL,
    category     text NOT NULL,
    programme    text NOT NULL,
    stage        text NOT NULL CHECK (stage IN ('enrolled', 'completed'))
) INHERITS (telling);

-- Somebody was trained in a core skill, and how long that counts.
CREATE TABLE training (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id    uuid NOT NULL,
    organisation text NOT NULL,
    subject      text NOT NULL,
    level        integer NOT NULL,
    expires_on   date,
    -- the version of the framework that it followed
    framework    text
) INHERITS (telling);

-- A host judged training that it did not give.
CREATE TABLE portability (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id    uuid NOT NULL,
    organisation text NOT NULL,
    host         text NOT NULL,
    subject      text NOT NULL,
    outcome      text NOT NULL CHECK (outcome IN ('waived', 'top-up', 'rejected')),
    -- on what it accepts, or why it does not
    ground       text,
    reason       text,
    -- what repeating it would have cost
    saved_pence  integer,
    -- what the host asked for, and the last day on which it accepts it
    required_level integer,
    valid_until  date,
    framework    text,
    CHECK ((outcome = 'rejected') = (reason IS NOT NULL) AND (outcome = 'rejected') = (ground IS NULL))
) INHERITS (telling);

-- A learner said after the course what it was worth, and how confident they were before it and are now.
CREATE TABLE evaluation (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    booking_id        uuid NOT NULL,
    person_id         uuid NOT NULL,
    organisation      text NOT NULL,
    sector            text NOT NULL,
    learner_kind      text NOT NULL,
    course_id         uuid NOT NULL,
    category          text NOT NULL,
    programme         text NOT NULL,
    rating            integer NOT NULL CHECK (rating BETWEEN 1 AND 5),
    confidence_before integer NOT NULL CHECK (confidence_before BETWEEN 1 AND 10),
    confidence_after  integer NOT NULL CHECK (confidence_after BETWEEN 1 AND 10)
) INHERITS (telling);

-- A learner said, three months after the course, whether they use at work what they learned.
CREATE TABLE use_report (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    booking_id   uuid NOT NULL,
    person_id    uuid NOT NULL,
    organisation text NOT NULL,
    sector       text NOT NULL,
    learner_kind text NOT NULL,
    course_id    uuid NOT NULL,
    category     text NOT NULL,
    programme    text NOT NULL,
    used         boolean NOT NULL
) INHERITS (telling);

-- A learner gave a place up, or the wait for one.
CREATE TABLE given_up (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    booking_id   uuid NOT NULL,
    person_id    uuid NOT NULL,
    organisation text NOT NULL,
    sector       text NOT NULL,
    learner_kind text NOT NULL,
    course_id    uuid NOT NULL,
    category     text NOT NULL,
    programme    text NOT NULL,
    reason       text NOT NULL,
    -- so shortly before the first session that the place may stay empty
    late         boolean NOT NULL
) INHERITS (telling);

-- Somebody who waited for a place took the one that they were offered, or let it lapse.
CREATE TABLE waited (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    booking_id   uuid NOT NULL,
    person_id    uuid NOT NULL,
    organisation text NOT NULL,
    sector       text NOT NULL,
    learner_kind text NOT NULL,
    course_id    uuid NOT NULL,
    category     text NOT NULL,
    programme    text NOT NULL,
    how          text NOT NULL CHECK (how IN ('taken', 'lapsed'))
) INHERITS (telling);

-- A T Level student's placement began, is complete, or was stopped before.
CREATE TABLE placement_step (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id  uuid NOT NULL,
    provider   text NOT NULL,
    start_year integer NOT NULL,
    stage      text NOT NULL CHECK (stage IN ('on-placement', 'completed', 'stopped')),
    reason     text CHECK ((reason IS NOT NULL) = (stage = 'stopped'))
) INHERITS (telling);
CREATE INDEX placement_step_of ON placement_step (aggregate_id) WHERE standing;

-- A student worked a day of a placement, or tasted another employer's work.
CREATE TABLE placement_hours (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id uuid NOT NULL,
    provider  text NOT NULL,
    employer  text NOT NULL,
    hours     double precision NOT NULL,
    taster    boolean NOT NULL
) INHERITS (telling);
CREATE INDEX placement_hours_of ON placement_hours (aggregate_id) WHERE standing;

-- An apprenticeship moved on, or went over to another employer: that is no stage.
CREATE TABLE apprentice_step (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id uuid NOT NULL,
    employer  text NOT NULL,
    provider  text NOT NULL,
    standard  text NOT NULL,
    stage     text CHECK (stage IN ('waiting', 'live', 'paused', 'gateway', 'assessment', 'completed', 'stopped')),
    reason    text
) INHERITS (telling);
CREATE INDEX apprentice_step_of ON apprentice_step (aggregate_id) WHERE standing;

-- An apprentice learned for some hours of a day away from the work itself.
CREATE TABLE off_the_job (
    LIKE telling INCLUDING ALL EXCLUDING GENERATED,
    person_id uuid NOT NULL,
    employer  text NOT NULL,
    provider  text NOT NULL,
    standard  text NOT NULL,
    hours     double precision NOT NULL
) INHERITS (telling);

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
    within_days  integer CHECK ((within_days IS NOT NULL) = (stage = 'required')),
    -- the version of the framework that is asked for, and from when on no other does
    framework    text,
    framework_from date CHECK ((framework_from IS NULL) = (framework IS NULL))
) INHERITS (telling);
CREATE INDEX requirement_of ON requirement (aggregate_id) WHERE standing;

-- What a person last declared about themselves, or a stub that something was withdrawn. Earlier declarations are not kept.
CREATE TABLE declaration (
    monitoring_id   uuid PRIMARY KEY,
    event_id        uuid NOT NULL,
    type            text NOT NULL,
    version         integer NOT NULL,
    person_id       uuid,
    ethnic_category text,
    topic           text NOT NULL,
    partition       integer NOT NULL,
    "offset"        bigint NOT NULL,
    recorded_at     timestamptz NOT NULL,
    -- of what was withdrawn nothing is left, not even whose it was
    CHECK (person_id IS NOT NULL OR ethnic_category IS NULL)
);
CREATE INDEX declaration_last ON declaration (person_id, recorded_at DESC, event_id DESC) WHERE person_id IS NOT NULL;

-- When something of a partner was last told. The partition is in the key, so that no two projectors write one row (c15).
CREATE TABLE heard (
    partner     text NOT NULL,
    topic       text NOT NULL,
    partition   integer NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (partner, topic, partition)
);

-- Up to when each partition has been counted: the moment at which its last event was written down.
CREATE TABLE counted (
    topic       text NOT NULL,
    partition   integer NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (topic, partition)
);

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

-- Whoever has another id, or is one. Nearly everybody has one only: told by an index, and sorted by nobody.
CREATE VIEW linked AS
SELECT person_id FROM link WHERE same_as IS NOT NULL UNION SELECT same_as FROM link WHERE same_as IS NOT NULL;

-- Each person's earliest start, under whichever of their ids, by business date and then by the fact's id: no matter which was heard
-- first. The route of it is the person's primary route (c14).
CREATE FUNCTION first_start(as_at date) RETURNS SETOF placement LANGUAGE sql STABLE AS $$
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

-- What holds on a day of each signature, no matter which was heard first (c14). What was said to be in force is so until something that
-- was said after it has effect, though that be before it would have begun; and who resumes is still bound by the notice that it gave.
CREATE FUNCTION signatory_on(as_at date) RETURNS SETOF signatory LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (aggregate_id) told.* FROM signatory AS told
    WHERE standing AND effective_on <= as_at AND NOT (in_force AND EXISTS (
        SELECT FROM signatory AS ended
        WHERE ended.standing AND ended.aggregate_id = told.aggregate_id AND NOT ended.in_force AND ended.effective_on <= as_at
          AND (ended.fact_id > told.fact_id OR told.type LIKE '%.organisation-resumed.%' AND ended.type LIKE '%.notice-given.%'
            AND NOT EXISTS (
                SELECT FROM signatory AS again
                WHERE again.standing AND again.aggregate_id = told.aggregate_id AND again.type LIKE '%.organisation-signed.%'
                  AND again.fact_id BETWEEN ended.fact_id AND told.fact_id
            ))
    ))
    ORDER BY aggregate_id, in_force DESC, effective_on DESC, fact_id DESC
$$;

-- What each person last declared, under whichever of their ids.
CREATE VIEW last_declared AS
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

-- The stages of the funnel that somebody has reached, each with the fact that says so.
CREATE VIEW stage AS
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

-- Every event that a figure may rest on, by the fact that it tells.
CREATE VIEW evidence AS
SELECT fact_id, event_id, type, occurred_on, topic, partition, "offset", recorded_at FROM telling WHERE standing
UNION ALL SELECT event_id, event_id, type, NULL, topic, partition, "offset", recorded_at FROM declaration
    WHERE person_id IS NOT NULL;
