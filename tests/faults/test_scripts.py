"""Every script of `make faults` holds on kit as it is; the mutants that each must kill are tried there."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from kit.testing.databases import Template
from laptop.broker import Broker
from laptop.postgres import EmbeddedPostgres

from .defects import MUTANTS
from .mutants import bench, edited
from .scripts import SCRIPTS
from .scripts.bench import Bench


@pytest.fixture(scope="module")
def template(postgres: EmbeddedPostgres) -> Template:
    return Template(postgres.dsn(), postgres.dsn, "testing")


@pytest_asyncio.fixture
async def own(template: Template, broker: Broker) -> AsyncIterator[Bench]:
    async with bench(broker, template) as made:
        yield made


@pytest.mark.kafka
@pytest.mark.parametrize("name", SCRIPTS)
async def test_the_promise_is_kept(own: Bench, name: str) -> None:
    await SCRIPTS[name](own)


def test_every_mutant_has_a_script_that_is_to_kill_it() -> None:
    assert {mutant.script for mutant in MUTANTS} <= set(SCRIPTS)
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 20


def test_every_defect_can_be_made_in_kit_as_it_is() -> None:
    for mutant in MUTANTS:
        for name, text in edited(mutant).items():
            compile(text, name, "exec")
