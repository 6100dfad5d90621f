"""Every command, as a route: what it is called, what it takes, what it does, and who may."""

from functools import partial

from kit.routes.things import Taken, Things, beginning, name_of, own
from kit.step import Command
from mobility.api import lists
from mobility.domain import (
    deployment,
    everywhere,
    framework,
    lasting,
    need,
    passport,
    requirement,
    signature,
    statement,
)
from mobility.domain.answers import SettleAnswer
from mobility.domain.clearance import PutOffTraining
from mobility.domain.deployment import Deployment
from mobility.domain.everywhere import Stop
from mobility.domain.framework import Framework
from mobility.domain.need import Need
from mobility.domain.passport import Passport
from mobility.domain.requirement import Requirement
from mobility.domain.signature import Signature
from mobility.domain.statement import Statement
from mobility.domain.stops import LiftStop
from mobility.handlers import agreement, answers, corrections, moves, needs, passports, statements, stops
from mobility.store import aggregates
from schemas.mobility import Side

COORDINATOR = ("coordinator",)
EITHER = ("coordinator", "partner")
"""A partner does it for its own organisation alone: the database hides the others."""

_things = partial(Things, aggregates=aggregates, correct=corrections.correct, correctors=COORDINATOR)
_own = partial(own, aggregates)

FRAMEWORKS = _things(
    kind=Framework,
    path="/frameworks",
    begun_by=framework.Publish,
    begin=beginning(aggregates, Framework),
    begin_roles=COORDINATOR,
    steps={
        "vary": Taken(framework.Vary, agreement.vary, COORDINATOR),
        "terminate": Taken(framework.Terminate, agreement.terminate, COORDINATOR),
    },
    asked_by=lists.Frameworks,
    readers=EITHER,
)
SIGNATURES = _things(
    kind=Signature,
    path="/signatures",
    begun_by=agreement.Invitation,
    begin=agreement.invite,
    begin_roles=COORDINATOR,
    steps={"sign": Taken(agreement.Signing, agreement.sign, EITHER)}
    | {"give-notice": Taken(signature.GiveNotice, agreement.give_notice, EITHER)}
    | _own(Signature, EITHER, signature.Decline)
    | {
        name_of(kind): Taken(kind, agreement.suspend_or_resume, COORDINATOR)
        for kind in (signature.Suspend, signature.Resume)
    },
    asked_by=lists.Signatures,
    readers=EITHER,
)

NEEDS = _things(
    kind=Need,
    path="/needs",
    begun_by=need.Raise,
    begin=needs.raise_need,
    begin_roles=EITHER,
    steps=_own(Need, EITHER, need.Release, need.FillWithOwn, need.Close, need.Withdraw),
    asked_by=lists.Needs,
    readers=EITHER,
)
DEPLOYMENTS = _things(
    kind=Deployment,
    path="/deployments",
    begun_by=moves.Proposal,
    begin=moves.propose,
    begin_roles=EITHER,
    steps={
        "match": Taken(Command, moves.match, EITHER),
        "agree": Taken(Command, moves.agree, EITHER),
        "withdraw-agreement": Taken(deployment.WithdrawAgreement, moves.by(Side.HOME), EITHER),
        "verify-checks": Taken(Command, moves.verify_checks, EITHER),
        "put-off-training": Taken(PutOffTraining, moves.by(Side.HOST), EITHER),
        "authorise": Taken(moves.Authorisation, moves.authorise, EITHER),
        "give-pack": Taken(moves.FirstDayPack, moves.give_pack, EITHER),
        "induct": Taken(deployment.Induct, moves.by(Side.HOST), EITHER),
        "start": Taken(deployment.Start, moves.start, EITHER),
        "propose-extension": Taken(moves.LongerStay, moves.propose_extension, EITHER),
        "confirm-extension": Taken(moves.LongerStayConfirmed, moves.confirm_extension, EITHER),
        "decline-extension": Taken(lasting.DeclineExtension, moves.decline_extension, EITHER),
        "shorten": Taken(lasting.Shorten, moves.shorten, EITHER),
        "recall": Taken(deployment.Recall, moves.by(Side.HOME), EITHER),
        "end-early": Taken(deployment.EndEarly, moves.by(Side.HOST), EITHER),
        "cancel": Taken(deployment.Cancel, moves.either, EITHER),
        "stop-now": Taken(stops.Stopping, stops.stop, EITHER),
        "settle-answer": Taken(SettleAnswer, answers.settle, EITHER),
        "lift-stop": Taken(LiftStop, moves.either, COORDINATOR),
    },
    asked_by=lists.Deployments,
    readers=EITHER,
)

REQUIREMENTS = _things(
    kind=Requirement,
    path="/requirements",
    begun_by=requirement.Ask,
    begin=passports.ask,
    begin_roles=EITHER,
    steps={
        name_of(kind): Taken(kind, passports.of_requirement, EITHER)
        for kind in (requirement.Change, requirement.Retire)
    },
    asked_by=lists.Requirements,
    readers=EITHER,
)
PASSPORTS = _things(
    kind=Passport,
    path="/passports",
    begun_by=passport.Open,
    begin=passports.open_passport,
    begin_roles=EITHER,
    steps={
        name_of(kind): Taken(kind, passports.of_passport, EITHER)
        for kind in (
            passport.RequestCheck,
            passport.RecordNotRequired,
            passport.RecordCheck,
            passport.ShareWith,
            passport.WithdrawSharing,
            passport.Close,
        )
    }
    | {name_of(kind): Taken(kind, passports.limit_work, EITHER) for kind in (passport.LimitWork, passport.LiftLimit)},
    asked_by=lists.Passports,
    readers=EITHER,
)

STOPS = _things(
    kind=Stop,
    path="/stops",
    begun_by=stops.StopPerson,
    begin=stops.stop_person,
    begin_roles=EITHER,
    steps={"lift": Taken(everywhere.Lift, stops.lift, COORDINATOR)},
    asked_by=lists.Stops,
    readers=EITHER,
)

STATEMENTS = _things(
    kind=Statement,
    path="/statements",
    begun_by=statements.WorkedHours,
    begin=statements.record_hours,
    begin_roles=EITHER,
    steps={
        "dispute": Taken(statement.Dispute, statements.of_statement(Side.HOST), EITHER),
        "settle": Taken(statements.Settlement, statements.settle, EITHER),
        "issue": Taken(statement.Issue, statements.of_statement(Side.HOME), EITHER),
        "agree": Taken(statement.Agree, statements.of_statement(Side.HOST), EITHER),
    },
    asked_by=lists.Statements,
    readers=EITHER,
)

ALL = (FRAMEWORKS, SIGNATURES, NEEDS, REQUIREMENTS, PASSPORTS, DEPLOYMENTS, STOPS, STATEMENTS)
"""Every aggregate that has routes, in the order in which an organisation meets them."""
