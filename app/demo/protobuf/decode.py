"""Turns a request body in Kubernetes' protobuf encoding into the JSON object that it stands for.

kubectl sends some objects that way and cannot be talked out of it. Answers are always JSON, which it accepts.
"""

from __future__ import annotations

import base64
import json
import struct
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from app.demo.clock import micro_stamp, stamp
from app.demo.objects import Obj
from app.demo.protobuf.wire import WireError, fields
from app.demo.status import bad_request

MEDIA_TYPE: Final = "application/vnd.kubernetes.protobuf"
MESSAGES: Final = Path(__file__).with_name("messages.json")
_MAGIC: Final = b"k8s\x00"
_META: Final = "k8s.io.apimachinery.pkg.apis.meta.v1."
# Structs that Go embeds: in JSON their fields are their parent's.
_INLINE: Final = frozenset({
    "volumeSource", "handler", "ingressRuleValue", "ephemeralContainerCommon", "persistentVolumeSource",
    "localObjectReference",
})  # fmt: skip
# Pointers: an encoded zero means zero. Other fields are always encoded, and a zero means nothing.
_MEANT: Final = frozenset({
    "activeDeadlineSeconds", "allowPrivilegeEscalation", "automountServiceAccountToken", "averageUtilization",
    "backoffLimit", "blockOwnerDeletion", "completions", "controller", "defaultMode", "enableServiceLinks",
    "expirationSeconds", "failedJobsHistoryLimit", "fsGroup", "gracePeriodSeconds", "hostUsers", "immutable",
    "manualSelector", "minReplicas", "mode", "optional", "orphanDependents", "parallelism", "partition", "priority",
    "privileged", "progressDeadlineSeconds", "readOnlyRootFilesystem", "replicas", "revisionHistoryLimit",
    "runAsGroup", "runAsNonRoot", "runAsUser", "shareProcessNamespace", "startingDeadlineSeconds",
    "storageClassName", "successfulJobsHistoryLimit", "suspend", "terminationGracePeriodSeconds",
    "tolerationSeconds", "ttlSecondsAfterFinished", "value",
})  # fmt: skip


@cache
def _tables() -> tuple[dict[str, str], dict[str, dict[str, list[str]]]]:
    loaded = json.loads(MESSAGES.read_text(encoding="utf-8"))
    return loaded["kinds"], loaded["messages"]


def decode(body: bytes) -> Obj:
    """The object in a body.

    Raises:
        StatusError: 400 for what cannot be read, or is of a kind that is not known.
    """
    if not body.startswith(_MAGIC):
        raise bad_request("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    try:
        envelope = dict(_plain(body[len(_MAGIC) :]))
        meta = dict(_plain(_bytes(envelope.get(1, b""))))
        version, kind = _bytes(meta.get(1, b"")).decode(), _bytes(meta.get(2, b"")).decode()
        kinds, _ = _tables()
        message = kinds.get(f"{version}/{kind}") or kinds.get(f"*/{kind}")
        if message is None:
            raise bad_request(f'no kind "{kind}" is registered for version "{version}" in scheme "k8s.io/kubernetes"')
        obj = _message(message, _bytes(envelope.get(2, b"")))
    except (WireError, UnicodeDecodeError, struct.error, OverflowError) as exc:
        raise bad_request("the protobuf message cannot be read") from exc
    return {"kind": kind, "apiVersion": version, **obj}


def _plain(data: bytes) -> list[tuple[int, int | bytes]]:
    return [(number, value) for number, _, value in fields(data)]


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise WireError("bytes were expected")
    return value


def _message(name: str, data: bytes) -> Any:
    special = _SPECIAL.get(name)
    if special is not None:
        return special(data)
    _, messages = _tables()
    known = messages[name]
    made: Obj = {}
    for number, _, raw in fields(data):
        entry = known.get(str(number))
        if entry is None:
            continue
        field, kind, shape = entry
        field = "apiGroup" if field == "aPIGroup" else field
        if shape == "map":
            key, value = _entry(kind, _bytes(raw))
            made.setdefault(field, {})[key] = value
            continue
        value = _value(kind, raw)
        if shape == "list":
            made.setdefault(field, []).append(value)
        elif field in _INLINE and isinstance(value, dict):
            made.update(value)
        elif value is not None and (value not in ("", 0, False) or field in _MEANT):
            made[field] = value
    return made


def _entry(kind: str, data: bytes) -> tuple[str, Any]:
    found = dict(_plain(data))
    key = _bytes(found.get(1, b"")).decode()
    return key, _value(kind, found.get(2, b"" if kind in {"string", "bytes"} or "." in kind else 0))


def _value(kind: str, raw: int | bytes) -> Any:
    match kind:
        case "string":
            return _bytes(raw).decode()
        case "bytes":
            return base64.b64encode(_bytes(raw)).decode()
        case "bool":
            return bool(raw)
        case "int":
            if not isinstance(raw, int):
                raise WireError("a number was expected")
            return raw - 2**64 if raw >= 2**63 else raw
        case "double":
            return struct.unpack("<d", _bytes(raw))[0]
        case _:
            return _message(kind, _bytes(raw))


def _time(data: bytes) -> str | None:
    found = {number: value for number, value in _plain(data) if isinstance(value, int)}
    return stamp(datetime.fromtimestamp(found[1], UTC)) if found.get(1) else None


def _micro_time(data: bytes) -> str | None:
    found = {number: value for number, value in _plain(data) if isinstance(value, int)}
    if not found.get(1):
        return None
    return micro_stamp(datetime.fromtimestamp(found[1], UTC) + timedelta(microseconds=found.get(2, 0) // 1000))


def _int_or_string(data: bytes) -> int | str:
    found = dict(_plain(data))
    if found.get(1):
        return _bytes(found.get(3, b"")).decode()
    number = found.get(2, 0)
    if not isinstance(number, int):
        raise WireError("a number was expected")
    return number - 2**64 if number >= 2**63 else number


def _text(data: bytes) -> str:
    return _bytes(dict(_plain(data)).get(1, b"")).decode()


def _raw(data: bytes) -> Any:
    text = _text(data)
    try:
        return json.loads(text) if text else None
    except ValueError as exc:
        raise WireError("raw JSON was expected") from exc


def _strings(data: bytes) -> list[str]:
    return [_bytes(value).decode() for number, value in _plain(data) if number == 1]


_SPECIAL: Final = {
    f"{_META}Time": _time,
    f"{_META}MicroTime": _micro_time,
    f"{_META}FieldsV1": _raw,
    "k8s.io.apimachinery.pkg.api.resource.Quantity": _text,
    "k8s.io.apimachinery.pkg.util.intstr.IntOrString": _int_or_string,
    "k8s.io.apimachinery.pkg.runtime.RawExtension": _raw,
    "k8s.io.api.authorization.v1.ExtraValue": _strings,
    "k8s.io.api.authentication.v1.ExtraValue": _strings,
}
