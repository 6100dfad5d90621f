"""The generated half of the service's README is what the code gives. `UPDATE=1` writes it anew."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from kit.settings import Settings
from kit.testing import readme
from mobility.app import service
from mobility.contract import CLAIMS, EMITS, FACTS
from mobility.testing import lives

README = Path(__file__).parents[2] / "services" / "mobility" / "README.md"


def test_the_readme_is_as_fresh_as_the_code() -> None:
    readme.is_fresh(README, generated())


def generated() -> Iterator[str]:
    yield "## Accepts, from `partner.<partner>.mobility.v1`"
    yield from readme.messages(CLAIMS, "claim")
    yield "\n## Accepts, of other services"
    yield from readme.messages(FACTS, "fact")
    yield "\n## Emits, on `mobility.events.v1`"
    yield from readme.messages(EMITS, "fact")
    yield "\n## Machines"
    yield from readme.machines(lives().values())
    yield "\n## Tables"
    yield from readme.tables(README.parent / "mobility" / "tables.sql")
    yield "\n## Routes"
    yield from readme.routes(service.routers(Settings(database_dsn=SecretStr("postgresql://nowhere"))))
