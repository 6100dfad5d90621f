"""What is asked for a command, a field at a time, and what a form that was sent says: the JSON that the API takes.

The commands are the API's own (`api.steps`): a form may send what the API takes, and whoever may not give a command there may not
here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from kit.http import faults
from kit.routes.things import Taken
from kit.routes.wire import Body
from schemas.talent_pipeline import (
    Awaiting,
    CheckOutcome,
    CheckStatus,
    NhsValue,
    NotAppointedReason,
    PriorEmployment,
    ValuesOutcome,
)
from talent_pipeline.api.steps import CANDIDACIES
from talent_pipeline.desk import words

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question of a form."""

    name: str
    label: str
    kind: Literal["day", "choice", "text", "organisations", "scores", "fixed", "number"]
    must: str
    """What to do where the answer cannot be taken."""
    hint: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    gives: Mapping[str, Json] = field(default_factory=dict)
    """What each option says, where one answer is several fields of the command, so that only what goes together can be chosen."""

    @property
    def names(self) -> frozenset[str]:
        """The fields of the command that it answers."""
        return frozenset(name for given in self.gives.values() for name in given) or frozenset({self.name})

    def says(self, form: Mapping[str, str]) -> Json:
        """What a form says to it, as fields of the command."""
        if self.gives:
            return self.gives.get(form.get(self.name, ""), {})
        given = self._read(form)
        return {} if given is None else {self.name: given}

    def _read(self, form: Mapping[str, str]) -> Any:
        given = form.get(self.name, "").strip()
        match self.kind:
            case "scores":
                said = {value: form.get(f"{self.name}-{value}", "") for value in NhsValue}
                return [{"value": value, "score": _number(score)} for value, score in said.items() if score] or None
            case "organisations":
                return [_code(line) for line in given.splitlines() if line.strip()] or None
            case "number":
                return _number(given) if given else None
            case _:
                return given or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A command as a page asks for it."""

    name: str
    """As `api.steps` has it."""
    title: str
    button: str
    done: str
    """What is said when it was."""
    about: str | None = None
    fields: Sequence[Field] = ()
    warns: bool = False
    """It ends something."""

    @property
    def taken(self) -> Taken:
        return CANDIDACIES.steps[self.name]

    @property
    def roles(self) -> tuple[str, ...]:
        return self.taken.roles

    def said(self, form: Mapping[str, str]) -> Json:
        """The body that the API would be sent."""
        found: Json = {}
        for each in (*self.fields, OCCURRED):
            found |= each.says(form)
        return found

    def faults(self, errors: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """By question, in their order, what to do about what could not be read."""
        wrong = {fault["field"].split(".")[0] for fault in faults(errors)}
        found = {each.name: each.must for each in (*self.fields, OCCURRED) if not wrong.isdisjoint(each.names)}
        return found or {"form": "Something in this form cannot be read"}

    def field(self, name: str) -> Field | None:
        """The question that answers a field of the command."""
        return next((each for each in (*self.fields, OCCURRED) if name in each.names), None)

    @property
    def body(self) -> Body[Any]:
        return _body(self.name)


@cache
def _body(name: str) -> Body[Any]:
    """How the JSON of a command is read."""
    return Body(CANDIDACIES.steps[name].kind)


def _number(text: str) -> int | str:
    """What was typed, where it is no number: the command says what is wrong with it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else text


def _code(text: str) -> str:
    """An organisation as its topics spell it: `Leeds City Council` -> `leeds-city-council`."""
    return "-".join(text.lower().split())


def _choices(kind: type[StrEnum], called: Mapping[Any, str] | None = None) -> dict[str, str]:
    return {str(each): (called or {}).get(each, words.plain(each)) for each in kind}


OCCURRED = Field(
    name="occurred_on", label="When was it?", kind="day", hint="Leave it empty for today.",
    must="Enter a day, not in the future",
)  # fmt: skip

OUTCOME = Field(
    name="outcome", label="Did they pass?", kind="choice", must="Choose whether they passed",
    options=_choices(ValuesOutcome),
)  # fmt: skip

SHORTLIST = Act(
    name="shortlist", title="Shortlist", button="Shortlist", done="The application is shortlisted.",
    about="The application meets the criteria, and the candidate is invited to interview.",
)  # fmt: skip
INTERVIEW = Act(
    name="record-values-interview",
    title="Record the values interview",
    button="Record the interview",
    done="The interview is recorded.",
    about="A pass is shared with other employers for a year; a fail never.",
    fields=(
        Field(
            name="scores", label="Scores", kind="scores", must="Give each of the six values a score from 0 to 5",
            options={str(value): text for value, text in words.VALUES.items()},
        ),
        Field(
            name="panel", label="Who was on the panel?", kind="organisations",
            hint="The organisation of each member, one a line: two or more.",
            must="Give the organisation of at least two members, one a line",
        ),
        Field(
            name="framework", label="Scored by which framework?", kind="text", hint="Its version, as in nhs-values-2023.",
            must="Give the framework in lower case with hyphens, as in nhs-values-2023",
        ),
        OUTCOME,
    ),
)  # fmt: skip
OFFER = Act(
    name="make-offer", title="Make a conditional offer", button="Make the offer", done="The offer is made. The checks have begun.",
    about="The offer depends on the employment checks, which begin with it. The candidate is told by e-mail.",
)  # fmt: skip
WAITS_FOR = tuple(each for each in Awaiting if each is not Awaiting.NOBODY)
STANDS = {
    **{f"requested-{each}": f"It waits for {words.WHO[each][0].lower()}{words.WHO[each][1:]}" for each in WAITS_FOR},
    **{f"complete-{each}": f"It is complete: {each}" for each in CheckOutcome},
}
GIVES: Mapping[str, Json] = {
    **{f"requested-{each}": {"status": CheckStatus.REQUESTED, "awaiting": each} for each in WAITS_FOR},
    **{
        f"complete-{each}": {"status": CheckStatus.COMPLETE, "outcome": each, "awaiting": Awaiting.NOBODY}
        for each in CheckOutcome
    },
}
"""A check that is complete has an outcome and awaits nobody; one that is not has none and awaits somebody."""
CHECK = Act(
    name="update-check",
    title="Note how a check stands",
    button="Save",
    done="The check is noted.",
    fields=(
        Field(name="kind", label="Check", kind="fixed", must="This application has no such check"),
        Field(name="number", label="Number", kind="number", must="This application has no such check"),
        Field(
            name="stands", label="How does it stand?", kind="choice", must="Choose how it stands",
            options=STANDS, gives=GIVES,
        ),
        Field(
            name="valid_until", label="Valid until", kind="day", must="Enter the last day on which it is valid",
            hint="Only where it is satisfactory and runs out.",
        ),
    ),
)  # fmt: skip
CLEAR = Act(
    name="clear", title="Clear the candidate", button="Clear", done="The candidate is cleared.",
    about="Every check is satisfactory, or a risk assessment covers the rest until a day.",
    fields=(
        Field(
            name="risk_assessed_until", label="Risk assessment until", kind="day", must="Enter a day that lies ahead",
            hint="Only where a check is still outstanding. Identity, right to work and registration are never covered.",
        ),
    ),
)  # fmt: skip
AGREE = Act(
    name="agree-start", title="Agree the first day", button="Agree", done="The first day is agreed.",
    fields=(Field(name="start_on", label="First day at work", kind="day", must="Enter the first day at work"),),
)  # fmt: skip
START = Act(
    name="start", title="Record the start", button="They started", done="The start is recorded: the candidate is placed.",
    about="An offer is not a placement; this is. It fills one of the vacancy's posts.",
    fields=(
        Field(
            name="prior_employment", label="Where did they come from?", kind="choice", must="Choose where they came from",
            hint="It cannot be found out later.", options=_choices(PriorEmployment, words.CAME_FROM),
        ),
    ),
)  # fmt: skip
NOT_APPOINT = Act(
    name="not-appoint", title="Do not appoint", button="Do not appoint", done="The application has ended.", warns=True,
    fields=(
        Field(name="reason", label="Why?", kind="choice", must="Choose a reason", options=_choices(NotAppointedReason)),
    ),
)  # fmt: skip

ACTS: Mapping[str, Act] = MappingProxyType(
    {each.name: each for each in (SHORTLIST, INTERVIEW, OFFER, CHECK, CLEAR, AGREE, START, NOT_APPOINT)}
)
"""By what `allowed` calls them, in the order in which an application goes through them."""
