"""What the scripted gateway says of its promises: every verdict, every state, and names that are hostile."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

Event = dict[str, Any]

HOSTILE_PROMISE = "<img src=x onerror=\"document.title='owned'\"> is kept below \u202e2 KB."
ALL = 221
_FILLED_SECTIONS = ("memory_optimization", "redis_optimization", "http_caching", "grafana_dashboards")


def promises(*, prometheus: bool = True) -> Event:
    """The answer of `GET /api/v1/promises`; without Prometheus nothing in it is measured."""
    targets = _targets() if prometheus else [_unmeasured(target) for target in _targets()]
    verdicts = [target["verdict"] for target in targets]
    states = [target["state"] for target in targets]
    return {
        "as_of": datetime.now(UTC).isoformat(),
        "prometheus": prometheus,
        "counts": dict(Counter(states)),
        "verdicts": dict(Counter(verdict for verdict in verdicts if verdict)),
        "downtime": {"year": 2026, "seconds": 1_234.5, "allowed_seconds": 31_572.0, "days": 12},
        "maintenance": _maintenance(),
        "objectives": _objectives(prometheus),
        "targets": targets,
    }


def _maintenance() -> Event:
    starts = datetime.now(UTC) + timedelta(days=3)
    return {
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=2)).isoformat(),
        "reason": "PostgreSQL moves to new disks",
        "declared_by": "admin",
    }


def _objectives(measured: bool) -> list[Event]:
    titles: tuple[tuple[str, str, str, dict[str, str], float | None, str], ...] = (
        ("gateway-availability", "gateway", "Requests and chat turns are answered", {"job": "gateway"}, 0.757, "kept"),
        ("gateway-availability", "gateway", "Requests and chat turns are answered", {"job": "nlp"}, 1.0, "kept"),
        ("simple-query-latency", "gateway", "Simple queries are answered within 200 ms", {}, -0.24, "spent"),
        ("audit-durability", "audit", "Audit events are durable when they are answered", {}, 0.0312, "kept"),
        ("notification-latency", "gateway", "Faults reach the web chat within 30 s", {}, None, "no data"),
    )
    return [
        {
            "id": name,
            "service": service,
            "title": title,
            "group": group,
            "objective": 0.99999 if service == "audit" else 0.999,
            "period_s": 2_592_000,
            "events": 123_456 if measured and left is not None else None,
            "bad_events": 3 if measured and left is not None else None,
            "budget_left": left if measured else None,
            "month_budget_left": left if measured and name != "simple-query-latency" else None,
            "verdict": verdict if measured else "no data",
        }
        for name, service, title, group, left, verdict in titles
    ]


def _targets() -> list[Event]:
    own = [
        _target(
            "performance_sla.response_times.api_endpoints",
            "A REST request, streams and exports aside, takes less than 500 ms at the 99th percentile.",
            [("duration", 0.5, "seconds"), ("percentile", 0.99, "percentile")],
            kind="objective",
            verdict="pass",
            live=0.0234,
        ),
        _target(
            "performance_sla.response_times.simple_queries",
            "A chat turn answered by one read on one cluster takes less than 200 ms at the 95th percentile.",
            [("duration", 0.2, "seconds"), ("percentile", 0.95, "percentile")],
            kind="objective",
            verdict="fail",
            live=0.2004,
            query="histogram_quantile(0.95, sum by (le) (rate(kubechat_turn_duration_seconds_bucket[1h])))",
            reason="Turns that call a language model are measured apart.",
            enforced_by=["limit app.gateway.turns:DEADLINE", "postgresql work_mem"],
            alert="SLOBurnPageFast",
            panel="/d/kubechat-system-overview?viewPanel=1",
            test="tests/targets/test_requirements.py::test_a_simple_query_is_answered_in_time",
        ),
        _target(
            "performance_sla.response_times.complex_operations",
            "A change, a diagnosis, or a question to several clusters takes less than 2000 ms at the 95th percentile.",
            [("duration", 2, "seconds"), ("percentile", 0.95, "percentile")],
            kind="objective",
            verdict="no data",
            waits_for="a change within the hour",
        ),
        _target(
            "performance_sla.availability.graceful_degradation",
            "With the language service away, direct commands, history, alerts and audit go on working.",
            [],
        ),
        _target(
            "database_scaling.postgresql.connection_pooling",
            "PgBouncer takes 100, 250 or 500 clients, by the size of the installation.",
            [("pooler", "PgBouncer", "choice"), ("minimum", 100, "count"), ("enterprise", 500, "count")],
            state="planned",
            planned={"part": "deploy", "reason": "The manifests of the three sizes are not written yet."},
        ),
        _target(
            "network_optimization.tcp_optimization.buffer_sizes",
            HOSTILE_PROMISE,
            [("", "<b>bold</b>", "choice")],
            state="unproved",
            alert="javascript:document.title='owned'",
            panel="javascript:document.title='owned'",
            enforced_by=["<script>document.title='owned'</script>"],
            reason="\x1b[31mred\x1b[0m",
        ),
    ]
    return [*own, *(_filler(number) for number in range(ALL - len(own)))]


def _filler(number: int) -> Event:
    section = _FILLED_SECTIONS[number * len(_FILLED_SECTIONS) // ALL]
    measured = number % 4 == 0
    return _target(
        f"{section}.number_{number}.size",
        f"What has the number {number} takes at most 512 MB of memory.",
        [("", 512 * 2**20, "bytes")],
        verdict="pass" if measured else None,
        live=(200 + number) * 2**20 if measured else None,
        state="proved" if number % 2 else "planned",
    )


def _target(path: str, text: str, figures: list[tuple[str, float | str, str]], **more: Any) -> Event:
    numbers = [(value, unit) for _, value, unit in figures if not isinstance(value, str)]
    judged = bool(more.get("verdict"))
    return {
        "path": path,
        "text": text,
        "section": path.partition(".")[0],
        "kind": "capability",
        "figures": [{"name": name, "value": value, "unit": unit} for name, value, unit in figures],
        "state": "proved",
        "planned": None,
        "reason": "",
        "metric": "kubechat_turn_duration_seconds" if judged else None,
        "query": None,
        "waits_for": "",
        "enforced_by": [],
        "alert": None,
        "panel": None,
        "test": None,
        "live": None,
        "threshold": numbers[0][0] if judged else None,
        "unit": numbers[0][1] if judged else None,
        "holds": "<" if judged else None,
        "verdict": None,
        **more,
    }


def _unmeasured(target: Event) -> Event:
    return {**target, "live": None, "verdict": "no data" if target["verdict"] else None}
