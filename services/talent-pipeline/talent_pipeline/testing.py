"""Builders for tests and drawings: one command of each kind, and each aggregate in each of its states.

`lives()` gives, for every aggregate, a state in each status, reached by commands alone, and one command of each kind.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kit.aggregates import Machine
from kit.step import Command
from kit.testing.lives import Life, life
from kit.testing.lives import run as lived
from schemas.talent_pipeline import (
    Area,
    Awaiting,
    CheckKind,
    CheckOutcome,
    CheckStatus,
    Contract,
    DbsLevel,
    DbsWorkforce,
    DeclineReason,
    Destination,
    Duties,
    EmploymentStatus,
    LeavingReason,
    NhsValue,
    NotAppointedReason,
    OfferWithdrawnReason,
    PriorEmployment,
    RedirectedTo,
    Role,
    SectorRules,
    Source,
    StaffGroup,
    SupportKind,
    ValueScore,
    ValuesOutcome,
    WithdrawalReason,
)
from talent_pipeline.domain import (
    appointable,
    campaign,
    candidacy,
    clearance,
    engagement,
    fair,
    interview,
    redirection,
    vacancy,
)
from talent_pipeline.domain.checks import required_checks

FIRST_DAY = date(2023, 3, 1)
NOW = datetime(2024, 6, 3, 9, 0, tzinfo=UTC)
PERSON = UUID("00000000-0000-4000-8000-000000000001")
VACANCY = UUID("00000000-0000-4000-8000-000000000002")
ENGAGEMENT = UUID("00000000-0000-4000-8000-000000000003")
CAMPAIGN = UUID("00000000-0000-4000-8000-000000000004")
CANDIDACY = UUID("00000000-0000-4000-8000-000000000005")
OTHER_CANDIDACY = UUID("00000000-0000-4000-8000-000000000006")
HOSPITALS, COUNCIL = "leeds-teaching-hospitals", "leeds-city-council"


def day(number: int) -> date:
    """The day so many days after the first."""
    return FIRST_DAY + timedelta(days=number)


def run(machine: Machine, *commands: Command, state: Any = None, now: datetime = NOW) -> Any:
    """The state after these commands."""
    return lived(machine, *commands, state=state, now=now)


# Values ----------------------------------------------------------------------------------------------------------------


def a_role(**changes: Any) -> Role:
    """A healthcare assistant in a hospital."""
    fields: dict[str, Any] = {
        "title": "Healthcare assistant",
        "soc2020": "6131",
        "staff_group": StaffGroup.ADDITIONAL_CLINICAL_SERVICES,
        "pay_framework": "agenda-for-change",
        "grade": "2",
        "weekly_hours": 37.5,
        "contract": Contract.PERMANENT,
        "sector_rules": SectorRules.NHS_SIX_STANDARDS,
        "regulator": None,
        "qualification_needed": False,
        "duties": Duties.REGULATED_ACTIVITY,
        "dbs_level": DbsLevel.ENHANCED_WITH_BARRED_LISTS,
        "dbs_workforce": DbsWorkforce.ADULT,
    }
    return Role(**{**fields, **changes})


def an_area(**changes: Any) -> Area:
    """A neighbourhood among the 3 % most deprived."""
    return Area(**{"lsoa": "E01011363", "ward": "E05011397", "imd_rank": 412, "imd_vintage": 2019, **changes})


def scores(score: int = 4) -> tuple[ValueScore, ...]:
    """The six values, all with this score."""
    return tuple(ValueScore(value=value, score=score) for value in NhsValue)


# Campaigns and fairs ---------------------------------------------------------------------------------------------------

PLAN_CAMPAIGN = campaign.Plan(
    occurred_on=day(0),
    name="East Leeds",
    areas=(an_area(),),
    channels=("school-tour", "poster"),
    employers=(HOSPITALS, COUNCIL),
    opens_on=day(5),
    closes_on=day(150),
)
OPEN_CAMPAIGN = campaign.Open(occurred_on=day(5))
CLOSE_CAMPAIGN = campaign.Close(occurred_on=day(150))

PLAN_FAIR = fair.Plan(occurred_on=day(0), name="Spring fair", employers=(HOSPITALS, COUNCIL), planned_for=day(20))
HOLD_FAIR = fair.Hold(occurred_on=day(20), attended=140)
CANCEL_FAIR = fair.Cancel(occurred_on=day(10), reason="venue-lost")


def an_open_campaign() -> campaign.Campaign:
    opened: campaign.Campaign = run(campaign, PLAN_CAMPAIGN, OPEN_CAMPAIGN)
    return opened


# Vacancies -------------------------------------------------------------------------------------------------------------

DRAFT = vacancy.Draft(occurred_on=day(0), employer=HOSPITALS, role=a_role(), posts=1, accepts_values_pass=True)
AUTHORISE = vacancy.Authorise(occurred_on=day(1))
ADVERTISE = vacancy.Advertise(occurred_on=day(2), channels=("talent-hub",), shared=True, closes_on=day(200))
CLOSE_VACANCY = vacancy.Close(occurred_on=day(60))
CONCLUDE = vacancy.Conclude(occurred_on=day(120))
WITHDRAW_VACANCY = vacancy.Withdraw(occurred_on=day(60), reason="funding-ended")
FILL_POST = vacancy.FillPost(occurred_on=day(90), candidacy_id=CANDIDACY)
RELEASE_POST = vacancy.ReleasePost(occurred_on=day(120), candidacy_id=CANDIDACY)


def a_vacancy(posts: int = 1, **changes: Any) -> vacancy.Vacancy:
    """An advertised vacancy."""
    made: vacancy.Vacancy = run(vacancy, replace(DRAFT, posts=posts, **changes), AUTHORISE, ADVERTISE)
    return made


# Engagements -----------------------------------------------------------------------------------------------------------

REGISTER = engagement.Register(
    occurred_on=day(6),
    person_id=PERSON,
    source=Source.CAMPAIGN,
    channel="poster",
    qr_asset="armley-12",
    campaign_id=CAMPAIGN,
    campaign=an_open_campaign(),
    ward="E05011397",
    employment_status=EmploymentStatus.UNEMPLOYED,
)
TRIAGE = engagement.Triage(occurred_on=day(7), spoke="connecting-communities")
SUPPORT = engagement.Support(
    occurred_on=day(8), kind=SupportKind.EMPLOYABILITY, destination=Destination.LEEDS, provider=COUNCIL
)
PERMIT = engagement.PermitRedirection(
    occurred_on=day(8), to=(RedirectedTo.EMPLOYER, RedirectedTo.PROGRAMME), until=day(300)
)
WITHDRAW_PERMISSION = engagement.WithdrawPermission(occurred_on=day(9))
EXPIRE_PERMISSION = engagement.ExpirePermission()
CLOSE_ENGAGEMENT = engagement.Close(occurred_on=day(200), reason="goal-reached")


def an_engagement() -> engagement.Engagement:
    """A person who came by a campaign, was triaged, and permits redirection."""
    made: engagement.Engagement = run(engagement, REGISTER, TRIAGE, PERMIT)
    return made


# Candidacies -----------------------------------------------------------------------------------------------------------

APPLY = candidacy.Apply(
    occurred_on=day(10),
    vacancy_id=VACANCY,
    vacancy=a_vacancy(),
    engagement_id=ENGAGEMENT,
    engagement=an_engagement(),
)
SHORTLIST = candidacy.Shortlist(occurred_on=day(15))
INTERVIEW = interview.RecordValuesInterview(
    occurred_on=day(20), framework="nhs-values-2023", scores=scores(), panel=(HOSPITALS, COUNCIL),
    outcome=ValuesOutcome.PASSED,
)  # fmt: skip
OFFER = candidacy.MakeOffer(occurred_on=day(22), vacancy=a_vacancy())
CLEAR = clearance.Clear(occurred_on=day(45))
AGREE_START = candidacy.AgreeStart(occurred_on=day(46), start_on=day(60))
START = candidacy.Start(occurred_on=day(60), prior_employment=PriorEmployment.UNEMPLOYED)
SUSTAIN = candidacy.Sustain(weeks=4)
LEAVE = candidacy.Leave(occurred_on=day(100), reason=LeavingReason.OTHER_JOB_OUTSIDE)
RETURN = candidacy.Return(occurred_on=day(111))
WITHDRAW = candidacy.Withdraw(occurred_on=day(65), reason=WithdrawalReason.OTHER_JOB)
DECLINE = candidacy.DeclineOffer(occurred_on=day(65), reason=DeclineReason.PAY_OR_HOURS)
NOT_APPOINT = candidacy.NotAppoint(occurred_on=day(65), reason=NotAppointedReason.APPOINTABLE_NO_POST)
WITHDRAW_OFFER = candidacy.WithdrawOffer(occurred_on=day(65), reason=OfferWithdrawnReason.CHECKS_UNSATISFACTORY)
REDIRECT = redirection.Redirect(
    occurred_on=day(66), to=RedirectedTo.PROGRAMME, programme="springboard", permission=an_engagement().permission
)
EXPIRE_CHECK = clearance.ExpireCheck(kind=CheckKind.IDENTITY)
EXPIRE_RISK_ASSESSMENT = clearance.ExpireRiskAssessment()


def check(kind: CheckKind, number: int = 1, on: int = 40, **changes: Any) -> clearance.UpdateCheck:
    """A check that was satisfactory."""
    fields: dict[str, Any] = {
        "status": CheckStatus.COMPLETE,
        "outcome": CheckOutcome.SATISFACTORY,
        "awaiting": Awaiting.NOBODY,
    }
    return clearance.UpdateCheck(occurred_on=day(on), kind=kind, number=number, **{**fields, **changes})


def all_checks(role: Role | None = None, on: int = 40) -> tuple[clearance.UpdateCheck, ...]:
    """Every check that the role requires, satisfactory."""
    return tuple(check(needed.kind, needed.number, on) for needed in required_checks(role or a_role()))


A_PASS = interview.ValuesPass(
    passed_in=OTHER_CANDIDACY, person_id=PERSON, employer=COUNCIL, passed_on=day(17), valid_until=day(380)
)
"""A values interview that the same person passed with another employer."""

ACCEPT_PASS = interview.AcceptValuesPass(occurred_on=day(20), values_pass=A_PASS)
REACHED: tuple[Command, ...] = (APPLY, SHORTLIST, INTERVIEW, OFFER, *all_checks(), CLEAR, AGREE_START, START)
"""The commands of a whole recruitment, in order."""


def a_candidacy(until: type[Command] = candidacy.Start) -> candidacy.Candidacy:
    """A candidacy after the command of this kind in a recruitment that goes well; checks are done before Clear alone."""
    commands = []
    for command in REACHED:
        if until is candidacy.MakeOffer and isinstance(command, clearance.UpdateCheck):
            continue
        commands.append(command)
        if isinstance(command, until):
            break
    made: candidacy.Candidacy = run(candidacy, *commands)
    return made


# The pool --------------------------------------------------------------------------------------------------------------


def an_appointable_candidacy() -> candidacy.Candidacy:
    """Passed, and found no post."""
    made: candidacy.Candidacy = run(candidacy, APPLY, SHORTLIST, INTERVIEW, NOT_APPOINT)
    return made


POOL = appointable.Pool(
    occurred_on=day(70),
    candidacy_id=CANDIDACY,
    candidacy=an_appointable_candidacy(),
    engagement=an_engagement(),
    available_from=day(80),
)
CHANGE_AVAILABILITY = appointable.ChangeAvailability(occurred_on=day(71), available_from=day(90))
OFFER_FROM_POOL = appointable.Offer(
    occurred_on=day(75), vacancy_id=VACANCY, vacancy=a_vacancy(), candidacy_id=OTHER_CANDIDACY,
    permission=an_engagement().permission,
)  # fmt: skip
END_OFFER = appointable.EndOffer(occurred_on=day(80), candidacy_id=OTHER_CANDIDACY)
PLACE_FROM_POOL = appointable.Place(occurred_on=day(90), candidacy_id=OTHER_CANDIDACY)
LEAVE_POOL = appointable.Leave(occurred_on=day(80), reason="found-other-work")
EXPIRE = appointable.Expire()


# Every life ------------------------------------------------------------------------------------------------------------


@cache
def lives() -> Mapping[str, Life]:
    """Every aggregate, in the order in which a candidate meets them."""
    found = (_campaign(), _fair(), _vacancy(), _engagement(), _candidacy(), _appointable())
    return MappingProxyType({life.machine.AGGREGATE: life for life in found})


def _life(
    machine: Machine, commands: Sequence[Command], *paths: Sequence[Command], others: Sequence[Sequence[Command]] = ()
) -> Life:
    return life(machine, NOW, commands, *paths, others=others)


def _campaign() -> Life:
    commands = (PLAN_CAMPAIGN, OPEN_CAMPAIGN, CLOSE_CAMPAIGN)
    return _life(campaign, commands, commands[:1], commands[:2], commands)


def _fair() -> Life:
    return _life(
        fair, (PLAN_FAIR, HOLD_FAIR, CANCEL_FAIR), (PLAN_FAIR,), (PLAN_FAIR, HOLD_FAIR), (PLAN_FAIR, CANCEL_FAIR)
    )


def _vacancy() -> Life:
    advertised = (DRAFT, AUTHORISE, ADVERTISE)
    of_two = (replace(DRAFT, posts=2), AUTHORISE, ADVERTISE, FILL_POST)
    return _life(
        vacancy,
        (DRAFT, AUTHORISE, ADVERTISE, CLOSE_VACANCY, CONCLUDE, WITHDRAW_VACANCY, FILL_POST, RELEASE_POST),
        (DRAFT,),
        (DRAFT, AUTHORISE),
        advertised,
        (*advertised, CLOSE_VACANCY),
        (*advertised, replace(FILL_POST, candidacy_id=OTHER_CANDIDACY)),
        (*of_two, CLOSE_VACANCY, CONCLUDE),
        (*advertised, CLOSE_VACANCY, CONCLUDE),
        (*advertised, WITHDRAW_VACANCY),
        others=[(*of_two, CLOSE_VACANCY)],
    )


def _engagement() -> Life:
    return _life(
        engagement,
        (REGISTER, TRIAGE, SUPPORT, PERMIT, WITHDRAW_PERMISSION, EXPIRE_PERMISSION, CLOSE_ENGAGEMENT),
        (REGISTER,),
        (REGISTER, TRIAGE),
        (REGISTER, CLOSE_ENGAGEMENT),
    )


def _candidacy() -> Life:
    shortlisted = (APPLY, SHORTLIST)
    offered = (*shortlisted, INTERVIEW, OFFER)
    cleared = (*offered, *all_checks(), CLEAR)
    return _life(
        candidacy,
        (
            APPLY, SHORTLIST, INTERVIEW, ACCEPT_PASS, OFFER, check(CheckKind.IDENTITY, on=70), EXPIRE_CHECK, CLEAR,
            EXPIRE_RISK_ASSESSMENT, AGREE_START, START, SUSTAIN, LEAVE, RETURN, WITHDRAW, DECLINE, NOT_APPOINT,
            WITHDRAW_OFFER, REDIRECT,
        ),
        (APPLY,),
        shortlisted,
        (*shortlisted, INTERVIEW),
        offered,
        cleared,
        (*cleared, AGREE_START),
        (*cleared, AGREE_START, START),
        (*cleared, AGREE_START, START, LEAVE),
        (*offered, WITHDRAW),
        (*offered, DECLINE),
        (*shortlisted, INTERVIEW, NOT_APPOINT),
        (*offered, WITHDRAW_OFFER),
        (*shortlisted, REDIRECT),
        others=[(*offered, *all_checks())],
    )  # fmt: skip


def _appointable() -> Life:
    return _life(
        appointable,
        (POOL, CHANGE_AVAILABILITY, OFFER_FROM_POOL, END_OFFER, PLACE_FROM_POOL, LEAVE_POOL, EXPIRE),
        (POOL,),
        (POOL, OFFER_FROM_POOL),
        (POOL, OFFER_FROM_POOL, PLACE_FROM_POOL),
        (POOL, LEAVE_POOL),
        (POOL, EXPIRE),
    )


def cells(aggregate: str) -> Iterator[tuple[str | None, str]]:
    """Every status with every command."""
    return lives()[aggregate].cells()


def outcome(aggregate: str, status: str | None, name: str) -> str:
    """What comes of a command in a status: the new status, `noted`, or the name of the refusal."""
    return lives()[aggregate].outcome(status, name)
