"""Publishes every promised figure as a series, so that rules and panels join it and type no number.

It is known when the process starts and does not change while it runs.
"""

from __future__ import annotations

from collections import Counter

from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from slo.catalogue import all_targets
from slo.proofs import State, state


def publish(instruments: Instruments) -> None:
    """Set the figures of all targets, choices left out, and how many targets are in which state."""
    figures = instruments.gauge(catalogue.TARGET_FIGURE)
    for target in all_targets():
        for figure in target.figures:
            if not isinstance(figure.value, str):
                figures.labels(target.path, figure.name, figure.unit.value).set(figure.value)
    states = Counter(state(target) for target in all_targets())
    counts = instruments.gauge(catalogue.TARGETS)
    for each in State:
        counts.labels(each.value).set(states[each])
