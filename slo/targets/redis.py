"""How Redis keeps its memory, its files and its cluster.

Section `redis_optimization` of the architecture document. Data only: nothing here measures or enforces.
"""

from __future__ import annotations

from slo.target import Kind, Target, choice, count, minutes, percent

DATA_STRUCTURES = Target(
    "redis_optimization.memory_optimization.data_structures",
    "Records are hashes, which cost less than a string per field.",
    Kind.CAPABILITY,
    (choice("hash"),),
)
COMPRESSION = Target(
    "redis_optimization.memory_optimization.compression",
    "Snapshots are compressed, and so is the base of the append-only file.",
    Kind.SETTING,
    (choice("yes", "rdbcompression"), choice("yes", "aof-use-rdb-preamble")),
    "Redis cannot compress the append-only file itself; its base is a compressed snapshot instead.",
)
MEMORY_POLICY = Target(
    "redis_optimization.memory_optimization.memory_policy",
    "A full Redis drops the keys that were used least recently.",
    Kind.SETTING,
    (choice("allkeys-lru"),),
)
RDB_SNAPSHOTS = Target(
    "redis_optimization.persistence_optimization.rdb_snapshots",
    "Redis writes a snapshot in the background every 15 minutes.",
    Kind.SETTING,
    (minutes(15), count(1, "changes")),
)
AOF_REWRITE = Target(
    "redis_optimization.persistence_optimization.aof_rewrite",
    "The append-only file is rewritten when it has doubled.",
    Kind.SETTING,
    (percent(100),),
)
FSYNC_POLICY = Target(
    "redis_optimization.persistence_optimization.fsync_policy",
    "The append-only file is forced to disk every second.",
    Kind.SETTING,
    (choice("everysec"),),
)
SLOT_DISTRIBUTION = Target(
    "redis_optimization.cluster_optimization.slot_distribution",
    "Every master holds the same number of slots, give or take one.",
    Kind.SETTING,
    (choice("even"),),
)
REPLICA_CONFIGURATION = Target(
    "redis_optimization.cluster_optimization.replica_configuration",
    "Every master has one replica.",
    Kind.SETTING,
    (count(1),),
)
CLIENT_ROUTING = Target(
    "redis_optimization.cluster_optimization.client_routing",
    "The client knows the slots and asks the right node at once.",
    Kind.CAPABILITY,
    (choice("client"),),
)
