"""What leaves the wrapper is what Grafana 11 to 13 read without a migration."""

import re

import pytest

from dashboards.catalogue import all_dashboards
from dashboards.dashboard import (
    UP_OR_DOWN,
    Dashboard,
    DashboardError,
    Panel,
    PanelKind,
    Row,
    Series,
    Threshold,
    Variable,
)
from dashboards.grafana import rendered
from dashboards.theme import Colour, Unit
from slo.panels import PanelName
from slo.promql import PromQLError, Query, matches, select

PANEL_TYPES = {"timeseries", "stat", "row", "table", "bargauge", "state-timeline", "heatmap"}
LEGACY_KEYS = {
    "__inputs", "gnetId", "hideControls", "rows", "sharedCrosshair", "style",  # dashboards of 2016
    "cacheTimeout", "error", "height", "hideTimeOverride", "maxDataPoints", "minSpan", "span",  # panels
    "intervalFactor", "metric", "step", "target",  # queries
    "tagsQuery", "tagValuesQuery", "useTags",
}  # fmt: skip


def panel(number=1, kind=PanelKind.TIME_SERIES, **changes):
    given = {
        "name": PanelName("test", number),
        "title": "Requests",
        "description": "Good: some. Bad: none. Then look.",
        "unit": Unit.PER_SECOND,
        "series": (Series(select("up", job=matches("$job")).query, "{{job}}"), Series(select("up").query, "all")),
        "kind": kind,
        "thresholds": (Threshold(1, Colour.WARNING), Threshold(5, Colour.BAD)),
    }
    return Panel(**given | changes)


def board(*rows):
    variable = Variable("job", "Job", select("up").query, "job")
    return Dashboard("test", "Test", "For tests.", (variable,), rows or (Row("All", (panel(),)),))


def panels_of(data):
    for item in data["panels"]:
        yield item
        yield from item.get("panels", [])


def walk(data, path=()):
    yield path, data
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from walk(value, (*path, key))


EVERY = [
    board(Row("All", (panel(), panel(2, PanelKind.STAT)), collapsed=True), Row("More", (panel(3),))),
    *all_dashboards(),
]


@pytest.fixture(params=EVERY, ids=lambda dashboard: dashboard.uid)
def data(request):
    return rendered(request.param)


def test_the_schema_is_one_that_is_not_migrated(data):
    assert 39 <= data["schemaVersion"] <= 42


def test_data_sources_are_objects_everywhere(data):
    found = [value for path, value in walk(data) if path and path[-1] == "datasource"]
    assert found
    assert all(isinstance(value, dict) and value["type"] and value["uid"] for value in found)


def test_queries_have_letters_that_differ_and_an_editor(data):
    for made in panels_of(data):
        letters = [target["refId"] for target in made.get("targets", [])]
        assert letters == [chr(ord("A") + position) for position in range(len(letters))]
        for target in made.get("targets", []):
            assert target["range"] is not target["instant"], "a query asks for a range or for the present"
            assert target["editorMode"] == "code"
            assert target["legendFormat"]


def test_no_null_is_written_but_the_base_threshold_which_is_a_null(data):
    nulls = [path for path, value in walk(data) if value is None]
    assert all(path[-4:-2] == ("thresholds", "steps") and path[-2:] == (0, "value") for path in nulls)
    steps = [value for path, value in walk(data) if path[-2:] == ("thresholds", "steps")]
    assert steps
    for found in steps:
        assert found[0]["value"] is None
        assert all(isinstance(step["value"], int | float) for step in found[1:])
        assert all(set(step) == {"color", "value"} for step in found)


def test_no_dead_key_is_written(data):
    keys = {key for _, value in walk(data) if isinstance(value, dict) for key in value}
    assert not keys & LEGACY_KEYS
    assert not any("thresholds" in made for made in panels_of(data)), "thresholds belong into fieldConfig"
    assert all(value["mode"] == "none" for path, value in walk(data) if path[-1:] == ("stacking",))


def test_legends_are_shown_and_units_are_set(data):
    for made in panels_of(data):
        if made["type"] == "row":
            continue
        assert made["fieldConfig"]["defaults"]["unit"]
        assert made["fieldConfig"]["defaults"].get("mappings") != [], "an empty list hides the unit from linters"
        if made["type"] == "timeseries":
            assert made["options"]["legend"]["showLegend"] is True


def test_only_panel_types_are_written_that_grafana_still_has(data):
    assert {made["type"] for made in panels_of(data)} <= PANEL_TYPES


def test_titles_and_descriptions_say_what_is_good_and_bad(data):
    for made in panels_of(data):
        assert made["title"]
        if made["type"] != "row":
            assert re.search(r"Good: .*Bad: .*Then ", made["description"]), made["title"]


def test_panels_have_numbers_of_their_own_and_no_cell_in_common(data):
    made = list(panels_of(data))
    assert len({item["id"] for item in made}) == len(made)
    cells = [
        (item["gridPos"]["x"] + dx, item["gridPos"]["y"] + dy)
        for item in data["panels"]
        for dx in range(item["gridPos"]["w"])
        for dy in range(item["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert all(0 <= x < 24 for x, _ in cells)


def test_variables_are_chained_and_start_with_everything(data):
    datasource, *others = data["templating"]["list"]
    assert (datasource["type"], datasource["name"], datasource["query"]) == ("datasource", "datasource", "prometheus")
    for variable in others:
        assert variable["refresh"] == 2
        assert variable["current"]["value"] == ["$__all"]
        assert variable["allValue"] == ".+"
        assert variable["query"]["query"] == variable["definition"]


def test_a_dashboard_shows_alerts_and_leads_to_the_others_with_time_and_variables(data):
    assert data["editable"] is False
    (link,) = data["links"]
    assert (link["keepTime"], link["includeVars"], link["type"]) == (True, True, "dashboards")
    assert any("ALERTS" in annotation.get("expr", "") for annotation in data["annotations"]["list"])


def test_panels_of_a_collapsed_row_are_inside_of_it_and_those_of_an_open_one_after_it():
    data = rendered(board(Row("Rare", (panel(1),), collapsed=True), Row("Often", (panel(2),))))
    assert [made["title"] for made in data["panels"]] == ["Rare", "Often", "Requests"]
    assert [len(made.get("panels", [])) for made in data["panels"]] == [1, 0, 0]


def test_a_series_of_another_unit_is_drawn_on_the_right():
    mixed = (Series(select("a").query, "a"), Series(select("b").query, "b", unit=Unit.SECONDS))
    (made,) = (item for item in rendered(board(Row("All", (panel(series=mixed),))))["panels"] if item["type"] != "row")
    (override,) = made["fieldConfig"]["overrides"]
    assert override["matcher"] == {"id": "byFrameRefID", "options": "B"}
    assert {"id": "unit", "value": "s"} in override["properties"]


def test_thresholds_are_drawn_as_lines_in_a_time_series_and_as_colours_in_a_number():
    data = rendered(board(Row("All", (panel(1), panel(2, PanelKind.STAT, base=Colour.BAD)))))
    lines, number = (made["fieldConfig"]["defaults"] for made in data["panels"] if made["type"] != "row")
    assert lines["custom"]["thresholdsStyle"] == {"mode": "dashed"}
    assert number["color"] == {"mode": "thresholds"}
    assert number["thresholds"]["steps"][0] == {"color": "red", "value": None}
    assert number["thresholds"]["steps"][1:] == [{"color": "orange", "value": 1}, {"color": "red", "value": 5}]


def one(kind, **changes):
    """The one panel of a dashboard, as Grafana gets it."""
    single = (Series(select("up").query, "replicas"),)
    (made,) = (
        item
        for item in rendered(board(Row("All", (panel(kind=kind, **{"series": single, **changes}),))))["panels"]
        if item["type"] != "row"
    )
    return made


def test_a_table_shows_its_labels_and_its_value_in_order_and_asks_for_the_present():
    made = one(PanelKind.TABLE, columns=("server", "version"))
    kept, ordered = made["transformations"]
    assert kept["options"]["include"]["names"] == ["server", "version", "Value"]
    assert ordered["options"]["indexByName"] == {"server": 0, "version": 1, "Value": 2}
    assert ordered["options"]["renameByName"] == {"Value": "replicas"}
    (target,) = made["targets"]
    assert (target["format"], target["instant"], target["range"]) == ("table", True, False)
    assert made["fieldConfig"]["defaults"]["custom"]["cellOptions"] == {"type": "auto"}


def test_a_bar_gauge_shows_the_last_value_along_an_axis():
    made = one(PanelKind.BAR_GAUGE)
    assert made["options"]["reduceOptions"]["calcs"] == ["lastNotNull"]
    assert made["options"]["orientation"] == "horizontal"
    assert made["fieldConfig"]["defaults"]["min"] == 0
    assert "custom" not in made["fieldConfig"]["defaults"]


def test_a_state_timeline_has_words_and_colours_for_its_values():
    made = one(PanelKind.STATE_TIMELINE, states=UP_OR_DOWN)
    (words,) = made["fieldConfig"]["defaults"]["mappings"]
    assert words["type"] == "value"
    assert {value: (said["text"], said["color"]) for value, said in words["options"].items()} == {
        "0": ("down", "red"),
        "1": ("up", "green"),
    }


def test_a_heatmap_takes_buckets_as_they_are():
    made = one(PanelKind.HEATMAP, unit=Unit.SECONDS)
    assert made["options"]["calculate"] is False
    assert made["options"]["yAxis"]["unit"] == "s"
    assert made["targets"][0]["format"] == "heatmap"


def test_a_panel_leads_to_the_runbooks_of_the_alerts_that_point_at_it():
    there = {PanelName("test", 1): {"Full": "https://chat.example/runbooks/Full"}}
    made = next(item for item in rendered(board(), there)["panels"] if item["type"] != "row")
    assert made["links"] == [
        {"targetBlank": True, "title": "Runbook of Full", "url": "https://chat.example/runbooks/Full"}
    ]


def test_a_panel_may_look_back_further_than_its_dashboard():
    assert one(PanelKind.TIME_SERIES, period="30d")["timeFrom"] == "30d"
    assert "timeFrom" not in one(PanelKind.TIME_SERIES)


def test_a_version_that_did_not_run_a_moment_ago_is_marked(data):
    marks = {mark["name"]: mark for mark in data["annotations"]["list"]}
    asked = marks["Deployments"]["expr"]
    assert "max by (job, version) (kubechat_build_info)" in asked
    assert "unless" in asked
    assert "offset" in asked


@pytest.mark.parametrize(
    ("kind", "changes", "sentence"),
    [
        (PanelKind.STATE_TIMELINE, {}, "no words for its states"),
        (PanelKind.TABLE, {}, "a table has columns"),
        (PanelKind.STAT, {"columns": ("job",)}, "nothing else has columns"),
        (PanelKind.TABLE, {"columns": ("job",), "series": 2 * (Series(select("up").query, "x"),)}, "one query"),
        (PanelKind.HEATMAP, {"series": 2 * (Series(select("up").query, "x"),)}, "more than one query"),
        (PanelKind.TIME_SERIES, {"series": 27 * (Series(select("up").query, "x"),)}, "than there are letters"),
    ],
)
def test_a_panel_that_its_kind_cannot_draw_cannot_be_made(kind, changes, sentence):
    with pytest.raises(DashboardError, match=sentence):
        one(kind, **changes)


@pytest.mark.parametrize("missing", ["title", "description", "series"])
def test_a_panel_that_tells_nothing_cannot_be_made(missing):
    with pytest.raises(DashboardError, match="needs a title, a description and a series"):
        panel(**{missing: () if missing == "series" else ""})


def test_thresholds_have_to_rise():
    with pytest.raises(DashboardError, match="do not rise"):
        panel(thresholds=(Threshold(5, Colour.BAD), Threshold(1, Colour.GOOD)))


def test_two_panels_of_one_number_are_refused():
    with pytest.raises(DashboardError, match="same number"):
        board(Row("All", (panel(1), panel(1))))


def test_a_panel_of_another_dashboard_is_refused():
    with pytest.raises(DashboardError, match="belongs to other, not to test"):
        board(Row("All", (panel(name=PanelName("other", 1)),)))


def test_a_query_that_does_not_parse_or_asks_for_an_unknown_variable_is_refused():
    with pytest.raises(PromQLError, match="does not parse"):
        board(Row("All", (panel(series=(Series(Query("sum("), "x"),)),)))
    with pytest.raises(PromQLError, match=r"\$cluster has no value"):
        board(Row("All", (panel(series=(Series(select("up", c=matches("$cluster")).query, "x"),)),)))
