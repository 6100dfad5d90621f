"""Facts of a stop: somebody is kept from work at every host, whether or not a move of theirs is live, until that is lifted."""

from schemas.fact import Step
from schemas.mobility.words import SERVICE
from schemas.values import Code, Id, PartnerId


class KeptFromWork(Step):
    """What stops are counted by."""

    person_id: Id
    reason: Code
    organisation: PartnerId | None = None
    """Who said it; None: the programme."""
    deployment_id: Id | None = None
    """The move of which it was said, where it was said of one."""


class PersonStopped(KeptFromWork, service=SERVICE, aggregate="stop"):
    """Stop now, at every host: no move of the person goes on, nor any that they are put forward for, until it is lifted."""


class PersonStopLifted(KeptFromWork, service=SERVICE, aggregate="stop"):
    """A stop of a person was lifted: each of their moves goes on, unless another thing stops it."""

    why: Code
