"""Every metric, declared once.

Instruments are constructed from these declarations, and rules, panels and SLIs take their names from them. A metric's
service is the scrape job that Prometheus adds (`job`), its replica is `instance`; neither is a label here. Bucket
bounds at a latency target come from that target, so that an SLI counts a bucket and guesses nothing. This module
imports nothing but `slo` and the declaration's shape.
"""

from __future__ import annotations

from app.telemetry import exporter_catalogue, server_catalogue
from app.telemetry.metric import Metric, MetricKind
from slo.promises import AUDIT_LAG as AUDIT_LAG_PROMISE
from slo.promises import COLLECTION_PAUSE_S, NOTIFICATION, TRANSLATION
from slo.targets.cpu import ASYNC_PROCESSING
from slo.targets.requirements import API_ENDPOINTS, CHAT_INTERFACE, COMPLEX_OPERATIONS, SIMPLE_QUERIES
from slo.targets.scaling import NLP_CUSTOM_METRICS

GATEWAY = ("gateway",)
AUDIT = ("audit",)
NLP = ("nlp",)
SERVICES = ("gateway", "nlp", "audit")
STORES = ("gateway", "audit")
ALL = ("gateway", "nlp", "audit", "exporters")
CLUSTER_CALLERS = ("gateway", "exporters")


def _with(bounds: tuple[float, ...], *targets: float) -> tuple[float, ...]:
    return tuple(sorted({*bounds, *targets}))


LATENCY_BUCKETS = _with(
    (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 1.0, 5.0, 10.0, 30.0),
    CHAT_INTERFACE.named("duration").number,
    SIMPLE_QUERIES.named("duration").number,
    API_ENDPOINTS.named("duration").number,
    COMPLEX_OPERATIONS.named("duration").number,
)
FAST_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
QUERY_BUCKETS = _with(FAST_BUCKETS, SIMPLE_QUERIES.named("duration").number)
# A model takes seconds where the translator takes milliseconds.
TRANSLATION_BUCKETS = _with((*FAST_BUCKETS, 0.5, 2.5, 10.0, 20.0, 60.0), TRANSLATION.threshold_s)
AUDIT_LAG_BUCKETS = _with(
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 2.5, 10.0, 60.0, 3600.0), AUDIT_LAG_PROMISE.threshold_s
)
NOTIFICATION_BUCKETS = _with((1.0, 2.0, 5.0, 10.0, 15.0, 60.0, 120.0, 300.0), NOTIFICATION.threshold_s)
LOOP_LAG_BUCKETS = _with((0.001, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0), ASYNC_PROCESSING.named("lag").number)
GC_BUCKETS = _with((0.0005, 0.001, 0.005, 0.01, 0.1, 0.5), COLLECTION_PAUSE_S.number)
STEP_BUCKETS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
BATCH_BUCKETS = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)


def _counter(name: str, help_: str, labels: tuple[str, ...] = (), jobs: tuple[str, ...] = ALL) -> Metric:
    return Metric(name, MetricKind.COUNTER, help_, labels, (), jobs)


def _gauge(name: str, help_: str, labels: tuple[str, ...] = (), jobs: tuple[str, ...] = ALL) -> Metric:
    return Metric(name, MetricKind.GAUGE, help_, labels, (), jobs)


def _histogram(
    name: str,
    help_: str,
    labels: tuple[str, ...] = (),
    buckets: tuple[float, ...] = LATENCY_BUCKETS,
    jobs: tuple[str, ...] = ALL,
) -> Metric:
    return Metric(name, MetricKind.HISTOGRAM, help_, labels, buckets, jobs)


# --- HTTP, every service ----------------------------------------------------------------------------------------------
HTTP_REQUESTS = _counter(
    "kubechat_http_requests_total",
    "HTTP requests answered.",
    ("method", "route", "status", "operation_class"),
    SERVICES,
)
HTTP_REQUEST_DURATION = _histogram(
    "kubechat_http_request_duration_seconds",
    "Time from a request's first byte to the last byte of its answer.",
    ("method", "route", "operation_class"),
    jobs=SERVICES,
)
HTTP_REQUESTS_IN_FLIGHT = _gauge("kubechat_http_requests_in_flight", "HTTP requests being served now.", jobs=SERVICES)
ERRORS = _counter(
    "kubechat_errors_total", "Errors that a caller was answered with, by machine code.", ("code",), SERVICES
)

# --- the process itself -----------------------------------------------------------------------------------------------
TRACE_SPANS = _counter(
    "kubechat_trace_spans_total",
    "Sampled spans by fate: ended, sent to the collector, failed because it did not take them.",
    ("outcome",),
    ALL,
)
BUILD_INFO = _gauge("kubechat_build_info", "1, with the version that runs.", ("version",))
EVENT_LOOP_LAG = _histogram(
    "kubechat_event_loop_lag_seconds", "How late the event loop woke a timer.", buckets=LOOP_LAG_BUCKETS
)
GC_PAUSE = _histogram("kubechat_gc_pause_seconds", "Duration of one garbage collection.", buckets=GC_BUCKETS)
GC_THRESHOLD = _gauge("kubechat_gc_threshold", "The interpreter's garbage-collection thresholds.", ("generation",))
MEMORY_RESIDENT = _gauge("kubechat_memory_resident_bytes", "Resident memory of the process.")
MEMORY_LIMIT = _gauge("kubechat_memory_limit_bytes", "Memory limit of the process, from its cgroup or its settings.")
HEAP_BUDGET = _gauge("kubechat_heap_budget_bytes", "Share of the memory limit that caches and buffers may fill.")
ALLOCATED_BLOCKS = _gauge("kubechat_allocated_blocks", "Memory blocks that the interpreter has allocated.")
HEAP = _gauge(
    "kubechat_heap_bytes",
    "Memory that the interpreter holds: small objects in its own arenas, and what it asked the C library for.",
    ("part",),
)
CONTAINER_MEMORY = _gauge(
    "kubechat_container_working_set_bytes",
    "Memory of the container, the control group of the process, that cannot be had back without swapping.",
)
CONTAINER_OOM_KILLS = _counter(
    "kubechat_container_oom_kills_total", "Processes of the container that the kernel ended for want of memory."
)
MEMORY_SHEDDING = _gauge(
    "kubechat_memory_shedding", "1 while new requests are refused because memory is near its limit."
)

LOG_BYTES = _counter("kubechat_log_bytes_total", "Bytes of log lines that were written.")
LOG_WRITE_DURATION = _histogram(
    "kubechat_log_write_seconds", "Time that writing one log line held the process.", buckets=FAST_BUCKETS
)
LOG_SAMPLED_OUT = _counter(
    "kubechat_log_sampled_out_total", "Log lines that were left out because too many said the same."
)
LOG_DROPPED = _counter("kubechat_log_dropped_total", "Log lines that could not be written.")

WORKER_SIZE = _gauge("kubechat_workers", "Threads for work that would hold the event loop.", jobs=SERVICES)
WORKER_PENDING = _gauge("kubechat_workers_pending", "Tasks on the worker threads and waiting for them.", jobs=SERVICES)
WORKER_WAIT = _histogram(
    "kubechat_worker_wait_seconds", "Time a task waited for a worker thread.", buckets=FAST_BUCKETS, jobs=SERVICES
)
WORKER_REFUSED = _counter("kubechat_worker_refused_total", "Tasks refused because the queue was full.", jobs=SERVICES)

# --- dependencies -----------------------------------------------------------------------------------------------------
DEPENDENCY_REQUESTS = _counter(
    "kubechat_dependency_requests_total", "Calls to another service or store.", ("dependency", "operation", "outcome")
)
DEPENDENCY_DURATION = _histogram(
    "kubechat_dependency_duration_seconds", "Time until a dependency answered.", ("dependency", "operation")
)
DEPENDENCY_BYTES = _counter(
    "kubechat_dependency_bytes_total",
    "Bytes of questions and answers between this process and a peer, transport and HTTP headers left out.",
    ("peer", "direction"),
)
ROUND_TRIP = _gauge(
    "kubechat_round_trip_seconds",
    "Longest round trip of the connections to a peer, as the kernel knows it; a pool's name for PostgreSQL.",
    ("peer",),
    STORES,
)
POOL_SIZE = _gauge("kubechat_pool_size", "Most connections that a pool opens.", ("pool",), STORES)
POOL_IN_USE = _gauge("kubechat_pool_in_use", "Connections of a pool in use now.", ("pool",), STORES)
POOL_WAIT = _histogram(
    "kubechat_pool_wait_seconds", "Time a caller waited for a connection of a pool.", ("pool",), FAST_BUCKETS, STORES
)
POOL_OPENED = _counter("kubechat_pool_connections_opened_total", "Connections that a pool opened.", ("pool",), STORES)
POOL_CLOSED = _counter(
    "kubechat_pool_connections_closed_total",
    "Connections that a pool closed: idle for too long, past their lifetime, broken, or cut for want of an answer.",
    ("pool", "reason"),
    STORES,
)
POOL_CHECKS = _counter(
    "kubechat_pool_checks_total",
    "Connections that had idled and were tried before they were handed out.",
    ("pool", "result"),
    STORES,
)
POSTGRES_PLANNED_ONCE = _gauge(
    "kubechat_postgres_planned_once",
    "1 for what keeps the plans of a pool's queries: prepared_statements, functions or nothing.",
    ("pool", "by"),
    STORES,
)
POSTGRES_READS = _counter(
    "kubechat_postgres_reads_total",
    "Reads that replicas may answer, by who did and why: its turn, own writes, none fit, those that were tried failed.",
    ("database", "reason"),
    GATEWAY,
)
REPLICA_IN_ROTATION = _gauge(
    "kubechat_postgres_replica_in_rotation", "1 while reads go to this replica.", ("database",), GATEWAY
)
REPLICA_LAG = _gauge(
    "kubechat_postgres_replica_lag_seconds",
    "How far a replica is behind the primary, as it was seen last.",
    ("database",),
    GATEWAY,
)
POSTGRES_SLOW_QUERIES = _counter(
    "kubechat_postgres_slow_queries_total",
    "Named queries that took half of what the simplest question may take, or longer.",
    ("query",),
    STORES,
)
POSTGRES_QUERY_DURATION = _histogram(
    "kubechat_postgres_query_duration_seconds", "Time of one named query.", ("query",), QUERY_BUCKETS, STORES
)
POSTGRES_QUERY_ERRORS = _counter(
    "kubechat_postgres_query_errors_total", "Named queries that failed.", ("query", "fault"), STORES
)

REDIS_PIPELINE_COMMANDS = _histogram(
    "kubechat_redis_pipeline_commands",
    "Commands that went to a Redis node in one write.",
    buckets=BATCH_BUCKETS,
    jobs=GATEWAY,
)
REDIS_NODES_AVOIDED = _gauge(
    "kubechat_redis_nodes_avoided",
    "Redis masters that are not asked because they did not answer.",
    jobs=GATEWAY,
)

# --- caches -----------------------------------------------------------------------------------------------------------
CACHE_LOOKUPS = _counter("kubechat_cache_lookups_total", "Look-ups in a cache.", ("cache", "result"), SERVICES)
CACHE_ENTRIES = _gauge("kubechat_cache_entries", "Entries that a cache in memory holds.", ("cache",), SERVICES)
CACHE_BYTES = _gauge(
    "kubechat_cache_bytes", "About what the entries of a cache in memory occupy.", ("cache",), SERVICES
)
CACHE_OBJECTS = _gauge(
    "kubechat_cache_objects",
    "Kubernetes objects that the entries of a cache in memory hold; those of all clusters count together.",
    ("cache",),
    GATEWAY,
)
CACHE_OLDEST = _gauge(
    "kubechat_cache_oldest_entry_age_seconds",
    "Age of the entry that expires next: since it was made, or since its last use where that prolongs it.",
    ("cache",),
    SERVICES,
)
CACHE_EVICTIONS = _counter(
    "kubechat_cache_evictions_total",
    "Entries that a cache in memory let go: for room, at their end, made wrong by a change, or larger than all caches.",
    ("cache", "reason"),
    SERVICES,
)
CACHE_LOAD_DURATION = _histogram(
    "kubechat_cache_load_seconds", "Time to compute a value for a cache.", ("cache",), jobs=SERVICES
)
CACHE_REFRESHES = _counter(
    "kubechat_cache_refreshes_total", "Entries computed anew before their end.", ("cache", "outcome"), SERVICES
)
CACHE_WARMED = _counter(
    "kubechat_cache_warmed_total",
    "Entries loaded before they were asked for, and how many of them were asked for then.",
    ("cache", "event"),
    SERVICES,
)
CACHE_WARMING = _gauge(
    "kubechat_cache_warming",
    "1 while what is asked for most is loaded ahead, 0 while too little of it was used.",
    jobs=GATEWAY,
)
CACHE_REMOVALS = _counter(
    "kubechat_cache_removals_total",
    "Entries of a cache in Redis that had to go; failed: Redis did not answer, and may have them still.",
    ("cache", "outcome"),
    GATEWAY,
)
CACHE_INVALIDATIONS = _counter(
    "kubechat_cache_invalidations_total",
    "Events that made cached entries wrong, by where they came from; missed ones drop everything.",
    ("source",),
    GATEWAY,
)

# --- gateway ----------------------------------------------------------------------------------------------------------
SESSIONS_ACTIVE = _gauge("kubechat_sessions_active", "People with a live sign-in session.", jobs=GATEWAY)
CHAT_SESSIONS_ACTIVE = _gauge("kubechat_chat_sessions_active", "Chat sessions in status active.", jobs=GATEWAY)
SIGN_INS = _counter("kubechat_sign_ins_total", "Attempts to sign in.", ("result",), GATEWAY)
SIGN_IN_DURATION = _histogram("kubechat_password_check_seconds", "Time to check one password.", jobs=GATEWAY)
WEBSOCKETS = _gauge("kubechat_websockets", "Open WebSockets.", jobs=GATEWAY)
WEBSOCKETS_REFUSED = _counter(
    "kubechat_websockets_refused_total", "WebSocket handshakes refused.", ("reason",), GATEWAY
)
WEBSOCKET_MESSAGES = _counter(
    "kubechat_websocket_messages_total", "WebSocket messages by type.", ("direction", "type"), GATEWAY
)
STREAMS = _gauge("kubechat_streams", "Outputs that are followed at the moment.", jobs=GATEWAY)
STREAMS_LIMIT = _gauge("kubechat_streams_limit", "Outputs that may be followed at once on this replica.", jobs=GATEWAY)
STREAMS_ENDED = _counter(
    "kubechat_streams_ended_total", "Outputs that were followed, by why that ended.", ("verb", "reason"), GATEWAY
)
LIVE_TABLES = _gauge("kubechat_live_tables", "Tables in open chats that are kept current.", jobs=GATEWAY)
LIVE_TABLES_LIMIT = _gauge(
    "kubechat_live_tables_limit", "Tables that may be kept current at once on this replica.", jobs=GATEWAY
)
LIVE_TABLES_ENDED = _counter(
    "kubechat_live_tables_ended_total", "Tables that were kept current, by why that ended.", ("reason",), GATEWAY
)
LIVE_TABLE_ROWS = _histogram(
    "kubechat_live_table_rows", "Rows that one update of a table changed.", buckets=BATCH_BUCKETS, jobs=GATEWAY
)
TURNS = _counter(
    "kubechat_turns_total", "Chat turns by operation class and outcome.", ("operation_class", "outcome"), GATEWAY
)
QUESTIONS = _counter(
    "kubechat_questions_total",
    "Questions that no cluster answers, by topic (alerts, budgets, metrics, audit) and outcome (answered, failed).",
    ("topic", "outcome"),
    GATEWAY,
)
TURN_DURATION = _histogram(
    "kubechat_turn_duration_seconds",
    "Time from a message's arrival to its last event.",
    ("operation_class",),
    jobs=GATEWAY,
)
TURN_CLUSTER_DURATION = _histogram(
    "kubechat_turn_cluster_seconds",
    "Time of a turn that was spent waiting for Kubernetes APIs.",
    ("operation_class",),
    jobs=GATEWAY,
)
WEB_LOAD_DURATION = _histogram(
    "kubechat_web_load_seconds",
    "Time from navigation until the web chat was painted and its composer usable, as browsers measured it.",
    ("cache",),
    jobs=GATEWAY,
)
COMMANDS = _counter("kubechat_commands_total", "Commands executed on clusters.", ("verb", "risk", "outcome"), GATEWAY)
COMMAND_DURATION = _histogram(
    "kubechat_command_duration_seconds", "Time to execute one command.", ("verb",), jobs=GATEWAY
)
DIAGNOSIS_CAUSES = _counter(
    "kubechat_diagnosis_causes_total",
    "Causes that diagnoses named, by the analyzer that found them.",
    ("analyzer",),
    GATEWAY,
)
DIAGNOSIS_FAULTS = _counter(
    "kubechat_diagnosis_faults_total",
    "Objects that an analyzer could not read, by the analyzer.",
    ("analyzer",),
    GATEWAY,
)
PARSE_FAILURES = _counter(
    "kubechat_command_parse_failures_total", "Lines that did not parse, by error code.", ("code",), GATEWAY
)
PREVIEWS = _counter("kubechat_previews_total", "Previews shown, by risk.", ("risk",), GATEWAY)
CONFIRMATIONS = _counter("kubechat_confirmations_total", "Decisions on previews.", ("result",), GATEWAY)
CHANGES = _counter("kubechat_changes_total", "Changes by their final state.", ("state",), GATEWAY)
FAN_OUT_CLUSTERS = _counter(
    "kubechat_fan_out_clusters_total",
    "Clusters that were asked by questions to several at once, by what became of it.",
    ("outcome",),
    GATEWAY,
)
CLUSTERS = _gauge("kubechat_clusters", "Clusters that this replica knows.", jobs=GATEWAY)
CLUSTER_BREAKER_OPEN = _gauge(
    "kubechat_cluster_breaker_open",
    "1 while requests to a cluster are refused before they are sent, since it has not answered.",
    ("cluster",),
    GATEWAY,
)
CLUSTER_BREAKER_REFUSALS = _counter(
    "kubechat_cluster_breaker_refusals_total",
    "Requests to a cluster that its breaker refused.",
    ("cluster",),
    GATEWAY,
)
CLUSTER_REPLACEMENTS = _counter(
    "kubechat_cluster_replacements_total",
    "How often a cluster was found to be another one of the same name.",
    ("cluster",),
    GATEWAY,
)
KUBERNETES_REQUESTS = _counter(
    "kubechat_kubernetes_requests_total", "Requests to Kubernetes APIs.", ("cluster", "verb", "status"), CLUSTER_CALLERS
)
KUBERNETES_REQUEST_DURATION = _histogram(
    "kubechat_kubernetes_request_duration_seconds",
    "Time until a Kubernetes API answered.",
    ("cluster", "verb"),
    jobs=CLUSTER_CALLERS,
)
KUBERNETES_WATCHES = _gauge(
    "kubechat_kubernetes_watches",
    "Types of objects that are watched to drop kept answers, by state: watching, waiting for their cluster, forbidden "
    "to KubeChat's own account.",
    ("state",),
    GATEWAY,
)
KUBERNETES_WATCHES_LIMIT = _gauge(
    "kubechat_kubernetes_watches_limit", "Most types of objects that a replica watches.", jobs=GATEWAY
)
KUBERNETES_WATCH_EVENTS = _counter(
    "kubechat_kubernetes_watch_events_total",
    "What watches told, by what came of it: applied, bookmark, or ignored as stale, unexpected, unreadable.",
    ("cluster", "outcome"),
    GATEWAY,
)
KUBERNETES_WATCH_STARTS = _counter(
    "kubechat_kubernetes_watch_starts_total",
    "Watches begun, by why: new, or because the one before ended, expired, was silent, failed, was forbidden.",
    ("cluster", "reason"),
    GATEWAY,
)
KUBERNETES_BATCH_ITEMS = _histogram(
    "kubechat_kubernetes_batch_items",
    "What went together: events of a watch that were applied at once, names that became one list.",
    ("of",),
    BATCH_BUCKETS,
    GATEWAY,
)
POLICY_REFUSALS = _counter(
    "kubechat_policy_refusals_total",
    "Requests that KubeChat's own policy refused before anything was sent, by reason.",
    ("reason",),
    GATEWAY,
)
APPROVALS = _counter(
    "kubechat_approvals_total",
    "Plans that demanded a second person's approval, by what became of that: a decision, a try that was refused, or "
    "none in time.",
    ("result",),
    GATEWAY,
)
APPROVALS_WAITING = _gauge(
    "kubechat_approvals_waiting", "Plans that wait for a second person's approval.", jobs=GATEWAY
)
JOBS_RUNNING = _gauge("kubechat_jobs_running", "Jobs that this replica carries out now.", jobs=GATEWAY)
JOB_STEPS = _counter(
    "kubechat_job_steps_total",
    "Requests of jobs by what became of them; refused_for_now is a cluster's 429, after which another one follows.",
    ("outcome",),
    GATEWAY,
)
JOB_OLDEST_AGE = _gauge(
    "kubechat_job_oldest_age_seconds", "For how long the oldest job has been under way, on any replica.", jobs=GATEWAY
)
MODEL_TURNS = _counter(
    "kubechat_model_turns_total",
    "Turns in which a language model was asked: answered, proposed, asked, failed, over_limit, stopped.",
    ("outcome",),
    GATEWAY,
)
MODEL_STEPS = _histogram(
    "kubechat_model_turn_reads", "Rounds of reads that a language model had in one turn.", (), STEP_BUCKETS, GATEWAY
)
NLP_AVAILABLE = _gauge("kubechat_language_available", "1 while the language service answers the gateway.", jobs=GATEWAY)
ALERT_DELIVERIES = _counter(
    "kubechat_alert_deliveries_total", "Alerts received from Alertmanager.", ("result",), GATEWAY
)
ALERTS_FIRING = _gauge("kubechat_alerts_firing", "Alerts that the gateway holds as firing.", jobs=GATEWAY)
NOTIFICATION_DELAY = _histogram(
    "kubechat_notification_delay_seconds",
    "Time from an alert's start to its card being sent to browsers.",
    buckets=NOTIFICATION_BUCKETS,
    jobs=GATEWAY,
)
MAINTENANCE_START = _gauge(
    "kubechat_maintenance_start_timestamp_seconds",
    "When the present or next planned maintenance begins; 0 without one.",
    jobs=GATEWAY,
)
MAINTENANCE_END = _gauge(
    "kubechat_maintenance_end_timestamp_seconds",
    "When the present or next planned maintenance ends; 0 without one.",
    jobs=GATEWAY,
)
DOWNTIME = _gauge(
    "kubechat_downtime_seconds",
    "Time of this calendar year (UTC) in which requests failed or nothing answered, weighed by events.",
    jobs=GATEWAY,
)
DOWNTIME_DAYS = _gauge("kubechat_downtime_days", "Days of this calendar year whose downtime is known.", jobs=GATEWAY)
AUDIT_SPOOL = _gauge(
    "kubechat_audit_spool_events", "Audit events of reads that wait for the audit service.", jobs=GATEWAY
)
AUDIT_SPOOL_DROPPED = _counter(
    "kubechat_audit_spool_dropped_total", "Audit events lost because the spool was full.", jobs=GATEWAY
)

TASK_RUNS = _counter(
    "kubechat_task_runs_total", "Runs of what is done again and again in the background.", ("task", "outcome"), STORES
)
TASK_DUE = _gauge(
    "kubechat_task_due_timestamp_seconds",
    "By when a background task has to have succeeded again.",
    ("task",),
    STORES,
)
INDEX_REBUILDS = _counter(
    "kubechat_index_rebuilds_total",
    "Rebuilds of a database's largest indexes that this replica made.",
    ("database", "outcome"),
    STORES,
)
INDEX_REBUILD_LAST_SUCCESS = _gauge(
    "kubechat_index_rebuild_last_success_timestamp_seconds",
    "When a database's largest indexes were last rebuilt, by whichever replica.",
    ("database",),
    STORES,
)
INDEX_REBUILD_DURATION = _gauge(
    "kubechat_index_rebuild_duration_seconds", "How long this replica's last rebuild took.", ("database",), STORES
)
INDEX_REBUILD_RUNNING = _gauge(
    "kubechat_index_rebuild_running", "1 while this replica rebuilds indexes.", ("database",), STORES
)

# --- nlp --------------------------------------------------------------------------------------------------------------
NLP_QUEUE_DEPTH = _gauge(NLP_CUSTOM_METRICS.figure.word, "Requests that wait for the translator.", jobs=NLP)
NLP_QUEUE_LIMIT = _gauge("kubechat_nlp_queue_limit", "Most requests that may wait for the translator.", jobs=NLP)
NLP_QUEUE_WAIT = _histogram(
    "kubechat_nlp_queue_wait_seconds", "Time a request waited for the translator.", buckets=FAST_BUCKETS, jobs=NLP
)
NLP_PLANS = _counter("kubechat_nlp_plans_total", "Plans made, by behaviour and backend.", ("behaviour", "backend"), NLP)
NLP_PROCESSING = _histogram(
    "kubechat_nlp_processing_seconds", "Time to make one plan.", ("backend",), TRANSLATION_BUCKETS, NLP
)
NLP_OLDEST_AGE = _gauge(
    "kubechat_nlp_oldest_request_age_seconds",
    "Age of the request that has waited longest for the translator.",
    jobs=NLP,
)
NLP_REFUSED = _counter(
    "kubechat_nlp_refused_total", "Requests not translated: queue full, displaced, deadline expired.", ("reason",), NLP
)
MODEL_FAILURES = _counter(
    "kubechat_model_failures_total", "Answers that a language model did not give, by reason.", ("reason",), NLP
)
MODEL_TOKENS = _counter(
    "kubechat_model_tokens_total", "Tokens that a language model read (prompt) and wrote (completion).", ("kind",), NLP
)
MODEL_CALLS = _counter(
    "kubechat_model_calls_total", "Tools that a language model called: read, propose, ask, or wrong.", ("tool",), NLP
)
MODEL_UNDER_WAY = _gauge("kubechat_model_answers_under_way", "Answers of a language model under way.", jobs=NLP)
MODEL_LIMIT = _gauge(
    "kubechat_model_answers_limit", "Most answers of a language model that may be under way.", jobs=NLP
)
MODEL_BREAKER_OPEN = _gauge(
    "kubechat_model_breaker_open", "1 while a language model that does not answer is left alone.", jobs=NLP
)
NLP_VOCABULARY_COMPILE = _histogram(
    "kubechat_nlp_vocabulary_compile_seconds", "Time to compile one vocabulary.", (), FAST_BUCKETS, NLP
)

# --- audit ------------------------------------------------------------------------------------------------------------
AUDIT_EVENTS = _counter("kubechat_audit_events_total", "Audit events committed.", ("kind",), AUDIT)
AUDIT_DUPLICATES = _counter(
    "kubechat_audit_duplicates_total", "Audit events received again and stored once.", jobs=AUDIT
)
AUDIT_BATCH_SIZE = _histogram(
    "kubechat_audit_batch_events", "Events committed in one batch.", buckets=BATCH_BUCKETS, jobs=AUDIT
)
AUDIT_COMMIT_DURATION = _histogram(
    "kubechat_audit_commit_seconds", "Time to commit one batch.", buckets=FAST_BUCKETS, jobs=AUDIT
)
AUDIT_LAG = _histogram(
    "kubechat_audit_lag_seconds",
    "Time from an event until it was committed.",
    buckets=AUDIT_LAG_BUCKETS,
    jobs=AUDIT,
)
AUDIT_QUEUE_DEPTH = _gauge("kubechat_audit_queue_events", "Events that wait for the next batch.", jobs=AUDIT)
AUDIT_QUEUE_LIMIT = _gauge("kubechat_audit_queue_limit", "Most events that may wait for the next batch.", jobs=AUDIT)
AUDIT_REFUSED = _counter(
    "kubechat_audit_refused_total",
    "Records not taken, or not known to be stored: queue full, timeout.",
    ("reason",),
    AUDIT,
)
AUDIT_OPEN_INTENTS = _gauge(
    "kubechat_audit_open_intents", "Intents past their deadline without an outcome.", jobs=AUDIT
)

# --- the catalogue of promises ----------------------------------------------------------------------------------------
TARGET_FIGURE = _gauge(
    "kubechat_target_figure",
    "A promised figure of the architecture, in its unit; choices are left out.",
    ("target", "figure", "unit"),
    ("exporters",),
)
TARGETS = _gauge("kubechat_targets", "Promises of the architecture by their state.", ("state",), ("exporters",))


def metrics() -> dict[str, Metric]:
    """All declared metrics by name; ValueError when a name is declared twice."""
    found: dict[str, Metric] = {}
    for value in (*globals().values(), *vars(server_catalogue).values(), *vars(exporter_catalogue).values()):
        if isinstance(value, Metric):
            if value.name in found:
                raise ValueError(f"metric {value.name} is declared twice")
            found[value.name] = value
    return found
