"""An incompatible change of a message is found before it is published."""

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.__main__ import main
from schemas.compatibility import breaks, broken
from schemas.documents import document, write
from schemas.talent_pipeline import CheckClaimed, InterestRegistered, VacancyDrafted

Change = Callable[[dict[str, Any]], Any]


def renamed(schema: dict[str, Any]) -> None:
    schema["properties"]["workplaces"] = schema["properties"].pop("posts")
    schema["required"] = ["workplaces" if name == "posts" else name for name in schema["required"]]


BREAKING: dict[str, tuple[Change, str]] = {
    "a field removed": (lambda s: s["properties"].pop("posts"), "posts: was removed"),
    "a field renamed": (renamed, "posts: was removed"),
    "a field retyped": (lambda s: s["properties"].update(posts={"type": "string"}), "posts: type was integer, is string"),
    "a number narrowed": (lambda s: s["properties"]["posts"].update(maximum=9), "posts: maximum was 500, is 9"),
    "a number widened": (lambda s: s["properties"]["posts"].update(maximum=900), "posts: maximum was 500, is 900"),
    "a pattern changed": (lambda s: s["properties"]["soc2020"].update(pattern="^6"), r"soc2020: pattern was ^\d{4}$, is ^6"),
    "a new field required": (
        lambda s: (s["properties"].update(site={"type": "string"}), s["required"].append("site")),
        "site: is new and required",
    ),
    "an optional field required": (
        lambda s: s["$defs"]["Role"]["required"].append("regulator"), "role.regulator: is required now",
    ),
    "a required field optional": (lambda s: s["required"].remove("posts"), "posts: may be missing now"),
    "a word removed": (lambda s: s["$defs"]["Contract"]["enum"].remove("bank"), "role.contract: bank was removed from the list"),
    "a word added": (lambda s: s["$defs"]["Contract"]["enum"].append("gig"), "role.contract: gig was added to the list"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "said"), BREAKING.values(), ids=BREAKING.keys())
def test_a_breaking_change_of_a_fact_is_found(change: Change, said: str) -> None:
    old = document(VacancyDrafted)
    new = copy.deepcopy(old)
    change(new)
    assert said in breaks(old, new)


def test_a_field_that_may_be_missing_can_be_added() -> None:
    old = document(InterestRegistered)
    new = copy.deepcopy(old)
    new["properties"]["language"] = {"type": "string"}
    new["description"] = "Said in other words."
    assert breaks(old, new) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s["$defs"]["CheckOutcome"]["enum"].append("waived"),
        lambda s: s["properties"]["number"].update(maximum=20),
        lambda s: s["required"].remove("status"),
    ],
)
def test_a_claim_may_be_widened_because_partners_write_it(change: Change) -> None:
    old = document(CheckClaimed)
    new = copy.deepcopy(old)
    change(new)
    assert breaks(old, new) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s["$defs"]["CheckOutcome"]["enum"].remove("refused"),
        lambda s: s["properties"]["number"].update(maximum=2),
        lambda s: s["properties"]["number"].update(type="string"),
        lambda s: s["required"].append("valid_until"),
    ],
)
def test_a_claim_may_not_be_narrowed(change: Change) -> None:
    old = document(CheckClaimed)
    new = copy.deepcopy(old)
    change(new)
    assert breaks(old, new)


def test_the_check_compares_with_what_is_committed(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )

    write(tmp_path / "json")
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "published")
    assert broken(tmp_path / "json", "HEAD") == []
    place = tmp_path / "json/talent-pipeline/vacancy-drafted.v1.json"
    changed = json.loads(place.read_text())
    changed["properties"].pop("posts")
    place.write_text(json.dumps(changed))
    (tmp_path / "json/talent-pipeline/fair-held.v1.json").unlink()
    assert broken(tmp_path / "json", "HEAD") == [
        "talent-pipeline/fair-held.v1.json: was removed",
        "talent-pipeline/vacancy-drafted.v1.json: posts: was removed",
    ]


def test_the_command_says_what_is_wrong_and_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--folder", str(tmp_path)]) == 1
    assert "examples/talent-pipeline/candidate-placed.v1.json: is missing" in capsys.readouterr().out
    assert main(["write", "--folder", str(tmp_path)]) == 0
