"""The judge of what is known of persons says so where somebody is missing, there twice, told nothing, or misquoted."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from . import known, persons
from .archive import Archive, Kept
from .following import Findings
from .persons import Stands
from .test_following import event


def archive(*events: Kept) -> Archive:
    return Archive("nowhere", (), list(events))


def person(id_: str) -> Kept:
    return event(known.WHO, "person-registered", id_)


def offer() -> Kept:
    return event(known.TOPIC, "offer-made", "candidacy")


def registered(given: set[str], *events: Kept) -> Findings:
    found = Findings()
    persons.registered(found, given, archive(*events))
    return found


def told(messages: Mapping[str, str], *events: Kept) -> Findings:
    found = Findings()
    persons.told(found, messages, archive(*events))
    return found


def declared(said: Mapping[str, str | None], stand: list[Stands], counted: Mapping[str, Any]) -> Findings:
    found = Findings()
    persons.declared(found, said, stand, counted)
    return found


def test_whoever_was_given_an_id_is_registered_however_often_the_log_says_so() -> None:
    one = person("one")
    assert registered({"one"}, one, one) == Findings(seen={"persons registered": 1})


def test_somebody_is_registered_once_and_only_if_somebody_asked() -> None:
    assert registered({"one"}).lost == 1
    assert registered({"one"}, person("one"), person("one")).doubled == 1
    assert registered(set(), person("one")).wrong
    found = Findings()
    one = person("one")
    asked = replace(one, headers=(*one.headers, ("ce_correlationid", b"never answered")))
    persons.registered(found, set(), archive(asked), {"never answered"})
    assert not found.wrong


def test_of_an_offer_its_person_is_told() -> None:
    made = offer()
    assert told({made.header("id"): "sent"}, made) == Findings(seen={"messages sent": 1})
    assert told({made.header("id"): "held"}, made) == Findings(seen={"messages sent": 0})
    assert told({}, made).lost == 1


@pytest.mark.parametrize("state", ["queued", "failed", "bounced"])
def test_no_message_is_left_behind(state: str) -> None:
    made = offer()
    assert told({made.header("id"): state}, made).wrong


@pytest.mark.parametrize("category", ["A", None])
def test_what_somebody_declared_last_stands_and_is_counted(category: str | None) -> None:
    stand = [Stands("one", "m", category)]
    assert not declared({"one": category}, stand, {"m": category}).wrong
    assert declared({"one": "B"}, stand, {"m": category}).lost == 1
    assert declared({}, stand, {"m": category}).wrong
    assert declared({"one": category}, stand, {"m": "B"}).wrong
    assert declared({"one": category}, [], {}).lost == 1
    found = Findings()
    persons.declared(found, {"one": "B"}, stand, {"m": category}, {"one"})
    assert not found.lost


def test_only_what_was_withdrawn_may_stand_in_the_log_with_two_contents() -> None:
    kept, gone = (
        event(known.DECLARED, "monitoring-declared", "kept"),
        event(known.DECLARED, "monitoring-declared", "gone"),
    )
    withdrawal = event(known.DECLARED, "monitoring-withdrawn", "gone", sequence=2)
    assert persons.emptied(archive(kept, gone, withdrawal)) == {gone.header("id"), withdrawal.header("id")}
