"""A demo cluster in the state of the server that the recordings were made with.

Its controllers stand still: what the real ones had written is put into the store from the recordings' own bodies, with
the versions it had there; everything else is asked of the API.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from app.demo import kinds
from app.demo.access.identity import AUTHENTICATED, Tokens, User
from app.demo.api.server import Server
from app.demo.clock import SteppedClock, moment_of
from app.demo.cluster import Cluster
from app.demo.custom.definitions import kinds_of
from app.demo.fixtures import access
from app.demo.fixtures.seeder import Seeder
from app.demo.objects import Obj
from tests.support.demo_api import DemoApi, Reply
from tests.support.recordings import Recording, recording

# The clusters count resource versions from the second that they start in; this one starts before the recordings' 1.
_START = datetime.fromtimestamp(1_750_000_000, UTC)
_FRACTION = timedelta(seconds=0.9)  # the header's time is cut off at the second
_ADMIN = "token-for-a-client-certificate"
_USERS = {
    _ADMIN: User("admin", ("system:masters", AUTHENTICATED)),
    "viewer": User("viewer", ("viewers", AUTHENTICATED), "1002"),
    "nobody": User("nobody", (AUTHENTICATED,), "1003"),
}
_CONTROLLERS = "kube-controller-manager"
_REVISION = "deployment.kubernetes.io/revision"


class RecordedCluster(DemoApi):
    """The API of a cluster without a life of its own."""

    def __post_init__(self) -> None:
        self.clock = SteppedClock(_START)
        super().__post_init__()
        self.server = Server({self.name: self.cluster}, Tokens(_USERS), self.ledger)

    def make(self) -> Cluster:
        """A cluster with nothing but its roles."""
        made = Cluster(self.name, self.clock)
        access.seed(Seeder(made))
        made.store._version = 0
        return made

    def seed(self, name: str, wanted: Callable[[Obj], bool] = lambda _: True) -> None:
        """Put the objects of a recording into the store, as they are in it."""
        for obj in recording(name).objects:
            if wanted(obj):
                self.put(obj)

    def put(self, obj: Obj) -> None:
        """Store an object under its own resource version."""
        obj = copy.deepcopy(obj)
        store = self.cluster.store
        kind = next(each for each in (*kinds.ALL, *kinds_of(store)) if (each.api_version, each.kind) == _type(obj))
        before = store.version
        store._version = int(obj["metadata"]["resourceVersion"]) - 1
        store.put(kind.key, obj)
        store._version = max(before, store.version)

    def adopt(self, name: str, version: int = 0) -> None:
        """Write what the controllers had written between two requests, as far as the later answer shows it."""
        for after in recording(name).objects:
            kind = kinds.by_kind(after["apiVersion"], after["kind"])
            assert kind is not None
            place = after["metadata"].get("namespace", ""), after["metadata"]["name"]
            obj = copy.deepcopy(self.cluster.store.get(kind.key, *place))
            assert obj is not None, name
            metadata = obj["metadata"]
            obj["status"] = copy.deepcopy(after["status"])
            theirs = [entry for entry in after["metadata"]["managedFields"] if entry["manager"] == _CONTROLLERS]
            ours = [entry for entry in metadata["managedFields"] if entry["manager"] != _CONTROLLERS]
            metadata["managedFields"] = copy.deepcopy([*ours, *theirs])
            revision = after["metadata"].get("annotations", {}).get(_REVISION)
            if revision:
                metadata.setdefault("annotations", {})[_REVISION] = revision
            if version:
                self.put({**obj, "metadata": {**metadata, "resourceVersion": str(version)}})
            else:
                self.cluster.store.put(kind.key, obj)

    def prepare(self, found: Recording) -> None:
        """Bring the clock and the versions to where they were at an exchange."""
        self.clock.move_to(found.moment + _FRACTION)
        version = _version(found)
        if version:
            self.cluster.store._version = version

    async def replay(self, found: Recording, *, dry_run: bool = False) -> Reply:
        """Send a recorded request, as it was or as a dry run."""
        self.prepare(found)
        token = "" if found.anonymous else found.token or _ADMIN
        dry = ("&" if "?" in found.path else "?") + "dryRun=All" if dry_run else ""
        return await self.ask(
            found.method,
            found.path + dry,
            found.content,
            token=token,
            accept=found.accept,
            content_type=found.content_type,
            headers=[*found.impersonation, ("user-agent", "recorder/1")],
        )

    async def replay_watch(self, found: Recording, happening: list[Obj]) -> tuple[int, dict[str, str], list[Obj]]:
        """Open a recorded watch and read as many lines as there were.

        Args:
            found: the recording.
            happening: the objects that are written meanwhile, one after the other.

        Returns:
            status, headers and lines.
        """
        self.clock.move_to(found.moment)
        async with self.watch(found.path, token=found.token or _ADMIN, accept=found.accept) as watch:
            await watch.opened.wait()
            lines = []
            for at, _ in enumerate(found.events):
                if happening:
                    self.clock.move_to(_last_write(happening[at]))
                    self.put(happening[at])
                lines.append(json.loads(await watch.line()))
        return watch.status, watch.headers, lines


def _type(obj: Obj) -> tuple[str, str]:
    return obj["apiVersion"], obj["kind"]


def _last_write(obj: Obj) -> datetime:
    return max(moment_of(entry["time"]) for entry in obj["metadata"]["managedFields"])


def _version(found: Recording) -> int:
    """The cluster's version in front of a request, so that its answer gets the recorded one; 0 if that is unknown."""
    body = found.body
    if not isinstance(body, dict) or not isinstance(body.get("metadata"), dict):
        return 0
    version = int(body["metadata"].get("resourceVersion") or 0)
    if version and found.method != "GET" and "dryRun" not in found.path:
        version -= 1
    return version if "items" in body or "rows" in body or found.method != "GET" else 0
