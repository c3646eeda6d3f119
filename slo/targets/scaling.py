"""How many of what run, and when that changes.

Sections `service_scaling`, `scaling_policies` and `database_scaling` of the architecture document. Data only: nothing
here measures or enforces.
"""

from __future__ import annotations

from slo.target import Kind, Target, choice, count, gibibytes, percent, seconds

GATEWAY_SCALING_METRIC = Target(
    "service_scaling.api_gateway.scaling_metric",
    "The gateway scales on CPU and on requests per second.",
    Kind.SETTING,
    (choice("cpu", "resource"), choice("request_rate", "custom")),
)
GATEWAY_MIN_REPLICAS = Target(
    "service_scaling.api_gateway.min_replicas",
    "The gateway never has fewer than 2 replicas.",
    Kind.SETTING,
    (count(2),),
)
GATEWAY_MAX_REPLICAS = Target(
    "service_scaling.api_gateway.max_replicas",
    "The gateway never has more than 20 replicas.",
    Kind.SETTING,
    (count(20),),
)
GATEWAY_TARGET_CPU = Target(
    "service_scaling.api_gateway.target_cpu",
    "The gateway gets more replicas above 70 % of its CPU request.",
    Kind.SETTING,
    (percent(70),),
)
GATEWAY_TARGET_MEMORY = Target(
    "service_scaling.api_gateway.target_memory",
    "The gateway gets more replicas above 80 % of its memory limit.",
    Kind.SETTING,
    (percent(80),),
    "Of the limit, not of the request, so that it stands between the heap budget at 75 % and the alert at 85 %.",
)

NLP_SCALING_METRIC = Target(
    "service_scaling.nlp_service.scaling_metric",
    "The language service scales on its queue's depth and on processing time.",
    Kind.SETTING,
    (choice("queue_depth", "queue"), choice("processing_time", "latency")),
)
NLP_MIN_REPLICAS = Target(
    "service_scaling.nlp_service.min_replicas",
    "The language service has at least 1 replica.",
    Kind.SETTING,
    (count(1),),
)
NLP_MAX_REPLICAS = Target(
    "service_scaling.nlp_service.max_replicas",
    "The language service has at most 10 replicas.",
    Kind.SETTING,
    (count(10),),
)
NLP_TARGET_CPU = Target(
    "service_scaling.nlp_service.target_cpu",
    "The language service gets more replicas above 80 % of its CPU request.",
    Kind.SETTING,
    (percent(80),),
)
NLP_CUSTOM_METRICS = Target(
    "service_scaling.nlp_service.custom_metrics",
    "The queue's depth that the language service scales on is called nlp_queue_depth.",
    Kind.SETTING,
    (choice("nlp_queue_depth"),),
)

AUDIT_SCALING_METRIC = Target(
    "service_scaling.audit_service.scaling_metric",
    "The audit service scales on the events it takes per second.",
    Kind.SETTING,
    (choice("event_rate"),),
)
AUDIT_MIN_REPLICAS = Target(
    "service_scaling.audit_service.min_replicas",
    "The audit service has at least 2 replicas.",
    Kind.SETTING,
    (count(2),),
)
AUDIT_MAX_REPLICAS = Target(
    "service_scaling.audit_service.max_replicas", "The audit service has at most 8 replicas.", Kind.SETTING, (count(8),)
)
AUDIT_TARGET_CPU = Target(
    "service_scaling.audit_service.target_cpu",
    "The audit service gets more replicas above 75 % of its CPU request.",
    Kind.SETTING,
    (percent(75),),
)
AUDIT_CUSTOM_METRICS = Target(
    "service_scaling.audit_service.custom_metrics",
    "The rate that the audit service scales on is called audit_events_per_second.",
    Kind.SETTING,
    (choice("audit_events_per_second"),),
)

SCALE_UP_WINDOW = Target(
    "scaling_policies.scale_up.stabilization_window",
    "Replicas are added once the need has lasted 60 seconds.",
    Kind.SETTING,
    (seconds(60),),
)
SCALE_UP_INCREASE = Target(
    "scaling_policies.scale_up.max_replicas_increase",
    "In one minute the replicas are doubled, or 4 are added, whichever is more.",
    Kind.SETTING,
    (percent(100, "share"), count(4, "pods"), choice("Max", "select_policy"), seconds(60, "period")),
    '"100% or 4 pods" leaves the choice open: the quicker one, since load that rises is felt by people.',
)
SCALE_DOWN_WINDOW = Target(
    "scaling_policies.scale_down.stabilization_window",
    "Replicas are removed once they have not been needed for 300 seconds.",
    Kind.SETTING,
    (seconds(300),),
)
SCALE_DOWN_DECREASE = Target(
    "scaling_policies.scale_down.max_replicas_decrease",
    "In one minute half of the replicas are removed, or 2, whichever is less.",
    Kind.SETTING,
    (percent(50, "share"), count(2, "pods"), choice("Min", "select_policy"), seconds(60, "period")),
    '"50% or 2 pods" leaves the choice open: the slower one, since a spare replica costs less than a missing one.',
)

PRIMARY_REPLICA = Target(
    "database_scaling.postgresql.primary_replica",
    "PostgreSQL is one primary with streaming read replicas.",
    Kind.SETTING,
    (count(1, "primaries"),),
)
READ_REPLICAS = Target(
    "database_scaling.postgresql.read_replicas",
    "There are 2 to 8 read replicas, as the read load asks.",
    Kind.SETTING,
    (count(2, "minimum"), count(8, "maximum")),
)
POSTGRES_POOLER = Target(
    "database_scaling.postgresql.connection_pooling",
    "PgBouncer takes 100, 250 or 500 clients, by the size of the installation.",
    Kind.LIMIT,
    (choice("PgBouncer", "pooler"), count(100, "minimum"), count(250, "recommended"), count(500, "enterprise")),
    "The document gives the range 100 to 500; its three sizes take its ends and a figure between them.",
)
POSTGRES_WRITES = Target(
    "database_scaling.postgresql.read_write_split.writes",
    "Every write goes to the primary.",
    Kind.CAPABILITY,
    (choice("primary"),),
)
POSTGRES_READS = Target(
    "database_scaling.postgresql.read_write_split.reads",
    "Reads that may lag are spread over the read replicas.",
    Kind.CAPABILITY,
    (choice("replicas"),),
)
POSTGRES_SESSION_DATA = Target(
    "database_scaling.postgresql.read_write_split.session_data",
    "Sign-in sessions are read and written on the primary.",
    Kind.CAPABILITY,
    (choice("primary"),),
)

REDIS_CLUSTER_MODE = Target(
    "database_scaling.redis.cluster_mode",
    "Redis is a cluster of at least 6 nodes.",
    Kind.SETTING,
    (count(6, "nodes"),),
)
REDIS_MEMORY_SCALING = Target(
    "database_scaling.redis.memory_scaling",
    "A Redis node has 1 to 64 GB of memory; another size is refused.",
    Kind.SETTING,
    (gibibytes(1, "minimum"), gibibytes(64, "maximum")),
)
REDIS_PERSISTENCE = Target(
    "database_scaling.redis.persistence",
    "Redis writes an append-only file and snapshots.",
    Kind.SETTING,
    (choice("yes", "aof"), choice("yes", "rdb")),
)
SHARDING_SESSION_DATA = Target(
    "database_scaling.redis.sharding_strategy.session_data",
    "Cached sessions are spread over the nodes by the hash of their key.",
    Kind.CAPABILITY,
    (count(16_384, "slots"),),
    "Redis Cluster's hash slots stand for consistent hashing: a new node moves only the slots it takes over.",
)
SHARDING_CACHE_DATA = Target(
    "database_scaling.redis.sharding_strategy.cache_data",
    "Cached data makes room by dropping what was used least recently.",
    Kind.SETTING,
    (choice("allkeys-lru"),),
)
SHARDING_RATE_LIMITING = Target(
    "database_scaling.redis.sharding_strategy.rate_limiting",
    "Rate limits are counted in each replica's own memory.",
    Kind.CAPABILITY,
    (choice("local"),),
    "A replica's share is the limit divided by the ready replicas; sign-in lock-out is counted in PostgreSQL.",
)
