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
from kit.step import Command, changed
from kit.testing.lives import Life, life
from kit.testing.lives import run as lived
from mobility.domain import (
    answers,
    clearance,
    deployment,
    everywhere,
    framework,
    lasting,
    need,
    passport,
    requirement,
    signature,
    statement,
    stops,
)
from mobility.domain.checks import Check
from schemas.mobility import (
    Awaited,
    Basis,
    CheckAwaiting,
    CheckNeeded,
    CoreSkill,
    EndedBy,
    LimitGround,
    NeedReason,
    Own,
    Party,
    Recharge,
    Shift,
    Side,
    StatementAwaited,
    Term,
    TrainingNeeded,
    Vat,
    WorkLimit,
)
from schemas.values import Sector

FIRST_DAY = date(2023, 3, 1)
NOW = datetime(2024, 6, 3, 9, 0, tzinfo=UTC)
FRAMEWORK = UUID("00000000-0000-4000-8000-000000000001")
NEED = UUID("00000000-0000-4000-8000-000000000002")
DEPLOYMENT = UUID("00000000-0000-4000-8000-000000000003")
OTHER_DEPLOYMENT = UUID("00000000-0000-4000-8000-000000000004")
COURSE = UUID("00000000-0000-4000-8000-000000000006")
STOP = UUID("00000000-0000-4000-8000-000000000008")
PERSON = UUID("00000000-0000-4000-8000-000000000005")
HOSPITALS, COUNCIL, HOSPICE = "leeds-teaching-hospitals", "leeds-city-council", "st-gemma-hospice"


def day(number: int) -> date:
    """The day so many days after the first."""
    return FIRST_DAY + timedelta(days=number)


def run(machine: Machine, *commands: Command, state: Any = None, now: datetime = NOW) -> Any:
    """The state after these commands."""
    return lived(machine, *commands, state=state, now=now)


# Frameworks ------------------------------------------------------------------------------------------------------------

PUBLISH = framework.Publish(
    occurred_on=day(0), name="Workforce Mobility Framework", effective_from=day(10), notice_days=90
)
PUBLISH_UNTIL = replace(PUBLISH, expires_on=day(300))
VARY = framework.Vary(
    occurred_on=day(100), effective_from=day(130), notice_days=60, sign_by=day(160), reason="primary-care-joins"
)
TERMINATE = framework.Terminate(occurred_on=day(200), last_day=day(290), reason="replaced")
EXPIRE = framework.Expire()


def a_framework(*more: Command) -> framework.Framework:
    """A published framework, after these commands as well."""
    made: framework.Framework = run(framework, PUBLISH, *more)
    return made


# Signatures ------------------------------------------------------------------------------------------------------------

INVITE = signature.Invite(
    occurred_on=day(1),
    framework_id=FRAMEWORK,
    framework=a_framework(),
    organisation=HOSPITALS,
    sector=Sector.NHS_TRUST,
    statutory=True,
)
DECLINE = signature.Decline(occurred_on=day(5), reason="not-this-year")
SIGN = signature.Sign(
    occurred_on=day(8), framework=a_framework(), version=1, signed_by="chief-executive", in_force_from=day(10)
)
SIGN_LATER = signature.Sign(
    occurred_on=day(365), framework=a_framework(VARY), version=2, signed_by="chief-executive", in_force_from=day(400)
)
"""A version that was published meanwhile, signed late enough to follow any state of the table below."""
SIGN_AGAIN = replace(SIGN_LATER, occurred_on=day(120), in_force_from=day(130))
ASK_AGAIN = signature.AskAgain(occurred_on=day(100), version=2, sign_by=day(160))
LAPSE = signature.Lapse()
SUSPEND = signature.Suspend(occurred_on=day(150), reason="insurance-ended")
RESUME = signature.Resume(occurred_on=day(158))
GIVE_NOTICE = signature.GiveNotice(occurred_on=day(190), last_day=day(300), reason="merged")
END = signature.End(occurred_on=day(200), last_day=day(290), reason="framework-terminated")
WITHDRAW = signature.Withdraw()
LOOK_AT_MOVES = signature.LookAgain()

SIGNED: tuple[Command, ...] = (INVITE, SIGN)


def a_signature(*commands: Command) -> signature.Signature:
    """A signature after these commands."""
    made: signature.Signature = run(signature, *commands)
    return made


# Needs -----------------------------------------------------------------------------------------------------------------

RAISE = need.Raise(
    occurred_on=day(20), organisation=HOSPITALS, title="Registered nurse, respiratory ward", soc2020="2237", level=5,
    place="seacroft", weekly_hours=22.5, people=2, starts_on=day(30), ends_on=day(120),
    reason=NeedReason.WINTER_PRESSURE, release_on=day(25),
)  # fmt: skip
RELEASE = need.Release(occurred_on=day(22))
FILL = need.Fill(occurred_on=day(40), deployment_id=DEPLOYMENT)
FILL_WITH_OWN = need.FillWithOwn(occurred_on=day(23))
REOPEN = need.Reopen(occurred_on=day(80), deployment_id=DEPLOYMENT, left="recalled")
CLOSE_NEED = need.Close(occurred_on=day(110))
WITHDRAW_NEED = need.Withdraw(occurred_on=day(50), why="ward-closed")
RUN_OUT = need.RunOut()
RELEASE_IN_TIME = need.ReleaseInTime()


def a_need(*more: Command, **changes: Any) -> need.Need:
    """A need of which partners were asked, after these commands as well."""
    made: need.Need = run(need, replace(RAISE, **changes), RELEASE, *more)
    return made


# Deployments -----------------------------------------------------------------------------------------------------------


def shifts(*days: int, starts: str = "09:00", ends: str = "16:30") -> tuple[Shift, ...]:
    """The same hours on several days of the week."""
    return tuple(Shift(day=number, starts=starts, ends=ends) for number in days)


OWN = Own(soc2020="2237", level=6, place="seacroft", available_from=day(20), available_until=day(200))
PROPOSE = deployment.Propose(
    occurred_on=day(24), person_id=PERSON, home=HOSPICE, host=HOSPITALS, basis=Basis.FRAMEWORK_LICENCE, soc2020="2237",
    title="Registered nurse, respiratory ward", starts_on=day(40), ends_on=day(110), pattern=shifts(1, 2, 3), own=OWN,
    home_hours=15.0, need_id=NEED, need=a_need(),
)  # fmt: skip
MATCH = deployment.Match(occurred_on=day(25), need=a_need())
AGREE = deployment.Agree(occurred_on=day(26))
WITHDRAW_AGREEMENT = deployment.WithdrawAgreement(occurred_on=day(32))


def checked(**kinds: date | None) -> passport.Passport:
    """A passport with satisfactory checks of these kinds, each valid until a day."""
    done = tuple(
        Check(
            kind=kind.replace("_", "-"), level=None, workforce=None, verified_by=HOSPICE, verified_on=day(3),
            satisfactory=True, valid_until=until,
        )
        for kind, until in kinds.items()
    )  # fmt: skip
    return passport.Passport(status=passport.Status.OPEN, since=day(2), person_id=PERSON, home=HOSPICE, checks=done)


VERIFY = clearance.VerifyChecks(
    occurred_on=day(28), verified_by=HOSPICE,
    passport=checked(identity=None, right_to_work=None, criminal_record=day(90)),
)  # fmt: skip
AUTHORISE_HOME = clearance.Authorise(
    occurred_on=day(29), side=Side.HOME, authorised_by="head-of-nursing", indemnity="host-covers-clinical",
    data_basis="framework-schedule-3", recharge=Recharge.AT_COST, home=(a_signature(*SIGNED),),
    host=(a_signature(*SIGNED),),
)  # fmt: skip
AUTHORISE_HOST = replace(AUTHORISE_HOME, occurred_on=day(30), side=Side.HOST)
GIVE_PACK = deployment.GivePack(occurred_on=day(112))
"""Late enough to follow any state of the table below."""
TRAINING = TrainingNeeded(course_id=COURSE, title="Resuscitation", within_days=365)
UNTRAINED = replace(VERIFY, training=(TRAINING,))
"""A course is missing that the host asks for."""
PUT_OFF_TRAINING = clearance.PutOffTraining(occurred_on=day(33), ground="supervised-until-then", done_by=day(60))
CHASE_TRAINING = clearance.ChaseTraining()
INDUCT = deployment.Induct(occurred_on=day(39))
START = deployment.Start(occurred_on=day(40))
WARN = clearance.Warn()
END_RIGHT = clearance.EndRight()
PROPOSE_EXTENSION = lasting.ProposeExtension(
    occurred_on=day(50), ends_on=day(115), side=Side.HOME, home=(a_signature(*SIGNED),), host=(a_signature(*SIGNED),)
)
CONFIRM_HOST = lasting.ConfirmExtension(
    occurred_on=day(51), ends_on=day(115), by=Party.HOST, home=(a_signature(*SIGNED),), host=(a_signature(*SIGNED),)
)
CONFIRM_PERSON = replace(CONFIRM_HOST, occurred_on=day(52), by=Party.PERSON)
DECLINE_EXTENSION = lasting.DeclineExtension(occurred_on=day(52), by=Party.PERSON, reason="wants-to-go-home")
LAPSE_EXTENSION = lasting.LapseExtension()
SHORTEN = lasting.Shorten(occurred_on=day(53), ends_on=day(100), side=Side.HOST, reason="ward-closes")
LOSE_COVER = deployment.LoseCover(occurred_on=day(45), organisation=HOSPICE, last_day=day(100))
HAND_OVER = deployment.HandOver(organisation=HOSPICE)
END_COVER = deployment.EndCover()
STOP_NOW = stops.StopNow(occurred_on=day(46), reason="registration-restricted")
STOP_EVERYWHERE = stops.StopEverywhere(occurred_on=day(46), reason="registration-restricted", stop_id=STOP)
CHASE = answers.Chase(answer=Awaited.AGREEMENT)
SETTLE_ANSWER = answers.SettleAnswer(occurred_on=day(41), answer=Awaited.LOCAL_INDUCTION, reason="none-due")
LIFT_STOP = stops.LiftStop(occurred_on=day(47), why="restriction-ended")
LET_GO_ON = stops.LetGoOn(reason="registration-restricted", why="entered-in-error")
COMPLETE = deployment.Complete()
RECALL = deployment.Recall(occurred_on=day(80), reason="short-at-home")
END_EARLY = deployment.EndEarly(occurred_on=day(80), ended_by=EndedBy.HOST, reason="ward-closed")
CANCEL = deployment.Cancel(occurred_on=day(33), reason="no-longer-needed")

VERIFIED: tuple[Command, ...] = (PROPOSE, MATCH, AGREE, VERIFY)
STARTED: tuple[Command, ...] = (*VERIFIED, AUTHORISE_HOME, AUTHORISE_HOST, INDUCT, START)
"""The commands of a move, in order."""


def a_move(*commands: Command) -> deployment.Deployment:
    """A move after these commands; without any, one that has started."""
    made: deployment.Deployment = run(deployment, *(commands or STARTED))
    return made


# Stops -----------------------------------------------------------------------------------------------------------------

SAY_STOP = everywhere.Say(
    occurred_on=day(46),
    person_id=PERSON,
    reason="registration-restricted",
    organisation=HOSPITALS,
    deployment_id=DEPLOYMENT,
)
LIFT = everywhere.Lift(occurred_on=day(47), why="restriction-ended")


# Requirements and passports --------------------------------------------------------------------------------------------

ASK = requirement.Ask(
    occurred_on=day(5), organisation=HOSPITALS, soc2020="2237",
    checks=(CheckNeeded(kind="identity"), CheckNeeded(kind="criminal-record", level="enhanced", workforce="adult")),
    training=(TRAINING,),
)  # fmt: skip
CHANGE = requirement.Change(occurred_on=day(6), checks=ASK.checks[:1], training=())
RETIRE = requirement.Retire(occurred_on=day(7), reason="ward-closed")

OPEN = passport.Open(occurred_on=day(2), person_id=PERSON, home=HOSPICE)
RECORD_IDENTITY = passport.RecordCheck(occurred_on=day(3), kind="identity", verified_by=HOSPICE, satisfactory=True)
RECORD_RIGHT = replace(RECORD_IDENTITY, kind="right-to-work")
RECORD_DBS = passport.RecordCheck(
    occurred_on=day(4), kind="criminal-record", level="enhanced", workforce="adult", verified_by=HOSPICE,
    satisfactory=True, valid_until=day(300),
)  # fmt: skip
REQUEST_CHECK = passport.RequestCheck(occurred_on=day(10), kind="work-health", awaiting=CheckAwaiting.HOLDER)
RECORD_NOT_REQUIRED = passport.RecordNotRequired(
    occurred_on=day(10), kind="professional-registration", reason="role-not-regulated"
)
RENEW_DBS = passport.RequestCheck(
    occurred_on=day(20), kind="criminal-record", level="enhanced", workforce="adult", awaiting=CheckAwaiting.HOLDER
)
MOVED_ON = replace(RENEW_DBS, occurred_on=day(25), awaiting=CheckAwaiting.THIRD_PARTY)
RECORD_TRAINING = passport.RecordTraining(occurred_on=day(1), course_id=COURSE, title="Resuscitation")
FIRE_SAFETY = CoreSkill(framework="cstf-england-1-1", subject="fire-safety", level=1)
COMPETENCE = UUID("00000000-0000-4000-8000-000000000007")
RECORD_WAIVER = passport.RecordWaiver(
    occurred_on=day(6), competence_id=COMPETENCE, host=HOSPITALS, skill=FIRE_SAFETY, ground="alignment",
    valid_until=day(150),
)  # fmt: skip
WITHDRAW_WAIVER = passport.WithdrawWaiver(occurred_on=day(7), competence_id=COMPETENCE, host=HOSPITALS)
SHARE = passport.ShareWith(occurred_on=day(8), organisation=HOSPITALS, until=day(200))
WITHDRAW_SHARING = passport.WithdrawSharing(occurred_on=day(9), organisation=HOSPITALS)
TAKE_BACK = passport.TakeBack(occurred_on=day(9), organisation=HOSPITALS)
LET_LOOK_AGAIN = passport.LetLookAgain(occurred_on=day(10), organisation=COUNCIL)
TERM = Term(first=day(50), last=day(100))
STUDENT = WorkLimit(ground=LimitGround.STUDENT, weekly_hours=20, terms=(TERM,))
LIMIT_WORK = passport.LimitWork(occurred_on=day(5), limit=STUDENT)
PERMISSION = WorkLimit(ground=LimitGround.PERMISSION_TO_WORK, until=day(300))
LIMIT_TO_A_DAY = passport.LimitWork(occurred_on=day(5), limit=PERMISSION)
CHASE_CHECK = passport.ChaseCheck(kind="criminal-record")
RAISE_ENDING = passport.RaiseEnding(ground=LimitGround.PERMISSION_TO_WORK)
LOOK_AGAIN = passport.LookAgain()
LIFT_LIMIT = passport.LiftLimit(occurred_on=day(60), ground=LimitGround.STUDENT)
CLOSE_PASSPORT = passport.Close(occurred_on=day(100), reason="left")
REOPEN_PASSPORT = passport.Reopen(occurred_on=day(110))


def a_requirement(*more: Command) -> requirement.Requirement:
    """What the hospitals ask for, after these commands as well."""
    made: requirement.Requirement = run(requirement, ASK, *more)
    return made


def a_passport(*more: Command) -> passport.Passport:
    """An open passport, after these commands as well."""
    made: passport.Passport = run(passport, OPEN, *more)
    return made


# Statements ------------------------------------------------------------------------------------------------------------

RECORD = statement.Record(
    occurred_on=day(60), deployment_id=DEPLOYMENT, deployment=a_move(), worked_on=day(50), hours=7.5, pence=15_001
)
DISPUTE = statement.Dispute(occurred_on=day(61), deployment_id=DEPLOYMENT, worked_on=day(50), reason="left-at-noon")
SETTLE = statement.Settle(occurred_on=day(62), deployment_id=DEPLOYMENT, worked_on=day(50), hours=4.0, pence=8_000)
ISSUE = statement.Issue(occurred_on=day(70), vat=Vat.STANDARD)
AGREE_STATEMENT = statement.Agree(occurred_on=day(80))
CHASE_SETTLEMENT = statement.Chase(answer=StatementAwaited.SETTLEMENT)


def a_statement(*more: Command) -> statement.Statement:
    """A statement with one line, after these commands as well."""
    made: statement.Statement = run(statement, RECORD, *more)
    return made


# Every life ------------------------------------------------------------------------------------------------------------


@cache
def lives() -> Mapping[str, Life]:
    """Every aggregate, in the order in which an organisation meets them."""
    found = (_framework(), _signature(), _need(), _requirement(), _passport(), _stop(), _deployment(), _statement())
    return MappingProxyType({life.machine.AGGREGATE: life for life in found})


def _life(
    machine: Machine, commands: Sequence[Command], *paths: Sequence[Command], others: Sequence[Sequence[Command]] = ()
) -> Life:
    return life(machine, NOW, commands, *paths, others=others)


def _framework() -> Life:
    return _life(
        framework,
        (
            PUBLISH,
            replace(VARY, effective_from=day(400), sign_by=day(400)),
            replace(TERMINATE, last_day=day(400)),
            EXPIRE,
        ),
        (PUBLISH_UNTIL,),
        (PUBLISH, TERMINATE),
        (PUBLISH_UNTIL, EXPIRE),
    )


def _signature() -> Life:
    return _life(
        signature,
        (INVITE, DECLINE, SIGN_LATER, ASK_AGAIN, LAPSE, SUSPEND, RESUME,
         replace(GIVE_NOTICE, occurred_on=day(310), last_day=day(400)), END, WITHDRAW, LOOK_AT_MOVES),
        (INVITE,),
        (INVITE, DECLINE),
        (INVITE, END),
        (*SIGNED, ASK_AGAIN),
        (*SIGNED, ASK_AGAIN, SUSPEND),
        (*SIGNED, GIVE_NOTICE),
        (*SIGNED, ASK_AGAIN, LAPSE),
        (*SIGNED, GIVE_NOTICE, WITHDRAW),
    )  # fmt: skip


def _need() -> Life:
    raised, released = (RAISE,), (RAISE, RELEASE)
    return _life(
        need,
        (RAISE, RELEASE, RELEASE_IN_TIME, FILL_WITH_OWN, replace(FILL, deployment_id=OTHER_DEPLOYMENT), REOPEN,
         replace(CLOSE_NEED, occurred_on=day(115)), RUN_OUT, WITHDRAW_NEED),
        raised,
        (replace(RAISE, people=3), RELEASE, FILL),
        (replace(RAISE, people=1), RELEASE, FILL),
        (*released, CLOSE_NEED),
        (*released, WITHDRAW_NEED),
        others=[(replace(RAISE, people=1), RELEASE)],
    )  # fmt: skip


def _requirement() -> Life:
    return _life(requirement, (ASK, CHANGE, RETIRE), (ASK,), (ASK, RETIRE))


def _passport() -> Life:
    return _life(
        passport,
        (
            OPEN,
            REQUEST_CHECK,
            RECORD_NOT_REQUIRED,
            RECORD_DBS,
            RECORD_TRAINING,
            replace(RECORD_WAIVER, valid_until=day(160)),
            WITHDRAW_WAIVER,
            replace(SHARE, until=day(250)),
            WITHDRAW_SHARING,
            TAKE_BACK,
            LET_LOOK_AGAIN,
            replace(LIMIT_WORK, limit=changed(STUDENT, weekly_hours=10.0)),
            LIFT_LIMIT,
            CHASE_CHECK,
            RAISE_ENDING,
            LOOK_AGAIN,
            CLOSE_PASSPORT,
            REOPEN_PASSPORT,
        ),
        (
            OPEN,
            LIMIT_TO_A_DAY,
            RECORD_WAIVER,
            replace(SHARE, organisation=COUNCIL),
            replace(TAKE_BACK, organisation=COUNCIL),
            SHARE,
            LIMIT_WORK,
            RENEW_DBS,
        ),
        (OPEN, CLOSE_PASSPORT),
    )


def _deployment() -> Life:
    authorised = (*STARTED[:3], UNTRAINED, *STARTED[4:6])
    return _life(
        deployment,
        (PROPOSE, MATCH, AGREE, WITHDRAW_AGREEMENT,
         replace(VERIFY, passport=checked(identity=None, right_to_work=None, work_health=None)),
         PUT_OFF_TRAINING, CHASE_TRAINING, AUTHORISE_HOST, GIVE_PACK, INDUCT, START, WARN, END_RIGHT, PROPOSE_EXTENSION,
         CONFIRM_HOST, DECLINE_EXTENSION, LAPSE_EXTENSION, SHORTEN, STOP_NOW, STOP_EVERYWHERE, LIFT_STOP, LET_GO_ON, CHASE,
         SETTLE_ANSWER, LOSE_COVER, HAND_OVER, END_COVER, COMPLETE, RECALL, END_EARLY, CANCEL),
        (PROPOSE,),
        (PROPOSE, MATCH),
        (PROPOSE, MATCH, AGREE),
        (*VERIFIED, AUTHORISE_HOME),
        authorised,
        (*STARTED[:7], replace(PROPOSE_EXTENSION, answer_by=day(100))),
        (*STARTED, LOSE_COVER, STOP_NOW),
        (*STARTED, COMPLETE),
        (*STARTED, RECALL),
        (*STARTED, END_EARLY),
        (PROPOSE, CANCEL),
    )  # fmt: skip


def _stop() -> Life:
    return _life(everywhere, (SAY_STOP, LIFT), (SAY_STOP,), (SAY_STOP, LIFT))


def _statement() -> Life:
    return _life(
        statement,
        (
            replace(RECORD, worked_on=day(51)),
            DISPUTE,
            SETTLE,
            replace(ISSUE, occurred_on=day(81)),
            AGREE_STATEMENT,
            CHASE_SETTLEMENT,
        ),
        (RECORD, DISPUTE),
        (RECORD, ISSUE),
        (RECORD, ISSUE, AGREE_STATEMENT),
    )


def cells(aggregate: str) -> Iterator[tuple[str | None, str]]:
    """Every status with every command."""
    return lives()[aggregate].cells()


def outcome(aggregate: str, status: str | None, name: str) -> str:
    """What comes of a command in a status: the new status, `noted`, or the name of the refusal."""
    return lives()[aggregate].outcome(status, name)
