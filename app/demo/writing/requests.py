"""Carries out the requests that change objects: create, replace, patch, scale. Deletions are in `removals`.

One way in for all of them: read, patch, complete, check, note the owners, store. A dry run takes the same way and stops
before the store.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any, Final

from app.demo.cluster import Cluster
from app.demo.custom.definitions import put_at, scale_paths
from app.demo.custom.schema import prune
from app.demo.kinds import Kind
from app.demo.objects import Obj, dig, is_terminating, name_of, namespace_of
from app.demo.openapi.fields import drop_unknown
from app.demo.status import (
    already_exists,
    bad_request,
    conflict,
    invalid,
    not_found,
    not_implemented,
    required_value,
    unsupported_media_type,
)
from app.demo.writing.admission import check_namespace, prepare_changed, prepare_new, read_object
from app.demo.writing.ownership import Manager, apply, record_update
from app.demo.writing.patches import (
    APPLY_PATCH,
    JSON_PATCH,
    MERGE_PATCH,
    STRATEGIC_PATCH,
    json_patch,
    merge_patch,
    strategic_patch,
)
from app.demo.writing.quotas import check_usage
from app.demo.writing.validation import validate
from app.demo.writing.views import as_served, as_stored


@dataclass(frozen=True, slots=True)
class Options:
    """How a change is meant.

    Attributes:
        dry_run: go all the way but store nothing.
        manager: field manager.
        named: whether the request named that manager.
        force: take fields from other managers (server-side apply).
        validation: Strict, Warn or Ignore.
    """

    dry_run: bool = False
    manager: str = "unknown"
    named: bool = False
    force: bool = False
    validation: str = "Warn"


@dataclass(frozen=True, slots=True)
class Result:
    """What a change came to.

    Attributes:
        code: HTTP status.
        obj: the object, or a Status.
        changed: the stored object that was changed; None for a dry run or when nothing changed.
        warnings: for the client.
    """

    code: int
    obj: Obj
    changed: Obj | None = None
    warnings: tuple[str, ...] = field(default=())


class Requests:
    """Changes the objects of one cluster on behalf of clients.

    Args:
        cluster: which one.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def find(self, kind: Kind, namespace: str, name: str) -> Obj:
        """A stored object.

        Raises:
            StatusError: 404.
        """
        found = self._cluster.store.get(kind.key, namespace, name)
        if found is None:
            raise not_found(kind, name)
        return found

    def create(self, kind: Kind, namespace: str, body: Any, options: Options) -> Result:
        """POST: store a new object.

        Raises:
            StatusError: 400, 403, 404, 409, 422 or 501.
        """
        self._check_writable(kind)
        obj = read_object(kind, body, namespace)
        warnings = self._check_fields(kind, obj, options)
        if obj["metadata"].get("resourceVersion"):
            raise bad_request("resourceVersion should not be set on objects to be created")
        obj = as_stored(kind, copy.deepcopy(obj))
        check_namespace(self._cluster, kind, namespace, str(obj["metadata"].get("name", "")))
        prepare_new(self._cluster, kind, obj)
        causes = validate(kind, obj, None)
        if causes:
            raise invalid(kind, str(obj["metadata"].get("name", "")), causes)
        check_usage(self._cluster, kind, obj)
        if self._cluster.store.get(kind.key, namespace, name_of(obj)) is not None:
            raise already_exists(kind, name_of(obj))
        record_update(kind, None, obj, Manager(options.manager), self._cluster.now)
        if options.dry_run:
            return Result(201, as_served(kind, obj), None, warnings)
        stored = self._cluster.store.put(kind.key, obj)
        return Result(201, as_served(kind, stored), stored, warnings)

    def replace(self, kind: Kind, namespace: str, name: str, body: Any, options: Options, sub: str = "") -> Result:
        """PUT: replace an object, or its status.

        Raises:
            StatusError: 400, 404, 409, 422 or 501.
        """
        self._check_writable(kind)
        old = self.find(kind, namespace, name)
        obj = read_object(kind, body, namespace)
        warnings = self._check_fields(kind, obj, options)
        if obj["metadata"].get("name") != name:
            sent = obj["metadata"].get("name", "")
            raise bad_request(f"the name of the object ({sent}) does not match the name on the URL ({name})")
        self._check_version(kind, old, obj)
        stored, changed = self._update(kind, old, as_stored(kind, copy.deepcopy(obj)), options, sub)
        return Result(200, as_served(kind, stored), stored if changed else None, warnings)

    def patch(
        self, kind: Kind, namespace: str, name: str, media_type: str, body: Any, options: Options, sub: str = ""
    ) -> Result:
        """PATCH: change an object, or its status; server-side apply also creates.

        Raises:
            StatusError: 400, 404, 409, 415, 422 or 501.
        """
        self._check_writable(kind)
        if media_type == APPLY_PATCH:
            return self._apply(kind, namespace, name, body, options, sub)
        old = self.find(kind, namespace, name)
        patched = self._patched(kind, as_served(kind, old), media_type, body)
        if not isinstance(patched, dict) or not isinstance(patched.get("metadata"), dict):
            raise bad_request("the patch leaves no object")
        obj = read_object(kind, patched, namespace)
        warnings = self._check_fields(kind, obj, options)
        self._check_version(kind, old, obj)
        stored, changed = self._update(kind, old, as_stored(kind, copy.deepcopy(obj)), options, sub)
        return Result(200, as_served(kind, stored), stored if changed else None, warnings)

    def scale(self, kind: Kind, namespace: str, name: str) -> Obj:
        """The Scale of a workload."""
        found = self.find(kind, namespace, name)
        metadata = found["metadata"]
        kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
        labels = dig(found, "spec", "selector", "matchLabels", default={})
        status: Obj = {"replicas": dig(found, "status", "replicas", default=0)}
        selector = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
        if selector:
            status["selector"] = selector
        replicas = found["spec"].get("replicas", 1)
        if kind.definition is not None:
            wanted, there, selected = scale_paths(kind)
            replicas = dig(found, *wanted, default=0)
            status = {"replicas": dig(found, *there, default=0)}
            if selected and (text := dig(found, *selected)):
                status["selector"] = text
        return {
            "kind": "Scale",
            "apiVersion": "autoscaling/v1",
            "metadata": {entry: metadata[entry] for entry in kept if entry in metadata},
            "spec": {"replicas": replicas} if replicas else {},
            "status": status,
        }

    def rescale(self, kind: Kind, namespace: str, name: str, media_type: str, body: Any, options: Options) -> Result:
        """PUT or PATCH of a Scale.

        Args:
            kind: of the workload.
            namespace: where it is.
            name: its name.
            media_type: of a patch; empty for a replacement.
            body: the patch or the Scale.
            options: how it is meant.

        Raises:
            StatusError: 400, 404, 409, 415 or 422.
        """
        self._check_writable(kind)
        old = self.find(kind, namespace, name)
        current = self.scale(kind, namespace, name)
        if media_type in {STRATEGIC_PATCH, MERGE_PATCH}:
            wanted = merge_patch(current, body)
        elif media_type:
            wanted = self._patched(kind, current, media_type, body)
        else:
            wanted = body
        if not isinstance(wanted, dict) or wanted.get("kind") != "Scale":
            raise bad_request("the object provided is no Scale")
        self._check_version(kind, old, wanted)
        replicas = dig(wanted, "spec", "replicas", default=0)
        if not isinstance(replicas, int) or isinstance(replicas, bool):
            raise bad_request(
                'Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal string into Go struct '
                "field ScaleSpec.spec.replicas of type int32"
            )
        changed = copy.deepcopy(old)
        put_at(changed, scale_paths(kind)[0] if kind.definition is not None else ("spec", "replicas"), replicas)
        if replicas < 0:
            causes = [cause for cause in validate(kind, changed, None) if cause.field == "spec.replicas"]
            error = invalid(kind, name, causes)
            error.body["message"] = error.body["message"].replace(f"{kind.kind}.{kind.group}", "Scale.autoscaling", 1)
            error.body["details"].update({"group": "autoscaling", "kind": "Scale"})
            raise error
        stored, moved = self._update(kind, old, changed, options, "scale")
        answer = self._scale_of(kind, stored, options, replicas)
        return Result(200, answer, stored if moved else None)

    def _apply(self, kind: Kind, namespace: str, name: str, body: Any, options: Options, sub: str) -> Result:
        if not options.named:
            cause = required_value("fieldManager", "is required for apply patch")
            error = invalid(kind, "", [cause])
            error.body["message"] = f'PatchOptions.meta.k8s.io "" is invalid: {cause.sentence}'
            error.body["details"] |= {"group": "meta.k8s.io", "kind": "PatchOptions"}
            raise error
        wanted = read_object(kind, body, namespace)
        warnings = self._check_fields(kind, wanted, options)
        if wanted["metadata"].setdefault("name", name) != name:
            sent = wanted["metadata"]["name"]
            raise bad_request(f"the name of the object ({sent}) does not match the name on the URL ({name})")
        if wanted["metadata"].pop("managedFields", None):
            raise bad_request("metadata.managedFields must be nil")
        wanted = as_stored(kind, wanted)
        manager = Manager(options.manager, "Apply", sub)
        old = self._cluster.store.get(kind.key, namespace, name)
        if old is None:
            return self._apply_new(kind, namespace, wanted, manager, options, warnings)
        self._check_version(kind, old, wanted)
        now = self._cluster.now
        applied = apply(kind, old, wanted, manager, now, force=options.force)
        stored, changed = self._store(kind, old, applied, options, sub, None)
        return Result(200, as_served(kind, stored), stored if changed else None, warnings)

    def _apply_new(
        self, kind: Kind, namespace: str, wanted: Obj, manager: Manager, options: Options, warnings: tuple[str, ...]
    ) -> Result:
        check_namespace(self._cluster, kind, namespace, name_of(wanted))
        obj = apply(kind, {"metadata": {}}, wanted, manager, self._cluster.now, force=True)
        fields = obj["metadata"].pop("managedFields", [])
        prepare_new(self._cluster, kind, obj)
        obj["metadata"]["managedFields"] = fields
        causes = validate(kind, obj, None)
        if causes:
            raise invalid(kind, name_of(obj), causes)
        check_usage(self._cluster, kind, obj)
        if options.dry_run:
            return Result(201, as_served(kind, obj), None, warnings)
        stored = self._cluster.store.put(kind.key, obj)
        return Result(201, as_served(kind, stored), stored, warnings)

    def _patched(self, kind: Kind, obj: Obj, media_type: str, body: Any) -> Any:
        match media_type:
            case "application/json-patch+json":
                return json_patch(obj, body)
            case "application/merge-patch+json":
                if not isinstance(body, dict):
                    raise bad_request("the patch must be a JSON object")
                return merge_patch(obj, body)
            case "application/strategic-merge-patch+json":
                return strategic_patch(kind, obj, body)
        raise unsupported_media_type()

    def _update(self, kind: Kind, old: Obj, obj: Obj, options: Options, sub: str) -> tuple[Obj, bool]:
        return self._store(kind, old, obj, options, sub, Manager(options.manager, "Update", sub))

    def _store(
        self, kind: Kind, old: Obj, obj: Obj, options: Options, sub: str, manager: Manager | None
    ) -> tuple[Obj, bool]:
        if sub == "status":
            obj = {
                **copy.deepcopy(old),
                "status": obj.get("status") or {},
                "metadata": {
                    **copy.deepcopy(old["metadata"]),
                    **(
                        {"managedFields": obj["metadata"]["managedFields"]}
                        if manager is None and "managedFields" in obj["metadata"]
                        else {}
                    ),
                },
            }
        elif "status" in old:
            obj["status"] = old["status"]
        else:
            obj.pop("status", None) if kind.sub("status") else None
        prepare_changed(self._cluster, kind, obj, old)
        if sub != "status":
            causes = validate(kind, obj, old)
            if causes:
                raise invalid(kind, name_of(old), causes)
        if kind.generation and _counted(kind, obj, sub) != _counted(kind, old, sub):
            obj["metadata"]["generation"] = old["metadata"].get("generation", 1) + 1
        if _content(obj) == _content(old) and (manager is not None or _fields(obj) == _fields(old)):
            return old, False
        if manager is not None:
            record_update(kind, old, obj, manager, self._cluster.now)
        if options.dry_run:
            return obj, False
        if is_terminating(obj) and not obj["metadata"].get("finalizers") and old["metadata"].get("finalizers"):
            # The last finalizer is gone, and so is the object.
            self._cluster.store.put(kind.key, obj)
            return self._cluster.store.remove(kind.key, namespace_of(obj), name_of(obj)) or obj, True
        return self._cluster.store.put(kind.key, obj), True

    def _scale_of(self, kind: Kind, stored: Obj, options: Options, replicas: int) -> Obj:
        answer = self.scale(kind, namespace_of(stored), name_of(stored))
        if options.dry_run:
            answer["spec"] = {"replicas": replicas} if replicas else {}
        return answer

    def _check_version(self, kind: Kind, old: Obj, obj: Obj) -> None:
        wanted = obj["metadata"].get("resourceVersion")
        if wanted and wanted != old["metadata"]["resourceVersion"]:
            raise conflict(kind, name_of(old))
        uid = obj["metadata"].get("uid")
        if uid and uid != old["metadata"]["uid"]:
            why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old['metadata']['uid']}"
            raise conflict(kind, name_of(old), why)

    def _check_writable(self, kind: Kind) -> None:
        if kind.reason_unwritable:
            raise not_implemented(kind.reason_unwritable)

    def _check_fields(self, kind: Kind, obj: Obj, options: Options) -> tuple[str, ...]:
        unknown = prune(kind, obj) if kind.definition is not None else drop_unknown(kind, obj)
        if not unknown or options.validation == "Ignore":
            return ()
        words = tuple(f'unknown field "{path}"' for path in unknown)
        if options.validation == "Strict":
            raise bad_request(
                f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: strict decoding error: '
                + ", ".join(words)
            )
        return words


def _spec(obj: Obj) -> Obj:
    return {key: value for key, value in obj.items() if key not in {"metadata", "status", "kind", "apiVersion"}}


def _counted(kind: Kind, obj: Obj, sub: str) -> Any:
    """What a new generation is counted for: the spec, and for deployments their annotations too."""
    annotated = kind.kind == "Deployment" and sub != "status"
    return _spec(obj), obj["metadata"].get("annotations") if annotated else None


def _content(obj: Obj) -> Obj:
    return {**obj, "metadata": {key: value for key, value in obj["metadata"].items() if key != "managedFields"}}


def _fields(obj: Obj) -> Any:
    return obj["metadata"].get("managedFields")


MEDIA_TYPES: Final = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH)
