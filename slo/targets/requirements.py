"""What the product owes its users and what it may ask of the customer's machines.

Sections `performance_sla` and `infrastructure_assumptions` of the architecture document. Data only: nothing here
measures or enforces.
"""

from __future__ import annotations

from slo.target import Kind, Target, choice, cores, count, gibibytes, hours, per_second, percentile, ratio, seconds

SIMPLE_QUERIES = Target(
    "performance_sla.response_times.simple_queries",
    "A chat turn answered by one read on one cluster, without a model, takes less than 200 ms at the 95th percentile.",
    Kind.OBJECTIVE,
    (seconds(0.2, "duration"), percentile(0.95)),
)
COMPLEX_OPERATIONS = Target(
    "performance_sla.response_times.complex_operations",
    "A change, a diagnosis, or a question to several clusters takes less than 2000 ms at the 95th percentile.",
    Kind.OBJECTIVE,
    (seconds(2, "duration"), percentile(0.95)),
    "Preview and execution are timed apart; the person's thinking time between them is left out.",
)
CHAT_INTERFACE = Target(
    "performance_sla.response_times.chat_interface",
    "The web chat is painted and its composer usable within 100 ms of navigation, with a cold cache.",
    Kind.OBJECTIVE,
    (seconds(0.1, "duration"), percentile(0.95)),
    "The document names no percentile; the 95th is taken, as for the other interactive figures beside it.",
)
API_ENDPOINTS = Target(
    "performance_sla.response_times.api_endpoints",
    "A REST request, streams and exports aside, takes less than 500 ms at the 99th percentile.",
    Kind.OBJECTIVE,
    (seconds(0.5, "duration"), percentile(0.99)),
)

CONCURRENT_USERS = Target(
    "performance_sla.throughput.concurrent_users",
    "One installation serves 1000 people with a live session at the same time.",
    Kind.OBJECTIVE,
    (count(1000),),
    "In production it is judged by headroom, since the momentary number of people says nothing about capacity.",
)
API_REQUESTS = Target(
    "performance_sla.throughput.api_requests",
    "One installation answers 5000 requests a second.",
    Kind.OBJECTIVE,
    (per_second(5000),),
)
COMMAND_EXECUTIONS = Target(
    "performance_sla.throughput.command_executions",
    "One installation runs 100 kubectl commands a second.",
    Kind.OBJECTIVE,
    (per_second(100),),
)
CHAT_SESSIONS = Target(
    "performance_sla.throughput.chat_sessions",
    "500 chat sessions are active at the same time.",
    Kind.OBJECTIVE,
    (count(500),),
)

UPTIME_TARGET = Target(
    "performance_sla.availability.uptime_target",
    "99.9 % of requests are served; over a year that is 8.77 hours down.",
    Kind.OBJECTIVE,
    (ratio(0.999, "objective"), hours(8.77, "downtime_per_year")),
)
GRACEFUL_DEGRADATION = Target(
    "performance_sla.availability.graceful_degradation",
    "With the language service away, direct commands, history, alerts and audit go on working.",
    Kind.CAPABILITY,
)
ZERO_DOWNTIME_UPDATES = Target(
    "performance_sla.availability.zero_downtime_updates",
    "A rolling update fails no request.",
    Kind.CAPABILITY,
    (count(0, "failed_requests"),),
)

HORIZONTAL_SCALING = Target(
    "performance_sla.scalability.horizontal_scaling",
    "Work per request stays the same with more replicas, up to 10,000 people.",
    Kind.OBJECTIVE,
    (count(10_000, "users"),),
)
CLUSTER_SCALING = Target(
    "performance_sla.scalability.cluster_scaling",
    "One installation serves 100 Kubernetes clusters.",
    Kind.OBJECTIVE,
    (count(100, "clusters"),),
)
DATA_GROWTH = Target(
    "performance_sla.scalability.data_growth",
    "Ten terabytes of audit data are searched and kept without a search getting slower.",
    Kind.OBJECTIVE,
    (gibibytes(10 * 1024, "audit_data"),),
)

_GIGABIT_BYTES_PER_S = 10**9 / 8  # links are sold in decimal bits

MINIMUM_CPU = Target(
    "infrastructure_assumptions.minimum_requirements.cpu",
    "The smallest size runs on four cores in all.",
    Kind.LIMIT,
    (cores(4),),
)
MINIMUM_MEMORY = Target(
    "infrastructure_assumptions.minimum_requirements.memory",
    "The smallest size runs in 8 GB of memory in all.",
    Kind.LIMIT,
    (gibibytes(8),),
    "Requests at the minimum of replicas fit it, stores and monitoring included; limits may exceed it.",
)
MINIMUM_STORAGE_IOPS = Target(
    "infrastructure_assumptions.minimum_requirements.storage_iops",
    "The database's volume of the smallest size does 1000 I/O operations a second.",
    Kind.LIMIT,
    (per_second(1000),),
)
MINIMUM_NETWORK = Target(
    "infrastructure_assumptions.minimum_requirements.network",
    "The smallest size needs 1 Gbit/s inside the cluster.",
    Kind.LIMIT,
    (per_second(_GIGABIT_BYTES_PER_S, "bytes"),),
)
RECOMMENDED_CPU = Target(
    "infrastructure_assumptions.recommended_configuration.cpu",
    "The recommended size has 16 cores, and its services scale on CPU.",
    Kind.SETTING,
    (cores(16),),
)
RECOMMENDED_MEMORY = Target(
    "infrastructure_assumptions.recommended_configuration.memory",
    "The recommended size has 32 GB of memory, and its gateway scales on memory.",
    Kind.SETTING,
    (gibibytes(32),),
)
RECOMMENDED_STORAGE_IOPS = Target(
    "infrastructure_assumptions.recommended_configuration.storage_iops",
    "The database's volume of the recommended size is an NVMe drive that does 5000 I/O operations a second.",
    Kind.LIMIT,
    (per_second(5000),),
)
RECOMMENDED_NETWORK = Target(
    "infrastructure_assumptions.recommended_configuration.network",
    "The recommended size has 10 Gbit/s of low latency inside the cluster.",
    Kind.LIMIT,
    (per_second(10 * _GIGABIT_BYTES_PER_S, "bytes"),),
)
ENTERPRISE_CPU = Target(
    "infrastructure_assumptions.enterprise_configuration.cpu",
    "The enterprise size has 64 cores, spread over at least three nodes.",
    Kind.SETTING,
    (cores(64), count(3, "nodes")),
    '"Multiple nodes" is read as three: the fewest that keep a majority when one is lost.',
)
ENTERPRISE_MEMORY = Target(
    "infrastructure_assumptions.enterprise_configuration.memory",
    "The enterprise size has 128 GB of memory, and its databases have nodes of their own.",
    Kind.SETTING,
    (gibibytes(128), choice("database", "node_role")),
)
ENTERPRISE_STORAGE_IOPS = Target(
    "infrastructure_assumptions.enterprise_configuration.storage_iops",
    "The database's volume of the enterprise size does 20,000 I/O operations a second.",
    Kind.LIMIT,
    (per_second(20_000),),
)
ENTERPRISE_NETWORK = Target(
    "infrastructure_assumptions.enterprise_configuration.network",
    "The enterprise size has 25 Gbit/s inside the cluster; whether RDMA is there is said, and never needed.",
    Kind.LIMIT,
    (per_second(25 * _GIGABIT_BYTES_PER_S, "bytes"),),
)
