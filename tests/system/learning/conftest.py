"""What learning's stories begin with."""

from collections.abc import Mapping
from typing import Any

import pytest
from tests.desk import Json

HOSPITALS, COUNCIL, HOSPICE, GPS = (
    "leeds-teaching-hospitals", "leeds-city-council", "st-gemma-hospice", "leeds-gp-confederation",
)  # fmt: skip
COLLEGE = "leeds-city-college"
SECTORS = {
    HOSPITALS: "nhs-trust", COUNCIL: "local-authority", HOSPICE: "third-sector", GPS: "primary-care",
}  # fmt: skip


@pytest.fixture
def service() -> str:
    return "learning"


def team(organisation: str, *people: str, **more: Any) -> Json:
    """Learners of one organisation, as they are booked."""
    learners = [{"person_id": person} for person in people]
    return {"organisation": organisation, "sector": SECTORS[organisation], "learners": learners, **more}


def row_of(team_of: Mapping[str, Any]) -> Json:
    """The same as a line of a spreadsheet."""
    cells = [" ".join(f"{name}={value}" for name, value in each.items()) for each in team_of["learners"]]
    return {**team_of, "learners": "|".join(cells)}
