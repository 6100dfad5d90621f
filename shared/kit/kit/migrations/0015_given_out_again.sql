-- A log that loses its end gives offsets out again: what was kept, and decided, of a record is known by its place and its content. Of
-- what was decided of a letter that has been let go since the content is not known: it holds for whatever stands there.
ALTER TABLE kit.dead_letter ADD COLUMN digest bytea;
UPDATE kit.dead_letter SET digest = sha256(convert_to(
    coalesce(encode(key, 'hex'), '-') || E'\n' || coalesce(encode(value, 'hex'), '-') || E'\n' || headers::text, 'UTF8'
));
ALTER TABLE kit.dead_letter ALTER COLUMN digest SET NOT NULL;
ALTER TABLE kit.dead_letter DROP CONSTRAINT dead_letter_consumer_topic_id_partition_offset_key;
ALTER TABLE kit.dead_letter ADD UNIQUE (consumer, topic_id, partition, "offset", digest);

ALTER TABLE kit.resolution ADD COLUMN digest bytea NOT NULL DEFAULT '';
UPDATE kit.resolution AS decided SET digest = letter.digest FROM kit.dead_letter AS letter
    WHERE (letter.topic_id, letter.partition, letter."offset") = (decided.topic_id, decided.partition, decided."offset");
ALTER TABLE kit.resolution ALTER COLUMN digest DROP DEFAULT;
ALTER TABLE kit.resolution DROP CONSTRAINT resolution_pkey;
ALTER TABLE kit.resolution ADD PRIMARY KEY (topic_id, partition, "offset", digest);
