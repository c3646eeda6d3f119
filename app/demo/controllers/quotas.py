"""Writes what is used of ResourceQuotas, and tells whoever was refused to try again when that changes."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Final

from app.demo import kinds
from app.demo.clock import stamp
from app.demo.cluster import Cluster, Key
from app.demo.controllers.recorder import Recorder
from app.demo.kinds import Kind
from app.demo.objects import Obj, condition, name_of, namespace_of
from app.demo.status import StatusError
from app.demo.store import Change
from app.demo.writing.quotas import check_usage, status_of

QUOTAS: Final = kinds.named("resourcequotas")
_PODS: Final = kinds.named("pods")
_FAILURE: Final = "ReplicaFailure"


class Quotas:
    """The resource quota controller.

    Args:
        cluster: where it works.
    """

    name = "quotas"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def affected(self, change: Change) -> Iterable[Key]:
        """All quotas of the namespace in which something changed."""
        for quota in self._cluster.store.all(QUOTAS.key, namespace_of(change.obj)):
            yield namespace_of(quota), name_of(quota)

    def reconcile(self, namespace: str, name: str) -> None:
        """Count, and write that where it is different."""
        found = self._cluster.get(QUOTAS.key, namespace, name)
        if found is None:
            return
        status = status_of(self._cluster, found)
        if found.get("status") != status:
            quota = copy.deepcopy(found)
            quota["status"] = status
            self._cluster.save(QUOTAS, quota, subresource="status")


def refusal(cluster: Cluster, pod: Obj, kind: Kind = _PODS) -> str:
    """Why a pod would not be let in, in the API server's words; empty where it would."""
    try:
        check_usage(cluster, kind, pod)
    except StatusError as error:
        return str(error.body["message"])
    return ""


def told(recorder: Recorder, owner: Obj, message: str, component: str) -> None:
    """Write down that a pod could not be made."""
    recorder.record(owner, "FailedCreate", f"Error creating: {message}", component, warning=True)


def waiting_for_quotas(cluster: Cluster, change: Change, key: str) -> Iterable[Key]:
    """The controllers of a kind in a quota's namespace, which may be let in what they were refused."""
    if change.key == QUOTAS.key:
        for owner in cluster.store.all(key, namespace_of(change.obj)):
            yield namespace_of(owner), name_of(owner)


def failure(cluster: Cluster, before: Obj, message: str) -> list[Obj]:
    """The conditions of a ReplicaSet that could not make its pods; none where it could."""
    if not message:
        return []
    known = condition(before, _FAILURE) or {}
    since = known.get("lastTransitionTime") or stamp(cluster.now)
    return [
        {"type": _FAILURE, "status": "True", "lastTransitionTime": since, "reason": "FailedCreate", "message": message}
    ]
