"""An id: every status meets every command, and the rules that a table does not show."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from kit.step import BeforeTheStepItFollows, InTheFuture
from kit.testing.lives import run
from people.domain import person
from people.domain.details import Kind, Phone, compared
from people.domain.person import LinkedAlready
from people.testing import COMMANDS, LIFE, LINK, NOW, OTHER, REGISTER, UNLINK
from schemas.people import PersonRegistered, PersonUnlinked

EXPECTED: dict[str | None, dict[str, str]] = {
    None: {"Register": "registered"},
    "registered": {"ChangeName": "noted", "ChangeContacts": "noted", "Link": "linked", "Erase": "erased"},
    "linked": {
        "ChangeName": "noted",
        "ChangeContacts": "noted",
        "Link": "linked",
        "Unlink": "registered",
        "Erase": "erased",
    },
    "erased": {"Erase": "erased"},
}
"""What comes of each command by status; what is not named is refused."""


@pytest.mark.parametrize(("status", "command"), list(LIFE.cells()))
def test_every_status_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert LIFE.outcome(status, command) == EXPECTED[status].get(command, unnamed)


def test_the_table_names_every_status_and_every_command() -> None:
    assert set(EXPECTED) == {None, *person.Status}
    named = {command for row in EXPECTED.values() for command in row}
    assert named == {kind.__name__ for kind in person.COMMANDS} == {type(command).__name__ for command in COMMANDS}


@pytest.mark.parametrize(
    "written",
    ["0113 496 0000", "(0113) 496-0000", "+44 (0)113 496 0000", "0044 (0) 113 496 0000", "(+44) 113 496 0000",
     "(0044) 113 496 0000", "+44 0113 496 0000", "0113\u00a0496\u00a00000", "0113\u2013496\u20130000", "0113/496.0000"],
)  # fmt: skip
def test_a_telephone_number_is_one_however_people_write_it(written: str) -> None:
    assert TypeAdapter(Phone).validate_python(written) == "+441134960000"


@pytest.mark.parametrize(
    "written", ["", "12", "+", "call me", "+\u0664\u0664113496000", "0113 496 0000 ext 5", "+44 1134 960 000 000 000"]
)
def test_what_is_no_telephone_number_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Phone).validate_python(written)


def test_a_number_elsewhere_keeps_its_own_nought() -> None:
    numbers = {"+39 06 698 0000": "+39066980000", "+49 (0)30 123456": "+4930123456"}
    assert {written: TypeAdapter(Phone).validate_python(written) for written in numbers} == numbers


def test_who_is_linked_is_not_linked_to_a_third() -> None:
    linked = run(person, REGISTER, LINK, now=NOW)
    with pytest.raises(LinkedAlready):
        person.decide(replace(LINK, same_as=UUID(int=7)), linked, NOW)
    assert person.decide(LINK, linked, NOW) == []


def test_an_unlinking_names_whom_from() -> None:
    (fact,) = person.decide(UNLINK, run(person, REGISTER, LINK, now=NOW), NOW)
    assert isinstance(fact, PersonUnlinked)
    assert fact.same_as == OTHER


def test_nothing_is_dated_in_the_future_or_before_the_step_it_follows() -> None:
    with pytest.raises(InTheFuture):
        person.decide(replace(REGISTER, occurred_on=date(2022, 6, 2)), None, NOW)
    with pytest.raises(BeforeTheStepItFollows):
        person.decide(replace(LINK, occurred_on=date(2022, 3, 1)), run(person, REGISTER, now=NOW), NOW)


def test_no_fact_of_an_id_has_a_field_that_could_hold_a_name() -> None:
    assert set(PersonRegistered.model_fields) == {"occurred_on", "organisation"}


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Kind.NAME, "Zo\u00eb O'Brien", "OBRIEN, Zoe"),
        (Kind.NAME, "Mary-Ann  Li", "li mary ann"),
        (Kind.EMAIL, "Ada@Example.ORG", "ada@example.org"),
        (Kind.POST, "1 High St., Leeds", "1 High St Leeds"),
    ],
)
def test_the_same_written_otherwise_is_the_same(kind: Kind, one: str, other: str) -> None:
    assert compared(kind, one) == compared(kind, other) != ""


def test_an_address_with_its_words_in_another_order_is_another_address() -> None:
    assert compared(Kind.POST, "12 Park Row") != compared(Kind.POST, "Park 12 Row")
