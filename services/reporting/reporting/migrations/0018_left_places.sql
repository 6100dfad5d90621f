-- A place of a need was filled, was left by who had filled it, or never was; or the staff are not needed after all.
ALTER TABLE need_change DROP CONSTRAINT need_change_kind_check,
    ADD CONSTRAINT need_change_kind_check CHECK (kind IN ('filled', 'left', 'reopened', 'withdrawn'));
