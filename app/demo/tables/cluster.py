"""The rows of nodes, storage, network, configuration, access and events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.demo.objects import Obj, annotations_of, condition, dig, is_terminating, labels_of, name_of
from app.demo.tables.durations import age
from app.demo.tables.pods import NONE

_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def _age(obj: Obj, now: datetime) -> str:
    return age(obj["metadata"].get("creationTimestamp"), now)


def plain_row(obj: Obj, now: datetime) -> list[Any]:
    """Name and age."""
    return [name_of(obj), _age(obj, now)]


def created_row(obj: Obj, now: datetime) -> list[Any]:
    """Name and time of creation."""
    return [name_of(obj), obj["metadata"].get("creationTimestamp")]


def node_row(node: Obj, now: datetime) -> list[Any]:
    """The cells of a Node."""
    ready = condition(node, "Ready")
    states = ["Unknown" if ready is None else "Ready" if ready["status"] == "True" else "NotReady"]
    if node["spec"].get("unschedulable"):
        states.append("SchedulingDisabled")
    prefix = "node-role.kubernetes.io/"
    roles = sorted(key.removeprefix(prefix) for key in labels_of(node) if key.startswith(prefix))
    addresses = {entry["type"]: entry["address"] for entry in dig(node, "status", "addresses", default=())}
    info = dig(node, "status", "nodeInfo", default={})
    kernel = info.get("kernelVersion", "")
    if kernel and info.get("architecture"):
        kernel = f"{kernel} ({info['architecture']})"
    return [
        name_of(node),
        ",".join(states),
        ",".join(roles) or NONE,
        _age(node, now),
        info.get("kubeletVersion", ""),
        addresses.get("InternalIP", NONE),
        addresses.get("ExternalIP", NONE),
        info.get("osImage", "<unknown>"),
        kernel or "<unknown>",
        info.get("containerRuntimeVersion", "<unknown>"),
    ]


def namespace_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a Namespace."""
    return [name_of(obj), dig(obj, "status", "phase", default=""), _age(obj, now)]


def data_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a ConfigMap."""
    return [name_of(obj), len(obj.get("data") or ()) + len(obj.get("binaryData") or ()), _age(obj, now)]


def secret_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a Secret: how many values, never which."""
    return [name_of(obj), obj.get("type", ""), len(obj.get("data") or ()), _age(obj, now)]


def service_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a Service."""
    spec = obj["spec"]
    return [
        name_of(obj),
        spec.get("type", "ClusterIP"),
        spec.get("clusterIP") or NONE,
        _external(obj),
        ",".join(_port(port) for port in spec.get("ports") or ()) or NONE,
        _age(obj, now),
        ",".join(f"{key}={value}" for key, value in sorted((spec.get("selector") or {}).items())) or NONE,
    ]


def _external(obj: Obj) -> str:
    spec = obj["spec"]
    own = ",".join(spec.get("externalIPs") or ())
    match spec.get("type"):
        case "LoadBalancer":
            given = dig(obj, "status", "loadBalancer", "ingress", default=())
            shown = ",".join(entry.get("ip") or entry.get("hostname", "") for entry in given)
            return ",".join(filter(None, [shown, own])) or "<pending>"
        case "ExternalName":
            return str(spec.get("externalName", ""))
    return own or NONE


def _port(port: Obj) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port['port']}{node}/{port.get('protocol', 'TCP')}"


def endpoints_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of Endpoints."""
    shown = [
        f"{address['ip']}:{port['port']}"
        for subset in obj.get("subsets") or ()
        for port in subset.get("ports") or ()
        for address in subset.get("addresses") or ()
    ]
    return [name_of(obj), _few(shown), _age(obj, now)]


def _few(shown: list[str]) -> str:
    text = ",".join(shown[:3]) or NONE
    return f"{text} + {len(shown) - 3} more..." if len(shown) > 3 else text


def slice_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of an EndpointSlice."""
    ports = ",".join(str(port.get("port")) for port in obj.get("ports") or ()) or "<unset>"
    addresses = [address for entry in obj.get("endpoints") or () for address in entry["addresses"]]
    return [
        name_of(obj),
        obj.get("addressType", ""),
        ports,
        _few(addresses) if addresses else "<unset>",
        _age(obj, now),
    ]


def ingress_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of an Ingress."""
    spec = obj.get("spec") or {}
    hosts = [rule["host"] for rule in spec.get("rules") or () if rule.get("host")]
    given = dig(obj, "status", "loadBalancer", "ingress", default=())
    return [
        name_of(obj),
        spec.get("ingressClassName") or annotations_of(obj).get("kubernetes.io/ingress.class") or NONE,
        ",".join(hosts) or "*",
        ",".join(entry.get("ip") or entry.get("hostname", "") for entry in given),
        "80, 443" if spec.get("tls") else "80",
        _age(obj, now),
    ]


def ingress_class_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of an IngressClass."""
    parameters = dig(obj, "spec", "parameters")
    shown = NONE
    if parameters:
        group = f"{parameters['apiGroup']}/" if parameters.get("apiGroup") else ""
        shown = f"{parameters.get('kind')}.{group}{parameters.get('name')}"
    return [name_of(obj), dig(obj, "spec", "controller", default=""), shown, _age(obj, now)]


def network_policy_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a NetworkPolicy."""
    from app.demo.selectors import selector_text

    return [name_of(obj), selector_text(dig(obj, "spec", "podSelector")), _age(obj, now)]


def claim_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a PersistentVolumeClaim."""
    spec, status = obj["spec"], obj.get("status") or {}
    bound = bool(spec.get("volumeName"))
    return [
        name_of(obj),
        "Terminating" if is_terminating(obj) else status.get("phase", ""),
        spec.get("volumeName", ""),
        dig(status, "capacity", "storage", default="") if bound else "",
        _short_modes(status.get("accessModes")) if bound else "",
        spec.get("storageClassName") or "",
        spec.get("volumeAttributesClassName") or "<unset>",
        _age(obj, now),
        spec.get("volumeMode") or "<unset>",
    ]


def volume_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a PersistentVolume."""
    spec, status = obj["spec"], obj.get("status") or {}
    claim = spec.get("claimRef")
    return [
        name_of(obj),
        dig(spec, "capacity", "storage", default=""),
        _short_modes(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy", ""),
        "Terminating" if is_terminating(obj) else status.get("phase", ""),
        f"{claim['namespace']}/{claim['name']}" if claim else "",
        spec.get("storageClassName") or "",
        spec.get("volumeAttributesClassName") or "<unset>",
        status.get("reason") or "",
        _age(obj, now),
        spec.get("volumeMode") or "<unset>",
    ]


def _short_modes(modes: list[str] | None) -> str:
    return ",".join(_MODES.get(mode, mode) for mode in modes or ())


def storage_class_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a StorageClass."""
    default = " (default)" if annotations_of(obj).get(_DEFAULT_CLASS) == "true" else ""
    return [
        name_of(obj) + default,
        obj.get("provisioner", ""),
        obj.get("reclaimPolicy", "Delete"),
        obj.get("volumeBindingMode", "Immediate"),
        bool(obj.get("allowVolumeExpansion")),
        _age(obj, now),
    ]


def binding_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a RoleBinding or ClusterRoleBinding."""
    reference = obj.get("roleRef") or {}
    found: dict[str, list[str]] = {"User": [], "Group": [], "ServiceAccount": []}
    for subject in obj.get("subjects") or ():
        place = f"{subject['namespace']}/" if subject.get("namespace") else ""
        found.setdefault(subject.get("kind", ""), []).append(f"{place}{subject.get('name', '')}")
    return [
        name_of(obj),
        f"{reference.get('kind')}/{reference.get('name')}",
        _age(obj, now),
        ", ".join(found["User"]),
        ", ".join(found["Group"]),
        ", ".join(found["ServiceAccount"]),
    ]


def priority_class_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a PriorityClass."""
    policy = obj.get("preemptionPolicy", "PreemptLowerPriority")
    return [name_of(obj), obj.get("value", 0), bool(obj.get("globalDefault")), _age(obj, now), policy]


def lease_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a Lease."""
    return [name_of(obj), dig(obj, "spec", "holderIdentity", default=""), _age(obj, now)]


def quota_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a ResourceQuota."""
    hard, used = dig(obj, "status", "hard", default={}), dig(obj, "status", "used", default={})
    requests = [
        f"{key}: {used.get(key, '0')}/{value}" for key, value in sorted(hard.items()) if not key.startswith("limits")
    ]
    limits = [f"{key}: {used.get(key, '0')}/{value}" for key, value in sorted(hard.items()) if key.startswith("limits")]
    return [name_of(obj), ", ".join(requests), ", ".join(limits), _age(obj, now)]


def component_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a ComponentStatus."""
    entry = dig(obj, "conditions", 0, default={})
    state = {"True": "Healthy", "False": "Unhealthy"}.get(entry.get("status", ""), "Unknown")
    return [name_of(obj), state, entry.get("message", ""), entry.get("error", "")]


def event_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of an Event."""
    about = obj.get("involvedObject") or obj.get("regarding") or {}
    first = obj.get("firstTimestamp") or obj.get("deprecatedFirstTimestamp") or obj.get("eventTime")
    last = obj.get("lastTimestamp") or obj.get("deprecatedLastTimestamp") or first
    source = obj.get("source") or obj.get("deprecatedSource") or {}
    component = source.get("component") or obj.get("reportingComponent") or obj.get("reportingController") or ""
    host = source.get("host") or obj.get("reportingInstance") or ""
    return [
        age(last, now),
        obj.get("type", ""),
        obj.get("reason", ""),
        f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}",
        about.get("fieldPath", ""),
        f"{component}, {host}" if host else component,
        str(obj.get("message") or obj.get("note") or "").strip(),
        age(first, now),
        obj.get("count") or obj.get("deprecatedCount") or 1,
        name_of(obj),
    ]
