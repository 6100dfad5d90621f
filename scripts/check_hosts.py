"""No tracked file may name the host of a package registry or of a CDN: such a file works for one network only.

Hosts are kept here as digests of their last labels, so that this file does not trip over itself and a reader of a
finding sees the name in the finding's own file.
"""

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)
REGISTRIES = {
    "a4aa2ac280bb8d1a",
    "8b5bb5eb9d758455",
    "8743857e3ea00fd1",
    "3ca29e55be4befa4",
    "87d14f070cb96869",
    "c3db8466ffcd8589",
    "41b464c047c28da2",
    "4f247acdba6480ea",
    "789e46d79514e280",
    "00a7dc5a0cc38858",
    "048e76c14ef34200",
    "be57af6b78a7faca",
    "e680c440a2e92079",
    "1ba4e37997a2e986",
    "a0f007d863a0ed19",
    "e514b0d3b0562f54",
    "8454fabc8b630901",
    "71741fe2460a6150",
    "3530c4415dd857fb",
    "e83cc4bcd94e4ed5",
    "0fd460f0568e29c1",
    "271dacc9f4d0caf8",
    "70cca582c4895337",
    "bd048f6f965d0e9c",
    "24f81de5fc499525",
    "9c6b05022d03bb05",
    "e2dd3580aeebec64",
    "88bb79fa6efc5d55",
    "394bc662b64ea8fc",
    "f6f372f868cf5e20",
    "519db4ade9501a4f",
    "b62811dc099c200b",
    "39e9d0695b2e309b",
    "c02af9ebe38ef605",
    "c6fb7a9612fcc991",
    "51c6b9f69c48a75b",
    "62a5795f9b897118",
    "c4fcb9f83b10f602",
}


def digest(host: str) -> str:
    """How a host is written down in REGISTRIES."""
    return hashlib.sha256(host.encode()).hexdigest()[:16]


def is_registry(host: str) -> bool:
    """True for a listed host and for every host below it."""
    labels = host.lower().split(".")
    return any(digest(".".join(labels[start:])) in REGISTRIES for start in range(len(labels) - 1))


def tracked() -> Iterator[Path]:
    """Every file that is committed or would be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return (ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


def findings(path: Path) -> Iterator[str]:
    """One line for each registry host that a text file names."""
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        return
    for number, line in enumerate(text.splitlines(), start=1):
        for host in HOST.findall(line):
            if is_registry(host):
                yield f"{path.relative_to(ROOT)}:{number}: {host}"


def main() -> int:
    found = [line for path in tracked() for line in findings(path)]
    print("\n".join(found) if found else "no registry host is named")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
