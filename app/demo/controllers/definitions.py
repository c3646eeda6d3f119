"""The API server's own controllers for custom resource definitions: they accept names, and clear up after deletions."""

from __future__ import annotations

import copy
from collections.abc import Iterable

from app.demo import kinds
from app.demo.clock import stamp
from app.demo.cluster import Cluster, Key
from app.demo.custom.definitions import DEFINITIONS
from app.demo.objects import Obj, name_of, namespace_of
from app.demo.store import Change


class Definitions:
    """Says that a definition is in force, and removes the objects of one that is gone.

    Args:
        cluster: where it works.
    """

    name = "definitions"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def affected(self, change: Change) -> Iterable[Key]:
        """Every changed definition."""
        if change.key == DEFINITIONS:
            yield "", name_of(change.obj)

    def reconcile(self, namespace: str, name: str) -> None:
        """Accept a definition's names, or remove its objects."""
        found = self._cluster.get(DEFINITIONS, namespace, name)
        if found is None:
            for obj in self._cluster.store.all(name):
                self._cluster.store.remove(name, namespace_of(obj), name_of(obj))
            return
        if found.get("status", {}).get("conditions"):
            return
        definition = copy.deepcopy(found)
        status = definition.setdefault("status", {})
        status["acceptedNames"] = definition["spec"]["names"]
        status["conditions"] = [
            self._condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            self._condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ]
        self._cluster.save(kinds.named(DEFINITIONS), definition, "kube-apiserver", "status")

    def _condition(self, what: str, reason: str, message: str) -> Obj:
        since = stamp(self._cluster.now)
        return {"type": what, "status": "True", "lastTransitionTime": since, "reason": reason, "message": message}
