"""What this service is told from outside, beyond what every service is."""

from pathlib import Path

from pydantic import Field

from kit.settings import Settings


class EqualityMonitoringSettings(Settings):
    link_keys: Path | None = Field(
        default=None,
        description="JWK set with which talent-pipeline's links are verified; without it no link is believed",
    )
