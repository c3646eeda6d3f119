"""A figure is written once: what is derived from it follows a change, and nowhere is it typed again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.mutant import of_environment
from tests.support.typed_figures import in_source, typed_figures

ROOT = Path(__file__).resolve().parents[3]

MEANS_SOMETHING_ELSE = {
    "alerts/alertmanager.py: PAGE_INTERVAL_S": "how soon a page's end is told",
    "alerts/dependencies.py: _WINDOW_S": "over how long calls that fail are counted",
    "alerts/headroom.py: _WINDOW_S": "over how long load is averaged before it is compared",
    "alerts/machine.py: _WINDOW_S": "over how long cores and quotas are looked at",
    "alerts/processes.py: _SPANS_WINDOW_S": "over how long spans are counted",
    "alerts/processes.py: _WINDOW_S": "over how long wake-ups and collections are looked at",
    "alerts/read_replicas.py: _WINDOW_S": "over how long reads are averaged before replicas are counted",
    "app/domain/commands/model/reads.py: timeout_s": "kubectl wait's own default",
    "alerts/sizing.py: _WINDOW_S": "over how long disks and links are looked at",
    "alerts/redis.py: EVICTION_WINDOW_S": "over how long dropped keys are counted",
    "app/audit/batches.py: COMMIT_TIMEOUT_S": "a third of what a query may take, so that a hung server holds no queue",
    "app/cli/connection.py: TIMEOUT_S": "how long a terminal waits for any answer",
    "app/gateway/clients/audit.py: SEARCH_TIMEOUT_S": "how long a person waits for a page of the audit log",
    "app/gateway/clients/nlp.py: PLAN_TIMEOUT_S": "how long words may take, a model's answer included",
    "app/gateway/service/audit_trail.py: a literal": "the field's name in an audit event",
    "app/infra/postgres/direct.py: COMMAND_TIMEOUT_S": "how long a look at a database's schema may take",
    "app/infra/prometheus.py: timeout_s": "how long one question to Prometheus may take",
    "app/stack/account.py: timeout": "how long making a system account may take",
    "app/stack/parts/stores.py: timeout": "how long a program may take to say its version",
    "app/stack/settings.py: postgres_memory_bytes": "the least memory that PostgreSQL's own settings fit into",
    "app/stack/spawner.py: timeout_s": "how long a store's own tool may take",
    "deploy/observability/push.py: _TIMEOUT_S": "how long a Grafana may take to store a dashboard",
}
"""Literals that equal a promised figure and are another thing, each with what it is."""

DERIVED = """
import json
from alerts.catalogue import rule_files
from app.gateway.service.language import Language
from app.stack.servers import pgbouncer
from app.stack.servers.pgbouncer import PgBouncerSettings
from app.telemetry.catalogue import HTTP_REQUEST_DURATION
from app.telemetry.instruments import Instruments
from dashboards.catalogue import generated_files
from exporters.promises import publish
from slo.pools import client_pool_size

class Hub:
    pass

instruments = Instruments()
publish(instruments)
rules = {file.path.name: file.text for file in rule_files()}
pooler = pgbouncer.text(
    PgBouncerSettings(port=1, primary_port=2, replica_ports=(), auth_file="/a", version=(1, 18, 0))
)
(overview,) = (file for file in generated_files() if "overview" in file.path.name)
panels = {panel["id"]: panel for panel in json.loads(overview.text)["panels"]}
figure = instruments.registry.get_sample_value
print(json.dumps({
    "pooler": next(line for line in pooler.splitlines() if line.startswith("default_pool_size")),
    "client pool": client_pool_size(),
    "buckets": HTTP_REQUEST_DURATION.buckets,
    "api rule": next(l for l in rules["slo-api-latency.rules.yaml"].splitlines() if "le=" in l).split("le=")[1],
    "api alert": next(l for l in rules["slo-api-latency.rules.yaml"].splitlines() if "ratio1h" in l and ">" in l),
    "panel line": panels[1]["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"],
    "vocabulary ttl": Language(None, {}, Hub(), instruments)._vocabularies._ttl_s,
    "published ttl": figure("kubechat_target_figure", {
        "target": "application_caching.kubernetes_api_cache.ttl", "figure": "", "unit": "seconds"
    }),
    "published pool": figure("kubechat_target_figure", {
        "target": "connection_optimization.connection_pooling.pool_size", "figure": "", "unit": "count"
    }),
}))
"""


def derived(mutation: str = "") -> dict[str, object]:
    """What a fresh process derives from the catalogue, with one figure changed."""
    environment = of_environment(mutation)
    ended = subprocess.run(
        [sys.executable, "-c", DERIVED], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return dict(json.loads(ended.stdout))


@pytest.fixture(scope="module")
def as_promised() -> dict[str, object]:
    return derived()


def test_what_is_derived_says_what_the_document_says(as_promised) -> None:
    assert as_promised["pooler"] == "default_pool_size = 25"
    assert as_promised["client pool"] == (500 - 20 - 8 * 8 - 2) // 20
    assert 0.5 in as_promised["buckets"]
    assert as_promised["panel line"] == 0.5
    assert as_promised["vocabulary ttl"] == 30


@pytest.mark.parametrize(
    ("mutation", "following"),
    [
        ("connection_optimization.connection_pooling.pool_size#", {"pooler", "published pool"}),
        (
            "performance_sla.response_times.api_endpoints#duration",
            {"buckets", "api rule", "panel line"},
        ),
        ("performance_sla.response_times.api_endpoints#percentile", {"api alert"}),
        ("application_caching.kubernetes_api_cache.ttl#", {"vocabulary ttl", "published ttl"}),
    ],
)
def test_what_is_derived_from_a_figure_follows_it_and_nothing_else_does(as_promised, mutation, following) -> None:
    changed = derived(mutation)
    assert {name for name, value in changed.items() if value != as_promised[name]} == following


@pytest.mark.xdist_group("typed figures")  # the second reads what the first has found
def test_no_promised_figure_is_typed_a_second_time() -> None:
    found = [
        each
        for each in typed_figures(ROOT, ("app", "exporters", "alerts", "dashboards", "deploy"))
        # The demo clusters stand for somebody else's: what they hold is no promise of ours.
        if not each.file.startswith("app/demo/") and f"{each.file}: {each.name}" not in MEANS_SOMETHING_ELSE
    ]
    assert [str(each) for each in found] == [], "read it from slo.targets, or say above what else it is"


@pytest.mark.xdist_group("typed figures")
def test_no_exception_outlives_its_literal() -> None:
    found = {
        f"{each.file}: {each.name}"
        for each in typed_figures(ROOT, ("app", "exporters", "alerts", "dashboards", "deploy"))
    }
    assert set(MEANS_SOMETHING_ELSE) <= found


@pytest.mark.parametrize(
    "source",
    [
        "IDLE_TIMEOUT_S = 60",
        "idle_timeout_s: float = 60.0",
        "SESSION_TTL = timedelta(hours=24)",
        "def open(pool_size: int = 25): ...",
        "make(pool_size=25)",
        "Field(default=10_000); connection_limits = Field(default=10_000, gt=0)",
        "options = {'default_pool_size': 25}",
        "options = (('save', '900 1'), ('rdb_snapshots', 15 * 60))",
        "policy = 'allkeys-lru'",
        "headers['cache-control'] = 'private, max-age=300'",
        "SHED_RATIO = 0.90; oom_protection = 0.9",
    ],
)
def test_a_typed_figure_is_found(source) -> None:
    assert list(in_source(source, "x.py"))


@pytest.mark.parametrize("source", ["DAYS = 30", "retries = 2", "IDLE_TIMEOUT_S = 61", "WIDTH = 60", "x = 'redis'"])
def test_a_number_that_means_something_else_is_left_alone(source) -> None:
    assert not list(in_source(source, "x.py"))
