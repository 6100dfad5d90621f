"""Facts that put others right; what partners claim, and how they are answered."""

from schemas.corrections import ClaimPutRight, ClaimTakenBack, Corrected, Restored, Voided
from schemas.fact import Answer, Dated
from schemas.learning.words import SERVICE, Level, Subject, TrainingSource
from schemas.letting_go import LetGo
from schemas.values import BusinessDate, Code, Id, Reference, Sector

# Corrections -----------------------------------------------------------------------------------------------------------


class FactVoided(Voided, service=SERVICE):
    """A fact of this service was taken back."""


class FactRestored(Restored, service=SERVICE):
    """A fact of this service that had been taken back stands again."""


class FactCorrected(Corrected, service=SERVICE):
    """A fact of this service was put right."""


# Retention ---------------------------------------------------------------------------------------------------------------


class RecordLetGo(LetGo, service=SERVICE):
    """A record of this service had its period: what is kept of it is that there was one."""


# Claims ----------------------------------------------------------------------------------------------------------------


class TrainingClaimed(Dated, service=SERVICE):
    """Somebody was trained in a core skill for the partner, as its learning system, its training file or a certificate says."""

    training: Reference
    """The partner's own reference of it."""
    person_id: Id
    framework: Code
    subject: Subject
    level: Level
    source: TrainingSource
    aligned: bool = False
    """Whether who gave it had declared to be aligned to the framework for the subject on that day."""
    expires_on: BusinessDate | None = None
    """The last day on which it counts, where who gave it said one."""


class EsrCompetenceClaimed(Dated, service=SERVICE):
    """Somebody holds a competence in ESR. The date is that of its award; who updated the record is nobody's matter."""

    training: Reference
    person_id: Id
    competence: Reference
    """Its name as ESR writes it: `NHS|CSTF|Fire Safety - 2 Years|`."""
    aligned: bool = False
    expires_on: BusinessDate | None = None


class CompletionClaimed(Dated, service=SERVICE):
    """Somebody completed, in the partner's learning system, a course of the catalogue that is learned online."""

    completion: Reference
    person_id: Id
    course_id: Id
    """Our id of the course: the catalogue gives it."""
    sector: Sector


class ClaimWithdrawn(ClaimTakenBack, service=SERVICE):
    """An earlier claim should not have been made: what became of it is taken back."""


class ClaimCorrected(ClaimPutRight, service=SERVICE):
    """An earlier claim should have been made otherwise: what became of it is put right."""


class ClaimAnswered(Answer, service=SERVICE):
    """What became of one claim to learning."""
