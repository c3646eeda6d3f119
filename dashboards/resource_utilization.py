"""Resource utilization: what is used up, and of what?

Its first four panels are the architecture document's, under the document's own titles. Every threshold is a target's or
an alert's.
"""

from __future__ import annotations

from app.telemetry.catalogue import (
    CACHE_EVICTIONS,
    CACHE_LOOKUPS,
    MEMORY_LIMIT,
    MEMORY_RESIDENT,
    POOL_IN_USE,
    POOL_SIZE,
)
from app.telemetry.exporter_catalogue import HOST_DISK_BYTES, HOST_DISK_OPERATIONS, HOST_DISK_TIME
from app.telemetry.server_catalogue import (
    HOST_DISK_FREE,
    HOST_DISK_TOTAL,
    PGBOUNCER_CLIENTS,
    PGBOUNCER_SERVERS,
    REDIS_EVICTED_KEYS,
    REDIS_KEYSPACE_LOOKUPS,
)
from dashboards.asking import exported, mean, of, per_second
from dashboards.dashboard import Dashboard, Panel, Row, Series, Threshold
from dashboards.exporter_rows import exporters_row, stores_row
from dashboards.machine_row import machine_row
from dashboards.process_row import process_row
from dashboards.theme import Colour, Unit
from dashboards.variables import services
from slo import panels, promql
from slo.prometheus import PROCESS_CPU
from slo.targets.caching import CACHE_HIT_RATIO
from slo.targets.memory import MEMORY_ALERT, OOM_PROTECTION
from slo.targets.monitoring import CACHE_HIT_RATIOS, CONNECTION_POOL_STATUS, CPU_AND_MEMORY, STORAGE_IO


def resource_utilization() -> Dashboard:
    """The dashboard."""
    return Dashboard(
        uid=panels.RESOURCE_UTILIZATION,
        title="KubeChat / Resource utilization",
        description="What is used up, and of what?",
        variables=(*services(),),
        rows=(
            Row("Resources", (_cpu_and_memory(), _pools(), _caches(), _storage())),
            process_row(),
            machine_row(),
            stores_row(),
            exporters_row(),
        ),
    )


def _cpu_and_memory() -> Panel:
    by_instance = ("job", "instance")
    resident, limit = of(MEMORY_RESIDENT).query, of(MEMORY_LIMIT).query
    return Panel(
        panels.CPU_AND_MEMORY,
        CPU_AND_MEMORY.named("title").word,
        "Memory of each service's fullest replica as a share of its limit, left; cores that each service uses, all "
        "replicas together, and memory in bytes, right. Good: below the lower line. Bad: above it for minutes, which "
        "is when the ticket comes; above the upper line new work is refused. Then follow the runbook of "
        "MemoryNearLimit.",
        Unit.SHARE,
        (
            Series(
                promql.maximum(promql.divided(resident, limit, by_instance), ("job",)), "{{job}} memory of its limit"
            ),
            Series(per_second(of(PROCESS_CPU), "job"), "{{job}} cores", unit=Unit.FACTOR),
            Series(promql.total(resident, ("job",)), "{{job}} memory", unit=Unit.BYTES),
        ),
        thresholds=(
            Threshold(MEMORY_ALERT.figure.number, Colour.WARNING),
            Threshold(OOM_PROTECTION.named("shed_above").number, Colour.BAD),
        ),
    )


def _pools() -> Panel:
    in_use, size = of(POOL_IN_USE).query, of(POOL_SIZE).query
    by = ("job", "pool")
    return Panel(
        panels.CONNECTION_POOL_STATUS,
        CONNECTION_POOL_STATUS.named("title").word,
        "Connections that the services hold and may open, and behind them the pooler's: to the server in use and free, "
        "and clients that wait for one. Good: nobody waits. Bad: waiting clients for seconds, or as many in use as may "
        "be opened. Then follow the runbook of DatabasePoolFull.",
        Unit.COUNT,
        (
            Series(promql.total(in_use, by), "{{job}} {{pool}}, in use"),
            Series(promql.total(size, by), "{{job}} {{pool}}, at most"),
            Series(
                promql.total(exported(PGBOUNCER_SERVERS).query, ("database", "state")),
                "pooler to {{database}}, {{state}}",
            ),
            Series(
                promql.total(exported(PGBOUNCER_CLIENTS, state="waiting").query, ("database",)),
                "waiting for {{database}}",
            ),
        ),
        decimals=0,
    )


def _caches() -> Panel:
    def share(hits: promql.Selector, all_: promql.Selector, *by: str) -> promql.Query:
        return promql.divided(per_second(hits, *by), promql.above(per_second(all_, *by), 0))

    return Panel(
        panels.CACHE_HIT_RATIOS,
        CACHE_HIT_RATIOS.named("title").word,
        "The share of look-ups that each cache answers, left, and what caches drop per second, right: those in memory "
        "for room, Redis to stay within its memory. Good: above the line and nothing dropped. Bad: below it for an "
        "hour, or a steady rate of drops: there is too little room. Then see which cache it is on the dashboard of "
        "the data.",
        Unit.SHARE,
        (
            Series(share(of(CACHE_LOOKUPS, result="hit"), of(CACHE_LOOKUPS), "cache"), "{{cache}} hits"),
            Series(
                share(exported(REDIS_KEYSPACE_LOOKUPS, result="hit"), exported(REDIS_KEYSPACE_LOOKUPS)), "Redis hits"
            ),
            Series(
                per_second(of(CACHE_EVICTIONS, reason="room"), "cache"),
                "{{cache}} dropped for room",
                unit=Unit.PER_SECOND,
            ),
            Series(per_second(exported(REDIS_EVICTED_KEYS)), "Redis dropped", unit=Unit.PER_SECOND),
        ),
        thresholds=(Threshold(CACHE_HIT_RATIO.figure.number, Colour.WARNING),),
    )


def _storage() -> Panel:
    by = ("role", "direction")
    free = promql.divided(exported(HOST_DISK_FREE).query, exported(HOST_DISK_TOTAL).query)
    return Panel(
        panels.STORAGE_IO,
        STORAGE_IO.named("title").word,
        "How long one read or write of a device takes in the mean, left; operations and bytes per second and the free "
        "share of file systems, right: by what is on them, data, write-ahead log, logs, spools. Good: milliseconds, "
        "and space above the line of 'Free space'. Bad: latency that rises with the operations: the device is at its "
        "end; commits wait for the write-ahead log first. Then see who writes, and follow the runbook of DiskFilling.",
        Unit.SECONDS,
        (
            Series(mean(exported(HOST_DISK_TIME), exported(HOST_DISK_OPERATIONS), *by), "{{role}} {{direction}}, each"),
            Series(per_second(exported(HOST_DISK_OPERATIONS), *by), "{{role}} {{direction}}s", unit=Unit.PER_SECOND),
            Series(per_second(exported(HOST_DISK_BYTES), *by), "{{role}} {{direction}}", unit=Unit.BYTES_PER_SECOND),
            Series(promql.minimum(free, ("role",)), "{{role}} free", unit=Unit.SHARE),
        ),
    )
