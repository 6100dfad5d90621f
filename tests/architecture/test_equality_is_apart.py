"""What decides about a person does not know what the person declared: not by an import, not by name, not by text.

import-linter forbids the import too; this also finds an import made at run time, the topic's name and the vault's tables.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
DECIDES = REPOSITORY / "services" / "talent-pipeline"
VAULT = re.compile(r"\b(equality_monitoring|Monitoring(Declared|Changed|Withdrawn)|equality-monitoring\.restricted)\b")


def named(source: str) -> Iterator[str]:
    """What a module imports, and every text and name in it, docstrings and comments apart."""
    tree = ast.parse(source)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Constant(value=str(text)) if id(node) not in told:
                yield text
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name


def breaches(source: str) -> list[str]:
    return [name for name in named(source) if VAULT.search(name)]


def test_nothing_in_talent_pipeline_names_what_equality_monitoring_holds() -> None:
    modules = list(DECIDES.rglob("*.py"))
    assert modules
    assert {
        str(module.relative_to(REPOSITORY)): found for module in modules if (found := breaches(module.read_text()))
    } == {}


def test_no_statement_of_talent_pipeline_reads_a_declaration() -> None:
    for script in DECIDES.rglob("*.sql"):
        text = script.read_text()
        assert "declaration" not in text
        assert "monitoring" not in text


@pytest.mark.parametrize(
    "source",
    [
        "import equality_monitoring",
        "from equality_monitoring.store import of_person",
        "from schemas.equality_monitoring import Declaration",
        "from schemas import equality_monitoring as other",
        "import importlib; importlib.import_module('schemas.equality_monitoring')",
        "ACCEPTS = {schemas.equality_monitoring.MonitoringDeclared: look}",
        "TOPIC = 'equality-monitoring.restricted.v1'",
    ],
)
def test_a_planted_breach_is_found(source: str) -> None:
    assert breaches(source)


def test_the_audience_of_a_link_is_no_breach() -> None:
    """talent-pipeline signs the link: it knows the service's name and address, and that is all it knows."""
    assert not breaches("link = settings.equality_monitoring_url + signer.sign(audience='equality-monitoring')")
