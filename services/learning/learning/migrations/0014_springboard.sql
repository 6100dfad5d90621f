-- Springboard is for women, also where nothing is said of whom it is for.
ALTER TABLE course DROP CONSTRAINT course_body_check;
ALTER TABLE course ADD CONSTRAINT course_body_check
    CHECK (body ->> 'category' <> 'springboard' OR body ->> 'eligibility' IS NOT DISTINCT FROM 'women');
