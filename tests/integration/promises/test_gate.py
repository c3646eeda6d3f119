"""The gate and the verdicts, against a real Prometheus with figures that decide."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from alerts.objectives import OBJECTIVES
from slo.catalogue import all_targets
from tests.support.prometheus_server import prometheus_with

ROOT = Path(__file__).resolve().parents[3]
KUBECHAT = ROOT / ".venv" / "bin" / "kubechat"
Ask = Callable[..., subprocess.CompletedProcess[str]]

WHOLE = {
    f'{name}{{slo="{objective.id}",service="{objective.service}"}}': value
    for objective in OBJECTIVES
    if not objective.grouping
    for name, value in {
        "slo:events:sum_period": 1000.0,
        "slo:bad_events:sum_period": 0.0,
        "slo:errors:ratio_period": 0.0,
        "slo:error_budget:remaining_ratio": 1.0,
    }.items()
}
AVAILABILITY = '{slo="gateway-availability",service="gateway"}'


def kubechat(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([KUBECHAT, *arguments], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Callable[[Mapping[str, float]], str]]:
    with ExitStack() as running:
        yield lambda samples: running.enter_context(prometheus_with(samples, tmp_path))


def test_the_gate_is_open_while_no_budget_is_spent(asked: Callable[[Mapping[str, float]], str]) -> None:
    told = kubechat("slo", "gate", "--prometheus", asked({**WHOLE, "kubechat_downtime_seconds": 3600.0}))
    assert told.returncode == 0, told.stdout + told.stderr
    assert "Open: no budget is spent." in told.stdout
    assert "Down this year: 1.00 h of 8.77 h." in told.stdout
    for objective in OBJECTIVES:
        assert objective.id in told.stdout


def test_the_gate_is_closed_when_a_budget_is_spent(asked: Callable[[Mapping[str, float]], str]) -> None:
    spent = {
        **WHOLE,
        f"slo:error_budget:remaining_ratio{AVAILABILITY}": -0.2,
        f"slo:bad_events:sum_period{AVAILABILITY}": 1.2,
    }
    url = asked(spent)
    told = kubechat("slo", "gate", "--prometheus", url)
    assert told.returncode == 1
    assert "Closed: the budget of gateway-availability is spent." in told.stdout
    found = json.loads(kubechat("slo", "gate", "--prometheus", url, "--json").stdout)
    assert found["pass"] is False
    assert {each["id"]: each["verdict"] for each in found["objectives"]}["gateway-availability"] == "spent"


@pytest.mark.full
@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        ({f"slo:error_budget:remaining_ratio_month{AVAILABILITY}": 0.0}, "the budget of gateway-availability is spent"),
        ({"kubechat_downtime_seconds": 8.77 * 3600 + 1}, "more hours of the year are lost than the promise allows"),
        (
            {
                'slo:error_budget:remaining_ratio{slo="service-errors",service="services",job="nlp"}': -0.01,
                'slo:error_budget:remaining_ratio{slo="service-errors",service="services",job="gateway"}': 1.0,
            },
            "the budget of service-errors is spent",
        ),
    ],
)
def test_a_month_a_year_and_a_single_group_close_it_too(
    asked: Callable[[Mapping[str, float]], str], samples: Mapping[str, float], reason: str
) -> None:
    told = kubechat("slo", "gate", "--prometheus", asked({**WHOLE, **samples}))
    assert told.returncode == 1
    assert reason in told.stdout


@pytest.mark.full
def test_an_objective_without_data_is_said_and_closes_nothing(asked: Callable[[Mapping[str, float]], str]) -> None:
    told = kubechat("slo", "gate", "--prometheus", asked({"up": 1.0}))
    assert told.returncode == 0
    assert told.stdout.count("no data") == len(OBJECTIVES)
    assert "Down this year: not known yet." in told.stdout


@pytest.mark.full
@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "no address", "http://"])
def test_a_prometheus_that_does_not_answer_is_no_open_gate(url: str) -> None:
    told = kubechat("slo", "gate", "--prometheus", url)
    assert told.returncode == 2
    assert told.stdout == ""
    assert "Whether a budget is spent is not known." in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.full
def test_targets_are_judged_by_their_slis(asked: Callable[[Mapping[str, float]], str]) -> None:
    url = asked({f"slo:errors:ratio_period{AVAILABILITY}": 0.0005})
    told = kubechat("targets", "--verify", "--prometheus", url, "--json")
    assert told.returncode == 0, told.stderr
    by_path = {each["path"]: each for each in json.loads(told.stdout)}
    assert list(by_path) == [target.path for target in all_targets()]
    uptime = by_path["performance_sla.availability.uptime_target"]
    assert (uptime["live"], uptime["threshold"], uptime["verdict"]) == (0.9995, 0.999, "pass")
    simple = by_path["performance_sla.response_times.simple_queries"]
    assert (simple["live"], simple["verdict"]) == (None, "no data")
    assert by_path["load_testing.tools.primary"]["verdict"] is None


@pytest.mark.full
def test_a_target_that_is_missed_fails_the_command(asked: Callable[[Mapping[str, float]], str]) -> None:
    url = asked({f"slo:errors:ratio_period{AVAILABILITY}": 0.0011})
    told = kubechat("targets", "--verify", "--prometheus", url, "--section", "performance_sla")
    assert told.returncode == 1
    assert "fail" in told.stdout
    assert "99.89 %" in told.stdout
    assert "99.9 %" in told.stdout


@pytest.mark.full
def test_targets_are_listed_with_their_figures_without_asking_anybody() -> None:
    told = kubechat("targets", "--json")
    assert told.returncode == 0
    listed = json.loads(told.stdout)
    assert len(listed) == 221
    (pool,) = (each for each in listed if each["path"] == "connection_optimization.connection_pooling.pool_size")
    assert pool["figures"] == [{"name": "", "value": 25, "unit": "count"}]
    assert {each["state"] for each in listed} <= {"proved", "unproved", "planned"}


@pytest.mark.full
def test_an_unknown_section_is_refused() -> None:
    told = kubechat("targets", "--section", "no_such")
    assert told.returncode == 1
    assert "No target's path begins with" in told.stderr
