-- What hosts made of training that they did not give, as learning says: for passports that are opened later.
CREATE TABLE judgement (
    event_id      uuid PRIMARY KEY,
    person_id     uuid NOT NULL,
    competence_id uuid NOT NULL,
    -- of learning's record: a later judgement of the same host takes the place of an earlier one
    version       integer NOT NULL,
    host          text NOT NULL,
    judged_on     date NOT NULL,
    -- what is accepted in its place; null: the host does not accept it as it stands
    waived        jsonb,
    -- learning has taken it back
    voided        boolean NOT NULL DEFAULT false
);
CREATE INDEX judgement_of_person ON judgement (person_id);
ALTER TABLE judgement ENABLE ROW LEVEL SECURITY;
CREATE POLICY programme ON judgement USING (kit.may_see(NULL));
