"""Facts of the pool: who is appointable, for whom and how long."""

from schemas.fact import Step
from schemas.talent_pipeline.words import SERVICE
from schemas.values import BusinessDate, Code, Id, PartnerId, Soc2020


class Membership(Step):
    """What the pool is counted by."""

    person_id: Id
    soc2020: Soc2020


class AppointablePooled(Membership, service=SERVICE, aggregate="appointable"):
    """Someone who passed and found no post was kept in the pool for the next vacancy."""

    engagement_id: Id
    candidacy_id: Id
    """The candidacy in which they passed."""
    employer: PartnerId
    available_from: BusinessDate
    expires_on: BusinessDate


class AvailabilityChanged(Membership, service=SERVICE, aggregate="appointable"):
    """A member of the pool said from when they could start."""

    available_from: BusinessDate


class PoolOfferMade(Membership, service=SERVICE, aggregate="appointable"):
    """A member of the pool was offered a post of a new vacancy."""

    vacancy_id: Id
    candidacy_id: Id
    employer: PartnerId


class PoolOfferEnded(Membership, service=SERVICE, aggregate="appointable"):
    """An offer out of the pool came to nothing: the member is available again."""

    candidacy_id: Id


class PoolMembershipPlaced(Membership, service=SERVICE, aggregate="appointable"):
    """A member started in the post that they were offered out of the pool."""

    candidacy_id: Id


class PoolMembershipLeft(Membership, service=SERVICE, aggregate="appointable"):
    """A member left the pool."""

    reason: Code


class PoolMembershipExpired(Membership, service=SERVICE, aggregate="appointable"):
    """A membership of the pool ran out."""
