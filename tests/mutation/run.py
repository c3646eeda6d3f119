"""`make targets-mutate`: makes each promise false, one at a time, and wants the test that its target names to go red.

    python -m tests.mutation.run                  all targets whose proof is missing or out of date
    python -m tests.mutation.run --all            all targets
    python -m tests.mutation.run --only PREFIX    those whose path begins so
    python -m tests.mutation.run --no-write       say what was seen, and write nothing

What was seen red is written to slo/proofs.json. Exit status 1 when a test stayed green, or is red without a mutation.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

from rich.console import Console

from slo.catalogue import all_targets
from slo.proofs import FILE, State, fingerprint, recorded, state
from slo.target import Target
from tests.mutation import switches
from tests.mutation.mutant import of_environment
from tests.mutation.source import ROOT, fingerprint_of

_FAILED = re.compile(r"(\d+) failed")
_PASSED = re.compile(r"(\d+) passed")
_DEADLINE_S = 300


class Seen(StrEnum):
    """How a test ended."""

    RED = "red"
    GREEN = "green"
    BROKEN = "broken"  # it did not get as far as to judge: a wrong name, an error at import, a fixture


@dataclass(frozen=True, slots=True)
class Trial:
    """One target, and how its test ended under each of its mutations."""

    target: Target
    ends: dict[str, Seen]

    @property
    def proved(self) -> bool:
        """Whether the test went red each time."""
        return bool(self.ends) and all(end is Seen.RED for end in self.ends.values())


def mutations(target: Target) -> tuple[str, ...]:
    """The ways in which a target is made false: its switch where it has one, else each of its figures."""
    if target.path in switches.all_switches():
        return (target.path,)
    return tuple(f"{target.path}#{figure.name}" for figure in target.figures)


def try_target(target: Target) -> Trial:
    """Run a target's test under each of its mutations."""
    return Trial(target, {mutation: _run([target.test], of_environment(mutation)) for mutation in mutations(target)})


def _run(tests: list[str], environment: dict[str, str]) -> Seen:
    # A switch imports what it changes before pytest is there to rewrite its assertions.
    quiet = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", "--tb=no", *quiet, *tests]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_DEADLINE_S, check=False
    )
    last = ended.stdout.strip().splitlines()[-1:] or [""]
    if ended.returncode == 0 and _PASSED.search(last[0]):
        return Seen.GREEN
    return Seen.RED if ended.returncode == 1 and _FAILED.search(last[0]) and "error" not in last[0] else Seen.BROKEN


def _wanted(options: argparse.Namespace) -> list[Target]:
    named = Counter(target.test for target in all_targets())
    return [
        target
        for target in all_targets()
        if target.planned is None
        and target.test
        and named[target.test] == 1
        and target.path.startswith(options.only)
        and (options.all or state(target) is not State.PROVED or _is_out_of_date(target))
    ]


def _is_out_of_date(target: Target) -> bool:
    return recorded()[target.path]["test"] != fingerprint_of(target.test)


def _shown(mutation: str) -> str:
    _, is_figure, figure = mutation.partition("#")
    return (figure or "figure") if is_figure else "off"


def _write(trials: list[Trial]) -> None:
    current = {target.path: target for target in all_targets()}
    proofs = {path: dict(proof) for path, proof in recorded().items() if path in current}
    for trial in trials:
        proofs.pop(trial.target.path, None)
        if trial.proved:
            target = trial.target
            proofs[target.path] = {"target": fingerprint(target), "test": fingerprint_of(target.test)}
    (ROOT / FILE).write_text(json.dumps(proofs, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def main() -> int:
    """Try what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation.run", description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="try also what is proved already")
    parser.add_argument("--only", default="", metavar="PREFIX", help="only targets whose path begins so")
    parser.add_argument("--no-write", action="store_true", help="write no proofs")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="tests at a time")
    options = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    targets = _wanted(options)
    if not targets:
        console.print("Nothing to try: every target that names a test of its own is proved.")
        return 0
    console.print(f"{len(targets)} targets; first their tests as they are")
    if _run([target.test for target in targets], dict(os.environ)) is not Seen.GREEN:
        console.print("[red]a test is red, or missing, without any mutation[/]: run them with pytest")
        return 1
    trials = []
    with ThreadPoolExecutor(options.jobs) as pool:
        for trial in pool.map(try_target, targets):
            trials.append(trial)
            ends = ", ".join(f"{_shown(mutation)} {end}" for mutation, end in trial.ends.items())
            colour = "green" if trial.proved else "red"
            console.print(f"[{colour}]{'proved' if trial.proved else 'unproved':<9}[/] {trial.target.path}: {ends}")
    if not options.no_write:
        _write(trials)
    unproved = sum(not trial.proved for trial in trials)
    console.print(f"{len(trials) - unproved} proved, {unproved} unproved")
    return 1 if unproved else 0


if __name__ == "__main__":
    sys.exit(main())
