"""Puts objects into a `meta.k8s.io/v1` Table with the API server's own columns."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from app.demo.custom import columns as custom_columns
from app.demo.kinds import Kind
from app.demo.objects import Obj
from app.demo.tables import cluster, pods, workloads

Row = Callable[[Obj, datetime], list[Any]]
_DESCRIPTIONS: Final = Path(__file__).with_name("descriptions.json")
# Written short: "Name*" has the format `name`, "+" marks what only `-o wide` shows, ":i" integers, ":b" booleans, ":d"
# dates.
_WORKLOAD: Final = ("+Containers", "+Images", "+Selector")
_COLUMNS: Final[dict[str, tuple[tuple[str, ...], Row]]] = {
    "Pod": (
        ("Name*", "Ready", "Status", "Restarts", "Age", "+IP", "+Node", "+Nominated Node", "+Readiness Gates"),
        pods.pod_row,
    ),
    "Deployment": (("Name*", "Ready", "Up-to-date", "Available", "Age", *_WORKLOAD), workloads.deployment_row),
    "ReplicaSet": (("Name*", "Desired:i", "Current:i", "Ready:i", "Age", *_WORKLOAD), workloads.replica_set_row),
    "StatefulSet": (("Name*", "Ready", "Age", "+Containers", "+Images"), workloads.stateful_set_row),
    "DaemonSet": (
        ("Name*", "Desired:i", "Current:i", "Ready:i", "Up-to-date:i", "Available:i", "Node Selector", "Age",
         *_WORKLOAD),
        workloads.daemon_set_row,
    ),
    "Job": (("Name*", "Status", "Completions", "Duration", "Age", *_WORKLOAD), workloads.job_row),
    "CronJob": (
        ("Name*", "Schedule", "Timezone", "Suspend:b", "Active:i", "Last Schedule", "Age", *_WORKLOAD),
        workloads.cron_job_row,
    ),
    "ControllerRevision": (("Name*", "Controller", "Revision", "Age"), workloads.revision_row),
    "HorizontalPodAutoscaler": (
        ("Name*", "Reference", "Targets", "MinPods", "MaxPods", "Replicas", "Age"),
        workloads.autoscaler_row,
    ),
    "PodDisruptionBudget": (
        ("Name*", "Min Available", "Max Unavailable", "Allowed Disruptions:i", "Age"),
        workloads.budget_row,
    ),
    "Scale": (("Name", "Desired:i", "Available:i", "Age"), workloads.scale_row),
    "Node": (
        ("Name*", "Status", "Roles", "Age", "Version", "+Internal-IP", "+External-IP", "+OS-Image", "+Kernel-Version",
         "+Container-Runtime"),
        cluster.node_row,
    ),
    "Namespace": (("Name*", "Status", "Age"), cluster.namespace_row),
    "ConfigMap": (("Name*", "Data", "Age"), cluster.data_row),
    "Secret": (("Name*", "Type", "Data", "Age"), cluster.secret_row),
    "Service": (("Name*", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age", "+Selector"), cluster.service_row),
    "Endpoints": (("Name*", "Endpoints", "Age"), cluster.endpoints_row),
    "EndpointSlice": (("Name*", "AddressType", "Ports", "Endpoints", "Age"), cluster.slice_row),
    "Ingress": (("Name*", "Class", "Hosts", "Address", "Ports", "Age"), cluster.ingress_row),
    "IngressClass": (("Name*", "Controller", "Parameters", "Age"), cluster.ingress_class_row),
    "NetworkPolicy": (("Name*", "Pod-Selector", "Age"), cluster.network_policy_row),
    "PersistentVolumeClaim": (
        ("Name*", "Status", "Volume", "Capacity", "Access Modes", "StorageClass", "VolumeAttributesClass", "Age",
         "+VolumeMode"),
        cluster.claim_row,
    ),
    "PersistentVolume": (
        ("Name*", "Capacity", "Access Modes", "Reclaim Policy", "Status", "Claim", "StorageClass",
         "VolumeAttributesClass", "Reason", "Age", "+VolumeMode"),
        cluster.volume_row,
    ),
    "StorageClass": (
        ("Name*", "Provisioner", "ReclaimPolicy", "VolumeBindingMode", "AllowVolumeExpansion", "Age"),
        cluster.storage_class_row,
    ),
    "RoleBinding": (("Name*", "Role", "Age", "+Users", "+Groups", "+ServiceAccounts"), cluster.binding_row),
    "ClusterRoleBinding": (("Name*", "Role", "Age", "+Users", "+Groups", "+ServiceAccounts"), cluster.binding_row),
    "Role": (("Name*", "Created At:d"), cluster.created_row),
    "ClusterRole": (("Name*", "Created At:d"), cluster.created_row),
    "CustomResourceDefinition": (("Name*", "Created At:d"), cluster.created_row),
    "LimitRange": (("Name*", "Created At:d"), cluster.created_row),
    "ResourceQuota": (("Name*", "Request", "Limit", "Age"), cluster.quota_row),
    "PriorityClass": (
        ("Name*", "Value:i", "Global-Default:b", "Age", "PreemptionPolicy"),
        cluster.priority_class_row,
    ),
    "Lease": (("Name*", "Holder", "Age"), cluster.lease_row),
    "ComponentStatus": (("Name*", "Status", "Message", "Error"), cluster.component_row),
    "Event": (
        ("Last Seen", "Type", "Reason", "Object", "+Subobject", "+Source", "Message", "+First Seen", "+Count",
         "+Name*"),
        cluster.event_row,
    ),
}  # fmt: skip
_PLAIN: Final[tuple[tuple[str, ...], Row]] = (("Name*", "Age"), cluster.plain_row)
_TEMPLATE_GENERATION: Final = "deprecated.daemonset.template.generation"
_TYPES: Final = {"i": "integer", "b": "boolean", "d": "date"}


@cache
def _descriptions() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(_DESCRIPTIONS.read_text(encoding="utf-8"))
    return found


def columns(kind: str) -> list[Obj]:
    """The column definitions of a kind."""
    words, _ = _COLUMNS.get(kind, _PLAIN)
    texts = _descriptions().get(kind, {})
    common = _descriptions()["Pod"]
    made = []
    for word in words:
        wide = word.startswith("+")
        name, _, mark = word.removeprefix("+").partition(":")
        format_ = "name" if name.endswith("*") else ""
        name = name.removesuffix("*")
        made.append(
            {
                "name": name,
                "type": _TYPES.get(mark, "string"),
                "format": format_,
                "description": texts.get(name) or common.get(name, ""),
                "priority": 1 if wide else 0,
            }
        )
    return made


def rows(kind: Kind | str, objects: list[Obj], now: datetime, include: str) -> list[Obj]:
    """The rows of objects.

    Args:
        kind: a custom kind, or the name of another one.
        objects: complete ones.
        now: for ages.
        include: what each row carries: Metadata, Object or None.
    """
    row = partial(custom_columns.cells, kind) if isinstance(kind, Kind) else _COLUMNS.get(kind, _PLAIN)[1]
    made = []
    for obj in objects:
        entry: Obj = {"cells": row(obj, now)}
        if kind == "Pod" and (conditions := pods.pod_conditions(obj)):
            entry["conditions"] = conditions
        if include == "Object":
            entry["object"] = obj
        elif include != "None":
            entry["object"] = partial_metadata(obj)
        else:
            entry["object"] = None
        made.append(entry)
    return made


def partial_metadata(obj: Obj) -> Obj:
    """An object's metadata alone."""
    metadata = obj["metadata"]
    if obj.get("kind") == "DaemonSet" and _TEMPLATE_GENERATION in (metadata.get("annotations") or ()):
        # The API server makes this annotation from a field, for complete daemon sets only.
        kept = {key: value for key, value in metadata["annotations"].items() if key != _TEMPLATE_GENERATION}
        metadata = {key: value for key, value in metadata.items() if key != "annotations"}
        if kept:
            metadata["annotations"] = kept
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}


def table(kind: Kind | str, objects: list[Obj], metadata: Obj, now: datetime, include: str) -> Obj:
    """A Table.

    Args:
        kind: of the objects, or its name.
        objects: complete ones.
        metadata: of the list.
        now: for ages.
        include: what each row carries.
    """
    name = kind if isinstance(kind, str) else kind.kind
    custom = kind if isinstance(kind, Kind) and kind.definition is not None else None
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": custom_columns.definitions(custom, _descriptions()["Pod"]["Name"])
        if custom
        else columns(name),
        "rows": rows(custom or name, objects, now, include),
    }
