"""Binds claims to volumes that are made for them, and keeps claims while pods use them."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from app.demo import kinds
from app.demo.clock import moment_of
from app.demo.cluster import Cluster, Key
from app.demo.controllers.recorder import Recorder
from app.demo.objects import Obj, dig, is_terminating, name_of, namespace_of
from app.demo.store import Change

CLAIMS: Final = kinds.named("persistentvolumeclaims")
VOLUMES: Final = kinds.named("persistentvolumes")
PROVISIONER: Final = "local.kubechat.example/path"
_PROTECTION: Final = "kubernetes.io/pvc-protection"
_PROVISION_S: Final = 1.1


class Claims:
    """The persistent volume controller with a provisioner for the class `standard`.

    Args:
        cluster: where it works.
        recorder: takes its events.
    """

    name = "claims"

    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder

    def affected(self, change: Change) -> Iterable[Key]:
        """Changed claims, and claims of pods that went."""
        if change.key == "persistentvolumeclaims":
            yield namespace_of(change.obj), name_of(change.obj)
            if change.type == "DELETED":
                volume = dig(change.obj, "spec", "volumeName")
                if volume:
                    yield "", f"volume:{volume}"
        elif change.key == "pods" and change.type == "DELETED":
            for name in _claims_of(change.obj):
                yield namespace_of(change.obj), name

    def reconcile(self, namespace: str, name: str) -> None:
        """Bind a claim, or let it go."""
        if name.startswith("volume:"):
            self._release(name.partition(":")[2])
            return
        claim = self._cluster.get("persistentvolumeclaims", namespace, name)
        if claim is None:
            return
        if is_terminating(claim):
            used = any(name in _claims_of(pod) for pod in self._cluster.store.all("pods", namespace))
            if not used and _PROTECTION in (claim["metadata"].get("finalizers") or ()):
                freed = copy.deepcopy(claim)
                freed["metadata"]["finalizers"].remove(_PROTECTION)
                self._cluster.store.put("persistentvolumeclaims", freed)
                if not freed["metadata"]["finalizers"]:
                    self._cluster.store.remove("persistentvolumeclaims", namespace, name)
            return
        if dig(claim, "status", "phase") == "Bound":
            return
        storage_class = claim["spec"].get("storageClassName")
        if self._cluster.get("storageclasses.storage.k8s.io", "", storage_class or "") is None:
            message = f'storageclass.storage.k8s.io "{storage_class}" not found'
            self._recorder.record(claim, "ProvisioningFailed", message, "persistentvolume-controller", warning=True)
            return
        age = (self._cluster.now - _created(claim)).total_seconds()
        if age < _PROVISION_S:
            self._cluster.soon(self, namespace, name, _PROVISION_S)
            return
        self._bind(claim)

    def _bind(self, found: Obj) -> None:
        claim = copy.deepcopy(found)
        capacity = dig(claim, "spec", "resources", "requests", "storage", default="1Gi")
        volume_name = f"pvc-{claim['metadata']['uid']}"
        reference = {
            "kind": "PersistentVolumeClaim",
            "apiVersion": "v1",
            "namespace": namespace_of(claim),
            "name": name_of(claim),
            "uid": claim["metadata"]["uid"],
            "resourceVersion": claim["metadata"]["resourceVersion"],
        }
        volume: Obj = {
            "kind": "PersistentVolume",
            "apiVersion": "v1",
            "metadata": {
                "name": volume_name,
                "annotations": {"pv.kubernetes.io/provisioned-by": PROVISIONER},
                "finalizers": ["kubernetes.io/pv-protection"],
            },
            "spec": {
                "capacity": {"storage": capacity},
                "hostPath": {"path": f"/var/lib/local-path/{volume_name}", "type": "DirectoryOrCreate"},
                "accessModes": claim["spec"].get("accessModes") or ["ReadWriteOnce"],
                "claimRef": reference,
                "persistentVolumeReclaimPolicy": "Delete",
                "storageClassName": claim["spec"].get("storageClassName", ""),
                "volumeMode": claim["spec"].get("volumeMode", "Filesystem"),
            },
            "status": {"phase": "Bound"},
        }
        self._cluster.save(VOLUMES, volume)
        claim["metadata"].setdefault("annotations", {}).update(
            {"pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes"}
        )
        claim["spec"]["volumeName"] = volume_name
        claim["status"] = {
            "phase": "Bound",
            "accessModes": volume["spec"]["accessModes"],
            "capacity": {"storage": capacity},
        }
        self._cluster.save(CLAIMS, claim)
        message = f"Successfully provisioned volume {volume_name}"
        self._recorder.record(claim, "ProvisioningSucceeded", message, PROVISIONER)

    def _release(self, name: str) -> None:
        volume = self._cluster.get("persistentvolumes", "", name)
        if volume is None:
            return
        if volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete":
            self._cluster.store.remove("persistentvolumes", "", name)
        else:
            released = copy.deepcopy(volume)
            released["status"] = {"phase": "Released"}
            self._cluster.save(VOLUMES, released, subresource="status")


def _created(obj: Obj) -> datetime:
    return moment_of(obj["metadata"]["creationTimestamp"])


def _claims_of(pod: Obj) -> list[str]:
    volumes = pod["spec"].get("volumes") or ()
    names = (dig(volume, "persistentVolumeClaim", "claimName") for volume in volumes)
    return [str(name) for name in names if name]
