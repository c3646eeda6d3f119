"""From our values to Grafana's JSON, through grafanalib, whose output is repaired here and nowhere else.

grafanalib is dormant: it writes the format of 2016 around parts of 2021. What it gets wrong, and Grafana 11 to 13 no
longer put right: the schema's version, data sources as text, queries without a letter, an empty list of value mappings
that hides a panel's unit, a base threshold called "null", legends without `showLegend`, a hundred points per panel, and
nulls and dead keys everywhere. Only the keys that are listed below leave this module.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from grafanalib import _gen, core

from dashboards import theme
from dashboards.annotations import marks
from dashboards.dashboard import Panel, PanelKind
from dashboards.kinds import columns_only, custom, mappings, options
from dashboards.layout import Place, bottom, flow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dashboards.dashboard import Dashboard, Row, Series, Variable
    from slo.panels import PanelName

_DASHBOARD_KEYS: Final = (
    "annotations",
    "description",
    "editable",
    "graphTooltip",
    "links",
    "panels",
    "refresh",
    "schemaVersion",
    "tags",
    "templating",
    "time",
    "timezone",
    "title",
    "uid",
)
_ROW_KEYS: Final = ("collapsed", "gridPos", "id", "title", "type")
_PANEL_KEYS: Final = (
    "datasource",
    "description",
    "fieldConfig",
    "gridPos",
    "id",
    "options",
    "targets",
    "timeFrom",
    "title",
    "transformations",
    "type",
)
_TARGET_KEYS: Final = ("datasource", "expr", "hide", "legendFormat", "refId")
_VARIABLE_KEYS: Final = ("allValue", "datasource", "hide", "includeAll", "label", "multi", "name", "options", "query")
_ROW_NUMBERS_FROM: Final = 1_000  # rows need numbers as well, apart from those that links use
_ON_TIME_CHANGE: Final = 2
_SHARED_CROSSHAIR: Final = 1
_SORTED: Final = 1


_NO_LINKS: Final[Mapping[Any, Mapping[str, str]]] = {}


def rendered(dashboard: Dashboard, runbooks: Mapping[PanelName, Mapping[str, str]] = _NO_LINKS) -> dict[str, Any]:
    """The dashboard as Grafana's classic JSON model.

    Args:
        dashboard: what is written.
        runbooks: for each panel that alerts point at, the addresses of their runbooks by the alert's name.
    """
    made = core.Dashboard(
        title=dashboard.title,
        uid=dashboard.uid,
        description=dashboard.description,
        editable=False,
        graphTooltip=_SHARED_CROSSHAIR,
        links=[_links()],
        panels=list(_rows(dashboard.rows)),
        refresh=theme.REFRESH,
        schemaVersion=theme.SCHEMA_VERSION,
        tags=[theme.TAG],
        templating=core.Templating(list=[]),
        time=core.Time(theme.FROM, theme.TO),
        timezone="browser",
    )
    data = _kept(_plain(made), _DASHBOARD_KEYS)
    data["annotations"] = {"list": marks()}
    data["templating"] = {"list": [_datasource_variable(), *(_variable(variable) for variable in dashboard.variables)]}
    panels = {panel.name.panel: panel for panel in dashboard.panels}
    data["panels"] = [_repaired(panel, panels, runbooks) for panel in data["panels"]]
    return data


def _rows(rows: Iterable[Row]) -> Iterable[Any]:
    top = 0
    for number, row in enumerate(rows):
        places = flow((panel.size for panel in row.panels), top + 1)
        panels = [_panel(panel, place) for panel, place in zip(row.panels, places, strict=True)]
        yield core.RowPanel(
            title=row.title,
            id=_ROW_NUMBERS_FROM + number,
            collapsed=row.collapsed,
            gridPos=_grid(Place(0, top, theme.COLUMNS, 1)),
            panels=panels if row.collapsed else [],
        )
        if row.collapsed:
            top += 1
        else:
            # The panels of an open row stand after it, not in it.
            yield from panels
            top = bottom(places, top + 1)


def _panel(panel: Panel, place: Place) -> Any:
    lettered = tuple(zip(string.ascii_uppercase, panel.series, strict=False))
    shared = {
        "id": panel.name.panel,
        "title": panel.title,
        "description": panel.description,
        "dataSource": theme.DATASOURCE,
        "gridPos": _grid(place),
        "targets": [_target(series, letter) for letter, series in lettered],
        "thresholds": _steps(panel),
        "overrides": [override for letter, series in lettered for override in _overrides(series, letter)],
        "maxDataPoints": None,
        "timeFrom": panel.period or None,
    }
    if panel.kind is PanelKind.STAT:
        return core.Stat(
            **shared,
            format=panel.unit.value,
            decimals=panel.decimals,
            reduceCalc="lastNotNull",
            graphMode="area",
            colorMode="value",
            noValue="no data",
            color={"mode": "thresholds"},
        )
    if panel.kind is not PanelKind.TIME_SERIES:
        return _native(panel, shared)
    return core.TimeSeries(
        **shared,
        unit=panel.unit.value,
        valueDecimals=panel.decimals,
        valueMin=panel.minimum,
        legendDisplayMode="table",
        legendCalcs=["lastNotNull", "max"],
        lineWidth=2,
        fillOpacity=8,
        showPoints="never",
        stacking={"mode": "none", "group": "A"},
        tooltipMode="multi",
        tooltipSort="desc",
        thresholdsStyleMode="dashed" if panel.thresholds else "off",
    )


def _native(panel: Panel, shared: dict[str, Any]) -> Any:
    """A panel whose class in grafanalib writes a format of years ago, or that has none: its base, and our options."""
    overrides = shared.pop("overrides")
    defaults = {
        "color": {"mode": "thresholds"},
        "custom": custom(panel.kind),
        "decimals": panel.decimals,
        "min": panel.minimum if panel.kind is PanelKind.BAR_GAUGE else None,
        "unit": panel.unit.value,
    }
    own = {"type": panel.kind.value, "options": options(panel)}
    return core.Panel(**shared).panel_json(own | {"fieldConfig": {"defaults": defaults, "overrides": overrides}})


def _target(series: Series, letter: str) -> Any:
    return core.Target(
        expr=series.query.text,
        legendFormat=series.legend,
        refId=letter,
        datasource=theme.DATASOURCE,
    )


def _steps(panel: Panel) -> list[dict[str, Any]]:
    above = [{"color": threshold.colour.value, "value": threshold.value} for threshold in panel.thresholds]
    # Grafana's own form of "from minus infinity" is the one null that this format has.
    return [{"color": panel.base.value, "value": None}, *above]


def _overrides(series: Series, letter: str) -> list[dict[str, Any]]:
    if series.unit is None:
        return []
    properties = [
        {"id": "unit", "value": series.unit.value},
        {"id": "custom.axisPlacement", "value": "right"},
        {"id": "custom.thresholdsStyle", "value": {"mode": "off"}},
    ]
    return [{"matcher": {"id": "byFrameRefID", "options": letter}, "properties": properties}]


def _repaired(
    made: dict[str, Any], panels: Mapping[int, Panel], runbooks: Mapping[PanelName, Mapping[str, str]]
) -> dict[str, Any]:
    """A panel or a row as it has to be; `panels` by their numbers say what grafanalib has no word for."""
    if made["type"] == "row":
        inner = [_repaired(panel, panels, runbooks) for panel in made.get("panels", [])]
        return _kept(made, _ROW_KEYS) | {"panels": inner}
    panel, kept = panels[made["id"]], _kept(made, _PANEL_KEYS)
    defaults = _without_nulls(kept["fieldConfig"]["defaults"])
    defaults.pop("mappings", None)
    if not defaults.get("custom", True):
        del defaults["custom"]
    kept["fieldConfig"]["defaults"] = (
        defaults | {"thresholds": {"mode": "absolute", "steps": _steps(panel)}} | mappings(panel)
    )
    kept["targets"] = [
        _kept(target, _TARGET_KEYS) | _asked(panel.kind, series)
        for target, series in zip(kept["targets"], panel.series, strict=True)
    ]
    kept["transformations"] = columns_only(panel)
    kept["links"] = _runbook_links(runbooks.get(panel.name, {}))
    if "legend" in kept["options"] and panel.kind is PanelKind.TIME_SERIES:
        kept["options"]["legend"]["showLegend"] = True
    return {key: value for key, value in kept.items() if value or key not in {"links", "transformations"}}


def _asked(kind: PanelKind, series: Series) -> dict[str, Any]:
    """How a query is asked: a range, or the present moment for what shows nothing else."""
    form = {PanelKind.TABLE: "table", PanelKind.HEATMAP: "heatmap"}.get(kind, "time_series")
    return {
        "editorMode": "code",
        "exemplar": series.exemplars,
        "format": form,
        "instant": kind.instant,
        "range": not kind.instant,
    }


def _runbook_links(runbooks: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"targetBlank": True, "title": f"Runbook of {alert}", "url": address}
        for alert, address in sorted(runbooks.items())
    ]


def _variable(variable: Variable) -> dict[str, Any]:
    query = f"label_values({variable.metric.text}, {variable.of})"
    made = core.Template(
        name=variable.name,
        label=variable.label,
        query=query,
        dataSource=theme.DATASOURCE,
        includeAll=True,
        multi=True,
        allValue=".+",
    )
    return _kept(_plain(made), _VARIABLE_KEYS) | {
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "definition": query,
        "query": {"query": query, "refId": f"variable-{variable.name}"},
        "refresh": _ON_TIME_CHANGE,
        "sort": _SORTED,
        "type": "query",
    }


def _datasource_variable() -> dict[str, Any]:
    return {
        "hide": 0,
        "includeAll": False,
        "label": "Data source",
        "multi": False,
        "name": theme.DATASOURCE_VARIABLE,
        "options": [],
        "query": "prometheus",
        "refresh": 1,
        "type": "datasource",
    }


def _links() -> Any:
    return core.DashboardLink(
        asDropdown=True, includeVars=True, keepTime=True, tags=[theme.TAG], title="KubeChat", type="dashboards"
    )


def _grid(place: Place) -> Any:
    return core.GridPos(h=place.height, w=place.width, x=place.x, y=place.y)


def _plain(made: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(made, cls=_gen.DashboardEncoder))
    return plain


def _kept(data: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: data[key] for key in keys if data.get(key) is not None}


def _without_nulls(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_nulls(value) for key, value in data.items() if value is not None}
    if isinstance(data, list):
        return [_without_nulls(value) for value in data]
    return data
