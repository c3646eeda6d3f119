"""Small files of OpenSLO v1, changed by tests in the one field that they are about."""

from __future__ import annotations

from typing import Any

import yaml

from slo.openslo.faults import OpenSLOError
from slo.openslo.reading import Imported, read

FILE = "slos.yaml"


def metric(query: str, **source: Any) -> dict[str, Any]:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": query}, **source}}


def ratio(**parts: Any) -> dict[str, Any]:
    """A ratio metric; a text is a query to Prometheus, but for `rawType`."""
    queries = {
        name: metric(part) if isinstance(part, str) and name != "rawType" else part for name, part in parts.items()
    }
    return {"ratioMetric": {"counter": True, **queries}}


AVAILABILITY = ratio(
    bad='sum(rate(http_requests_total{job="web",code=~"5.."}[5m]))',
    total='sum(rate(http_requests_total{job="web"}[5m]))',
)


def document(kind: str, name: str, spec: Any, **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": "openslo/v1", "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}


def slo(name: str = "checkout", metadata: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """An SLO that works; a field that is changed to None is left out."""
    spec: dict[str, Any] = {
        "service": "shop",
        "indicator": {"metadata": {"name": "answers"}, "spec": AVAILABILITY},
        "timeWindow": [{"duration": "30d", "isRolling": True}],
        "budgetingMethod": "Occurrences",
        "objectives": [{"target": 0.999}],
    } | changes
    kept = {field: value for field, value in spec.items() if value is not None}
    return document("SLO", name, kept, **(metadata or {}))


def measured(sli: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An SLO with this SLI."""
    return slo(indicator={"metadata": {"name": "sli"}, "spec": sli}, **changes)


def condition(**changes: Any) -> dict[str, Any]:
    burn = {"kind": "burnrate", "op": "gt", "threshold": 14.4, "lookbackWindow": "1h", "alertAfter": "0m"}
    severity = changes.pop("severity", "page")
    return {"severity": severity, "condition": burn | changes}


def policy(name: str = "fast-burn", spec: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A policy as an SLO holds it."""
    held = {"kind": "AlertCondition", "metadata": {"name": f"{name}-condition"}, "spec": condition(**changes)}
    flags = {"alertWhenBreaching": True, "conditions": [held]}
    return {"kind": "AlertPolicy", "metadata": {"name": name}, "spec": flags | (spec or {})}


class _Dumper(yaml.CSafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def text(*documents: Any) -> str:
    return str(yaml.dump_all(documents, Dumper=_Dumper, sort_keys=False, allow_unicode=True))


def imported(*documents: Any) -> Imported:
    return read(text(*documents).encode(), FILE)


def losses(*documents: Any) -> list[str]:
    return [loss.line(FILE) for loss in imported(*documents).losses]


def faults(*documents: Any) -> list[str]:
    """What is told about documents that cannot be read."""
    return faults_of(text(*documents).encode())


def faults_of(data: bytes) -> list[str]:
    try:
        read(data, FILE)
    except OpenSLOError as exc:
        return list(exc.lines)
    return []
