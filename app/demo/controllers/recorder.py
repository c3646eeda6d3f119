"""Records events, and forgets them after an hour as the API server does.

The same event about the same object counts up instead of being written again.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from app.demo import kinds
from app.demo.clock import moment_of, stamp
from app.demo.cluster import Cluster, Key
from app.demo.objects import Obj, name_of, namespace_of, short_hash
from app.demo.store import Change

EVENT_TTL_S: Final = 3600  # kube-apiserver's --event-ttl
_SWEEP_S: Final = 120
_EVENTS: Final = kinds.named("events")


class Recorder:
    """Writes events of a cluster.

    Args:
        cluster: where.
    """

    name = "events"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        cluster.soon(self, "", "sweep", _SWEEP_S)

    def affected(self, change: Change) -> Iterable[Key]:
        """Nothing: events are swept by the clock."""
        return ()

    def reconcile(self, namespace: str, name: str) -> None:
        """Remove the events that are older than their time to live."""
        oldest = self._cluster.now - timedelta(seconds=EVENT_TTL_S)
        for event in self._cluster.store.all("events"):
            seen = event.get("lastTimestamp") or event.get("eventTime") or event["metadata"]["creationTimestamp"]
            if moment_of(seen) < oldest:
                self._cluster.store.remove("events", namespace_of(event), name_of(event))
        self._cluster.soon(self, namespace, name, _SWEEP_S)

    def record(
        self,
        about: Obj,
        reason: str,
        message: str,
        component: str,
        *,
        warning: bool = False,
        host: str = "",
        container: str = "",
        count: int = 1,
        first_s: float = 0,
        last_s: float = 0,
    ) -> None:
        """Write an event, or count it.

        Args:
            about: the object.
            reason: one word.
            message: a sentence.
            component: who reports.
            warning: type Warning in place of Normal.
            host: the node it happened on.
            container: which container of a pod it is about.
            count: how often it happened.
            first_s: seconds since the first time, for events of the past.
            last_s: seconds since the last time.
        """
        namespace = namespace_of(about) or "default"
        reference = {
            "kind": about["kind"],
            "name": name_of(about),
            "uid": about["metadata"]["uid"],
            "apiVersion": about["apiVersion"],
            "resourceVersion": about["metadata"].get("resourceVersion", ""),
        }
        if namespace_of(about):
            reference["namespace"] = namespace
        if container:
            reference["fieldPath"] = f"spec.containers{{{container}}}"
        last = stamp(self._cluster.now - timedelta(seconds=last_s))
        name = f"{name_of(about)}.{short_hash([reference['uid'], reason, message, component], 16)}"
        earlier = self._cluster.get("events", namespace, name)
        if earlier is not None:
            event = copy.deepcopy(earlier)
            event["count"] += count
            event["lastTimestamp"] = last
        else:
            first = stamp(self._cluster.now - timedelta(seconds=max(first_s, last_s)))
            source = {"component": component, **({"host": host} if host else {})}
            event = {
                "kind": "Event",
                "apiVersion": "v1",
                "metadata": {"name": name, "namespace": namespace, "creationTimestamp": first},
                "involvedObject": reference,
                "reason": reason,
                "message": message,
                "source": source,
                "firstTimestamp": first,
                "lastTimestamp": last,
                "count": count,
                "type": "Warning" if warning else "Normal",
                "eventTime": None,
                "reportingComponent": component,
                "reportingInstance": host,
            }
        self._cluster.save(_EVENTS, event, component)
