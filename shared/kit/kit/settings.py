"""What every process is told from outside: environment variables `ONEWORKFORCE_…`, and files for what is secret.

A secret comes from a file named like its field in the folder ONEWORKFORCE_SECRETS names (`/run/secrets` in containers).
"""

import os
from pathlib import Path
from typing import Any, Self

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of any service; a service with more has a subclass of its own."""

    model_config = SettingsConfigDict(env_prefix="ONEWORKFORCE_", frozen=True, extra="ignore")

    service: str = Field(default="", description="the service's name; set by the service itself")
    process: str = Field(default="", description="api, worker, relay or projector; set by the command line")
    host: str = "127.0.0.1"
    port: int = 0
    log_level: str = "INFO"

    database_dsn: SecretStr = Field(description="postgresql:// of the service's own database, as its own role")
    database_pool: int = Field(default=10, ge=1, le=100)

    kafka_bootstrap: str = "127.0.0.1:9092"
    kafka_user: str | None = None
    kafka_password: SecretStr | None = None
    kafka_tls: bool = False
    kafka_idempotent: bool = Field(default=True, description="off for a broker without idempotent producers")
    kafka_exact_ends: bool = Field(
        default=True, description="off for a broker whose end offset lags by a batch: Tansu 0.6 names its first record"
    )
    kafka_metadata_max_age_ms: int = Field(default=30_000, description="how soon a new partner's topic is heard")
    kafka_fetch_wait_ms: int = Field(
        default=500,
        ge=0,
        description="how long a broker waits for a record where none is; less for Tansu 0.6, which looks twice",
    )
    kafka_session_timeout_ms: int = Field(
        default=10_000, ge=1_000, description="how long a reader that was killed keeps its partitions from the others"
    )
    relay_idle_ms: int = Field(
        default=20,
        gt=0,
        description="how soon a relay with nothing to send looks again: most of what an answer takes to reach a figure",
    )

    issuer: str = Field(default="", description="who signs the tokens of staff; empty: none but the development issuer")
    audience: str = "oneworkforce"
    issuer_keys: Path | None = Field(default=None, description="file with the issuer's JWK set")
    development_keys: Path | None = Field(
        default=None, description="JWK set of the development issuer; without it no such token is believed"
    )
    otlp_endpoint: str | None = Field(default=None, description="where traces go; none: they are not kept")
    public_url: str = Field(default="http://127.0.0.1:8000", description="where people reach this service's pages")
    cookie_secure: bool = Field(default=True, description="off only where pages are served without TLS: a laptop")
    link_key: Path | None = Field(
        default=None, description="private JWK with which this service signs links for people; without it none is given"
    )
    link_keys: Path | None = Field(
        default=None,
        description="JWK set with which signed links to this service's pages are verified; without it none is believed",
    )
    web_assets: Path | None = Field(default=None, description="folder with nhsuk-frontend and swagger-ui-dist")
    ceiling: int = Field(default=50, ge=1, description="open dead letters at which a partition stops")

    @classmethod
    def load(cls, **given: Any) -> Self:
        """The settings from files, the environment and what is given, the last deciding."""
        folder = os.environ.get("ONEWORKFORCE_SECRETS")
        return cls(_secrets_dir=folder, **given) if folder else cls(**given)
