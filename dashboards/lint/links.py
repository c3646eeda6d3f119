"""Faults between alerts and panels: links that lead nowhere, and lines where no alert speaks or no bucket ends."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

import promql_parser as parser

from dashboards.lint.finding import Finding, named, panels_of
from dashboards.lint.queries import all_in, parse, parsed
from dashboards.theme import TAG
from slo.series import ERROR_BUDGET, SLO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dashboards.lint.finding import Tree

_COMPARED: Final = frozenset({">", ">=", "<", "<="})
_OUTER: Final = frozenset({"and", "unless"})
_NUMBER: Final = re.compile(r"[0-9.]+")
_RUNBOOK: Final = re.compile(r"/runbooks/(\w+)$")
_DASHBOARD: Final = re.compile(r"/d/([\w-]+)$")
_CLOSE: Final = 1e-6  # of a number that went through text
_ERROR_RATIO: Final = "slo:errors:ratio"


def findings(tree: Tree) -> Iterator[Finding]:
    """All of them."""
    for uid, model in tree.dashboards.items():
        yield from _of_dashboard(uid, model, tree)
    for where, rule in tree.each_rule:
        if "alert" in rule:
            yield from _of_alert(where, rule, tree)


def _of_dashboard(uid: str, model: Mapping[str, Any], tree: Tree) -> Iterator[Finding]:
    for link in model.get("links", []):
        if link.get("type") == "dashboards" and not set(link["tags"]) & set(model["tags"]):
            yield Finding(uid, "dead-link", f"its link to dashboards with {link['tags']} does not come back to it")
        if not (link.get("keepTime") and link.get("includeVars")):
            yield Finding(uid, "link-forgets", "its links drop the chosen time or the chosen values")
    if TAG not in model["tags"]:
        yield Finding(uid, "dead-link", f"it lacks the tag {TAG}, by which the others lead to it")
    for panel in panels_of(model):
        for link in panel.get("links", []):
            yield from _target_of(named(uid, panel), link["url"], tree)
        yield from _lines_at_buckets(named(uid, panel), panel, model, tree)


def _of_alert(where: str, rule: Mapping[str, Any], tree: Tree) -> Iterator[Finding]:
    annotations = rule.get("annotations", {})
    for annotation in ("runbook_url", "dashboard_url"):
        if annotation not in annotations:
            yield Finding(where, "dead-link", f"it has no {annotation}")
            continue
        yield from _target_of(where, annotations[annotation], tree)
    panel = _panel_at(annotations.get("dashboard_url", ""), tree)
    if panel is None:
        return
    linked = {match[1] for link in panel.get("links", []) if (match := _RUNBOOK.search(urlsplit(link["url"]).path))}
    if rule["alert"] not in linked:
        yield Finding(where, "no-way-back", f"the panel {panel['title']!r} does not lead to its runbook")
    lines = [
        float(step["value"])
        for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        if step["value"] is not None
    ]
    asked_for = parse(rule["expr"])
    limits = [(asked, limit) for asked, limit in thresholds(asked_for) if limit]  # none at all needs no line
    bounds = _bucket_bounds(asked_for)
    burning = [limit / _budget(rule, tree) for asked, limit in limits if asked.startswith(_ERROR_RATIO)]
    off = [limit for limit in burning if not _on_a_line(limit, lines)]
    if (
        not burning
        and limits
        and not any(_on_a_line(limit, lines) for limit in [*(limit for _, limit in limits), *bounds])
    ):
        off = [limit for _, limit in limits]
    if off:
        said = ", ".join(f"{limit:g}" for limit in off)
        yield Finding(where, "threshold", f"it speaks at {said}; the lines of {panel['title']!r} are at {lines}")


def thresholds(tree: Any) -> list[tuple[str, float]]:
    """What an alert's query compares with which numbers, in its outermost conditions.

    The first name of each condition stands for what is asked. Nothing when the first condition is about equality, which
    no line can show.
    """
    if isinstance(tree, parser.ParenExpr):
        return thresholds(tree.expr)
    if not isinstance(tree, parser.BinaryExpr):
        return []
    if str(tree.op) in _OUTER:
        first = thresholds(tree.lhs)
        return [*first, *thresholds(tree.rhs)] if first else []
    if str(tree.op) in _COMPARED and isinstance(tree.rhs, parser.NumberLiteral):
        names = [selector.name for selector in all_in(tree.lhs, parser.VectorSelector)]
        return [(names[0] if names else "", tree.rhs.val)]
    return []


def _bucket_bounds(tree: Any) -> list[float]:
    """The ends of the buckets that a query counts up to: a share of what is over one is a quantile at its line."""
    matchers = (matcher for selector in all_in(tree, parser.VectorSelector) for matcher in selector.matchers.matchers)
    return [float(matcher.value) for matcher in matchers if matcher.name == "le" and _NUMBER.fullmatch(matcher.value)]


def _on_a_line(limit: float, lines: list[float]) -> bool:
    # "So long ago" is a positive number on a panel, and a negative one in a query about the time until now.
    return any(abs(abs(limit) - line) <= _CLOSE * max(1, abs(line)) for line in lines)


def _budget(rule: Mapping[str, Any], tree: Tree) -> float:
    """The error budget of an alert's objective: panels draw burn rates, and rules compare shares of errors."""
    for _, other in tree.each_rule:
        if other.get("record") == ERROR_BUDGET and other["labels"][SLO] == rule["labels"][SLO]:
            (literal,) = all_in(parse(other["expr"]), parser.NumberLiteral)
            return float(literal.val)
    raise LookupError(f"nothing records the error budget of {rule['labels'][SLO]}")


def _target_of(where: str, address: str, tree: Tree) -> Iterator[Finding]:
    path = urlsplit(address).path
    if runbook := _RUNBOOK.search(path):
        if runbook[1] not in tree.runbooks:
            yield Finding(where, "dead-link", f"there is no runbook {runbook[1]}")
    elif dashboard := _DASHBOARD.search(path):
        if dashboard[1] not in tree.dashboards:
            yield Finding(where, "dead-link", f"there is no dashboard {dashboard[1]}")
        elif _panel_at(address, tree) is None:
            yield Finding(where, "dead-link", f"the dashboard {dashboard[1]} has no such panel: {address}")
    else:
        yield Finding(where, "dead-link", f"{address} is neither a runbook nor a dashboard of ours")


def _panel_at(address: str, tree: Tree) -> Mapping[str, Any] | None:
    parts = urlsplit(address)
    dashboard = _DASHBOARD.search(parts.path)
    numbers = parse_qs(parts.query).get("viewPanel", [])
    if dashboard is None or dashboard[1] not in tree.dashboards:
        return None
    shown = panels_of(tree.dashboards[dashboard[1]])
    return next((panel for panel in shown if numbers == [str(panel["id"])]), None)


def _lines_at_buckets(where: str, panel: Mapping[str, Any], model: Mapping[str, Any], tree: Tree) -> Iterator[Finding]:
    """A quantile is exact only where a bucket ends: a line anywhere else is crossed too early or too late."""
    steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
    lines = [step["value"] for step in steps if step["value"] is not None]
    variables = {variable["name"]: ".+" for variable in model["templating"]["list"]}
    beside = {override["matcher"]["options"] for override in panel["fieldConfig"].get("overrides", [])}
    for target in panel.get("targets") or [] if lines else []:
        if target["refId"] in beside:
            continue  # drawn on the right, where the lines do not count
        try:
            query = parsed(target["expr"], variables)
        except ValueError:
            continue  # said elsewhere
        if not (isinstance(query, parser.Call) and query.func.name == "histogram_quantile"):
            continue
        for selector in all_in(query, parser.VectorSelector):
            metric = tree.metrics.get(selector.name)
            for line in lines:
                if metric is not None and line not in metric.buckets:
                    yield Finding(
                        where, "line-between-buckets", f"no bucket of {metric.name} ends at its line {line:g}"
                    )
