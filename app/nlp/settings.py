"""Settings of the language service."""

from __future__ import annotations

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from app.domain.commands.for_models import MOST_STEPS
from app.infra.settings import ProcessSettings

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class NlpSettings(ProcessSettings):
    """What docs/architecture.md promises for every process, and this one's own bounds."""

    # At 1 ms a translation a full queue is a quarter of a second: longer, and the person is better served by "busy".
    queue_limit: int = Field(default=256, ge=1, le=100_000)
    max_vocabularies: int = Field(default=200, ge=1, le=10_000)
    # No address, no model: then everything is as the embedded translator has it.
    model_url: str = ""
    model_name: str = ""
    model_key_file: Path | None = None
    # A model on a processor writes a few tokens a second: half a minute is a short answer there.
    model_timeout_s: float = Field(default=45.0, ge=1, le=120)
    model_max_tokens: int = Field(default=800, ge=64, le=32_000)
    # The smallest context that is usual for local models is 8,192 tokens, the answer's among them.
    model_max_prompt_tokens: int = Field(default=6_000, ge=2_000, le=1_000_000)
    # One graphics card answers about so many people at a time before all of them wait too long.
    model_at_once: int = Field(default=8, ge=1, le=1_000)
    model_steps: int = Field(default=MOST_STEPS, ge=0, le=MOST_STEPS)

    @model_validator(mode="after")
    def _check_model(self) -> Self:
        if not self.model_url:
            return self
        parts = urlsplit(self.model_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("KUBECHAT_MODEL_URL must be http://host or https://host, with its path")
        if parts.username or parts.password:
            raise ValueError(
                "KUBECHAT_MODEL_URL must hold no credentials: name the key's file in KUBECHAT_MODEL_KEY_FILE"
            )
        if not self.model_name:
            raise ValueError("KUBECHAT_MODEL_NAME must say which model of KUBECHAT_MODEL_URL is asked")
        if self.model_key_file is not None and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError("KUBECHAT_MODEL_URL must be https: the key would cross the network in the clear")
        return self
