"""Who found no post is passed on, as far as they permit: to another employer, a programme, or the pool."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kit.errors import Invalid, Refused
from kit.step import Command
from schemas.talent_pipeline import CandidateRedirected, RedirectedTo, Stage
from talent_pipeline.domain.engagement import Permission
from talent_pipeline.domain.journey import Candidacy, of


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect(Command):
    to: RedirectedTo
    permission: Permission | None
    """As the engagement has it."""
    to_candidacy_id: UUID | None = None
    to_employer: str | None = None
    programme: str | None = None


class NotPermitted(Refused):
    """The candidate has not permitted this redirection, or no longer."""


class RedirectionIncomplete(Invalid):
    """A redirection names where it leads and nothing else: to an employer another one's vacancy, to a programme that."""


def redirected(command: Redirect, candidacy: Candidacy, day: date) -> CandidateRedirected:
    fact = CandidateRedirected(
        **of(candidacy, day),
        stage=candidacy.ended_at or Stage(candidacy.status),
        to=command.to,
        to_candidacy_id=command.to_candidacy_id,
        to_employer=command.to_employer,
        programme=command.programme,
    )
    refuse_unsound(fact)
    if command.to_employer == candidacy.employer:
        raise RedirectionIncomplete(field="to")
    if command.permission is None or not command.permission.covers(command.to, command.to_employer, day):
        raise NotPermitted
    return fact


def refuse_unsound(fact: CandidateRedirected) -> None:
    """A vacancy beside a permission that is for programmes would pass somebody on to an employer whom they permit nothing."""
    begins = (fact.to_candidacy_id is not None) == (fact.to is RedirectedTo.EMPLOYER)
    if not begins or (fact.programme is not None) != (fact.to is RedirectedTo.PROGRAMME):
        raise RedirectionIncomplete(field="to")
