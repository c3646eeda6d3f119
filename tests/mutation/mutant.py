"""What a mutation does: a target with another figure, or code with a capability taken out.

A mutation is named by a target's path, for the switch that takes its capability out, or by `path#figure` for one of its
figures. It is applied before anything else is imported, so that whatever derives from the figure follows.
"""

from __future__ import annotations

import importlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from slo.target import Figure, Target, Unit
from tests.mutation import switches

_WHOLE_STEPS = {Unit.COUNT: 1.0, Unit.SECONDS: 1.0, Unit.CORES: 1.0, Unit.PER_SECOND: 1.0}


def apply(mutation: str) -> None:
    """Make one promise false in this process."""
    path, is_figure, figure = mutation.partition("#")
    if is_figure:
        _change_figure(path, figure)
        return
    for place, twin in switches.all_switches()[path].items():
        _replace_when_imported(place, twin)


def other(figure: Figure) -> Figure:
    """The same figure with a value that is wrong but not absurd: the code has to run with it."""
    if isinstance(figure.value, str):
        return replace(figure, value=_other_word(figure.value))
    if figure.unit is Unit.BYTES:
        return replace(figure, value=figure.value * 2)
    if figure.unit in {Unit.RATIO, Unit.PERCENTILE}:
        return replace(figure, value=_other_share(figure.value))
    if figure.value == int(figure.value) and figure.value:
        return replace(figure, value=figure.value + _WHOLE_STEPS[figure.unit])
    return replace(figure, value=figure.value * 2 if figure.value else 1.0)


def _other_share(share: float) -> float:
    # Near the top a tenth less would be many times the budget, which is refused before any test can look at it.
    less_is_absurd = 0.9 < share < 1
    return round(1 - (1 - share) * 0.8 if less_is_absurd else share * 0.9, 12)


def _other_word(word: str) -> str:
    # Switches of servers know two words only.
    return {"yes": "no", "no": "yes", "on": "off", "off": "on"}.get(word, switches.OTHER_WORDS.get(word, f"un{word}"))


def _change_figure(path: str, name: str) -> None:
    made = Target.__init__

    def changed(self: Target, *arguments: Any, **ends: Any) -> None:
        made(self, *arguments, **ends)
        if self.path == path:
            figures = tuple(other(each) if each.name == name else each for each in self.figures)
            object.__setattr__(self, "figures", figures)

    Target.__init__ = changed  # type: ignore[method-assign]


def _replace_when_imported(place: str, twin: Any) -> None:
    """Put the twin in a class' or a module's place; `module:attribute.attribute`."""
    module, _, names = place.partition(":")
    holder: Any = importlib.import_module(module)
    *owners, last = names.split(".")
    for owner in owners:
        holder = getattr(holder, owner)
    original = getattr(holder, last)
    setattr(holder, last, twin(original) if isinstance(twin, switches.Around) else twin)


def of_environment(mutation: str) -> dict[str, str]:
    """The environment of a process, and of its children, in which the mutation holds."""
    here = Path(__file__).resolve()
    # This tree comes before an installed one: the site folder imports the catalogue before the working directory counts.
    path = os.pathsep.join((str(here.parent / "site"), str(here.parents[2])))
    return {**os.environ, "KUBECHAT_MUTATION": mutation, "PYTHONPATH": path}
