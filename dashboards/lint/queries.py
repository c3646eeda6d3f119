"""Faults in queries: names, labels and buckets that are not there, and counters that are not read as counters."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import promql_parser as parser

from app.telemetry.metric import MetricKind
from dashboards.lint.finding import Finding, named, panels_of
from slo.prometheus import PACE
from slo.promql import PromQLError, filled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.telemetry.metric import Metric
    from dashboards.lint.finding import Tree

_RATES: Final = frozenset({"rate", "irate", "increase"})
_FOR_COUNTERS: Final = _RATES | {"present_over_time", "absent", "absent_over_time", "min_over_time"}
_NO_WINDOW: Final = "4242s"  # stands for Grafana's interval: no window that anybody would write
_SCRAPE_LABELS: Final = frozenset({"job", "instance", "le", "__name__"})
_SCRAPES: Final = 2  # so many fit at least into a window: a rise needs two samples
_ANY: Final = ".+"


def findings(tree: Tree) -> Iterator[Finding]:
    """All of them."""
    known = {**dict.fromkeys(tree.recorded), **tree.metrics}
    for uid, model in tree.dashboards.items():
        variables = {variable["name"]: _ANY for variable in model["templating"]["list"]}
        for panel in panels_of(model):
            for target in panel.get("targets") or []:
                where = f"{named(uid, panel)} {target.get('refId')}"
                yield from _panel_query(where, target.get("expr", ""), variables, known)
        for mark in model["annotations"]["list"]:
            if "expr" in mark:
                yield from _names(f"{uid} / {mark['name']}", parsed(mark["expr"], variables), known)
        for variable in model["templating"]["list"]:
            if variable["type"] == "query":
                yield from _offered(f"{uid} / ${variable['name']}", variable["definition"], variables, known)
    for where, rule in tree.each_rule:
        yield from _names(where, parse(rule["expr"]), known)
        yield from _counters(where, parse(rule["expr"]), tree.metrics, in_rules=True)


def _panel_query(
    where: str, text: str, variables: Mapping[str, str], known: Mapping[str, Metric | None]
) -> Iterator[Finding]:
    try:
        tree = parsed(text, variables)
    except (PromQLError, ValueError) as exc:
        yield Finding(where, "promql", f"it does not parse: {exc}")
        return
    yield from _names(where, tree, known)
    declared = {name: metric for name, metric in known.items() if metric is not None}
    yield from _counters(where, tree, declared, in_rules=False)
    for call in all_in(tree, parser.Call):
        if call.func.name in _RATES and isinstance(call.args[0], parser.MatrixSelector):
            window_s = call.args[0].range.total_seconds()
            if window_s < _SCRAPES * PACE.scrape_interval_s:
                yield Finding(where, "rate-window", f"{window_s:g} s hold fewer than {_SCRAPES} scrapes")


def _offered(
    where: str, definition: str, variables: Mapping[str, str], known: Mapping[str, Metric | None]
) -> Iterator[Finding]:
    inner, _, label = definition.removeprefix("label_values(").removesuffix(")").rpartition(",")
    tree = parsed(inner, variables)
    yield from _names(where, tree, known)
    for selector in all_in(tree, parser.VectorSelector):
        metric = known.get(selector.name)
        if metric is not None and label.strip() not in {*metric.labels, *_SCRAPE_LABELS}:
            yield Finding(where, "unknown-label", f"{selector.name} has no label {label.strip()}")


def _names(where: str, tree: Any, known: Mapping[str, Metric | None]) -> Iterator[Finding]:
    for selector in all_in(tree, parser.VectorSelector):
        if selector.name not in known:
            yield Finding(where, "unknown-metric", f"nobody exports or records {selector.name}")
            continue
        metric = known[selector.name]
        if metric is None:
            continue
        for match in selector.matchers.matchers:
            if match.name not in {*metric.labels, *_SCRAPE_LABELS}:
                yield Finding(where, "unknown-label", f"{selector.name} has no label {match.name}")
            if match.name == "le" and not _has_bucket(metric, match):
                yield Finding(where, "unknown-bucket", f"{selector.name} has no bucket that ends at {match.value}")


def _counters(where: str, tree: Any, metrics: Mapping[str, Metric], *, in_rules: bool) -> Iterator[Finding]:
    """Counters that are read as if they were gauges, and gauges as if they were counters."""
    inside: Counter[str] = Counter()
    for call in all_in(tree, parser.Call):
        selector = _direct(call) if call.func.name in _FOR_COUNTERS else None
        if selector is None:
            continue
        inside[selector.prettify()] += 1
        metric = metrics.get(selector.name)
        if call.func.name in _RATES and metric is not None and not _counts(metric, selector.name):
            yield Finding(where, "rate-of-gauge", f"{selector.name} is no counter and has no rate")
    if in_rules:
        return  # a rule may ask whether a counter is there at all
    everywhere = Counter(selector.prettify() for selector in all_in(tree, parser.VectorSelector))
    for selector in all_in(tree, parser.VectorSelector):
        metric = metrics.get(selector.name)
        bare = everywhere[selector.prettify()] > inside[selector.prettify()]
        if bare and metric is not None and _counts(metric, selector.name):
            yield Finding(where, "counter", f"{selector.name} only ever rises; ask for its rate")


def _direct(call: Any) -> Any:
    """The selector that a function is given, or None when it is given something else."""
    for argument in call.args:
        if isinstance(argument, parser.MatrixSelector):
            return argument.vector_selector
        if isinstance(argument, parser.VectorSelector):
            return argument
    return None


def _counts(metric: Metric, name: str) -> bool:
    return metric.kind is MetricKind.COUNTER or name in {metric.bucket, metric.count, metric.sum} - {metric.name}


def _has_bucket(metric: Metric, match: Any) -> bool:
    bounds = [*(str(bound) for bound in metric.buckets), "+Inf"]
    if str(match.op) == "=" or match.op == parser.MatchOp.Equal:
        return match.value in bounds
    return any(re.fullmatch(match.value, bound) for bound in bounds)


def parsed(text: str, variables: Mapping[str, str]) -> Any:
    """The query, with all variables filled in; ValueError when it does not parse."""
    values = {**variables, "__rate_interval": _NO_WINDOW, "__range": _NO_WINDOW, "__interval": "1s"}
    return parse(filled(text, values))


@lru_cache(maxsize=4096)
def parse(text: str) -> Any:
    """The query as a tree; ValueError when it does not parse."""
    return parser.parse(text)


def all_in(tree: Any, kind: type[Any]) -> Iterator[Any]:
    """All parts of one kind."""
    found: list[Any] = []

    def note(node: Any) -> bool:
        if isinstance(node, kind):
            found.append(node)
        return True

    parser.walk(tree, note)
    yield from found
