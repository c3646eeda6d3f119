"""How much memory everything may take.

Sections `memory_optimization` and `cache_optimization` of the architecture document. Data only: nothing here measures
or enforces. The document's MB and GB are read as MiB and GiB, which is what a container's limit is counted in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slo.panels import CACHE_AGE, CACHE_BYTES, HEAP, MEMORY_AGAINST_LIMIT, SETTINGS_DRIFT
from slo.promql import divided, maximum, select, total
from slo.reference import AlertRule, Comparison, Limit, Part, Planned, ServerSetting, Sli
from slo.target import Kind, Target, choice, count, gibibytes, hours, mebibytes, minutes, percent

if TYPE_CHECKING:
    from slo.promql import Query

_TESTS = "tests/targets/test_memory.py"
_OLDEST = "kubechat_cache_oldest_entry_age_seconds"
_LIMIT = select("kubechat_memory_limit_bytes").query
_HEAP_SHARE = maximum(divided(select("kubechat_heap_budget_bytes").query, _LIMIT))
_MEMORY_SHARE = maximum(divided(select("kubechat_memory_resident_bytes").query, _LIMIT))


def _most_resident(job: str) -> Query:
    """What the largest replica of a service occupies."""
    return maximum(select("kubechat_memory_resident_bytes", job=job).query)


GARBAGE_COLLECTION = Target(
    "memory_optimization.go_services.garbage_collection",
    "Every process runs with the collector's default thresholds and measures its pauses.",
    Kind.SETTING,
    (count(100, "gogc"), choice("default", "thresholds")),
    "GOGC=100 is Go's default; CPython's default thresholds are the setting that corresponds to it.",
    enforced_by=(Limit("app.infra.lifecycle:Runtime.background"),),
    test=f"{_TESTS}::test_a_process_collects_at_the_interpreters_own_thresholds_and_measures_each_pause",
)
MEMORY_LIMIT = Target(
    "memory_optimization.go_services.memory_limit",
    "Every process is held to its memory limit by the kernel, or where that cannot be, by a watchdog of its own.",
    Kind.CAPABILITY,
    enforced_by=(
        Limit("app.stack.cgroups:MemoryCgroups.group"),
        Limit("app.infra.memory:MemoryGuard"),
    ),
    test=f"{_TESTS}::test_a_process_is_held_to_its_limit_by_its_cgroup_or_by_itself",
)
HEAP_SIZE = Target(
    "memory_optimization.go_services.heap_size",
    "A process' caches and buffers admit nothing beyond 75 % of its memory limit.",
    Kind.LIMIT,
    (percent(75),),
    sli=Sli("kubechat_heap_budget_bytes", _HEAP_SHARE, Comparison.AT_MOST),
    enforced_by=(Limit("app.infra.memory:MemoryGuard"),),
    test=f"{_TESTS}::test_the_heap_budget_is_three_quarters_of_the_limit",
    planned=Planned(
        Part.GATEWAY, "The budget is exported; caches and buffers that admit nothing beyond it come with that part."
    ),
)
GATEWAY_MEMORY = Target(
    "memory_optimization.container_memory.api_gateway",
    "A gateway replica asks for 256 MB and gets at most 512 MB.",
    Kind.LIMIT,
    (mebibytes(256, "request"), mebibytes(512, "limit")),
    sli=Sli("kubechat_memory_resident_bytes", _most_resident("gateway"), Comparison.AT_MOST, "limit"),
    enforced_by=(Limit("app.stack.parts.services:services"),),
    test=f"{_TESTS}::test_a_gateway_replica_gets_at_most_512_megabytes",
    planned=Planned(Part.DEPLOY, "The request comes with the manifests, alert and panel with the dashboards."),
)
NLP_MEMORY = Target(
    "memory_optimization.container_memory.nlp_service",
    "A replica of the language service asks for 512 MB and gets at most 1 GB.",
    Kind.LIMIT,
    (mebibytes(512, "request"), gibibytes(1, "limit")),
    sli=Sli("kubechat_memory_resident_bytes", _most_resident("nlp"), Comparison.AT_MOST, "limit"),
    enforced_by=(Limit("app.stack.parts.services:services"),),
    test=f"{_TESTS}::test_a_replica_of_the_language_service_gets_at_most_a_gigabyte",
    planned=Planned(Part.DEPLOY, "The request comes with the manifests, alert and panel with the dashboards."),
)
AUDIT_MEMORY = Target(
    "memory_optimization.container_memory.audit_service",
    "A replica of the audit service asks for 256 MB and gets at most 512 MB.",
    Kind.LIMIT,
    (mebibytes(256, "request"), mebibytes(512, "limit")),
    sli=Sli("kubechat_memory_resident_bytes", _most_resident("audit"), Comparison.AT_MOST, "limit"),
    enforced_by=(Limit("app.stack.parts.services:services"),),
    test=f"{_TESTS}::test_a_replica_of_the_audit_service_gets_at_most_512_megabytes",
    planned=Planned(Part.DEPLOY, "The request comes with the manifests, alert and panel with the dashboards."),
)
MEMORY_METRICS = Target(
    "memory_optimization.memory_monitoring.metrics",
    "Container memory and the heap of every process are measured.",
    Kind.CAPABILITY,
    panel=HEAP,
    test=f"{_TESTS}::test_a_process_measures_its_heap_its_container_and_its_limit",
)
MEMORY_ALERT = Target(
    "memory_optimization.memory_monitoring.alerts",
    "Somebody is told when a process uses more than 85 % of its memory limit.",
    Kind.LIMIT,
    (percent(85),),
    sli=Sli("kubechat_memory_resident_bytes", _MEMORY_SHARE, Comparison.AT_MOST),
    enforced_by=(AlertRule("MemoryNearLimit"),),
    alert="MemoryNearLimit",
    panel=MEMORY_AGAINST_LIMIT,
    test=f"{_TESTS}::test_somebody_is_told_when_a_process_uses_more_than_85_percent_of_its_limit",
)
OOM_PROTECTION = Target(
    "memory_optimization.memory_monitoring.oom_protection",
    "At 90 % of its memory limit a process refuses new work rather than being killed.",
    Kind.CAPABILITY,
    (percent(90, "shed_above"),),
    "Above the alert at 85 %, so that somebody knows before people are refused.",
    enforced_by=(
        Limit("app.infra.memory:MemoryGuard"),
        Limit("app.telemetry.http:TelemetryMiddleware"),
    ),
    test=f"{_TESTS}::test_every_service_refuses_work_at_90_percent_of_its_memory_and_not_before",
)

REDIS_MAX_MEMORY = Target(
    "cache_optimization.redis_memory.max_memory",
    "Redis' memory is a setting; 70 % of the node's memory limit unless the customer says otherwise.",
    Kind.SETTING,
    (percent(70, "share_of_limit"),),
    "The rest is for replication buffers, fragmentation and the copy that a snapshot makes.",
    enforced_by=(ServerSetting("redis", "maxmemory"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_redis_fills_70_percent_of_a_nodes_memory_unless_the_customer_says_otherwise",
)
REDIS_EVICTION_POLICY = Target(
    "cache_optimization.redis_memory.eviction_policy",
    "Redis drops the keys that were used least recently.",
    Kind.SETTING,
    (choice("allkeys-lru"),),
    enforced_by=(ServerSetting("redis", "maxmemory-policy"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_redis_drops_the_keys_that_were_used_least_recently",
)
REDIS_MEMORY_EFFICIENCY = Target(
    "cache_optimization.redis_memory.memory_efficiency",
    "Small records are hashes in Redis' compact encoding.",
    Kind.CAPABILITY,
    (choice("listpack", "encoding"),),
    test=f"{_TESTS}::test_a_cached_session_is_a_hash_in_the_compact_encoding",
)
IN_MEMORY_CACHE = Target(
    "cache_optimization.application_caches.in_memory_cache",
    "All in-memory caches of a process together hold at most 100 MB.",
    Kind.LIMIT,
    (mebibytes(100),),
    sli=Sli(
        "kubechat_cache_bytes",
        maximum(total(select("kubechat_cache_bytes").query, ("job", "instance"))),
        Comparison.AT_MOST,
    ),
    enforced_by=(Limit("app.infra.cache.caches:Caches.make_room"),),
    alert="CacheOutOfBounds",
    panel=CACHE_BYTES,
    test=f"{_TESTS}::test_all_caches_of_a_process_together_take_at_most_100_megabytes",
)
CACHE_TTL = Target(
    "cache_optimization.application_caches.cache_ttl",
    "A cache keeps an entry for 5 minutes to 1 hour, by what it holds.",
    Kind.LIMIT,
    (minutes(5, "minimum"), hours(1, "maximum")),
    "The range is for caches that have no target of their own: names are kept for 30 seconds, sessions for 24 hours.",
    sli=Sli(_OLDEST, maximum(select(_OLDEST).query), Comparison.AT_MOST, "maximum"),
    enforced_by=(Limit("app.infra.cache.caches:Caches.add"),),
    alert="CacheOutOfBounds",
    panel=CACHE_AGE,
    test=f"{_TESTS}::test_a_cache_keeps_an_entry_for_5_minutes_to_an_hour_unless_a_target_of_its_own_says_otherwise",
)
CACHE_INVALIDATION = Target(
    "cache_optimization.application_caches.cache_invalidation",
    "A change's event drops the cached entries that it made wrong.",
    Kind.CAPABILITY,
    test=f"{_TESTS}::test_a_change_drops_the_names_of_its_cluster_and_no_others",
)
