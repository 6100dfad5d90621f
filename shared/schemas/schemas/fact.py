"""What a fact is and what a claim is: two classes that never stand for each other.

A fact is what the owning service has checked and accepted; a claim is what a partner says. Both are frozen. Writers are
exact (an unknown field is an error), readers are tolerant (an unknown field is passed over): that is how a field is added.
"""

import re
from typing import Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from schemas.values import BusinessDate

NAMESPACE = "uk.leeds.oneworkforce"


def kebab(name: str) -> str:
    """`CandidatePlaced` -> `candidate-placed`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


class Message(BaseModel):
    """A payload with a type on the wire: `uk.leeds.oneworkforce.<service>.<name>.v<version>`."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)

    SERVICE: ClassVar[str]
    VERSION: ClassVar[int] = 1
    TYPE: ClassVar[str]

    def __init_subclass__(cls, *, service: str | None = None, version: int = 1, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if service is not None:
            cls.SERVICE = service
        if hasattr(cls, "SERVICE"):
            cls.VERSION = version
            name = kebab(cls.__name__.removesuffix(f"V{version}"))
            cls.TYPE = f"{NAMESPACE}.{cls.SERVICE}.{name}.v{version}"

    @classmethod
    def read(cls, payload: bytes | str) -> Self:
        """The message in a JSON payload. Raises pydantic.ValidationError; fields that we don't know are passed over."""
        return cls.model_validate_json(payload, extra="ignore")

    def write(self) -> bytes:
        """The JSON payload, UTF-8; a field without a value is left out."""
        return self.model_dump_json(exclude_none=True).encode()


class Fact(Message):
    """Something that happened, as its owner says it. Past tense; ids of ours only; no personal data.

    The id of the aggregate that it happened to is the envelope's subject and is not said again in the payload.
    """

    AGGREGATE: ClassVar[str]
    """The kind of thing that it happened to: `candidacy`. A correction may follow any fact: `any`."""

    def __init_subclass__(
        cls, *, service: str | None = None, aggregate: str | None = None, version: int = 1, **kwargs: Any
    ) -> None:
        super().__init_subclass__(service=service, version=version, **kwargs)
        if aggregate is not None:
            cls.AGGREGATE = aggregate


class Step(Fact):
    """A fact that happened on a day of the calendar in Leeds, and perhaps was entered later."""

    occurred_on: BusinessDate
    """The day on which it happened."""


class Claim(Message):
    """Something that a partner says happened, in its own references. It becomes a fact, or is answered with a refusal."""


class Dated(Claim):
    """A claim of something that happened on a day."""

    occurred_on: BusinessDate


class Failing(BaseModel):
    """One reason why a claim was refused: which field, by which rule, and what mends it. Never the value itself."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    code: str
    """Stable, for programs: `unknown-vacancy`, `not-in-the-list`."""
    field: str | None = None
    """The path of the field in the claim, dotted; none where it is the claim as a whole."""
    rule: str
    """What must hold, in a sentence."""
    cure: str
    """What the partner does to have it accepted, in a sentence."""


class Answer(Message):
    """What becomes of one claim, told to the partner that made it and to nobody else."""

    claim_id: str | None = None
    """The id that the partner gave its claim; none if it could not be read: then topic, partition and offset say which."""
    claim_type: str | None = None
    topic: str
    partition: int
    offset: int
    outcome: Literal["accepted", "already-known", "refused"]
    ids: dict[str, UUID]
    """What we call the things of the claim: `person_id`, `candidacy_id`. Empty for a refusal."""
    failings: tuple[Failing, ...]
    """Why it was refused; empty for an acceptance."""
