"""The generated half of the service's README is what the code gives. `UPDATE=1` writes it anew."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from kit.settings import Settings
from kit.testing import readme
from talent_pipeline import desk
from talent_pipeline.app import service
from talent_pipeline.contract import CLAIMS, EMITS, IGNORES, PERSONS
from talent_pipeline.pages import routes
from talent_pipeline.testing import lives

README = Path(__file__).parents[2] / "services" / "talent-pipeline" / "README.md"


def test_the_readme_is_as_fresh_as_the_code() -> None:
    readme.is_fresh(README, generated())


def generated() -> Iterator[str]:
    yield "## Accepts, from `partner.<partner>.talent-pipeline.v1`"
    yield from readme.messages(CLAIMS, "claim")
    yield "\n## Hears, from `people.events.v1`"
    yield from readme.messages(PERSONS, "fact")
    yield f"\nPassed over: {', '.join(f'`{kind.__name__}`' for kind in IGNORES)}."
    yield "\n## Emits, on `talent-pipeline.events.v1`"
    yield from readme.messages(EMITS, "fact")
    yield "\n## Machines"
    yield from readme.machines(lives().values())
    yield "\n## Tables"
    yield from readme.tables(README.parent / "talent_pipeline" / "tables.sql")
    yield "\n## Routes"
    routers = service.routers(Settings(database_dsn=SecretStr("postgresql://nowhere")))
    yield from readme.routes(routers, [routes.router, *desk.ROUTERS])
