-- Hours that come after a statement was issued begin a further one of the same month.
ALTER TABLE statement DROP CONSTRAINT statement_once;
CREATE UNIQUE INDEX statement_open_once ON statement (home, host, month) WHERE status = 'open';
CREATE INDEX statement_of_month ON statement (home, host, month);
