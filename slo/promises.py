"""Objectives of our own: what the architecture document asks to be watched without naming a figure.

Like a target's figures they are written here once and read by all others; unlike targets they are no promise of the
document, so that `slo.targets` stays exactly the document's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Promise:
    """A figure that we set.

    Attributes:
        share: of events that have to be good.
        threshold_s: the longest good duration, where the events are durations; else 0.
        reason: why this figure.
    """

    share: float
    threshold_s: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """A figure that we set for ourselves, and that nobody is promised.

    Attributes:
        number: in the unit that its name ends in.
        reason: why this figure.
    """

    number: float
    reason: str


REPLICA_LAG_S: Final = Bound(
    5.0,
    "A list that is five seconds old is still what a person takes for now; ten times what streaming usually needs.",
)
POOL_FULL: Final = Bound(0.9, "Of a pool's connections; above it a burst of a few requests waits.")
SERVER_FULL: Final = Bound(
    0.8, "Of the connections that a server takes; what is left is for maintenance, replicas and whoever has to look."
)
POOLER_WAIT_S: Final = Bound(1.0, "A person waits as long as this beside what their question takes; then it is felt.")
QUEUE_FULL: Final = Bound(0.8, "Of a queue's places: a burst as large as what waits already would be refused.")
DEPENDENCY_FAILING: Final = Bound(0.15, "Of the calls to a service or store; retries hide less than that from people.")
DISK_FREE: Final = Bound(0.15, "Of a file system; PostgreSQL needs room for its log while a replica is away.")
FILES_IN_USE: Final = Bound(
    0.8, "Of the descriptors that a process may open; at the end it takes no connection any more."
)
CORE_BUSY: Final = Bound(0.95, "Of one core's time: what runs there alone cannot become faster.")
CORES_BUSY: Final = Bound(0.5, "Of all cores' time: below it there is a core to go to.")
THROTTLED: Final = Bound(
    0.05, "Of the periods of a quota; more of them are felt as pauses of up to a tenth of a second."
)
SIZE_USED: Final = Bound(
    0.8, "Of what the chosen size asks of a disk or a link: beyond it there is no room for a peak."
)
LATE_WAKE_UPS: Final = Bound(0.01, "Of an event loop's wake-ups: the 99th percentile is what is promised.")
COLLECTION_PAUSE_S: Final = Bound(0.05, "As long as an event loop may be held; a collection holds it from end to end.")
WORKERS_BEHIND: Final = Bound(8.0, "Tasks for each thread: half of what may wait, and a second of password checks.")
SPANS_LOST: Final = Bound(0.05, "Of the spans that ended: one trace in a handful has a hole then.")
WRAPAROUND: Final = Bound(0.25, "Of all transaction numbers: autovacuum begins at a tenth and cannot keep up here.")
CERTIFICATE_LEFT_S: Final = Bound(14 * 86_400.0, "Two weeks: long enough to renew by hand what was to renew itself.")
RESTARTS: Final = Bound(5.0, "Of a cluster's containers within a quarter of an hour; a rollout restarts none.")
COMMANDS: Final = Promise(
    share=0.999,
    reason="A command that a cluster refuses is an answer; one that fails for our sake is as rare as a failed request.",
)
AUDIT_DURABILITY: Final = Promise(
    share=0.99999,
    reason="An audit trail with a hole is worth little: one event in a hundred thousand is the most that may be lost.",
)
AUDIT_LAG: Final = Promise(
    share=0.99,
    threshold_s=1.0,
    reason="Whoever searches the audit log right after an action has to find it there.",
)
TRANSLATION: Final = Promise(
    share=0.95,
    threshold_s=0.005,
    reason="The embedded translator answers within a fortieth of the 200 ms that a simple query may take.",
)
NOTIFICATION: Final = Promise(
    share=0.95,
    threshold_s=30.0,
    reason="Half a minute from a fault to the person, beside the rule's own wait: the time to look up from one's work.",
)
