"""Who must be trained in what, and how they stand: a partner's own people, or everybody's."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from kit.errors import Invalid
from kit.http import Call, Page, allow_to_read
from learning.api.steps import EITHER
from learning.domain.competence import RAISED_BEFORE
from learning.store import FIRST, compliance
from schemas.learning import Subject
from schemas.values import PartnerId, business_date

Reader = Annotated[Call, Depends(allow_to_read(*EITHER))]
CURSOR = re.compile(r"^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/([a-z0-9-]{1,40})/([a-z-]{1,64})$")

router = APIRouter(tags=["core skills"])


class Compliance(BaseModel):
    """How it is asked who must be trained."""

    model_config = ConfigDict(extra="forbid")

    organisation: PartnerId | None = None
    subject: Subject | None = None
    standing: Annotated[compliance.Standing | None, Query(description="due: it runs out within sixty days")] = None
    after: Annotated[str | None, Query(description="the `next` of the page before")] = None
    limit: Annotated[int, Query(ge=1, le=200)] = 50


@router.get("/compliance", response_model=Page, summary="Who must be trained in what today, and how they stand")
async def who_must_be_trained(asked: Annotated[Compliance, Query()], call: Reader) -> Page:
    async with call.reading() as tx:
        rows = await compliance.standings(
            tx, business_date(call.context.now), RAISED_BEFORE, organisation=asked.organisation, subject=asked.subject,
            standing=asked.standing, after=_place(asked.after), limit=asked.limit,
        )  # fmt: skip
    last = rows[-1] if len(rows) == asked.limit else None
    return Page(rows=rows, next=f"{last.person_id}/{last.organisation}/{last.subject}" if last else None)


def _place(cursor: str | None) -> tuple[UUID, str, str]:
    """The row after which a page begins. Raises Invalid for what is no cursor."""
    if cursor is None:
        return (FIRST, "", "")
    if (found := CURSOR.match(cursor)) is None:
        raise Invalid("must be the `next` of another page", field="after")
    return (UUID(found[1]), found[2], found[3])
