"""Small questions that every part asks of a Kubernetes object.

Objects are plain JSON values. What the store hands out must not be changed in place; copy first.
"""

from __future__ import annotations

import base64
import hashlib
import random
import uuid
from typing import Any, Final

Obj = dict[str, Any]

# Kubernetes' own alphabet for generated names: no vowels and no look-alikes (k8s.io/apimachinery/pkg/util/rand).
_NAME_ALPHABET: Final = "bcdfghjklmnpqrstvwxz2456789"
_UID_SPACE: Final = uuid.UUID("5f0c8a70-52f5-4c32-9d4c-0d6f2e6f7a10")


def dig(value: Any, *path: str | int, default: Any = None) -> Any:
    """The value at a path of keys and indexes, or `default` where the path ends early or holds null."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return default
        elif not isinstance(value, dict) or step not in value:
            return default
        value = value[step]
    return default if value is None else value


def name_of(obj: Obj) -> str:
    """`metadata.name`."""
    return str(obj["metadata"]["name"])


def namespace_of(obj: Obj) -> str:
    """`metadata.namespace`; empty for cluster-scoped objects."""
    return str(obj["metadata"].get("namespace", ""))


def uid_of(obj: Obj) -> str:
    """`metadata.uid`."""
    return str(obj["metadata"]["uid"])


def labels_of(obj: Obj) -> dict[str, str]:
    """`metadata.labels`, empty when there are none."""
    return dig(obj, "metadata", "labels", default={})  # type: ignore[no-any-return]


def annotations_of(obj: Obj) -> dict[str, str]:
    """`metadata.annotations`, empty when there are none."""
    return dig(obj, "metadata", "annotations", default={})  # type: ignore[no-any-return]


def is_terminating(obj: Obj) -> bool:
    """Whether the object is being deleted."""
    return "deletionTimestamp" in obj["metadata"]


def controller_of(obj: Obj) -> Obj | None:
    """The owner reference that has `controller: true`."""
    for owner in obj["metadata"].get("ownerReferences") or ():
        if owner.get("controller"):
            return owner  # type: ignore[no-any-return]
    return None


def owner_reference(owner: Obj) -> Obj:
    """A controlling owner reference to an object."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": name_of(owner),
        "uid": uid_of(owner),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def condition(obj: Obj, kind: str) -> Obj | None:
    """The status condition of a type."""
    for entry in dig(obj, "status", "conditions", default=()):
        if entry.get("type") == kind:
            return entry  # type: ignore[no-any-return]
    return None


def is_ready(pod: Obj) -> bool:
    """Whether a pod's Ready condition is True."""
    ready = condition(pod, "Ready")
    return ready is not None and ready.get("status") == "True"


class Ids:
    """Names and uids that are the same for the same seed and the same course of events.

    Args:
        seed: any text; a cluster uses its name.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose, nothing secret
        self._count = 0

    def uid(self) -> str:
        """The next uid."""
        self._count += 1
        return str(uuid.uuid5(_UID_SPACE, f"{self._seed}/{self._count}"))

    def suffix(self, length: int = 5) -> str:
        """The random end of a generated name."""
        return "".join(self._random.choice(_NAME_ALPHABET) for _ in range(length))

    def between(self, low: float, high: float) -> float:
        """A repeatable random number, for delays in seconds."""
        return self._random.uniform(low, high)


def short_hash(value: Any, length: int = 10) -> str:
    """A name-safe hash of a JSON value, as used for `pod-template-hash`.

    Args:
        value: any JSON value.
        length: how many characters.
    """
    import orjson

    digest = hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).digest()
    return "".join(_NAME_ALPHABET[byte % len(_NAME_ALPHABET)] for byte in digest[:length])


def hex_digest(*parts: object) -> str:
    """64 hexadecimal digits that depend on the parts alone: ids of containers and machines."""
    return hashlib.sha256("/".join(str(part) for part in parts).encode()).hexdigest()


def fraction(*parts: object) -> float:
    """A number in [0, 1) that depends on the parts alone: chance that repeats itself."""
    digest = hashlib.blake2b("/".join(str(part) for part in parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def encoded(text: str) -> str:
    """Text in base64, as secrets hold it."""
    return base64.b64encode(text.encode()).decode()
