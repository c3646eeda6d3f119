"""What a person may choose about the local stack: by the environment, or on the command line.

Figures of the architecture document are not settings here; the ones that are ours are, each with its reason. Nothing
is read at import.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.stack.errors import StackError
from slo.targets.memory import REDIS_MAX_MEMORY
from slo.targets.scaling import (
    AUDIT_MAX_REPLICAS,
    GATEWAY_MAX_REPLICAS,
    GATEWAY_MIN_REPLICAS,
    NLP_MAX_REPLICAS,
    NLP_MIN_REPLICAS,
    READ_REPLICAS,
    REDIS_MEMORY_SCALING,
)

LAST_OFFSET: Final = 200  # ports above the base that docs/architecture.md gives away
MOST_REPLICAS: Final = GATEWAY_MAX_REPLICAS.figure.whole
FEWEST_READ_REPLICAS: Final = READ_REPLICAS.named("minimum").whole
MOST_READ_REPLICAS: Final = READ_REPLICAS.named("maximum").whole

# The smallest round size in which a quarter for shared buffers and work_mem for every connection that PgBouncer may
# open stay within the bound that `servers.postgresql` checks: 0.25 x 2 GiB + 60 x 16 MiB = 1,472 MiB of 1,536.
_POSTGRES_MEMORY_BYTES: Final = 2 * 2**30
_REDIS_MEMORY_BYTES: Final = REDIS_MEMORY_SCALING.named("minimum").whole


class StackSettings(BaseSettings):
    """What the environment says; names carry the prefix KUBECHAT_.

    Attributes:
        state: the state directory (absolute).
        port: the gateway's public port.
        port_base: the first of all other ports; the offsets are in docs/architecture.md.
        postgres_memory_bytes: memory that each PostgreSQL server is tuned for.
        redis_memory_bytes: memory limit of each Redis node, 1 to 64 GiB.
        redis_data_bytes: what a node may fill with data, when it is not to be the usual share of its limit.
        audit_replicas: replicas of the audit service; one is enough for one machine, which fails as a whole.
        nlp_replicas: replicas of the language service.
        postgres_bin: folder of PostgreSQL's programs, when it is not Debian's.
        notify_file: where notifications go beside the web chat (docs/notifications.md); None: nowhere else.
        policy_file: who may do what (docs/rights.md), handed on to the gateways.
        otlp_endpoint: handed on to every service.
        otlp_protocol: likewise.
        export_kubeconfig: clusters that the exporters look at, under an account that may only look; without one they
            look at the demo clusters alone.
        log_level: handed on to every service.
        model_url: handed on to the language service, as the others of this name: a language model's endpoint.
        model_name: which of its models.
        model_key_file: the file with its key.
        model_timeout_s: how long one answer may take.
        model_max_tokens: most tokens of one answer.
        model_max_prompt_tokens: most tokens of what is sent.
        model_at_once: answers under way in one replica.
        model_steps: rounds of reads in one turn.
        model_daily_tokens: handed on to the gateways: what one person may spend on a day.
        model_turn_s: likewise: how long a turn may take.
    """

    model_config = SettingsConfigDict(env_prefix="KUBECHAT_", extra="ignore", frozen=True)

    state: Path
    port: int = Field(default=8080, ge=1, le=65535)
    port_base: int = Field(default=18000, ge=1024, le=65535 - LAST_OFFSET)
    postgres_memory_bytes: int = Field(default=_POSTGRES_MEMORY_BYTES, ge=256 * 2**20)
    redis_memory_bytes: int = Field(
        default=_REDIS_MEMORY_BYTES,
        ge=REDIS_MEMORY_SCALING.named("minimum").whole,
        le=REDIS_MEMORY_SCALING.named("maximum").whole,
    )
    redis_data_bytes: int | None = Field(default=None, gt=0)
    audit_replicas: int = Field(default=1, ge=1, le=AUDIT_MAX_REPLICAS.figure.whole)
    nlp_replicas: int = Field(
        default=NLP_MIN_REPLICAS.figure.whole, ge=NLP_MIN_REPLICAS.figure.whole, le=NLP_MAX_REPLICAS.figure.whole
    )
    postgres_bin: Path | None = None
    notify_file: Path | None = None
    policy_file: Path | None = None
    otlp_endpoint: str = ""
    otlp_protocol: Literal["http/protobuf", "grpc"] = "http/protobuf"
    export_kubeconfig: Path | None = None
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    # Checked by who they are for; what is not set here is not set there either.
    model_url: str = ""
    model_name: str = ""
    model_key_file: Path | None = None
    model_timeout_s: str = ""
    model_max_tokens: str = ""
    model_max_prompt_tokens: str = ""
    model_at_once: str = ""
    model_steps: str = ""
    model_daily_tokens: str = ""
    model_turn_s: str = ""

    @field_validator("state")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("redis_data_bytes")
    @classmethod
    def _within_its_node(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and value > info.data.get("redis_memory_bytes", value):
            raise ValueError("must not be more than KUBECHAT_REDIS_MEMORY_BYTES")
        return value

    def model_settings(self, *names: str) -> dict[str, str]:
        """The settings of these names that are set, as a process' environment has them."""
        found = {name: getattr(self, name) for name in names}
        if found.get("model_key_file") is not None:
            found["model_key_file"] = found["model_key_file"].expanduser().absolute()
        return {f"KUBECHAT_{name.upper()}": str(value) for name, value in found.items() if value not in {"", None}}

    @property
    def redis_maxmemory_bytes(self) -> int:
        """What one Redis node may fill with data: what was asked for, else its share of the node's limit."""
        return self.redis_data_bytes or int(self.redis_memory_bytes * REDIS_MAX_MEMORY.named("share_of_limit").number)

    @classmethod
    def read(cls) -> Self:
        """The settings from the environment.

        Raises:
            StackError: a value cannot be read or is out of its range; the sentence names the variable.
        """
        given: dict[str, Any] = {} if os.environ.get("KUBECHAT_STATE") else {"state": default_state()}
        try:
            return cls(**given)
        except ValidationError as exc:
            first = exc.errors()[0]
            name = "KUBECHAT_" + "_".join(str(part) for part in first["loc"]).upper()
            raise StackError(f"{name} is not usable: {first['msg']}.") from exc


class Options(BaseModel):
    """What one `kubechat up` asks for.

    Attributes:
        replicas: gateway replicas.
        read_replicas: streaming replicas of PostgreSQL.
        kubeconfig: real clusters in place of the demo clusters.
        only: prefixes of the processes to start; empty means all. Meant for tests and for narrowing a fault down.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    replicas: int = Field(default=GATEWAY_MIN_REPLICAS.figure.whole, ge=1, le=MOST_REPLICAS)
    read_replicas: int = Field(default=FEWEST_READ_REPLICAS, ge=FEWEST_READ_REPLICAS, le=MOST_READ_REPLICAS)
    kubeconfig: Path | None = None
    only: tuple[str, ...] = ()


def default_state(environ: Mapping[str, str] = os.environ, *, root: bool | None = None) -> Path:
    """The state directory when KUBECHAT_STATE does not name one.

    Args:
        environ: the environment to look into.
        root: whether root asks; None means: look.
    """
    if os.geteuid() == 0 if root is None else root:
        return Path("/var/lib/kubechat")
    base = environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "kubechat"
