"""kubectl create's generators by the words that follow create."""

from __future__ import annotations

from collections.abc import Callable

from app.domain.commands.making import access, contents, networking, workloads
from app.domain.commands.making.values import JsonObject
from app.domain.commands.model.creation import Making

GENERATORS: dict[str, Callable[[Making], JsonObject]] = {
    "deployment": workloads.deployment,
    "service clusterip": networking.cluster_ip,
    "service nodeport": networking.node_port,
    "service loadbalancer": networking.load_balancer,
    "service externalname": networking.external_name,
    "configmap": contents.config_map,
    "secret generic": contents.secret,
    "namespace": contents.namespace,
    "job": workloads.job,
    "cronjob": workloads.cron_job,
    "serviceaccount": contents.service_account,
    "role": access.role,
    "rolebinding": access.role_binding,
    "clusterrole": access.cluster_role,
    "clusterrolebinding": access.cluster_role_binding,
    "ingress": networking.ingress,
    "quota": contents.quota,
    "poddisruptionbudget": contents.disruption_budget,
    "priorityclass": contents.priority_class,
}
