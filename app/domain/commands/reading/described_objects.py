"""How everything but a pod is described: workloads, services, nodes, configuration, and types without a form."""

from __future__ import annotations

from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import POD, Access, selector_of
from app.domain.commands.reading.ages import age
from app.domain.commands.reading.described_pods import conditions, containers, volumes
from app.domain.commands.reading.layout import Layout
from app.domain.commands.reading.rendering import yaml_text
from app.domain.commands.reading.rollouts import REVISION

SLICE = ResourceType("discovery.k8s.io", "v1", "endpointslices", "endpointslice", "EndpointSlice", namespaced=True)
MOST_ADDRESSES = 5
MOST_PODS = 50


def _about(item: dict[str, Any], layout: Layout) -> None:
    metadata = item["metadata"]
    layout.field("CreationTimestamp", metadata.get("creationTimestamp"))
    layout.mapping("Labels", metadata.get("labels"))
    layout.mapping("Annotations", metadata.get("annotations"))
    owner = next((o for o in metadata.get("ownerReferences") or () if o.get("controller")), None)
    if owner:
        layout.field("Controlled By", f"{owner['kind']}/{owner['name']}")
    if metadata.get("deletionTimestamp"):
        layout.field("Deletion", f"asked for {age(metadata['deletionTimestamp'])} ago")


async def workload(access: Access, item: dict[str, Any], layout: Layout) -> None:
    """Replicas, strategy, pod template, conditions."""
    spec, status = item.get("spec") or {}, item.get("status") or {}
    _about(item, layout)
    layout.field("Selector", selector_of(spec.get("selector")))
    if item["kind"] == "Deployment":
        layout.field(
            "Replicas",
            f"{spec.get('replicas', 1)} desired | {status.get('updatedReplicas', 0)} updated |"
            f" {status.get('replicas', 0)} total | {status.get('availableReplicas', 0)} available |"
            f" {status.get('unavailableReplicas', 0)} unavailable",
        )
        if spec.get("paused"):
            layout.field("Paused", "true")
        layout.field("Revision", (item["metadata"].get("annotations") or {}).get(REVISION))
    elif item["kind"] == "DaemonSet":
        layout.field("Desired Number of Nodes Scheduled", status.get("desiredNumberScheduled", 0))
        layout.field("Current Number of Nodes Scheduled", status.get("currentNumberScheduled", 0))
        layout.field("Number of Nodes Ready", status.get("numberReady", 0))
    elif item["kind"] == "Job":
        layout.field("Parallelism", spec.get("parallelism", 1))
        layout.field("Completions", spec.get("completions", 1))
        layout.field("Started", status.get("startTime"))
        layout.field("Completed", status.get("completionTime"))
        counts = [f"{status.get(key, 0)} {key}" for key in ("active", "succeeded", "failed")]
        layout.field("Pods Statuses", " / ".join(counts))
    else:
        layout.field("Replicas", f"{status.get('readyReplicas', 0)} ready / {spec.get('replicas', 1)} desired")
    strategy = spec.get("strategy") or spec.get("updateStrategy") or {}
    if strategy:
        layout.field("Strategy", strategy.get("type"))
    if strategy.get("rollingUpdate"):
        pairs = sorted(strategy["rollingUpdate"].items())
        layout.field("Rolling Update", ", ".join(f"{key}: {value}" for key, value in pairs))
    _template(spec.get("template") or {}, layout)
    if spec.get("volumeClaimTemplates"):
        claims = [str((claim.get("metadata") or {}).get("name")) for claim in spec["volumeClaimTemplates"]]
        layout.field("Volume Claims", ", ".join(claims))
    conditions(status.get("conditions") or (), layout)


def _template(template: dict[str, Any], layout: Layout) -> None:
    spec = template.get("spec") or {}
    with layout.section("Pod Template"):
        layout.mapping("Labels", (template.get("metadata") or {}).get("labels"))
        layout.mapping("Annotations", (template.get("metadata") or {}).get("annotations"))
        if spec.get("serviceAccountName"):
            layout.field("Service Account", spec["serviceAccountName"])
        if spec.get("initContainers"):
            with layout.section("Init Containers"):
                containers(spec["initContainers"], (), layout)
        with layout.section("Containers"):
            containers(spec.get("containers") or (), (), layout)
        volumes(spec.get("volumes") or (), layout)


async def cron_job(access: Access, item: dict[str, Any], layout: Layout) -> None:
    """Schedule, what it runs, when it ran last."""
    spec, status = item.get("spec") or {}, item.get("status") or {}
    _about(item, layout)
    layout.field("Schedule", spec.get("schedule"))
    layout.field("Concurrency Policy", spec.get("concurrencyPolicy"))
    layout.field("Suspend", spec.get("suspend", False))
    last = status.get("lastScheduleTime")
    layout.field("Last Schedule Time", f"{last} ({age(last)} ago)" if last else None)
    layout.field("Active Jobs", ", ".join(str(job.get("name")) for job in status.get("active") or ()))
    _template((((spec.get("jobTemplate") or {}).get("spec")) or {}).get("template") or {}, layout)


async def service(access: Access, item: dict[str, Any], layout: Layout) -> None:
    """Type, addresses, ports, and the endpoints behind it."""
    spec = item.get("spec") or {}
    _about(item, layout)
    layout.field("Selector", selector_of(spec.get("selector")))
    layout.field("Type", spec.get("type"))
    layout.field("IP", spec.get("clusterIP"))
    namespace, name = str(item["metadata"]["namespace"]), str(item["metadata"]["name"])
    query = [("labelSelector", f"kubernetes.io/service-name={name}")]
    slices = await access.seen(access.objects(SLICE, namespace, query))
    for port in spec.get("ports") or ():
        label = port.get("name") or "<unset>"
        layout.field("Port", f"{label}  {port.get('port')}/{port.get('protocol', 'TCP')}")
        layout.field("TargetPort", port.get("targetPort"))
        if port.get("nodePort"):
            layout.field("NodePort", port["nodePort"])
        layout.field("Endpoints", _addresses(slices, port.get("name") or ""))
    layout.field("Session Affinity", spec.get("sessionAffinity"))


def _addresses(slices: list[dict[str, Any]], port_name: str) -> str:
    found = [
        f"{endpoint['addresses'][0]}:{port.get('port')}"
        for endpoints in slices
        for port in endpoints.get("ports") or ()
        if (port.get("name") or "") == port_name
        for endpoint in endpoints.get("endpoints") or ()
        if (endpoint.get("conditions") or {}).get("ready", True) and endpoint.get("addresses")
    ]
    more = f" + {len(found) - MOST_ADDRESSES} more" if len(found) > MOST_ADDRESSES else ""
    return f"{','.join(found[:MOST_ADDRESSES])}{more}"


async def node(access: Access, item: dict[str, Any], layout: Layout) -> None:
    """Roles, taints, conditions, capacity, and the pods on it."""
    spec, status = item.get("spec") or {}, item.get("status") or {}
    prefix = "node-role.kubernetes.io/"
    roles = [key.removeprefix(prefix) for key in item["metadata"].get("labels") or {} if key.startswith(prefix)]
    layout.field("Roles", ",".join(sorted(roles)))
    _about(item, layout)
    taints = [f"{t['key']}{'=' + t['value'] if t.get('value') else ''}:{t['effect']}" for t in spec.get("taints") or ()]
    layout.field("Taints", "\n".join(taints))
    layout.field("Unschedulable", bool(spec.get("unschedulable")))
    conditions(status.get("conditions") or (), layout)
    with layout.section("Addresses"):
        for address in status.get("addresses") or ():
            layout.field(str(address["type"]), address["address"])
    for label in ("Capacity", "Allocatable"):
        with layout.section(label):
            for key, value in sorted((status.get(label.lower()) or {}).items()):
                layout.field(key, value)
    with layout.section("System Info"):
        for key, value in sorted((status.get("nodeInfo") or {}).items()):
            layout.field(key, value)
    query = [("fieldSelector", f"spec.nodeName={item['metadata']['name']}")]
    pods = await access.seen(access.objects(POD, "", query))
    rows = [[str(p["metadata"]["namespace"]), str(p["metadata"]["name"]), *_requests(p)] for p in pods[:MOST_PODS]]
    with layout.section(f"Pods ({len(pods)} in total)"):
        layout.table(["Namespace", "Name", "CPU Requests", "Memory Requests"], rows)


def _requests(pod: dict[str, Any]) -> list[str]:
    found = [(c.get("resources") or {}).get("requests") or {} for c in (pod.get("spec") or {}).get("containers") or ()]
    return [" + ".join(str(r[key]) for r in found if key in r) or "0" for key in ("cpu", "memory")]


async def config_map(access: Access, item: dict[str, Any], layout: Layout) -> None:
    """Keys and values."""
    _about(item, layout)
    with layout.section("Data"):
        for key, value in sorted((item.get("data") or {}).items()):
            layout.line(f"{key}:")
            layout.line("----")
            for line in str(value).splitlines():
                layout.line(line)
            layout.line("")
    sizes = [f"{key}: {len(str(value))} characters" for key, value in sorted((item.get("binaryData") or {}).items())]
    layout.field("Binary Data", "\n".join(sizes))


async def secret(access: Access, item: dict[str, Any], layout: Layout) -> None:
    """Type, keys and sizes; a value is never shown."""
    metadata = item["metadata"]
    layout.mapping("Labels", metadata.get("labels"))
    layout.field("Type", item.get("type"))
    with layout.section("Data"):
        for key, value in sorted((item.get("data") or {}).items()):
            layout.field(key, str(value).partition(", ")[2])


async def other(access: Access, item: dict[str, Any], layout: Layout) -> None:
    """Spec, status and whatever else an object holds, as YAML."""
    _about(item, layout)
    layout.field("API Version", item.get("apiVersion"))
    layout.field("Kind", item.get("kind"))
    for key, value in item.items():
        if key in {"metadata", "apiVersion", "kind"} or value in (None, {}, []):
            continue
        with layout.section(key[:1].upper() + key[1:]):
            for line in yaml_text(value).splitlines():
                layout.line(line)
