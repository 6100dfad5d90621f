"""What partners claim: their references resolved to ours, then the same commands that a coordinator gives.

Each handler leaves facts, keeps which (`store.keep_left`), and answers with our ids. What cannot be resolved is refused with an
`unknown-…` that says what to send first. The partner of the topic is the employer: nobody claims for another.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

from pydantic import JsonValue, ValidationError

from kit import outbox
from kit.claims import Claimed, Judge
from kit.database import Connection
from kit.errors import Invalid, Refused
from kit.ids import new_id
from schemas.corrections import standing
from schemas.fact import Claim, Fact
from schemas.talent_pipeline import (
    ApplicationClaimed,
    ApplicationShortlisted,
    CandidacyStep,
    CandidateCleared,
    CandidateNotAppointed,
    CandidateWithdrew,
    CheckClaimed,
    ClaimCorrected,
    ClaimWithdrawn,
    Dated,
    DeclineReason,
    InterestClaimed,
    LeavingClaimed,
    NotAppointedReason,
    OfferDeclined,
    OfferMade,
    OfferWithdrawn,
    OfferWithdrawnReason,
    Source,
    StartClaimed,
    StartDateAgreed,
    Step,
    StepClaimed,
    VacancyClaimed,
    VacancyClosed,
    VacancyConcluded,
    VacancyStep,
    VacancyStepClaimed,
    VacancyWithdrawn,
    ValuesInterviewClaimed,
    ValuesOutcome,
    WithdrawalReason,
)
from schemas.values import Part
from talent_pipeline import handlers, store
from talent_pipeline.domain import candidacy, vacancy
from talent_pipeline.domain.candidacy import Candidacy, new_to_system
from talent_pipeline.domain.correction import Correct, Void
from talent_pipeline.domain.engagement import Engagement
from talent_pipeline.domain.step import Command, years_later
from talent_pipeline.domain.vacancy import Vacancy
from talent_pipeline.handlers import Application, Interest, Kept

Ids = Mapping[str, UUID]
Reason = TypeVar("Reason")


class UnknownVacancy(Invalid):
    """No vacancy was claimed under this reference."""


class UnknownApplication(Invalid):
    """No application was claimed under this reference."""


class UnknownInterest(Invalid):
    """No interest of this person was claimed under this reference."""


class UnknownPerson(Invalid):
    """There is no person with this id."""


class UnknownClaim(Invalid):
    """No accepted claim of this source has this id."""


class ReferenceTaken(Refused):
    """Another record was claimed under this reference."""


class ReasonNeeded(Invalid):
    """Where it ends, a reason of the list that belongs to that end is needed."""


class StartDateNeeded(Invalid):
    """A start that is agreed has a date."""


class AboutAnotherRecord(Invalid):
    """A correction is about the same record as the claim that it corrects."""


class AnotherStep(Invalid):
    """A correction is of the same step as the claim that it corrects."""


# Each claim ------------------------------------------------------------------------------------------------------------


async def vacancy_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The partner's own vacancy: drafted, authorised and advertised in one act."""
    assert isinstance(claim, VacancyClaimed)
    id_ = await _named(tx, by, "vacancy", claim.vacancy)
    day = claim.occurred_on
    commands: list[Command] = [
        vacancy.Draft(
            occurred_on=day,
            employer=by.partner,
            role=claim.role,
            posts=claim.posts,
            accepts_values_pass=claim.accepts_values_pass,
        ),
        vacancy.Authorise(occurred_on=day),
        vacancy.Advertise(occurred_on=day, channels=claim.channels, shared=claim.shared, closes_on=claim.closes_on),
    ]
    await _left(tx, by, await handlers.begin(tx, Vacancy, commands, by.context, id_))
    return {"vacancy_id": id_}


async def vacancy_step_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The partner's vacancy closed, was concluded, or was withdrawn."""
    assert isinstance(claim, VacancyStepClaimed)
    id_ = await _vacancy(tx, by, claim.vacancy)
    await _left(tx, by, await handlers.act(tx, Vacancy, id_, _vacancy_step(claim), by.context))
    return {"vacancy_id": id_}


async def interest_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The partner met somebody: a person id is issued, unless it names one that it got before."""
    assert isinstance(claim, InterestClaimed)
    if claim.person_id is not None and not await store.is_known(tx, claim.person_id):
        raise UnknownPerson(field="person_id", cure="Leave person_id out: the answer gives the id of a new person.")
    interest = Interest(
        occurred_on=claim.occurred_on,
        source=Source.PARTNER if claim.campaign_id is None else Source.CAMPAIGN,
        channel=claim.channel,
        employment_status=claim.employment_status,
        person_id=claim.person_id,
        campaign_id=claim.campaign_id,
        partner=by.partner,
        qr_asset=claim.qr_asset,
        ward=claim.ward,
    )
    kept = await handlers.register_interest(tx, interest, by.context)
    await _name(tx, by, "interest", claim.interest, kept.id)
    await _left(tx, by, kept)
    return {"engagement_id": kept.id, "person_id": _state(kept).person_id}


async def application_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """A person applied for a vacancy of the partner."""
    assert isinstance(claim, ApplicationClaimed)
    asked = Application(
        occurred_on=claim.occurred_on,
        vacancy_id=await _vacancy(tx, by, claim.vacancy),
        engagement_id=await _engagement(tx, by, claim),
    )
    kept = await handlers.apply(tx, asked, by.context)
    await _name(tx, by, "application", claim.application, kept.id)
    await _left(tx, by, kept)
    return {"candidacy_id": kept.id}


async def values_interview_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    assert isinstance(claim, ValuesInterviewClaimed)
    command = candidacy.RecordValuesInterview(
        occurred_on=claim.occurred_on,
        framework=claim.framework,
        scores=claim.scores,
        panel=claim.panel,
        outcome=claim.outcome,
    )
    return await _step(tx, by, claim.application, command)


async def step_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """An application moved on or ended."""
    assert isinstance(claim, StepClaimed)
    return await _step(tx, by, claim.application, _candidacy_step(claim))


async def check_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    assert isinstance(claim, CheckClaimed)
    command = candidacy.UpdateCheck(
        occurred_on=claim.occurred_on,
        kind=claim.kind,
        number=claim.number,
        status=claim.status,
        outcome=claim.outcome,
        awaiting=claim.awaiting,
        level=claim.level,
        workforce=claim.workforce,
        valid_until=claim.valid_until,
    )
    return await _step(tx, by, claim.application, command)


async def start_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    assert isinstance(claim, StartClaimed)
    command = candidacy.Start(occurred_on=claim.occurred_on, prior_employment=claim.prior_employment)
    return await _step(tx, by, claim.application, command)


async def leaving_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    assert isinstance(claim, LeavingClaimed)
    command = candidacy.Leave(occurred_on=claim.occurred_on, reason=claim.reason)
    return await _step(tx, by, claim.application, command)


async def claim_withdrawn(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The facts of an earlier claim are voided, the last first."""
    assert isinstance(claim, ClaimWithdrawn)
    left = await _earlier(tx, by, claim.claim_id)
    for fact in reversed(left):
        kind = store.STATES[fact.aggregate]
        await handlers.correct(tx, kind, fact.aggregate_id, Void(fact.event_id, claim.reason), by.context)
    return {f"{fact.aggregate}_id": fact.aggregate_id for fact in left}


async def claim_corrected(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The facts of an earlier claim get the fields that the claim should have had."""
    assert isinstance(claim, ClaimCorrected)
    left = await _earlier(tx, by, claim.claim_id)
    better = _replacement(claim, left[0].type)
    await _refuse_another_record(tx, by, better, {fact.aggregate_id for fact in left})
    for fact, stands in await _in_a_possible_order(tx, left, better):
        _refuse_another_step(better, stands)
        asked = Correct(fact.event_id, _put_right(stands, _fields(better)), claim.reason)
        await handlers.correct(tx, store.STATES[fact.aggregate], fact.aggregate_id, asked, by.context)
    return {f"{fact.aggregate}_id": fact.aggregate_id for fact in left}


# What a step claim stands for ------------------------------------------------------------------------------------------


def _vacancy_step(claim: VacancyStepClaimed) -> Command:
    match claim.step:
        case VacancyStep.CLOSED:
            return vacancy.Close(occurred_on=claim.occurred_on)
        case VacancyStep.CONCLUDED:
            return vacancy.Conclude(occurred_on=claim.occurred_on)
        case VacancyStep.WITHDRAWN:
            if claim.reason is None:
                raise ReasonNeeded(field="reason")
            return vacancy.Withdraw(occurred_on=claim.occurred_on, reason=claim.reason)


def _candidacy_step(claim: StepClaimed) -> Command:
    """The command; a plain one stands for the offer, which needs the vacancy."""
    day = claim.occurred_on
    match claim.step:
        case CandidacyStep.SHORTLISTED:
            return candidacy.Shortlist(occurred_on=day)
        case CandidacyStep.OFFERED:
            return Command(occurred_on=day)
        case CandidacyStep.CLEARED:
            return candidacy.Clear(occurred_on=day, risk_assessed_until=claim.risk_assessed_until)
        case CandidacyStep.START_AGREED:
            if claim.start_on is None:
                raise StartDateNeeded(field="start_on")
            return candidacy.AgreeStart(occurred_on=day, start_on=claim.start_on)
        case CandidacyStep.WITHDREW:
            return candidacy.Withdraw(occurred_on=day, reason=_reason(WithdrawalReason, claim.reason))
        case CandidacyStep.OFFER_DECLINED:
            return candidacy.DeclineOffer(occurred_on=day, reason=_reason(DeclineReason, claim.reason))
        case CandidacyStep.NOT_APPOINTED:
            return candidacy.NotAppoint(occurred_on=day, reason=_reason(NotAppointedReason, claim.reason))
        case CandidacyStep.OFFER_WITHDRAWN:
            return candidacy.WithdrawOffer(occurred_on=day, reason=_reason(OfferWithdrawnReason, claim.reason))


def _reason(listed: Callable[[str], Reason], given: str | None) -> Reason:
    try:
        return listed(given or "")
    except ValueError:
        raise ReasonNeeded(field="reason") from None


ACTS: Mapping[type[Command], Any] = MappingProxyType({
    Command: handlers.offer,
    candidacy.Start: handlers.start,
    candidacy.Leave: handlers.leave,
    candidacy.Withdraw: handlers.end,
    candidacy.DeclineOffer: handlers.end,
    candidacy.NotAppoint: handlers.end,
    candidacy.WithdrawOffer: handlers.end,
})  # fmt: skip
"""The steps that touch more than the candidacy."""


async def _step(tx: Connection, by: Claimed, application: str, command: Command) -> Ids:
    id_ = await store.resolve(tx, by.partner, "application", application)
    if id_ is None:
        raise UnknownApplication(field="application", cure="Send the application claim first, then this one again.")
    acts = ACTS.get(type(command))
    if acts is not None:
        kept = await acts(tx, id_, command, by.context)
    else:
        kept = await handlers.act(tx, Candidacy, id_, command, by.context)
    await _left(tx, by, kept)
    return {"candidacy_id": id_}


# References ------------------------------------------------------------------------------------------------------------


async def _named(tx: Connection, by: Claimed, kind: str, reference: str) -> UUID:
    """A new id, called so by the partner."""
    id_ = new_id()
    await _name(tx, by, kind, reference, id_)
    return id_


async def _name(tx: Connection, by: Claimed, kind: str, reference: str, id_: UUID) -> None:
    if not await store.name(tx, by.partner, kind, reference, id_):
        raise ReferenceTaken(field=kind, cure="Correct or withdraw the earlier claim, or use another reference.")


async def _vacancy(tx: Connection, by: Claimed, reference: str) -> UUID:
    id_ = await store.resolve(tx, by.partner, "vacancy", reference)
    if id_ is None:
        raise UnknownVacancy(field="vacancy", cure="Send the vacancy claim first, then this one again.")
    return id_


async def _engagement(tx: Connection, by: Claimed, claim: ApplicationClaimed) -> UUID:
    """The engagement that the application came from: the one that it names, or the person's latest."""
    of_person = await store.engagements_of(tx, claim.person_id)
    if not of_person:
        raise UnknownPerson(field="person_id", cure="Send the interest claim first: its answer gives the person's id.")
    if claim.interest is None:
        return of_person[0]
    id_ = await store.resolve(tx, by.partner, "interest", claim.interest)
    if id_ not in of_person:
        raise UnknownInterest(field="interest", cure="Name an interest of this person, or none.")
    return id_


# What a claim left -----------------------------------------------------------------------------------------------------


async def _left(tx: Connection, by: Claimed, kept: Kept[Any]) -> None:
    """Keep what became of the claim. What followed from it elsewhere follows it when it is corrected as well."""
    aggregate = store.table_of(type(kept.state)) if isinstance(kept.state, Part) else ""
    said = [(aggregate, kept.id, envelope.id) for envelope in kept.said]
    await store.keep_left(tx, by.partner, by.envelope.source, by.envelope.id, by.envelope.type, said)


async def _earlier(tx: Connection, by: Claimed, claim_id: str) -> list[store.Left]:
    left = await store.left_by(tx, by.partner, by.envelope.source, claim_id)
    if not left:
        raise UnknownClaim(field="claim_id", cure="Name the id of a claim that was accepted and left something.")
    return left


def _replacement(claim: ClaimCorrected, type_: str) -> Claim:
    """The claim as it should have been."""
    kind = next(kind for kind in ACCEPTS if type_ == kind.TYPE)
    try:
        return kind.read(json.dumps(claim.replacement))
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = ".".join(["replacement", *(str(part)[:60] for part in first["loc"])])
        raise Invalid(first["msg"], field=field) from None


RECORD: Mapping[type[Claim], str] = MappingProxyType({
    VacancyClaimed: "vacancy", VacancyStepClaimed: "vacancy", InterestClaimed: "interest",
})  # fmt: skip
"""Which reference says what a claim is about; of all others it is the application."""


async def _refuse_another_record(tx: Connection, by: Claimed, better: Claim, ids: set[UUID]) -> None:
    kind = RECORD.get(type(better), "application")
    if await store.resolve(tx, by.partner, kind, getattr(better, kind)) not in ids:
        raise AboutAnotherRecord(field=f"replacement.{kind}")


def _refuse_another_step(better: Claim, stands: Fact) -> None:
    if isinstance(better, StepClaimed | VacancyStepClaimed) and not isinstance(stands, STEP_FACTS[better.step]):
        raise AnotherStep(field="replacement.step", cure="Withdraw the earlier claim and make another.")


async def _in_a_possible_order(
    tx: Connection, left: Sequence[store.Left], better: Claim
) -> list[tuple[store.Left, Fact]]:
    """The facts of a claim that still stand: moved to a later day the last goes first, so that none overtakes another."""
    stand: dict[UUID, Fact] = {}
    for id_ in {fact.aggregate_id for fact in left}:
        stand |= dict(standing([(line.event_id, line.fact) for line in await outbox.history(tx, id_)]))
    found = [(fact, stand[fact.event_id]) for fact in left if fact.event_id in stand]
    later = any(
        isinstance(stands, Step) and isinstance(better, Dated) and better.occurred_on > stands.occurred_on
        for _, stands in found
    )
    return found[::-1] if later else found


def _fields(better: Claim) -> dict[str, JsonValue]:
    """The fields of the facts that a claim leaves, by the facts' own names; None: the fact is to have none."""
    fields: dict[str, JsonValue] = better.model_dump(mode="json")
    match better:
        case StartClaimed():
            fields["new_to_system"] = new_to_system(better.prior_employment).value
        case VacancyClaimed():
            fields["soc2020"] = better.role.soc2020
        case ValuesInterviewClaimed():
            passed = better.outcome is ValuesOutcome.PASSED
            until = years_later(better.occurred_on, candidacy.PASS_YEARS)
            fields["valid_until"] = until.isoformat() if passed else None
        case _:
            pass
    return fields


NOT_THE_CLAIMS = ("person_id", "campaign_id", "level", "workforce")
"""What the fact knows by itself or from another record, whatever the claim leaves out."""


def _put_right(stands: Fact, fields: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The fact's payload with the fields that it shares with the claim."""
    payload: dict[str, JsonValue] = stands.model_dump(mode="json", exclude_none=True)
    own = type(stands).model_fields.keys() - NOT_THE_CLAIMS
    payload |= {name: value for name, value in fields.items() if name in own}
    return {name: value for name, value in payload.items() if value is not None}


STEP_FACTS: Mapping[str, type[Fact]] = MappingProxyType({
    VacancyStep.CLOSED: VacancyClosed,
    VacancyStep.CONCLUDED: VacancyConcluded,
    VacancyStep.WITHDRAWN: VacancyWithdrawn,
    CandidacyStep.SHORTLISTED: ApplicationShortlisted,
    CandidacyStep.OFFERED: OfferMade,
    CandidacyStep.CLEARED: CandidateCleared,
    CandidacyStep.START_AGREED: StartDateAgreed,
    CandidacyStep.WITHDREW: CandidateWithdrew,
    CandidacyStep.OFFER_DECLINED: OfferDeclined,
    CandidacyStep.NOT_APPOINTED: CandidateNotAppointed,
    CandidacyStep.OFFER_WITHDRAWN: OfferWithdrawn,
})  # fmt: skip
"""The fact that a claimed step becomes."""


def _state(kept: Kept[Engagement]) -> Engagement:
    assert kept.state is not None
    return kept.state


ACCEPTS: Mapping[type[Claim], Judge] = MappingProxyType({
    VacancyClaimed: vacancy_claimed,
    VacancyStepClaimed: vacancy_step_claimed,
    InterestClaimed: interest_claimed,
    ApplicationClaimed: application_claimed,
    ValuesInterviewClaimed: values_interview_claimed,
    StepClaimed: step_claimed,
    CheckClaimed: check_claimed,
    StartClaimed: start_claimed,
    LeavingClaimed: leaving_claimed,
    ClaimWithdrawn: claim_withdrawn,
    ClaimCorrected: claim_corrected,
})  # fmt: skip
