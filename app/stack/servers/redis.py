"""A Redis node's configuration, and how the slots are shared among the masters.

Pure functions; nothing here starts or asks a server.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

from app.stack.errors import StackError
from slo.targets.memory import REDIS_EVICTION_POLICY
from slo.targets.redis import (
    AOF_REWRITE,
    COMPRESSION,
    FSYNC_POLICY,
    MEMORY_POLICY,
    RDB_SNAPSHOTS,
    REPLICA_CONFIGURATION,
)
from slo.targets.scaling import REDIS_CLUSTER_MODE, REDIS_PERSISTENCE, SHARDING_CACHE_DATA, SHARDING_SESSION_DATA

NODES: Final = REDIS_CLUSTER_MODE.named("nodes").whole
MASTERS: Final = NODES // (1 + REPLICA_CONFIGURATION.figure.whole)
SLOTS: Final = SHARDING_SESSION_DATA.named("slots").whole
# A master that says nothing for so long is replaced: four to five seconds without writes to a third of the slots,
# measured. Lower, and a busy machine fails over without need.
_NODE_TIMEOUT_MS: Final = 2000


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
    snapshots = f"{int(RDB_SNAPSHOTS.figures[0].number)} {RDB_SNAPSHOTS.named('changes').whole}"
    options: tuple[tuple[str, str | int], ...] = (
        ("bind", "127.0.0.1"),
        ("protected-mode", "yes"),
        ("port", settings.port),
        ("daemonize", "no"),
        ("dir", _quoted(settings.directory)),
        ("maxmemory", settings.maxmemory_bytes),
        ("maxmemory-policy", _eviction_policy()),
        ("appendonly", REDIS_PERSISTENCE.named("aof").word),
        ("appendfsync", FSYNC_POLICY.figure.word),
        ("auto-aof-rewrite-percentage", int(AOF_REWRITE.figure.number * 100)),
        ("aof-use-rdb-preamble", COMPRESSION.named("aof-use-rdb-preamble").word),
        ("save", snapshots if REDIS_PERSISTENCE.named("rdb").word == "yes" else '""'),
        ("rdbcompression", COMPRESSION.named("rdbcompression").word),
        ("cluster-enabled", "yes"),
        ("cluster-config-file", "nodes.conf"),
        ("cluster-port", settings.bus_port),
        ("cluster-announce-ip", "127.0.0.1"),
        ("cluster-node-timeout", _NODE_TIMEOUT_MS),
        # The keys of the masters that are left stay within reach.
        ("cluster-require-full-coverage", "no"),
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


def _eviction_policy() -> str:
    """The one policy that the document promises in three places: a server has no more than one."""
    promised = {each.figure.word for each in (MEMORY_POLICY, REDIS_EVICTION_POLICY, SHARDING_CACHE_DATA)}
    if len(promised) > 1:
        raise StackError(f"The catalogue contradicts itself: Redis cannot evict by {' and '.join(sorted(promised))}.")
    return promised.pop()


def _quoted(value: str) -> str:
    if any(character in value for character in '"\\\n'):
        raise StackError("The state directory's path holds a quote, a backslash or a line break; choose another.")
    return f'"{value}"'
