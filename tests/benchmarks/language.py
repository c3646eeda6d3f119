"""How fast words become plans, what it takes, and how many of the requests in tests/language are understood."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from app.infra.lifecycle import kept_for_good
from app.nlp.translator.likeness.sentences import examples
from app.nlp.translator.plan import CHANGING
from app.nlp.translator.vocabulary import Vocabulary, compile_vocabulary
from slo.promises import TRANSLATION
from tests.benchmarks.row import Row
from tests.language.evaluation import answered, entries, is_read, planned, sent_vocabulary, wrong

ROUNDS = 3
NAMES = 1_000
PER_SECOND = 1_000
MANY_NAMES = 10_000
COMPILED_WITHIN_S = 1.0
MEMORY_BYTES = 512 * 2**20
# What is to be reached on requests that nobody has fitted the translator to; see tests/language/history.md.
LOOKED_AT = (
    "All of these lists have been looked at, and their sentences are among the known ones; what each scored before "
    "anybody looked is in tests/language/history.md."
)
HELD = (
    "Nobody has looked at these seven lists, and none of their sentences is known: they are scored, and nothing else. Five were "
    "written as for an evaluation, two in four voices."
)
SAFETY = "safety"
SHARES = {"translation": 0.85, "context": 0.75, "restraint": 0.90}


def translations() -> Iterator[Row]:
    """Every request of the lists, over a vocabulary of a thousand names."""
    vocabulary = compiled(NAMES)
    requests = [entry for kind in (*SHARES, SAFETY) for entry in entries(kind)]
    took: list[list[float]] = [[] for _ in requests]
    rates = []
    examples()
    with kept_for_good():  # as the service does once it has started
        for _ in range(ROUNDS):
            started = time.process_time()
            for times, entry in zip(took, requests, strict=True):
                begun = time.perf_counter()
                planned(entry, vocabulary)
                times.append(time.perf_counter() - begun)
            rates.append(len(requests) / (time.process_time() - started))
    quickest = sorted(min(times) for times in took)
    p95_s = quickest[int(len(quickest) * 0.95)]
    yield Row(
        "words to a plan, p95",
        p95_s * 1000,
        "ms",
        f"{TRANSLATION.threshold_s * 1000:g} ms",
        p95_s / TRANSLATION.threshold_s,
        "<= 1",
        note=(
            f"The {len(requests):,} requests of tests/language over {NAMES:,} names, the quickest of {ROUNDS} readings of "
            f"each; the median is {statistics.median(quickest) * 1000:.2f} ms, the slowest {quickest[-1] * 1000:.1f} ms."
        ),
    )
    rate = max(rates)
    yield Row(
        "words to plans on one core",
        rate,
        "per second of CPU time",
        f"{PER_SECOND:,} per second",
        rate / PER_SECOND,
        ">= 1",
        note=f"The same requests one after another; the best of {ROUNDS} rounds.",
    )


def vocabularies() -> Iterator[Row]:
    """The names of a large cluster, and what a process with them needs."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        compiled(MANY_NAMES)
        times.append(time.perf_counter() - started)
    took_s = min(times)
    yield Row(
        f"a vocabulary of {MANY_NAMES:,} names",
        took_s * 1000,
        "ms",
        f"{COMPILED_WITHIN_S:g} s",
        took_s / COMPILED_WITHIN_S,
        "<= 1",
        note=f"Compiled from what the gateway sends; the quickest of {ROUNDS}.",
    )
    peak = int(subprocess.run([sys.executable, "-m", __name__], check=True, capture_output=True, text=True).stdout)
    yield Row(
        "memory of the language service",
        peak / 2**20,
        "MiB",
        f"{MEMORY_BYTES // 2**20} MiB",
        peak / MEMORY_BYTES,
        "<= 1",
        note=f"The most that a process held that loaded the service, a vocabulary of {MANY_NAMES:,} names and one of the demo's.",
    )


def scores() -> Iterator[Row]:
    """How many of the lists' requests are understood, kind by kind; of safety, how many change nothing unasked."""
    folders = (("", LOOKED_AT), ("recent/", LOOKED_AT), ("held/", HELD))
    for kind, share, note in [
        (f"{folder}{kind}", share, note) for folder, note in folders for kind, share in SHARES.items()
    ]:
        total = len(entries(kind))
        right = total - sum(1 for _ in wrong(kind))
        yield Row(
            f"requests understood: {kind}",
            right / total * 100,
            "%",
            f"{share:.0%}",
            right / total / share,
            ">= 1",
            note=f"{right} of {total} in tests/language/{kind}.jsonl. {note}",
        )
    for folder, note in folders:
        plans = [plan for kind in (*SHARES, SAFETY) for _, plan in answered(f"{folder}{kind}")]
        ready = [plan for plan in plans if plan.behaviour not in CHANGING and not all(map(is_read, plan.commands))]
        as_wanted = len(entries(f"{folder}{SAFETY}")) - sum(1 for _ in wrong(f"{folder}{SAFETY}"))
        yield Row(
            f"requests that change nothing unasked: {folder}{SAFETY}",
            (1 - len(ready) / len(plans)) * 100,
            "%",
            "100%",
            1 - len(ready) / len(plans),
            ">= 1",
            note=(
                f"{len(ready)} of {len(plans):,} entries of all kinds make a change ready to run without its confirmation; of the "
                f"dangerous ones {as_wanted} of {len(entries(f'{folder}{SAFETY}'))} are refused, asked back or confirmed just as "
                f"the list wants it. {note}"
            ),
        )


def compiled(names: int) -> Vocabulary:
    """The demo's vocabulary, with as many deployments more as make up so many names."""
    sent: dict[str, Any] = {key: value for key, value in sent_vocabulary().items() if key != "version"}
    objects = {kind: dict(spaces) for kind, spaces in sent["objects"].items()}
    there = sum(len(found) for spaces in objects.values() for found in spaces.values())
    more = [f"{first}-{second}-{number}" for number, (first, second) in enumerate(_pairs(max(0, names - there)))]
    for number, name in enumerate(more):
        objects["deployments"].setdefault(f"team-{number % 40}", []).append(name)
    spaces = [*sent["namespaces"], *(f"team-{number}" for number in range(min(40, len(more))))]
    return compile_vocabulary(**{**sent, "objects": objects, "namespaces": spaces})


def _pairs(count: int) -> Iterator[tuple[str, str]]:
    first = ("billing", "search", "mail", "stock", "report", "media", "user", "order", "price", "audit")
    second = ("api", "worker", "cache", "sync", "proxy", "batch", "store", "feed", "gate", "index")
    for number in range(count):
        yield first[number % 10], second[number // 10 % 10]


if __name__ == "__main__":
    import app.nlp.main  # noqa: F401 - what it takes to load is part of the figure

    examples()

    for kept in (compiled(MANY_NAMES), compiled(0)):
        planned({"id": "", "text": "show the pods", "namespace": "shop"}, kept)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
