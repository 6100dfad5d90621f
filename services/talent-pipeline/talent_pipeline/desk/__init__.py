"""The desk: pages for whoever works on applications, the programme's coordinators and employers' own people.

What waits and for whom, vacancies with their applicants, one record with its whole history, and from it the commands that it
waits for: the same that the API takes, by the same table (`api.steps`). An employer sees its own alone, as everywhere.

`words` is what things are called; `lines` is a state or a fact in words; `lists` and `records` are what is shown; `forms` is how a
command is asked for, `questions` which are, and `acts` what becomes of one. Pages hold ids: names come to the reader's browser
from people (decision 0011), by `assets/desk.js`, the only script. Everything works without it, and without people.
"""

from collections.abc import Sequence

from fastapi import APIRouter

from talent_pipeline.desk import acts, door, lists, records

ROUTERS: Sequence[APIRouter] = (door.pages.router, door.router, lists.router, records.router, acts.router)
