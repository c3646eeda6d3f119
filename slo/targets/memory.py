"""How much memory everything may take.

Sections `memory_optimization` and `cache_optimization` of the architecture document. Data only: nothing here measures
or enforces. The document's MB and GB are read as MiB and GiB, which is what a container's limit is counted in.
"""

from __future__ import annotations

from slo.target import Kind, Target, choice, count, gibibytes, hours, mebibytes, minutes, percent

GARBAGE_COLLECTION = Target(
    "memory_optimization.go_services.garbage_collection",
    "Every process runs with the collector's default thresholds and measures its pauses.",
    Kind.SETTING,
    (count(100, "gogc"), choice("default", "thresholds")),
    "GOGC=100 is Go's default; CPython's default thresholds are the setting that corresponds to it.",
)
MEMORY_LIMIT = Target(
    "memory_optimization.go_services.memory_limit",
    "Every process is held to its memory limit by the kernel, or where that cannot be, by a watchdog of its own.",
    Kind.LIMIT,
)
HEAP_SIZE = Target(
    "memory_optimization.go_services.heap_size",
    "A process' caches and buffers admit nothing beyond 75 % of its memory limit.",
    Kind.LIMIT,
    (percent(75),),
)
GATEWAY_MEMORY = Target(
    "memory_optimization.container_memory.api_gateway",
    "A gateway replica asks for 256 MB and gets at most 512 MB.",
    Kind.LIMIT,
    (mebibytes(256, "request"), mebibytes(512, "limit")),
)
NLP_MEMORY = Target(
    "memory_optimization.container_memory.nlp_service",
    "A replica of the language service asks for 512 MB and gets at most 1 GB.",
    Kind.LIMIT,
    (mebibytes(512, "request"), gibibytes(1, "limit")),
)
AUDIT_MEMORY = Target(
    "memory_optimization.container_memory.audit_service",
    "A replica of the audit service asks for 256 MB and gets at most 512 MB.",
    Kind.LIMIT,
    (mebibytes(256, "request"), mebibytes(512, "limit")),
)
MEMORY_METRICS = Target(
    "memory_optimization.memory_monitoring.metrics",
    "Container memory and the heap of every process are measured.",
    Kind.CAPABILITY,
)
MEMORY_ALERT = Target(
    "memory_optimization.memory_monitoring.alerts",
    "Somebody is told when a process uses more than 85 % of its memory limit.",
    Kind.LIMIT,
    (percent(85),),
)
OOM_PROTECTION = Target(
    "memory_optimization.memory_monitoring.oom_protection",
    "At 90 % of its memory limit a process refuses new work rather than being killed.",
    Kind.CAPABILITY,
    (percent(90, "shed_above"),),
    "Above the alert at 85 %, so that somebody knows before people are refused.",
)

REDIS_MAX_MEMORY = Target(
    "cache_optimization.redis_memory.max_memory",
    "Redis' memory is a setting; 70 % of the node's memory limit unless the customer says otherwise.",
    Kind.SETTING,
    (percent(70, "share_of_limit"),),
    "The rest is for replication buffers, fragmentation and the copy that a snapshot makes.",
)
REDIS_EVICTION_POLICY = Target(
    "cache_optimization.redis_memory.eviction_policy",
    "Redis drops the keys that were used least recently.",
    Kind.SETTING,
    (choice("allkeys-lru"),),
)
REDIS_MEMORY_EFFICIENCY = Target(
    "cache_optimization.redis_memory.memory_efficiency",
    "Small records are hashes in Redis' compact encoding.",
    Kind.CAPABILITY,
    (choice("listpack", "encoding"),),
)
IN_MEMORY_CACHE = Target(
    "cache_optimization.application_caches.in_memory_cache",
    "All in-memory caches of a process together hold at most 100 MB.",
    Kind.LIMIT,
    (mebibytes(100),),
)
CACHE_TTL = Target(
    "cache_optimization.application_caches.cache_ttl",
    "A cache keeps an entry for 5 minutes to 1 hour, by what it holds.",
    Kind.LIMIT,
    (minutes(5, "minimum"), hours(1, "maximum")),
    "The range is for caches that have no target of their own.",
)
CACHE_INVALIDATION = Target(
    "cache_optimization.application_caches.cache_invalidation",
    "A change's event drops the cached entries that it made wrong.",
    Kind.CAPABILITY,
)
