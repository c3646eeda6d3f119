"""From a ratio's counters and annotations to an indicator that counts by them.

Without annotations, counters are counted as the queries name them. The annotations of an exported file say which of the
catalogue's indicators it was; they have to agree with the queries, of which somebody may have changed one alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from slo.indicator import CountersIndicator, LatencyIndicator, RatioIndicator
from slo.openslo import annotations as names
from slo.openslo.counting import UncountableError, UnreadableQueryError, counters_in, selector

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slo.indicator import Indicator
    from slo.openslo.annotations import Annotations
    from slo.openslo.fields import Fields
    from slo.promql import Selector

TOTAL: Final = "total"
GOOD: Final = "good"
BAD: Final = "bad"
_PRESENCE: Final = "presence"
_ANY_WINDOW_S: Final = 60.0  # to see which counters an indicator counts, any will do
_NEEDED_BESIDE: Final = {
    names.BAD_LABELS: names.RATIO,
    names.THRESHOLD_SECONDS: names.LATENCY,
    names.BUCKETS: names.LATENCY,
}


@dataclass(frozen=True, slots=True)
class Ratio:
    """Counters of all events, and of a part of them.

    Attributes:
        fields: where the ratio stands.
        total: the counters of all events.
        part: which part: GOOD or BAD.
        counters: the counters of that part.
        annotations: of the SLI.
    """

    fields: Fields
    total: tuple[Selector, ...]
    part: str
    counters: tuple[Selector, ...]
    annotations: Annotations


def indicator_of(ratio: Ratio) -> Indicator | None:
    """The indicator; None when it has faults, which have been told."""
    kind = ratio.annotations.text(names.INDICATOR, names.RATIO, names.COUNTERS, names.LATENCY)
    if kind is None and ratio.annotations.has(names.INDICATOR):
        return None
    refuse_without(ratio.annotations, kind)
    examples = ratio.annotations.examples(names.EXAMPLES)
    known = replace(
        ratio,
        total=_with_examples(ratio.total, examples.get(TOTAL, ())),
        counters=_with_examples(ratio.counters, examples.get(ratio.part, ())),
    )
    presence = presence_of(ratio.annotations, known.total[0])
    if kind == names.RATIO:
        return _of_labels(known, presence)
    if kind == names.LATENCY:
        return _of_buckets(known, presence)
    example = ratio.annotations.labels(names.GOOD_EXAMPLE) or {}
    if ratio.part == BAD:
        return CountersIndicator(known.total, presence, bad=known.counters, good_example=example)
    return CountersIndicator(known.total, presence, good=known.counters, good_example=example)


def presence_of(annotations: Annotations, otherwise: Selector) -> Selector:
    """The series that show that there is something to measure, as annotated."""
    text = annotations.text(names.PRESENCE)
    if text is None:
        return otherwise
    try:
        found = selector(text)
    except (UnreadableQueryError, UncountableError) as exc:
        annotations.fault(names.PRESENCE, str(exc))
        return otherwise
    return _with_examples((found,), annotations.examples(names.EXAMPLES).get(_PRESENCE, ()))[0]


def refuse_without(annotations: Annotations, kind: str | None) -> None:
    """Tell the fault of each annotation that says something of another kind of indicator than this one."""
    for name, needed in _NEEDED_BESIDE.items():
        if annotations.has(name) and kind != needed:
            annotations.fault(name, f"it has no meaning without {names.INDICATOR}: {needed}")


def _of_labels(ratio: Ratio, presence: Selector) -> RatioIndicator | None:
    labels = ratio.annotations.words(names.BAD_LABELS) or ()
    where = {label: match for label, match in ratio.counters[0].where if label in labels}
    fits = ratio.part == BAD and len(ratio.total) == len(ratio.counters) == 1
    if not fits or ratio.total[0].narrowed(**where).text != ratio.counters[0].text:
        _contradict(ratio, names.INDICATOR, names.BAD_LABELS)
        return None
    example = ratio.annotations.labels(names.GOOD_EXAMPLE) or {}
    return RatioIndicator(ratio.total[0], {label: where[label] for label in labels}, example, presence)


def _of_buckets(ratio: Ratio, presence: Selector) -> LatencyIndicator | None:
    threshold_s = ratio.annotations.number(names.THRESHOLD_SECONDS)
    buckets = ratio.annotations.numbers(names.BUCKETS)
    if threshold_s is None or buckets is None or not all(each.name.endswith("_count") for each in ratio.total):
        _contradict(ratio, names.INDICATOR, names.THRESHOLD_SECONDS, names.BUCKETS)
        return None
    histogram, *more = (replace(each, name=each.name.removesuffix("_count")) for each in ratio.total)
    found = LatencyIndicator(histogram, threshold_s, buckets, presence, tuple(more))
    within = counters_in(found.bad_events(_ANY_WINDOW_S, ()))[len(ratio.total) :]
    if ratio.part != GOOD or [each.text for each in within] != [each.text for each in ratio.counters]:
        _contradict(ratio, names.INDICATOR, names.THRESHOLD_SECONDS)
        return None
    return found


def _contradict(ratio: Ratio, *annotations: str) -> None:
    said = " and ".join(annotations)
    ratio.fields.fault("", f"its queries are not what {said} say: change both, or leave those annotations out")


def _with_examples(selectors: tuple[Selector, ...], examples: Sequence[Mapping[str, str]]) -> tuple[Selector, ...]:
    """The selectors with examples of label values that an exported file remembers."""
    padded = (*examples, *({} for _ in selectors[len(examples) :]))
    return tuple(
        replace(
            each,
            where=tuple(
                (label, replace(match, example=known.get(label, match.example))) for label, match in each.where
            ),
        )
        for each, known in zip(selectors, padded, strict=False)
    )
