-- A person is kept as nobody's from the first: what stands for them here is made of their id, one way.

DO $$
DECLARE
    named record;
BEGIN
    FOR named IN
        SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND (
            column_name = 'person_id' OR (table_name, column_name) = ('link', 'same_as')
        )
    LOOP
        EXECUTE format(
            'UPDATE %I SET %I = kit.nobody(%2$I) WHERE %2$I NOT IN (TABLE erased)', named.table_name, named.column_name
        );
    END LOOP;
END
$$;

DROP TABLE erased;
