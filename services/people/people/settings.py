"""What this service is told from outside, beyond what every service is."""

from pathlib import Path

from pydantic import Field

from kit.settings import Settings


class PeopleSettings(Settings):
    vault_keys: Path | None = Field(
        default=None,
        description="file with the vault's keys (`python -m people keys`); without it nothing is read or kept",
    )
