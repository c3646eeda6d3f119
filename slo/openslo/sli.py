"""Reading an SLI: which queries it has, and what can be counted or compared by them.

An SLI is read once, wherever it stands and however many SLOs refer to it, so that its faults are told once. What an SLO
makes of it, with a bound or slices of its own, is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from slo.openslo import annotations as names
from slo.openslo.annotations import Annotations
from slo.openslo.counting import (
    Compared,
    Counted,
    UncountableError,
    UnreadableQueryError,
    compared,
    counted,
    difference,
    of_one_bucket,
)
from slo.openslo.ratios import BAD, GOOD, TOTAL, Ratio, indicator_of, presence_of, refuse_without
from slo.openslo.sources import Left, Source, read_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slo.indicator import Indicator
    from slo.openslo.fields import Fields

SUCCESS: Final = "success"
FAILURE: Final = "failure"


@dataclass(frozen=True, slots=True)
class Counting:
    """Events are counted.

    Attributes:
        indicator: how.
        own_presence: whether annotations say which series show that there is something to count.
        by: labels by which the queries keep the events apart.
    """

    indicator: Indicator
    own_presence: bool
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparing:
    """A value is compared.

    Attributes:
        values: the query.
        own_presence: whether annotations say which series show that there is something to compare.
        share: SUCCESS or FAILURE when the values are shares of events; empty when they are not.
        by: labels by which the values are kept apart; the query does not say.
    """

    values: Compared
    own_presence: bool
    share: str = ""
    by: tuple[str, ...] = ()


Sli = Counting | Comparing | Left


def read_sli(metadata: Fields | None, spec: Fields | None, types: Mapping[str, str]) -> Sli | None:
    """What an SLI measures; None when it has faults, which have been told.

    Args:
        metadata: its metadata, if it has any.
        spec: its specification.
        types: the types of the file's data sources, by name.
    """
    annotations = Annotations(metadata, names.OF_SLI)
    if spec is None:
        return None
    spec.leave("rules have no place for it", "description")
    has_ratio, has_threshold = spec.has("ratioMetric"), spec.has("thresholdMetric")
    if has_ratio == has_threshold:
        problem = "both are there, and one is possible" if has_ratio else "one of the two is required"
        spec.fault("", f"ratioMetric and thresholdMetric: {problem}")
        return None
    if has_threshold:
        return _comparing(read_source(spec.fields("thresholdMetric"), types), "", annotations)
    ratio = spec.fields("ratioMetric")
    if ratio is None:
        return None
    return _raw(ratio, annotations, types) if ratio.has("raw") else _ratio(ratio, annotations, types)


def _raw(ratio: Fields, annotations: Annotations, types: Mapping[str, str]) -> Sli | None:
    ratio.flag("counter")
    share = ratio.text("rawType", required=True, one_of=(SUCCESS, FAILURE))
    source = read_source(ratio.fields("raw"), types)
    beside = [name for name in (GOOD, BAD, TOTAL) if ratio.has(name)]
    if beside:
        ratio.fault("raw", f"it is a ratio by itself, and {', '.join(beside)} has no place beside it")
    return None if share is None or beside else _comparing(source, share, annotations)


def _comparing(source: Source | Left | None, share: str, annotations: Annotations) -> Sli | None:
    if not isinstance(source, Source):
        return source
    refuse_without(annotations, None)
    try:
        values = compared(source.query)
    except UnreadableQueryError as exc:
        source.fault(str(exc))
        return None
    except UncountableError as exc:
        source.loss(str(exc))
        return Left(str(exc))
    for note in values.notes:
        source.loss(note)
    values = replace(values, presence=presence_of(annotations, values.presence))
    return Comparing(values, annotations.has(names.PRESENCE), share)


def _ratio(ratio: Fields, annotations: Annotations, types: Mapping[str, str]) -> Sli | None:
    counter = ratio.flag("counter")
    parts = [name for name in (GOOD, BAD) if ratio.has(name)]
    sources = {name: read_source(ratio.fields(name), types) for name in (TOTAL, *parts) if ratio.has(name)}
    exact = annotations.has(names.INDICATOR)
    found = {name: _counters(source, exact=exact) for name, source in sources.items()}
    if ratio.has("rawType"):
        ratio.fault("rawType", "it says what raw is, and there is no raw")
    if len(parts) != 1:
        problem = "both are there, and one is possible" if parts else "one of the two is required beside total"
        ratio.fault("", f"good and bad: {problem}")
    if not ratio.has(TOTAL):
        ratio.fault(TOTAL, "it is required beside good or bad, and missing")
    if len(parts) != 1 or not ratio.has(TOTAL):
        return None
    part, share = _part(parts[0], found[parts[0]], sources[parts[0]], found[TOTAL])
    for name, each in ((TOTAL, found[TOTAL]), (parts[0], share)):
        _tell(sources[name], each)
    return _counting(ratio, found[TOTAL], part, share, counter, annotations)


def _part(
    name: str, found: Counted | Left | None, source: Source | Left | None, total: Counted | Left | None
) -> tuple[str, Counted | Left | None]:
    """The part, and its counters; the good events, where the bad ones are written as all events minus those."""
    if name != BAD or not isinstance(found, Left) or not isinstance(source, Source) or not isinstance(total, Counted):
        return name, found
    sides = difference(source.query)
    if sides is None:
        return name, found
    left, right = map(of_one_bucket, sides)
    fits = left.counters == total.counters and left.by == right.by == total.by
    return (GOOD, right) if fits else (name, found)


def _tell(source: Source | Left | None, found: Counted | Left | None) -> None:
    if not isinstance(source, Source) or found is None:
        return
    for sentence in (found.reason,) if isinstance(found, Left) else found.notes:
        source.loss(sentence)


def _counting(
    ratio: Fields,
    total: Counted | Left | None,
    part: str,
    share: Counted | Left | None,
    counter: bool | None,
    annotations: Annotations,
) -> Sli | None:
    if total is None or share is None:
        return None
    if isinstance(total, Left):
        return total
    if isinstance(share, Left):
        return share
    left = _left(ratio, total, share, counter)
    if left is not None:
        return left
    indicator = indicator_of(Ratio(ratio, total.counters, part, share.counters, annotations))
    return None if indicator is None else Counting(indicator, annotations.has(names.PRESENCE), total.by)


def _counters(source: Source | Left | None, *, exact: bool) -> Counted | Left | None:
    if not isinstance(source, Source):
        return source
    try:
        found = counted(source.query)
    except UnreadableQueryError as exc:
        source.fault(str(exc))
        return None
    except UncountableError as exc:
        return Left(str(exc))
    return found if exact else of_one_bucket(found)


def _left(ratio: Fields, total: Counted, share: Counted, counter: bool | None) -> Left | None:
    """Why the counters count no events, if they do not."""
    rates = bool(total.notes and share.notes)
    if counter is None and not rates:
        ratio.loss("counter", "it is missing; the queries are taken for counters, which only ever rise")
    if counter is False and not rates:
        left = Left("the values go up and down (counter: false), and only counters count events")
        ratio.loss("counter", left.reason)
        return left
    if total.by != share.by:
        left = Left("all events and the part of them are kept apart by different labels")
        ratio.loss("", left.reason)
        return left
    return None
