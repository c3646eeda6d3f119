"""How CPU time is asked for, bounded and spread.

Section `cpu_optimization` of the architecture document. Data only: nothing here measures or enforces.
"""

from __future__ import annotations

from slo.target import Kind, Target, choice, cores, count, ratio, seconds

CPU_REQUESTS = Target(
    "cpu_optimization.resource_allocation.cpu_requests",
    "A service asks for the CPU that half of its time at baseline load needs, rounded up to 50 millicores.",
    Kind.SETTING,
    (ratio(0.5, "quantile"), cores(0.05, "rounded_to")),
)
CPU_LIMITS = Target(
    "cpu_optimization.resource_allocation.cpu_limits",
    "A service may use twice the CPU that it asks for.",
    Kind.LIMIT,
    (count(2, "times_request"),),
)
CPU_AFFINITY = Target(
    "cpu_optimization.resource_allocation.cpu_affinity",
    "The replicas of a service are spread over the cores it may use, and none is pinned to one.",
    Kind.CAPABILITY,
)
GOROUTINE_POOLS = Target(
    "cpu_optimization.processing_optimization.goroutine_pools",
    "CPU-heavy work runs in one bounded worker pool per process, with a bounded queue in front of it.",
    Kind.LIMIT,
)
BATCH_PROCESSING = Target(
    "cpu_optimization.processing_optimization.batch_processing",
    "Calls to Kubernetes and to the databases are batched.",
    Kind.CAPABILITY,
)
ASYNC_PROCESSING = Target(
    "cpu_optimization.processing_optimization.async_processing",
    "Nothing holds an event loop for more than 50 ms.",
    Kind.OBJECTIVE,
    (seconds(0.05, "lag"),),
    "The document names no figure: 50 ms is a quarter of the tightest target of a chat turn, felt by all at once.",
)
NODE_AFFINITY = Target(
    "cpu_optimization.kubernetes_scheduling.node_affinity",
    "Pods prefer nodes that are labelled as fast.",
    Kind.SETTING,
    (choice("kubechat.io/performance=high", "label"), count(100, "weight")),
)
POD_ANTI_AFFINITY = Target(
    "cpu_optimization.kubernetes_scheduling.pod_anti_affinity",
    "The replicas of a service prefer different nodes.",
    Kind.SETTING,
    (choice("kubernetes.io/hostname", "topology_key"),),
)
PRIORITY_CLASSES = Target(
    "cpu_optimization.kubernetes_scheduling.priority_classes",
    "Gateway, audit and the stores are scheduled before all else.",
    Kind.SETTING,
    (choice("kubechat-critical", "critical"), choice("kubechat-standard", "standard")),
)
