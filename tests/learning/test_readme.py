"""The generated half of the service's README is what the code gives. `UPDATE=1` writes it anew."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from kit.settings import Settings
from kit.testing import readme
from learning.app import service
from learning.contract import EMITS
from learning.domain.reference import FRAMEWORKS, LEAST_DURATIONS, T_LEVELS
from learning.testing import lives

README = Path(__file__).parents[2] / "services" / "learning" / "README.md"


def test_the_readme_is_as_fresh_as_the_code() -> None:
    readme.is_fresh(README, generated())


def generated() -> Iterator[str]:
    yield "## Emits, on `learning.events.v1`"
    yield from readme.messages(EMITS, "fact")
    yield "\n## Machines"
    yield from readme.machines(lives().values())
    yield "\n## Reference data"
    yield from readme.table(
        ("core skills training in ESR that was completed", "by", "source"),
        ((f"from {each.from_day} on", f"`{each.framework}`", each.source) for each in FRAMEWORKS),
    )
    yield ""
    yield from readme.table(
        ("T Level placements that began", "hours", "of them tasters at most", "source"),
        ((f"from {each.from_year} on", f"{each.hours:g}", f"{each.taster_hours:g}", each.source) for each in T_LEVELS),
    )
    yield ""
    yield from readme.table(
        ("apprenticeships that began", "months at least", "source"),
        ((f"from {each.from_day} on", str(each.months), each.source) for each in LEAST_DURATIONS),
    )
    yield "\n## Tables"
    yield from readme.tables(README.parent / "learning" / "tables.sql")
    yield "\n## Routes"
    yield from readme.routes(service.routers(Settings(database_dsn=SecretStr("postgresql://nowhere"))))
