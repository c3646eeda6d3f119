"""Settings that every process reads from its environment, and how a secret is read from a file.

A process' own settings extend `ProcessSettings` beside its composition root. Nothing is read at import.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from app import VERSION
from app.errors import InternalError
from app.telemetry.span_export import Protocol


class ProcessSettings(BaseSettings):
    """What docs/architecture.md promises for every process; names carry the prefix KUBECHAT_."""

    model_config = SettingsConfigDict(env_prefix="KUBECHAT_", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    listen_fd: int | None = None
    private_host: str = "127.0.0.1"
    private_port: int = Field(default=0, ge=0, le=65535)
    instance: str = ""
    state_dir: Path = Path()
    otlp_endpoint: str = ""
    otlp_protocol: Protocol = "http/protobuf"
    service_token_file: Path | None = None
    memory_limit_bytes: int | None = Field(default=None, gt=0)
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    version: str = Field(default=VERSION, pattern=r"^[\w.+-]{1,64}$")


def read_secret(path: Path | None, what: str) -> str:
    """The content of a secret's file, without surrounding white space.

    Args:
        path: the file, or None when the setting is missing.
        what: the secret's name for the error.

    Raises:
        InternalError: no file is set, it cannot be read, or it is empty. Processes are closed by default: none starts
            without its secrets.
    """
    if path is None:
        raise InternalError(f"no file is set for the {what}", code="configuration")
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except OSError as exc:
        raise InternalError(f"the file of the {what} cannot be read: {path}", code="configuration") from exc
    if not secret:
        raise InternalError(f"the file of the {what} is empty: {path}", code="configuration")
    return secret
