"""Faults that can be seen without reading a query: numbers, places, kinds, words, units, data sources."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from dashboards.dashboard import PanelKind
from dashboards.layout import Place
from dashboards.lint.finding import Finding, named, panels_of
from dashboards.theme import COLUMNS, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dashboards.lint.finding import Tree

REMOVED: Final = {
    "graph": "timeseries",
    "singlestat": "stat",
    "table-old": "table",
    "natel-discrete-panel": "state-timeline",
    "grafana-piechart-panel": "piechart",
    "grafana-worldmap-panel": "geomap",
}
"""Kinds of panels that Grafana 11 has no more, and what it makes of them."""
KINDS: Final = frozenset(PanelKind)
_UNITS: Final = frozenset(Unit)
_LEAST_DESCRIPTION: Final = 40  # characters; fewer cannot say what is good, what is bad and what to do


def findings(tree: Tree) -> Iterator[Finding]:
    """All of them."""
    for uid, model in tree.dashboards.items():
        yield from _dashboard(uid, model)
        for panel in panels_of(model):
            yield from _panel(named(uid, panel), panel)


def _dashboard(uid: str, model: Mapping[str, Any]) -> Iterator[Finding]:
    if model.get("uid") != uid:
        yield Finding(uid, "uid", f"the file is named {uid} and the dashboard {model.get('uid')}")
    every = [*model["panels"], *(inner for item in model["panels"] for inner in item.get("panels", []))]
    for number, times in Counter(item["id"] for item in every).items():
        if times > 1:
            yield Finding(uid, "panel-id", f"{times} panels have the number {number}")
    for shown in (model["panels"], *(item["panels"] for item in model["panels"] if item.get("panels"))):
        yield from _places(uid, shown)
    for variable in model["templating"]["list"]:
        if variable["type"] != "query":
            continue
        where = f"{uid} / ${variable['name']}"
        if variable.get("refresh") != 2:
            yield Finding(where, "variable-refresh", "its values stay as they were when the dashboard was opened")
        if variable.get("includeAll") and variable.get("allValue") != ".+":
            yield Finding(where, "variable-all", "choosing everything also finds series without the label")


def _places(uid: str, shown: list[Mapping[str, Any]]) -> Iterator[Finding]:
    placed = [
        (item, Place(item["gridPos"]["x"], item["gridPos"]["y"], item["gridPos"]["w"], item["gridPos"]["h"]))
        for item in shown
    ]
    for item, place in placed:
        if place.x < 0 or place.x + place.width > COLUMNS:
            yield Finding(named(uid, item), "grid", f"it reaches beyond the {COLUMNS} columns")
    for (one, its), (other, others) in combinations(placed, 2):
        if its.overlaps(others):
            yield Finding(named(uid, one), "grid", f"it lies on {other.get('title')!r}")


def _panel(where: str, panel: Mapping[str, Any]) -> Iterator[Finding]:
    kind = panel["type"]
    if kind in REMOVED:
        yield Finding(where, "panel-type", f"Grafana has no {kind} panel any more; it is {REMOVED[kind]} now")
    elif kind not in KINDS:
        yield Finding(where, "panel-type", f"nobody has said how to write and check a {kind} panel")
    if not panel.get("title"):
        yield Finding(where, "title", "it has no title")
    if len(panel.get("description", "")) < _LEAST_DESCRIPTION:
        yield Finding(where, "description", "its description does not say what is good, what is bad and what to do")
    yield from _fields(where, panel)
    targets = panel.get("targets") or []
    if not targets:
        yield Finding(where, "targets", "it asks for nothing")
    for letter, times in Counter(target.get("refId", "") for target in targets).items():
        if times > 1 or not letter:
            yield Finding(where, "ref-id", f"{times} queries have the letter {letter!r}")
    for holder in (panel, *targets):
        if not str((holder.get("datasource") or {}).get("uid", "")).startswith("$"):
            yield Finding(where, "datasource", "its data source cannot be chosen")
    for target in targets:
        if kind == PanelKind.TIME_SERIES and not target.get("legendFormat"):
            yield Finding(where, "legend", f"series of query {target.get('refId')} have no name")


def _fields(where: str, panel: Mapping[str, Any]) -> Iterator[Finding]:
    defaults = panel["fieldConfig"]["defaults"]
    if defaults.get("unit") not in _UNITS:
        yield Finding(where, "unit", f"its unit is {defaults.get('unit')!r}, none of ours")
    if "mappings" in defaults and not defaults["mappings"]:
        yield Finding(where, "mappings", "an empty list of mappings hides its unit from other linters")
    steps = (defaults.get("thresholds") or {}).get("steps") or []
    values = [step["value"] for step in steps]
    if not values or values[0] is not None or values[1:] != sorted(set(values[1:])):
        yield Finding(where, "threshold-steps", "its thresholds do not begin with a base colour and then rise")
    if panel["type"] == PanelKind.TIME_SERIES and not panel["options"]["legend"].get("showLegend"):
        yield Finding(where, "legend", "its legend is not shown")
