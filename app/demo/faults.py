"""Lets a cluster misbehave on purpose: for tests and drills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from app.demo.objects import Obj
from app.demo.status import bad_request

KINDS: Final = ("hang", "refuse", "error", "slow", "drop")


@dataclass(slots=True)
class Fault:
    """What goes wrong.

    Attributes:
        kind: `hang` never answers; `refuse` closes the connection at once; `error` answers with `status`; `slow`
            answers after `delay_s`; `drop` applies the request and closes the connection without an answer.
        cluster: the cluster it happens to.
        delay_s: for `slow`, seconds.
        status: for `error`, an HTTP status from 400 to 599.
        methods: the methods it happens to; empty means all.
        contains: text that the path must contain; empty means any.
        times: how often it still happens; None until it is cleared.
    """

    kind: str
    cluster: str
    delay_s: float = 2.0
    status: int = 500
    methods: tuple[str, ...] = ()
    contains: str = ""
    times: int | None = None

    def shown(self) -> Obj:
        """The fault as JSON."""
        return {
            "fault": self.kind,
            "cluster": self.cluster,
            "delay_s": self.delay_s,
            "status": self.status,
            "methods": list(self.methods),
            "contains": self.contains,
            "times": self.times,
        }


class Faults:
    """The faults that are on.

    Args:
        clusters: the clusters there are.
    """

    def __init__(self, clusters: tuple[str, ...]) -> None:
        self._clusters = clusters
        self._active: list[Fault] = []

    def set(self, wish: Any) -> Fault | None:
        """Switch a fault on; it replaces the cluster's earlier one. `none` clears it.

        Args:
            wish: `{"cluster", "fault", "delay_s"?, "status"?, "methods"?, "contains"?, "times"?}`.

        Raises:
            StatusError: 400 for a wish that cannot be read.
        """
        if not isinstance(wish, dict) or wish.get("cluster") not in self._clusters:
            raise bad_request(f"cluster must be one of {', '.join(self._clusters)}")
        cluster, kind = str(wish["cluster"]), wish.get("fault")
        if kind != "none" and kind not in KINDS:
            raise bad_request(f"fault must be one of none, {', '.join(KINDS)}")
        delay_s, status, times = wish.get("delay_s", 2.0), wish.get("status", 500), wish.get("times")
        methods = wish.get("methods") or []
        if not isinstance(delay_s, int | float) or not 0 <= delay_s <= 600:
            raise bad_request("delay_s must be a number of seconds from 0 to 600")
        if not isinstance(status, int) or not 400 <= status <= 599:
            raise bad_request("status must be a number from 400 to 599")
        if times is not None and (not isinstance(times, int) or times < 1):
            raise bad_request("times must be a number of at least 1")
        if not isinstance(methods, list):
            raise bad_request("methods must be a list")
        self.clear(cluster)
        if kind == "none":
            return None
        upper = tuple(str(method).upper() for method in methods)
        fault = Fault(str(kind), cluster, float(delay_s), status, upper, str(wish.get("contains", "")), times)
        self._active.append(fault)
        return fault

    def clear(self, cluster: str = "") -> None:
        """Switch off the faults of a cluster, or all."""
        self._active = [fault for fault in self._active if cluster and fault.cluster != cluster]

    def active(self) -> list[Fault]:
        """The faults that are on."""
        return list(self._active)

    def is_on(self, fault: Fault) -> bool:
        """Whether a fault has not been cleared since."""
        return any(other is fault for other in self._active)

    def hit(self, cluster: str, method: str, path: str) -> Fault | None:
        """The fault that happens to a request; counts it."""
        for fault in self._active:
            if fault.cluster != cluster or (fault.methods and method not in fault.methods):
                continue
            if fault.contains not in path:
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._active.remove(fault)
            return fault
        return None
