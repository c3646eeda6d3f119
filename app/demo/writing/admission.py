"""What the API server decides about an object on its way in: names, addresses, service accounts, namespaces."""

from __future__ import annotations

from typing import Any

from app.demo import kinds
from app.demo.cluster import Cluster
from app.demo.controllers.jobs import complete_job
from app.demo.custom import definitions
from app.demo.kinds import Kind
from app.demo.objects import Obj, is_terminating, name_of, namespace_of
from app.demo.status import StatusError, bad_request, forbidden, not_found
from app.demo.writing.defaults import apply_defaults
from app.demo.writing.pod_defaults import default_pod
from app.demo.writing.quotas import check_quota

_NAMESPACES = kinds.named("namespaces")
_SERVER_FIELDS = (
    "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "selfLink",
    "managedFields", "resourceVersion",
)  # fmt: skip
_NO_STATUS = frozenset({"ConfigMap", "Secret", "Event", "Lease"})


def check_namespace(cluster: Cluster, kind: Kind, namespace: str, name: str) -> None:
    """Refuse to create something in a namespace that is missing or going.

    Raises:
        StatusError: 404 or 403.
    """
    if not kind.namespaced:
        return
    found = cluster.get("namespaces", "", namespace)
    if found is None:
        raise not_found(_NAMESPACES, namespace)
    if is_terminating(found):
        why = f"unable to create new content in namespace {namespace} because it is being terminated"
        error = forbidden(kind, name, why)
        cause = {
            "reason": "NamespaceTerminating",
            "message": f"namespace {namespace} is being terminated",
            "field": "metadata.namespace",
        }
        error.body["details"]["causes"] = [cause]
        raise error


def prepare_new(cluster: Cluster, kind: Kind, obj: Obj) -> None:
    """Complete a new object in place: name, defaults, uid, addresses.

    Raises:
        StatusError: 403 for a pod whose service account does not exist.
    """
    metadata = obj["metadata"]
    for field in _SERVER_FIELDS:
        metadata.pop(field, None)
    drop_empty(metadata)
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = metadata["generateName"] + cluster.ids.suffix()
    if kind.kind not in _NO_STATUS:
        obj.pop("status", None)
    cluster.complete(kind, obj)
    if kind.kind == "Pod":
        if isinstance(obj.get("spec", {}), dict):
            default_pod(obj, f"kube-api-access-{cluster.ids.suffix()}")
            _check_account(cluster, kind, obj)
    elif kind.definition is None:
        apply_defaults(kind.kind, obj)
    if kind.kind == "CustomResourceDefinition":
        definitions.complete(obj)
    if kind.kind == "Job" and isinstance(obj.get("spec"), dict):
        complete_job(obj)
    if kind.kind == "Service":
        give_addresses(cluster, obj)
    if kind.kind == "ResourceQuota":
        check_quota(obj)


def prepare_changed(cluster: Cluster, kind: Kind, obj: Obj, old: Obj) -> None:
    """Complete a changed object in place: what clients may not change stays, what they left out is filled in."""
    metadata, before = obj["metadata"], old["metadata"]
    for field in _SERVER_FIELDS:
        if field == "managedFields":
            continue  # clients may rewrite those, as kubectl does when it migrates to server-side apply
        if field == "uid" and metadata.get("uid") not in {None, before["uid"]}:
            continue  # left for validation to refuse
        if field in before:
            metadata[field] = before[field]
        else:
            metadata.pop(field, None)
    drop_empty(metadata)
    metadata.setdefault("name", before["name"])
    if "namespace" in before:
        metadata.setdefault("namespace", before["namespace"])
    if kind.kind == "Service":
        _keep_addresses(obj, old)
    if kind.kind == "Pod":
        for field in ("nodeName", "serviceAccountName", "serviceAccount"):
            if field in old["spec"]:
                obj["spec"].setdefault(field, old["spec"][field])
    elif kind.definition is None:
        apply_defaults(kind.kind, obj)
    if kind.kind == "CustomResourceDefinition":
        definitions.complete(obj)
    if kind.kind == "Service":
        give_addresses(cluster, obj)
    if kind.kind == "ResourceQuota":
        check_quota(obj)
    if kind.kind == "Job":
        obj["spec"].setdefault("selector", old["spec"].get("selector"))


def drop_empty(metadata: Obj) -> None:
    """Leave out what the API server does not write when it is empty."""
    for field in ("labels", "annotations", "finalizers", "ownerReferences"):
        if field in metadata and not metadata[field]:
            del metadata[field]


def _check_account(cluster: Cluster, kind: Kind, pod: Obj) -> None:
    account, namespace = pod["spec"].get("serviceAccountName", "default"), namespace_of(pod)
    # The default account of a new namespace is a moment late; nobody should have to wait for it.
    if account != "default" and cluster.get("serviceaccounts", namespace, account) is None:
        why = f'error looking up service account {namespace}/{account}: serviceaccount "{account}" not found'
        raise forbidden(kind, name_of(pod) if "name" in pod["metadata"] else "", why)


def _keep_addresses(obj: Obj, old: Obj) -> None:
    spec, before = obj.setdefault("spec", {}), old["spec"]
    if spec.get("type") == "ExternalName":
        return
    for field in ("clusterIP", "clusterIPs"):
        if not spec.get(field) and field in before:
            spec[field] = before[field]
    known = {(port.get("name"), port["port"]): port.get("nodePort") for port in before.get("ports") or ()}
    if spec.get("type") in {"NodePort", "LoadBalancer"}:
        for port in spec.get("ports") or ():
            number = known.get((port.get("name"), port.get("port")))
            if number and not port.get("nodePort"):
                port["nodePort"] = number


def give_addresses(cluster: Cluster, service: Obj) -> None:
    """Allocate a service's cluster address and node ports where it needs them."""
    spec = service.get("spec") or {}
    if not isinstance(spec, dict) or spec.get("type") == "ExternalName":
        return
    others = cluster.store.all("services")
    if not spec.get("clusterIP"):
        taken = {other["spec"].get("clusterIP") for other in others}
        number = 1 + int(cluster.ids.between(10, 60_000))
        while (address := f"10.96.{number // 256 % 256}.{number % 254 + 1}") in taken:
            number += 1
        spec["clusterIP"] = address
    spec.setdefault("clusterIPs", [spec["clusterIP"]])
    if spec.get("type") in {"NodePort", "LoadBalancer"}:
        used = {port.get("nodePort") for other in others for port in other["spec"].get("ports") or ()}
        for port in spec.get("ports") or ():
            if isinstance(port, dict) and not port.get("nodePort"):
                number = 30_000 + int(cluster.ids.between(0, 2_767))
                while number in used:
                    number = 30_000 + (number - 29_999) % 2_768
                used.add(number)
                port["nodePort"] = number


def read_object(kind: Kind, body: object, namespace: str) -> Obj:
    """Check the outside of an object that a client sent.

    Args:
        kind: that the address names.
        body: decoded JSON or YAML.
        namespace: that the address names, empty for cluster scope.

    Returns:
        the object with its kind, version and namespace.

    Raises:
        StatusError: 400 for another kind or namespace.
    """
    if not isinstance(body, dict):
        raise bad_request(
            f"the object provided is unrecognized (must be of type {kind.kind}): couldn't get version/kind"
        )
    sent_kind, sent_version = body.get("kind") or kind.kind, body.get("apiVersion") or kind.api_version
    if (sent_kind, sent_version) != (kind.kind, kind.api_version):
        raise _mismatch(kind, str(sent_kind), str(sent_version))
    metadata = body.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise bad_request(
            f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: metadata is no object'
        )
    obj = {field: value if field == "status" else without_nulls(value) for field, value in body.items()}
    obj |= {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": without_nulls(metadata)}
    if kind.namespaced:
        if obj["metadata"].get("namespace") not in {None, "", namespace}:
            raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
        obj["metadata"]["namespace"] = namespace
    elif obj["metadata"].get("namespace"):
        raise bad_request("namespace may not be set on a cluster-scoped object")
    return obj


def without_nulls(value: Any) -> Any:
    """A value without the map entries that are null: to a typed server they are the same as absent ones."""
    if isinstance(value, dict):
        return {key: without_nulls(below) for key, below in value.items() if below is not None}
    if isinstance(value, list):
        return [without_nulls(below) for below in value]
    return value


def _mismatch(kind: Kind, sent_kind: str, sent_version: str) -> StatusError:
    if kinds.by_kind(sent_version, sent_kind) is None:
        return bad_request(
            f'no kind "{sent_kind}" is registered for version "{sent_version}" in scheme "k8s.io/kubernetes"'
        )
    version = sent_version.rpartition("/")[2]
    group = (kind.group.partition(".")[0]) or "core"
    return bad_request(
        f'{sent_kind} in version "{version}" cannot be handled as a {kind.kind}: converting ({version}.{sent_kind}) to '
        f"({group}.{kind.kind}): unknown conversion"
    )
