"""The generated half of the service's README is what the code gives. `UPDATE=1` writes it anew."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from kit.testing import readme
from people.app import service
from people.contract import EMITS, FACTS, RESTING
from people.domain.duplicates import RULES
from people.domain.messages import TEMPLATES
from people.settings import PeopleSettings
from people.testing import ERASURE_LIFE, LIFE, REQUEST_LIFE

README = Path(__file__).parents[2] / "services" / "people" / "README.md"


def test_the_readme_is_as_fresh_as_the_code() -> None:
    readme.is_fresh(README, generated())


def generated() -> Iterator[str]:
    yield "## Accepts"
    yield "Who somebody is comes over HTTPS alone. Facts of other services, of which people are told:"
    yield from readme.messages(FACTS, "fact")
    resting = ", ".join(f"`{fact.__name__}`" for fact in RESTING)
    yield f"\nWhom the vault keeps rests on what names somebody, until its service lets go of it: {resting}."
    yield "\n## Emits, on `people.events.v1`"
    yield from readme.messages(EMITS, "fact")
    yield "\n## Machines"
    yield from readme.machines([LIFE, ERASURE_LIFE, REQUEST_LIFE])
    yield "\n## Likely the same person"
    rows = (
        (f"`{rule.code}`", ", ".join(rule.shared), f"{rule.within_days} days" if rule.within_days else "any time")
        for rule in RULES
    )
    yield from readme.table(("rule", "shared", "registered within"), rows)
    yield "\n## Messages"
    kinds = (
        (f"`{kind}`", each.called, f"{each.lasts.days} days", each.must_be_told or "the person may stop it")
        for kind, each in TEMPLATES.items()
    )
    yield from readme.table(("kind", "the person knows it as", "told within", "stopped"), kinds)
    yield "\n## Tables"
    yield from readme.tables(README.parent / "people" / "tables.sql")
    yield "\n## Routes"
    yield from readme.routes(service.routers(PeopleSettings(database_dsn=SecretStr("postgresql://nowhere"))))
