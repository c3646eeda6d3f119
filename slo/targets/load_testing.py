"""How load is put on, and what it has to show.

Sections `load_testing` and `performance_validation` of the architecture document. Data only: the scenarios and gates
are built from it.
"""

from __future__ import annotations

from slo.target import Kind, Target, choice, count, hours, minutes, percent, percentile, seconds

PRIMARY_TOOL = Target("load_testing.tools.primary", "HTTP load is made with k6.", Kind.CAPABILITY, (choice("k6"),))
KUBERNETES_TOOL = Target(
    "load_testing.tools.kubernetes",
    "Load on Kubernetes APIs is made with kubectl.",
    Kind.CAPABILITY,
    (choice("kubectl"),),
)
DATABASE_TOOL = Target(
    "load_testing.tools.database", "Load on PostgreSQL is made with pgbench.", Kind.CAPABILITY, (choice("pgbench"),)
)

BASELINE_USERS = Target(
    "load_testing.test_scenarios.baseline_load.users", "Baseline load is 100 people.", Kind.SCENARIO, (count(100),)
)
BASELINE_DURATION = Target(
    "load_testing.test_scenarios.baseline_load.duration",
    "Baseline load lasts 15 minutes.",
    Kind.SCENARIO,
    (minutes(15),),
)
BASELINE_RAMP_UP = Target(
    "load_testing.test_scenarios.baseline_load.ramp_up",
    "Baseline load rises over 5 minutes.",
    Kind.SCENARIO,
    (minutes(5),),
)
PEAK_USERS = Target(
    "load_testing.test_scenarios.peak_load.users", "Peak load is 1000 people.", Kind.SCENARIO, (count(1000),)
)
PEAK_DURATION = Target(
    "load_testing.test_scenarios.peak_load.duration", "Peak load lasts 30 minutes.", Kind.SCENARIO, (minutes(30),)
)
PEAK_RAMP_UP = Target(
    "load_testing.test_scenarios.peak_load.ramp_up", "Peak load rises over 10 minutes.", Kind.SCENARIO, (minutes(10),)
)
STRESS_USERS = Target(
    "load_testing.test_scenarios.stress_test.users",
    "The stress test is 2000 people or more.",
    Kind.SCENARIO,
    (count(2000),),
)
STRESS_DURATION = Target(
    "load_testing.test_scenarios.stress_test.duration",
    "The stress test lasts 60 minutes.",
    Kind.SCENARIO,
    (minutes(60),),
)
STRESS_OBJECTIVE = Target(
    "load_testing.test_scenarios.stress_test.objective",
    "The stress test finds the load at which targets are missed first.",
    Kind.SCENARIO,
    (choice("breaking_point"),),
)
SOAK_USERS = Target(
    "load_testing.test_scenarios.soak_test.users", "The soak test is 500 people.", Kind.SCENARIO, (count(500),)
)
SOAK_DURATION = Target(
    "load_testing.test_scenarios.soak_test.duration", "The soak test lasts 4 hours.", Kind.SCENARIO, (hours(4),)
)
SOAK_OBJECTIVE = Target(
    "load_testing.test_scenarios.soak_test.objective",
    "The soak test finds memory that is not given back.",
    Kind.SCENARIO,
    (choice("memory_leak"),),
)

ACCEPTED_RESPONSE_TIME = Target(
    "performance_validation.acceptance_criteria.response_time",
    "Under baseline load requests take less than 500 ms at the 95th percentile.",
    Kind.OBJECTIVE,
    (seconds(0.5, "duration"), percentile(0.95)),
    "Normal load is the baseline scenario; complex operations have their own target and are left out.",
)
ACCEPTED_THROUGHPUT = Target(
    "performance_validation.acceptance_criteria.throughput",
    "1000 people at the same time are served.",
    Kind.OBJECTIVE,
    (count(1000),),
)
ACCEPTED_ERROR_RATE = Target(
    "performance_validation.acceptance_criteria.error_rate",
    "Fewer than 0.1 % of requests fail under baseline load, and fewer than 1 % under peak load.",
    Kind.OBJECTIVE,
    (percent(0.1, "normal"), percent(1, "peak")),
    "Requests that were shed and changes that were refused count as failures.",
)
REGRESSION_FREQUENCY = Target(
    "performance_validation.regression_testing.frequency",
    "No major release is made without a load result of its own.",
    Kind.CAPABILITY,
    (choice("major_release"),),
)
BASELINE_COMPARISON = Target(
    "performance_validation.regression_testing.baseline_comparison",
    "A load result is compared with that of the version before.",
    Kind.CAPABILITY,
)
REGRESSION_ALERT = Target(
    "performance_validation.regression_testing.automated_alerts",
    "Somebody is told when performance got worse by more than 10 %.",
    Kind.LIMIT,
    (percent(10),),
)
RESOURCE_MODELING = Target(
    "performance_validation.capacity_planning.resource_modeling",
    "The size that a number of people needs is predicted from measurements.",
    Kind.CAPABILITY,
)
SCALING_VALIDATION = Target(
    "performance_validation.capacity_planning.scaling_validation",
    "More replicas are shown to carry more load.",
    Kind.CAPABILITY,
)
BOTTLENECK_IDENTIFICATION = Target(
    "performance_validation.capacity_planning.bottleneck_identification",
    "What limits the load is named.",
    Kind.CAPABILITY,
)
