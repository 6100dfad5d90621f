"""Is requirements.lock made from the dependencies that the pyproject.toml files name now? Needs no network.

The lock's first line carries a digest of every dependency table of the workspace; `--print` prints the digest of today.
"""

import hashlib
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MEMBERS = ("*/pyproject.toml", "shared/*/pyproject.toml", "services/*/pyproject.toml")


def dependencies(pyproject: Path) -> dict[str, Any]:
    """What one pyproject.toml asks of a package registry, whatever the order in which it asks."""
    tables = tomllib.loads(pyproject.read_text())
    project = tables.get("project", {})
    return {
        "python": project.get("requires-python"),
        "needs": sorted(project.get("dependencies", [])),
        "extras": project.get("optional-dependencies", {}),
        "groups": tables.get("dependency-groups", {}),
    }


def digest() -> str:
    """Digest of all the dependency tables of the workspace."""
    files = [ROOT / "pyproject.toml", *sorted(path for glob in MEMBERS for path in ROOT.glob(glob))]
    asked = {str(path.relative_to(ROOT)): dependencies(path) for path in files}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def main() -> int:
    if sys.argv[1:] == ["--print"]:
        print(digest())
        return 0
    first_line = (ROOT / "requirements.lock").read_text().partition("\n")[0]
    if not first_line.endswith(digest()):
        print("requirements.lock is stale: a pyproject.toml asks for other packages. Run `make lock`.", file=sys.stderr)
        return 1
    print("requirements.lock is fresh")
    return 0


if __name__ == "__main__":
    sys.exit(main())
