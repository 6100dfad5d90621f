"""The pool: people who passed and found no post, kept for the next vacancy. Being in the pool is not being placed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias, TypedDict
from uuid import UUID

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from schemas.fact import Fact
from schemas.talent_pipeline import (
    AppointablePooled,
    AvailabilityChanged,
    NotAppointedReason,
    PoolMembershipExpired,
    PoolMembershipLeft,
    PoolMembershipPlaced,
    PoolOfferEnded,
    PoolOfferMade,
    RedirectedTo,
)
from schemas.values import BusinessDate, Code, Part
from talent_pipeline.domain import candidacy as candidacies
from talent_pipeline.domain.engagement import Engagement, Permission
from talent_pipeline.domain.engagement import Status as EngagementStatus
from talent_pipeline.domain.journey import Candidacy
from talent_pipeline.domain.redirection import NotPermitted
from talent_pipeline.domain.vacancy import NoPostLeft, Vacancy

AGGREGATE = "appointable"


class Status(StrEnum):
    AVAILABLE = "available"
    OFFERED = "offered"
    PLACED = "placed"
    LEFT = "left"
    EXPIRED = "expired"


class Appointable(Part):
    """One member of the pool."""

    status: Status
    since: date
    person_id: UUID
    engagement_id: UUID
    candidacy_id: UUID
    """The candidacy in which they passed."""
    passed_with: str
    """The employer that found them appointable."""
    soc2020: str
    available_from: date
    expires_on: date
    pooled_on: date
    offered_as: UUID | None = None
    """The candidacy that the offer became."""
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool(Command):
    candidacy_id: UUID
    candidacy: Candidacy
    engagement: Engagement
    """With what the person permits."""
    available_from: date
    expires_on: date | None = None
    """Default, and latest: when the values pass or the permission ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAvailability(Command):
    available_from: BusinessDate


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Command):
    vacancy_id: UUID
    vacancy: Vacancy
    candidacy_id: UUID
    permission: Permission | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOffer(Command):
    candidacy_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Command):
    candidacy_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave(Command):
    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Expire(Command):
    pass


COMMANDS = (Pool, ChangeAvailability, Offer, EndOffer, Place, Leave, Expire)
AppointableFact: TypeAlias = (
    AppointablePooled
    | AvailabilityChanged
    | PoolOfferMade
    | PoolOfferEnded
    | PoolMembershipPlaced
    | PoolMembershipLeft
    | PoolMembershipExpired
)

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.AVAILABLE: (ChangeAvailability, Offer, Leave),
    Status.OFFERED: (),
    Status.PLACED: (),
    Status.LEFT: (),
    Status.EXPIRED: (),
})  # fmt: skip


class AlreadyPooled(Refused):
    """This candidacy has led into the pool already."""


class NotAppointable(Refused):
    """Only who passed the values interview and was found appointable without a post can be kept in the pool."""


class ExpiryTooLate(Invalid):
    """A membership ends with the values pass or the permission, whichever ends first, and after today."""


class NeverAvailable(Invalid):
    """They would be available only after the membership has run out."""


class MembershipOver(Refused):
    """The membership had run out on that day."""


def decide(command: Command, appointable: Appointable | None, now: datetime) -> list[AppointableFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, appointable:
        case Pool(), None:
            return [_pooled(command, day_of(command, now, after=command.candidacy.since))]
        case _, None:
            raise NotFound

        case ChangeAvailability(available_from=day), Appointable(status=Status.AVAILABLE):
            if day == appointable.available_from:
                return []
            if day > appointable.expires_on:
                raise NeverAvailable(field="available_from")
            on = day_of(command, now, after=appointable.pooled_on)
            return [AvailabilityChanged(**_membership(appointable, on), available_from=day)]
        case Offer(), Appointable(status=Status.AVAILABLE):
            return [_offer_made(command, appointable, day_of(command, now, after=appointable.since))]
        case EndOffer(candidacy_id=ended), Appointable(status=Status.OFFERED, offered_as=offered) if ended == offered:
            on = day_of(command, now, after=appointable.since)
            return [PoolOfferEnded(**_membership(appointable, on), candidacy_id=ended)]
        case Place(candidacy_id=placed), Appointable(status=Status.OFFERED, offered_as=offered) if placed == offered:
            on = day_of(command, now, after=appointable.since)
            return [PoolMembershipPlaced(**_membership(appointable, on), candidacy_id=placed)]
        case Leave(reason=reason), Appointable(status=Status.AVAILABLE):
            on = day_of(command, now, after=appointable.since)
            return [PoolMembershipLeft(**_membership(appointable, on), reason=reason)]
        case Expire(), Appointable(status=Status.AVAILABLE, expires_on=last):
            if now < step.end_of(last):
                return []
            on = max(last + timedelta(days=1), appointable.since)
            return [PoolMembershipExpired(**_membership(appointable, on))]

        case Place(candidacy_id=placed), Appointable(status=Status.PLACED, offered_as=offered) if placed == offered:
            return []
        case Leave(reason=reason), Appointable(status=Status.LEFT, reason=said) if reason == said:
            return []
        case Expire(), Appointable(status=Status.EXPIRED):
            return []
        case _:
            raise NotInThisState


def evolve(appointable: Appointable | None, fact: Fact) -> Appointable:
    """The membership after a fact. Raises CannotFollow."""
    match appointable, fact:
        case None, AppointablePooled():
            return Appointable(
                status=Status.AVAILABLE,
                since=fact.occurred_on,
                person_id=fact.person_id,
                engagement_id=fact.engagement_id,
                candidacy_id=fact.candidacy_id,
                passed_with=fact.employer,
                soc2020=fact.soc2020,
                available_from=fact.available_from,
                expires_on=fact.expires_on,
                pooled_on=fact.occurred_on,
            )
        case Appointable(status=Status.AVAILABLE), AvailabilityChanged():
            return changed(appointable, available_from=fact.available_from)
        case Appointable(status=Status.AVAILABLE), PoolOfferMade(occurred_on=day):
            return changed(appointable, status=Status.OFFERED, since=day, offered_as=fact.candidacy_id)
        case Appointable(status=Status.OFFERED, offered_as=offered), PoolOfferEnded(candidacy_id=ended) if (
            ended == offered
        ):
            return changed(appointable, status=Status.AVAILABLE, since=fact.occurred_on, offered_as=None)
        case Appointable(status=Status.OFFERED, offered_as=offered), PoolMembershipPlaced(candidacy_id=placed) if (
            placed == offered
        ):
            return changed(appointable, status=Status.PLACED, since=fact.occurred_on)
        case Appointable(status=Status.AVAILABLE), PoolMembershipLeft(occurred_on=day):
            return changed(appointable, status=Status.LEFT, since=day, reason=fact.reason)
        case Appointable(status=Status.AVAILABLE), PoolMembershipExpired(occurred_on=day):
            return changed(appointable, status=Status.EXPIRED, since=day)
        case _:
            raise CannotFollow(fact, appointable)


def allowed(appointable: Appointable | None) -> tuple[str, ...]:
    """The commands that somebody may give it."""
    return step.names((Pool,) if appointable is None else ALLOWED[appointable.status])


def why_not_kept(engagement: Engagement, day: date) -> str | None:
    """Why nobody may be kept for the next vacancy by this engagement; None where they may."""
    if engagement.status is EngagementStatus.CLOSED:
        return "engagement-closed"
    permission = engagement.permission
    if permission is None or not permission.covers(RedirectedTo.EMPLOYER, None, day):
        return "permission-ended"
    return None


def deadlines(appointable: Appointable) -> Mapping[str, datetime]:
    """A membership ends when its last day is over; while an offer is out it waits for the offer."""
    if appointable.status is Status.AVAILABLE:
        return {"expire": step.end_of(appointable.expires_on)}
    return {}


def due(name: str, appointable: Appointable) -> Command:
    """The command of a deadline."""
    return Expire()


def waiting(appointable: Appointable) -> tuple[Waiting, ...]:
    """Who has to do something about it."""
    if appointable.status is Status.AVAILABLE:
        return (Waiting("coordinator", "find-a-vacancy", appointable.since),)
    return ()


class _Membership(TypedDict):
    person_id: UUID
    soc2020: str
    occurred_on: date


def _membership(appointable: Appointable, day: date) -> _Membership:
    return {"person_id": appointable.person_id, "soc2020": appointable.soc2020, "occurred_on": day}


def _pooled(command: Pool, day: date) -> AppointablePooled:
    candidacy, permission = command.candidacy, command.engagement.permission
    appointable = (
        candidacy.status is candidacies.Status.NOT_APPOINTED
        and candidacy.reason == NotAppointedReason.APPOINTABLE_NO_POST
        and candidacy.passed_values_on(day)
    )
    if not appointable or candidacy.values_valid_until is None:
        raise NotAppointable(state=candidacy.status, allowed=candidacies.allowed(candidacy), field="candidacy_id")
    if permission is None or not permission.covers(RedirectedTo.EMPLOYER, None, day):
        raise NotPermitted(state=candidacy.status, allowed=candidacies.allowed(candidacy), field="candidacy_id")
    if command.engagement.status is EngagementStatus.CLOSED:
        raise candidacies.EngagementClosed(state=command.engagement.status, field="candidacy_id")
    latest = min(candidacy.values_valid_until, permission.until)
    expires_on = command.expires_on or latest
    if not day < expires_on <= latest:
        raise ExpiryTooLate(field="expires_on")
    if command.available_from > expires_on:
        raise NeverAvailable(field="available_from")
    return AppointablePooled(
        occurred_on=day,
        person_id=candidacy.person_id,
        soc2020=candidacy.soc2020,
        engagement_id=candidacy.engagement_id,
        candidacy_id=command.candidacy_id,
        employer=candidacy.employer,
        available_from=command.available_from,
        expires_on=expires_on,
    )


def _offer_made(command: Offer, appointable: Appointable, day: date) -> PoolOfferMade:
    if day > appointable.expires_on:
        raise MembershipOver
    if not command.vacancy.has_post_left:
        raise NoPostLeft(state=command.vacancy.status, allowed=allowed(appointable), field="vacancy_id")
    permission = command.permission
    if permission is None or not permission.covers(RedirectedTo.EMPLOYER, command.vacancy.employer, day):
        raise NotPermitted
    return PoolOfferMade(
        **_membership(appointable, day),
        vacancy_id=command.vacancy_id,
        candidacy_id=command.candidacy_id,
        employer=command.vacancy.employer,
    )
