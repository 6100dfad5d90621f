"""Who fits a need best: by a table of rules, each with its points and its sentence."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from mobility.domain.need import Need
from mobility.domain.ranking import RULES, rank
from mobility.testing import OWN, PROPOSE, a_move, a_need, day, shifts


def test_every_rule_has_points_and_a_sentence_of_its_own() -> None:
    assert len({rule.code for rule in RULES}) == len({rule.sentence for rule in RULES}) == len(RULES)
    assert all(rule.points > 0 and rule.sentence.endswith(".") for rule in RULES)


def test_the_best_fit_comes_first_and_says_why_and_what_is_missing() -> None:
    proposals = [
        replace(PROPOSE, own=OWN.model_copy(update={"soc2020": "6131", "level": 3, "place": "armley"})),
        replace(PROPOSE, own=OWN.model_copy(update={"soc2020": "2231", "level": 4})),
        replace(PROPOSE, starts_on=day(30), ends_on=day(120)),
        replace(PROPOSE, pattern=shifts(1), own=OWN.model_copy(update={"available_until": day(100)})),
    ]
    numbered = [(UUID(int=turn), a_move(command)) for turn, command in enumerate(proposals)]
    found = rank(a_need(), numbered)
    assert [(ranked.deployment_id.int, ranked.points) for ranked in found] == [(2, 100), (3, 70), (1, 48), (0, 15)]
    assert {reason.code for reason in found[0].reasons} == {
        "same-role", "level", "all-hours", "all-the-time", "same-place",
    }  # fmt: skip
    assert {reason.code for reason in found[1].missing} >= {"all-hours", "all-the-time"}


def test_who_comes_for_a_part_of_the_time_does_not_come_for_the_whole_of_it() -> None:
    def all_the_time(need: Need, **changes: Any) -> bool:
        (ranked,) = rank(need, [(UUID(int=1), a_move(replace(PROPOSE, **changes)))])
        return "all-the-time" in {reason.code for reason in ranked.reasons}

    whole = {"starts_on": day(30), "ends_on": day(120)}
    assert [all_the_time(a_need(), **{**whole, **part}) for part in ({}, {"starts_on": day(31)}, {"ends_on": day(119)})] == [
        True, False, False,
    ]  # fmt: skip
    left = {"occurred_on": day(60), "starts_on": day(60), "ends_on": day(120)}
    assert all_the_time(a_need(), **left), "what is over by then nobody can come for"


def test_of_equals_who_was_put_forward_first_comes_first() -> None:
    later, earlier = (UUID(int=1), a_move(replace(PROPOSE, occurred_on=day(25)))), (UUID(int=2), a_move(PROPOSE))
    assert [ranked.deployment_id.int for ranked in rank(a_need(), [later, earlier])] == [2, 1]
