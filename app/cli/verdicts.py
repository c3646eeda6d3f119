"""Asks whether promises hold, and prints what it is told; `app.cli.promises` has the commands.

Apart from them, because what it needs takes longer to import than most commands take to run.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import groupby
from typing import TypeVar

from rich.console import Console
from rich.markup import escape

from app.cli import connection
from app.cli.console import complaints, output
from app.cli.figures import shown, shown_figures
from app.domain.promises.judging import (
    BudgetVerdict,
    JudgedObjective,
    JudgedTarget,
    Verdict,
    judge_objectives,
    judge_targets,
    known_targets,
)
from app.errors import InvalidInputError, KubeChatError
from app.infra.prometheus import Prometheus, single
from app.telemetry.catalogue import DOWNTIME
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from slo.promql import maximum, number, select
from slo.proofs import State
from slo.targets.requirements import UPTIME_TARGET

T = TypeVar("T")
_COLOURS = {
    Verdict.PASS: "green",
    Verdict.FAIL: "red",
    Verdict.NO_DATA: "yellow",
    BudgetVerdict.KEPT: "green",
    BudgetVerdict.SPENT: "red",
    BudgetVerdict.NO_DATA: "yellow",
}
_CANNOT_ASK = 2  # exit status: nobody knows whether a budget is spent
_BAR = 10  # characters
_NAME = 50  # columns
_FIGURES = 34


def show_targets(prometheus: str | None, section: str, *, verify: bool, as_json: bool) -> int:
    """Show targets; returns the exit status: 1 when one was judged and does not hold.

    Raises:
        KubeChatError: Prometheus does not answer, or no target's path begins so.
    """
    found = _asked(prometheus, judge_targets) if verify else known_targets()
    chosen = [each for each in found if each.target.path.startswith(section)]
    if not chosen:
        raise InvalidInputError(f'No target\'s path begins with "{section}".', code="unknown_target")
    if as_json:
        output().print_json(json.dumps([each.to_json() for each in chosen]))
    else:
        _print_targets(output(), chosen, verify=verify)
    return 1 if any(each.verdict is Verdict.FAIL for each in chosen) else 0


def show_gate(prometheus: str | None, *, as_json: bool) -> int:
    """Show each objective with what is left of its budget; returns the exit status."""

    async def judge(asked: Prometheus) -> tuple[tuple[JudgedObjective, ...], float | None]:
        downtime = await asked.query(maximum(select(DOWNTIME.name).query).text)
        return await judge_objectives(asked), single(downtime)

    try:
        objectives, downtime_s = _asked(prometheus, judge)
    except KubeChatError as error:
        complaints().print(f"{error.message} Whether a budget is spent is not known.", style="red", markup=False)
        return _CANNOT_ASK
    allowed_s = UPTIME_TARGET.named("downtime_per_year").number
    too_long_down = downtime_s is not None and downtime_s > allowed_s
    spent = [each for each in objectives if each.verdict is BudgetVerdict.SPENT]
    passed = not spent and not too_long_down
    if as_json:
        year = {"seconds": downtime_s, "allowed_seconds": allowed_s}
        told = {"pass": passed, "objectives": [each.to_json() for each in objectives], "downtime_this_year": year}
        output().print_json(json.dumps(told))
    else:
        _print_objectives(output(), objectives, downtime_s, allowed_s)
        _print_verdict(output(), [*{each.objective.id for each in spent}], too_long_down=too_long_down)
    return 0 if passed else 1


def _asked(url: str | None, ask: Callable[[Prometheus], Awaitable[T]]) -> T:
    """What `ask` gives, of the Prometheus at this address or of the local stack's."""
    address = url or connection.local_prometheus()
    if not address:
        raise InvalidInputError("No local stack is known here; give --prometheus.", code="no_prometheus")

    async def run() -> T:
        tracing = Tracing("kubechat", "command-line")
        asked = Prometheus(address, instruments=Instruments(), tracing=tracing)
        try:
            return await ask(asked)
        finally:
            await asked.close()
            tracing.close()

    return asyncio.run(run())


def _print_targets(console: Console, found: list[JudgedTarget], *, verify: bool) -> None:
    for section, members in groupby(found, lambda each: each.target.path.partition(".")[0]):
        console.print(f"[bold]{section}[/]")
        for each in members:
            name = each.target.path.removeprefix(f"{section}.")
            last = _judged(each) if verify else _waiting(each)
            # Not a table: in a narrow terminal its columns would break every name, and a pipe wants one line a target.
            console.print(f"  {name:<{_NAME}} {escape(shown_figures(each.target.figures)):<{_FIGURES}} {last}".rstrip())
    states = Counter(each.state for each in found)
    counted = ", ".join(f"{states[state]} {state.value}" for state in State)
    console.print(f"\n{len(found)} targets: {counted}.")
    if verify:
        verdicts = Counter(each.verdict for each in found)
        judged = ", ".join(f"{verdicts[verdict]} {verdict.value}" for verdict in Verdict)
        console.print(f"Judged by their SLI: {judged}; {verdicts[None]} have none.")


def _waiting(judged: JudgedTarget) -> str:
    planned = judged.target.planned
    return judged.state.value if planned is None else f"{judged.state.value} ({planned.part.value})"


def _judged(judged: JudgedTarget) -> str:
    if judged.verdict is None:
        return ""
    live = _live(judged)
    return f"{_coloured(judged.verdict)}  {live}".rstrip()


def _live(judged: JudgedTarget) -> str:
    sli = judged.target.sli
    if judged.live is None or sli is None:
        return escape(sli.waits_for) if sli is not None and judged.verdict is Verdict.NO_DATA else ""
    threshold = judged.target.threshold
    unit = threshold.unit
    return f"{shown(judged.live, unit)} (has to be {sli.holds.value} {shown(threshold.value, unit)})"


def _print_objectives(
    console: Console, objectives: tuple[JudgedObjective, ...], downtime_s: float | None, allowed_s: float
) -> None:
    console.print(f"{'OBJECTIVE':<27} {'TARGET':>8} {'EVENTS':>9} {'FAILED':>7} BUDGET LEFT        VERDICT")
    for each in objectives:
        group = ",".join(f"{label}={value}" for label, value in each.group.items())
        name = f"{each.objective.id}{{{group}}}" if group else each.objective.id
        left = each.budget_left
        events, failed = ("" if value is None else f"{value:,.0f}" for value in (each.events, each.bad_events))
        shown_left = " " * (_BAR + 9) if left is None else f"{_bar(left)} {left * 100:6.1f} %"
        console.print(
            f"{escape(name):<27} {number(each.objective.target * 100):>6} % {events:>9} {failed:>7} {shown_left} "
            f"{_coloured(each.verdict)}"
        )
    down = "not known yet" if downtime_s is None else f"{downtime_s / 3600:.2f} h of {allowed_s / 3600:.2f} h"
    console.print(f"\nDown this year: {down}.")


def _print_verdict(console: Console, spent: list[str], *, too_long_down: bool) -> None:
    faults = [f"the budget of {name} is spent" for name in sorted(spent)]
    if too_long_down:
        faults.append("more hours of the year are lost than the promise allows")
    if faults:
        console.print(f"[red]Closed:[/] {escape('; '.join(faults))}. Hold back what is not a repair.")
    else:
        console.print("[green]Open:[/] no budget is spent.")


def _bar(left: float) -> str:
    filled = round(min(max(left, 0.0), 1.0) * _BAR)
    colour = "green" if left >= 0.25 else "yellow" if left > 0 else "red"
    return f"[{colour}]{'█' * filled}[/][dim]{'░' * (_BAR - filled)}[/]"


def _coloured(verdict: Verdict | BudgetVerdict) -> str:
    return f"[{_COLOURS[verdict]}]{verdict.value}[/]"
