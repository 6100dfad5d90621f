-- The moments that a move takes of a person's time: each shift of its pattern on each of its days, and of those to which they agreed
-- beyond its last.
CREATE OR REPLACE FUNCTION booked_time(body jsonb) RETURNS tstzmultirange LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT range_agg(tstzrange(
        public.moment(day + (shift ->> 'starts')::time),
        public.moment(day + (shift ->> 'ends')::time + CASE WHEN shift ->> 'ends' <= shift ->> 'starts' THEN 1 ELSE 0 END * interval '1 day')
    ))
    FROM jsonb_array_elements(body -> 'pattern') AS shift,
        generate_series(
            kit.day_of(body ->> 'starts_on')::timestamp,
            kit.day_of(coalesce(body ->> 'booked_until', body ->> 'last_day'))::timestamp, interval '1 day'
        ) AS day
    WHERE extract(isodow FROM day) = (shift ->> 'day')::int AND body ->> 'booked' = 'true'
$$;
