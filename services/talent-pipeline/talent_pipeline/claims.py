"""What partners claim: their references resolved to ours, then the same commands that a coordinator gives.

Each handler leaves facts, keeps which, and answers with our ids. What cannot be resolved is refused with an
`unknown-…` that says what to send first. The partner of the topic is the employer: nobody claims for another.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

from pydantic import JsonValue

from kit import claimed, references
from kit.claimed import MAKE_ANOTHER, Ids, Putting
from kit.claims import Claimed, Judge
from kit.corrections import AboutAnother
from kit.database import Connection
from kit.errors import Invalid, Refused
from kit.persons import EXCHANGE, UnknownPerson
from kit.step import Command
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
    StepClaimed,
    VacancyClaimed,
    VacancyClosed,
    VacancyConcluded,
    VacancyStep,
    VacancyStepClaimed,
    VacancyWithdrawn,
    ValuesInterviewClaimed,
    WithdrawalReason,
)
from talent_pipeline import store
from talent_pipeline.domain import candidacy, clearance, interview, vacancy
from talent_pipeline.domain.engagement import Engagement
from talent_pipeline.domain.journey import Candidacy
from talent_pipeline.domain.placement import new_to_system
from talent_pipeline.domain.vacancy import Vacancy
from talent_pipeline.handlers import corrections, journeys
from talent_pipeline.handlers.journeys import Application, Interest
from talent_pipeline.store import aggregates

Reason = TypeVar("Reason")


class UnknownVacancy(Invalid):
    """No vacancy was claimed under this reference."""


class UnknownApplication(Invalid):
    """No application was claimed under this reference."""


class UnknownInterest(Invalid):
    """No interest of this person was claimed under this reference."""


class ReasonNeeded(Invalid):
    """Where it ends, a reason of the list that belongs to that end is needed."""


class StartDateNeeded(Invalid):
    """A start that is agreed has a date."""


# Each claim ------------------------------------------------------------------------------------------------------------


async def vacancy_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The partner's own vacancy: drafted, authorised and advertised in one act."""
    assert isinstance(claim, VacancyClaimed)
    id_ = await claimed.name(tx, by, "vacancy", claim.vacancy)
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
    await claimed.leave(tx, by, aggregates, await aggregates.begin(tx, Vacancy, commands, by.context, id_))
    return {"vacancy_id": id_}


async def vacancy_step_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The partner's vacancy closed, was concluded, or was withdrawn."""
    assert isinstance(claim, VacancyStepClaimed)
    id_ = await _vacancy(tx, by, claim.vacancy)
    await claimed.leave(tx, by, aggregates, await aggregates.act(tx, Vacancy, id_, _vacancy_step(claim), by.context))
    return {"vacancy_id": id_}


async def interest_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The partner met somebody whose id it has from people. Raises UnknownPerson."""
    assert isinstance(claim, InterestClaimed)
    if claim.person_id is None:
        raise UnknownPerson(field="person_id", cure=EXCHANGE)
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
    kept = await journeys.register_interest(tx, interest, by.context)
    await claimed.name(tx, by, "interest", claim.interest, kept.id)
    await claimed.leave(tx, by, aggregates, kept)
    return {"engagement_id": kept.id, "person_id": kept.standing.person_id}


async def application_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """A person applied for a vacancy of the partner; whoever was passed on to it, it calls so from now on."""
    assert isinstance(claim, ApplicationClaimed)
    vacancy_id = await _vacancy(tx, by, claim.vacancy)
    known = await store.candidacy_for(tx, claim.person_id, vacancy_id)
    if known is not None and not await store.is_called(tx, by.partner, known.id):
        return {"candidacy_id": await claimed.name(tx, by, "application", claim.application, known.id)}
    engagement_id = await _engagement(tx, by, claim)
    asked = Application(occurred_on=claim.occurred_on, vacancy_id=vacancy_id, engagement_id=engagement_id)
    with _in_the_claims_fields():
        kept = await journeys.apply(tx, asked, by.context)
    await claimed.name(tx, by, "application", claim.application, kept.id)
    await claimed.leave(tx, by, aggregates, kept)
    return {"candidacy_id": kept.id}


@contextmanager
def _in_the_claims_fields() -> Iterator[None]:
    """A refusal names the field of the claim, and not that of the command which it became."""
    try:
        yield
    except Refused as refusal:
        refusal.field = {"vacancy_id": "vacancy", "engagement_id": "interest"}.get(refusal.field or "", refusal.field)
        raise


async def values_interview_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    assert isinstance(claim, ValuesInterviewClaimed)
    command = interview.RecordValuesInterview(
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
    command = clearance.UpdateCheck(
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


async def claim_corrected(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The facts of an earlier claim get the fields that the claim should have had."""
    assert isinstance(claim, ClaimCorrected)
    ids = await PUTTING.put_right(tx, claim, by)
    if "candidacy_id" in ids:
        await _refuse_another_way(tx, claim.replacement, by, ids["candidacy_id"])
    return ids


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
            return clearance.Clear(occurred_on=day, risk_assessed_until=claim.risk_assessed_until)
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
    Command: journeys.offer,
    candidacy.Start: journeys.start,
    candidacy.Leave: journeys.leave,
    candidacy.Withdraw: journeys.end,
    candidacy.DeclineOffer: journeys.end,
    candidacy.NotAppoint: journeys.end,
    candidacy.WithdrawOffer: journeys.end,
})  # fmt: skip
"""The steps that touch more than the candidacy."""


async def _step(tx: Connection, by: Claimed, application: str, command: Command) -> Ids:
    id_ = await references.resolve(tx, by.partner, "application", application)
    if id_ is None:
        raise UnknownApplication(field="application", cure="Send the application claim first, then this one again.")
    acts = ACTS.get(type(command))
    if acts is not None:
        kept = await acts(tx, id_, command, by.context)
    else:
        kept = await aggregates.act(tx, Candidacy, id_, command, by.context)
    await claimed.leave(tx, by, aggregates, kept)
    return {"candidacy_id": id_}


# References ------------------------------------------------------------------------------------------------------------


async def _vacancy(tx: Connection, by: Claimed, reference: str) -> UUID:
    id_ = await references.resolve(tx, by.partner, "vacancy", reference)
    if id_ is None:
        raise UnknownVacancy(field="vacancy", cure="Send the vacancy claim first, then this one again.")
    return id_


async def _engagement(tx: Connection, by: Claimed, claim: ApplicationClaimed) -> UUID:
    """The engagement that the application came from: the one that it names, or the person's latest that was open that day."""
    of_person = await store.engagements_of(tx, claim.person_id)
    if not of_person:
        raise UnknownPerson(
            "the person has shown no interest yet", field="person_id", cure="Send the interest claim first."
        )
    if claim.interest is None:
        return await _open_on(tx, of_person, claim.occurred_on) or of_person[0]
    id_ = await references.resolve(tx, by.partner, "interest", claim.interest)
    if id_ not in of_person:
        raise UnknownInterest(field="interest", cure="Name an interest of this person, or none.")
    return id_


async def _open_on(tx: Connection, engagements: Sequence[UUID], day: date) -> UUID | None:
    for id_ in engagements:
        if (await aggregates.look(tx, Engagement, id_)).was_open_on(day):
            return id_
    return None


# What a claim left -----------------------------------------------------------------------------------------------------


RECORD: Mapping[type[Claim], str] = MappingProxyType({
    VacancyClaimed: "vacancy", VacancyStepClaimed: "vacancy", InterestClaimed: "interest",
})  # fmt: skip
"""Which reference says what a claim is about; of all others it is the application."""


def _about(better: Claim) -> str:
    return RECORD.get(type(better), "application")


async def _refuse_another_way(
    tx: Connection, replacement: Mapping[str, JsonValue], by: Claimed, candidacy_id: UUID
) -> None:
    """Raises AboutAnother where a better application is for another vacancy, or came from another interest."""
    state = await aggregates.look(tx, Candidacy, candidacy_id)
    for kind, id_ in (("vacancy", state.vacancy_id), ("interest", state.engagement_id)):
        named = replacement.get(kind)
        if isinstance(named, str) and await references.resolve(tx, by.partner, kind, named) != id_:
            raise AboutAnother(field=f"replacement.{kind}", cure=MAKE_ANOTHER)


def _fields(better: Claim) -> dict[str, JsonValue]:
    """The fields of the facts that a claim leaves, by the facts' own names; None: the fact is to have none."""
    fields: dict[str, JsonValue] = better.model_dump(mode="json")
    match better:
        case StartClaimed():
            fields["new_to_system"] = new_to_system(better.prior_employment).value
        case VacancyClaimed():
            fields["soc2020"] = better.role.soc2020
        case ValuesInterviewClaimed():
            until = interview.pass_until(better.outcome, better.occurred_on)
            fields["valid_until"] = None if until is None else until.isoformat()
        case _:
            pass
    return fields


BECOMES: Mapping[type[Claim], Mapping[str, type[Fact] | tuple[type[Fact], ...]]] = MappingProxyType({
    VacancyStepClaimed: {
        VacancyStep.CLOSED: VacancyClosed,
        VacancyStep.CONCLUDED: VacancyConcluded,
        VacancyStep.WITHDRAWN: VacancyWithdrawn,
    },
    StepClaimed: {
        CandidacyStep.SHORTLISTED: ApplicationShortlisted,
        CandidacyStep.OFFERED: OfferMade,
        CandidacyStep.CLEARED: CandidateCleared,
        CandidacyStep.START_AGREED: StartDateAgreed,
        CandidacyStep.WITHDREW: CandidateWithdrew,
        CandidacyStep.OFFER_DECLINED: OfferDeclined,
        CandidacyStep.NOT_APPOINTED: CandidateNotAppointed,
        CandidacyStep.OFFER_WITHDRAWN: OfferWithdrawn,
    },
})  # fmt: skip
"""The fact that a claimed step becomes."""


PUTTING = Putting(
    aggregates=aggregates,
    correct=corrections.correct,
    about=_about,
    fields=_fields,
    not_the_claims=("person_id", "campaign_id", "level", "workforce"),
    same=MappingProxyType(
        {
            InterestClaimed: ("campaign_id",),
            CheckClaimed: ("kind", "number", "level", "workforce"),
        }
    ),
    may_be_left_out=("person_id", "level", "workforce"),
    becomes=BECOMES,
)

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
    ClaimWithdrawn: PUTTING.take_back,
    ClaimCorrected: claim_corrected,
})  # fmt: skip
