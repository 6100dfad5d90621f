"""Every command, as a route: what it is called, what it takes, what it does, and who may."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from kit.context import Context
from kit.database import Connection
from schemas.values import Part
from talent_pipeline import handlers
from talent_pipeline.api.wire import Begins, Does, begins, name_of, step
from talent_pipeline.domain import appointable, campaign, candidacy, engagement, fair, vacancy
from talent_pipeline.domain.appointable import Appointable
from talent_pipeline.domain.campaign import Campaign
from talent_pipeline.domain.candidacy import Candidacy
from talent_pipeline.domain.engagement import Engagement
from talent_pipeline.domain.fair import Fair
from talent_pipeline.domain.step import Command
from talent_pipeline.domain.vacancy import Vacancy
from talent_pipeline.handlers import Kept

COORDINATOR = ("coordinator",)
EITHER = ("coordinator", "employer")
"""An employer does it to its own alone: it does not see the others."""


@dataclass(frozen=True)
class Taken:
    """A command as a route takes it."""

    kind: type[Command]
    does: Does
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Things:
    """The routes of one aggregate."""

    kind: type[Part]
    path: str
    begun_by: type[Command]
    begin: Begins
    begin_roles: tuple[str, ...]
    steps: Mapping[str, Taken]


def _to(kind: type[Part]) -> Does:
    """A command that is the aggregate's own affair."""

    async def does(tx: Connection, id_: UUID, command: Any, context: Context, if_match: int | None) -> Kept[Any]:
        return await handlers.act(tx, kind, id_, command, context, if_match)

    return does


def _new(kind: type[Part]) -> Begins:
    async def begin(tx: Connection, command: Any, context: Context) -> Kept[Any]:
        return await handlers.begin(tx, kind, [command], context)

    return begin


def _own(kind: type[Part], roles: tuple[str, ...], *commands: type[Command]) -> dict[str, Taken]:
    return {name_of(command): Taken(command, _to(kind), roles) for command in commands}


CAMPAIGNS = Things(
    Campaign, "/campaigns", campaign.Plan, _new(Campaign), COORDINATOR,
    _own(Campaign, COORDINATOR, campaign.Open, campaign.Close),
)  # fmt: skip
FAIRS = Things(Fair, "/fairs", fair.Plan, _new(Fair), COORDINATOR, _own(Fair, COORDINATOR, fair.Hold, fair.Cancel))
VACANCIES = Things(
    Vacancy, "/vacancies", vacancy.Draft, handlers.draft_vacancy, EITHER,
    _own(Vacancy, EITHER, vacancy.Authorise, vacancy.Advertise, vacancy.Close, vacancy.Conclude, vacancy.Withdraw),
)  # fmt: skip
ENGAGEMENTS = Things(
    Engagement, "/engagements", handlers.Interest, handlers.register_interest, COORDINATOR,
    _own(
        Engagement, COORDINATOR, engagement.Triage, engagement.Support, engagement.PermitRedirection,
        engagement.WithdrawPermission, engagement.Close,
    ),
)  # fmt: skip
CANDIDACIES = Things(
    Candidacy, "/candidacies", handlers.Application, handlers.apply, COORDINATOR,
    _own(
        Candidacy, EITHER, candidacy.Shortlist, candidacy.RecordValuesInterview, candidacy.UpdateCheck, candidacy.Clear,
        candidacy.AgreeStart, candidacy.Return,
    )
    | {
        "accept-values-pass": Taken(Command, handlers.accept_values_pass, EITHER),
        "make-offer": Taken(Command, handlers.offer, EITHER),
        "start": Taken(candidacy.Start, handlers.start, EITHER),
        "leave": Taken(candidacy.Leave, handlers.leave, EITHER),
        "withdraw": Taken(candidacy.Withdraw, handlers.end, EITHER),
        "decline-offer": Taken(candidacy.DeclineOffer, handlers.end, EITHER),
        "not-appoint": Taken(candidacy.NotAppoint, handlers.end, EITHER),
        "withdraw-offer": Taken(candidacy.WithdrawOffer, handlers.end, EITHER),
        "redirect": Taken(handlers.Redirection, handlers.redirect, COORDINATOR),
    },
)  # fmt: skip
POOL = Things(
    Appointable, "/appointables", handlers.Pooling, handlers.pool, COORDINATOR,
    _own(Appointable, COORDINATOR, appointable.ChangeAvailability, appointable.Leave)
    | {"offer": Taken(handlers.PoolOffer, handlers.offer_from_pool, COORDINATOR)},
)  # fmt: skip

ALL = (CAMPAIGNS, FAIRS, VACANCIES, ENGAGEMENTS, CANDIDACIES, POOL)

"""Every aggregate that has routes, in the order in which a candidate meets them."""


def router_of(things: Things) -> APIRouter:
    """`POST /vacancies`, and `POST /vacancies/{id}/authorise` for each command."""
    router = APIRouter(prefix=things.path, tags=[things.path.strip("/")])
    begins(router, things.begun_by, things.begin, *things.begin_roles)
    for name, taken in things.steps.items():
        step(router, name, taken.kind, taken.does, *taken.roles)
    return router


ROUTERS = tuple(router_of(things) for things in ALL)
