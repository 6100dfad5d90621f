-- What was read back after a restore, by what it was done because of: whoever hears or asks of that again does nothing twice.
CREATE INDEX journal_read_back ON kit.journal (causation_id) WHERE actor = 'reconciled';
