"""What an object must satisfy to be stored: names, counts, references within itself, and what may not change.

Wording follows k8s.io/kubernetes/pkg/apis/*/validation. The checks are those that a person runs into; types of fields
are checked before, by `schema`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any, Final

from app.demo.custom import definitions, schema
from app.demo.kinds import Kind
from app.demo.objects import Obj, dig
from app.demo.quantities import quantity
from app.demo.selectors import selector_test
from app.demo.status import (
    Cause,
    duplicate_value,
    forbidden_value,
    invalid_value,
    required_value,
    unsupported_value,
)

_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SERVICE: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LABEL_VALUE: Final = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_QUALIFIED: Final = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")

_SUBDOMAIN_WORDS: Final = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LABEL_WORDS: Final = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_SERVICE_WORDS: Final = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_LABEL_VALUE_WORDS: Final = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation "
    "is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_QUALIFIED_WORDS: Final = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_NOT_NEGATIVE: Final = "must be greater than or equal to 0"
_IMMUTABLE: Final = "field is immutable"


def validate(kind: Kind, obj: Obj, old: Obj | None) -> list[Cause]:
    """Everything that is wrong with an object.

    Args:
        kind: of the object.
        obj: the object with its defaults.
        old: what it replaces, None for a creation.
    """
    causes = _metadata(kind, obj)
    check = _CHECKS.get(kind.kind)
    if kind.definition is not None:
        causes += schema.check(kind, obj)
    elif check is not None:
        causes += check(obj)
    if old is not None:
        causes += _changes(kind, obj, old)
    return causes


def _metadata(kind: Kind, obj: Obj) -> list[Cause]:
    metadata = obj["metadata"]
    name = metadata.get("name", "")
    causes: list[Cause] = []
    if not name:
        causes.append(required_value("metadata.name", "name or generateName is required"))
    else:
        causes += _name(kind, name)
    for field in ("labels", "annotations"):
        for key, value in (metadata.get(field) or {}).items():
            _, _, last = key.rpartition("/")
            if not _QUALIFIED.fullmatch(last):
                causes.append(invalid_value(f"metadata.{field}", key, _QUALIFIED_WORDS))
            if field == "labels" and (not _LABEL_VALUE.fullmatch(str(value)) or len(str(value)) > 63):
                causes.append(invalid_value("metadata.labels", value, _LABEL_VALUE_WORDS))
    return causes


def _name(kind: Kind, name: str) -> list[Cause]:
    if kind.group == "rbac.authorization.k8s.io":
        bad = "/" in name or "%" in name or name in {".", ".."}
        return [invalid_value("metadata.name", name, "may not contain '/'")] if bad else []
    if kind.kind == "Namespace":
        return _fits(name, _LABEL, _LABEL_WORDS, 63)
    if kind.kind == "Service":
        return _fits(name, _SERVICE, _SERVICE_WORDS, 63)
    return _fits(name, _SUBDOMAIN, _SUBDOMAIN_WORDS, 253)


def _fits(name: str, pattern: re.Pattern[str], words: str, most: int) -> list[Cause]:
    causes = []
    if len(name) > most:
        causes.append(invalid_value("metadata.name", name, f"must be no more than {most} characters"))
    if not pattern.fullmatch(name):
        causes.append(invalid_value("metadata.name", name, words))
    return causes


def _workload(obj: Obj) -> list[Cause]:
    spec = obj.get("spec") or {}
    causes: list[Cause] = []
    replicas = spec.get("replicas")
    if isinstance(replicas, int) and replicas < 0:
        causes.append(invalid_value("spec.replicas", replicas, _NOT_NEGATIVE))
    selector = spec.get("selector")
    if not selector:
        causes.append(required_value("spec.selector"))
    labels = dig(spec, "template", "metadata", "labels", default={})
    if selector is not None and not selector_test(selector)(labels):
        causes.append(
            invalid_value("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")
        )
    claims = {dig(claim, "metadata", "name") for claim in spec.get("volumeClaimTemplates") or ()}
    causes += _pod_spec(dig(spec, "template", "spec", default={}), "spec.template.spec", claims)
    policy = dig(spec, "template", "spec", "restartPolicy")
    if policy not in {None, "Always"}:
        causes.append(unsupported_value("spec.template.spec.restartPolicy", policy, ("Always",)))
    return causes


def _pod(obj: Obj) -> list[Cause]:
    return _pod_spec(obj.get("spec") or {}, "spec")


def _pod_spec(spec: Obj, path: str, claims: AbstractSet[Any] = frozenset()) -> list[Cause]:
    causes: list[Cause] = []
    containers = spec.get("containers")
    if not containers:
        causes.append(required_value(f"{path}.containers"))
    volumes = claims | {volume.get("name") for volume in spec.get("volumes") or ()}
    names: set[str] = set()
    for field in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(field) or ()):
            at = f"{path}.{field}[{index}]"
            name = container.get("name", "")
            if not name:
                causes.append(required_value(f"{at}.name"))
            elif not _LABEL.fullmatch(name):
                causes.append(invalid_value(f"{at}.name", name, _LABEL_WORDS))
            elif name in names:
                causes.append(duplicate_value(f"{at}.name", name))
            names.add(name)
            if not container.get("image"):
                causes.append(required_value(f"{at}.image"))
            causes += _container(container, at, volumes)
    return causes


def _container(container: Obj, at: str, volumes: AbstractSet[Any]) -> list[Cause]:
    causes: list[Cause] = []
    policy = container.get("imagePullPolicy")
    if policy not in {"Always", "IfNotPresent", "Never"}:
        causes.append(unsupported_value(f"{at}.imagePullPolicy", policy, ("Always", "IfNotPresent", "Never")))
    for index, port in enumerate(container.get("ports") or ()):
        number = port.get("containerPort")
        if not isinstance(number, int) or not 1 <= number <= 65535:
            causes.append(
                invalid_value(f"{at}.ports[{index}].containerPort", number, "must be between 1 and 65535, inclusive")
            )
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        if mount.get("name") not in volumes:
            causes.append(
                Cause("FieldValueInvalid", f'Not found: "{mount.get("name")}"', f"{at}.volumeMounts[{index}].name")
            )
    for index, variable in enumerate(container.get("env") or ()):
        if not variable.get("name"):
            causes.append(required_value(f"{at}.env[{index}].name"))
    resources = container.get("resources") or {}
    limits = resources.get("limits") or {}
    for name, amount in (resources.get("requests") or {}).items():
        if name in limits and quantity(amount) > quantity(limits[name]):
            causes.append(
                invalid_value(
                    f"{at}.resources.requests",
                    str(amount),
                    f"must be less than or equal to {name} limit of {limits[name]}",
                )
            )
    return causes


def _job(obj: Obj) -> list[Cause]:
    spec = obj.get("spec") or {}
    causes = [
        invalid_value(f"spec.{field}", spec[field], _NOT_NEGATIVE)
        for field in ("parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished")
        if isinstance(spec.get(field), int) and spec[field] < 0
    ]
    causes += _pod_spec(dig(spec, "template", "spec", default={}), "spec.template.spec")
    return causes + _finite(dig(spec, "template", "spec", "restartPolicy"), "spec.template.spec")


def _finite(policy: Any, path: str) -> list[Cause]:
    if policy in {"OnFailure", "Never"}:
        return []
    return [unsupported_value(f"{path}.restartPolicy", policy, ("OnFailure", "Never"))]


def _cron_job(obj: Obj) -> list[Cause]:
    from app.demo.controllers.cron import Schedule

    spec = obj.get("spec") or {}
    causes: list[Cause] = []
    text = spec.get("schedule", "")
    if not text:
        causes.append(required_value("spec.schedule"))
    else:
        try:
            Schedule(text)
        except ValueError as exc:
            causes.append(invalid_value("spec.schedule", text, str(exc)))
    path = "spec.jobTemplate.spec.template.spec"
    template = dig(spec, "jobTemplate", "spec", "template", "spec", default={})
    return causes + _pod_spec(template, path) + _finite(template.get("restartPolicy"), path)


def _service(obj: Obj) -> list[Cause]:
    spec = obj.get("spec") or {}
    causes: list[Cause] = []
    kinds = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
    if spec.get("type") not in kinds:
        causes.append(unsupported_value("spec.type", spec.get("type"), kinds))
    ports = spec.get("ports") or []
    if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        causes.append(required_value("spec.ports"))
    for index, port in enumerate(ports):
        number = port.get("port")
        if not isinstance(number, int) or not 1 <= number <= 65535:
            causes.append(invalid_value(f"spec.ports[{index}].port", number, "must be between 1 and 65535, inclusive"))
        if len(ports) > 1 and not port.get("name"):
            causes.append(required_value(f"spec.ports[{index}].name"))
    return causes


def _config_map(obj: Obj) -> list[Cause]:
    size = len(json.dumps(obj.get("data") or {})) + len(json.dumps(obj.get("binaryData") or {}))
    if size > 2**20:
        return [Cause("FieldValueInvalid", "Too long: may not be more than 1048576 bytes", "")]
    return []


def _autoscaler(obj: Obj) -> list[Cause]:
    spec = obj.get("spec") or {}
    causes: list[Cause] = []
    most, least = spec.get("maxReplicas", 0), spec.get("minReplicas", 1)
    if not isinstance(most, int) or most < 1:
        causes.append(invalid_value("spec.maxReplicas", most, "must be greater than 0"))
    elif isinstance(least, int) and most < least:
        causes.append(invalid_value("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`"))
    if not dig(spec, "scaleTargetRef", "name"):
        causes.append(required_value("spec.scaleTargetRef.name"))
    return causes


def _role_binding(obj: Obj) -> list[Cause]:
    reference = obj.get("roleRef") or {}
    causes: list[Cause] = []
    if not reference.get("name"):
        causes.append(required_value("roleRef.name"))
    if reference.get("kind") not in {"Role", "ClusterRole"}:
        causes.append(unsupported_value("roleRef.kind", reference.get("kind"), ("ClusterRole", "Role")))
    return causes


def _budget(obj: Obj) -> list[Cause]:
    spec = obj.get("spec") or {}
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        return [invalid_value("spec", spec, "minAvailable and maxUnavailable cannot be both set")]
    return []


def _changes(kind: Kind, obj: Obj, old: Obj) -> list[Cause]:
    causes = [
        invalid_value(f"metadata.{field}", obj["metadata"].get(field), _IMMUTABLE)
        for field in ("name", "namespace", "uid")
        if obj["metadata"].get(field) != old["metadata"].get(field)
    ]
    for path in _FIXED.get(kind.kind, ()):
        value, before = dig(obj, *path), dig(old, *path)
        if value != before and before not in (None, ""):
            causes.append(invalid_value(".".join(path), value, _IMMUTABLE))
    if kind.kind == "Pod":
        causes += _pod_change(obj, old)
    if kind.kind == "StatefulSet":
        causes += _stateful_change(obj, old)
    if kind.kind in {"ConfigMap", "Secret"} and old.get("immutable"):
        changed = any(obj.get(field) != old.get(field) for field in ("data", "binaryData", "immutable"))
        if changed:
            causes.append(forbidden_value("data", "field is immutable when `immutable` is set"))
    return causes


def _pod_change(obj: Obj, old: Obj) -> list[Cause]:
    def fixed(pod: Obj) -> Obj:
        free = {"tolerations", "activeDeadlineSeconds", "terminationGracePeriodSeconds", "nodeName"}
        spec = {key: value for key, value in pod["spec"].items() if key not in free}
        for field in ("containers", "initContainers"):
            if field in spec:
                spec[field] = [
                    {key: value for key, value in container.items() if key != "image"} for container in spec[field]
                ]
        return spec

    if fixed(obj) == fixed(old):
        return []
    why = (
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
        "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
        "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
    )
    return [forbidden_value("spec", why)]


def _stateful_change(obj: Obj, old: Obj) -> list[Cause]:
    free = {
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    }

    def fixed(item: Obj) -> Obj:
        return {key: value for key, value in item["spec"].items() if key not in free}

    if fixed(obj) == fixed(old):
        return []
    why = (
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
        "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
    )
    return [forbidden_value("spec", why)]


_FIXED: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "Deployment": (("spec", "selector"),),
    "ReplicaSet": (("spec", "selector"),),
    "DaemonSet": (("spec", "selector"),),
    "Job": (("spec", "completions"), ("spec", "selector"), ("spec", "template")),
    "Service": (("spec", "clusterIP"),),
    "RoleBinding": (("roleRef",),),
    "ClusterRoleBinding": (("roleRef",),),
    "Secret": (("type",),),
    "PersistentVolumeClaim": (("spec", "storageClassName"), ("spec", "accessModes"), ("spec", "volumeName")),
    "StorageClass": (("provisioner",), ("parameters",)),
}

_CHECKS: Final[dict[str, Callable[[Obj], list[Cause]]]] = {
    "CustomResourceDefinition": definitions.check,
    "Deployment": _workload,
    "ReplicaSet": _workload,
    "DaemonSet": _workload,
    "StatefulSet": _workload,
    "Pod": _pod,
    "Job": _job,
    "CronJob": _cron_job,
    "Service": _service,
    "ConfigMap": _config_map,
    "HorizontalPodAutoscaler": _autoscaler,
    "RoleBinding": _role_binding,
    "ClusterRoleBinding": _role_binding,
    "PodDisruptionBudget": _budget,
}
