"""What this service is told from outside, beyond what every service is."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from kit.settings import Settings


class PeopleSettings(Settings):
    vault_keys: Path | None = Field(
        default=None,
        description="file with the vault's keys (`python -m people keys`); without it nothing is read or kept",
    )
    learning_url: str = Field(default="", description="where people reach learning; empty: no letter links to it")
    mobility_url: str = Field(default="", description="where people reach mobility; empty: no letter links to it")
    mail_host: str = Field(
        default="", description="the mail server that takes messages to people; empty: see mail_folder"
    )
    mail_port: int = Field(default=587, ge=1, le=65535)
    mail_tls: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="`none` only for a server on this machine: messages name people"
    )
    mail_user: str | None = None
    mail_password: SecretStr | None = None
    mail_from: str = Field(
        default="One Workforce <no-reply@oneworkforce.invalid>", description="in whose name messages are written"
    )
    mail_bounces: str = Field(
        default="", description="the address to which the mail system returns what it cannot deliver; empty: mail_from"
    )
    mail_folder: Path | None = Field(
        default=None, description="where messages are put as files where there is no mail server; neither: they wait"
    )
