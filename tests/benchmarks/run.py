"""`make bench`: runs the benchmarks and writes docs/benchmarks.md and docs/benchmarks.json.

    python -m tests.benchmarks.run [--only WORD] [--no-write]

Exit status 1 when a row misses its bar and does not say why. A run of some rows leaves the others' results as they are.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from tests.benchmarks import (
    caches,
    capacity,
    commands,
    crowd,
    diagnosis,
    exporters,
    exposition,
    fleet,
    kubernetes_cache,
    language,
    notification,
    postgres,
    read_replica,
    redis,
    rules,
)
from tests.benchmarks.row import Row

DOCS = Path(__file__).resolve().parents[2] / "docs"
BENCHMARKS: dict[str, Callable[[], Iterable[Row]]] = {
    "capacity of a gateway replica": capacity.capacity,
    "get pods of a hundred pods": commands.get_pods,
    "diagnosis of a hundred pods": diagnosis.hundred_pods,
    "a cached read of a cluster": kubernetes_cache.cached_reads,
    "watches of a cluster at rest": kubernetes_cache.idle_watches,
    "a question to a hundred clusters": fleet.question_to_a_hundred_clusters,
    "words to plans": language.translations,
    "words of a crowd": crowd.thousand_a_second,
    "vocabularies of names": language.vocabularies,
    "requests that are understood": language.scores,
    "capacity of a read replica": read_replica.read_replica,
    "rules of a thousand objectives": rules.thousand_objectives,
    "a row from PostgreSQL": postgres.key_read,
    "evaluation of the project's rules": rules.evaluation,
    "session reads from Redis": redis.session_reads,
    "a hit in a cache in memory": caches.hits,
    "a page of metrics": exposition.pages,
    "from a fault to the web chat": notification.fault_to_person,
    "a scrape of the exporters": exporters.scrapes,
}


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.run", description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="WORD", help="only benchmarks whose name holds this word")
    parser.add_argument("--no-write", action="store_true", help="print, and write nothing")
    options = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    rows: list[Row] = []
    for name, run in BENCHMARKS.items():
        if options.only in name:
            console.print(f"[dim]{name} …[/]")
            for row in run():
                rows.append(row)
                colour = "green" if row.passed else "red"
                console.print(f"[{colour}]{row.name}: {row.value:.3g} {row.unit}, {row.ratio:.3g} (bar {row.bar})[/]")
    if not options.no_write:
        _write(rows)
    unexplained = [row.name for row in rows if not row.passed and not (row.reason and row.profile)]
    for name in unexplained:
        console.print(f"[red]{name} misses its bar and does not say why[/]")
    return 1 if unexplained else 0


def _write(rows: list[Row]) -> None:
    path = DOCS / "benchmarks.json"
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"rows": []}
    measured = {
        "on": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
    by_name = {row["name"]: row for row in known["rows"]}
    by_name.update({row.name: {**row.to_json(), "measured": measured} for row in rows})
    ordered = sorted(by_name.values(), key=lambda row: str(row["name"]))
    path.write_text(json.dumps({"rows": ordered}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (DOCS / "benchmarks.md").write_text(_page(ordered), encoding="utf-8")


def _page(rows: list[dict[str, Any]]) -> str:
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Only the ratios carry over to other machines; each is of one run.",
        "",
        "| what | figure | held against | ratio | bar | |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['name']} | {row['value']:g} {row['unit']} | {row['against']} | {row['ratio']:g} | {row['bar']} "
        f"| {'passes' if row['pass'] else 'misses'} |"
        for row in rows
    ]
    for row in rows:
        said = [row.get(part, "") for part in ("note", "reason", "profile")]
        if any(said):
            lines += ["", f"**{row['name']}.** " + " ".join(part for part in said if part)]
    measured = sorted({(row["measured"]["on"], row["measured"]["cores"], row["measured"]["python"]) for row in rows})
    lines += ["", *(f"Measured on {on}, {cores} cores, Python {python}." for on, cores, python in measured), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
