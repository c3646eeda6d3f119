"""What a diagnosis reads: lists of bounded size, a bounded number at once, all in the identity of the person who asks.

What this person may not list, or what the cluster does not give, is a gap that the answer names, and no error. Of
Secrets, ConfigMaps and service accounts only metadata is asked for: no value of one is ever here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import EVENT, METADATA_ONLY, NODE, POD, REPLICA_SET, SERVICE, Access, gather
from app.domain.commands.redaction import redact_text
from app.domain.diagnosis.shapes import Obj, condition, container_statuses, dig, name_of, namespace_of, text
from app.domain.diagnosis.snapshot import Snapshot
from app.errors import DeadlineExceededError, ForbiddenError, KubeChatError, UnavailableError
from app.infra.kubernetes.client import AnswerTooLargeError
from app.infra.kubernetes.errors import KubernetesForbiddenError, KubernetesNotFoundError, KubernetesStatusError

PAGE = 500  # objects decoded at once: some 25 ms
MOST_OBJECTS = 2_000  # of one kind; more than that is narrowed down by namespace
LIST_TIMEOUT_S = 8.0  # one kind that hangs leaves time for the rest of a request's 30 s
MOST_LOGS = 6  # containers whose last words are read
LOG_LINES = 20
LARGEST_LOG_BYTES = 16 * 1024
FORBIDDEN = "you may not list them"
_GROUPS = {
    "apps": "apps",
    "batch": "batch",
    "net": "networking.k8s.io",
    "scale": "autoscaling",
    "policy": "policy",
    "storage": "storage.k8s.io",
    "gateway": "gateway.networking.k8s.io",
    "hooks": "admissionregistration.k8s.io",
    "metrics": "metrics.k8s.io",
}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A kind that is read: its type, whether metadata is enough, and a query."""

    resource: ResourceType
    bare: bool = False
    query: tuple[tuple[str, str], ...] = ()
    key: str = ""

    @property
    def plural(self) -> str:
        return self.key or self.resource.plural


def _type(group: str, plural: str, kind: str, *, version: str = "v1", namespaced: bool = True) -> ResourceType:
    return ResourceType(_GROUPS.get(group, ""), version, plural, kind.lower(), kind, namespaced)


def _within(group: str, plural: str, kind: str, *, version: str = "v1", bare: bool = False) -> _Wanted:
    return _Wanted(_type(group, plural, kind, version=version), bare)


def _above(group: str, plural: str, kind: str) -> _Wanted:
    return _Wanted(_type(group, plural, kind, namespaced=False))


_NAMESPACED = (
    _Wanted(POD),
    _Wanted(EVENT, query=(("fieldSelector", "type=Warning"),)),
    _within("apps", "deployments", "Deployment"),
    _Wanted(REPLICA_SET),
    _within("apps", "statefulsets", "StatefulSet"),
    _within("apps", "daemonsets", "DaemonSet"),
    _within("batch", "jobs", "Job"),
    _within("batch", "cronjobs", "CronJob"),
    _Wanted(SERVICE),
    _within("net", "ingresses", "Ingress"),
    _within("net", "networkpolicies", "NetworkPolicy"),
    _within("", "persistentvolumeclaims", "PersistentVolumeClaim"),
    _within("scale", "horizontalpodautoscalers", "HorizontalPodAutoscaler", version="v2"),
    _within("policy", "poddisruptionbudgets", "PodDisruptionBudget"),
    _within("", "resourcequotas", "ResourceQuota"),
    _within("", "configmaps", "ConfigMap", bare=True),
    _within("", "secrets", "Secret", bare=True),
    _within("", "serviceaccounts", "ServiceAccount", bare=True),
)
_OF_CLUSTER = (
    _Wanted(NODE),
    _above("", "persistentvolumes", "PersistentVolume"),
    _above("storage", "storageclasses", "StorageClass"),
    _above("net", "ingressclasses", "IngressClass"),
    _above("hooks", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration"),
    _above("hooks", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration"),
)
# Of clusters that have them: who may not list what does not exist would be told so in place of that.
_WHERE_OFFERED = (
    _within("gateway", "gateways", "Gateway"),
    _within("gateway", "httproutes", "HTTPRoute"),
    _above("gateway", "gatewayclasses", "GatewayClass"),
)
_USAGE = _Wanted(_type("metrics", "pods", "PodMetrics", version="v1beta1"), key="usage")
_PLACED = _Wanted(POD, query=(("fieldSelector", "status.phase!=Succeeded,status.phase!=Failed"),), key="placed")
KINDS = {wanted.plural: wanted.resource.kind for wanted in (*_NAMESPACED, *_OF_CLUSTER, *_WHERE_OFFERED)}
"""Kinds by their plurals."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What came of one list; `gap` is empty where it is whole, `error` is set where the cluster did not answer."""

    items: tuple[Obj, ...] = ()
    gap: str = ""
    error: KubeChatError | None = None
    missing: bool = False


async def read(access: Access, namespace: str) -> Snapshot:
    """Read a namespace, or all of them, and what of the cluster belongs to it.

    Args:
        access: the cluster, as one person sees it.
        namespace: empty for all.

    Raises:
        ForbiddenError: this person may list nothing there.
        KubeChatError: the cluster gives no list at all.
    """
    wanted = (*_NAMESPACED, *_OF_CLUSTER, *await _offered(access))
    found = await gather(_list(access, each, namespace) for each in wanted)
    failed = [each.error for each in found if each.error is not None]
    if len(failed) == len(wanted):
        raise failed[0]
    if all(each.gap == FORBIDDEN or each.missing for each in found):
        where = f"in {namespace}" if namespace else "in all namespaces at once; name one with -n"
        raise ForbiddenError(f"On cluster {access.cluster} you may list nothing {where}.")
    kinds, gaps = _sorted_out(wanted, found)
    snapshot = Snapshot(access.cluster, namespace, datetime.now(UTC), kinds, gaps)
    more = [_PLACED] if namespace and any(_is_unplaced(pod) for pod in snapshot.of("pods")) else []
    more += [_USAGE] if any(_is_out_of_memory(pod) for pod in snapshot.of("pods")) else []
    got = await gather(_list(access, each, "" if each is _PLACED else namespace) for each in more)
    more_kinds, more_gaps = _sorted_out(more, got)
    kinds, gaps = {**kinds, **more_kinds}, {**gaps, **more_gaps}
    if not namespace and "pods" in kinds:
        kinds["placed"] = kinds["pods"]
        gaps |= {"placed": gaps["pods"]} if "pods" in gaps else {}
    logs, unread = await _last_words(access, snapshot)
    gaps |= {"logs": unread} if unread else {}
    return replace(snapshot, kinds=kinds, gaps=gaps, logs=logs)


async def _offered(access: Access) -> list[_Wanted]:
    """The kinds of extensions that this cluster has, in the version that it serves."""
    try:
        known = await access.discovery.catalogue(access.identity)
    except KubeChatError:
        return []  # whoever cannot be asked for its types gives no list either
    return [
        replace(each, resource=found[0])
        for each in _WHERE_OFFERED
        if (found := known.find(f"{each.resource.plural}.{each.resource.group}"))
    ]


def _sorted_out(wanted: Sequence[_Wanted], found: Sequence[_Read]) -> tuple[dict[str, tuple[Obj, ...]], dict[str, str]]:
    pairs = [(each.plural, got) for each, got in zip(wanted, found, strict=True) if not got.missing]
    kinds = {plural: got.items for plural, got in pairs if got.items or not got.gap}
    return kinds, {plural: got.gap for plural, got in pairs if got.gap}


async def _list(access: Access, wanted: _Wanted, namespace: str) -> _Read:
    items: list[Obj] = []
    start = ""
    try:
        while True:
            body = await _page(access, wanted, namespace, start)
            items += [_typed(each, wanted) for each in dig(body, "items") or () if isinstance(each, dict)]
            start = text(body, "metadata", "continue")
            if not start:
                return _Read(tuple(items))
            if len(items) >= MOST_OBJECTS:
                return _Read(tuple(items), f"only the first {len(items)} were looked at")
    except KubernetesNotFoundError:
        return _Read(missing=True)  # this cluster has no such kind
    except (KubernetesForbiddenError, ForbiddenError):
        return _Read(gap=FORBIDDEN)
    except AnswerTooLargeError:
        return _Read(tuple(items), "they are too large to be looked at")
    except (KubernetesStatusError, UnavailableError, DeadlineExceededError) as error:
        return _Read(tuple(items), "the cluster did not give them", error)


async def _page(access: Access, wanted: _Wanted, namespace: str, start: str) -> Any:
    query = [*wanted.query, ("limit", str(PAGE)), *([("continue", start)] if start else [])]
    answer = await access.client.request(
        "GET",
        wanted.resource.path(namespace),
        identity=access.identity,
        query=query,
        accept=METADATA_ONLY if wanted.bare else "application/json",
        timeout_s=LIST_TIMEOUT_S,
    )
    return answer.json()


def _typed(item: Obj, wanted: _Wanted) -> Obj:
    # Whatever an API server makes of the wish for metadata alone, nothing else of these kinds is kept.
    kept = {"metadata": item.get("metadata")} if wanted.bare else item
    return {**kept, "kind": wanted.resource.kind}


def _is_unplaced(pod: Obj) -> bool:
    return text(pod, "status", "phase") == "Pending" and condition(pod, "PodScheduled").get("status") == "False"


def _is_out_of_memory(pod: Obj) -> bool:
    return any(
        text(status, state, "terminated", "reason") == "OOMKilled"
        for status, _ in container_statuses(pod)
        for state in ("state", "lastState")
    )


async def _last_words(access: Access, snapshot: Snapshot) -> tuple[dict[tuple[str, str, str], str], str]:
    """What containers wrote before they ended, of the few that ended last; and why some could not be read."""
    ended: dict[tuple[str, str], tuple[str, str, str]] = {}
    for pod in snapshot.of("pods"):
        root = snapshot.root(pod, "Pod")
        for status, _ in container_statuses(pod):
            if status.get("ready") is not True and _has_failed(status):
                name = text(status, "name")
                ended.setdefault((str(root), name), (namespace_of(pod), name_of(pod), name))
    wanted = list(ended.values())[:MOST_LOGS]
    found = await gather(_log(access, *each) for each in wanted) if wanted else []
    logs = {each: words for each, words in zip(wanted, found, strict=True) if words}
    return logs, "you may not read some of them" if None in found else ""


def _has_failed(status: Obj) -> bool:
    ended = dig(status, "lastState", "terminated") or dig(status, "state", "terminated")
    return isinstance(ended, dict) and ended.get("exitCode") not in {0, None}


async def _log(access: Access, namespace: str, pod: str, container: str) -> str | None:
    """The last lines, redacted; empty where there are none, None where this person may not read them."""
    query = [("container", container), ("tailLines", str(LOG_LINES)), ("limitBytes", str(LARGEST_LOG_BYTES))]
    for previous in ([("previous", "true")], []):
        try:
            content = await access.log(namespace, pod, [*query, *previous])
        except (KubernetesForbiddenError, ForbiddenError):
            return None
        except (KubernetesStatusError, UnavailableError, DeadlineExceededError):
            continue
        if content.strip():
            return redact_text(content.decode(errors="replace"))
    return ""
