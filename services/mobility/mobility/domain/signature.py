"""What one organisation has to do with one framework: invited, signed, suspended, leaving, gone; and when it was in force.

Signed is not in force: an organisation is in force from a day on, and no longer when it is suspended, has left, or has not signed
in time a version that binds nobody who has not. The periods say so of any day, also of one long past.
"""

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
from mobility.domain import framework as frameworks
from mobility.domain.framework import Framework
from schemas.fact import Fact
from schemas.mobility import (
    InvitationClosed,
    NoticeGiven,
    OrganisationDeclined,
    OrganisationInvited,
    OrganisationResumed,
    OrganisationSigned,
    OrganisationSignedAgain,
    OrganisationSuspended,
    OrganisationWithdrew,
    SignatureLapsed,
    SigningAgainAsked,
    VersionNumber,
)
from schemas.values import BusinessDate, Code, Part, PartnerId, Sector

AGGREGATE = "signature"
DAY = timedelta(days=1)


class Status(StrEnum):
    INVITED = "invited"
    DECLINED = "declined"
    CLOSED = "closed"
    SIGNED = "signed"
    SUSPENDED = "suspended"
    LEAVING = "leaving"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


BOUND = (Status.SIGNED, Status.SUSPENDED, Status.LEAVING)
"""Who has signed and not gone."""


class Period(Part):
    """Days on which an organisation was in force, the first and the last among them."""

    first: date
    last: date | None = None

    def covers(self, first: date, last: date) -> bool:
        return self.first <= first and (self.last is None or last <= self.last)

    def up_to(self, last: date) -> "Period":
        """What of it lies before the end of a day."""
        return Period(first=self.first, last=min(self.last or last, last))


class Signature(Part):
    """One organisation's signature as it stands."""

    status: Status
    since: date
    framework_id: UUID
    organisation: str
    sector: Sector
    statutory: bool
    version: int | None = None
    signed_by: str | None = None
    notice_days: int = 0
    periods: tuple[Period, ...] = ()
    last_day: date | None = None
    """Of who is leaving."""
    to_sign: int | None = None
    """The version that has to be signed again, and has not been yet."""
    sign_by: date | None = None
    left_suspended: bool = False
    """Whether the programme had suspended it when it lapsed or left: it does not come back by its own word."""
    reason: str | None = None

    def in_force(self, first: date, last: date | None = None) -> bool:
        """Whether it was in force on a day, or on every day from a first to a last."""
        return any(period.covers(first, last or first) for period in self.periods)

    def bounded_by(self, last: date | None) -> "Signature":
        """The signature to an agreement that is over with a day: in force no longer than that."""
        if last is None:
            return self
        return changed(self, periods=tuple(period.up_to(last) for period in self.periods if period.first <= last))

    @property
    def begins(self) -> date | None:
        """The first day of the last time that it is in force, or will be."""
        return self.periods[-1].first if self.periods else None

    @property
    def last_in_force(self) -> date | None:
        """The last day in the framework, where it has one. Who is suspended may be back before that, or has none."""
        if self.status in (Status.SUSPENDED, Status.LEAVING, Status.WITHDRAWN):
            return self.last_day
        return self.periods[-1].last if self.periods else None


# Commands --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite(Command):
    framework_id: UUID
    framework: Framework
    organisation: PartnerId
    sector: Sector
    statutory: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline(Command):
    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign(Command):
    framework: Framework
    version: VersionNumber
    signed_by: Code
    in_force_from: BusinessDate


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAgain(Command):
    """A version that has to be signed again was published, perhaps before something that was said of the signature since."""

    version: int
    sign_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspend(Command):
    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveNotice(Command):
    last_day: BusinessDate
    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Command):
    """The framework ends, whatever notice it asks for."""

    last_day: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAgain(Command):
    """It is in force from today on: nothing is said of it here, its moves are looked at."""


COMMANDS = (Invite, Decline, Sign, AskAgain, Lapse, Suspend, Resume, GiveNotice, End, Withdraw, LookAgain)
SignatureFact: TypeAlias = (
    OrganisationInvited | OrganisationDeclined | InvitationClosed | OrganisationSigned | OrganisationSignedAgain
    | SigningAgainAsked | SignatureLapsed | OrganisationSuspended | OrganisationResumed | NoticeGiven | OrganisationWithdrew
)  # fmt: skip

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.INVITED: (Sign, Decline),
    Status.DECLINED: (Sign,),
    Status.CLOSED: (),
    Status.SIGNED: (Sign, Suspend, GiveNotice),
    Status.SUSPENDED: (Sign, Resume, GiveNotice),
    Status.LEAVING: (Suspend,),
    Status.LAPSED: (Sign,),
    Status.WITHDRAWN: (Sign,),
})  # fmt: skip


# Refusals --------------------------------------------------------------------------------------------------------------


class FrameworkEnded(Refused):
    """The framework has ended, or ends: nobody joins it any more."""


class NotTheNewestVersion(Invalid):
    """The newest version is signed, and no other."""


class InForceTooEarly(Invalid):
    """It is in force neither before it is signed nor before the version has effect."""


class InForceTooLate(Invalid):
    """The framework is over before it would be in force."""


class NotYetInForce(Refused):
    """It is not in force yet on that day."""


class NoticeTooShort(Invalid):
    """The last day lies further ahead: the version that was signed asks for more notice."""


class AlreadyInvited(Refused):
    """The organisation has been invited to this framework before."""


# The machine -----------------------------------------------------------------------------------------------------------


def decide(command: Command, signature: Signature | None, now: datetime) -> list[SignatureFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, signature:
        case Invite(), None:
            return [_invited(command, day_of(command, now))]
        case _, None:
            raise NotFound

        case Decline(reason=reason), Signature(status=Status.INVITED):
            return [OrganisationDeclined(**_of(signature, day_of(command, now, after=signature.since)), reason=reason)]
        case Sign(), Signature(version=version) if signature.status in BOUND and command.version == version:
            return []
        case Sign(), _ if _may_sign_again(signature):
            return [_signed_again(command, signature, day_of(command, now, after=signature.since))]
        case Sign(), Signature(status=Status.INVITED | Status.DECLINED | Status.LAPSED | Status.WITHDRAWN):
            return [_signed(command, signature, day_of(command, now, after=signature.since))]
        case AskAgain(version=version, sign_by=sign_by), _ if signature.status in BOUND:
            if version <= max(signature.version or 0, signature.to_sign or 0):
                return []
            day = max(day_of(command, now), signature.since)
            return [SigningAgainAsked(**_of(signature, day), version=version, sign_by=sign_by)]
        case Lapse(), Signature(to_sign=int() as version, sign_by=date() as last) if signature.status in BOUND:
            if now < step.end_of(last):
                return []
            return [SignatureLapsed(**_of(signature, last + DAY), version=version)]
        case Suspend(reason=reason), Signature(status=Status.SIGNED | Status.LEAVING):
            day = day_of(command, now, after=signature.since)
            _refuse_before_in_force(signature, day)
            return [OrganisationSuspended(**_of(signature, day), reason=reason)]
        case Resume(), Signature(status=Status.SUSPENDED):
            return [OrganisationResumed(**_of(signature, day_of(command, now, after=signature.since)))]
        case GiveNotice(), Signature(status=Status.SIGNED | Status.SUSPENDED, last_day=None):
            return [_notice(command, signature, day_of(command, now, after=signature.since))]
        case End(last_day=last, reason=reason), _ if signature.status in BOUND:
            if signature.last_day is not None and signature.last_day <= last:
                return []
            day = max(min(day_of(command, now), last), signature.since)
            return [NoticeGiven(**_of(signature, day), last_day=last, reason=reason)]
        case End(reason=reason), Signature(status=Status.INVITED):
            day = max(day_of(command, now), signature.since)  # it may have ended before anybody noticed
            return [InvitationClosed(**_of(signature, day), reason=reason)]
        case Withdraw(), Signature(last_day=date() as last, reason=str() as reason) if signature.status in BOUND:
            if now < step.end_of(last):
                return []
            return [OrganisationWithdrew(**_of(signature, max(last + DAY, signature.since)), reason=reason)]

        case Decline(reason=reason), Signature(status=Status.DECLINED, reason=said) if reason == said:
            return []
        case Suspend(reason=reason), Signature(status=Status.SUSPENDED, reason=said) if reason == said:
            return []
        case GiveNotice(last_day=last), Signature(last_day=said) if signature.status in BOUND and last == said:
            return []
        case ((AskAgain() | End() | Lapse() | Withdraw() | LookAgain()), _):
            return []
        case _:
            raise NotInThisState


def evolve(signature: Signature | None, fact: Fact) -> Signature:
    """The signature after a fact. Raises CannotFollow."""
    match signature, fact:
        case None, OrganisationInvited():
            return Signature(
                status=Status.INVITED,
                since=fact.occurred_on,
                framework_id=fact.framework_id,
                organisation=fact.organisation,
                sector=fact.sector,
                statutory=fact.statutory,
            )
        case Signature(status=Status.INVITED), OrganisationDeclined(occurred_on=day):
            return changed(signature, status=Status.DECLINED, since=day, reason=fact.reason)
        case Signature(status=Status.INVITED), InvitationClosed(occurred_on=day):
            return changed(signature, status=Status.CLOSED, since=day, reason=fact.reason)
        case Signature(status=Status.INVITED | Status.DECLINED | Status.LAPSED | Status.WITHDRAWN), OrganisationSigned(
            occurred_on=day
        ):
            return changed(
                signature, status=Status.SIGNED, since=day, version=fact.version, signed_by=fact.signed_by,
                notice_days=fact.notice_days, periods=(*signature.periods, Period(first=fact.in_force_from)),
                last_day=None, to_sign=None, sign_by=None, left_suspended=False, reason=None,
            )  # fmt: skip
        case Signature(version=int() as before), OrganisationSignedAgain(occurred_on=day) if (
            signature.status in BOUND and fact.version > before
        ):
            return changed(
                signature, since=day, version=fact.version, signed_by=fact.signed_by, notice_days=fact.notice_days,
                to_sign=None, sign_by=None,
            )  # fmt: skip
        case Signature(version=int() as before), SigningAgainAsked(occurred_on=day) if (
            signature.status in BOUND and fact.version > before
        ):
            by = min(fact.sign_by, signature.sign_by or fact.sign_by)
            return changed(signature, since=day, to_sign=fact.version, sign_by=by)
        case Signature(sign_by=date() as last), SignatureLapsed(occurred_on=day) if (
            signature.status in BOUND and day > last
        ):
            return changed(
                signature, status=Status.LAPSED, since=max(signature.since, day), to_sign=None, sign_by=None,
                periods=signature.bounded_by(last).periods, left_suspended=signature.status is Status.SUSPENDED,
            )  # fmt: skip
        case Signature(status=Status.SIGNED | Status.LEAVING), OrganisationSuspended(occurred_on=day):
            periods = _ended(signature, day - DAY)
            return changed(signature, status=Status.SUSPENDED, since=day, periods=periods, reason=fact.reason)
        case Signature(status=Status.SUSPENDED, last_day=last), OrganisationResumed(occurred_on=day):
            again = (Period(first=day, last=last),) if last is None or day <= last else ()
            status = Status.SIGNED if last is None else Status.LEAVING
            return changed(signature, status=status, since=day, periods=(*signature.periods, *again))
        case Signature(), NoticeGiven(occurred_on=day, last_day=last) if signature.status in BOUND:
            suspended = signature.status is Status.SUSPENDED
            return changed(
                signature, status=Status.SUSPENDED if suspended else Status.LEAVING, since=day, last_day=last,
                reason=fact.reason, periods=signature.periods if suspended else _ended(signature, last),
            )  # fmt: skip
        case Signature(last_day=date() as last), OrganisationWithdrew(occurred_on=day) if (
            signature.status in BOUND and day > last
        ):
            return changed(
                signature, status=Status.WITHDRAWN, since=day, to_sign=None, sign_by=None,
                left_suspended=signature.status is Status.SUSPENDED,
            )  # fmt: skip
        case _:
            raise CannotFollow(fact, signature)


def allowed(signature: Signature | None) -> tuple[str, ...]:
    """The commands that somebody may give it."""
    if signature is None:
        return step.names((Invite,))
    commands = [*ALLOWED[signature.status]]
    if signature.last_day is not None and GiveNotice in commands:
        commands.remove(GiveNotice)
    if signature.status is Status.LEAVING and _may_sign_again(signature):
        commands.append(Sign)
    return step.names(commands)


def deadlines(signature: Signature) -> Mapping[str, datetime]:
    """Who signed from a later day is in force when that comes, and its moves go on that stood still without it; who is leaving has
    left when the last day is over; who had to sign again and did not is no longer bound.
    """
    found: dict[str, datetime] = {}
    if signature.status in BOUND:
        if signature.begins is not None and signature.begins > signature.since:
            found["in-force"] = step.start_of(signature.begins)
        if signature.last_day is not None:
            found["withdraw"] = step.end_of(signature.last_day)
        if signature.sign_by is not None:
            found["lapse"] = step.end_of(signature.sign_by)
    return found


def due(name: str, signature: Signature) -> Command:
    """The command of a deadline."""
    match name:
        case "in-force":
            return LookAgain()
        case "lapse":
            return Lapse()
        case _:
            return Withdraw()


def waiting(signature: Signature) -> tuple[Waiting, ...]:
    """Who has to do something about it."""
    if signature.status is Status.INVITED:
        return (Waiting("organisation", "sign", signature.since),)
    found = []
    if signature.status is Status.SUSPENDED:
        found.append(Waiting("coordinator", "end-suspension-or-agreement", signature.since))
    if signature.status in BOUND and signature.to_sign is not None:
        found.append(Waiting("organisation", "sign-again", signature.since))
    return tuple(found)


class _Of(TypedDict):
    framework_id: UUID
    organisation: str
    sector: Sector
    statutory: bool
    occurred_on: date


def _of(signature: Signature, day: date) -> _Of:
    return {
        "framework_id": signature.framework_id, "organisation": signature.organisation, "sector": signature.sector,
        "statutory": signature.statutory, "occurred_on": day,
    }  # fmt: skip


def _invited(command: Invite, day: date) -> OrganisationInvited:
    _refuse_ended(command.framework)
    return OrganisationInvited(
        occurred_on=day,
        framework_id=command.framework_id,
        organisation=command.organisation,
        sector=command.sector,
        statutory=command.statutory,
    )


def _signed(command: Sign, signature: Signature, day: date) -> OrganisationSigned:
    notice_days = _notice_days(command)
    if command.in_force_from < max(day, command.framework.newest.effective_from):
        raise InForceTooEarly(field="in_force_from")
    if (over := command.framework.expires_on) is not None and over < command.in_force_from:
        raise InForceTooLate(f"it is over on {over}", field="in_force_from")
    return OrganisationSigned(
        **_of(signature, day),
        version=command.version,
        signed_by=command.signed_by,
        in_force_from=command.in_force_from,
        notice_days=notice_days,
    )


def _signed_again(command: Sign, signature: Signature, day: date) -> OrganisationSignedAgain:
    notice_days = _notice_days(command)
    return OrganisationSignedAgain(
        **_of(signature, day), version=command.version, signed_by=command.signed_by, notice_days=notice_days
    )


def _may_sign_again(signature: Signature) -> bool:
    """Who is suspended signs, and stays suspended; who is leaving, what it would else not be bound by up to its last day."""
    if signature.status is Status.LEAVING:
        return signature.to_sign is not None
    return signature.status in (Status.SIGNED, Status.SUSPENDED)


def _notice_days(command: Sign) -> int:
    """The notice that the version asks for. Raises FrameworkEnded and NotTheNewestVersion."""
    _refuse_ended(command.framework)
    newest = command.framework.newest
    if command.version != newest.number:
        raise NotTheNewestVersion(f"the newest is version {newest.number}", field="version")
    return newest.notice_days


def _refuse_ended(framework: Framework) -> None:
    if framework.status is not frameworks.Status.PUBLISHED:
        raise FrameworkEnded(state=framework.status)


def _refuse_before_in_force(signature: Signature, day: date) -> None:
    if signature.periods and day < signature.periods[-1].first:
        raise NotYetInForce(f"it is in force from {signature.periods[-1].first}")


def _notice(command: GiveNotice, signature: Signature, day: date) -> NoticeGiven:
    _refuse_before_in_force(signature, command.last_day)
    earliest = day + timedelta(days=signature.notice_days)
    if command.last_day < earliest:
        raise NoticeTooShort(f"the earliest is {earliest}", field="last_day")
    return NoticeGiven(**_of(signature, day), last_day=command.last_day, reason=command.reason)


def _ended(signature: Signature, last: date) -> tuple[Period, ...]:
    """The periods, of which the open one ends with that day: it is none where it had not begun by then."""
    if not signature.periods or signature.status is Status.SUSPENDED:
        return signature.periods
    *before, current = signature.periods
    ends = min(last, current.last or last)
    return (*before, Period(first=current.first, last=ends)) if current.first <= ends else tuple(before)
