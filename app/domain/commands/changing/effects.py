"""What else changes of labels, templates, nodes, and new objects bring about; deletions are in `consequences`.

What this person may not see is left out and not guessed.
"""

from __future__ import annotations

from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import POD, SERVICE, Access, is_selected
from app.domain.commands.changing import consequences
from app.domain.commands.changing.consequences import pods, some

_ROLLED = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
_ADMIN = frozenset({"cluster-admin", "admin", "edit"})


async def of_labels(access: Access, resource: ResourceType, item: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Which Services a pod joins or leaves, and whether its owner lets go of it."""
    if resource.kind != "Pod":
        return []
    namespace, name = str(item["metadata"]["namespace"]), str(item["metadata"]["name"])
    before = item["metadata"].get("labels") or {}
    services = await access.seen(access.objects(SERVICE, namespace))
    selectors = {str(s["metadata"]["name"]): (s.get("spec") or {}).get("selector") or {} for s in services}
    left = [n for n, match in selectors.items() if is_selected(match, before) and not is_selected(match, after)]
    joined = [n for n, match in selectors.items() if is_selected(match, after) and not is_selected(match, before)]
    found = [f"Service {some(left)} no longer sends anything to {name}."] if left else []
    found += [f"Service {some(joined)} sends to {name} from now on."] if joined else []
    owner = next((o for o in item["metadata"].get("ownerReferences") or () if o.get("controller")), None)
    if owner is not None and any(before.get(key) != after.get(key) for key in before):
        found.append(f"If {owner['kind']} {owner['name']} selects by it, it lets go of {name} and starts another pod.")
    return found


async def of_template(access: Access, resource: ResourceType, item: dict[str, Any]) -> list[str]:
    """What a changed pod template brings about."""
    name = item["metadata"]["name"]
    if resource.kind == "CronJob":
        return [f"The jobs that {name} starts from now on are made so; those that run go on as they are."]
    if resource.kind in {"ReplicaSet", "ReplicationController", "Job"}:
        return ["Pods that run go on as they are; only new ones are made so."]
    if resource.kind not in _ROLLED:
        return []
    if (item.get("spec") or {}).get("paused"):
        return [f"The rollout of {name} is paused: nothing is replaced until it is resumed."]
    return await consequences.of_restart(access, item)


async def of_patch(access: Access, resource: ResourceType, item: dict[str, Any], wanted: Any) -> list[str]:
    """What a patch, or another whole object, brings about, as far as that is known."""
    if not isinstance(wanted, dict):
        return []
    spec, now = wanted.get("spec") or {}, item.get("spec") or {}
    if not isinstance(spec, dict):
        return []
    found: list[str] = []
    if resource.kind in _ROLLED and "template" in spec and spec["template"] != now.get("template"):
        found += await of_template(access, resource, item)
    replicas = spec.get("replicas")
    if isinstance(replicas, int) and "replicas" in now and replicas != now["replicas"]:
        found += await consequences.of_scale(access, resource, item, replicas)
    if resource.kind == "Service" and spec.get("selector", now.get("selector")) != now.get("selector"):
        found.append(f"What {item['metadata']['name']} sends to changes at once.")
    return found


async def of_cordon(access: Access, name: str) -> list[str]:
    """What stays on a node that takes no more."""
    query = [("fieldSelector", f"spec.nodeName={name}")]
    running = await access.seen(access.names(POD, "", query))
    return [f"{name} takes no new pods; its {pods(len(running))} go on running."]


async def of_taint(access: Access, name: str, added: list[dict[str, Any]]) -> list[str]:
    """Which pods a taint stops, and that it keeps others away."""
    if not added:
        return []
    found = []
    if any(taint["effect"] == "NoExecute" for taint in added):
        stopping = [taint for taint in added if taint["effect"] == "NoExecute"]
        query = [("fieldSelector", f"spec.nodeName={name}")]
        running = await access.seen(access.objects(POD, "", query))
        stopped = [
            str(pod["metadata"]["name"])
            for pod in running
            if any(not _tolerated(taint, pod["spec"].get("tolerations") or ()) for taint in stopping)
        ]
        listed = f": {some(stopped)}" if stopped else ""
        found.append(f"{pods(len(stopped))} on {name} will be stopped at once{listed}. No disruption budget is asked.")
    if any(taint["effect"] != "NoExecute" for taint in added):
        found.append(f"{name} takes no new pods that do not tolerate it; what runs there goes on running.")
    return found


def _tolerated(taint: dict[str, Any], tolerations: Any) -> bool:
    for toleration in tolerations:
        if toleration.get("effect") not in {None, "", taint["effect"]}:
            continue
        if toleration.get("operator") == "Exists" and toleration.get("key") in {None, "", taint["key"]}:
            return True
        same = toleration.get("key") == taint["key"] and (toleration.get("value") or "") == (taint.get("value") or "")
        if toleration.get("operator", "Equal") == "Equal" and same:
            return True
    return False


async def of_new(access: Access, resource: ResourceType, item: dict[str, Any]) -> list[str]:
    """What a new object opens, gives, or holds up."""
    spec, name = item.get("spec") or {}, str(item["metadata"]["name"])
    if resource.kind == "Service" and spec.get("type") in {"NodePort", "LoadBalancer"}:
        return [f"{name} can be reached from outside of the cluster."]
    if resource.kind == "Ingress":
        return [f"What {name} names can be reached from outside of the cluster."]
    if resource.kind in {"RoleBinding", "ClusterRoleBinding"}:
        return _of_binding(resource, item)
    if resource.kind == "ResourceQuota":
        return ["Pods that would go over it are refused in this namespace from now on; those that run stay."]
    if resource.kind == "PodDisruptionBudget":
        return ["Nodes can be drained only as far as it allows."]
    if resource.kind == "PriorityClass" and item.get("globalDefault"):
        return ["Every pod that names no class has this priority from now on."]
    if resource.kind == "HorizontalPodAutoscaler":
        target = spec.get("scaleTargetRef") or {}
        return [f"It sets the replicas of {target.get('name')} from now on, whatever scale says."]
    if resource.kind == "CustomResourceDefinition":
        return ["The cluster has a new type of objects from then on."]
    return []


def _of_binding(resource: ResourceType, item: dict[str, Any]) -> list[str]:
    role = str((item.get("roleRef") or {}).get("name") or "")
    people = [f"{s.get('kind')} {s.get('name')}" for s in item.get("subjects") or () if isinstance(s, dict)]
    where = "in every namespace" if resource.kind == "ClusterRoleBinding" else "in this namespace"
    whole = " That is nearly every right there is." if role in _ADMIN else ""
    return [f"{some(people) or 'Nobody yet'} gets the rights of {role} {where}.{whole}"]
