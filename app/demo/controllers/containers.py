"""The life of one container as the kubelet sees it, and how it is written into a pod's status.

Pure state: the kubelet decides when to step it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.demo.clock import moment_of, stamp
from app.demo.objects import Obj, hex_digest

BACKOFF_FIRST_S: Final = 10  # kubelet's initial back-off, doubled each time
BACKOFF_LAST_S: Final = 300  # and its upper bound
BACKOFF_RESET_S: Final = 600  # after running for as long, the back-off starts anew


class Stage(StrEnum):
    """Where a container is."""

    WAITING = "waiting"  # for init containers, volumes, configuration
    PULLING = "pulling"
    PULL_FAILED = "pull failed"
    RUNNING = "running"
    ENDED = "ended"  # and will be restarted, or not
    BACKING_OFF = "backing off"


@dataclass(slots=True)
class Container:
    """A container's state.

    Attributes:
        spec: from the pod's spec.
        init: whether it is an init container.
        stage: where it is.
        due: when the next step is due, None when it waits for something else.
        reason, message: of a waiting container.
        started: when it was started.
        ready: whether it is ready.
        restarts: how often it was restarted.
        exit_code: with which it last ended.
        finished: when it last ended.
        ended_start: when the run that ended had begun.
        pull_attempts: failed pulls so far.
        failures: ends in a row that count for the back-off.
        image: what it runs; differs from the spec after `set image` on a pod.
    """

    spec: Obj
    init: bool
    stage: Stage = Stage.WAITING
    due: datetime | None = None
    reason: str = "ContainerCreating"
    message: str = ""
    started: datetime | None = None
    ready: bool = False
    restarts: int = 0
    exit_code: int | None = None
    finished: datetime | None = None
    ended_start: datetime | None = None
    pull_attempts: int = 0
    failures: int = 0
    image: str = field(default="")

    @property
    def name(self) -> str:
        """The container's name."""
        return str(self.spec["name"])

    @property
    def succeeded(self) -> bool:
        """Whether it ended with exit code 0 and will stay so."""
        return self.stage is Stage.ENDED and self.exit_code == 0

    def backoff_s(self) -> int:
        """Seconds to wait before the next restart; the one after the first end did not wait."""
        return int(min(BACKOFF_LAST_S, BACKOFF_FIRST_S * 2 ** max(0, self.failures - 2)))

    def pull_backoff_s(self) -> int:
        """Seconds to wait before the next pull."""
        return int(min(BACKOFF_LAST_S, BACKOFF_FIRST_S * 2 ** max(0, self.pull_attempts - 1)))

    def end(self, now: datetime, exit_code: int) -> None:
        """Note that the process ended."""
        ran_s = (now - self.started).total_seconds() if self.started else 0
        self.failures = 1 if ran_s >= BACKOFF_RESET_S else self.failures + 1
        self.stage, self.exit_code = Stage.ENDED, exit_code
        self.finished, self.ended_start = now, self.started
        self.ready = False
        self.started = None

    def identity(self, uid: str, run: int) -> str:
        """The id of a run of the container."""
        return f"containerd://{hex_digest(uid, self.name, run)}"

    def _terminated(self, uid: str) -> Obj | None:
        if self.exit_code is None or self.finished is None:
            return None
        run = self.restarts if self.stage is Stage.ENDED or self.stage is Stage.BACKING_OFF else self.restarts - 1
        entry: Obj = {"exitCode": self.exit_code, "reason": "Completed" if self.exit_code == 0 else "Error"}
        if self.exit_code == 137:
            entry["reason"] = "Error"
        entry["startedAt"] = stamp(self.ended_start or self.finished)
        entry["finishedAt"] = stamp(self.finished)
        entry["containerID"] = self.identity(uid, run)
        return entry

    def status(self, uid: str) -> Obj:
        """Its entry in `containerStatuses`.

        Args:
            uid: of the pod.
        """
        image = self.image or str(self.spec.get("image", ""))
        entry: Obj = {"name": self.name}
        ended = self._terminated(uid)
        last: Obj = {}
        if self.stage is Stage.RUNNING and self.started is not None:
            state: Obj = {"running": {"startedAt": stamp(self.started)}}
            last = {"terminated": ended} if ended else {}
        elif self.stage is Stage.ENDED and ended is not None:
            state = {"terminated": ended}
        else:
            waiting = {"reason": self.reason, **({"message": self.message} if self.message else {})}
            state = {"waiting": waiting}
            last = {"terminated": ended} if ended else {}
        entry["state"] = state
        entry["lastState"] = last
        entry["ready"] = self.succeeded if self.init else self.ready
        entry["restartCount"] = self.restarts
        entry["image"] = _full(image)
        entry["imageID"] = ""
        if self.stage is Stage.RUNNING or ended is not None:
            entry["imageID"] = f"{_full(image).rpartition(':')[0]}@sha256:{hex_digest(image)}"
            run = self.restarts
            entry["containerID"] = self.identity(uid, run)
        entry["started"] = self.stage is Stage.RUNNING
        return entry

    @classmethod
    def read(cls, spec: Obj, entry: Obj, *, init: bool) -> Container:
        """A container's state from a status that was written before."""
        self = cls(spec, init, restarts=int(entry.get("restartCount", 0)), ready=bool(entry.get("ready")))
        state = entry.get("state") or {}
        ended = state.get("terminated") or (entry.get("lastState") or {}).get("terminated")
        if ended:
            self.exit_code = int(ended["exitCode"])
            self.finished = moment_of(ended["finishedAt"])
            self.ended_start = moment_of(ended["startedAt"])
            self.failures = min(10, self.restarts + 1)
        if "running" in state:
            self.stage, self.started = Stage.RUNNING, moment_of(state["running"]["startedAt"])
        elif "terminated" in state:
            self.stage = Stage.ENDED
        elif state.get("waiting", {}).get("reason") == "CrashLoopBackOff" and self.finished is not None:
            self.stage = Stage.BACKING_OFF
            self.reason, self.message = "CrashLoopBackOff", state["waiting"].get("message", "")
            self.due = self.finished + timedelta(seconds=self.backoff_s())
        elif state.get("waiting", {}).get("reason") in {"ImagePullBackOff", "ErrImagePull"}:
            self.stage, self.pull_attempts = Stage.PULL_FAILED, 6
            self.reason, self.message = state["waiting"]["reason"], state["waiting"].get("message", "")
        return self


def _full(image: str) -> str:
    first = image.partition("/")[0]
    tagged = image if ":" in image.rpartition("/")[2] or "@" in image else f"{image}:latest"
    if "/" not in image:
        return f"docker.io/library/{tagged}"
    return tagged if "." in first or ":" in first else f"docker.io/{tagged}"
