"""Kubernetes quantities such as 100m, 64Mi and 2: reading, adding, writing."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from app.demo.objects import Obj

_PATTERN: Final = re.compile(r"^([+-]?\d+(?:\.\d+)?)([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$")
_FACTORS: Final = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal(1000),
    "M": Decimal(1000) ** 2,
    "G": Decimal(1000) ** 3,
    "T": Decimal(1000) ** 4,
    "P": Decimal(1000) ** 5,
    "E": Decimal(1000) ** 6,
    "Ki": Decimal(1024),
    "Mi": Decimal(1024) ** 2,
    "Gi": Decimal(1024) ** 3,
    "Ti": Decimal(1024) ** 4,
    "Pi": Decimal(1024) ** 5,
    "Ei": Decimal(1024) ** 6,
}


def quantity(text: object) -> Decimal:
    """The number that a quantity means.

    Raises:
        ValueError: it is no quantity.
    """
    match = _PATTERN.match(str(text))
    if match is None:
        raise ValueError(f"{text!r} is not a quantity")
    number, suffix = match.groups()
    if suffix and suffix[0] in "eE" and len(suffix) > 1:
        return Decimal(number + suffix)
    return Decimal(number) * _FACTORS[suffix or ""]


def pod_requests(pod: Obj) -> dict[str, Decimal]:
    """What a pod asks for: cores of cpu, bytes of memory; containers are added, the largest init container counts."""
    total: dict[str, Decimal] = {}
    for container in pod["spec"].get("containers") or ():
        for name, amount in ((container.get("resources") or {}).get("requests") or {}).items():
            total[name] = total.get(name, Decimal(0)) + quantity(amount)
    for container in pod["spec"].get("initContainers") or ():
        for name, amount in ((container.get("resources") or {}).get("requests") or {}).items():
            total[name] = max(total.get(name, Decimal(0)), quantity(amount))
    return total
