"""What this service is told from outside, beyond what every service is."""

from pathlib import Path

from pydantic import Field

from kit.settings import Settings


class PeopleSettings(Settings):
    vault_keys: Path | None = Field(
        default=None,
        description="file with the vault's keys (`python -m people keys`); without it nothing is read or kept",
    )
    public_url: str = Field(default="http://127.0.0.1:8000", description="where people reach this service")
    cookie_secure: bool = Field(default=True, description="off only where pages are served without TLS: a laptop")
