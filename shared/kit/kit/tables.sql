-- The plumbing's tables: one copy in the database of each service, in a schema of its own.
-- migrations/ builds the same; a test compares the two.

CREATE SCHEMA kit;

-- The audit trail and the truth: what was said of each aggregate, in order. Appended to, never changed.
CREATE TABLE kit.journal (
    event_id     uuid PRIMARY KEY,
    aggregate    text NOT NULL,
    aggregate_id uuid NOT NULL,
    version      integer NOT NULL CHECK (version > 0),
    type         text NOT NULL,
    topic        text NOT NULL,
    payload      bytea NOT NULL,
    occurred_at  timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL,
    actor        text NOT NULL,
    correlation_id uuid NOT NULL,
    causation_id uuid,
    traceparent  text,
    -- Two writers of one aggregate cannot both give out a version.
    UNIQUE (aggregate_id, version)
);
-- What was read back after a restore, by what it was done because of: whoever hears or asks of that again does nothing twice.
CREATE INDEX journal_read_back ON kit.journal (causation_id) WHERE actor = 'reconciled';

-- What has still to be sent. A row goes when the broker has acknowledged it; its bytes stay in the journal.
CREATE TABLE kit.outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shard    smallint NOT NULL,
    topic    text NOT NULL,
    key      bytea NOT NULL,
    -- null is a tombstone: it lets compaction forget what stood under the key
    value    bytea CHECK (octet_length(value) <= 900000),
    headers  jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX outbox_by_shard ON kit.outbox (shard, position);

-- The answer to a request that came with an Idempotency-Key: asked again, it is given again.
CREATE TABLE kit.answered_request (
    principal   text NOT NULL,
    route       text NOT NULL,
    key         text NOT NULL CHECK (length(key) <= 255),
    body_sha256 bytea NOT NULL,
    status      smallint NOT NULL,
    headers     jsonb NOT NULL,
    body        bytea NOT NULL,
    answered_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (principal, route, key)
);

-- What falls due by itself, one row a name and aggregate; fired once, by whichever worker takes it.
CREATE TABLE kit.deadline (
    aggregate    text NOT NULL,
    aggregate_id uuid NOT NULL,
    name         text NOT NULL,
    due_at       timestamptz NOT NULL,
    fired_at     timestamptz,
    -- it was too early, or firing it met a defect of ours: the others go on, and it is tried again then
    retry_at     timestamptz,
    PRIMARY KEY (aggregate_id, name, due_at)
);
CREATE INDEX deadline_due ON kit.deadline (due_at) WHERE fired_at IS NULL;

-- How far each reader is, by partition. The truth about progress: Kafka's own commit is for lag tools.
CREATE TABLE kit.position (
    consumer    text NOT NULL,
    topic       text NOT NULL,
    partition   integer NOT NULL,
    -- Kafka's id of the topic: a topic deleted and made again is another topic
    topic_id    text NOT NULL,
    next_offset bigint NOT NULL CHECK (next_offset >= 0),
    -- stale batches of a reader that had lost the partition, turned away
    fenced      bigint NOT NULL DEFAULT 0,
    -- set: a person must look; survives restarts; cleared by `partitions resume`
    stopped_code   text,
    stopped_detail text,
    stopped_at     timestamptz,
    -- dead letters before this moment no longer count towards the ceiling
    resumed_at  timestamptz NOT NULL DEFAULT '-infinity',
    moved_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, topic, partition)
);

-- Every event that a reader has applied: the same event at another offset is passed over. Kept for ever.
CREATE TABLE kit.inbox (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    PRIMARY KEY (consumer, event_id)
);

-- The last version seen of each aggregate: the next must follow it. Kept for ever.
CREATE TABLE kit.aggregate_seen (
    consumer     text NOT NULL,
    aggregate_id uuid NOT NULL,
    version      integer NOT NULL,
    event_id     uuid NOT NULL,
    PRIMARY KEY (consumer, aggregate_id)
);

-- What could not be applied, kept whole until somebody decides. The kinds:
--   unreadable  no retry will make it readable; later events of its key wait behind it
--   behind      readable, but an earlier one of its key is not done
--   early       its predecessor has not come yet
--   unknown     a type that this reader neither accepts nor ignores; its key does not wait; applied when a reader knows it
CREATE TABLE kit.dead_letter (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer   text NOT NULL,
    topic      text NOT NULL,
    topic_id   text NOT NULL,
    partition  integer NOT NULL,
    "offset"   bigint NOT NULL,
    key        bytea,
    value      bytea,
    -- json, not jsonb: byte for byte, also a NUL in a name
    headers    json NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('unreadable', 'behind', 'early', 'unknown')),
    event_id   uuid,
    type       text,
    code       text NOT NULL,
    field      text,
    rule       text,
    -- open -> asked (an operator wants it replayed or discarded) -> applied | discarded
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'asked', 'applied', 'discarded')),
    attempts   integer NOT NULL DEFAULT 1,
    kept_at    timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    -- of what came: a log that loses its end gives an offset out again
    digest     bytea NOT NULL,
    UNIQUE (consumer, topic_id, partition, "offset", digest)
);
-- by the key's hash: an index holds no more than 2,700 bytes of a key that somebody else chose
CREATE INDEX dead_letter_waiting ON kit.dead_letter (consumer, topic, partition, sha256(key), "offset")
    WHERE state IN ('open', 'asked');
CREATE INDEX dead_letter_asked ON kit.dead_letter (consumer) WHERE state = 'asked';

-- What a person decided about a record, by its place in the log and its content: every rebuild decides the same.
CREATE TABLE kit.resolution (
    topic_id   text NOT NULL,
    partition  integer NOT NULL,
    "offset"   bigint NOT NULL,
    action     text NOT NULL CHECK (action IN ('replay', 'edit', 'discard')),
    -- the bytes to read in its place
    value      bytea,
    headers    json,
    -- the event that is never to be applied, from whatever offset it comes
    event_id   uuid,
    author     text NOT NULL,
    reason     text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now(),
    digest     bytea NOT NULL,
    PRIMARY KEY (topic_id, partition, "offset", digest),
    CHECK ((action = 'edit') = (value IS NOT NULL))
);

-- What partners claimed and we accepted, by the partner's own id: the same claim again gets the same answer, and
-- another under the same id is refused. A refused claim binds nothing: it may be put right and sent again.
CREATE TABLE kit.claim (
    partner     text NOT NULL,
    source      text NOT NULL,
    claim_id    text NOT NULL CHECK (length(claim_id) <= 200),
    type        text NOT NULL,
    body_sha256 bytea NOT NULL,
    -- our ids of what it was about, by kind
    ids         jsonb NOT NULL,
    accepted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (partner, source, claim_id)
);

-- What a partner sent that we refused or could not read: kept where an operator finds it.
CREATE TABLE kit.refused (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner   text NOT NULL,
    topic     text NOT NULL,
    partition integer NOT NULL,
    "offset"  bigint NOT NULL,
    type      text,
    value     bytea,
    headers   json NOT NULL,
    code      text NOT NULL,
    field     text,
    rule      text,
    refused_at timestamptz NOT NULL DEFAULT now()
);

-- A reaction that the rules refused: somebody has to look, because nobody is waiting for an answer.
CREATE TABLE kit.task (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer   text NOT NULL,
    event_id   uuid NOT NULL,
    code       text NOT NULL,
    detail     text NOT NULL,
    raised_at  timestamptz NOT NULL DEFAULT now(),
    done_at    timestamptz,
    done_by    text,
    UNIQUE (consumer, event_id, code)
);

-- What the relay is to say again, a row a shard: journal rows from the beginning, while new rows wait (c5).
CREATE TABLE kit.republish (
    request      uuid NOT NULL,
    shard        smallint NOT NULL,
    topic        text NOT NULL,
    -- null: every aggregate's
    aggregate_id uuid,
    -- how far it is: the last that was acknowledged
    after_aggregate uuid,
    after_version   integer,
    said         bigint NOT NULL DEFAULT 0,
    asked_at     timestamptz NOT NULL DEFAULT now(),
    done_at      timestamptz,
    -- since when nothing of this shard is on its way that was read before it was asked
    heard_at     timestamptz,
    PRIMARY KEY (request, shard)
);
CREATE INDEX republish_open ON kit.republish (asked_at) WHERE done_at IS NULL;

-- One row: this database came back from a backup, and nothing may use it before its own topics are read back (c6).
CREATE TABLE kit.restored (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    restored_at timestamptz NOT NULL DEFAULT now(),
    -- set: reconciling found what a person must look at
    stopped_code   text,
    stopped_detail text
);

-- What operators did here, by whom and why; what they decided about dead letters stands in kit.resolution.
CREATE TABLE kit.operation (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action text NOT NULL,
    about  jsonb NOT NULL,
    author text NOT NULL,
    reason text NOT NULL,
    done_at timestamptz NOT NULL DEFAULT now()
);

-- A day as the body of an aggregate writes it. Immutable, unlike the cast, which depends on a setting.
CREATE FUNCTION kit.day_of(written text) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN make_date(substr(written, 1, 4)::int, substr(written, 6, 2)::int, substr(written, 9, 2)::int);

-- Whose rows a transaction may see: `*` is everybody's, a name is that organisation's, nothing is nobody's.
CREATE FUNCTION kit.may_see(organisation text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN current_setting('app.organisation', true) IN ('*', coalesce(organisation, '*'));

-- What waits for somebody: written with the state that implies it, one row a thing to do.
CREATE TABLE kit.waiting (
    aggregate    text NOT NULL,
    aggregate_id uuid NOT NULL,
    -- who sees it beside the programme; null: nobody else
    organisation text,
    -- a kind of people or organisation, by the service's own list
    who          text NOT NULL,
    why          text NOT NULL,
    since        date NOT NULL,
    PRIMARY KEY (aggregate_id, why)
);
CREATE INDEX waiting_for ON kit.waiting (who, since, aggregate_id, why);

-- A partner's own references, by what they name. No other partner and no other service sees them.
CREATE TABLE kit.reference (
    partner   text NOT NULL,
    kind      text NOT NULL,
    reference text NOT NULL CHECK (length(reference) <= 200),
    id        uuid NOT NULL,
    PRIMARY KEY (partner, kind, reference)
);
CREATE INDEX reference_of ON kit.reference (id);

-- What became of a claim: the facts that it left, in their order, so that it can be withdrawn or corrected.
CREATE TABLE kit.claimed (
    partner      text NOT NULL,
    source       text NOT NULL,
    claim_id     text NOT NULL,
    turn         smallint NOT NULL,
    type         text NOT NULL,
    aggregate    text NOT NULL,
    aggregate_id uuid NOT NULL,
    event_id     uuid NOT NULL,
    PRIMARY KEY (partner, source, claim_id, turn)
);

-- The versions of a projection: read models that are built anew from the log, beside those that are read.
CREATE TABLE kit.projection (
    name     text NOT NULL,
    version  integer NOT NULL CHECK (version > 0),
    -- its reader, and the schema that holds its tables: both are called so
    consumer text NOT NULL UNIQUE,
    -- building -> standby <-> live; dropping: its tables are on their way out
    state    text NOT NULL CHECK (state IN ('building', 'standby', 'live', 'dropping')),
    began_at timestamptz NOT NULL DEFAULT now(),
    built_at timestamptz,
    -- when it was last made the one that is read
    live_at  timestamptz,
    PRIMARY KEY (name, version)
);
-- Of a projection one version is read, and one at a time is built.
CREATE UNIQUE INDEX projection_live ON kit.projection (name) WHERE state = 'live';
CREATE UNIQUE INDEX projection_building ON kit.projection (name) WHERE state = 'building';

-- One-time links that have been used.
CREATE TABLE kit.sign_in (
    code_sha256 bytea PRIMARY KEY,
    used_at     timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE kit.waiting ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON kit.waiting USING (kit.may_see(organisation));
ALTER TABLE kit.reference ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON kit.reference USING (kit.may_see(NULL));
ALTER TABLE kit.claimed ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON kit.claimed USING (kit.may_see(NULL));

-- Who is signed in to pages: the hash of each session's secret, and whose it is. A stolen table opens nothing.
CREATE TABLE kit.session (
    id_sha256    bytea PRIMARY KEY,
    subject      text NOT NULL,
    roles        text[] NOT NULL,
    organisation text NOT NULL,
    expires_at   timestamptz NOT NULL
);

-- A link that somebody was given to their own page, until it is used: its code is known by its hash alone.
CREATE TABLE kit.own_link (
    code_sha256 bytea PRIMARY KEY CHECK (octet_length(code_sha256) = 32),
    person_id   uuid NOT NULL,
    expires_at  timestamptz NOT NULL
);
-- Whoever is erased has no link left.
CREATE INDEX own_link_of ON kit.own_link (person_id);
ALTER TABLE kit.own_link ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON kit.own_link USING (kit.may_see(NULL));

-- Whom the vault has registered, where the service asks. Nothing else is known of them here.
CREATE TABLE kit.person (
    id       uuid PRIMARY KEY,
    heard_at timestamptz NOT NULL DEFAULT now(),
    -- Another id of the same person. It may not have been heard of yet.
    same_as  uuid
);
CREATE INDEX person_linked ON kit.person (same_as) WHERE same_as IS NOT NULL;

-- Who was erased, by the id that stands for nobody: what is said of them from now on is refused, and said of nobody in the journal.
CREATE TABLE kit.erased (
    nobody    uuid PRIMARY KEY,
    erased_at timestamptz NOT NULL DEFAULT now()
);

-- The id under which things stay that happened to somebody who was erased: the same everywhere, so that what was one person's still is,
-- and nobody's. An id is random: nobody finds it from this one. It is marked (a UUID of version 8, which we give to no person), so
-- that nobody's is nobody's: what a service says later of what it has left is counted under the same id.
CREATE FUNCTION kit.nobody(erased uuid) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN substr(erased::text, 15, 1) = '8' THEN erased
    ELSE overlay(overlay(md5('nobody ' || erased::text) PLACING '8' FROM 13 FOR 1) PLACING 'a' FROM 17 FOR 1)::uuid
END;

-- What was written of a person, as it is written of nobody. By the bytes' digits, so that it need not be text.
CREATE FUNCTION kit.of_nobody(written bytea, person uuid) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN decode(replace(
    encode(written, 'hex'), encode(convert_to(person::text, 'UTF8'), 'hex'),
    encode(convert_to(kit.nobody(person)::text, 'UTF8'), 'hex')
), 'hex');

-- Whether these bytes name one of these, in whichever letters and with or without hyphens: partners write ids in their own way.
CREATE FUNCTION kit.names(written bytea, ids text[]) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN EXISTS (
    SELECT FROM unnest(ids) AS id
    WHERE position(replace(id, '-', '') IN replace(lower(encode(written, 'escape')), '-', '')) > 0
);

-- The one way in which a line of the journal changes: what was said of a person who was erased is said of nobody. The service may not
-- update its journal, so the owner's right is lent to it for this and nothing else. The lines stay, and what happened.
CREATE FUNCTION kit.say_of_nobody(person uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lines integer;
BEGIN
    IF NOT EXISTS (SELECT FROM kit.erased WHERE nobody = kit.nobody(person)) THEN
        RAISE EXCEPTION 'only who was erased is nobody' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE kit.journal SET payload = kit.of_nobody(payload, person)
        WHERE position(convert_to(person::text, 'UTF8') IN payload) > 0;
    GET DIAGNOSTICS lines = ROW_COUNT;
    RETURN lines;
END
$$;

-- What was let go when its period was over: a stub, which says that there was such a record and by which rule it went.
CREATE TABLE kit.let_go (
    aggregate_id uuid PRIMARY KEY,
    aggregate    text NOT NULL,
    -- the kind of record, as the service's schedule names it
    record       text NOT NULL,
    ended_on     date NOT NULL,
    let_go_at    timestamptz NOT NULL DEFAULT now()
);

-- What is kept longer than its period, by whom and why.
CREATE TABLE kit.kept_longer (
    aggregate_id uuid PRIMARY KEY,
    -- the last day
    until        date NOT NULL,
    reason       text NOT NULL,
    actor        text NOT NULL,
    decided_at   timestamptz NOT NULL DEFAULT now()
);

-- The other way in which lines of the journal change: what was said of a record that was let go is said of nobody. The lines stay.
CREATE FUNCTION kit.let_go_of(letting uuid, person uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lines integer;
BEGIN
    IF NOT EXISTS (SELECT FROM kit.let_go WHERE aggregate_id = letting) THEN
        RAISE EXCEPTION 'only what was let go is nobody''s' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE kit.journal SET payload = kit.of_nobody(payload, person)
        WHERE aggregate_id = letting AND position(convert_to(person::text, 'UTF8') IN payload) > 0;
    GET DIAGNOSTICS lines = ROW_COUNT;
    RETURN lines;
END
$$;

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

-- Of whom is to be spoken, in the order of ids: nobody forgets them before the transaction ends. Those who are registered, as it is
-- once they are locked: each statement of such a function sees what was committed before it.
CREATE FUNCTION kit.speak_of(ids uuid[]) RETURNS SETOF uuid LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('person ' || id, 0)) FROM unnest(ids) AS id;
    RETURN QUERY SELECT person.id FROM kit.person WHERE person.id = ANY(ids);
END
$$;

-- The answer that was kept for a key, if any: nobody else answers to it before the transaction ends.
CREATE FUNCTION kit.answered(principal text, route text, key text) RETURNS SETOF kit.answered_request LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(concat_ws(chr(10), $1, $2, $3), 0));
    RETURN QUERY SELECT * FROM kit.answered_request AS kept WHERE (kept.principal, kept.route, kept.key) = ($1, $2, $3);
END
$$;
