"""The row about the machine: cores, pressure, memory, disks, interfaces."""

from __future__ import annotations

from alerts.sizing import disk_used, network_used
from app.telemetry.exporter_catalogue import (
    HOST_CGROUP_OOM_KILLS,
    HOST_CGROUP_PERIODS,
    HOST_CGROUP_THROTTLED,
    HOST_CGROUP_WORKING_SET,
    HOST_CORE_BUSY,
    HOST_DISK_BUSY,
    HOST_DISK_OPERATIONS,
    HOST_DISK_TIME,
    HOST_NETWORK_BYTES,
    HOST_PRESSURE,
)
from app.telemetry.server_catalogue import (
    HOST_CGROUP_CPU,
    HOST_CGROUP_MEMORY,
    HOST_CGROUP_MEMORY_LIMIT,
    HOST_CPU,
    HOST_CPUS,
    HOST_DISK_FREE,
    HOST_DISK_TOTAL,
    HOST_MEMORY_AVAILABLE,
    HOST_MEMORY_TOTAL,
)
from dashboards.asking import exported, mean, per_second
from dashboards.dashboard import Panel, Row, Series, Threshold
from dashboards.theme import Colour, Unit
from slo import panels, promql
from slo.promises import CORE_BUSY, DISK_FREE, SIZE_USED, THROTTLED


def machine_row() -> Row:
    """The row."""
    return Row(
        "Machine",
        (
            _cores(),
            _modes(),
            _pressure(),
            _throttling(),
            _memory(),
            _disk_free(),
            _disk_latency(),
            _interfaces(),
            _size_used(),
        ),
    )


def _cores() -> Panel:
    busy = per_second(exported(HOST_CORE_BUSY), "host", "core")
    return Panel(
        panels.CORES,
        "Use of each core",
        "How busy each core is, and all of them in the mean. Good: level with each other. Bad: one at the line while "
        "the mean is low: what runs there has one thread, and no other core can help it. Then follow the runbook of "
        "CoreSaturated.",
        Unit.SHARE,
        (
            Series(busy, "{{host}} core {{core}}"),
            Series(promql.average(busy, ("host",)), "{{host}} mean"),
        ),
        thresholds=(Threshold(CORE_BUSY.number, Colour.WARNING),),
    )


def _modes() -> Panel:
    return Panel(
        panels.PROCESSOR_MODES,
        "What cores do",
        "Cores by what they do, how many there are, and how many our own control group uses. Good: mostly user time. "
        "Bad: iowait: they wait for the disk; steal: another machine has them. Then see the pressure beside it.",
        Unit.FACTOR,
        (
            Series(per_second(exported(HOST_CPU), "host", "mode"), "{{host}} {{mode}}"),
            Series(exported(HOST_CPUS).query, "{{host}} cores"),
            Series(per_second(exported(HOST_CGROUP_CPU), "host"), "{{host}} control group"),
        ),
    )


def _pressure() -> Panel:
    return Panel(
        panels.PRESSURE,
        "Pressure",
        "The share of time in which something waited for processor, memory or disk (some), or everything did (full). "
        "Good: some of a few percent. Bad: full for memory or io: nothing gets done meanwhile. Then see who uses it "
        "up.",
        Unit.SHARE,
        (
            Series(
                promql.either(
                    per_second(exported(HOST_PRESSURE), "host", "resource", "share"),
                    # A kernel that tells no pressure shows none, in place of an empty panel.
                    promql.times(exported(HOST_CPUS).query, 0),
                ),
                "{{host}} {{resource}} {{share}}",
            ),
        ),
    )


def _throttling() -> Panel:
    share = promql.divided(
        per_second(exported(HOST_CGROUP_THROTTLED), "host"),
        promql.above(per_second(exported(HOST_CGROUP_PERIODS), "host"), 0),
    )
    no_quota = promql.times(promql.total(exported(HOST_CPUS).query, ("host",)), 0)
    return Panel(
        panels.THROTTLING,
        "Throttled periods",
        "The share of periods in which the control group of the exporters had used up its quota; 0 where it has none. "
        "Good: below the line. Bad: above it: what runs there pauses. Then follow the runbook of CpuThrottled.",
        Unit.SHARE,
        (Series(promql.either(share, no_quota), "{{host}}"),),
        thresholds=(Threshold(THROTTLED.number, Colour.WARNING),),
    )


def _memory() -> Panel:
    return Panel(
        panels.MACHINE_MEMORY,
        "Memory of the machine",
        "Memory, what of it can be had without swapping, what our own control group holds with and without pages of "
        "files that were not used lately, and processes in it that the kernel ended, right. Good: a fifth is "
        "available. Bad: next to nothing is: the kernel will end somebody. Then see which process grew.",
        Unit.BYTES,
        (
            Series(exported(HOST_MEMORY_TOTAL).query, "{{host}}"),
            Series(exported(HOST_MEMORY_AVAILABLE).query, "{{host}} available"),
            Series(
                promql.either(exported(HOST_CGROUP_MEMORY).query, promql.times(exported(HOST_MEMORY_TOTAL).query, 0)),
                "{{host}} control group",
            ),
            Series(
                promql.either(
                    exported(HOST_CGROUP_WORKING_SET).query, promql.times(exported(HOST_MEMORY_TOTAL).query, 0)
                ),
                "{{host}} working set",
            ),
            Series(
                promql.either(
                    exported(HOST_CGROUP_MEMORY_LIMIT).query, promql.times(exported(HOST_MEMORY_TOTAL).query, 0)
                ),
                "{{host}} limit of the control group",
            ),
            Series(
                promql.either(
                    promql.increase(exported(HOST_CGROUP_OOM_KILLS), 3600),
                    promql.times(exported(HOST_MEMORY_TOTAL).query, 0),
                ),
                "{{host}} ended within the hour",
                unit=Unit.COUNT,
            ),
        ),
    )


def _disk_free() -> Panel:
    free = promql.divided(exported(HOST_DISK_FREE).query, exported(HOST_DISK_TOTAL).query)
    return Panel(
        panels.DISK_FREE,
        "Free space",
        "The free share of the fullest file system of each kind: data, write-ahead log, logs, spools, state. Good: "
        "above the line. Bad: below it, which is when the ticket comes: a full disk stops all writes. Then follow the "
        "runbook of DiskFilling.",
        Unit.SHARE,
        (Series(free, "{{host}} {{role}}"),),
        base=Colour.BAD,
        thresholds=(Threshold(DISK_FREE.number, Colour.GOOD),),
    )


def _disk_latency() -> Panel:
    by = ("host", "role", "direction")
    return Panel(
        panels.DISK_LATENCY,
        "Time of one read or write",
        "How long one operation of the device below each kind of directory takes in the mean, left, and the share of "
        "time in which it has something to do, right. Good: milliseconds. Bad: tens of them, with a device that is "
        "always busy: it is at its end. Then move the write-ahead log to a device of its own.",
        Unit.SECONDS,
        (
            Series(mean(exported(HOST_DISK_TIME), exported(HOST_DISK_OPERATIONS), *by), "{{role}} {{direction}}"),
            Series(
                per_second(exported(HOST_DISK_BUSY), "host", "role", "device"),
                "{{role}} {{device}} busy",
                unit=Unit.SHARE,
            ),
        ),
    )


def _size_used() -> Panel:
    return Panel(
        panels.SIZE_USED,
        "Used of what the size asks for",
        "The share of the disk operations, and of the bytes on a link, that the chosen size of the installation asks "
        "machines for. Good: below the line at peaks as well. Bad: above it, which is when the ticket comes. Then "
        "follow the runbook of DiskNearSize or NetworkNearSize.",
        Unit.SHARE,
        (
            Series(disk_used(), "{{host}} disk"),
            Series(promql.either(network_used(), promql.times(disk_used(), 0)), "{{host}} network"),
        ),
        thresholds=(Threshold(SIZE_USED.number, Colour.WARNING),),
    )


def _interfaces() -> Panel:
    return Panel(
        panels.INTERFACES,
        "Bytes by network interface",
        "What each interface sends and receives. Good: it follows the requests. Bad: near what the link can carry. "
        "Then see between which services on 'Bytes between services'.",
        Unit.BYTES_PER_SECOND,
        (
            Series(
                per_second(exported(HOST_NETWORK_BYTES), "host", "interface", "direction"),
                "{{host}} {{interface}} {{direction}}",
            ),
        ),
    )
