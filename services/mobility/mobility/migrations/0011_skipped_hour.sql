-- A time by the clock in Leeds as a moment. What the clock skips in spring is the moment at which it does: otherwise a shift that
-- ends after that hour could end before it begins.
CREATE FUNCTION moment(clock timestamp) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN clock AT TIME ZONE 'Europe/London' AT TIME ZONE 'Europe/London' = clock THEN clock AT TIME ZONE 'Europe/London'
    ELSE date_trunc('hour', clock AT TIME ZONE 'Europe/London', 'UTC')
END;

-- The moments that a move takes of a person's time: each shift of its pattern on each of its days.
CREATE OR REPLACE FUNCTION booked_time(body jsonb) RETURNS tstzmultirange LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT range_agg(tstzrange(
        public.moment(day + (shift ->> 'starts')::time),
        public.moment(day + (shift ->> 'ends')::time + CASE WHEN shift ->> 'ends' <= shift ->> 'starts' THEN 1 ELSE 0 END * interval '1 day')
    ))
    FROM jsonb_array_elements(body -> 'pattern') AS shift,
        generate_series(
            kit.day_of(body ->> 'starts_on')::timestamp, kit.day_of(body ->> 'last_day')::timestamp, interval '1 day'
        ) AS day
    WHERE extract(isodow FROM day) = (shift ->> 'day')::int AND body ->> 'booked' = 'true'
$$;

-- What is booked is drawn anew.
UPDATE deployment SET version = version WHERE body ->> 'booked' = 'true';
