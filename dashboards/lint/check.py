"""Reads what was generated, applies all rules, and leaves out what is excluded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from alerts.catalogue import FOLDER as RULES
from app.telemetry.catalogue import metrics
from dashboards.catalogue import FOLDER as DASHBOARDS
from dashboards.lint import links, queries, rules, shape
from dashboards.lint.exclusions import EXCLUDED
from dashboards.lint.finding import Finding, Tree
from slo.prometheus import OWN_SERIES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from app.telemetry.metric import Metric


def committed(root: Path) -> Tree:
    """The generated files of a tree, and what they may refer to."""
    dashboards = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((root / DASHBOARDS).glob("*.json"))}
    files = sorted((root / RULES).glob("*.rules.yaml"))
    groups = {path.name: yaml.safe_load(path.read_text("utf-8")) for path in files}
    runbooks = frozenset(path.stem for path in (root / "alerts/runbooks").glob("*.md"))
    return tree_of(dashboards, groups, metrics().values(), runbooks)


def tree_of(
    dashboards: dict[str, Any], rule_files: dict[str, Any], declared: Iterable[Metric], runbooks: frozenset[str]
) -> Tree:
    """What is looked at, where only these metrics are declared."""
    by_series = {
        name: metric
        for metric in declared
        for name in ((metric.bucket, metric.count, metric.sum) if metric.buckets else (metric.name,))
    }
    recorded = {
        rule["record"]
        for content in rule_files.values()
        for group in content["groups"]
        for rule in group["rules"]
        if "record" in rule
    }
    return Tree(dashboards, rule_files, by_series, frozenset(recorded | OWN_SERIES), runbooks)


def check(tree: Tree) -> list[Finding]:
    """All findings that are not excluded, and exclusions that nothing answers to."""
    found = sorted({*shape.findings(tree), *queries.findings(tree), *links.findings(tree), *rules.findings(tree)})
    used = {key for key in EXCLUDED for finding in found if _excludes(key, finding)}
    idle = [Finding("/".join(key), "exclusion", "nothing is found there any more") for key in set(EXCLUDED) - used]
    return [*(one for one in found if not any(_excludes(key, one) for key in EXCLUDED)), *sorted(idle)]


def _excludes(key: tuple[str, str], finding: Finding) -> bool:
    rule, where = key
    return finding.rule == rule and finding.where.startswith(where)
