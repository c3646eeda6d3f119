"""Every exchange recorded from a real API server goes the same way here, but for differences listed with their reasons.

The recordings were made with kube-apiserver 1.36 in a namespace `rec`; `scenarios` says in which order they are
replayed and what the real controllers had written between them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import pytest

from app.demo.objects import Obj
from app.demo.store import Change
from tests.support.recorded_cluster import RecordedCluster
from tests.support.recordings import HEADERS, Recording, differences, names, recording
from tests.unit.demo.differences import DIFFERENCES
from tests.unit.demo.scenarios import HAPPENING, SCENARIO


@dataclass
class Replayed:
    """What came of the replay.

    Attributes:
        order: the recordings as they were replayed.
        differences: what each did otherwise.
        entered: the entries of the ledger that each made.
        rehearsed: status, entries of the ledger and writes of each change when it was sent as a dry run before.
    """

    order: list[str] = field(default_factory=list)
    differences: dict[str, list[str]] = field(default_factory=dict)
    entered: dict[str, list[Obj]] = field(default_factory=dict)
    rehearsed: dict[str, tuple[int, int, int]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def replayed() -> Replayed:
    return asyncio.run(_replay_all())


async def _replay_all() -> Replayed:
    done, cluster = Replayed(), RecordedCluster()
    for step in SCENARIO:
        if not isinstance(step, str):
            step(cluster)
            continue
        found = recording(step)
        done.order.append(step)
        if _may_change(found):
            await _rehearse(cluster, found, done)
        before = len(cluster.ledger.entries())
        done.differences[step] = await _replay(cluster, found)
        done.entered[step] = cluster.ledger.entries()[before:]
    return done


async def _rehearse(cluster: RecordedCluster, found: Recording, done: Replayed) -> None:
    """Send a change as a dry run, and see what it left behind."""
    before = len(cluster.ledger.entries())
    written: list[Change] = []
    listener = written.append
    cluster.cluster.store.listen(listener)
    reply = await cluster.replay(found, dry_run=True)
    cluster.cluster.store._listeners.remove(listener)
    done.rehearsed[found.name] = (reply.status, len(cluster.ledger.entries()) - before, len(written))


def _may_change(found: Recording) -> bool:
    changing = found.method in {"POST", "PUT", "PATCH", "DELETE"}
    return changing and "dryRun" not in found.path and "reviews" not in found.path


async def _replay(cluster: RecordedCluster, found: Recording) -> list[str]:
    if found.is_watch:
        happening: list[Obj] = []
        if found.name in HAPPENING:
            cluster = RecordedCluster()
            cluster.seed("namespaces-list")
            cluster.cluster.store._version = 274
            happening = [event["object"] for event in recording(HAPPENING[found.name]).events]
        status, headers, body = await cluster.replay_watch(found, happening)
        wanted = found.events
    else:
        reply = await cluster.replay(found)
        status, headers, wanted = reply.status, reply.headers, found.body
        body = reply.json if isinstance(wanted, dict) and reply.text.startswith("{") else reply.text
    kept = {name: headers[name.lower()] for name in HEADERS if name.lower() in headers}
    here = {"status": status, "headers": kept, "body": body}
    return differences(here, {"status": found.status, "headers": found.headers, "body": wanted})


def test_every_recording_is_replayed_once(replayed: Replayed) -> None:
    assert Counter(replayed.order) == Counter(names())


def test_every_recording_is_answered_as_it_was_but_for_listed_differences(replayed: Replayed) -> None:
    surprises = {
        name: unlisted
        for name, found in replayed.differences.items()
        if (unlisted := [each for each in found if not any(entry.covers(each) for entry in DIFFERENCES.get(name, ()))])
    }
    assert surprises == {}


def test_a_listed_difference_is_one_and_has_a_reason(replayed: Replayed) -> None:
    over = [
        f"{name}: {entry.path} no longer differs"
        for name, entries in DIFFERENCES.items()
        for entry in entries
        if not any(entry.covers(each) for each in replayed.differences[name])
    ]
    assert over == []
    assert all(len(entry.reason) > 20 for entries in DIFFERENCES.values() for entry in entries)


def test_the_ledger_has_every_change_that_was_applied_and_nothing_else(replayed: Replayed) -> None:
    applied = {name for name in replayed.order if _was_applied(recording(name))}
    assert len(applied) > 20
    assert {name for name, entries in replayed.entered.items() if entries} == applied
    for found in (recording(name) for name in applied):
        (entry,) = replayed.entered[found.name]
        assert (entry["method"], entry["path"]) == (found.method, found.path.partition("?")[0])
        assert (entry["user"], entry["dry_run"]) == ("admin", False)
        assert entry["name"]
        assert f"/{entry['resource'].partition('.')[0]}" in entry["path"]


def test_a_dry_run_of_any_recorded_change_has_its_status_and_leaves_nothing_behind(replayed: Replayed) -> None:
    assert len(replayed.rehearsed) > 40
    for name, (status, entries, writes) in replayed.rehearsed.items():
        assert (name, entries, writes) == (name, 0, 0)
        assert (name, status) == (name, recording(name).status)


def _was_applied(found: Recording) -> bool:
    """Whether the real server changed something: no refusal, no dry run, no question, nothing that was so already."""
    return found.status < 300 and _may_change(found) and found.name not in {"apply-same-again", "deletecollection"}


def test_the_comparison_sees_what_is_missing_too_much_and_otherwise() -> None:
    there = {"items": [{"metadata": {"name": "a", "uid": "1c6e3a7e-7f4c-4d3e-9d4f-0a5a3f3b2c1d"}}], "n": 1, "gone": 2}
    here = {"items": [{"metadata": {"name": "a", "uid": "none"}}], "n": True, "new": 3}
    found = [each.split(" ")[0] for each in differences(here, there)]
    assert found == ["/gone", "/items/a/metadata/uid", "/n", "/new"]
