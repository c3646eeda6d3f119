"""Command lines that a finding offers, each as the parser of commands reads it again."""

from __future__ import annotations

from typing import Any

import orjson

from app.domain.commands.words import quoted
from app.domain.diagnosis.findings import Ref


def line(*words: str, namespace: str = "") -> str:
    """`kubectl` with these words, quoted where they need it, and the namespace."""
    inside = ("-n", namespace) if namespace else ()
    return " ".join(["kubectl", *(quoted(word) for word in (*words, *inside))])


def patched(ref: Ref, patch: Any) -> str:
    """A merge patch of an object, strategic where the kind knows that."""
    return line("patch", ref.path, "-p", orjson.dumps(patch).decode(), namespace=ref.namespace)


def patched_at(ref: Ref, path: str, value: Any) -> str:
    """One field of an object replaced, by its JSON pointer."""
    patch = [{"op": "replace", "path": path, "value": value}]
    return line("patch", ref.path, "--type=json", "-p", orjson.dumps(patch).decode(), namespace=ref.namespace)


def described(ref: Ref) -> str:
    """What describes an object."""
    return line("describe", ref.path, namespace=ref.namespace)


def logged(pod: Ref, container: str, *, previous: bool = False) -> str:
    """What shows a container's log."""
    return line(
        "logs", pod.name, "-c", container, *(["--previous"] if previous else []), "--tail=50", namespace=pod.namespace
    )
