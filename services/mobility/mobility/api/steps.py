"""Every command, as a route: what it is called, what it takes, what it does, and who may."""

from functools import partial

from kit.routes.things import Taken, Things, beginning, own
from mobility import handlers
from mobility.api import lists
from mobility.domain import framework, signature
from mobility.domain.framework import Framework
from mobility.domain.signature import Signature
from mobility.store import aggregates

COORDINATOR = ("coordinator",)
EITHER = ("coordinator", "partner")
"""A partner does it for its own organisation alone: the database hides the others."""

_things = partial(Things, aggregates=aggregates, correct=handlers.correct, correctors=COORDINATOR)
_own = partial(own, aggregates)

FRAMEWORKS = _things(
    kind=Framework,
    path="/frameworks",
    begun_by=framework.Publish,
    begin=beginning(aggregates, Framework),
    begin_roles=COORDINATOR,
    steps={
        "vary": Taken(framework.Vary, handlers.vary, COORDINATOR),
        "terminate": Taken(framework.Terminate, handlers.terminate, COORDINATOR),
    },
    asked_by=lists.Frameworks,
    readers=EITHER,
)
SIGNATURES = _things(
    kind=Signature,
    path="/signatures",
    begun_by=handlers.Invitation,
    begin=handlers.invite,
    begin_roles=COORDINATOR,
    steps={"sign": Taken(handlers.Signing, handlers.sign, EITHER)}
    | _own(Signature, EITHER, signature.Decline, signature.GiveNotice)
    | _own(Signature, COORDINATOR, signature.Suspend, signature.Resume),
    asked_by=lists.Signatures,
    readers=EITHER,
)

ALL = (FRAMEWORKS, SIGNATURES)
"""Every aggregate that has routes, in the order in which an organisation meets them."""
