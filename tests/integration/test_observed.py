"""What the running stack shows of itself: one trace per turn, panels with data, private ports, memory limits."""

from __future__ import annotations

import math
from typing import Any

import httpx2
import pytest
import yaml
from promql_parser import VectorSelector

from alerts.catalogue import rule_files
from dashboards.catalogue import questions
from dashboards.lint.queries import all_in, parse
from slo.prometheus import JOBS, PAGES
from slo.targets.memory import AUDIT_MEMORY, GATEWAY_MEMORY, NLP_MEMORY
from tests.support.chat import Person, only
from tests.support.stack import LocalStack
from tests.support.trace_collector import TraceCollector
from tests.support.waiting import wait_for

pytestmark = pytest.mark.stack
SERVER = 2  # a span's kind, as OTLP numbers it


def traced_turn(person: Person, text: str) -> tuple[str, list[dict[str, Any]]]:
    """Say something; the turn's trace id, and its events."""
    # What was read a moment ago would be answered without its cluster.
    assert person.http.post("/api/v1/caches/clear", json={}).status_code == 200
    with person.chat() as chat:
        chat.send(
            {"type": "say", "id": "0e7ac1a4-0d2f-4f0b-9c55-0d7f5b1f6a01", "chat_session": chat.session, "text": text}
        )
        events: list[dict[str, Any]] = []
        while True:
            event = chat.receive()
            events.append(event)
            if event["type"] == "turn" and event["state"] == "done":
                return str(event["trace_id"]), events


def test_one_trace_links_the_services_that_a_turn_went_through(admin: Person, collector: TraceCollector) -> None:
    trace_id, _ = traced_turn(admin, "show me the pods")

    def complete() -> bool:
        # Each service sends what it has once a second, so that parents may come after their children.
        spans = collector.of(trace_id)
        known = {span.span_id for span in spans}
        linked = all(span.parent_id in known for span in spans if span.parent_id)
        return linked and {"gateway", "nlp", "audit"} <= {span.service for span in spans}

    wait_for("linked spans of all three services", complete)
    spans = collector.of(trace_id)
    roots = [span for span in spans if not span.parent_id]
    assert [(root.service, root.name) for root in roots] == [("gateway", "chat turn")]
    assert any("prod-eu" in span.name or "kubernetes" in span.name.lower() for span in spans), spans
    read = admin.http.get("/api/v1/audit/events", params={"kind": "read", "limit": "50"}).json()["events"]
    assert trace_id in {event["trace_id"] for event in read}


@pytest.mark.timeout(240)  # the stack may have to be started first, and what is recorded takes a minute
def test_spans_speak_the_words_of_the_semantic_conventions(
    stack: LocalStack, admin: Person, collector: TraceCollector
) -> None:
    trace_id, _ = traced_turn(admin, "kubectl get pods -n shop")
    wanted = {"SERVER", "CLIENT http", "CLIENT postgresql", "k8s"}

    def kinds() -> set[str]:
        found = set()
        for span in collector.of(trace_id):
            said = span.attributes
            if said.get("network.protocol.name") == "websocket":
                assert said["kubechat.turn"]
            elif span.kind == SERVER:
                found.add("SERVER")
                assert said.keys() >= {"http.request.method", "http.route", "url.path", "url.scheme"}, span
                assert 100 <= int(said["http.response.status_code"]) < 600
            elif "http.request.method" in said:
                found.add("k8s" if "k8s.cluster.name" in said else "CLIENT http")
                assert str(said["url.full"]).startswith(("http://", "https://"))
                assert "?" not in str(said["url.full"])
                assert said["server.address"]
                assert int(said["server.port"]) > 0
                assert int(said["http.response.status_code"]) > 0
            elif "db.system.name" in said:
                found.add(f"CLIENT {said['db.system.name']}")
                assert said.get("db.query.summary") or said.get("db.operation.name"), span
        return found

    wait_for("spans of every kind", lambda: wanted <= kinds() or None)


def use(person: Person) -> None:
    """A bit of everything that people do."""
    with person.chat() as chat:
        for text in ("show me the pods", "kubectl get deployments -n shop", "kubectl get nothing"):
            chat.say(text)
        only(chat.cancel(only(chat.say("scale cart to 4"), "preview")), "outcome")
    for path in ("/api/v1/me", "/api/v1/alerts", "/api/v1/nothing"):
        person.http.get(path)
    for line in ("kubectl get pods -n shop", "kubectl scale deployment/cart -n shop --replicas=4"):
        person.http.post("/api/v1/commands", json={"line": line})


def test_every_panel_of_every_dashboard_has_data(stack: LocalStack, admin: Person) -> None:
    use(admin)
    unanswered = [one for one in questions() if not one.waits_for]

    def all_answered() -> bool:
        # Rates look back a minute, and what is recorded once a minute comes later: so people go on asking.
        for path in ("/api/v1/me", "/api/v1/alerts"):
            admin.http.get(path)
        admin.http.post("/api/v1/web-load", json={"seconds": 0.08, "cache": "cold"})
        with Person(stack.url, *stack.admin) as person, person.chat() as chat:
            chat.say("show me the pods")
            only(chat.cancel(only(chat.say("scale cart to 4"), "preview")), "outcome")
        unanswered[:] = [one for one in unanswered if not answered(stack, one.expression)]
        return not unanswered

    try:
        wait_for("every panel to have data", all_answered, within_s=100, every_s=2)
    except AssertionError as exc:
        missing = [f"{one.title}: {one.expression}" for one in unanswered]
        raise AssertionError(f"panels without data: {missing}") from exc


WAIT_FOR_A_FAULT = (
    "kubechat:request_duration:mean1h",  # an hour of traffic
    'status=~"5.."',  # an answer that is our fault
    'outcome="error"',  # a turn that is
    'outcome="failed"',  # a command that a cluster did not answer
    "kubechat_cluster_own_replicas",  # our services in a cluster that is looked at
    "kubechat_policy_refusals_total",  # something that the policy closes
    "kubechat_cluster_replacements_total",  # a cluster that is another one under its old name
    "kubechat_model_",  # a language model, which is not set up here
    "kubechat_diagnosis_faults_total",  # an object that no analyzer foresaw
)
"""Parts of the series that are not there while all is well."""
_OPERATORS = {"MatchOp.Equal": "=", "MatchOp.NotEqual": "!=", "MatchOp.Re": "=~", "MatchOp.NotRe": "!~"}


@pytest.mark.full
def test_every_rule_asks_for_series_that_are_there(stack: LocalStack, admin: Person) -> None:
    use(admin)
    rules = [
        rule
        for file in rule_files()
        for group in yaml.safe_load(file.text).get("groups", ())
        for rule in group["rules"]
    ]
    asked = {as_text(one) for rule in rules for one in all_in(parse(rule["expr"]), VectorSelector)}
    assert len(asked) > 250
    missing = {one for one in asked if not any(part in one for part in WAIT_FOR_A_FAULT)}

    def all_there() -> bool:
        missing.difference_update([one for one in missing if has_series(stack, one)])
        return not missing

    try:
        wait_for("every rule's series to be there", all_there, within_s=100, every_s=2)
    except AssertionError as exc:
        raise AssertionError(f"series that no process exports and no rule records: {sorted(missing)}") from exc


def as_text(selector: VectorSelector) -> str:
    where = (
        f'{match.name}{_OPERATORS[str(match.op)]}"{match.value.replace(chr(92), chr(92) * 2)}"'
        for match in selector.matchers.matchers
    )
    return f"{selector.name}{{{','.join(where)}}}"


def has_series(stack: LocalStack, selector: str) -> bool:
    reply = httpx2.get(f"{stack.prometheus_url}/api/v1/series", params={"match[]": selector}, trust_env=False).json()
    assert reply["status"] == "success", reply
    return bool(reply["data"])


def answered(stack: LocalStack, query: str) -> bool:
    values = [float(sample["value"][1]) for sample in stack.prometheus(query)]
    return any(not math.isnan(value) for value in values)


def test_every_target_that_prometheus_scrapes_is_up(stack: LocalStack) -> None:
    wanted = {*JOBS, *PAGES}

    def all_up() -> bool:
        samples = stack.prometheus("up")
        jobs = {sample["metric"]["job"] for sample in samples}
        return wanted <= jobs and all(sample["value"][1] == "1" for sample in samples)

    wait_for("every target to be up", all_up)


def test_the_exporters_reach_every_peer_and_cluster_and_know_where_everything_is_kept(stack: LocalStack) -> None:
    def by(label: str, query: str) -> dict[str, float]:
        return {one["metric"][label]: float(one["value"][1]) for one in stack.prometheus(query)}

    peers = wait_for("the peers to be probed", lambda: by("peer", "kubechat_network_up"))
    assert {"gateway-1", "nlp-1", "audit-1", "postgres-primary", "pgbouncer", "redis-6", "demo"} <= peers.keys()
    wait_for("every peer to be reached", lambda: set(by("peer", "kubechat_network_up").values()) == {1.0})
    assert by("cluster", "kubechat_cluster_up") == dict.fromkeys(("prod-eu", "prod-us", "staging"), 1.0)
    pods = wait_for("pods to be counted", lambda: by("cluster", 'kubechat_cluster_objects{resource="pods"}'))
    assert min(pods.values()) > 0
    space = "min by (role) (kubechat_host_disk_free_bytes)"
    assert by("role", space).keys() == {"state", "data", "wal", "log", "spool"}


def test_every_server_runs_with_the_settings_that_it_is_to_and_the_read_load_asks_for_the_fewest_replicas(
    stack: LocalStack,
) -> None:
    def by_job(query: str) -> dict[str, float]:
        return {one["metric"]["job"]: float(one["value"][1]) for one in stack.prometheus(query)}

    servers = {"postgresql": 3, "pgbouncer": 1, "redis": 6}
    compared = "count by (job) (kubechat_server_settings_compared > 0)"
    wait_for("the settings of all servers to be compared", lambda: by_job(compared) == servers)
    assert stack.prometheus("kubechat_server_setting_drift == 1") == []
    # Also those that follow from a server's memory, which the exporters have to be told.
    of_memory = 'count by (job) (kubechat_server_setting_drift{setting=~"shared_buffers|maxmemory"} == 0)'
    assert by_job(of_memory) == {"postgresql": 3, "redis": 6}
    assert "pgbouncer" in by_job("count by (job) (kubechat_server_setting_drift == 0)")
    wanted = wait_for(
        "the wanted replicas", lambda: stack.prometheus("kubechat:postgres_read_replicas:wanted"), within_s=100
    )
    assert [one["value"][1] for one in wanted] == ["2"]


def test_rules_are_loaded_and_evaluate(stack: LocalStack) -> None:
    rules = httpx2.get(f"{stack.status()['prometheus']}/api/v1/rules", trust_env=False).json()["data"]["groups"]
    names = {rule["name"] for group in rules for rule in group["rules"]}
    assert {"ServiceDown", "Watchdog", "SLOBurnPageFast", "SettingsDrift", "ReadReplicasWanted"} <= names
    assert [rule["name"] for group in rules for rule in group["rules"] if rule["health"] == "err"] == []


def test_services_run_under_the_documents_memory_limits(stack: LocalStack) -> None:
    limits = {one["name"]: one["memory"] for one in stack.status()["processes"]}
    for name, target in (("gateway-1", GATEWAY_MEMORY), ("nlp-1", NLP_MEMORY), ("audit-1", AUDIT_MEMORY)):
        assert limits[name]["limit_bytes"] == target.named("limit").whole
        assert limits[name]["enforced_by"]
