-- The schema as it stands, beside the plumbing's own (kit/tables.sql). migrations/ builds the same; a test compares the two.
--
-- Each aggregate is a row: its version, and the whole of its state in `body`. The other columns are drawn from the body by the
-- database itself, so that they cannot differ from it. A row without a body is one whose every fact was voided.

CREATE TABLE campaign (
    id      uuid PRIMARY KEY,
    turn    bigint GENERATED ALWAYS AS IDENTITY,
    version integer NOT NULL CHECK (version > 0),
    body    jsonb,
    status  text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    -- A campaign does not close before it opens.
    CHECK (kit.day_of(body ->> 'closes_on') >= kit.day_of(body ->> 'opens_on'))
);

CREATE TABLE fair (
    id      uuid PRIMARY KEY,
    turn    bigint GENERATED ALWAYS AS IDENTITY,
    version integer NOT NULL CHECK (version > 0),
    body    jsonb,
    status  text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    -- A fair is pooled: two employers or more.
    CHECK (jsonb_array_length(body -> 'employers') >= 2)
);

CREATE TABLE engagement (
    id          uuid PRIMARY KEY,
    turn        bigint GENERATED ALWAYS AS IDENTITY,
    version     integer NOT NULL CHECK (version > 0),
    body        jsonb,
    status      text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    person_id   uuid GENERATED ALWAYS AS ((body ->> 'person_id')::uuid) STORED REFERENCES kit.person,
    campaign_id uuid GENERATED ALWAYS AS ((body ->> 'campaign_id')::uuid) STORED REFERENCES campaign,
    -- Whoever came by a campaign is counted under Connecting Communities, and nobody else is.
    CHECK ((body ->> 'route' = 'connecting-communities') = (body ->> 'campaign_id' IS NOT NULL))
);

CREATE TABLE vacancy (
    id       uuid PRIMARY KEY,
    turn     bigint GENERATED ALWAYS AS IDENTITY,
    version  integer NOT NULL CHECK (version > 0),
    body     jsonb,
    status   text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    employer text GENERATED ALWAYS AS (body ->> 'employer') STORED,
    -- No more posts are filled than there are.
    CHECK (jsonb_array_length(body -> 'filled_by') <= (body ->> 'posts')::int),
    -- Filled means that every post is.
    CHECK (body ->> 'status' <> 'filled' OR jsonb_array_length(body -> 'filled_by') = (body ->> 'posts')::int)
);

CREATE TABLE candidacy (
    id            uuid PRIMARY KEY,
    turn          bigint GENERATED ALWAYS AS IDENTITY,
    version       integer NOT NULL CHECK (version > 0),
    body          jsonb,
    status        text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    employer      text GENERATED ALWAYS AS (body ->> 'employer') STORED,
    person_id     uuid GENERATED ALWAYS AS ((body ->> 'person_id')::uuid) STORED REFERENCES kit.person,
    vacancy_id    uuid GENERATED ALWAYS AS ((body ->> 'vacancy_id')::uuid) STORED REFERENCES vacancy,
    engagement_id uuid GENERATED ALWAYS AS ((body ->> 'engagement_id')::uuid) STORED REFERENCES engagement,
    -- A person is a candidate for a vacancy once; an application that was voided does not count.
    CONSTRAINT candidacy_once UNIQUE (person_id, vacancy_id),
    -- Who started has a first day, and nobody else has.
    CHECK ((body ->> 'status' IN ('started', 'left')) = (body ->> 'started_on' IS NOT NULL))
);
CREATE INDEX candidacy_of_vacancy ON candidacy (vacancy_id);
CREATE INDEX candidacy_of_engagement ON candidacy (engagement_id);

CREATE TABLE appointable (
    id            uuid PRIMARY KEY,
    turn          bigint GENERATED ALWAYS AS IDENTITY,
    version       integer NOT NULL CHECK (version > 0),
    body          jsonb,
    status        text NOT NULL GENERATED ALWAYS AS (coalesce(body ->> 'status', 'voided')) STORED,
    person_id     uuid GENERATED ALWAYS AS ((body ->> 'person_id')::uuid) STORED REFERENCES kit.person,
    engagement_id uuid GENERATED ALWAYS AS ((body ->> 'engagement_id')::uuid) STORED REFERENCES engagement,
    candidacy_id  uuid GENERATED ALWAYS AS ((body ->> 'candidacy_id')::uuid) STORED REFERENCES candidacy,
    offered_as    uuid GENERATED ALWAYS AS ((body ->> 'offered_as')::uuid) STORED REFERENCES candidacy DEFERRABLE INITIALLY DEFERRED
);
-- A candidacy leads into the pool once at a time.
CREATE UNIQUE INDEX appointable_once ON appointable (candidacy_id) WHERE status IN ('available', 'offered');
-- Whoever an offer out of the pool was made to is found by what became of it.
CREATE INDEX appointable_offered ON appointable (offered_as);

-- Values interviews that were passed, as every employer may know them while they are in date. A fail never gets here.
CREATE TABLE values_pass (
    passed_in   uuid PRIMARY KEY REFERENCES candidacy,
    person_id   uuid NOT NULL REFERENCES kit.person,
    employer    text NOT NULL,
    passed_on   date NOT NULL,
    valid_until date NOT NULL CHECK (valid_until > passed_on)
);
CREATE INDEX values_pass_of_person ON values_pass (person_id, valid_until);

-- Lists are filtered by what the body contains, newest first.
CREATE INDEX campaign_body ON campaign USING gin (body jsonb_path_ops);
CREATE INDEX fair_body ON fair USING gin (body jsonb_path_ops);
CREATE INDEX engagement_body ON engagement USING gin (body jsonb_path_ops);
CREATE INDEX vacancy_body ON vacancy USING gin (body jsonb_path_ops);
CREATE INDEX candidacy_body ON candidacy USING gin (body jsonb_path_ops);
CREATE INDEX appointable_body ON appointable USING gin (body jsonb_path_ops);
CREATE UNIQUE INDEX campaign_turn ON campaign (turn);
CREATE UNIQUE INDEX fair_turn ON fair (turn);
CREATE UNIQUE INDEX engagement_turn ON engagement (turn);
CREATE UNIQUE INDEX vacancy_turn ON vacancy (turn);
CREATE UNIQUE INDEX candidacy_turn ON candidacy (turn);
CREATE UNIQUE INDEX appointable_turn ON appointable (turn);

-- An employer sees its own vacancies and its own applicants only; what is the programme's it does not see at all.
ALTER TABLE vacancy ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON vacancy USING (kit.may_see(employer)) WITH CHECK (kit.may_see(body ->> 'employer'));
ALTER TABLE candidacy ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON candidacy USING (kit.may_see(employer)) WITH CHECK (kit.may_see(body ->> 'employer'));
ALTER TABLE engagement ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON engagement USING (kit.may_see(NULL));
ALTER TABLE appointable ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON appointable USING (kit.may_see(NULL));
