"""What the scripted gateway says: one answer per sentence, ordinary and hostile ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

Event = dict[str, Any]

CLUSTERS: list[Event] = [
    {"name": "prod-eu", "version": "v1.32.1", "state": "ready", "namespaces": ["monitoring", "platform", "qa", "shop"]},
    {"name": "prod-us", "version": "v1.32.1", "state": "ready", "namespaces": ["platform", "shop"]},
    {"name": "staging", "version": "v1.32.1", "state": "away", "namespaces": []},
]

_POD_COLUMNS = [
    {"name": "NAME", "type": "string", "priority": 0},
    {"name": "READY", "type": "string", "priority": 0},
    {"name": "STATUS", "type": "string", "priority": 0},
    {"name": "RESTARTS", "type": "string", "priority": 0},
    {"name": "AGE", "type": "string", "priority": 0},
    {"name": "IP", "type": "string", "priority": 1},
    {"name": "NODE", "type": "string", "priority": 1},
]
_PODS: list[list[Any]] = [
    ["batch-heavy-6c5d8f9b7-lk3vp", "0/1", "Pending", 0, "2d3h", "<none>", "<none>"],
    ["cart-6b8f7c5d4-4ncvr", "1/1", "Running", 0, "6d", "10.1.0.11", "node-a"],
    ["cart-6b8f7c5d4-t8wlk", "1/1", "Running", 0, "6d", "10.1.1.12", "node-b"],
    ["cart-canary-58c7b9d6f4-wx7ts", "0/1", "ImagePullBackOff", 0, "47m", "10.1.2.13", "node-c"],
    ["checkout-7d9c8b6f5-jm2dx", "1/1", "Running", "1 (3d ago)", "9d", "10.1.0.14", "node-a"],
    ["checkout-7d9c8b6f5-rv6gh", "1/1", "Running", 0, "9d", "10.1.1.15", "node-b"],
    ["orders-db-0", "1/1", "Running", 0, "31d", "10.1.1.16", "node-b"],
    ["payments-api-849c6f7d5b-qz4kn", "0/1", "CrashLoopBackOff", "112 (2m10s ago)", "5h12m", "10.1.2.17", "node-c"],
    ["web-5f7c9d6b8-2xkqp", "1/1", "Running", 0, "12d", "10.1.0.18", "node-a"],
    ["web-5f7c9d6b8-7hj4m", "1/1", "Running", 0, "12d", "10.1.1.19", "node-b"],
    ["web-5f7c9d6b8-p9z5t", "1/1", "Running", 0, "12d", "10.1.2.20", "node-c"],
]
HOSTILE_CELL = "<img src=x onerror=\"document.title='owned'\">"
_DIFF = """--- live
+++ after
@@ -4,7 +4,7 @@
   name: web
   namespace: shop
 spec:
-  replicas: 3
+  replicas: 5
   selector:
     matchLabels:
       app: web
"""
_DELETE_DIFF = """@@ -1,6 +0,0 @@
-apiVersion: apps/v1
-kind: Deployment
-metadata:
-  name: cart
-spec:
-  replicas: 2
"""
_LOG = """2026-11-23T20:58:01Z info  starting payments-api 1.9.2
2026-11-23T20:58:01Z info  reading configuration from /etc/payments
\x1b[31m2026-11-23T20:58:02Z error database password is missing: DB_PASSWORD is not set\x1b[0m
2026-11-23T20:58:02Z error cannot open the database, giving up
2026-11-23T20:58:02Z info  exit code 1
"""


def answers_to(text: str, preview_lifetime: timedelta) -> list[Event]:
    """The events that answer a sentence; anything that is not in the script is not understood."""
    table: dict[str, Callable[[], list[Event]]] = {
        "show me the pods": lambda: [_reading("kubectl get pods -n shop", 0.98), _table("pods", _POD_COLUMNS, _PODS)],
        "show me many pods": lambda: [_many(1200)],
        "show me some pods": lambda: [_many(40)],
        "show me hostile names": _hostile,
        "scale web to 5": lambda: [
            _reading("kubectl scale deployment/web --replicas=5 -n shop", 0.97),
            _scale(preview_lifetime),
        ],
        "delete the cart": lambda: [_delete(preview_lifetime)],
        "why is payments-api failing?": _diagnosis,
        "what is wrong in shop?": lambda: [_card()],
        FIX: lambda: [_scale(preview_lifetime)],
        "explain": lambda: [_text(_MARKDOWN, "markdown")],
        "restart it": lambda: [
            {"type": "question", "text": "Which one?", "choices": ["restart web", "restart cart", "show me the pods"]}
        ],
        "use staging": lambda: [
            {**_text("From here on: cluster staging, namespace shop."), "cluster": "staging", "namespace": "shop"}
        ],
    }
    if text in table:
        return table[text]()
    return [
        {
            "type": "error",
            "code": "unknown_resource",
            "message": 'There is no kind "podz"; did you mean pods or podtemplates?',
            "request_id": "req-7f3a9c",
            "retryable": False,
        }
    ]


_MARKDOWN = """The pod **payments-api** fails because `DB_PASSWORD` is missing.

1. Look at the [runbook](https://runbooks.example/payments)
2. Do not click [this](javascript:document.title='owned')

<img src="/favicon.svg" onerror="document.title='owned'"><iframe src="/audit"></iframe><form><input name="q"></form>

| secret | key |
|---|---|
| payments-api-secrets | DB_PASSWORD |
"""


def _reading(command: str, confidence: float) -> Event:
    return {"type": "reading", "text": "", "commands": [command], "confidence": confidence}


def _text(text: str, form: str = "plain") -> Event:
    return {"type": "text", "text": text, "format": form}


def _table(kind: str, columns: list[Event], rows: list[list[Any]], total: int | None = None) -> Event:
    return {
        "type": "table",
        "command": f"kubectl get {kind} -n shop",
        "cluster": "prod-eu",
        "namespace": "shop",
        "columns": columns,
        "rows": rows,
        "total": total or len(rows),
        "shown": len(rows),
    }


def _many(count: int) -> Event:
    rows = [
        [
            f"worker-{number}",
            "1/1",
            "Running",
            number % 7,
            f"{number}m",
            f"10.2.{number // 256}.{number % 256}",
            "node-a",
        ]
        for number in range(1, count + 1)
    ]
    return _table("pods", _POD_COLUMNS, rows, total=count if count < 1000 else 5000)


def _hostile() -> list[Event]:
    columns = [{"name": name, "type": "string", "priority": 0} for name in ("NAME", "STATUS")]
    rows = [
        [HOSTILE_CELL, "Running"],
        ["invoice\u202egnp.exe", "Running"],
        ["\x1b]0;owned\x07coloured \x1b[1;31mred\x1b[0m", "</td></tr><script>document.title='owned'</script>"],
    ]
    return [_table("pods", columns, rows), _text("<b onmouseover=alert(1)>not bold</b>")]


def _diagnosis() -> list[Event]:
    return [
        {
            "type": "output",
            "command": "kubectl logs deployment/payments-api -n shop --tail=20",
            "cluster": "prod-eu",
            "text": _LOG,
            "language": "log",
            "truncated": True,
        },
        _text("payments-api stops with exit code 1: its log says that the database password is missing."),
    ]


FIX = "kubectl set image deployment/cart-canary cart-canary=registry.local/shop/cart:2.3.1 -n shop"


def _card() -> Event:
    canary = {
        "rank": 1,
        "severity": "critical",
        "code": "image_tag",
        "object": "deployment/cart-canary",
        "namespace": "shop",
        "cause": "The image of deployment/cart-canary does not exist: registry.local/shop/cart has no tag 2.4.0-canary.",
        "evidence": [
            {"text": HOSTILE_CELL, "source": "status of pod/cart-canary-58c7b9d6f4-wx7ts"},
            {"text": "registry.local/shop/cart:2.3.1 runs in this namespace.", "source": "other pods"},
        ],
        "explains": ["deployment/cart-canary has 0 of 1 replicas available."],
        "changes": ["Revision 1 of deployment/cart-canary was rolled out 50m ago."],
        "fixes": [FIX],
        "advice": "Correct the tag.",
        "look": ["kubectl describe pod/cart-canary-58c7b9d6f4-wx7ts -n shop"],
    }
    node = {"rank": 2, "severity": "info", "object": "node/node-a", "cause": "node/node-a is cordoned.", "fixes": []}
    return {
        "type": "diagnosis",
        "command": "diagnose -n shop",
        "cluster": "prod-eu",
        "namespace": "shop",
        "target": "",
        "summary": "Found 2 causes in shop on prod-eu.",
        "causes": [canary, node],
        "not_looked_at": ["secrets: you may not list them"],
        "text": "",
    }


def _preview(risk: str, typed_name: str | None, step: Event, consequences: list[str], lifetime: timedelta) -> Event:
    return {
        "type": "preview",
        "plan": str(uuid4()),
        "digest": "9f86d081884c7d659a2feaa0c55ad015",
        "expires_at": (datetime.now(UTC) + lifetime).isoformat(),
        "risk": risk,
        "typed_name": typed_name,
        "steps": [{"cluster": "prod-eu", "namespace": "shop", "dry_run": "ok", **step}],
        "consequences": consequences,
    }


def _scale(lifetime: timedelta) -> Event:
    step = {
        "command": "kubectl scale deployment/web --replicas=5 -n shop",
        "object": "deployment/web",
        "summary": "web: 3 → 5 replicas",
        "before": "3",
        "after": "5",
        "diff": _DIFF,
    }
    consequences = ["Two more pods of web are started.", "The autoscaler web may change this number again."]
    return _preview("change", None, step, consequences, lifetime)


def _delete(lifetime: timedelta) -> Event:
    step = {
        "command": "kubectl delete deployment/cart -n shop",
        "object": "deployment/cart",
        "summary": "cart: deleted, with its 2 pods",
        "before": "2 replicas",
        "after": "",
        "diff": _DELETE_DIFF,
    }
    return _preview("destructive", "cart", step, ["The service cart has no pods left to send requests to."], lifetime)


def _audit_event(number: int) -> Event:
    changed = number % 3 == 0
    moment = datetime(2026, 11, 23, 21, 0, tzinfo=UTC) - timedelta(minutes=7 * number)
    return {
        "event_id": f"0193a1f0-7c1e-7d2a-9b1e-{number:012x}",
        "timestamp": moment.isoformat(),
        "kind": "outcome" if changed else "read",
        "user_id": "u-1",
        "user_name": "admin" if number % 4 else "grace",
        "session_id": None,
        "request_id": f"req-{number:06x}",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "cluster": "prod-eu",
        "namespace": "shop",
        "verb": "scale" if changed else "get",
        "resource": "deployments" if changed else "pods",
        "name": "web" if changed else "",
        "command": "kubectl scale deployment/web --replicas=5 -n shop" if changed else "kubectl get pods -n shop",
        "intent_id": None,
        "plan_digest": None,
        "outcome": ["applied", "failed", "unknown"][number // 3 % 3] if changed else "ok",
        "detail": {"summary": "web: 3 → 5 replicas"} if changed else {},
    }


AUDIT_EVENTS = [_audit_event(number) for number in range(120)]


def alert(state: str = "firing", fingerprint: str = "a1b2c3") -> Event:
    """An alert as the gateway tells it."""
    started = datetime.now(UTC) - timedelta(minutes=3)
    return {
        "fingerprint": fingerprint,
        "name": "AuditServiceDown",
        "state": state,
        "severity": "page",
        "summary": "The audit service does not answer",
        "description": "audit-1 has not answered its probe for 1 minute; changes are refused until it is back.",
        "runbook_url": "/runbooks/AuditServiceDown",
        "dashboard_url": "javascript:document.title='owned'",
        "starts_at": started.replace(second=0, microsecond=0).isoformat(),
        "ends_at": datetime.now(UTC).isoformat() if state == "resolved" else None,
        "labels": {"alertname": "AuditServiceDown", "severity": "page", "service": "audit", "instance": "audit-1"},
    }
