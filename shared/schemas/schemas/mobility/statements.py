"""Facts of what a move costs whom: hours, lines, monthly statements."""

from typing import Annotated

from pydantic import Field

from schemas.fact import Step
from schemas.mobility.words import SERVICE, Hours, Pence, StatementAwaited, Vat
from schemas.values import BusinessDate, Code, Id, PartnerId


class Billed(Step):
    """What statements are counted by: who lent, who borrowed, in which month."""

    home: PartnerId
    host: PartnerId
    month: BusinessDate
    """The first day of the month."""


class HoursRecorded(Billed, service=SERVICE, aggregate="statement"):
    """Hours that somebody worked for the host on a day, and what the home organisation charges for them."""

    deployment_id: Id
    person_id: Id
    worked_on: BusinessDate
    hours: Hours
    pence: Pence


class LineDisputed(Billed, service=SERVICE, aggregate="statement"):
    """The host does not accept a line of the statement."""

    deployment_id: Id
    worked_on: BusinessDate
    reason: Code


class LineSettled(Billed, service=SERVICE, aggregate="statement"):
    """Home, whose bill it is, said what a disputed line comes to; the host may dispute it again."""

    deployment_id: Id
    worked_on: BusinessDate
    hours: Hours
    pence: Pence


class LineWithdrawn(Billed, service=SERVICE, aggregate="statement"):
    """Home, whose bill it is, took a disputed line back: nothing was worked on that day, and nothing is charged for it."""

    deployment_id: Id
    worked_on: BusinessDate


class StatementIssued(Billed, service=SERVICE, aggregate="statement"):
    """The home organisation issued the statement of a month that is over."""

    hours: Annotated[float, Field(ge=0)]
    pence: Annotated[int, Field(ge=0)]
    vat: Vat
    vat_pence: Annotated[int, Field(ge=0)]


class StatementAgreed(Billed, service=SERVICE, aggregate="statement"):
    """The host agreed to a statement without a disputed line: this is what it pays."""

    hours: Annotated[float, Field(ge=0)]
    pence: Annotated[int, Field(ge=0)]
    vat_pence: Annotated[int, Field(ge=0)]


class StatementOverdue(Billed, service=SERVICE, aggregate="statement"):
    """What the statement waits for did not come in its time: somebody is told. It may still come."""

    answer: StatementAwaited
    since: BusinessDate
