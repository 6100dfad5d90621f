"""Passports that the partner keeps of its staff, the checks in them, and whom their holders let look."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from pydantic import JsonValue

from kit import claimed, persons, references
from kit.claimed import MAKE_ANOTHER, AnotherStep, Ids
from kit.claims import Claimed
from kit.database import Connection
from kit.errors import Invalid
from kit.step import Command
from mobility import store
from mobility.claims.steps import needed
from mobility.domain import checks, passport
from mobility.domain.passport import Passport, ShareOver
from mobility.handlers import passports
from mobility.store import aggregates
from schemas.fact import Claim, Fact
from schemas.mobility import (
    CheckNotRequired,
    CheckOutcome,
    CheckRecorded,
    CheckRequested,
    CheckStatus,
    EmploymentCheckClaimed,
    PassportClaimed,
    PassportClosed,
    PassportShared,
    PassportStep,
    PassportStepClaimed,
    SharingWithdrawn,
)


class UnknownPassport(Invalid):
    """No passport was claimed under this reference."""


class NoOpenPassport(Invalid):
    """You keep no open passport of this person."""


class NotOfThisStatus(Invalid):
    """A check that was requested says whom it awaits, one that is not required why, a complete one its outcome: none says more."""


async def passport_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The partner keeps a passport of somebody: opened now, or open already, and called so from now on."""
    assert isinstance(claim, PassportClaimed)
    await persons.expect(tx, claim.person_id)
    if (open_ := await _open(tx, claim.person_id, by.partner)) is not None:
        await claimed.name(tx, by, "passport", claim.passport, open_)
        return {"passport_id": open_}
    command = passport.Open(occurred_on=claim.occurred_on, person_id=claim.person_id, home=by.partner)
    opened = await passports.open_passport(tx, command, by.context)
    await claimed.name(tx, by, "passport", claim.passport, opened.id)
    await claimed.leave(tx, by, aggregates, opened)
    return {"passport_id": opened.id}


async def check_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """An employment check of the partner's staff goes on, or was done: so it stands in the partner's passport of them."""
    assert isinstance(claim, EmploymentCheckClaimed)
    await persons.expect(tx, claim.person_id)
    id_ = await _open(tx, claim.person_id, by.partner)
    if id_ is None:
        raise NoOpenPassport(field="person_id", cure="Send the passport claim first, then this one again.")
    held = await aggregates.look(tx, Passport, id_)
    under_way = held.request(claim.kind) is not None
    if not under_way or await references.resolve(tx, by.partner, "check", claim.check) != id_:
        await claimed.name(tx, by, "check", claim.check, id_)
    await claimed.leave(tx, by, aggregates, await passports.of_passport(tx, id_, _of_check(claim), by.context))
    return {"passport_id": id_}


async def passport_step_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The holder lets somebody look, or no longer; or the passport was closed."""
    assert isinstance(claim, PassportStepClaimed)
    id_ = await references.resolve(tx, by.partner, "passport", claim.passport)
    if id_ is None:
        raise UnknownPassport(field="passport", cure="Send the passport claim first, then this one again.")
    await claimed.leave(tx, by, aggregates, await passports.of_passport(tx, id_, _step(claim), by.context))
    return {"passport_id": id_}


async def _open(tx: Connection, person_id: UUID, home: str) -> UUID | None:
    open_ = await store.open_passports(tx, await persons.one_with(tx, person_id), home)
    return open_[0] if open_ else None


SAYS: Mapping[CheckStatus, tuple[str, ...]] = MappingProxyType({
    CheckStatus.REQUESTED: ("level", "workforce", "awaiting"),
    CheckStatus.NOT_REQUIRED: ("reason",),
    CheckStatus.COMPLETE: ("level", "workforce", "verified_by", "satisfactory", "outcome", "valid_until"),
})  # fmt: skip
"""What a check says in each status, beside its kind."""


def _of_check(claim: EmploymentCheckClaimed, within: str = "") -> Command:
    """The command of a check; `within`: what a field's name begins with in a refusal. Raises NotOfThisStatus, NeededForTheStep."""
    status = claim.status or CheckStatus.COMPLETE
    for field in sorted({field for says in SAYS.values() for field in says} - set(SAYS[status])):
        if getattr(claim, field) is not None:
            raise NotOfThisStatus(field=f"{within}{field}")
    day, kind = claim.occurred_on, claim.kind
    match status:
        case CheckStatus.REQUESTED:
            return passport.RequestCheck(
                occurred_on=day, kind=kind, level=claim.level, workforce=claim.workforce,
                awaiting=needed(claim.awaiting, f"{within}awaiting"),
            )  # fmt: skip
        case CheckStatus.NOT_REQUIRED:
            return passport.RecordNotRequired(
                occurred_on=day, kind=kind, reason=needed(claim.reason, f"{within}reason")
            )
        case CheckStatus.COMPLETE:
            return passport.RecordCheck(
                occurred_on=day, kind=kind, level=claim.level, workforce=claim.workforce,
                verified_by=needed(claim.verified_by, f"{within}verified_by"), satisfactory=claim.satisfactory,
                outcome=checks.outcome_of(claim.satisfactory, claim.outcome, within), valid_until=claim.valid_until,
            )  # fmt: skip


def _step(claim: PassportStepClaimed, within: str = "") -> Command:
    """The command of a step; `within`: what a field's name begins with in a refusal. Raises NeededForTheStep."""
    day = claim.occurred_on
    if claim.step is PassportStep.CLOSED:
        return passport.Close(occurred_on=day, reason=needed(claim.reason, f"{within}reason"))
    organisation = needed(claim.organisation, f"{within}organisation")
    if claim.step is PassportStep.SHARED:
        until = needed(claim.until, f"{within}until")
        return passport.ShareWith(occurred_on=day, organisation=organisation, until=until)
    return passport.WithdrawSharing(occurred_on=day, organisation=organisation)


STEP_FACTS: Mapping[str, type[Fact]] = MappingProxyType({
    PassportStep.SHARED: PassportShared,
    PassportStep.SHARING_WITHDRAWN: SharingWithdrawn,
    PassportStep.CLOSED: PassportClosed,
})  # fmt: skip
"""The fact that a claimed step becomes."""


STATUS_FACTS: Mapping[CheckStatus, type[Fact]] = MappingProxyType({
    CheckStatus.REQUESTED: CheckRequested,
    CheckStatus.NOT_REQUIRED: CheckNotRequired,
    CheckStatus.COMPLETE: CheckRecorded,
})  # fmt: skip
"""The fact that a claimed check becomes."""


def fields(better: Claim) -> Mapping[str, JsonValue]:
    """What a check's claim may leave half unsaid, and its fact says."""
    if not isinstance(better, EmploymentCheckClaimed) or better.status not in (None, CheckStatus.COMPLETE):
        return {}
    outcome = checks.outcome_of(better.satisfactory, better.outcome)
    said = better.satisfactory
    return {"outcome": outcome, "satisfactory": outcome is CheckOutcome.SATISFACTORY if said is None else said}


def refuse(better: Claim, stands: Fact) -> None:
    """What the commands refuse, of a claim that is put right. Raises Refused."""
    match better:
        case EmploymentCheckClaimed(status=status):
            if not isinstance(stands, STATUS_FACTS[status or CheckStatus.COMPLETE]):
                raise AnotherStep(field="replacement.status", cure=MAKE_ANOTHER)
            _of_check(better, "replacement.")
        case PassportStepClaimed():
            _step(better, "replacement.")
            if better.until is not None and better.until < better.occurred_on:
                raise ShareOver(field="replacement.until")
        case _:
            pass
