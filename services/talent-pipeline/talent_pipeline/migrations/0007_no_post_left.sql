-- Who has not been offered a post of a vacancy that has none left waits to be told so.
UPDATE kit.waiting SET why = 'no-post-left' FROM candidacy JOIN vacancy ON vacancy.id = candidacy.vacancy_id
WHERE aggregate_id = candidacy.id AND why IN ('shortlist', 'interview', 'offer-or-not-appoint')
    AND vacancy.status IN ('filled', 'part-filled', 'unfilled', 'withdrawn');
