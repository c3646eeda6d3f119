"""Writes `messages.json`: field numbers, names and types of the messages that requests may hold.

They come from the file descriptors that a kubectl program carries in itself. Run at development time only:
`python -m app.demo.protobuf.generate --kubectl /path/to/kubectl` (1.32 to match the served version), with `--check` to
find drift.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import zlib
from pathlib import Path
from typing import Any, Final

from app.demo import kinds
from app.demo.protobuf.decode import MESSAGES
from app.demo.protobuf.wire import WireError, fields

_TYPES: Final = {1: "double", 3: "int", 4: "int", 5: "int", 8: "bool", 9: "string", 12: "bytes", 13: "int"}
_MESSAGE: Final = 11
_REPEATED: Final = 3
_LONGEST: Final = 400_000
_META: Final = "k8s.io.apimachinery.pkg.apis.meta.v1"
# Kinds that are no resources of their own, whatever version a client gives them.
_OTHERS: Final = {
    "*/DeleteOptions": f"{_META}.DeleteOptions",
    "autoscaling/v1/Scale": "k8s.io.api.autoscaling.v1.Scale",
    "policy/v1/Eviction": "k8s.io.api.policy.v1.Eviction",
    "authentication.k8s.io/v1/TokenRequest": "k8s.io.api.authentication.v1.TokenRequest",
}


def _descriptors(program: bytes) -> dict[str, dict[str, list[str]]]:
    """Every message of the file descriptors in a program: number to name, type and shape."""
    found: dict[str, dict[str, list[str]]] = {}
    for match in re.finditer(b"\x1f\x8b\x08", program):
        try:
            data = zlib.decompressobj(31).decompress(program[match.start() : match.start() + _LONGEST])
            parts = [(number, value) for number, _, value in fields(data) if isinstance(value, bytes)]
        except (zlib.error, WireError):
            continue
        name = next((value for number, value in parts if number == 1), b"")
        if not name.startswith(b"k8s.io/") or not name.endswith(b".proto"):
            continue
        package = next(value for number, value in parts if number == 2).decode()
        for number, value in parts:
            if number == 4:
                _read_message(package, value, found)
    return found


def _read_message(prefix: str, data: bytes, found: dict[str, dict[str, list[str]]]) -> None:
    parts = [(number, value) for number, _, value in fields(data) if isinstance(value, bytes)]
    full = f"{prefix}.{next(value for number, value in parts if number == 1).decode()}"
    nested = [value for number, value in parts if number == 3]
    maps = {f".{full}.{_name(value)}": _map_value(value) for value in nested}
    entries: dict[str, list[str]] = {}
    for number, value in parts:
        if number == 2:
            field: dict[int, Any] = {key: entry for key, _, entry in fields(value)}
            type_name = field.get(6, b"").decode()
            kind = _TYPES.get(field[5], type_name.lstrip("."))
            shape = "list" if field.get(4) == _REPEATED else ""
            if type_name in maps:
                kind, shape = maps[type_name], "map"
            entries[str(field[3])] = [field[1].decode(), kind, shape]
    found[full] = entries


def _name(data: bytes) -> str:
    return next(value for number, _, value in fields(data) if number == 1 and isinstance(value, bytes)).decode()


def _map_value(data: bytes) -> str:
    for number, _, value in fields(data):
        if number == 2 and isinstance(value, bytes):
            field: dict[int, Any] = {key: entry for key, _, entry in fields(value)}
            if field[3] == 2:
                type_name: str = field.get(6, b"").decode()
                return _TYPES.get(field[5], type_name.lstrip("."))
    return "string"


def generated(program: bytes) -> str:
    """The file's content.

    Args:
        program: a kubectl's bytes.
    """
    known = _descriptors(program)
    names = dict(_OTHERS)
    for kind in kinds.ALL:
        group = kind.group.partition(".")[0] or "core"
        message = f"k8s.io.api.{group}.{kind.version}.{kind.kind}"
        if message in known:
            names[f"{kind.api_version}/{kind.kind}"] = message
    kept: dict[str, dict[str, list[str]]] = {}
    waiting = list(names.values())
    while waiting:
        message = waiting.pop()
        if message in kept or message not in known:
            continue
        kept[message] = known[message]
        waiting += [kind for _, kind, _ in known[message].values() if "." in kind]
    return json.dumps({"kinds": names, "messages": kept}, indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Write the file, or compare it.

    Returns:
        exit status: 1 when `--check` finds that the file is not what would be written.
    """
    parser = argparse.ArgumentParser(description="Write the table of Kubernetes' protobuf messages.")
    parser.add_argument("--kubectl", default=shutil.which("kubectl"), help="the program to read")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file would change")
    arguments = parser.parse_args()
    content = generated(Path(arguments.kubectl).read_bytes())
    if arguments.check:
        return int(MESSAGES.read_text(encoding="utf-8") != content)
    MESSAGES.write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
