"""Finds the lines of a container's run in a span of time, as `pods/log` asks for them.

Lines are not kept: a span is cut into slots, and every slot's lines follow from its number. What is older than
`RETENTION_S` has been rotated away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from app.demo.clock import moment_of
from app.demo.logs.voices import Voice, voice_of
from app.demo.objects import Obj, dig, fraction, uid_of

RETENTION_S: Final = 3600
_SLOT_S: Final = 2


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a container.

    Attributes:
        pod: uid of the pod.
        container: from the pod's spec.
        started: when it began.
        ended: when it ended; None while it runs.
    """

    pod: str
    container: Obj
    started: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log.

    Attributes:
        at: when it was written.
        text: without the line feed.
    """

    at: datetime
    text: str


class NoLogError(Exception):
    """A container has no log to show; the message says why, in the kubelet's words."""


def find_run(pod: Obj, container: Obj, *, previous: bool) -> Run:
    """The run whose log is asked for.

    Args:
        pod: the pod.
        container: one of its containers.
        previous: the run before the present one.

    Raises:
        NoLogError: there is none, or not yet.
    """
    name = container["name"]
    status = next(
        (
            entry
            for field in ("containerStatuses", "initContainerStatuses")
            for entry in dig(pod, "status", field, default=())
            if entry["name"] == name
        ),
        None,
    )
    pod_name = pod["metadata"]["name"]
    state = (status or {}).get("state") or {}
    last = dig(status, "lastState", "terminated")
    if previous:
        if last is None:
            raise NoLogError(f'previous terminated container "{name}" in pod "{pod_name}" not found')
        return Run(uid_of(pod), container, moment_of(last["startedAt"]), moment_of(last["finishedAt"]))
    if "running" in state:
        return Run(uid_of(pod), container, moment_of(state["running"]["startedAt"]), None)
    ended = state.get("terminated") or last
    if ended:
        return Run(uid_of(pod), container, moment_of(ended["startedAt"]), moment_of(ended["finishedAt"]))
    waiting = state.get("waiting") or {"reason": "ContainerCreating"}
    if waiting["reason"] in {"ImagePullBackOff", "ErrImagePull", "InvalidImageName"}:
        why = {"ImagePullBackOff": "trying and failing to pull image", "ErrImagePull": "image can't be pulled"}
        words = why.get(waiting["reason"], "image name is invalid")
        raise NoLogError(f'container "{name}" in pod "{pod_name}" is waiting to start: {words}')
    raise NoLogError(f'container "{name}" in pod "{pod_name}" is waiting to start: {waiting["reason"]}')


def lines(run: Run, since: datetime, until: datetime) -> Iterator[Line]:
    """A run's lines after `since` up to `until`, oldest first."""
    voice = voice_of(run.container)
    # A status holds whole seconds: the run ended within the one that it names.
    end = min(until, run.ended + timedelta(seconds=1)) if run.ended else until
    begin = max(run.started, end - timedelta(seconds=RETENTION_S))
    seed = f"{run.pod}/{run.container['name']}"
    for index, (offset, say) in enumerate(voice.opening):
        at = run.started + timedelta(seconds=offset, microseconds=100 * index + int(90 * fraction(seed, index)))
        if at > since and begin <= at <= end:
            yield Line(at, say(at, f"{seed}/{index}"))
    if voice.every_s:
        yield from _later(run, voice, seed, max(begin, since), end, since)


def _later(run: Run, voice: Voice, seed: str, begin: datetime, end: datetime, since: datetime) -> Iterator[Line]:
    share = _SLOT_S / voice.every_s
    quiet_until = run.started + timedelta(seconds=2)
    for slot in range(int(begin.timestamp()) // _SLOT_S, int(end.timestamp()) // _SLOT_S + 1):
        chance = fraction(seed, slot)
        count = int(share + chance)
        for index in range(count):
            offset = (index + fraction(seed, slot, index)) * _SLOT_S / count
            at = datetime.fromtimestamp(slot * _SLOT_S, UTC) + timedelta(seconds=offset)
            if since < at <= end and at >= max(begin, quiet_until):
                yield Line(at, voice.say(at, f"{seed}/{slot}/{index}"))
