"""Which targets are proved: their test has been seen to go red when the promise was made false.

`make targets-mutate` writes what it saw; this module reads it. A proof holds for one wording of the promise and one
test: whoever changes a figure or names another test has a target that is unproved until it has been tried again.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from slo.catalogue import all_targets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slo.target import Target

FILE: Final = "slo/proofs.json"
_LENGTH: Final = 16  # hexadecimal digits: enough to notice a change, short enough to review


class State(StrEnum):
    """How far a target has come."""

    PROVED = "proved"
    UNPROVED = "unproved"
    PLANNED = "planned"


def state(target: Target) -> State:
    """How far this target has come.

    A test that several targets name proves none of them: it would go red for any of them.
    """
    if target.planned is not None:
        return State.PLANNED
    if not target.test or _named()[target.test] > 1:
        return State.UNPROVED
    return State.PROVED if _seen().get(target.path) == fingerprint(target) else State.UNPROVED


def fingerprint(target: Target) -> str:
    """What a proof is a proof of: the figures and the test's name, as a short hash."""
    figures = [(figure.name, figure.value, figure.unit.value) for figure in target.figures]
    whole = json.dumps([target.path, figures, target.test])
    return hashlib.sha256(whole.encode()).hexdigest()[:_LENGTH]


@cache
def recorded() -> Mapping[str, Mapping[str, str]]:
    """What was seen, by the target's path: `target` is its fingerprint, `test` that of the test's source."""
    loaded: dict[str, dict[str, str]] = json.loads(files("slo").joinpath("proofs.json").read_text(encoding="utf-8"))
    return loaded


@cache
def _seen() -> Mapping[str, str]:
    return {path: proof["target"] for path, proof in recorded().items()}


@cache
def _named() -> Counter[str]:
    return Counter(target.test for target in all_targets() if target.test)
