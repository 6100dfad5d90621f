"""The generated half of the service's README is what the code gives. `UPDATE=1` writes it anew."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from equality_monitoring.app import service
from equality_monitoring.contract import ACCEPTS, EMITS, TOPICS
from equality_monitoring.domain import monitoring
from equality_monitoring.pages import routes
from equality_monitoring.testing import COMMANDS, NOW, STATES
from kit.settings import Settings
from kit.testing import readme
from kit.testing.lives import Life

README = Path(__file__).parents[2] / "services" / "equality-monitoring" / "README.md"


def test_the_readme_is_as_fresh_as_the_code() -> None:
    readme.is_fresh(README, generated())


def generated() -> Iterator[str]:
    yield "## Accepts"
    yield "From `people.events.v1`, of all else the person is the only source:\n"
    yield from readme.messages(ACCEPTS, "fact")
    yield f"\n## Emits, on `{'`, `'.join(topic.name for topic in TOPICS)}` only"
    yield from readme.messages(EMITS, "fact")
    yield "\n## Machine"
    yield from Life(monitoring, STATES, COMMANDS, NOW).drawing()
    yield "\n## Tables"
    tables = README.parent / "equality_monitoring" / "tables.sql"
    yield from readme.tables(tables, ("TABLE", "INDEX", "FUNCTION"))
    yield "\n## Routes"
    yield from readme.routes(service.routers(Settings(database_dsn=SecretStr("postgresql://nowhere"))), [routes.router])
