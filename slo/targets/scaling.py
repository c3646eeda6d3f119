"""How many of what run, and when that changes.

Sections `service_scaling`, `scaling_policies` and `database_scaling` of the architecture document. Data only: nothing
here measures or enforces.
"""

from __future__ import annotations

from slo import panels
from slo.promql import complement, select, total
from slo.reference import AlertRule, Comparison, Limit, Part, Planned, ServerSetting, Sli
from slo.target import Kind, Target, choice, count, gibibytes, percent, seconds

_TESTS = "tests/targets/test_scaling.py"
_AUTOSCALER = Planned(Part.DEPLOY, "There is no autoscaler before the manifests.")
_IN_RECOVERY = select("kubechat_postgresql_in_recovery").query  # 1 on a replica, 0 on a primary
_PRIMARIES = total(complement(_IN_RECOVERY))
_READ_REPLICAS = total(_IN_RECOVERY)
_POOLER_CLIENTS = total(select("kubechat_pgbouncer_client_connections").query)

GATEWAY_SCALING_METRIC = Target(
    "service_scaling.api_gateway.scaling_metric",
    "The gateway scales on CPU and on requests per second.",
    Kind.SETTING,
    (choice("cpu", "resource"), choice("request_rate", "custom")),
    planned=_AUTOSCALER,
)
GATEWAY_MIN_REPLICAS = Target(
    "service_scaling.api_gateway.min_replicas",
    "The gateway never has fewer than 2 replicas.",
    Kind.SETTING,
    (count(2),),
    enforced_by=(Limit("app.stack.settings:Options"),),
    test=f"{_TESTS}::test_the_gateway_starts_with_two_replicas",
    planned=Planned(
        Part.DEPLOY,
        "The local stack starts two, or one where a person asks; the autoscaler's lower bound comes with that part.",
    ),
)
GATEWAY_MAX_REPLICAS = Target(
    "service_scaling.api_gateway.max_replicas",
    "The gateway never has more than 20 replicas.",
    Kind.SETTING,
    (count(20),),
    enforced_by=(Limit("app.stack.settings:Options"),),
    test=f"{_TESTS}::test_a_twenty_first_replica_of_the_gateway_is_refused",
)
GATEWAY_TARGET_CPU = Target(
    "service_scaling.api_gateway.target_cpu",
    "The gateway gets more replicas above 70 % of its CPU request.",
    Kind.SETTING,
    (percent(70),),
    planned=_AUTOSCALER,
)
GATEWAY_TARGET_MEMORY = Target(
    "service_scaling.api_gateway.target_memory",
    "The gateway gets more replicas above 80 % of its memory limit.",
    Kind.SETTING,
    (percent(80),),
    "Of the limit, not of the request, so that it stands between the heap budget at 75 % and the alert at 85 %.",
    planned=_AUTOSCALER,
)

NLP_SCALING_METRIC = Target(
    "service_scaling.nlp_service.scaling_metric",
    "The language service scales on its queue's depth and on processing time.",
    Kind.SETTING,
    (choice("queue_depth", "queue"), choice("processing_time", "latency")),
    planned=_AUTOSCALER,
)
NLP_MIN_REPLICAS = Target(
    "service_scaling.nlp_service.min_replicas",
    "The language service has at least 1 replica.",
    Kind.SETTING,
    (count(1),),
    enforced_by=(Limit("app.stack.settings:StackSettings"),),
    test=f"{_TESTS}::test_the_language_service_has_one_replica_and_never_none",
)
NLP_MAX_REPLICAS = Target(
    "service_scaling.nlp_service.max_replicas",
    "The language service has at most 10 replicas.",
    Kind.SETTING,
    (count(10),),
    enforced_by=(Limit("app.stack.settings:StackSettings"),),
    test=f"{_TESTS}::test_an_eleventh_replica_of_the_language_service_is_refused",
)
NLP_TARGET_CPU = Target(
    "service_scaling.nlp_service.target_cpu",
    "The language service gets more replicas above 80 % of its CPU request.",
    Kind.SETTING,
    (percent(80),),
    planned=_AUTOSCALER,
)
NLP_CUSTOM_METRICS = Target(
    "service_scaling.nlp_service.custom_metrics",
    "The queue's depth that the language service scales on is called nlp_queue_depth.",
    Kind.SETTING,
    (choice("nlp_queue_depth"),),
    test=f"{_TESTS}::test_requests_that_wait_for_the_translator_are_counted_as_nlp_queue_depth",
    planned=Planned(Part.DEPLOY, "The metric is there; the autoscaler that reads it comes with that part."),
)

AUDIT_SCALING_METRIC = Target(
    "service_scaling.audit_service.scaling_metric",
    "The audit service scales on the events it takes per second.",
    Kind.SETTING,
    (choice("event_rate"),),
    planned=_AUTOSCALER,
)
AUDIT_MIN_REPLICAS = Target(
    "service_scaling.audit_service.min_replicas",
    "The audit service has at least 2 replicas.",
    Kind.SETTING,
    (count(2),),
    planned=Planned(
        Part.DEPLOY,
        "One machine fails as a whole, so its stack starts one; the autoscaler's lower bound comes with that part.",
    ),
)
AUDIT_MAX_REPLICAS = Target(
    "service_scaling.audit_service.max_replicas",
    "The audit service has at most 8 replicas.",
    Kind.SETTING,
    (count(8),),
    enforced_by=(Limit("app.stack.settings:StackSettings"),),
    test=f"{_TESTS}::test_a_ninth_replica_of_the_audit_service_is_refused",
)
AUDIT_TARGET_CPU = Target(
    "service_scaling.audit_service.target_cpu",
    "The audit service gets more replicas above 75 % of its CPU request.",
    Kind.SETTING,
    (percent(75),),
    planned=_AUTOSCALER,
)
AUDIT_CUSTOM_METRICS = Target(
    "service_scaling.audit_service.custom_metrics",
    "The rate that the audit service scales on is called audit_events_per_second.",
    Kind.SETTING,
    (choice("audit_events_per_second"),),
    planned=Planned(
        Part.DEPLOY,
        "Events are counted; the adapter that makes a rate of this name from the counter comes with that part.",
    ),
)

SCALE_UP_WINDOW = Target(
    "scaling_policies.scale_up.stabilization_window",
    "Replicas are added once the need has lasted 60 seconds.",
    Kind.SETTING,
    (seconds(60),),
    planned=_AUTOSCALER,
)
SCALE_UP_INCREASE = Target(
    "scaling_policies.scale_up.max_replicas_increase",
    "In one minute the replicas are doubled, or 4 are added, whichever is more.",
    Kind.SETTING,
    (percent(100, "share"), count(4, "pods"), choice("Max", "select_policy"), seconds(60, "period")),
    '"100% or 4 pods" leaves the choice open: the quicker one, since load that rises is felt by people.',
    planned=_AUTOSCALER,
)
SCALE_DOWN_WINDOW = Target(
    "scaling_policies.scale_down.stabilization_window",
    "Replicas are removed once they have not been needed for 300 seconds.",
    Kind.SETTING,
    (seconds(300),),
    planned=_AUTOSCALER,
)
SCALE_DOWN_DECREASE = Target(
    "scaling_policies.scale_down.max_replicas_decrease",
    "In one minute half of the replicas are removed, or 2, whichever is less.",
    Kind.SETTING,
    (percent(50, "share"), count(2, "pods"), choice("Min", "select_policy"), seconds(60, "period")),
    '"50% or 2 pods" leaves the choice open: the slower one, since a spare replica costs less than a missing one.',
    planned=_AUTOSCALER,
)

PRIMARY_REPLICA = Target(
    "database_scaling.postgresql.primary_replica",
    "PostgreSQL is one primary with streaming read replicas.",
    Kind.SETTING,
    (count(1, "primaries"),),
    sli=Sli("kubechat_postgresql_in_recovery", _PRIMARIES, Comparison.EQUAL, "primaries"),
    enforced_by=(ServerSetting("postgresql", "primary_conninfo"),),
    test=f"{_TESTS}::test_every_server_but_one_streams_from_that_one",
)
READ_REPLICAS = Target(
    "database_scaling.postgresql.read_replicas",
    "There are 2 to 8 read replicas, as the read load asks.",
    Kind.SETTING,
    (count(2, "minimum"), count(8, "maximum")),
    sli=Sli("kubechat_postgresql_in_recovery", _READ_REPLICAS, Comparison.AT_LEAST, "minimum"),
    enforced_by=(Limit("app.stack.settings:Options"), AlertRule("ReadReplicasWanted")),
    alert="ReadReplicasWanted",
    panel=panels.READ_REPLICAS,
    test=f"{_TESTS}::test_one_read_replica_is_refused_and_so_are_nine",
    planned=Planned(
        Part.DEPLOY,
        "A rule says how many the read load asks for, and a ticket that others run; the autoscaler that follows it "
        "comes with that part.",
    ),
)
POSTGRES_POOLER = Target(
    "database_scaling.postgresql.connection_pooling",
    "PgBouncer takes 100, 250 or 500 clients, by the size of the installation.",
    Kind.LIMIT,
    (choice("PgBouncer", "pooler"), count(100, "minimum"), count(250, "recommended"), count(500, "enterprise")),
    "The document gives the range 100 to 500; its three sizes take its ends and a figure between them.",
    sli=Sli("kubechat_pgbouncer_client_connections", _POOLER_CLIENTS, Comparison.AT_MOST, "enterprise"),
    enforced_by=(ServerSetting("pgbouncer", "max_client_conn"),),
    test=f"{_TESTS}::test_the_pooler_takes_500_clients",
    planned=Planned(
        Part.DEPLOY,
        "Every installation takes 500; the three sizes come with that part, alert and panel with the dashboards.",
    ),
)
POSTGRES_WRITES = Target(
    "database_scaling.postgresql.read_write_split.writes",
    "Every write goes to the primary.",
    Kind.CAPABILITY,
    (choice("primary"),),
    test=f"{_TESTS}::test_what_the_services_write_to_leads_to_the_primary",
)
POSTGRES_READS = Target(
    "database_scaling.postgresql.read_write_split.reads",
    "Reads that may lag are spread over the read replicas.",
    Kind.CAPABILITY,
    (choice("replicas"),),
    "Pages of a conversation, lists and counts; what a person has just written is never missing in them.",
    test=f"{_TESTS}::test_reads_that_may_lag_are_answered_by_the_read_replicas",
)
POSTGRES_SESSION_DATA = Target(
    "database_scaling.postgresql.read_write_split.session_data",
    "Sign-in sessions are read and written on the primary.",
    Kind.CAPABILITY,
    (choice("primary"),),
    test=f"{_TESTS}::test_sign_in_sessions_are_written_read_and_ended_on_the_primary",
)

REDIS_CLUSTER_MODE = Target(
    "database_scaling.redis.cluster_mode",
    "Redis is a cluster of at least 6 nodes.",
    Kind.SETTING,
    (count(6, "nodes"),),
    sli=Sli("kubechat_redis_up", total(select("kubechat_redis_up").query), Comparison.AT_LEAST, "nodes"),
    enforced_by=(
        Limit("app.stack.servers.redis:NODES"),
        ServerSetting("redis", "cluster-enabled"),
    ),
    test=f"{_TESTS}::test_redis_is_six_nodes_of_one_cluster",
)
REDIS_MEMORY_SCALING = Target(
    "database_scaling.redis.memory_scaling",
    "A Redis node has 1 to 64 GB of memory; another size is refused.",
    Kind.SETTING,
    (gibibytes(1, "minimum"), gibibytes(64, "maximum")),
    enforced_by=(Limit("app.stack.settings:StackSettings"),),
    test=f"{_TESTS}::test_a_redis_node_has_1_to_64_gigabytes",
)
REDIS_PERSISTENCE = Target(
    "database_scaling.redis.persistence",
    "Redis writes an append-only file and snapshots.",
    Kind.SETTING,
    (choice("yes", "aof"), choice("yes", "rdb")),
    enforced_by=(
        ServerSetting("redis", "appendonly"),
        ServerSetting("redis", "save"),
    ),
    alert="SettingsDrift",
    panel=panels.SETTINGS_DRIFT,
    test=f"{_TESTS}::test_redis_writes_an_append_only_file_and_snapshots",
)
SHARDING_SESSION_DATA = Target(
    "database_scaling.redis.sharding_strategy.session_data",
    "Cached sessions are spread over the nodes by the hash of their key.",
    Kind.CAPABILITY,
    (count(16_384, "slots"),),
    "Redis Cluster's hash slots stand for consistent hashing: a new node moves only the slots it takes over.",
    test=f"{_TESTS}::test_cached_sessions_are_spread_over_all_masters_by_the_hash_of_their_key",
)
SHARDING_CACHE_DATA = Target(
    "database_scaling.redis.sharding_strategy.cache_data",
    "Cached data makes room by dropping what was used least recently.",
    Kind.SETTING,
    (choice("allkeys-lru"),),
    enforced_by=(ServerSetting("redis", "maxmemory-policy"),),
    alert="SettingsDrift",
    panel=panels.SETTINGS_DRIFT,
    test=f"{_TESTS}::test_cached_data_makes_room_by_dropping_what_was_used_least_recently",
)
SHARDING_RATE_LIMITING = Target(
    "database_scaling.redis.sharding_strategy.rate_limiting",
    "Rate limits are counted in each replica's own memory.",
    Kind.CAPABILITY,
    (choice("local"),),
    "A replica's share is the limit divided by the ready replicas; sign-in lock-out is counted in PostgreSQL.",
    planned=Planned(Part.GATEWAY, "There are no rate limits yet."),
)
