"""Kubernetes quantities ("250m", "64Mi") as numbers, and numbers as `kubectl top` prints them."""

from __future__ import annotations

import re

_QUANTITY = re.compile(r"([+-]?[0-9.]+)(?:([eE][+-]?[0-9]+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?")
_SCALE = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip


def quantity(text: object) -> float:
    """The number of a quantity in its base unit (cores, bytes); ValueError for what is none."""
    found = _QUANTITY.fullmatch(str(text))
    if found is None:
        raise ValueError(f"{text!r} is no quantity")
    number, exponent, suffix = found.groups()
    return float(f"{number}{exponent or ''}") * _SCALE.get(suffix or "", 1.0)


def millicores(cores: float) -> str:
    """CPU as `kubectl top` prints it, rounded up: 0.0021 cores are "3m"."""
    return f"{_up(cores * 1000)}m"


def mebibytes(size_bytes: float) -> str:
    """Memory as `kubectl top` prints it, rounded down: whole MiB."""
    return f"{int(size_bytes // 2**20)}Mi"


def percent(used: float, available: float) -> str:
    """A share as `kubectl top` prints it: whole percents, "<unknown>" of nothing."""
    return f"{int(used / available * 100)}%" if available > 0 else "<unknown>"


def _up(value: float) -> int:
    # 1e-9 keeps what is whole but for binary fractions from being rounded up by one.
    return -int(-(value - 1e-9) // 1)
