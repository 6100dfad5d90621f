"""Every command, as a route: what it is called, what it takes, what it does, and who may."""

from functools import partial

from kit.routes.things import Taken, Things, beginning, own
from kit.step import Command
from talent_pipeline.api import lists
from talent_pipeline.domain import appointable, campaign, candidacy, clearance, engagement, fair, interview, vacancy
from talent_pipeline.domain.appointable import Appointable
from talent_pipeline.domain.campaign import Campaign
from talent_pipeline.domain.engagement import Engagement
from talent_pipeline.domain.fair import Fair
from talent_pipeline.domain.journey import Candidacy
from talent_pipeline.domain.vacancy import Vacancy
from talent_pipeline.handlers import corrections, journeys, permissions, pool
from talent_pipeline.store import aggregates

COORDINATOR = ("coordinator",)
EITHER = ("coordinator", "partner")
"""A partner, as an employer, does it to its own alone: the database hides the others."""

_things = partial(Things, aggregates=aggregates, correct=corrections.correct, correctors=COORDINATOR)
_own = partial(own, aggregates)
_new = partial(beginning, aggregates)

CAMPAIGNS = _things(
    kind=Campaign,
    path="/campaigns",
    begun_by=campaign.Plan,
    begin=_new(Campaign),
    begin_roles=COORDINATOR,
    steps=_own(Campaign, COORDINATOR, campaign.Open, campaign.Close),
    asked_by=lists.Campaigns,
    readers=COORDINATOR,
)
FAIRS = _things(
    kind=Fair,
    path="/fairs",
    begun_by=fair.Plan,
    begin=journeys.plan_fair,
    begin_roles=COORDINATOR,
    steps=_own(Fair, COORDINATOR, fair.Hold, fair.Cancel),
    asked_by=lists.Fairs,
    readers=COORDINATOR,
)
VACANCIES = _things(
    kind=Vacancy,
    path="/vacancies",
    begun_by=vacancy.Draft,
    begin=journeys.draft_vacancy,
    begin_roles=EITHER,
    steps=_own(
        Vacancy, EITHER, vacancy.Authorise, vacancy.Advertise, vacancy.Close, vacancy.Conclude, vacancy.Withdraw
    ),
    asked_by=lists.Vacancies,
    readers=EITHER,
)
ENGAGEMENTS = _things(
    kind=Engagement,
    path="/engagements",
    begun_by=journeys.Interest,
    begin=journeys.register_interest,
    begin_roles=COORDINATOR,
    steps=_own(Engagement, COORDINATOR, engagement.Triage, engagement.Support)
    | {
        "permit-redirection": Taken(engagement.PermitRedirection, permissions.change, COORDINATOR),
        "withdraw-permission": Taken(engagement.WithdrawPermission, permissions.change, COORDINATOR),
        "close": Taken(engagement.Close, permissions.change, COORDINATOR),
    },
    asked_by=lists.Engagements,
    readers=COORDINATOR,
)  # fmt: skip
CANDIDACIES = _things(
    kind=Candidacy,
    path="/candidacies",
    begun_by=journeys.Application,
    begin=journeys.apply,
    begin_roles=COORDINATOR,
    steps=_own(
        Candidacy, EITHER, candidacy.Shortlist, interview.RecordValuesInterview, clearance.UpdateCheck, clearance.Clear,
        candidacy.AgreeStart, candidacy.Return,
    )
    | {
        "accept-values-pass": Taken(Command, journeys.accept_values_pass, EITHER),
        "make-offer": Taken(Command, journeys.offer, EITHER),
        "start": Taken(candidacy.Start, journeys.start, EITHER),
        "leave": Taken(candidacy.Leave, journeys.leave, EITHER),
        "withdraw": Taken(candidacy.Withdraw, journeys.end, EITHER),
        "decline-offer": Taken(candidacy.DeclineOffer, journeys.end, EITHER),
        "not-appoint": Taken(candidacy.NotAppoint, journeys.end, EITHER),
        "withdraw-offer": Taken(candidacy.WithdrawOffer, journeys.end, EITHER),
        "redirect": Taken(journeys.Redirection, journeys.redirect, COORDINATOR),
    },
    asked_by=lists.Candidacies,
    readers=EITHER,
)  # fmt: skip
POOL = _things(
    kind=Appointable,
    path="/appointables",
    begun_by=pool.Pooling,
    begin=pool.pool,
    begin_roles=COORDINATOR,
    steps=_own(Appointable, COORDINATOR, appointable.ChangeAvailability, appointable.Leave)
    | {"offer": Taken(pool.PoolOffer, pool.offer_from_pool, COORDINATOR)},
    asked_by=lists.Appointables,
    readers=COORDINATOR,
)

ALL = (CAMPAIGNS, FAIRS, VACANCIES, ENGAGEMENTS, CANDIDACIES, POOL)
"""Every aggregate that has routes, in the order in which a candidate meets them."""
