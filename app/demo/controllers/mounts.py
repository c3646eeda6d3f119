"""What a pod needs from other objects before it can start: volumes and environment."""

from __future__ import annotations

from app.demo.cluster import Cluster
from app.demo.objects import Obj, dig, namespace_of

_SOURCES = {"configMap": ("configmaps", "name", "configmap"), "secret": ("secrets", "secretName", "secret")}


def volume_problem(cluster: Cluster, pod: Obj) -> str | None:
    """Why a pod's volumes cannot be mounted, in the kubelet's words; None when they can."""
    for volume in pod["spec"].get("volumes") or ():
        for field, (resource, attribute, word) in _SOURCES.items():
            source = volume.get(field)
            if not isinstance(source, dict) or source.get("optional"):
                continue
            name = str(source.get(attribute, ""))
            if cluster.get(resource, namespace_of(pod), name) is None:
                return f'MountVolume.SetUp failed for volume "{volume["name"]}" : {word} "{name}" not found'
    return None


def configuration_problem(cluster: Cluster, pod: Obj, container: Obj) -> str | None:
    """Why a container's environment cannot be made; None when it can."""
    namespace = namespace_of(pod)
    for variable in container.get("env") or ():
        for field, resource, word in (
            ("secretKeyRef", "secrets", "secret"),
            ("configMapKeyRef", "configmaps", "configmap"),
        ):
            reference = dig(variable, "valueFrom", field)
            if not reference or reference.get("optional"):
                continue
            found = cluster.get(resource, namespace, reference.get("name", ""))
            if found is None:
                return f'{word} "{reference.get("name")}" not found'
            if reference.get("key") not in (found.get("data") or {}):
                kind = "Secret" if word == "secret" else "ConfigMap"
                return f"couldn't find key {reference.get('key')} in {kind} {namespace}/{reference.get('name')}"
    for entry in container.get("envFrom") or ():
        for field, resource, word in (("secretRef", "secrets", "secret"), ("configMapRef", "configmaps", "configmap")):
            reference = entry.get(field)
            needed = reference and not reference.get("optional")
            if needed and cluster.get(resource, namespace, reference.get("name", "")) is None:
                return f'{word} "{reference.get("name")}" not found'
    return None
