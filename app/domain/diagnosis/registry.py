"""All analyzers by name, and the one place where they run: one object that none can read spoils nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from app.domain.diagnosis.analyzers import (
    autoscalers,
    budgets,
    claims,
    configuration,
    crashing,
    images,
    ingresses,
    jobs,
    nodes,
    policies,
    probes,
    quotas,
    rights,
    routes,
    scheduling,
    services,
    waiting,
    webhooks,
    workloads,
)
from app.domain.diagnosis.findings import Fault, Finding
from app.domain.diagnosis.shapes import Obj, name_of, text
from app.domain.diagnosis.snapshot import Snapshot

# What an object of an unforeseen shape makes of code that reads it. Nothing else is taken for that.
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)

Look = Callable[[Snapshot, Obj], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Analyzer:
    """One analyzer.

    Attributes:
        name: one word, a metric's label.
        plural: the kind whose objects it looks at.
        look: what is wrong with one of them.
    """

    name: str
    plural: str
    look: Look


ANALYZERS: tuple[Analyzer, ...] = (
    Analyzer("crashing", "pods", crashing.look),
    Analyzer("images", "pods", images.look),
    Analyzer("scheduling", "pods", scheduling.look),
    Analyzer("configuration", "pods", configuration.look),
    Analyzer("probes", "pods", probes.look),
    Analyzer("waiting", "pods", waiting.look),
    Analyzer("rights", "pods", rights.look),
    Analyzer("services", "services", services.look),
    Analyzer("ingresses", "ingresses", ingresses.look),
    Analyzer("routes", "httproutes", routes.route),
    Analyzer("gateways", "gateways", routes.gateway),
    Analyzer("deployments", "deployments", workloads.deployment),
    Analyzer("statefulsets", "statefulsets", workloads.stateful_set),
    Analyzer("daemonsets", "daemonsets", workloads.daemon_set),
    Analyzer("replicasets", "replicasets", workloads.replica_set),
    Analyzer("quotas", "replicasets", quotas.look),
    Analyzer("quotas", "statefulsets", quotas.look),
    Analyzer("quotas", "daemonsets", quotas.look),
    Analyzer("quotas", "jobs", quotas.look),
    Analyzer("quotas", "resourcequotas", quotas.full),
    Analyzer("jobs", "jobs", jobs.job),
    Analyzer("cronjobs", "cronjobs", jobs.cron_job),
    Analyzer("claims", "persistentvolumeclaims", claims.look),
    Analyzer("volumes", "persistentvolumes", claims.volume),
    Analyzer("storageclasses", "storageclasses", claims.storage_class),
    Analyzer("autoscalers", "horizontalpodautoscalers", autoscalers.look),
    Analyzer("budgets", "poddisruptionbudgets", budgets.look),
    Analyzer("nodes", "nodes", nodes.look),
    Analyzer("webhooks", "validatingwebhookconfigurations", webhooks.look),
    Analyzer("webhooks", "mutatingwebhookconfigurations", webhooks.look),
    Analyzer("policies", "networkpolicies", policies.look),
)
NAMES = tuple(dict.fromkeys(each.name for each in ANALYZERS))
"""The names of all analyzers."""


def analyze(snapshot: Snapshot, analyzers: Sequence[Analyzer] = ANALYZERS) -> tuple[list[Finding], list[Fault]]:
    """Everything that the analyzers find, and what they could not read.

    Args:
        snapshot: what was read of a cluster.
        analyzers: those that look.
    """
    findings: list[Finding] = []
    faults: list[Fault] = []
    for analyzer in analyzers:
        for obj in snapshot.of(analyzer.plural):
            if not name_of(obj):
                faults.append(Fault(analyzer.name, _called(analyzer, obj)))  # nothing could be said about it
                continue
            try:
                found = list(analyzer.look(snapshot, obj))
            except MALFORMED:
                faults.append(Fault(analyzer.name, _called(analyzer, obj)))
                continue
            findings += [replace(each, analyzer=analyzer.name) for each in found]
    return findings, faults


def _called(analyzer: Analyzer, obj: Obj) -> str:
    kind = text(obj, "kind").lower() or analyzer.plural
    return f"{kind}/{name_of(obj)}" if name_of(obj) else kind
