"""The row about Redis: does it answer, and does it have room?"""

from __future__ import annotations

from typing import Final

from alerts.redis import EVICTION_WINDOW_S, STORM_KEYS
from app.telemetry.catalogue import DEPENDENCY_REQUESTS, REDIS_NODES_AVOIDED, REDIS_PIPELINE_COMMANDS
from app.telemetry.server_catalogue import REDIS_EVICTED_KEYS, REDIS_JOB, REDIS_KEY_BYTES
from dashboards.dashboard import Panel, Row, Series, Threshold
from dashboards.theme import Colour, Unit
from slo import panels, promql
from slo.prometheus import GATEWAY
from slo.promql import RATE_INTERVAL, matches, select

_INSTANCE: Final = matches("$instance")
_JOB: Final = REDIS_JOB[0]


def redis_row() -> Row:
    """The row."""
    return Row("Redis", (_commands(), _pipelines(), _evictions(), _key_bytes()))


def _commands() -> Panel:
    commands = select(DEPENDENCY_REQUESTS.name, job=GATEWAY, instance=_INSTANCE, dependency="redis")
    avoided = select(REDIS_NODES_AVOIDED.name, job=GATEWAY, instance=_INSTANCE)
    return Panel(
        panels.REDIS_COMMANDS,
        "Redis commands by outcome",
        "Commands per second by their outcome, left, and masters that are not asked because they did not answer, "
        "right. Good: all are ok and no master is avoided. Bad: short_cut, a node is away and whoever wants its keys "
        "is told at once; failed, it broke or was too slow; refused, too much waited for it. Requests go on without: "
        "PostgreSQL answers in its place. Then look at the node.",
        Unit.PER_SECOND,
        (
            Series(promql.total(promql.rate(commands, RATE_INTERVAL), ("outcome",)), "{{outcome}}"),
            Series(promql.maximum(avoided.query), "masters avoided", unit=Unit.COUNT),
        ),
    )


def _pipelines() -> Panel:
    def per_second(name: str) -> promql.Query:
        return promql.total(promql.rate(select(name, job=GATEWAY, instance=_INSTANCE), RATE_INTERVAL), ("instance",))

    return Panel(
        panels.REDIS_PIPELINES,
        "Redis commands in one write",
        "How many commands go to a Redis node in one write, in the mean. Good: it grows with the load, since what is "
        "asked in one moment is asked together. Bad: it falls while the load grows. Then compare with the event loop's "
        "lag.",
        Unit.FACTOR,
        (
            Series(
                promql.divided(per_second(REDIS_PIPELINE_COMMANDS.sum), per_second(REDIS_PIPELINE_COMMANDS.count)),
                "{{instance}}",
            ),
        ),
    )


def _evictions() -> Panel:
    evicted = promql.increase(select(REDIS_EVICTED_KEYS.name, job=_JOB), EVICTION_WINDOW_S)
    return Panel(
        panels.REDIS_EVICTIONS,
        "Keys dropped by Redis in five minutes",
        "Keys that each node dropped to make room. Good: none, or few. Bad: above the line for ten minutes, which is "
        "when the ticket comes. Then give the nodes more memory, or find what has grown beside it.",
        Unit.COUNT,
        (Series(evicted, "{{node}}"),),
        thresholds=(Threshold(STORM_KEYS, Colour.WARNING),),
        decimals=0,
    )


def _key_bytes() -> Panel:
    return Panel(
        panels.REDIS_KEY_BYTES,
        "Bytes per key in Redis",
        "Memory of one key by what it holds, the mean of keys chosen by chance. Good: level. Bad: a step up after a "
        "release, which caches more than the one before. Then multiply by the number of keys before memory is full.",
        Unit.BYTES,
        (Series(promql.average(select(REDIS_KEY_BYTES.name, job=_JOB).query, ("kind",)), "{{kind}}"),),
    )
