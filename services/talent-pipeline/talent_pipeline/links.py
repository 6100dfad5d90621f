"""The links that this service signs: to a person's own page here, and from there to equality monitoring."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from kit import links

ISSUER = "talent-pipeline"
AUDIENCE = "talent-pipeline-candidate"
HOME = "/my/applications"
"""Where the page is that a link opens."""
EQUALITY = "equality-monitoring"
LASTS = timedelta(days=30)
MONITORING_LASTS = timedelta(days=1)


@dataclass(frozen=True)
class Links(links.Links):
    """Where each link leads."""

    public_url: str
    equality_url: str

    def page(self, person_id: UUID) -> str:
        """The person's own page. Raises Unauthenticated where this process signs no links."""
        return f"{self.public_url.rstrip('/')}{HOME}/start?token={self.token(person_id, AUDIENCE, LASTS)}"

    def monitoring(self, person_id: UUID) -> str | None:
        """Their page of equality monitoring, which never learns anything else from us; None where there is none."""
        if self.key is None or not self.equality_url:
            return None
        token = self.token(person_id, EQUALITY, MONITORING_LASTS)
        return f"{self.equality_url.rstrip('/')}/my/monitoring/start?token={token}"
