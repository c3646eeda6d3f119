"""What Grafana wants to know of each kind of panel, in the form that 11 to 13 read without a migration.

grafanalib has these kinds in a format of years ago, or not at all. Plain data only; `dashboards.grafana` puts it into
panels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dashboards.dashboard import PanelKind

if TYPE_CHECKING:
    from dashboards.dashboard import Panel

_LAST: Final = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_SHOWN: Final = {"legend": False, "tooltip": False, "viz": False}
_EMPTY_CELLS: Final = 1e-9  # Grafana's own default: a bucket in which nothing fell is not painted


def options(panel: Panel) -> dict[str, Any]:
    """The `options` of a panel that is neither a time series nor a single number.

    Raises:
        KeyError: for a kind that has no options here.
    """
    return {
        PanelKind.TABLE: {
            "cellHeight": "sm",
            "showHeader": True,
            "sortBy": [],
        },
        PanelKind.BAR_GAUGE: {
            "displayMode": "basic",
            "maxVizHeight": 300,
            "minVizHeight": 16,
            "minVizWidth": 8,
            "namePlacement": "auto",
            "orientation": "horizontal",
            "reduceOptions": _LAST,
            "showUnfilled": True,
            "sizing": "auto",
            "valueMode": "color",
        },
        PanelKind.STATE_TIMELINE: {
            "alignValue": "left",
            "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True},
            "mergeValues": True,
            "rowHeight": 0.9,
            "showValue": "never",
            "tooltip": {"mode": "single", "sort": "none"},
        },
        PanelKind.HEATMAP: {
            "calculate": False,
            "cellGap": 1,
            "color": {
                "exponent": 0.5,
                "fill": "dark-orange",
                "mode": "scheme",
                "reverse": False,
                "scale": "exponential",
                "scheme": "Oranges",
                "steps": 64,
            },
            "exemplars": {"color": "rgba(255,0,255,0.7)"},
            "filterValues": {"le": _EMPTY_CELLS},
            "legend": {"show": True},
            "rowsFrame": {"layout": "auto"},
            "tooltip": {"mode": "single", "showColorScale": False, "yHistogram": False},
            "yAxis": {"axisPlacement": "left", "reverse": False, "unit": panel.unit.value},
        },
    }[panel.kind]


def custom(kind: PanelKind) -> dict[str, Any]:
    """The `custom` part of a field's configuration; empty for a kind that has none."""
    return {
        PanelKind.TABLE: {"align": "auto", "cellOptions": {"type": "auto"}, "filterable": True, "inspect": False},
        PanelKind.STATE_TIMELINE: {"fillOpacity": 70, "hideFrom": _SHOWN, "lineWidth": 0},
        PanelKind.HEATMAP: {"hideFrom": _SHOWN, "scaleDistribution": {"type": "linear"}},
    }.get(kind, {})


def mappings(panel: Panel) -> dict[str, Any]:
    """The words for a panel's values; nothing at all without any: an empty list hides a panel's unit from linters."""
    if not panel.states:
        return {}
    words = {
        str(state.value): {"color": state.colour.value, "index": position, "text": state.text}
        for position, state in enumerate(panel.states)
    }
    return {"mappings": [{"type": "value", "options": words}]}


def columns_only(panel: Panel) -> list[dict[str, Any]]:
    """What is done to a table's answer: only the wanted labels and the value stay, in the wanted order."""
    if not panel.columns:
        return []
    names = [*panel.columns, "Value"]
    return [
        {"id": "filterFieldsByName", "options": {"include": {"names": names}}},
        {
            "id": "organize",
            "options": {
                "excludeByName": {},
                "indexByName": {name: position for position, name in enumerate(names)},
                "renameByName": {"Value": panel.series[0].legend},
            },
        },
    ]
