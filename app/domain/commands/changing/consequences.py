"""What else a change brings about: pods, endpoints, autoscalers, owners. One sentence each, most important first.

What this person may not see is left out and not guessed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import POD, SERVICE, Access, is_selected, selector_of

AUTOSCALER = ResourceType(
    "autoscaling", "v2", "horizontalpodautoscalers", "horizontalpodautoscaler", "HorizontalPodAutoscaler",
    namespaced=True,
)  # fmt: skip
CLAIM = ResourceType(
    "", "v1", "persistentvolumeclaims", "persistentvolumeclaim", "PersistentVolumeClaim", namespaced=True
)
DEPLOYMENT = ResourceType("apps", "v1", "deployments", "deployment", "Deployment", namespaced=True)
STATEFUL_SET = ResourceType("apps", "v1", "statefulsets", "statefulset", "StatefulSet", namespaced=True)
DAEMON_SET = ResourceType("apps", "v1", "daemonsets", "daemonset", "DaemonSet", namespaced=True)
SECRET = ResourceType("", "v1", "secrets", "secret", "Secret", namespaced=True)
CONFIG_MAP = ResourceType("", "v1", "configmaps", "configmap", "ConfigMap", namespaced=True)
BUDGET = ResourceType(
    "policy", "v1", "poddisruptionbudgets", "poddisruptionbudget", "PodDisruptionBudget", namespaced=True
)
MOST_NAMED = 5
_WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"})
_IN_A_NAMESPACE = (POD, DEPLOYMENT, STATEFUL_SET, DAEMON_SET, SERVICE, CONFIG_MAP, SECRET, CLAIM)


def some(names: Sequence[str]) -> str:
    """At most a few names, and how many more there are."""
    shown = ", ".join(names[:MOST_NAMED])
    return f"{shown} and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else shown


def pods(count: int) -> str:
    """`1 pod`, `3 pods`."""
    return f"{count} pod{'' if count == 1 else 's'}"


async def of_scale(access: Access, resource: ResourceType, item: dict[str, Any], replicas: int) -> list[str]:
    """What scaling to a number of replicas brings about."""
    namespace, name = str(item["metadata"]["namespace"]), str(item["metadata"]["name"])
    now = int((item.get("spec") or {}).get("replicas", 1))
    effect = "will start" if replicas > now else "will be stopped"
    found = [f"{pods(abs(replicas - now))} of {name} {effect}."]
    services, autoscalers = await asyncio.gather(
        _services_of(access, namespace, item), _autoscalers_of(access, namespace, resource.kind, name)
    )
    if replicas == 0 and services:
        found.append(f"Service {some(services)} will have no endpoints from {name}.")
    if autoscalers and replicas == 0:
        found.append(f"HorizontalPodAutoscaler {some(autoscalers)} does nothing while {name} has no replicas.")
    elif autoscalers:
        found.append(f"HorizontalPodAutoscaler {some(autoscalers)} also sets this number and may change it again.")
    if replicas < now:
        found += await of_budgets(access, namespace, _template_labels(item))
    return found


async def of_restart(access: Access, item: dict[str, Any]) -> list[str]:
    """What a new rollout of a workload brings about."""
    spec, name = item.get("spec") or {}, item["metadata"]["name"]
    now = int(spec.get("replicas", (item.get("status") or {}).get("desiredNumberScheduled") or 1))
    strategy = spec.get("strategy") or spec.get("updateStrategy") or {}
    if strategy.get("type") == "Recreate":
        return [f"All {pods(now)} of {name} stop before new ones start: there is a gap in service."]
    if strategy.get("type") == "OnDelete":
        return [f"Pods are replaced only as they are deleted: none of the {pods(now)} of {name} changes by itself."]
    # A StatefulSet's old pod stops before its new one starts, and a DaemonSet's, unless it may surge.
    gap = " There is a gap in service meanwhile." if now == 1 and item.get("kind") != "Deployment" else ""
    return [f"{pods(now)} of {name} will be replaced one after another.{gap}"]


async def of_deletion(access: Access, resource: ResourceType, item: dict[str, Any], cascade: str) -> list[str]:
    """What goes with a deleted object, and what comes back."""
    namespace, name = str(item["metadata"].get("namespace") or ""), str(item["metadata"]["name"])
    if item["metadata"].get("deletionTimestamp"):
        return [f"{name} is being deleted already."]
    if resource.kind == "Pod":
        return await _of_pod(access, item, namespace, name)
    if resource.kind in _WORKLOADS:
        return await _of_workload(access, resource, item, namespace, name, cascade)
    if resource.kind == "Namespace":
        return await _of_namespace(access, name)
    if resource.kind == "Service":
        return [f"Nothing can reach {name}.{namespace} by this name any more; its pods go on running."]
    if resource.kind == "PersistentVolumeClaim":
        return await _of_claim(access, item, namespace, name)
    if resource.kind == "Node":
        query = [("fieldSelector", f"spec.nodeName={name}")]
        names = await access.seen(access.names(POD, "", query))
        return [f"{pods(len(names))} on it will be gone, and it takes no more until it registers again."]
    if resource.kind in {"ConfigMap", "Secret"}:
        return await _of_mounted(access, resource.kind, namespace, name)
    if resource.kind == "CustomResourceDefinition":
        return ["Every object of this type, in every namespace, will be deleted with it."]
    return _finalizers(item)


def _finalizers(item: dict[str, Any]) -> list[str]:
    finalizers = item["metadata"].get("finalizers") or ()
    return [f"It stays until its finalizers are done: {some(list(finalizers))}."] if finalizers else []


async def _of_pod(access: Access, item: dict[str, Any], namespace: str, name: str) -> list[str]:
    owner = next((o for o in item["metadata"].get("ownerReferences") or () if o.get("controller")), None)
    labels = item["metadata"].get("labels") or {}
    found = (
        ["Nothing starts it again: no controller owns it."]
        if owner is None
        else [f"{owner['kind']} {owner['name']} will start another pod in its place."]
    )
    endpoints, budgets = await asyncio.gather(
        _endpoints_without(access, namespace, name, labels), of_budgets(access, namespace, labels)
    )
    claims = _claims(item.get("spec") or {})
    kept = [f"PersistentVolumeClaim {some(claims)} stays."] if claims else []
    return [*found, *endpoints, *budgets, *kept]


async def _endpoints_without(access: Access, namespace: str, name: str, labels: dict[str, str]) -> list[str]:
    """What each Service that sends to a pod has left without it."""
    services = [
        service
        for service in await access.seen(access.objects(SERVICE, namespace))
        if is_selected((service.get("spec") or {}).get("selector") or {}, labels)
    ]
    if not services:
        return []
    running = await access.seen(access.objects(POD, namespace))
    found = []
    for service in services:
        match = service["spec"]["selector"]
        others = [
            pod
            for pod in running
            if pod["metadata"]["name"] != name
            and is_selected(match, pod["metadata"].get("labels") or {})
            and _is_ready(pod)
        ]
        left = f"{len(others)} other endpoint{'' if len(others) == 1 else 's'}" if others else "no endpoints"
        found.append(f"Service {service['metadata']['name']} has {left} meanwhile.")
    return found


def _is_ready(pod: dict[str, Any]) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)


def _claims(spec: dict[str, Any]) -> list[str]:
    volumes = spec.get("volumes") or ()
    return [str(v["persistentVolumeClaim"]["claimName"]) for v in volumes if v.get("persistentVolumeClaim")]


async def of_budgets(access: Access, namespace: str, labels: dict[str, str]) -> list[str]:
    """Which disruption budgets of pods with these labels are at their limit: a deletion and a scale do not ask them."""
    budgets = await access.seen(access.objects(BUDGET, namespace))
    full = [
        str(budget["metadata"]["name"])
        for budget in budgets
        if selects((budget.get("spec") or {}).get("selector"), labels)
        and (budget.get("status") or {}).get("disruptionsAllowed") == 0
    ]
    return [f"PodDisruptionBudget {some(full)} allows no disruption now, and is not asked by this."] if full else []


def selects(selector: dict[str, Any] | None, labels: dict[str, str]) -> bool:
    """Whether a LabelSelector matches these labels; an empty one matches all, none matches nothing."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    for entry in selector.get("matchExpressions") or ():
        value, values = labels.get(entry["key"]), entry.get("values") or ()
        holds = {
            "In": value in values,
            "NotIn": value not in values,
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }
        if not holds.get(entry["operator"], False):
            return False
    return True


def _template_labels(item: dict[str, Any]) -> dict[str, str]:
    template = (item.get("spec") or {}).get("template") or {}
    return dict((template.get("metadata") or {}).get("labels") or {})


async def _of_workload(
    access: Access, resource: ResourceType, item: dict[str, Any], namespace: str, name: str, cascade: str
) -> list[str]:
    selector = selector_of((item.get("spec") or {}).get("selector"))
    query = [("labelSelector", selector)]
    names, services, autoscalers, budgets = await asyncio.gather(
        access.seen(access.names(POD, namespace, query)) if selector else _none(),
        _services_of(access, namespace, item),
        _autoscalers_of(access, namespace, resource.kind, name),
        of_budgets(access, namespace, _template_labels(item)),
    )
    if cascade == "orphan":
        return [f"Its {pods(len(names))} go on running, and nothing looks after them any more."]
    found = [f"{pods(len(names))} will be stopped: {some(names)}."] if names else ["It has no pods."]
    if services:
        found.append(f"Service {some(services)} loses these endpoints.")
    if autoscalers:
        found.append(f"HorizontalPodAutoscaler {some(autoscalers)} will have nothing to scale.")
    if resource.kind == "StatefulSet" and (item.get("spec") or {}).get("volumeClaimTemplates"):
        found.append("Its PersistentVolumeClaims stay.")
    claims = _claims(((item.get("spec") or {}).get("template") or {}).get("spec") or {})
    if claims:
        found.append(f"PersistentVolumeClaim {some(claims)} stays.")
    found += budgets
    owner = next((o for o in item["metadata"].get("ownerReferences") or () if o.get("controller")), None)
    if owner is not None:
        found.append(f"{owner['kind']} {owner['name']} owns it and will make it again.")
    return found


async def _none() -> list[str]:
    return []


async def _of_namespace(access: Access, name: str) -> list[str]:
    counts = await asyncio.gather(*(access.seen(access.names(kind, name)) for kind in _IN_A_NAMESPACE))
    present = [
        f"{len(names)} {kind.plural if len(names) != 1 else kind.singular}"
        for kind, names in zip(_IN_A_NAMESPACE, counts, strict=True)
        if names
    ]
    holds = f"it holds {', '.join(present)}" if present else "it holds no pods, workloads, services or claims"
    return [f"Everything in namespace {name} will be deleted: {holds}.", "This cannot be undone."]


async def _of_claim(access: Access, item: dict[str, Any], namespace: str, name: str) -> list[str]:
    found = await access.seen(access.objects(POD, namespace))
    users = [
        str(pod["metadata"]["name"])
        for pod in found
        if any(
            (v.get("persistentVolumeClaim") or {}).get("claimName") == name for v in pod["spec"].get("volumes") or ()
        )
    ]
    used = f"It is used by {some(users)} and goes when they do." if users else "No pod uses it now."
    volume = (item.get("spec") or {}).get("volumeName")
    lost = f"Whether the data of volume {volume} is kept depends on its reclaim policy." if volume else ""
    return [text for text in (used, lost) if text]


async def _of_mounted(access: Access, kind: str, namespace: str, name: str) -> list[str]:
    found = await access.seen(access.objects(POD, namespace))
    users = [str(pod["metadata"]["name"]) for pod in found if _refers(pod.get("spec") or {}, kind, name)]
    if not users:
        return ["No pod in its namespace refers to it now."]
    return [f"Used by {some(users)}, which cannot start again without it."]


def _refers(spec: dict[str, Any], kind: str, name: str) -> bool:
    ref, source = ("configMapRef", "configMap") if kind == "ConfigMap" else ("secretRef", "secret")
    key_ref = "configMapKeyRef" if kind == "ConfigMap" else "secretKeyRef"
    for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        if any((origin.get(ref) or {}).get("name") == name for origin in container.get("envFrom") or ()):
            return True
        values = [(variable.get("valueFrom") or {}).get(key_ref) or {} for variable in container.get("env") or ()]
        if any(value.get("name") == name for value in values):
            return True
    return any(
        name in {(volume.get(source) or {}).get("name"), (volume.get(source) or {}).get("secretName")}
        for volume in spec.get("volumes") or ()
    )


async def _services_of(access: Access, namespace: str, item: dict[str, Any]) -> list[str]:
    labels = _template_labels(item)
    services = await access.seen(access.objects(SERVICE, namespace))
    return [
        str(service["metadata"]["name"])
        for service in services
        if is_selected((service.get("spec") or {}).get("selector") or {}, labels)
    ]


async def _autoscalers_of(access: Access, namespace: str, kind: str, name: str) -> list[str]:
    scalers = await access.seen(access.objects(AUTOSCALER, namespace))
    return [
        str(scaler["metadata"]["name"])
        for scaler in scalers
        if ((target := (scaler.get("spec") or {}).get("scaleTargetRef") or {}).get("kind"), target.get("name"))
        == (kind, name)
    ]
