"""The routes: parse, call a handler, answer.

`wire` is how a command comes in and an answer goes out; `steps` is every command of every aggregate; `records` is lists, one
record with its history, and corrections; `rows` is several at once by CSV; `waiting` is what waits for whom, and people.
"""

from collections.abc import Sequence

from fastapi import APIRouter

from talent_pipeline.api import records, rows, steps, waiting

# rows first: `rows` is no id
ROUTERS: Sequence[APIRouter] = (*rows.ROUTERS, *steps.ROUTERS, *records.ROUTERS, waiting.router)
