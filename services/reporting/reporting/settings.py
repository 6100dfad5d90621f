"""What reporting is told from outside, besides what every process is told."""

from pydantic import Field

from kit.settings import Settings
from schemas.equality_monitoring import EthnicCategory


class ReportingSettings(Settings):
    """Settings of reporting, as environment variables `ONEWORKFORCE_…`."""

    black_or_black_african: tuple[EthnicCategory, ...] = Field(
        default=(EthnicCategory.BLACK_AFRICAN, EthnicCategory.BLACK_CARIBBEAN, EthnicCategory.BLACK_OTHER),
        description="the ethnic categories (16+1 codes) of the group Black or Black African",
    )
    page_refresh_seconds: int = Field(default=5, ge=1, le=3600, description="how often a page that is open asks again")
