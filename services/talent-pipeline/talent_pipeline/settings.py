"""What this service is told from outside, beyond what every service is."""

from pydantic import Field

from kit.settings import Settings


class TalentPipelineSettings(Settings):
    equality_monitoring_url: str = Field(
        default="", description="where people reach equality monitoring; empty: nowhere"
    )
    people_here: bool = Field(
        default=False,
        description="on where /my/person of people is under this host: a candidate's page shows their name",
    )
