"""Every message has an example, which never changes; every example is read by its class and what follows it."""

import json
import re

import pytest
from jsonschema import Draft202012Validator

from schemas.documents import HOME, document, place_of, stale, without_example
from schemas.fact import Claim, Fact, Message
from schemas.registry import messages, upcast

ALL = list(messages().values())
CORRECTIONS = ("FactVoided", "FactRestored", "FactCorrected")


def example_of(message: type[Message]) -> bytes:
    return (HOME / "examples" / place_of(message)).read_bytes()


def test_every_message_has_an_example_and_every_example_a_message() -> None:
    assert without_example(HOME / "examples") == []
    examples = {path.relative_to(HOME / "examples").as_posix() for path in (HOME / "examples").glob("*/*.json")}
    assert examples == {place_of(message) for message in ALL}


@pytest.mark.parametrize("message", ALL, ids=place_of)
def test_an_example_is_read_by_its_class_and_written_back_equal(message: type[Message]) -> None:
    example = example_of(message)
    assert json.loads(message.read(example).write()) == json.loads(example)


@pytest.mark.parametrize("message", ALL, ids=place_of)
def test_an_example_is_read_as_the_newest_version(message: type[Message]) -> None:
    assert isinstance(upcast(message, example_of(message)), Message)


@pytest.mark.parametrize("message", ALL, ids=place_of)
def test_an_example_is_valid_by_the_published_document(message: type[Message]) -> None:
    Draft202012Validator.check_schema(document(message))
    Draft202012Validator(document(message)).validate(json.loads(example_of(message)))


@pytest.mark.parametrize("message", ALL, ids=place_of)
def test_a_reader_passes_over_a_field_that_it_does_not_know(message: type[Message]) -> None:
    example = json.loads(example_of(message))
    assert message.read(json.dumps({**example, "new_in_2031": 1})) == message.read(json.dumps(example))


@pytest.mark.parametrize("message", ALL, ids=place_of)
def test_every_message_says_in_a_sentence_what_it_is(message: type[Message]) -> None:
    assert message.__doc__
    assert message.__doc__.strip().endswith((".", "?"))


def test_the_published_documents_are_what_the_classes_give() -> None:
    assert stale(HOME / "json") == [], "python -m schemas write"


@pytest.mark.parametrize(
    "message", [each for each in ALL if issubclass(each, Fact) and each.SERVICE == "talent-pipeline"]
)
def test_a_fact_is_past_carries_no_reference_of_a_partner_and_no_id_of_its_own(message: type[Fact]) -> None:
    assert f"{message.AGGREGATE}_id" not in message.model_fields
    assert not any("Reference" in str(field.annotation) for field in message.model_fields.values())
    if message.__name__ not in CORRECTIONS:
        assert "occurred_on" in message.model_fields


@pytest.mark.parametrize("message", [each for each in ALL if issubclass(each, Claim)], ids=place_of)
def test_a_claim_is_named_as_one(message: type[Claim]) -> None:
    assert re.search(r"Claim", message.__name__)
