"""Writes metrics as OpenMetrics text: quickly, and in parts, so that a scrape holds nobody up.

prometheus_client writes all series in one go, tens of milliseconds for some thousands. Here what never changes of a
series, its name and its labels, is written once and kept; what changes is one number. Whoever serves a page lets the
event loop go on between its parts. The `_created` series are left out: no rule and no panel asks for one.

This reads fields of prometheus_client's instruments that it calls its own: tests hold each page against the client's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.core import Metric as Family
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST
from prometheus_client.utils import floatToGoString

from app.telemetry.logs import get_logger
from app.telemetry.metric import Metric, MetricKind

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
END: Final = "# EOF\n"
_ESCAPED: Final = str.maketrans({"\\": "\\\\", "\n": "\\n", '"': '\\"'})
_SPECIAL: Final = {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}
Instrument = Counter | Gauge | Histogram
_log = get_logger(__name__)


def heading(name: str, text: str, kind: str) -> str:
    """What stands above a metric's series; for a counter without the `_total` of its name."""
    return f"# HELP {name} {text.translate(_ESCAPED)}\n# TYPE {name} {kind}\n"


def labelled(names: Iterable[str], values: Iterable[str]) -> str:
    """A series' labels as they stand between braces, empty where there are none."""
    return ",".join(sorted(f'{name}="{value.translate(_ESCAPED)}"' for name, value in zip(names, values, strict=True)))


def number(value: float) -> str:
    """A value: the shortest digits that read back as the same."""
    text = repr(float(value))
    return _SPECIAL.get(text, text)


@dataclass(frozen=True, slots=True)
class _Child:
    """What is kept of one instrument with its labels.

    Attributes:
        of: the instrument.
        lines: the beginnings of its lines; for a histogram its buckets, then its count, then its sum.
        exemplars: those of its buckets, with their text: most stay the same from scrape to scrape.
    """

    of: Any
    lines: tuple[str, ...]
    exemplars: dict[int, tuple[Any, str]] = field(default_factory=dict)


class Pages:
    """The lines of one declared metric, again and again.

    Args:
        metric: its declaration.
        instrument: where its values are.
    """

    def __init__(self, metric: Metric, instrument: Instrument) -> None:
        self._metric, self._instrument = metric, instrument
        self._children: dict[tuple[str, ...], _Child] = {}
        counter = metric.kind is MetricKind.COUNTER
        self._heading = heading(
            metric.name.removesuffix("_total") if counter else metric.name, metric.help, metric.kind.value
        )

    def parts(self) -> Iterator[str]:
        """The heading, then the lines of each series or histogram."""
        yield self._heading
        write = _histogram if self._metric.kind is MetricKind.HISTOGRAM else _plain
        for child in self._present():
            yield write(child)

    def _present(self) -> list[_Child]:
        instrument: Any = self._instrument
        if not self._metric.labels:
            return [self._kept((), instrument)]
        with instrument._lock:  # noqa: SLF001 - a thread may add one at any time
            present = list(instrument._metrics.items())  # noqa: SLF001
        if len(self._children) > len(present):
            self._children.clear()  # some were removed
        return [self._kept(values, child) for values, child in present]

    def _kept(self, values: tuple[str, ...], of: Any) -> _Child:
        kept = self._children.get(values)
        if kept is None or kept.of is not of:
            kept = self._children[values] = _Child(of, self._lines(values, of))
        return kept

    def _lines(self, values: tuple[str, ...], of: Any) -> tuple[str, ...]:
        name, labels = self._metric.name, labelled(self._metric.labels, values)
        if self._metric.kind is not MetricKind.HISTOGRAM:
            return (f"{name}{{{labels}}} " if labels else f"{name} ",)
        names = (*self._metric.labels, "le")
        bounds = (labelled(names, (*values, _bound(bound))) for bound in of._upper_bounds)  # noqa: SLF001
        buckets = (f"{name}_bucket{{{bound}}} " for bound in bounds)
        whole = f"{{{labels}}} " if labels else " "
        return (*buckets, f"{name}_count{whole}", f"{name}_sum{whole}")


def _bound(value: float) -> str:
    """A bucket's bound as its label, which rules name: as the client has always written it."""
    return str(floatToGoString(value))  # type: ignore[no-untyped-call]  # theirs has no annotations


def _plain(child: _Child) -> str:
    (beginning,) = child.lines
    if "_child_samples" in vars(child.of):  # a gauge that asks a function
        try:
            (sample,) = child.of._child_samples()  # noqa: SLF001
        except Exception:  # noqa: BLE001 - one figure that cannot be had must not take the whole page with it
            _log.exception("a metric's function failed", series=beginning)
            return ""
        return f"{beginning}{number(sample.value)}\n"
    value = child.of._value  # noqa: SLF001
    return f"{beginning}{number(value.get())}{_exemplar(value.get_exemplar())}\n"


def _histogram(child: _Child) -> str:
    below, parts = 0.0, []
    for place, bucket in enumerate(child.of._buckets):  # noqa: SLF001
        below += bucket.get()
        exemplar = bucket.get_exemplar()
        text = _kept_text(child.exemplars, place, exemplar) if exemplar else ""
        parts.append(f"{child.lines[place]}{below!r}{text}\n")
    parts.append(f"{child.lines[-2]}{below!r}\n{child.lines[-1]}{number(child.of._sum.get())}\n")  # noqa: SLF001
    return "".join(parts)


def _kept_text(kept: dict[int, tuple[Any, str]], place: int, exemplar: Any) -> str:
    known = kept.get(place)
    if known is None or known[0] is not exemplar:
        known = kept[place] = exemplar, _exemplar(exemplar)
    return known[1]


def families(found: Iterable[Family]) -> Iterator[str]:
    """The lines of what a collector makes at each scrape."""
    for family in found:
        yield heading(family.name, family.documentation, family.type)
        for sample in family.samples:
            labels = labelled(sample.labels.keys(), sample.labels.values())
            yield f"{sample.name}{{{labels}}} {number(sample.value)}\n"


def _exemplar(exemplar: Any) -> str:
    if exemplar is None:
        return ""
    labels = labelled(exemplar.labels.keys(), exemplar.labels.values())
    when = "" if exemplar.timestamp is None else f" {exemplar.timestamp}"
    return f" # {{{labels}}} {number(exemplar.value)}{when}"
