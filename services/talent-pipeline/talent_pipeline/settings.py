"""What this service is told from outside, beyond what every service is."""

from pathlib import Path

from pydantic import Field

from kit.settings import Settings


class TalentPipelineSettings(Settings):
    link_key: Path | None = Field(
        default=None, description="private JWK with which people's links are signed; without it none is given"
    )
    link_keys: Path | None = Field(
        default=None, description="JWK set with which they are verified; without it none is believed"
    )
    equality_monitoring_url: str = Field(
        default="", description="where people reach equality monitoring; empty: nowhere"
    )
    people_here: bool = Field(
        default=False,
        description="on where /my/person of people is under this host: a candidate's page shows their name",
    )
