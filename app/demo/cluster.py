"""One demo cluster: its store, its time, and the controllers that act on it.

Nothing here waits or listens. `advance` runs what is due; the server calls it from a loop, tests after they stepped a
clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

from app.demo import kinds
from app.demo.agenda import Agenda
from app.demo.clock import Clock, SteppedClock, stamp
from app.demo.kinds import Kind
from app.demo.objects import Ids, Obj, name_of, namespace_of
from app.demo.store import Change, Store
from app.demo.writing.ownership import Manager, record_update

KUBERNETES_VERSION: Final = "v1.32.4"
_EPOCH: Final = 1_750_000_000  # seconds; resource versions start at the seconds since then, so none comes twice
_REACTION_S: Final = 0.04  # from a change to the controller that answers it

Key = tuple[str, str]


class Controller(Protocol):
    """Brings the world closer to what an object asks for."""

    name: str

    def affected(self, change: Change) -> Iterable[Key]:
        """Namespace and name of the objects to look at after a change."""
        ...

    def reconcile(self, namespace: str, name: str) -> None:
        """Look at an object, which may be gone, and do the next step."""
        ...


class Cluster:
    """A cluster's state and behaviour.

    Args:
        name: its name, also the seed of its names and uids.
        clock: where time comes from.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self._clock = clock
        self._acting: datetime | None = None
        self.agenda = Agenda()
        self.ids = Ids(name)
        self.started = clock.now()
        self.store = Store(int(self.started.timestamp()) - _EPOCH)
        self._controllers: list[Controller] = []
        self.store.listen(self._react)

    @property
    def now(self) -> datetime:
        """The present moment; while an action runs, the moment it was due."""
        return self._acting or self._clock.now()

    def add(self, controller: Controller) -> None:
        """Let a controller see every later change."""
        self._controllers.append(controller)

    def advance(self) -> datetime | None:
        """Run everything that is due.

        Returns:
            when the next action is due, None when there is none.
        """
        return self._run_until(self._clock.now())

    def settle(self, seconds: float) -> None:
        """Run at once what is due within the next seconds: a new cluster is seen only when its controllers are."""
        self._run_until(self._clock.now() + timedelta(seconds=seconds))

    def _run_until(self, limit: datetime) -> datetime | None:
        while (due := self.agenda.next_due) is not None and due <= limit:
            self._acting = due
            try:
                self.agenda.run_next(limit)
            finally:
                self._acting = None
        return self.agenda.next_due

    def after(self, seconds: float, key: str, controller: Controller, namespace: str, name: str) -> None:
        """Have a controller look at an object later, if it would not do so earlier anyway."""
        moment = self.now + timedelta(seconds=seconds)
        self.agenda.at(moment, key, partial(controller.reconcile, namespace, name))

    def soon(self, controller: Controller, namespace: str, name: str, seconds: float = _REACTION_S) -> None:
        """Have a controller look at an object shortly."""
        self.after(seconds, f"{controller.name}/{namespace}/{name}", controller, namespace, name)

    def save(self, kind: Kind, obj: Obj, manager: str = "kube-controller-manager", subresource: str = "") -> Obj:
        """Store what a component wrote; a write that changes nothing is dropped.

        Args:
            kind: of the object.
            obj: its new state; belongs to the store from now on.
            manager: the component.
            subresource: `status` where only that was written.
        """
        old = self.store.get(kind.key, namespace_of(obj), name_of(obj))
        if old is not None:
            if _same(old, obj):
                return old
            if kind.generation and old.get("spec") != obj.get("spec"):
                obj["metadata"]["generation"] = old["metadata"].get("generation", 1) + 1
        else:
            self.complete(kind, obj)
        record_update(kind, old, obj, Manager(manager, "Update", subresource), self.now)
        return self.store.put(kind.key, obj)

    def complete(self, kind: Kind, obj: Obj) -> None:
        """Give a new object what the server decides: uid, creation time, generation."""
        metadata = obj["metadata"]
        metadata.setdefault("uid", self.ids.uid())
        metadata.setdefault("creationTimestamp", stamp(self.now))
        if kind.generation:
            metadata["generation"] = 1

    def get(self, resource: str, namespace: str, name: str) -> Obj | None:
        """An object of a resource such as `deployments.apps`."""
        return self.store.get(resource, namespace, name)

    def owned_by(self, resource: str, owner: Obj) -> list[Obj]:
        """The objects of a resource in the owner's namespace that it controls."""
        uid = owner["metadata"]["uid"]
        return [
            obj
            for obj in self.store.all(resource, namespace_of(owner))
            if any(
                entry["uid"] == uid and entry.get("controller") for entry in obj["metadata"].get("ownerReferences", ())
            )
        ]

    def _react(self, change: Change) -> None:
        for controller in self._controllers:
            for namespace, name in controller.affected(change):
                self.soon(controller, namespace, name)


def _same(old: Obj, new: Obj) -> bool:
    ignored = ("managedFields", "resourceVersion")

    def bare(obj: Obj) -> Obj:
        return {**obj, "metadata": {key: value for key, value in obj["metadata"].items() if key not in ignored}}

    return bare(old) == bare(new)


def run_for(cluster: Cluster, clock: SteppedClock, seconds: float) -> None:
    """Let stepped time pass, running each action at its own moment.

    Args:
        cluster: whose agenda to run.
        clock: the cluster's clock.
        seconds: how long.
    """
    end = clock.now() + timedelta(seconds=seconds)
    while (due := cluster.agenda.next_due) is not None and due <= end:
        clock.move_to(due)
        cluster.advance()
    clock.move_to(end)


PODS: Final = kinds.named("pods")
NODES: Final = kinds.named("nodes")
