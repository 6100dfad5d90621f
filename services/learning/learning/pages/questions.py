"""What a learner is asked of a course, as the page draws it and as the form sends it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from learning.domain.register import Evaluate, ReportUse
from learning.handlers.own import Question


@dataclass(frozen=True, slots=True)
class Field:
    """A question with its choices: what the form sends, and what stands beside it."""

    name: str
    legend: str
    choices: Mapping[str, str]
    hint: str | None = None

    @property
    def missing(self) -> str:
        """What is said where it has no answer."""
        return f"Choose an answer: {self.legend[:1].lower()}{self.legend[1:]}"

    def radios(self, held: str | None, fault: str | None) -> dict[str, Any]:
        """As the page's radios macro takes it. What is wrong is mended at the first choice: the summary leads there by the name."""
        items: list[dict[str, Any]] = [
            {"value": value, "text": text, "checked": value == held} for value, text in self.choices.items()
        ]
        items[0]["id"] = self.name
        return {
            "name": self.name, "fieldset": {"legend": {"text": self.legend, "size": "m"}}, "items": items,
            "hint": self.hint and {"text": self.hint}, "errorMessage": fault and {"text": fault},
            "classes": "nhsuk-radios--inline",
        }  # fmt: skip


TEN: Final = {str(number): str(number) for number in range(1, 11)}
FIELDS: Final[Mapping[Question, tuple[Field, ...]]] = {
    Question.WORTH: (
        Field(
            "rating",
            "What was it worth?",
            {str(number): str(number) for number in range(1, 6)},
            "1 is poor, 5 is very good.",
        ),
        Field("confidence_before", "How confident were you before?", TEN, "1 is not at all, 10 is entirely."),
        Field("confidence_after", "How confident are you now?", TEN, "1 is not at all, 10 is entirely."),
    ),
    Question.USE: (Field("used", "Do you use at work what you learned?", {"yes": "Yes", "no": "No"}),),
}


def answered(question: Question, booking_id: UUID, form: Mapping[str, str]) -> Evaluate | ReportUse | None:
    """What a form says; None where a question has no answer of those that it may have."""
    if any(form.get(field.name) not in field.choices for field in FIELDS[question]):
        return None
    if question is Question.USE:
        return ReportUse(booking_id=booking_id, used=form["used"] == "yes")
    return Evaluate(
        booking_id=booking_id, rating=int(form["rating"]), confidence_before=int(form["confidence_before"]),
        confidence_after=int(form["confidence_after"]),
    )  # fmt: skip
