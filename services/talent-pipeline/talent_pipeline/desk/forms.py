"""What is asked for a command, a question at a time, and what a form that was sent says: the JSON that the API takes.

The commands are the API's own (`api.steps`): a form may send what the API takes, and whoever may not give a command there may not
here. Which are asked for, and how, is in `questions`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from kit.http import faults
from kit.routes.things import Taken, Things
from kit.routes.wire import Body
from schemas.talent_pipeline import NhsValue

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question of a form."""

    name: str
    label: str
    kind: Literal["day", "choice", "code", "codes", "number", "scores", "yes-or-no", "record", "fixed", "fixed-number"]
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
            case "codes":
                return [_code(line) for line in given.splitlines() if line.strip()] or None
            case "code":
                return _code(given) or None
            case "record":
                return given.rstrip("/").rpartition("/")[2] or None
            case "yes-or-no":
                return {"yes": True, "no": False}.get(given, given or None)
            case "number" | "fixed-number":
                return _number(given) if given else None
            case _:
                return given or None


OCCURRED = Field(
    name="occurred_on", label="When was it?", kind="day", hint="Leave it empty for today.",
    must="Enter a day, not in the future",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Act:
    """A command as a page asks for it."""

    of: Things
    """Whose command it is, as `api.steps` has it."""
    name: str
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
        return self.of.steps[self.name]

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

    @cached_property
    def body(self) -> Body[Any]:
        """How its JSON is read."""
        return Body(self.taken.kind)


def _number(text: str) -> int | str:
    """What was typed, where it is no number: the command says what is wrong with it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else text


def _code(text: str) -> str:
    """A code as it is kept, however it was typed: `Leeds City Council` -> `leeds-city-council`."""
    return "-".join(text.lower().split())
