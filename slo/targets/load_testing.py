"""How load is put on, and what it has to show.

Sections `load_testing` and `performance_validation` of the architecture document. Data only: the scenarios and gates
are built from it.
"""

from __future__ import annotations

from slo.panels import ACTIVE_USER_SESSIONS, ERROR_RATES, SERVICE_RESPONSE_TIMES
from slo.promql import Query, constant, divided, either, joined, matches, number, one_of, rate, select, total
from slo.reference import Comparison, Part, Planned, Sli
from slo.target import Kind, Target, choice, count, hours, minutes, percent, percentile, seconds

_SCENARIO = Planned(Part.LOAD, "There are no load scenarios yet.")
_RESULTS = Planned(Part.LOAD, "There are no load results yet.")
_WINDOW_S = 300
_ACCEPTED_QUANTILE = percentile(0.95)
_JUDGED = one_of(("api", "simple"))  # complex operations have their own target; turns with a model are judged apart
_DURATIONS = tuple(
    rate(select(f"{metric}_bucket", job="gateway", operation_class=_JUDGED), _WINDOW_S)
    for metric in ("kubechat_http_request_duration_seconds", "kubechat_turn_duration_seconds")
)
_ACCEPTED_TIME = Query(
    f"histogram_quantile({number(_ACCEPTED_QUANTILE.number)}, {total(joined(_DURATIONS), ('le',)).text})"
)
_REQUESTS = select("kubechat_http_requests_total", job="gateway")
_FAILED = rate(_REQUESTS.narrowed(status=matches("5..", "503")), _WINDOW_S)
_FAILED_SHARE = divided(either(total(_FAILED), constant(0)), total(rate(_REQUESTS, _WINDOW_S)))

PRIMARY_TOOL = Target(
    "load_testing.tools.primary",
    "HTTP load is made with k6.",
    Kind.CAPABILITY,
    (choice("k6"),),
    planned=_SCENARIO,
)
KUBERNETES_TOOL = Target(
    "load_testing.tools.kubernetes",
    "Load on Kubernetes APIs is made with kubectl.",
    Kind.CAPABILITY,
    (choice("kubectl"),),
    planned=_SCENARIO,
)
DATABASE_TOOL = Target(
    "load_testing.tools.database",
    "Load on PostgreSQL is made with pgbench.",
    Kind.CAPABILITY,
    (choice("pgbench"),),
    planned=_SCENARIO,
)

BASELINE_USERS = Target(
    "load_testing.test_scenarios.baseline_load.users",
    "Baseline load is 100 people.",
    Kind.SCENARIO,
    (count(100),),
    planned=_SCENARIO,
)
BASELINE_DURATION = Target(
    "load_testing.test_scenarios.baseline_load.duration",
    "Baseline load lasts 15 minutes.",
    Kind.SCENARIO,
    (minutes(15),),
    planned=_SCENARIO,
)
BASELINE_RAMP_UP = Target(
    "load_testing.test_scenarios.baseline_load.ramp_up",
    "Baseline load rises over 5 minutes.",
    Kind.SCENARIO,
    (minutes(5),),
    planned=_SCENARIO,
)
PEAK_USERS = Target(
    "load_testing.test_scenarios.peak_load.users",
    "Peak load is 1000 people.",
    Kind.SCENARIO,
    (count(1000),),
    planned=_SCENARIO,
)
PEAK_DURATION = Target(
    "load_testing.test_scenarios.peak_load.duration",
    "Peak load lasts 30 minutes.",
    Kind.SCENARIO,
    (minutes(30),),
    planned=_SCENARIO,
)
PEAK_RAMP_UP = Target(
    "load_testing.test_scenarios.peak_load.ramp_up",
    "Peak load rises over 10 minutes.",
    Kind.SCENARIO,
    (minutes(10),),
    planned=_SCENARIO,
)
STRESS_USERS = Target(
    "load_testing.test_scenarios.stress_test.users",
    "The stress test is 2000 people or more.",
    Kind.SCENARIO,
    (count(2000),),
    planned=_SCENARIO,
)
STRESS_DURATION = Target(
    "load_testing.test_scenarios.stress_test.duration",
    "The stress test lasts 60 minutes.",
    Kind.SCENARIO,
    (minutes(60),),
    planned=_SCENARIO,
)
STRESS_OBJECTIVE = Target(
    "load_testing.test_scenarios.stress_test.objective",
    "The stress test finds the load at which targets are missed first.",
    Kind.SCENARIO,
    (choice("breaking_point"),),
    planned=_SCENARIO,
)
SOAK_USERS = Target(
    "load_testing.test_scenarios.soak_test.users",
    "The soak test is 500 people.",
    Kind.SCENARIO,
    (count(500),),
    planned=_SCENARIO,
)
SOAK_DURATION = Target(
    "load_testing.test_scenarios.soak_test.duration",
    "The soak test lasts 4 hours.",
    Kind.SCENARIO,
    (hours(4),),
    planned=_SCENARIO,
)
SOAK_OBJECTIVE = Target(
    "load_testing.test_scenarios.soak_test.objective",
    "The soak test finds memory that is not given back.",
    Kind.SCENARIO,
    (choice("memory_leak"),),
    planned=_SCENARIO,
)

ACCEPTED_RESPONSE_TIME = Target(
    "performance_validation.acceptance_criteria.response_time",
    "Under baseline load requests take less than 500 ms at the 95th percentile.",
    Kind.OBJECTIVE,
    (seconds(0.5, "duration"), _ACCEPTED_QUANTILE),
    "Normal load is the baseline scenario; complex operations have their own target and are left out.",
    sli=Sli(
        "kubechat_http_request_duration_seconds",
        _ACCEPTED_TIME,
        Comparison.BELOW,
        "duration",
        "a request within 5 minutes",
    ),
    panel=SERVICE_RESPONSE_TIMES,
    planned=Planned(
        Part.LOAD, "The baseline load that it is judged under comes with that part, its alert with the dashboards."
    ),
)
ACCEPTED_THROUGHPUT = Target(
    "performance_validation.acceptance_criteria.throughput",
    "1000 people at the same time are served.",
    Kind.OBJECTIVE,
    (count(1000),),
    panel=ACTIVE_USER_SESSIONS,
    planned=Planned(Part.LOAD, "The load that shows it comes with that part."),
)
ACCEPTED_ERROR_RATE = Target(
    "performance_validation.acceptance_criteria.error_rate",
    "Fewer than 0.1 % of requests fail under baseline load, and fewer than 1 % under peak load.",
    Kind.OBJECTIVE,
    (percent(0.1, "normal"), percent(1, "peak")),
    "Requests that were shed and changes that were refused count as failures.",
    sli=Sli("kubechat_http_requests_total", _FAILED_SHARE, Comparison.BELOW, "normal", "a request within 5 minutes"),
    panel=ERROR_RATES,
    planned=Planned(
        Part.LOAD,
        "The baseline and peak load that it is judged under come with that part, its alert with the dashboards.",
    ),
)
REGRESSION_FREQUENCY = Target(
    "performance_validation.regression_testing.frequency",
    "No major release is made without a load result of its own.",
    Kind.CAPABILITY,
    (choice("major_release"),),
    planned=_RESULTS,
)
BASELINE_COMPARISON = Target(
    "performance_validation.regression_testing.baseline_comparison",
    "A load result is compared with that of the version before.",
    Kind.CAPABILITY,
    planned=_RESULTS,
)
REGRESSION_ALERT = Target(
    "performance_validation.regression_testing.automated_alerts",
    "Somebody is told when performance got worse by more than 10 %.",
    Kind.LIMIT,
    (percent(10),),
    planned=_RESULTS,
)
RESOURCE_MODELING = Target(
    "performance_validation.capacity_planning.resource_modeling",
    "The size that a number of people needs is predicted from measurements.",
    Kind.CAPABILITY,
    planned=_RESULTS,
)
SCALING_VALIDATION = Target(
    "performance_validation.capacity_planning.scaling_validation",
    "More replicas are shown to carry more load.",
    Kind.CAPABILITY,
    planned=_RESULTS,
)
BOTTLENECK_IDENTIFICATION = Target(
    "performance_validation.capacity_planning.bottleneck_identification",
    "What limits the load is named.",
    Kind.CAPABILITY,
    planned=_RESULTS,
)
