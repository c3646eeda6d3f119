"""How long rules take: to be generated for a thousand objectives, and to be evaluated with a month of history."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from alerts.objectives import GATEWAY_AVAILABILITY, OBJECTIVES
from slo import series
from slo.burnrate import rule_groups
from slo.objective import Objective
from slo.prometheus import PACE, SERVICES
from slo.promql import select
from slo.rule import rule_file
from slo.writer import yaml_file
from tests.benchmarks.row import Row
from tests.support.stack import LocalStack
from tests.support.waiting import wait_for

OBJECTIVES_MADE = 1_000
MADE_WITHIN_S = 5.0
ROUNDS = 3
EVALUATED_WITHIN_S = 0.200
_DAY_S = 86_400
_BLOCK = "54h"
_WATCHED_S = 240  # four evaluations of the slowest group


def thousand_objectives() -> Iterator[Row]:
    """From objectives to the text of their rule files."""
    rounds = [_made(number) for number in range(ROUNDS)]
    took_s = statistics.median(took_s for took_s, _ in rounds)
    slowest_s = max(took_s for took_s, _ in rounds)
    size = rounds[0][1]
    yield Row(
        "rules of 1,000 objectives, generated",
        took_s,
        "s",
        f"{MADE_WITHIN_S:g} s",
        took_s / MADE_WITHIN_S,
        "<= 1",
        note=(
            f"Checked by a PromQL parser and written as YAML: {size / 2**20:.0f} MiB. The median of {ROUNDS}, "
            f"the slowest {slowest_s:.1f} s; each objective is the heaviest there is."
        ),
    )


def _made(number: int) -> tuple[float, int]:
    """Seconds and bytes of one round; no query of one was parsed in another."""
    heaviest = [replace(GATEWAY_AVAILABILITY, id=f"objective-{number}-{each}") for each in range(OBJECTIVES_MADE)]
    started = time.perf_counter()
    size = sum(len(yaml_file(f"{group.name}.rules.yaml", rule_file([group])).text) for group in rule_groups(heaviest))
    return time.perf_counter() - started, size


def evaluation() -> Iterator[Row]:
    """What Prometheus says itself that its rules took, on a running stack with a month of history."""
    stack = LocalStack()
    try:
        stack.up()
        stack.command("stop", "prometheus")
        _fill(stack.state / "prometheus" / "data")
        stack.command("start", "prometheus")
        wait_for("the rules to see the history", lambda: _events_of_the_month(stack) > 0, within_s=180, every_s=2)
        sums = []
        until = time.monotonic() + _WATCHED_S
        while time.monotonic() < until:
            time.sleep(PACE.scrape_interval_s)
            sums.append(_value(stack, "sum(prometheus_rule_group_last_duration_seconds)"))
        took_s = statistics.median(sums)
        groups = _value(stack, "count(prometheus_rule_group_last_duration_seconds)")
        rules = _value(stack, "sum(prometheus_rule_group_rules)")
        yield Row(
            "evaluation of the project's rules, 30 days of history",
            took_s * 1000,
            "ms",
            f"{EVALUATED_WITHIN_S * 1000:g} ms",
            took_s / EVALUATED_WITHIN_S,
            "<= 1",
            note=(
                f"The sum of prometheus_rule_group_last_duration_seconds over {groups:.0f} groups with {rules:.0f} rules, "
                f"median of {len(sums)} scrapes, the largest {max(sums) * 1000:.0f} ms, beside the whole stack on the "
                f"same cores; history in blocks of {_BLOCK}, as Prometheus compacts it."
            ),
        )
    finally:
        stack.down()


def _events_of_the_month(stack: LocalStack) -> float:
    return _value(stack, select(series.PERIOD_EVENTS, slo=GATEWAY_AVAILABILITY.id).text)


def _value(stack: LocalStack, query: str) -> float:
    samples = stack.prometheus(query)
    return float(samples[0]["value"][1]) if samples else 0.0


def _fill(data: Path) -> None:
    """Thirty days of every objective's ledger, and the last three of its book, as blocks of a database."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "history"
        page.write_text("\n".join([*_history(int(time.time()) - 120), "# EOF", ""]), encoding="ascii")
        # Blocks as large as Prometheus makes them itself of data that old: a tenth of what it keeps at most.
        blocks = ("create-blocks-from", f"--max-block-duration={_BLOCK}", "openmetrics", "--quiet")
        command = ["promtool", "tsdb", *blocks, str(page), str(data)]
        subprocess.run(command, check=True, capture_output=True)
    owner = data.stat()
    for path in (data, *data.rglob("*")):
        if path.stat().st_uid != owner.st_uid:
            os.chown(path, owner.st_uid, owner.st_gid)


def _history(end: int) -> Iterator[str]:
    chance = random.Random(1)
    spans = {
        (series.LEDGER_EVENTS, series.LEDGER_BAD_EVENTS): (30 * _DAY_S, int(PACE.ledger_interval_s)),
        (series.EVENTS, series.BAD_EVENTS): (3 * _DAY_S, int(PACE.counting_interval_s)),
    }
    for (events, bad_events), (length_s, step_s) in spans.items():
        for name in (events, bad_events):
            yield f"# TYPE {name} gauge"
            for objective in OBJECTIVES:
                for labels in _groups(objective):
                    one = select(name, **labels).text
                    most = 10_000 if name == events else 3
                    yield from (f"{one} {chance.randrange(most)} {at}" for at in range(end - length_s, end, step_s))


def _groups(objective: Objective) -> list[dict[str, str]]:
    own = dict(objective.labels)
    return [{**own, "job": job} for job in SERVICES] if objective.grouping == ("job",) else [own]
