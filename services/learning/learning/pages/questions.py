"""What a learner is asked of a course, as the page draws it and as the form sends it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from learning.domain.booking import Status
from learning.domain.places import CancelBooking, Confirm, Take
from learning.domain.register import Evaluate, ReportUse
from learning.handlers.own import Answer, Choice, Question, ToAnswer
from schemas.learning import CancellationReason

SHORT: Final = 5
"""Choices that are no longer stand in one line."""


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
            "classes": "nhsuk-radios--inline" if max(map(len, self.choices.values())) < SHORT else "",
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
GIVES_UP: Final = {
    CancellationReason.WORK.value: "No, because of my work",
    CancellationReason.ILLNESS.value: "No, because I am ill",
    CancellationReason.NO_LONGER_NEEDED.value: "No, I do not need it any more",
    CancellationReason.OTHER.value: "No, for another reason",
}
EARLY: Final = "The sooner you say that you cannot come, the sooner somebody who waits has the place."
PLACE: Final[Mapping[Status, Field]] = {
    Status.OFFERED: Field("place", "Do you take the place?", {"yes": "Yes"} | GIVES_UP),
    Status.BOOKED: Field("place", "Will you come?", {"yes": "Yes"} | GIVES_UP, EARLY),
    Status.CONFIRMED: Field("place", "You said that you will come. Can you not come after all?", GIVES_UP, EARLY),
    Status.WAITING: Field("place", "Do you wait for a place no longer?", GIVES_UP),
}
"""What is asked of a place that somebody was offered, has, or waits for."""


def choices_of(may: Choice, organisations: Mapping[str, str]) -> tuple[Field, ...]:
    """What is asked of whoever begins a course of the catalogue. `organisations`: by their ids, as they are called."""
    courses = {str(each.course_id): f"{each.title}, {each.hours:g} hours" for each in may.courses}
    return (
        Field("course", "Which course do you begin?", courses),
        Field("organisation", "For whom do you learn it?", organisations),
    )


def fields_of(of: ToAnswer) -> tuple[Field, ...]:
    """What a learner is asked."""
    return (PLACE[of.status],) if of.question is Question.PLACE else FIELDS[of.question]


def answered(of: ToAnswer, form: Mapping[str, str]) -> Answer | None:
    """What a form says; None where a question has no answer of those that it may have."""
    if any(form.get(field.name) not in field.choices for field in fields_of(of)):
        return None
    match of.question:
        case Question.PLACE if form["place"] != "yes":
            return CancelBooking(booking_id=of.booking_id, reason=CancellationReason(form["place"]))
        case Question.PLACE:
            kind = Take if of.status is Status.OFFERED else Confirm
            return kind(booking_id=of.booking_id)
        case Question.USE:
            return ReportUse(booking_id=of.booking_id, used=form["used"] == "yes")
        case Question.WORTH:
            return Evaluate(
                booking_id=of.booking_id, rating=int(form["rating"]), confidence_before=int(form["confidence_before"]),
                confidence_after=int(form["confidence_after"]),
            )  # fmt: skip
