"""What is asked, in plain words. The choices and their words are the published language's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from schemas.equality_monitoring import (
    ETHNIC_GROUPS,
    AgeBand,
    Choice,
    Declaration,
    Disability,
    EthnicCategory,
    GenderReassignment,
    Marriage,
    Pregnancy,
    ReligionOrBelief,
    Sex,
    SexualOrientation,
)

REMOVE = "Remove my answer to this question"
NO_ANSWER = "no-answer"
"""What a form sends to take an answer away: a radio button, once chosen, cannot be left again without JavaScript."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `name` is the field of the declaration."""

    name: str
    legend: str
    short: str
    choices: type[Choice]
    hint: str | None = None

    def radios(self, held: Choice | None, fault: str | None) -> dict[str, Any]:
        """The question as the page's radios macro takes it, with the answer that is held and what is wrong with it."""
        return {
            "name": self.name,
            "fieldset": {"legend": {"text": self.legend, "size": "m"}},
            "hint": self.hint,
            "errorMessage": fault,
            "items": [*self._items(held), *([{"value": NO_ANSWER, "text": REMOVE}] if held else [])],
        }

    def _items(self, held: Choice | None) -> Iterator[dict[str, Any]]:
        """The choices, ethnic categories under the headings that people look for them by."""
        headings = {codes[0]: heading for heading, codes in ETHNIC_GROUPS} if self.choices is EthnicCategory else {}
        for turn, choice in enumerate(self.choices):
            if choice is EthnicCategory.NOT_KNOWN:
                continue  # nobody says of themselves that they were not asked
            if choice in headings:
                yield {"divider": headings[choice]}
            if choice is EthnicCategory.NOT_STATED:
                yield {"divider": "or"}
            # what is wrong is mended at the first choice: the summary above the page leads there by the question's name
            own = {"id": self.name} if turn == 0 else {}
            yield {"value": choice.value, "text": choice.label, "checked": choice is held, **own}


QUESTIONS = (
    Question("ethnic_category", "What is your ethnic group?", "Ethnic group", EthnicCategory),
    Question("sex", "What is your sex?", "Sex", Sex),
    Question(
        "gender_reassignment",
        "Is the gender you identify with the same as your sex registered at birth?",
        "Gender same as at birth",
        GenderReassignment,
    ),
    Question("age_band", "How old are you?", "Age", AgeBand),
    Question(
        "disability",
        "Does a health condition or disability make daily life harder for you?",
        "Health condition or disability",
        Disability,
        "Think of one that has lasted, or will last, 12 months or more. It can be physical or mental.",
    ),
    Question("religion_or_belief", "What is your religion or belief?", "Religion or belief", ReligionOrBelief),
    Question("sexual_orientation", "What is your sexual orientation?", "Sexual orientation", SexualOrientation),
    Question("marriage", "Are you married or in a civil partnership?", "Marriage or civil partnership", Marriage),
    Question(
        "pregnancy",
        "Are you pregnant, or did you give birth in the last 26 weeks?",
        "Pregnant or gave birth lately",
        Pregnancy,
    ),
)


def answered(form: Mapping[str, str]) -> tuple[Declaration, dict[str, str]]:
    """What a form answers, and for each question that it answers with what we did not offer, what to do about it."""
    given = {
        question.name: form[question.name]
        for question in QUESTIONS
        if form.get(question.name, NO_ANSWER) not in (NO_ANSWER, "")
    }
    try:
        return Declaration.model_validate_strings(given), {}
    except ValidationError as error:
        wrong = {str(fault["loc"][0]) for fault in error.errors(include_input=False)}
        return Declaration(), dict.fromkeys(wrong, "Choose one of the answers, or leave the question out")
