"""What this service hears, who answers, and what it says: the table of contents."""

from collections.abc import Mapping
from typing import Final

from kit import persons
from kit.claims import Judge
from kit.inbox import Apply
from schemas import people
from schemas.fact import Claim, Fact, Message
from schemas.registry import others
from schemas.talent_pipeline import (
    ApplicationShortlisted,
    ApplicationSubmitted,
    AppointablePooled,
    AvailabilityChanged,
    CampaignClosed,
    CampaignOpened,
    CampaignPlanned,
    CandidateCleared,
    CandidateNotAppointed,
    CandidatePlaced,
    CandidateRedirected,
    CandidateSupported,
    CandidateTriaged,
    CandidateWithdrew,
    EmploymentCheckExpired,
    EmploymentCheckUpdated,
    EngagementClosed,
    FactCorrected,
    FactRestored,
    FactVoided,
    FairCancelled,
    FairHeld,
    FairPlanned,
    InterestRegistered,
    OfferDeclined,
    OfferMade,
    OfferWithdrawn,
    PlacementEnded,
    PlacementResumed,
    PlacementSustained,
    PoolMembershipExpired,
    PoolMembershipLeft,
    PoolMembershipPlaced,
    PoolOfferEnded,
    PoolOfferMade,
    PostFilled,
    PostReleased,
    RecordLetGo,
    RedirectionPermissionExpired,
    RedirectionPermissionWithdrawn,
    RedirectionPermitted,
    RiskAssessmentExpired,
    StartDateAgreed,
    VacancyAdvertised,
    VacancyAuthorised,
    VacancyClosed,
    VacancyConcluded,
    VacancyDrafted,
    VacancyWithdrawn,
    ValuesInterviewCompleted,
    ValuesPassAccepted,
)
from talent_pipeline import claims, store

CLAIMS: Final[Mapping[type[Claim], Judge]] = claims.ACCEPTS
"""Claims of partners, each with its handler."""
PERSONS: Final[Mapping[type[Fact], Apply]] = dict.fromkeys(persons.HEARD, store.PERSONS.hear)
"""Facts of people: whom we may speak of, who is one person, and who was erased."""
ACCEPTS: Final[tuple[type[Message], ...]] = (*CLAIMS, *PERSONS)
IGNORES: Final[tuple[type[Fact], ...]] = others((people.SERVICE,), ACCEPTS)

EMITS: Final[tuple[type[Fact], ...]] = (
    CampaignPlanned, CampaignOpened, CampaignClosed,
    FairPlanned, FairHeld, FairCancelled,
    VacancyDrafted, VacancyAuthorised, VacancyAdvertised, VacancyClosed, VacancyConcluded, VacancyWithdrawn,
    PostFilled, PostReleased,
    InterestRegistered, CandidateTriaged, CandidateSupported, RedirectionPermitted, RedirectionPermissionWithdrawn,
    RedirectionPermissionExpired, EngagementClosed,
    ApplicationSubmitted, ApplicationShortlisted, ValuesInterviewCompleted, ValuesPassAccepted, OfferMade,
    EmploymentCheckUpdated, EmploymentCheckExpired, CandidateCleared, RiskAssessmentExpired, StartDateAgreed,
    CandidatePlaced, PlacementSustained, PlacementEnded, PlacementResumed,
    CandidateWithdrew, OfferDeclined, CandidateNotAppointed, OfferWithdrawn, CandidateRedirected,
    AppointablePooled, AvailabilityChanged, PoolOfferMade, PoolOfferEnded, PoolMembershipPlaced, PoolMembershipLeft,
    PoolMembershipExpired,
    FactVoided, FactRestored, FactCorrected, RecordLetGo,
)  # fmt: skip
