"""The controller revisions of stateful and daemon sets: what `rollout history` and `undo` read."""

from __future__ import annotations

import copy
from typing import Final

from app.demo import kinds
from app.demo.cluster import Cluster
from app.demo.objects import Obj, annotations_of, name_of, namespace_of, owner_reference, short_hash

REVISIONS: Final = kinds.named("controllerrevisions.apps")
HASH_LABEL: Final = "controller-revision-hash"
_CAUSE: Final = "kubernetes.io/change-cause"


def current_revision(cluster: Cluster, owner: Obj) -> Obj:
    """The revision that holds an owner's present template; made, or made the newest, if need be.

    Args:
        cluster: where.
        owner: a StatefulSet or DaemonSet.
    """
    data = {"spec": {"template": {**copy.deepcopy(owner["spec"]["template"]), "$patch": "replace"}}}
    owned = cluster.owned_by("controllerrevisions.apps", owner)
    newest = max((entry["revision"] for entry in owned), default=0)
    same = next((entry for entry in owned if entry["data"] == data), None)
    if same is not None:
        if same["revision"] == newest:
            return same
        revised = copy.deepcopy(same)
        revised["revision"] = newest + 1
        return cluster.save(REVISIONS, revised)
    mark = short_hash(data)
    labels = {**(owner["spec"]["template"].get("metadata", {}).get("labels") or {}), HASH_LABEL: mark}
    notes = {key: value for key, value in annotations_of(owner).items() if key == _CAUSE}
    metadata: Obj = {
        "name": f"{name_of(owner)}-{mark}",
        "namespace": namespace_of(owner),
        "labels": labels,
        "ownerReferences": [owner_reference(owner)],
    }
    if notes:
        metadata["annotations"] = notes
    made = {
        "kind": "ControllerRevision",
        "apiVersion": "apps/v1",
        "metadata": metadata,
        "data": data,
        "revision": newest + 1,
    }
    _forget_old(cluster, owned, owner["spec"].get("revisionHistoryLimit", 10))
    return cluster.save(REVISIONS, made)


def _forget_old(cluster: Cluster, owned: list[Obj], limit: int) -> None:
    ordered = sorted(owned, key=lambda entry: int(entry["revision"]))
    for entry in ordered[: max(0, len(ordered) - limit)]:
        cluster.store.remove("controllerrevisions.apps", namespace_of(entry), name_of(entry))


def mark_of(revision: Obj) -> str:
    """The hash that its pods carry."""
    return str(revision["metadata"]["labels"][HASH_LABEL])
