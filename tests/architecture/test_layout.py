"""The same thing has the same name and place in every service that has commands: whoever knows one finds their way in another."""

from importlib.util import find_spec

import pytest

WRITING = ("talent_pipeline", "equality_monitoring", "learning", "people", "mobility")
PLACES = ("contract", "domain", "handlers", "store", "api", "pages", "links", "retention", "testing", "app", "__main__")
"""A file, or a folder where there is much to say."""


@pytest.mark.parametrize("package", WRITING)
def test_a_service_has_every_place(package: str) -> None:
    assert [name for name in PLACES if find_spec(f"{package}.{name}") is None] == []
