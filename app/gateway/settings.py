"""The gateway's settings, beside those of every process."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from app.infra.settings import ProcessSettings
from slo.pools import client_pool_size
from slo.targets.caching import SESSION_CACHE_TTL
from slo.targets.connections import POOL_SIZE

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class GatewaySettings(ProcessSettings):
    """What docs/architecture.md promises for the gateway; lists are comma separated."""

    postgres_url: str
    postgres_direct_url: str = ""
    postgres_replica_urls: str = ""
    postgres_alerts_url: str = ""
    redis_nodes: str = ""
    audit_urls: str
    nlp_urls: str
    kubeconfig: Path
    cluster_keys_file: Path | None = None
    public_url: str = "http://127.0.0.1:8080"
    webhook_token_file: Path | None = None
    web_dist: Path | None = None
    runbooks: Path | None = None
    admin_password_file: Path | None = None
    policy_file: Path | None = None
    prometheus_url: str = ""
    default_namespace: str = "default"
    # From five minutes, so that nobody is signed out in the middle of a sentence, to the 30 days of a token.
    session_lifetime_s: int = Field(default=SESSION_CACHE_TTL.figure.whole, ge=300, le=30 * 86_400)
    # Of each database; by default its share of what the pooler takes.
    pool_size: int | None = Field(default=None, ge=1, le=POOL_SIZE.figure.whole)

    # Of one person on one day (UTC): some fifty questions with two rounds of reads each. 0 is no limit.
    model_daily_tokens: int = Field(default=500_000, ge=0)
    # A turn with a model, all its reads included. As long as the language service follows one answer.
    model_turn_s: float = Field(default=120.0, ge=5, le=600)

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be http://host or https://host")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError(
                "must be https for anything but this machine: a session cookie would cross the network in the clear"
            )
        return value.rstrip("/")

    @field_validator("prometheus_url")
    @classmethod
    def _check_prometheus_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("must be http://host or https://host, or empty")
        return value.rstrip("/")

    @property
    def secure(self) -> bool:
        """Whether people reach the gateway by TLS, so that cookies are marked for it."""
        return self.public_url.startswith("https://")

    @property
    def cookie_name(self) -> str:
        """The session cookie's name."""
        return "__Host-kubechat_session" if self.secure else "kubechat_session"

    @property
    def connections(self) -> int:
        """Most connections to one database."""
        return self.pool_size or client_pool_size(len(split_urls(self.postgres_replica_urls)))

    def redis_addresses(self) -> list[tuple[str, int]]:
        """`(host, port)` of the configured Redis nodes."""
        pairs = [node.strip().rpartition(":") for node in self.redis_nodes.split(",") if node.strip()]
        return [(host, int(port)) for host, _, port in pairs]


def split_urls(text: str) -> list[str]:
    """The parts of a comma-separated setting."""
    return [part.strip() for part in text.split(",") if part.strip()]
