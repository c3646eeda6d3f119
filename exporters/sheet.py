"""What one scrape found: samples of metrics that the catalogue declares, and their text.

A sheet refuses what is not declared, so that no series is exported under a name, or with labels, that nobody knows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from app.telemetry.metric import Metric, MetricKind

SAMPLES_IN_A_PART: Final = 200


class Sheet:
    """Samples by metric."""

    def __init__(self) -> None:
        self._samples: dict[str, tuple[Metric, dict[tuple[str, ...], float]]] = {}

    def put(self, metric: Metric, value: float, **labels: str) -> None:
        """Add one sample; a second one of the same labels takes its place.

        Raises:
            ValueError: the labels are not those of the declaration, or the metric is a histogram.
        """
        if metric.kind is MetricKind.HISTOGRAM or labels.keys() != set(metric.labels):
            raise ValueError(f"{metric.name} has the labels {metric.labels}, not {tuple(labels)}")
        _, samples = self._samples.setdefault(metric.name, (metric, {}))
        samples[tuple(labels[name] for name in metric.labels)] = value

    def merge(self, other: Sheet) -> None:
        """Take over all samples of another sheet."""
        for name, (metric, samples) in other._samples.items():
            self._samples.setdefault(name, (metric, {}))[1].update(samples)

    def value(self, metric: Metric, **labels: str) -> float | None:
        """One sample, or None; meant for tests."""
        _, samples = self._samples.get(metric.name, (metric, {}))
        return samples.get(tuple(labels[name] for name in metric.labels))

    def render(self) -> bytes:
        """The samples as OpenMetrics text."""
        return b"".join(self.parts())

    def parts(self) -> Iterator[bytes]:
        """The same in parts, each made within a millisecond: the loop that is to answer others can do so in between.

        Written here and not by prometheus_client, whose text is in one part and takes several times as long.
        """
        for name, (metric, samples) in self._samples.items():
            family = name.removesuffix("_total") if metric.kind is MetricKind.COUNTER else name
            lines = [f"# HELP {family} {_escaped(metric.help)}\n# TYPE {family} {metric.kind.value}\n"]
            begun = [f'{label}="' for label in metric.labels]
            for values, value in samples.items():
                said = '",'.join([label + _escaped(text) for label, text in zip(begun, values, strict=True)])
                lines.append(f'{name}{{{said}"}} {_number(value)}\n' if begun else f"{name} {_number(value)}\n")
                if len(lines) >= SAMPLES_IN_A_PART:
                    yield "".join(lines).encode()
                    lines.clear()
            yield "".join(lines).encode()
        yield b"# EOF\n"


def _escaped(text: str) -> str:
    if "\\" in text or '"' in text or "\n" in text:
        return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    return text


def _number(value: float) -> str:
    number = float(value)
    if math.isfinite(number):
        return repr(number)
    return "NaN" if math.isnan(number) else "+Inf" if number > 0 else "-Inf"
