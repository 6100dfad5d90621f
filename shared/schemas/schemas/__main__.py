"""`python -m schemas`: write the JSON Schema documents, or check that they are fresh, exemplified and compatible."""

import argparse
import sys
from pathlib import Path

from schemas import compatibility, documents


def main(arguments: list[str] | None = None) -> int:
    """0: all is well; 1: something is not, and is said."""
    parser = argparse.ArgumentParser(prog="python -m schemas", description=__doc__)
    parser.add_argument("verb", choices=("write", "check"), help="write the documents anew, or check them")
    parser.add_argument("--folder", type=Path, default=documents.HOME, help="where json/ and examples/ stand")
    parser.add_argument("--against", default="HEAD", help="the commit that is published (default: HEAD)")
    given = parser.parse_args(arguments)
    found = _written(given.folder) if given.verb == "write" else check(given.folder, given.against)
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found and given.verb == "check" else 0


def check(folder: Path, against: str) -> list[str]:
    """What is wrong with the contracts; empty: nothing."""
    stale = [
        f"json/{place}: is not what the classes give; python -m schemas write"
        for place in documents.stale(folder / "json")
    ]
    missing = [f"examples/{place}: is missing" for place in documents.without_example(folder / "examples")]
    return stale + missing + compatibility.broken(folder / "json", against)


def _written(folder: Path) -> list[str]:
    return [f"json/{place}" for place in documents.write(folder / "json")]


if __name__ == "__main__":
    sys.exit(main())
