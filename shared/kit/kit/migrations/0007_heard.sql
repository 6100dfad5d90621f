-- A request to say again counts once the relay of its shard has nothing on its way that was read before: only then may a topic that was
-- lost be made anew, or what was on its way would come first.
ALTER TABLE kit.republish ADD COLUMN heard_at timestamptz;
