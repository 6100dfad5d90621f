"""Services agree: every type of a topic is named by who reads it, said by its owner alone, and kit knows no word of the trade."""

import importlib
import re
from pathlib import Path

import pytest

from schemas.fact import Claim, Fact
from schemas.registry import messages

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(path.parent.name for path in ROOT.glob("services/*/*/contract.py"))
CONTRACTS = {package: importlib.import_module(f"{package}.contract") for package in PACKAGES}
READ_BY = {
    "talent_pipeline": ("people",),
    "equality_monitoring": ("people",),
    "learning": ("talent-pipeline", "mobility", "people"),
    "mobility": ("learning", "talent-pipeline", "people"),
    "reporting": ("talent-pipeline", "equality-monitoring", "learning", "mobility", "people"),
}
TRADE = re.compile(
    r"\b(candidate|vacanc|placement|applicant|recruit|nhs\b|ethnic|employer|academy|course|learner|secondment)",
    re.IGNORECASE,
)


def facts_of(service: str) -> set[type[Fact]]:
    return {message for message in messages().values() if issubclass(message, Fact) and service == message.SERVICE}


@pytest.mark.parametrize("package", PACKAGES)
def test_what_a_service_says_is_all_that_the_language_has_of_it(package: str) -> None:
    assert set(CONTRACTS[package].EMITS) == facts_of(package.replace("_", "-"))


@pytest.mark.parametrize("reader", READ_BY)
def test_every_type_of_a_topic_is_accepted_or_ignored_and_none_is_both(reader: str) -> None:
    accepts = {kind for kind in CONTRACTS[reader].ACCEPTS if issubclass(kind, Fact)}
    ignores = set(CONTRACTS[reader].IGNORES)
    assert accepts | ignores == set().union(*(facts_of(service) for service in READ_BY[reader]))
    assert not accepts & ignores


def test_every_claim_has_somebody_who_judges_it() -> None:
    claims = {message for message in messages().values() if issubclass(message, Claim)}
    judged = [set(contract.ACCEPTS) & claims for contract in CONTRACTS.values()]
    assert sorted(kind.TYPE for kinds in judged for kind in kinds) == sorted(kind.TYPE for kind in claims)


@pytest.mark.parametrize("path", sorted((ROOT / "shared/kit").rglob("*.py")), ids=lambda path: path.name)
def test_kit_knows_no_word_of_the_trade(path: Path) -> None:
    found = [line for line in path.read_text().splitlines() if TRADE.search(line)]
    assert found == []
