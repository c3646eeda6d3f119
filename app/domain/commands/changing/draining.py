"""What draining a node means: which pods go, which keep it from being drained, and what goes with them.

The node is cordoned first, so that nothing new comes. Each pod is asked to go by an eviction, which the API server
refuses while a disruption budget does not allow it; nothing here deletes a pod.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import NODE, POD, Access, gather, is_selected
from app.domain.commands.changing.consequences import pods as count_of
from app.domain.commands.changing.consequences import some
from app.domain.commands.changing.draft import Draft, tried
from app.domain.commands.model.drain import Drain
from app.domain.commands.preview import JSON, NOT_NOW, Preview, Step
from app.domain.commands.redaction import redact_text
from app.errors import InvalidInputError
from app.infra.kubernetes.errors import KubernetesBusyError, KubernetesCredentialsError, KubernetesStatusError

MOST_PODS = 500  # of one node; Kubernetes itself says 110
BUDGET = ResourceType(
    "policy", "v1", "poddisruptionbudgets", "poddisruptionbudget", "PodDisruptionBudget", namespaced=True
)
_MIRROR = "kubernetes.io/config.mirror"
_FINISHED = frozenset({"Succeeded", "Failed"})
# kubectl's own words.
_OF_DAEMON_SETS = "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"
_WITH_LOCAL_STORAGE = "cannot delete Pods with local storage (use --delete-emptydir-data to override)"
_WITHOUT_CONTROLLER = "cannot delete Pods that declare no controller (use --force to override)"


def is_eviction(step: Step) -> bool:
    """Whether a step asks a pod to go: the one request that may be followed by another after a 429."""
    return step.method == "POST" and step.resource == POD.plural and step.path.endswith("/eviction")


@dataclass(slots=True)
class _Sorted:
    """The pods of a node: who goes, who stays, and who keeps it from being drained."""

    going: list[dict[str, Any]] = field(default_factory=list)
    staying: list[str] = field(default_factory=list)
    refused: dict[str, list[str]] = field(default_factory=dict)


async def preview(access: Access, command: Drain) -> Preview:
    """What draining a node would do.

    Raises:
        ForbiddenError: the cluster's RBAC would refuse it.
        NotFoundError: there is no such node; the message names the nearest.
        InvalidInputError: a flag is missing without which kubectl refuses too, in its words.
    """
    await access.require("patch", NODE, "", command.node)
    node = await access.get(NODE, "", command.node)
    query = [("fieldSelector", f"spec.nodeName={command.node}"), ("limit", str(MOST_PODS + 1))]
    if command.pod_selector:
        query.append(("labelSelector", command.pod_selector))
    found = _sorted(await access.objects(POD, "", query), command)
    if found.refused:
        # As kubectl does, but before anything was done: it has cordoned the node by then.
        said = "; ".join(f"{why}: {', '.join(names)}" for why, names in found.refused.items())
        raise InvalidInputError(f'unable to drain node "{command.node}" due to error: {said}', code="drain_refused")
    if len(found.going) > MOST_PODS:
        raise InvalidInputError(
            f"More than {MOST_PODS} pods are on {command.node}; drain them in parts with --pod-selector.",
            code="too_many_objects",
        )
    for namespace in dict.fromkeys(_namespace(pod) for pod in found.going):
        await access.require("create", POD, namespace, "", "eviction")
    evictions = await gather(_eviction(access, command, pod) for pod in found.going)
    steps = (*await _cordon(access, command, node), *evictions)
    return Preview(
        command,
        command.risk,
        command.node if steps else None,
        steps,
        tuple(await _consequences(access, command, found)) if steps else (),
    )


def _sorted(items: Sequence[dict[str, Any]], command: Drain) -> _Sorted:
    """As kubectl's filters sort them: the first that has something to say decides."""
    found = _Sorted()
    for pod in items:
        metadata = pod["metadata"]
        name = f"{metadata.get('namespace')}/{metadata['name']}"
        finished = (pod.get("status") or {}).get("phase") in _FINISHED
        owner = _controller(pod)
        if owner is not None and owner["kind"] == "DaemonSet" and not finished:
            if command.ignore_daemonsets:
                found.staying.append(name)
            else:
                found.refused.setdefault(_OF_DAEMON_SETS, []).append(name)
        elif _MIRROR in (metadata.get("annotations") or {}):
            continue
        elif _local_storage(pod) and not finished and not command.delete_emptydir_data:
            found.refused.setdefault(_WITH_LOCAL_STORAGE, []).append(name)
        elif owner is None and not finished and not command.force:
            found.refused.setdefault(_WITHOUT_CONTROLLER, []).append(name)
        else:
            found.going.append(pod)
    return found


async def _cordon(access: Access, command: Drain, node: dict[str, Any]) -> tuple[Step, ...]:
    if (node.get("spec") or {}).get("unschedulable"):
        return ()
    draft = Draft(
        resource_type=NODE,
        item=node,
        line=command.line(),
        summary=f"cordon node {command.node}",
        done=f"node/{command.node} cordoned",
        before="takes new pods",
        after="takes none",
        payload={"spec": {"unschedulable": True}},
    )
    step = await tried(access, command, draft)
    return () if step is None else (step,)


async def _eviction(access: Access, command: Drain, pod: dict[str, Any]) -> Step:
    metadata, namespace = pod["metadata"], _namespace(pod)
    name, uid = str(metadata["name"]), str(metadata["uid"])
    options: dict[str, Any] = {"preconditions": {"uid": uid}}
    if command.grace_period_s >= 0:
        options["gracePeriodSeconds"] = command.grace_period_s
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": namespace},
        "deleteOptions": options,
    }
    return Step(
        command=command.line(),
        cluster=access.cluster,
        namespace=namespace,
        verb=command.verb,
        kind=POD.kind,
        resource=POD.plural,
        object=POD.object_name(name),
        name=name,
        uid=uid,
        generation=0,
        resource_version="",
        object_path=POD.path(namespace, name),
        method="POST",
        path=POD.path(namespace, name, "eviction"),
        query=(),
        content_type=JSON,
        body=orjson.dumps(body, option=orjson.OPT_SORT_KEYS),
        summary=f"evict pod {namespace}/{name}",
        done=f"pod/{name} evicted",
        before=str((pod.get("status") or {}).get("phase") or "exists"),
        after="gone",
        diff="",
        dry_run=await _tried_eviction(access, namespace, name, body),
    )


async def _tried_eviction(access: Access, namespace: str, name: str, body: dict[str, Any]) -> str:
    tried_body = {**body, "deleteOptions": {**body["deleteOptions"], "dryRun": ["All"]}}
    try:
        await access.client.request(
            "POST",
            POD.path(namespace, name, "eviction"),
            identity=access.identity,
            query=(("dryRun", "All"),),
            body=orjson.dumps(tried_body),
            mutates=False,
        )
    except KubernetesCredentialsError:
        raise
    except KubernetesBusyError as error:
        return f"{NOT_NOW}{redact_text(error.message)}"
    except KubernetesStatusError as error:
        return redact_text(error.message)
    return "ok"


async def _consequences(access: Access, command: Drain, found: _Sorted) -> list[str]:
    """The blast radius: what stops, what starts elsewhere, what is lost, and what holds it up."""
    going = found.going
    told = [f"Nothing new is scheduled on {command.node} until it is uncordoned."]
    if going:
        names = [_full_name(pod) for pod in going]
        told.append(f"{count_of(len(going))} will be evicted: {some(names)}.")
    owners = [f"{owner['kind']} {owner['name']}" for pod in going if (owner := _controller(pod)) is not None]
    if owners:
        each = [f"{name} ({owners.count(name)})" for name in dict.fromkeys(owners)]
        told.append(f"Started again on other nodes, where there is room: those of {some(each)}.")
    for sentence, belongs in _LOSSES:
        names = [_full_name(pod) for pod in going if belongs(pod)]
        if names:
            told.append(f"{sentence}: {some(names)}.")
    claims = [f"{_namespace(pod)}/{claim}" for pod in going for claim in _claims(pod)]
    if claims:
        told.append(f"PersistentVolumeClaims in use, whose volumes have to be reachable elsewhere: {some(claims)}.")
    told += await _budgets(access, going)
    if found.staying:
        told.append(f"Pods of DaemonSets stay: {some(found.staying)}.")
    return told


async def _budgets(access: Access, going: Sequence[dict[str, Any]]) -> list[str]:
    namespaces = list(dict.fromkeys(_namespace(pod) for pod in going))
    lists = await gather(access.seen(access.objects(BUDGET, namespace)) for namespace in namespaces)
    at_limit = [
        f"{namespace}/{budget['metadata']['name']}"
        for namespace, budgets in zip(namespaces, lists, strict=True)
        for budget in budgets
        if int((budget.get("status") or {}).get("disruptionsAllowed") or 0) < 1
        and any(_namespace(pod) == namespace and _covers(budget, pod) for pod in going)
    ]
    if not at_limit:
        return []
    return [f"Disruption budgets at their limit, which hold their pods until others run: {some(at_limit)}."]


def _covers(budget: dict[str, Any], pod: dict[str, Any]) -> bool:
    selector = (budget.get("spec") or {}).get("selector") or {}
    if selector.get("matchExpressions"):
        return True  # better told once too often
    return is_selected(selector.get("matchLabels") or {}, pod["metadata"].get("labels") or {})


def _controller(pod: dict[str, Any]) -> dict[str, Any] | None:
    return next((owner for owner in pod["metadata"].get("ownerReferences") or () if owner.get("controller")), None)


def _local_storage(pod: dict[str, Any]) -> bool:
    return any("emptyDir" in volume for volume in (pod.get("spec") or {}).get("volumes") or ())


def _claims(pod: dict[str, Any]) -> list[str]:
    volumes = (pod.get("spec") or {}).get("volumes") or ()
    return [
        str(volume["persistentVolumeClaim"]["claimName"]) for volume in volumes if "persistentVolumeClaim" in volume
    ]


def _namespace(pod: dict[str, Any]) -> str:
    return str(pod["metadata"].get("namespace") or "")


def _full_name(pod: dict[str, Any]) -> str:
    return f"{_namespace(pod)}/{pod['metadata']['name']}"


_LOSSES: tuple[tuple[str, Callable[[dict[str, Any]], bool]], ...] = (
    ("No controller starts these again", lambda pod: _controller(pod) is None),
    ("Their emptyDir data will be lost", _local_storage),
)
