"""Samples and slices are counted by a real Prometheus as they are described."""

import shutil
import subprocess

import pytest

from slo import series
from slo.case import Case, ValueCheck, case_file
from slo.indicator import CountersIndicator
from slo.openslo.indicators import SampledIndicator, SlicedIndicator
from slo.openslo.reading import Imported
from slo.prometheus import PACE
from slo.promql import checked, select
from slo.rule import rule_file
from slo.writer import yaml_file
from tests.unit.slo.openslo.samples import imported, measured, metric, ratio

STEP_S = PACE.counting_interval_s
BOOK = f"sum({series.EVENTS})"
BAD = f"sum({series.BAD_EVENTS})"


@pytest.fixture
def promtool(tmp_path):
    path = shutil.which("promtool")
    assert path, "promtool is missing: install Debian's package prometheus"

    def judge(found: Imported, given: dict[str, str], checks: list[tuple[float, str, float]]):
        (tmp_path / "x.rules.yaml").write_text(yaml_file("x.rules.yaml", rule_file(found.groups)).text)
        values = tuple(ValueCheck(minute * 60, query, {"{}": value}) for minute, query, value in checks)
        tried = case_file(["x.rules.yaml"], [Case("counted", STEP_S, given, values=values)], STEP_S)
        (tmp_path / "x.test.yaml").write_text(yaml_file("x.test.yaml", tried).text)
        judged = subprocess.run(
            [path, "test", "rules", tmp_path / "x.test.yaml"], capture_output=True, text=True, check=False
        )
        return judged.stdout + judged.stderr if judged.returncode else ""

    return judge


@pytest.mark.parametrize(
    ("op", "bad"),
    [("lte", {0.4: 0, 0.5: 0, 0.6: 1}), ("lt", {0.4: 0, 0.5: 1}), ("gte", {0.5: 0, 0.4: 1}), ("gt", {0.5: 1, 0.6: 0})],
)
def test_a_sample_on_the_wrong_side_of_its_bound_is_a_bad_event(promtool, op, bad):
    found = imported(
        measured({"thresholdMetric": metric("depth")}, objectives=[{"target": 0.99, "op": op, "value": 0.5}])
    )
    values = " ".join(map(str, bad))
    checks = [(minute, BAD, count) for minute, count in enumerate(bad.values())]
    checks += [(minute, BOOK, 1) for minute in range(len(bad))]
    assert promtool(found, {"depth": values}, checks) == ""


def test_a_value_that_is_no_number_is_no_event(promtool):
    found = imported(
        measured({"thresholdMetric": metric("depth / size")}, objectives=[{"target": 0.99, "op": "lte", "value": 0.5}])
    )
    given = {"depth": "0 1 0 1", "size": "0 1 0 4"}
    assert (
        promtool(found, given, [(0, BOOK, 0), (0, BAD, 0), (1, BAD, 1), (2, BOOK, 0), (3, BOOK, 1), (3, BAD, 0)]) == ""
    )


def test_every_series_of_a_value_is_a_sample(promtool):
    found = imported(
        measured({"thresholdMetric": metric("depth")}, objectives=[{"target": 0.99, "op": "lt", "value": 5}])
    )
    given = {'depth{queue="a"}': "1 9", 'depth{queue="b"}': "9 9"}
    assert promtool(found, given, [(0, BOOK, 2), (0, BAD, 1), (1, BAD, 2)]) == ""


def test_a_slice_is_bad_when_too_small_a_share_of_its_events_went_well(promtool):
    sli = ratio(bad='x_total{code="500"}', total="x_total")
    objective = {"target": 0.99, "timeSliceTarget": 0.9, "timeSliceWindow": "1m"}
    found = imported(measured(sli, budgetingMethod="Timeslices", objectives=[objective]))
    target = 'job="a",instance="b"'
    given = {
        f"up{{{target}}}": "1x6",
        # Nothing, a tenth, more than a tenth, nothing at all, and everything fails.
        f'x_total{{code="200",{target}}}': "0 100 190 270 270 270",
        f'x_total{{code="500",{target}}}': "0 0 10 30 30 40",
    }
    bad = {1: 0, 2: 0, 3: 1, 4: 0, 5: 1}
    checks = [(minute, BAD, count) for minute, count in bad.items()]
    assert promtool(found, given, [*checks, *((minute, BOOK, 1) for minute in bad)]) == ""


def test_their_queries_parse_in_every_grouping():
    counted = CountersIndicator((select("x"),), select("x"), good=(select("y"),))
    sampled = SampledIndicator(metric_query := select("x").query, "gte", -1e-9, select("x"))
    assert metric_query.text == "x"
    for indicator in (sampled, SlicedIndicator(counted, 300, 0.5)):
        for by in ((), ("a", "b")):
            assert checked(indicator.events(60, by))
            assert checked(indicator.bad_events(60, by))
        assert indicator.presence == select("x")
        assert indicator.examples(1, 1) == {}
        assert indicator.faults() == ()


def test_a_slice_has_the_faults_of_what_is_counted_in_it():
    assert SlicedIndicator(CountersIndicator((), select("x")), 60, 0.5).faults() != ()
