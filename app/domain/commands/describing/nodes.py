"""Nodes as kubectl describe prints them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import POD, Access
from app.domain.commands.describing.lines import NONE, UNSET, Item, Lines, time_of
from app.domain.commands.quantities import quantity
from app.domain.commands.reading.ages import age

LEASE = ResourceType("coordination.k8s.io", "v1", "leases", "lease", "Lease", namespaced=True)
_ROLE = "node-role.kubernetes.io/"
_ENDED = frozenset({"Succeeded", "Failed"})
_SYSTEM = (
    ("Machine ID", "machineID"),
    ("System UUID", "systemUUID"),
    ("Boot ID", "bootID"),
    ("Kernel Version", "kernelVersion"),
    ("OS Image", "osImage"),
    ("Operating System", "operatingSystem"),
    ("Architecture", "architecture"),
    ("Container Runtime Version", "containerRuntimeVersion"),
    ("Kubelet Version", "kubeletVersion"),
    ("Kube-Proxy Version", "kubeProxyVersion"),
)
_SHOWN = ("cpu", "memory", "ephemeral-storage")
_KNOWN = frozenset({*_SHOWN, "pods"})
_UNITS = ("Ki", "Mi", "Gi", "Ti", "Pi")
Amounts = dict[str, float]


async def node(access: Access, item: Item, out: Lines) -> None:
    """Roles, taints, conditions, capacity, and the pods on it."""
    metadata, spec, status = item["metadata"], item.get("spec") or {}, item.get("status") or {}
    out.write(0, f"Name:\t{metadata['name']}")
    roles = [key.removeprefix(_ROLE) for key in metadata.get("labels") or {} if key.startswith(_ROLE)]
    out.write(0, f"Roles:\t{','.join(sorted(roles)) or NONE}")
    out.mapping("Labels", metadata.get("labels"))
    out.annotations(metadata.get("annotations"))
    out.write(0, f"CreationTimestamp:\t{time_of(metadata.get('creationTimestamp'))}")
    taints = [_taint(one) for one in spec.get("taints") or ()] or [NONE]
    out.write(0, f"Taints:\t{taints[0]}")
    for taint in taints[1:]:
        out.write(0, f"\t{taint}")
    out.write(0, f"Unschedulable:\t{str(bool(spec.get('unschedulable'))).lower()}")
    await _lease(access, str(metadata["name"]), out)
    _conditions(status.get("conditions") or (), out)
    out.write(0, "Addresses:")
    for address in status.get("addresses") or ():
        out.write(1, f"{address['type']}:\t{address['address']}")
    for title in ("Capacity", "Allocatable"):
        if status.get(title.lower()):
            out.write(0, f"{title}:")
            for name, amount in sorted(status[title.lower()].items()):
                out.write(1, f"{name}:\t{amount}")
    out.write(0, "System Info:")
    for title, key in _SYSTEM:
        out.write(1, f"{title}:\t{(status.get('nodeInfo') or {}).get(key) or ''}")
    if spec.get("podCIDR"):
        out.write(0, f"PodCIDR:\t{spec['podCIDR']}")
    if spec.get("podCIDRs"):
        out.write(0, f"PodCIDRs:\t{','.join(spec['podCIDRs'])}")
    if spec.get("providerID"):
        out.write(0, f"ProviderID:\t{spec['providerID']}")
    query = [("fieldSelector", f"spec.nodeName={metadata['name']},status.phase!=Succeeded,status.phase!=Failed")]
    found = await access.seen(access.objects(POD, "", query))
    _usage(found, status.get("allocatable") or status.get("capacity") or {}, out)


def _taint(found: Item) -> str:
    value = f"={found['value']}" if found.get("value") else ""
    return f"{found['key']}{value}:{found['effect']}"


async def _lease(access: Access, name: str, out: Lines) -> None:
    found = await access.seen(access.objects(LEASE, "kube-node-lease", [("fieldSelector", f"metadata.name={name}")]))
    if not found:
        return
    spec = found[0].get("spec") or {}
    out.write(0, "Lease:")
    out.write(1, f"HolderIdentity:\t{spec.get('holderIdentity') or UNSET}")
    for title, key in (("AcquireTime", "acquireTime"), ("RenewTime", "renewTime")):
        out.write(1, f"{title}:\t{time_of(spec[key]) if spec.get(key) else UNSET}")


def _conditions(found: Sequence[Item], out: Lines) -> None:
    if not found:
        return
    titles = ("Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message")
    out.write(0, "Conditions:")
    out.write(1, "\t".join(titles))
    out.write(1, "\t".join("-" * len(title) for title in titles))
    for one in found:
        beat, change = time_of(one.get("lastHeartbeatTime")), time_of(one.get("lastTransitionTime"))
        cells = (f"{one.get('type')} ", f"{one.get('status')} ", f"{beat} ", f"{change} ", f"{one.get('reason')} ")
        out.write(1, "\t".join((*cells, f"{one.get('message')} ".strip() or "")))


def _usage(pods: Sequence[Item], allocatable: Item, out: Lines) -> None:
    available = {name: quantity(amount) for name, amount in allocatable.items()}
    out.write(0, f"Non-terminated Pods:\t({len(pods)} in total)")
    titles = ("Namespace", "Name", "CPU Requests", "CPU Limits", "Memory Requests", "Memory Limits", "Age")
    out.write(1, _row(titles))
    out.write(1, _row(["-" * len(title) for title in titles]))
    requested: Amounts = defaultdict(float)
    limited: Amounts = defaultdict(float)
    for pod in pods:
        requests, limits = _of_pod(pod, "requests"), _of_pod(pod, "limits")
        for total, amounts in ((requested, requests), (limited, limits)):
            for name, amount in amounts.items():
                total[name] += amount
        shown = [
            f"{_amount(name, amounts.get(name, 0.0))} ({_share(amounts.get(name, 0.0), available.get(name, 0.0))}%)"
            for name in ("cpu", "memory")
            for amounts in (requests, limits)
        ]
        metadata = pod["metadata"]
        names = (str(metadata["namespace"]), str(metadata["name"]))
        out.write(1, _row([*names, *shown, age(metadata.get("creationTimestamp"))]))
    out.write(0, "Allocated resources:")
    out.write(1, "(Total limits may be over 100 percent, i.e., overcommitted.)")
    out.write(1, "Resource\tRequests\tLimits")
    out.write(1, "--------\t--------\t------")
    for name in (*_SHOWN, *sorted(name for name in available if name not in _KNOWN)):
        room = available.get(name, 0.0)
        shares = [f"{_amount(name, total[name])} ({_share(total[name], room)}%)" for total in (requested, limited)]
        out.write(1, "\t".join((name, *shares)))


def _row(cells: Sequence[str]) -> str:
    """Kubectl leaves a column empty behind the pod's name."""
    return "\t".join((cells[0], cells[1], "", *cells[2:]))


def _of_pod(pod: Item, kind: str) -> Amounts:
    """What a pod asks for: all its containers together, or one of those that begin it, whichever is more."""
    spec = pod.get("spec") or {}
    together: Amounts = defaultdict(float)
    for container in spec.get("containers") or ():
        for name, amount in ((container.get("resources") or {}).get(kind) or {}).items():
            together[name] += quantity(amount)
    for container in spec.get("initContainers") or ():
        for name, amount in ((container.get("resources") or {}).get(kind) or {}).items():
            together[name] = max(together[name], quantity(amount))
    return together


def _share(amount: float, available: float) -> int:
    return int(amount / available * 100) if available else 0


def _amount(name: str, amount: float) -> str:
    """A quantity in Kubernetes' canonical form."""
    if name == "cpu":
        milli = round(amount * 1000)
        return f"{milli}m" if milli % 1000 else str(milli // 1000)
    size = round(amount)
    unit = ""
    for larger in _UNITS:
        if not size or size % 1024:
            break
        size, unit = size // 1024, larger
    return f"{size}{unit}"
