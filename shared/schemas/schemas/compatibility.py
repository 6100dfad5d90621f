"""Whether a document may take the place of an earlier one of the same version, or a new version is needed.

What we write (facts, answers) is read by classes of yesterday and of today: a value may be neither narrowed nor widened. What
partners write (claims) may be widened: we accept more than before, never less.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from subprocess import run
from typing import Any

RULES = (
    "type", "const", "format", "pattern", "multipleOf", "minimum", "exclusiveMinimum", "minLength", "minItems",
    "maximum", "exclusiveMaximum", "maxLength", "maxItems",
)  # fmt: skip
LOWER, UPPER = (
    ("minimum", "exclusiveMinimum", "minLength", "minItems"),
    ("maximum", "exclusiveMaximum", "maxLength", "maxItems"),
)
Schema = Mapping[str, Any]


def breaks(old: Schema, new: Schema) -> list[str]:
    """What in the new document breaks somebody who knows the old one: `role.grade: was removed`. Empty: nothing."""
    claimed = new.get("x-kind") == "claim"
    return list(_compare("", _node(old, old), _node(new, new), old, new, claimed))


def broken(folder: Path, against: str) -> list[str]:
    """What breaks between the documents of a commit and those in the folder, each with its place."""
    found = []
    for place, old in _committed(folder, against):
        path = folder / place
        if not path.is_file():
            found.append(f"{place}: was removed")
            continue
        found += [f"{place}: {break_}" for break_ in breaks(old, json.loads(path.read_text()))]
    return found


def _committed(folder: Path, commit: str) -> Iterator[tuple[str, Schema]]:
    """The documents that a commit has in this folder. None where there is no such commit: nothing has been published."""
    if not folder.is_dir():
        return
    listed = run(
        ["git", "ls-tree", "-r", "--name-only", commit, "."], cwd=folder, capture_output=True, text=True, check=False
    )
    for place in listed.stdout.split() if listed.returncode == 0 else ():
        shown = run(["git", "show", f"{commit}:./{place}"], cwd=folder, capture_output=True, text=True, check=True)
        yield place, json.loads(shown.stdout)


def _compare(path: str, old: Schema, new: Schema, olds: Schema, news: Schema, claimed: bool) -> Iterator[str]:
    """Both nodes with their references resolved, and the documents that they stand in."""
    yield from _values(path, old, new, claimed)
    yield from _fields(path, old, new, olds, news, claimed)
    for inner in ("items", "additionalProperties"):
        if isinstance(old.get(inner), dict) and isinstance(new.get(inner), dict):
            yield from _compare(f"{path}[]", _node(old[inner], olds), _node(new[inner], news), olds, news, claimed)


def _values(path: str, old: Schema, new: Schema, claimed: bool) -> Iterator[str]:
    where = path or "(whole)"
    for rule in RULES:
        before, after = old.get(rule), new.get(rule)
        if before != after and not (claimed and _wider(rule, before, after)):
            yield f"{where}: {rule} was {before}, is {after}"
    before, after = set(old.get("enum", ())), set(new.get("enum", ()))
    for gone in sorted(before - after, key=str):
        yield f"{where}: {gone} was removed from the list"
    if before and not claimed:
        for added in sorted(after - before, key=str):
            yield f"{where}: {added} was added to the list"


def _wider(rule: str, before: Any, after: Any) -> bool:
    """Whether everything that was valid still is."""
    if after is None and rule != "type":
        return True
    if before is None:
        return False
    return (rule in LOWER and after < before) or (rule in UPPER and after > before)


def _fields(path: str, old: Schema, new: Schema, olds: Schema, news: Schema, claimed: bool) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed, needs = set(old.get("required", ())), set(new.get("required", ()))
    for name in before:
        where = f"{path}.{name}".lstrip(".")
        if name not in after:
            yield f"{where}: was removed"
            continue
        if name in needs - needed:
            yield f"{where}: is required now"
        if name in needed - needs and not claimed:
            yield f"{where}: may be missing now"
        yield from _compare(where, _node(before[name], olds), _node(after[name], news), olds, news, claimed)
    for name in sorted((after.keys() - before.keys()) & needs):
        yield f"{f'{path}.{name}'.lstrip('.')}: is new and required"


def _node(schema: Schema, document: Schema) -> Schema:
    """The schema that a reference names; of `X or null`, X: whether a field may be missing is said by `required`."""
    if "anyOf" in schema:
        present = [part for part in schema["anyOf"] if part.get("type") != "null"]
        if len(present) == 1:
            return _node(present[0], document)
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return _node(document["$defs"][name], document)
    return schema
