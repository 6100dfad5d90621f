-- By which version of the framework people are to be trained, and were.
ALTER TABLE training ADD COLUMN framework text;
ALTER TABLE portability ADD COLUMN framework text;
ALTER TABLE requirement ADD COLUMN framework text,
    ADD COLUMN framework_from date CHECK ((framework_from IS NULL) = (framework IS NULL));
