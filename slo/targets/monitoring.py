"""What is measured and what is shown.

Sections `performance_metrics` and `grafana_dashboards` of the architecture document. Data only: the metrics are
declared in the metric catalogue and the panels are built by the dashboards, which take their titles from here.
"""

from __future__ import annotations

from slo import panels
from slo.reference import Part, Planned
from slo.target import Kind, Target, choice, percentile

_TESTS = "tests/targets/test_monitoring.py"

RESPONSE_TIME = Target(
    "performance_metrics.application_metrics.response_time",
    "The duration of every request is observed in a histogram.",
    Kind.CAPABILITY,
    panel=panels.SERVICE_RESPONSE_TIMES,
    test=f"{_TESTS}::test_the_duration_of_every_request_is_observed_in_a_histogram",
)
THROUGHPUT = Target(
    "performance_metrics.application_metrics.throughput",
    "Requests are counted, and shown per second.",
    Kind.CAPABILITY,
    panel=panels.REQUEST_THROUGHPUT,
    test=f"{_TESTS}::test_requests_are_counted_and_shown_per_second",
)
ERROR_RATE = Target(
    "performance_metrics.application_metrics.error_rate",
    "Failed requests are told apart by their status.",
    Kind.CAPABILITY,
    panel=panels.ERROR_RATES,
    test=f"{_TESTS}::test_failed_requests_are_told_apart_by_their_status",
)
CONCURRENT_USERS = Target(
    "performance_metrics.application_metrics.concurrent_users",
    "The number of active sessions is a gauge.",
    Kind.CAPABILITY,
    panel=panels.ACTIVE_USER_SESSIONS,
    test=f"{_TESTS}::test_the_number_of_people_with_a_session_is_a_gauge",
)
CPU_UTILIZATION = Target(
    "performance_metrics.infrastructure_metrics.cpu_utilization",
    "The CPU time of every service is measured.",
    Kind.CAPABILITY,
    test=f"{_TESTS}::test_every_process_tells_its_cpu_time",
)
MEMORY_USAGE = Target(
    "performance_metrics.infrastructure_metrics.memory_usage",
    "Heap and container memory of every service are measured.",
    Kind.CAPABILITY,
    panel=panels.CPU_AND_MEMORY,
    test=f"{_TESTS}::test_every_process_tells_its_heap_and_its_container",
)
DISK_IO = Target(
    "performance_metrics.infrastructure_metrics.disk_io",
    "Reads and writes of databases and log files are measured.",
    Kind.CAPABILITY,
    panel=panels.STORAGE_IO,
    test=f"{_TESTS}::test_reads_and_writes_are_told_by_what_is_on_the_device_and_log_lines_by_their_bytes",
)
NETWORK_IO = Target(
    "performance_metrics.infrastructure_metrics.network_io",
    "Bytes between services are counted by who sends them to whom.",
    Kind.CAPABILITY,
    panel=panels.BYTES_BY_PEER,
    test=f"{_TESTS}::test_every_client_counts_the_bytes_that_it_sends_and_receives_by_its_peer",
)
COMMAND_EXECUTION_RATE = Target(
    "performance_metrics.business_metrics.command_execution_rate",
    "Kubectl commands are shown per minute.",
    Kind.CAPABILITY,
    panel=panels.COMMANDS_PER_MINUTE,
    alert="CommandsStopped",
    test=f"{_TESTS}::test_commands_are_shown_per_minute",
)
SESSION_DURATION = Target(
    "performance_metrics.business_metrics.session_duration",
    "The average length of a session is shown.",
    Kind.CAPABILITY,
    planned=Planned(Part.GATEWAY, "No histogram is observed when a session ends."),
)
NLP_PROCESSING_TIME = Target(
    "performance_metrics.business_metrics.nlp_processing_time",
    "The time from words to plan is observed, by what answered.",
    Kind.CAPABILITY,
    test=f"{_TESTS}::test_the_time_from_words_to_plan_is_observed_by_what_answered",
)
AUDIT_EVENT_VOLUME = Target(
    "performance_metrics.business_metrics.audit_event_volume",
    "Audit events are shown per hour.",
    Kind.CAPABILITY,
    panel=panels.AUDIT_EVENTS_PER_HOUR,
    alert="AuditEventsStopped",
    test=f"{_TESTS}::test_audit_events_are_shown_per_hour",
)

SERVICE_RESPONSE_TIMES = Target(
    "grafana_dashboards.system_overview.panels.0",
    "The overview shows how long each service takes to answer: median, 95th and 99th percentile.",
    Kind.PANEL,
    (
        choice("Service response times (p50, p95, p99)", "title"),
        percentile(0.5, "p50"),
        percentile(0.95, "p95"),
        percentile(0.99, "p99"),
    ),
    panel=panels.SERVICE_RESPONSE_TIMES,
    test=f"{_TESTS}::test_the_overview_shows_the_median_and_two_high_percentiles_of_each_services_time",
)
REQUEST_THROUGHPUT = Target(
    "grafana_dashboards.system_overview.panels.1",
    "The overview shows the requests per second of each service.",
    Kind.PANEL,
    (choice("Request throughput by service", "title"),),
    panel=panels.REQUEST_THROUGHPUT,
    test=f"{_TESTS}::test_the_overview_shows_the_requests_per_second_of_each_service",
)
ERROR_RATES = Target(
    "grafana_dashboards.system_overview.panels.2",
    "The overview shows the share of failed requests, and their statuses.",
    Kind.PANEL,
    (choice("Error rates and status codes", "title"),),
    panel=panels.ERROR_RATES,
    test=f"{_TESTS}::test_the_overview_shows_the_share_of_failures_and_their_statuses",
)
ACTIVE_USER_SESSIONS = Target(
    "grafana_dashboards.system_overview.panels.3",
    "The overview shows how many people are signed in and active.",
    Kind.PANEL,
    (choice("Active user sessions", "title"),),
    panel=panels.ACTIVE_USER_SESSIONS,
    test=f"{_TESTS}::test_the_overview_shows_how_many_people_are_signed_in",
)
CPU_AND_MEMORY = Target(
    "grafana_dashboards.resource_utilization.panels.0",
    "The resources' dashboard shows CPU and memory of each service against its limits.",
    Kind.PANEL,
    (choice("CPU and memory usage by service", "title"),),
    panel=panels.CPU_AND_MEMORY,
    test=f"{_TESTS}::test_the_resources_show_processor_and_memory_of_each_service",
)
CONNECTION_POOL_STATUS = Target(
    "grafana_dashboards.resource_utilization.panels.1",
    "The resources' dashboard shows database connections in use, idle and waited for.",
    Kind.PANEL,
    (choice("Database connection pool status", "title"),),
    panel=panels.CONNECTION_POOL_STATUS,
    test=f"{_TESTS}::test_the_resources_show_database_connections_in_use_free_and_waited_for",
)
CACHE_HIT_RATIOS = Target(
    "grafana_dashboards.resource_utilization.panels.2",
    "The resources' dashboard shows each cache's hits and evictions.",
    Kind.PANEL,
    (choice("Cache hit ratios and eviction rates", "title"),),
    panel=panels.CACHE_HIT_RATIOS,
    test=f"{_TESTS}::test_the_resources_show_what_each_cache_answers_and_drops",
)
STORAGE_IO = Target(
    "grafana_dashboards.resource_utilization.panels.3",
    "The resources' dashboard shows operations, bytes, latency and free space of the volumes.",
    Kind.PANEL,
    (choice("Storage I/O and disk usage", "title"),),
    panel=panels.STORAGE_IO,
    test=f"{_TESTS}::test_the_resources_show_operations_bytes_latency_and_free_space",
)
SLOWEST_QUERIES = Target(
    "grafana_dashboards.performance_analysis.panels.0",
    "The analysis dashboard shows the queries that take most of the database's time.",
    Kind.PANEL,
    (choice("Slowest database queries", "title"),),
    panel=panels.SLOWEST_QUERIES,
    test=f"{_TESTS}::test_the_analysis_shows_the_statements_that_take_most_time_by_their_text",
)
DEPENDENCY_LATENCY = Target(
    "grafana_dashboards.performance_analysis.panels.1",
    "The analysis dashboard shows how long each service waits for each of its dependencies.",
    Kind.PANEL,
    (choice("Service dependency latency", "title"),),
    panel=panels.DEPENDENCY_LATENCY,
    test=f"{_TESTS}::test_the_analysis_shows_how_long_each_service_waits_for_each_other",
)
KUBERNETES_API_PERFORMANCE = Target(
    "grafana_dashboards.performance_analysis.panels.2",
    "The analysis dashboard shows how the Kubernetes APIs answer, by cluster and verb.",
    Kind.PANEL,
    (choice("Kubernetes API call performance", "title"),),
    panel=panels.KUBERNETES_API_PERFORMANCE,
    test=f"{_TESTS}::test_the_analysis_shows_how_each_kubernetes_api_answers_by_verb",
)
NETWORK_LATENCY = Target(
    "grafana_dashboards.performance_analysis.panels.3",
    "The analysis dashboard shows the delay between each pair of services.",
    Kind.PANEL,
    (choice("Network latency between services", "title"),),
    panel=panels.NETWORK_LATENCY,
    test=f"{_TESTS}::test_the_analysis_shows_the_way_from_each_service_to_each_other_and_each_phase_of_a_new_one",
)
