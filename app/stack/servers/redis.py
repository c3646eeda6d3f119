"""A Redis node's configuration, and how the slots are shared among the masters.

Pure functions; nothing here starts or asks a server.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

from app.stack.errors import StackError
from slo import server_settings
from slo.server_settings import ContradictionError
from slo.target import Figure
from slo.targets.redis import REPLICA_CONFIGURATION
from slo.targets.scaling import REDIS_CLUSTER_MODE, SHARDING_SESSION_DATA

NODES: Final = REDIS_CLUSTER_MODE.named("nodes").whole
MASTERS: Final = NODES // (1 + REPLICA_CONFIGURATION.figure.whole)
SLOTS: Final = SHARDING_SESSION_DATA.named("slots").whole


@dataclass(frozen=True, slots=True)
class RedisSettings:
    """What differs between nodes.

    Attributes:
        port: port on loopback.
        bus_port: cluster bus on loopback.
        directory: absolute path of its data.
        maxmemory_bytes: what it may fill with data.
    """

    port: int
    bus_port: int
    directory: str
    maxmemory_bytes: int


def text(settings: RedisSettings) -> str:
    """The configuration file.

    Raises:
        StackError: the catalogue promises several eviction policies.
    """
    try:
        wanted = server_settings.redis(settings.maxmemory_bytes)
    except ContradictionError as exc:
        raise StackError(f"The catalogue contradicts itself: {exc}.") from exc
    options: tuple[tuple[str, str | int], ...] = (
        ("bind", "127.0.0.1"),
        ("protected-mode", "yes"),
        ("port", settings.port),
        ("daemonize", "no"),
        ("dir", _quoted(settings.directory)),
        *((name, _text(wanted[name])) for name in wanted if not name.startswith("cluster-")),
        ("cluster-enabled", _text(wanted["cluster-enabled"])),
        ("cluster-config-file", "nodes.conf"),
        ("cluster-port", settings.bus_port),
        ("cluster-announce-ip", "127.0.0.1"),
        ("cluster-node-timeout", _text(wanted["cluster-node-timeout"])),
        ("cluster-require-full-coverage", _text(wanted["cluster-require-full-coverage"])),
    )
    return "# Generated at every start; changes made here are lost.\n" + "".join(
        f"{name} {value}\n" for name, value in options
    )


def slot_ranges(masters: int = MASTERS, slots: int = SLOTS) -> tuple[tuple[int, int], ...]:
    """The first and last slot of each master, evenly: the sizes differ by one at most.

    Raises:
        ValueError: there are no masters, or more masters than slots.
    """
    if not 1 <= masters <= slots:
        raise ValueError(f"{slots} slots cannot be shared by {masters} masters")
    bounds = [slots * number // masters for number in range(masters + 1)]
    return tuple((first, after - 1) for first, after in itertools.pairwise(bounds))


def _text(figure: Figure) -> str:
    return str(figure.value) or '""'


def _quoted(value: str) -> str:
    if any(character in value for character in '"\\\n'):
        raise StackError("The state directory's path holds a quote, a backslash or a line break; choose another.")
    return f'"{value}"'
