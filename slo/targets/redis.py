"""How Redis keeps its memory, its files and its cluster.

Section `redis_optimization` of the architecture document. Data only: nothing here measures or enforces.
"""

from __future__ import annotations

from slo import promql
from slo.panels import SETTINGS_DRIFT
from slo.promql import select
from slo.reference import Comparison, Limit, ServerSetting, Sli
from slo.target import Kind, Target, choice, count, minutes, percent

_TESTS = "tests/targets/test_redis.py"
_REPLICAS = "kubechat_redis_connected_replicas"

DATA_STRUCTURES = Target(
    "redis_optimization.memory_optimization.data_structures",
    "Records are hashes, which cost less than a string per field.",
    Kind.CAPABILITY,
    (choice("hash"),),
    test=f"{_TESTS}::test_a_session_is_a_hash_that_costs_less_than_a_string_per_field",
)
COMPRESSION = Target(
    "redis_optimization.memory_optimization.compression",
    "Snapshots are compressed, and so is the base of the append-only file.",
    Kind.SETTING,
    (choice("yes", "rdbcompression"), choice("yes", "aof-use-rdb-preamble")),
    "Redis cannot compress the append-only file itself; its base is a compressed snapshot instead.",
    enforced_by=(ServerSetting("redis", "rdbcompression"), ServerSetting("redis", "aof-use-rdb-preamble")),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_snapshots_and_the_base_of_the_append_only_file_are_compressed",
)
MEMORY_POLICY = Target(
    "redis_optimization.memory_optimization.memory_policy",
    "A full Redis drops the keys that were used least recently.",
    Kind.SETTING,
    (choice("allkeys-lru"),),
    enforced_by=(ServerSetting("redis", "maxmemory-policy"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_a_full_redis_drops_the_keys_that_were_used_least_recently",
)
RDB_SNAPSHOTS = Target(
    "redis_optimization.persistence_optimization.rdb_snapshots",
    "Redis writes a snapshot in the background every 15 minutes.",
    Kind.SETTING,
    (minutes(15), count(1, "changes")),
    enforced_by=(ServerSetting("redis", "save"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_redis_writes_a_snapshot_every_fifteen_minutes",
)
AOF_REWRITE = Target(
    "redis_optimization.persistence_optimization.aof_rewrite",
    "The append-only file is rewritten when it has doubled.",
    Kind.SETTING,
    (percent(100),),
    enforced_by=(ServerSetting("redis", "auto-aof-rewrite-percentage"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_the_append_only_file_is_rewritten_when_it_has_doubled",
)
FSYNC_POLICY = Target(
    "redis_optimization.persistence_optimization.fsync_policy",
    "The append-only file is forced to disk every second.",
    Kind.SETTING,
    (choice("everysec"),),
    enforced_by=(ServerSetting("redis", "appendfsync"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_the_append_only_file_is_forced_to_disk_every_second",
)
SLOT_DISTRIBUTION = Target(
    "redis_optimization.cluster_optimization.slot_distribution",
    "Every master holds the same number of slots, give or take one.",
    Kind.SETTING,
    (choice("even"),),
    enforced_by=(Limit("app.stack.servers.redis:slot_ranges"),),
    test=f"{_TESTS}::test_every_master_holds_the_same_number_of_slots",
)
REPLICA_CONFIGURATION = Target(
    "redis_optimization.cluster_optimization.replica_configuration",
    "Every master has one replica.",
    Kind.SETTING,
    (count(1),),
    sli=Sli(
        _REPLICAS,
        promql.divided(promql.total(select(_REPLICAS).query), promql.total(select("kubechat_redis_master").query)),
        Comparison.EQUAL,
    ),
    enforced_by=(Limit("app.stack.setup.redis_cluster:form"),),
    test=f"{_TESTS}::test_every_master_has_one_replica",
)
CLIENT_ROUTING = Target(
    "redis_optimization.cluster_optimization.client_routing",
    "The client knows the slots and asks the right node at once.",
    Kind.CAPABILITY,
    (choice("client"),),
    test=f"{_TESTS}::test_the_right_node_is_asked_at_once",
)
