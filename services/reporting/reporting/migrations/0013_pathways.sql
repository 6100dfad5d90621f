-- T Level placements and apprenticeships: their steps and their hours.
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
