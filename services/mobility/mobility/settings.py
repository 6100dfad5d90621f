"""What this service is told from outside, beyond what every service is."""

from pydantic import Field

from kit.settings import Settings


class MobilitySettings(Settings):
    public_url: str = Field(
        default="http://127.0.0.1:8000", description="where holders of a passport reach this service"
    )
    cookie_secure: bool = Field(default=True, description="off only where pages are served without TLS: a laptop")
