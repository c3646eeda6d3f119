"""Carries out the requests that remove objects: deletions in all their forms, and evictions."""

from __future__ import annotations

import copy
from typing import Any, Final

from app.demo.cluster import PODS, Cluster
from app.demo.controllers.collector import OWNABLE
from app.demo.kinds import Kind
from app.demo.objects import Obj, is_ready, is_terminating, labels_of, name_of, namespace_of
from app.demo.selectors import selector_test
from app.demo.status import (
    StatusError,
    bad_request,
    forbidden,
    not_found,
    not_implemented,
    precondition_failed,
    success,
)
from app.demo.writing.deletion import FOREGROUND, delete_pod, marked, remove
from app.demo.writing.requests import Options, Result
from app.demo.writing.views import as_served

_RETURNED: Final = frozenset({"Pod", "PersistentVolume", "PersistentVolumeClaim", "ServiceAccount", "Service"})
_UNCOUNTED_RETRY_S: Final = 10
_PROTECTED: Final = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})


class Removals:
    """Removes objects of one cluster on behalf of clients.

    Args:
        cluster: which one.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def _find(self, kind: Kind, namespace: str, name: str) -> Obj:
        found = self._cluster.store.get(kind.key, namespace, name)
        if found is None:
            raise not_found(kind, name)
        return found

    def delete(self, kind: Kind, namespace: str, name: str, wishes: Obj, options: Options) -> Result:
        """DELETE of an object.

        Args:
            kind: of the object.
            namespace: where it is.
            name: its name.
            wishes: DeleteOptions.
            options: how it is meant.

        Raises:
            StatusError: 400, 403, 404 or 409.
        """
        if not kind.verbs or "delete" not in kind.verbs:
            raise not_implemented(f"deleting {kind.resource}")
        obj = self._find(kind, namespace, name)
        self._check_preconditions(kind, obj, wishes)
        if kind.kind == "Namespace" and name in _PROTECTED:
            raise forbidden(kind, name, "this namespace may not be deleted")
        grace = wishes.get("gracePeriodSeconds")
        if grace is not None and (not isinstance(grace, int) or grace < 0):
            raise bad_request("gracePeriodSeconds must be a number that is not negative")
        if options.dry_run:
            shown = marked(self._cluster, kind, obj, int(grace or 0) if kind.kind == "Pod" else 0)
            return Result(200, as_served(kind, shown) if kind.kind in _RETURNED else success(kind, obj))
        gone = self._delete(kind, obj, wishes, grace)
        left = self._cluster.store.get(kind.key, namespace, name)
        still = left is not None and left["metadata"]["uid"] == obj["metadata"]["uid"]
        answer = as_served(kind, gone) if still or kind.kind in _RETURNED else success(kind, obj)
        return Result(200, answer, gone)

    def evict(self, namespace: str, name: str, body: Any, options: Options) -> Result:
        """POST of an Eviction: delete a pod if its disruption budgets allow.

        Raises:
            StatusError: 404, or 429 when a budget does not allow it.
        """
        pod = self._find(PODS, namespace, name)
        wishes = body.get("deleteOptions") or {} if isinstance(body, dict) else {}
        done: Obj = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
        if is_terminating(pod):
            return Result(201, done)
        for budget in self._cluster.store.all("poddisruptionbudgets.policy", namespace):
            if is_ready(pod) and selector_test(budget["spec"].get("selector"))(labels_of(pod)):
                self._check_budget(budget)
        if options.dry_run:
            return Result(201, done)
        return Result(201, done, delete_pod(self._cluster, pod, wishes.get("gracePeriodSeconds")))

    def _check_budget(self, budget: Obj) -> None:
        status = budget.get("status") or {}
        details: Obj = {}
        if status.get("observedGeneration", 0) < budget["metadata"].get("generation", 0):
            # The disruption controller has not counted yet (registry/core/pod/storage/eviction.go).
            message = f"The disruption budget {name_of(budget)} is still being processed by the server."
            details["retryAfterSeconds"] = _UNCOUNTED_RETRY_S
        elif status.get("disruptionsAllowed", 0) > 0:
            return
        else:
            message = (
                f"The disruption budget {name_of(budget)} needs {status.get('desiredHealthy', 0)} healthy pods and has "
                f"{status.get('currentHealthy', 0)} currently"
            )
        details["causes"] = [{"reason": "DisruptionBudget", "message": message}]
        wait_s = details.get("retryAfterSeconds")
        raise StatusError(
            429,
            "Cannot evict pod as it would violate the pod's disruption budget.",
            "TooManyRequests",
            details,
            headers={"Retry-After": str(wait_s)} if wait_s else None,
        )

    def _delete(self, kind: Kind, obj: Obj, wishes: Obj, grace: int | None) -> Obj:
        policy = wishes.get("propagationPolicy")
        if policy == "Orphan" or wishes.get("orphanDependents"):
            self._orphan(obj)
        if kind.kind == "Pod":
            return delete_pod(self._cluster, obj, grace)
        if kind.kind == "Namespace":
            if is_terminating(obj):
                return obj
            going = marked(self._cluster, kind, obj, 0)
            going["status"] = {"phase": "Terminating"}
            return self._cluster.store.put(kind.key, going)
        if policy == "Foreground" and FOREGROUND not in (obj["metadata"].get("finalizers") or ()):
            obj = copy.deepcopy(obj)
            obj["metadata"].setdefault("finalizers", []).append(FOREGROUND)
        return remove(self._cluster, kind, obj)

    def _orphan(self, owner: Obj) -> None:

        uid = owner["metadata"]["uid"]
        for kind in OWNABLE:
            for obj in self._cluster.store.all(kind.key, namespace_of(owner)):
                references = obj["metadata"].get("ownerReferences") or ()
                if any(entry["uid"] == uid for entry in references):
                    freed = copy.deepcopy(obj)
                    kept = [entry for entry in references if entry["uid"] != uid]
                    if kept:
                        freed["metadata"]["ownerReferences"] = kept
                    else:
                        del freed["metadata"]["ownerReferences"]
                    self._cluster.store.put(kind.key, freed)

    def _check_preconditions(self, kind: Kind, obj: Obj, wishes: Obj) -> None:
        wanted = wishes.get("preconditions") or {}
        for entry, word in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
            value, held = wanted.get(entry), obj["metadata"].get(entry)
            if value and value != held:
                why = (
                    f"the {word} in the precondition ({value}) does not match the {word} in record ({held}). "
                    "The object might have been " + ("deleted and then recreated" if entry == "uid" else "modified")
                )
                raise precondition_failed(kind, name_of(obj), why)
