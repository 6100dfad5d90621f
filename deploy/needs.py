"""The part of requirements.lock that some distributions need, with its hashes: `python needs.py requirements.lock NAME…`.

The lock says of each package which others asked for it (`# via`). Followed from a name to the end, that is all an image installs.
"""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

ENTRY = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
ASKED_BY = re.compile(r"^ {4}# {1,3}(?:via )?([A-Za-z0-9._-]+)$", re.MULTILINE)
OURS = "oneworkforce-"


def needs(lock: str, names: Iterable[str]) -> str:
    """The entries of these names and of all that they ask for, in the lock's own order.

    Raises:
        ValueError: the lock does not know a name, neither as an entry nor as one who asked. (One of ours that asked for
            nothing is not in the lock: it is known by its prefix.)
    """
    starts = [found.start() for found in ENTRY.finditer(lock)]
    texts = [lock[start:end] for start, end in zip(starts, [*starts[1:], len(lock)], strict=True)]
    entries = {text.partition("==")[0]: text for text in texts}
    asked_by = {name: set(ASKED_BY.findall(text)) - {"via"} for name, text in entries.items()}
    wanted = set(names)
    known = entries.keys() | set().union(*asked_by.values())
    if unknown := {name for name in wanted - known if not name.startswith(OURS)}:
        raise ValueError(f"not in the lock: {', '.join(sorted(unknown))}")
    while more := {name for name, asking in asked_by.items() if asking & wanted} - wanted:
        wanted |= more
    return "".join(text for name, text in entries.items() if name in wanted)


if __name__ == "__main__":
    sys.stdout.write(needs(Path(sys.argv[1]).read_text(), sys.argv[2:]))
