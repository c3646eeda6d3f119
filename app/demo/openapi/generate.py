"""Writes `schemas.json`: field names, types and descriptions of the served kinds.

They come from the Kubernetes client library's models, which are generated from Kubernetes' own OpenAPI document. Run at
development time only (`python -m app.demo.openapi.generate`, with `--check` to find drift): the server reads the
written file and never imports that library.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from typing import Any, Final

from app.demo import kinds
from app.demo.openapi.documents import SCHEMAS

_WRAPPED: Final = re.compile(r"^(List|Dict)\[(?:str, )?(.+)\]$")
_CLASSES: Final = {"/v1/Event": "CoreV1Event", "events.k8s.io/v1/Event": "EventsV1Event"}
# The field and the key that a strategic merge patch finds its items by (k8s.io/api, tag patchMergeKey).
_MERGE_KEYS: Final = {
    "PodSpec": {
        "containers": "name",
        "initContainers": "name",
        "ephemeralContainers": "name",
        "volumes": "name",
        "imagePullSecrets": "name",
        "hostAliases": "ip",
        "topologySpreadConstraints": "topologyKey",
    },
    "Container": {
        "env": "name",
        "ports": "containerPort",
        "volumeMounts": "mountPath",
        "volumeDevices": "devicePath",
    },
    "ServiceSpec": {"ports": "port"},
    "ServiceAccount": {"secrets": "name"},
    "ObjectMeta": {"ownerReferences": "uid", "finalizers": ""},
}
# Groups whose schemas nobody needs here: one is larger than all others, the other is in no client library.
_LEFT_OUT: Final = frozenset({"apiextensions.k8s.io", "metrics.k8s.io"})
_INT_OR_STRING: Final = frozenset({"port", "targetPort", "maxSurge", "maxUnavailable", "minAvailable"})
_SCALARS: Final = {
    "str": {"type": "string"},
    "int": {"type": "integer", "format": "int32"},
    "float": {"type": "number", "format": "double"},
    "bool": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time"},
    "object": {"type": "object"},
    "bytearray": {"type": "string", "format": "byte"},
    "bytes": {"type": "string", "format": "byte"},
}


def schema_name(model: str) -> str:
    """The name of a model's schema: `V1PodSpec` becomes `io.k8s.api.v1.PodSpec`."""
    match = re.match(
        r"^(Core|Events|Discovery|Storage|Rbac|Authentication|Batch)?(V\d+(?:(?:alpha|beta)\d+)?)(.+)$", model
    )
    if match is None:
        return f"io.k8s.api.{model}"
    group, version, name = match.groups()
    return ".".join(["io.k8s.api", *([group.lower()] if group else []), version.lower(), name])


def generated() -> str:
    """The file's content."""
    from kubernetes.client import models

    definitions: dict[str, Any] = {}
    served: dict[str, str] = {}
    for kind in kinds.ALL:
        if kind.group in _LEFT_OUT:
            continue
        default = f"{kind.version.capitalize()}{kind.kind}"
        model = _CLASSES.get(f"{kind.group}/{kind.version}/{kind.kind}", default)
        if not hasattr(models, model):
            continue
        served[f"{kind.api_version}/{kind.kind}"] = schema_name(model)
        _define(models, model, definitions)
    return (
        json.dumps({"kinds": served, "definitions": definitions}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    )


def _define(models: Any, model: str, definitions: dict[str, Any]) -> None:
    name = schema_name(model)
    if name in definitions:
        return
    cls = getattr(models, model)
    short = name.rpartition(".")[2]
    properties: dict[str, Any] = {}
    schema: dict[str, Any] = {
        "type": "object",
        "description": (cls.__doc__ or "").strip().split("\n\n")[0].strip(),
        "properties": properties,
    }
    definitions[name] = schema
    # The models rename fields that are words of Python; the alias is the name in JSON.
    infos = {info.serialization_alias or name: info for name, info in cls.model_fields.items()}
    required = []
    for attribute, kind in cls.openapi_types.items():
        field = cls.attribute_map[attribute]
        info = infos[field]
        entry = _type(models, kind, field, definitions)
        if info.description:
            entry["description"] = info.description
        merge_key = _MERGE_KEYS.get(short, {}).get(field)
        if merge_key is not None:
            entry["x-kubernetes-patch-strategy"] = "merge,retainKeys" if field == "volumes" else "merge"
            if merge_key:
                entry["x-kubernetes-patch-merge-key"] = merge_key
        if (short, field) == ("DeploymentSpec", "strategy"):
            entry["x-kubernetes-patch-strategy"] = "retainKeys"
        if field == "conditions" and "type" in entry and short.endswith("Status"):
            entry["x-kubernetes-patch-strategy"] = "merge"
            entry["x-kubernetes-patch-merge-key"] = "type"
        properties[field] = entry
        if info.is_required():
            required.append(field)
    if required:
        schema["required"] = sorted(required)


def _type(models: Any, kind: str, field: str, definitions: dict[str, Any]) -> dict[str, Any]:
    if kind == "object" and field in _INT_OR_STRING:
        return {"type": "string", "format": "int-or-string"}
    if kind in _SCALARS:
        return dict(_SCALARS[kind])
    wrapped = _WRAPPED.match(kind)
    if wrapped is not None:
        inner = _type(models, wrapped[2], "", definitions)
        if wrapped[1] == "List":
            return {"type": "array", "items": inner}
        return {"type": "object", "additionalProperties": inner}
    _define(models, kind, definitions)
    return {"allOf": [{"$ref": f"#/components/schemas/{schema_name(kind)}"}]}


def main() -> int:
    """Write the file, or compare it.

    Returns:
        exit status: 1 when `--check` finds that the file is not what would be written.
    """
    parser = argparse.ArgumentParser(description="Write the demo clusters' OpenAPI schemas.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file would change")
    arguments = parser.parse_args()
    content = generated()
    if arguments.check:
        return int(SCHEMAS.read_text(encoding="utf-8") != content)
    SCHEMAS.write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
