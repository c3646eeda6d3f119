"""How the capabilities of `slo.targets.monitoring` are switched off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.mutation.switches import Around


class _Deaf:
    """An instrument that hears nothing."""

    def labels(self, *_: str) -> _Deaf:
        return self

    def inc(self) -> None:
        return

    def observe(self, *_: Any) -> None:
        return


def _without(name: str) -> Around:
    """The instance is made as ever, and hears nothing on one of its instruments."""

    def wrap(make: Callable[..., None]) -> Callable[..., None]:
        def made(self: Any, *given: Any, **named: Any) -> None:
            make(self, *given, **named)
            setattr(self, name, _Deaf())

        return made

    return Around(wrap)


def _as_success(record: Callable[..., None]) -> Callable[..., None]:
    return lambda self, scope, _, duration_s, trace_id: record(self, scope, 200, duration_s, trace_id)


async def _no_count(_: Any) -> None:
    return


def _in_base_units(per: Callable[..., Any]) -> Callable[..., Any]:
    """The rates are recorded over one second, whatever the unit that they are named after."""
    return lambda record, counter, job, _: per(record, counter, job, 1)


_MIDDLEWARE = "app.telemetry.http:TelemetryMiddleware"

SWITCHES: dict[str, dict[str, Any]] = {
    "performance_metrics.application_metrics.response_time": {f"{_MIDDLEWARE}.__init__": _without("_duration")},
    "performance_metrics.application_metrics.throughput": {f"{_MIDDLEWARE}.__init__": _without("_requests")},
    "performance_metrics.application_metrics.error_rate": {f"{_MIDDLEWARE}._record": Around(_as_success)},
    "performance_metrics.application_metrics.concurrent_users": {"app.gateway.jobs:Jobs._count": _no_count},
    "performance_metrics.infrastructure_metrics.cpu_utilization": {
        "app.infra.lifecycle:ProcessCollector": lambda **_: None
    },
    "performance_metrics.business_metrics.command_execution_rate": {"alerts.business:_per": Around(_in_base_units)},
    "performance_metrics.business_metrics.audit_event_volume": {"alerts.business:_per": Around(_in_base_units)},
    "performance_metrics.infrastructure_metrics.memory_usage": {
        "app.infra.memory:MemoryGuard._look_at_heap_and_container": lambda _: None
    },
    "performance_metrics.infrastructure_metrics.disk_io": {"exporters.host_disks:Disks._put_device": lambda *_: None},
    "performance_metrics.infrastructure_metrics.network_io": {"app.telemetry.instruments:Tally.settle": lambda _: None},
    "performance_metrics.business_metrics.nlp_processing_time": {
        "app.nlp.service:PlanService.__init__": _without("_processing")
    },
}
