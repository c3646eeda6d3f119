from __future__ import annotations

import asyncio
import os
import signal
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.stack.child import Pace
from app.stack.errors import StackError
from app.stack.record import StackState, State
from app.stack.service import NotReadyError, Service
from tests.unit.stack.tiny import PATIENCE_S, Running, alive, running, shell, sleeper, until


async def test_a_process_starts_when_those_it_needs_are_ready_and_ends_before_them(tmp_path: Path) -> None:
    book = tmp_path / "book"
    script = f"trap 'echo end $0 >>{book}; exit' TERM; echo start $0 >>{book}; while :; do sleep 0.01; done"

    def written(name: str, *after: str) -> Service:
        async def probe() -> None:
            if not book.exists() or f"start {name}" not in book.read_text():
                raise NotReadyError("not yet")

        return shell(name, script.replace("$0", name), tmp_path, after=after, probe=probe)

    services = [written("top", "middle"), written("bottom"), written("middle", "bottom")]
    async with running(services, tmp_path):
        pass
    lines = book.read_text().split("\n")[:-1]
    assert lines == ["start bottom", "start middle", "start top", "end top", "end middle", "end bottom"]


async def test_nobody_is_started_while_what_it_needs_is_not_ready(tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    found = Running([sleeper("a", tmp_path, probe=until(flag)), sleeper("b", tmp_path, after=("a",))], tmp_path)
    await found.until(lambda: found.record("a").state is State.STARTING)
    assert found.record("b").state is State.WAITING
    assert found.state is StackState.STARTING
    flag.touch()
    await found.until(lambda: found.state is StackState.READY)
    await found.end()


async def test_a_killed_process_comes_back_and_is_counted(tmp_path: Path) -> None:
    async with running([sleeper("a", tmp_path), sleeper("b", tmp_path)], tmp_path) as stack:
        first, other = stack.pid("a"), stack.pid("b")
        os.kill(first, signal.SIGKILL)
        await stack.until(lambda: stack.record("a").restarts == 1 and stack.record("a").state is State.READY)
        assert stack.pid("a") != first
        assert stack.pid("b") == other
        reasons = [records["a"].reason for _, records in stack.told if records["a"].state is State.RESTARTING]
        assert reasons == ["ended by signal 9"]
        assert StackState.DEGRADED in [state for state, _ in stack.told]
        assert stack.state is StackState.READY


async def test_a_process_that_never_becomes_ready_fails_the_start_with_its_name_and_last_words(tmp_path: Path) -> None:
    services = [
        sleeper("good", tmp_path),
        shell("bad", "echo no database >&2; exit 3", tmp_path, probe=until(tmp_path / "x")),
    ]
    found = Running(services, tmp_path)
    with pytest.raises(StackError) as failed:
        async with asyncio.timeout(PATIENCE_S):
            await found.task
    assert "bad did not start" in failed.value.message
    assert failed.value.detail == ("bad: ended with status 3", "no database")
    assert found.state is StackState.FAILED
    assert found.record("good").state is State.STOPPED


async def test_a_process_that_hangs_at_its_start_says_what_it_waited_for(tmp_path: Path) -> None:
    service = sleeper("slow", tmp_path, probe=until(tmp_path / "never"), start_s=0.1)
    found = Running([service], tmp_path)
    with pytest.raises(StackError) as failed:
        async with asyncio.timeout(PATIENCE_S):
            await found.task
    assert "not ready after 0 s: the file is missing" in failed.value.detail[0]
    assert found.record("slow").restarts == 0


async def test_a_process_that_ignores_being_asked_is_killed_with_all_it_started(tmp_path: Path) -> None:
    script = "trap '' TERM; sleep 600 & echo $! >child; setsid sleep 600 & echo $! >runaway; touch ready; wait"
    service = shell("stubborn", script, tmp_path, probe=until(tmp_path / "ready"), stop_s=0.1)
    async with running([service], tmp_path) as stack:
        pids = [stack.pid("stubborn"), *(int((tmp_path / name).read_text()) for name in ("child", "runaway"))]
        assert all(alive(pid) for pid in pids)
    assert not any(alive(pid) for pid in pids)


async def test_what_a_dead_process_left_in_its_group_ends_before_it_is_started_again(tmp_path: Path) -> None:
    script = "sleep 600 & echo $! >child.$$; touch ready; wait"
    async with running([shell("a", script, tmp_path, probe=until(tmp_path / "ready"))], tmp_path) as stack:
        first = stack.pid("a")
        child = int((tmp_path / f"child.{first}").read_text())
        os.kill(first, signal.SIGKILL)
        await stack.until(lambda: stack.record("a").restarts == 1 and stack.record("a").state is State.READY)
        assert not alive(child)


async def test_a_process_that_stops_answering_is_unready_and_not_restarted(tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    flag.touch()
    async with running([sleeper("a", tmp_path, probe=until(flag))], tmp_path) as stack:
        pid = stack.pid("a")
        flag.unlink()
        await stack.until(lambda: stack.record("a").state is State.UNREADY)
        assert stack.record("a").reason == "the file is missing"
        assert stack.state is StackState.DEGRADED
        flag.touch()
        await stack.until(lambda: stack.state is StackState.READY)
        assert stack.pid("a") == pid


async def test_a_process_that_a_person_stopped_stays_stopped_until_it_is_started(tmp_path: Path) -> None:
    held: set[str] = set()
    async with running([sleeper("a", tmp_path), sleeper("b", tmp_path)], tmp_path, lambda: held) as stack:
        first = stack.pid("a")
        held.add("a")
        stack.supervisor.reconsider()
        await stack.until(lambda: stack.record("a").state is State.STOPPED)
        assert not alive(first)
        assert stack.record("b").state is State.READY
        held.clear()
        stack.supervisor.reconsider()
        await stack.until(lambda: stack.record("a").state is State.READY)
        assert stack.pid("a") != first


async def test_settling_is_repeated_until_it_is_done_and_before_the_process_counts_as_ready(tmp_path: Path) -> None:
    calls: list[str] = []

    async def prepare() -> None:
        calls.append("prepare")

    async def settle() -> None:
        calls.append("settle")
        if calls.count("settle") < 3:
            raise NotReadyError("half done")

    async with running([sleeper("a", tmp_path, prepare=prepare, settle=settle)], tmp_path):
        assert calls == ["prepare", "settle", "settle", "settle"]


async def test_a_fault_in_a_step_is_told_and_written_to_the_log(tmp_path: Path) -> None:
    async def prepare() -> None:
        raise ZeroDivisionError

    found = Running([sleeper("a", tmp_path, prepare=prepare)], tmp_path)
    with pytest.raises(StackError) as failed:
        async with asyncio.timeout(PATIENCE_S):
            await found.task
    assert "ZeroDivisionError" in failed.value.detail[0]
    assert "Traceback" in found.layout.log("a").read_text()


async def test_a_stop_during_the_start_ends_what_runs_and_starts_nothing_more(tmp_path: Path) -> None:
    services = [sleeper("a", tmp_path, probe=until(tmp_path / "never")), sleeper("b", tmp_path, after=("a",))]
    found = Running(services, tmp_path)
    await found.until(lambda: found.record("a").state is State.STARTING)
    pid = found.pid("a")
    await found.end()
    assert not alive(pid)
    assert not found.layout.log("b").exists()
    assert found.state is StackState.STOPPED


async def test_hurry_does_not_wait_for_a_process_that_takes_its_time(tmp_path: Path) -> None:
    script = "trap '' TERM; touch ready; while :; do sleep 0.01; done"
    found = Running([shell("slow", script, tmp_path, probe=until(tmp_path / "ready"), stop_s=600)], tmp_path)
    await found.until(lambda: found.state is StackState.READY)
    pid = found.pid("slow")
    found.stop.set()
    await found.until(lambda: found.record("slow").state is State.STOPPING)
    found.supervisor.hurry()
    await found.end()
    assert not alive(pid)


@pytest.mark.parametrize("after", [("a",), ("b",), ("missing",)])
def test_an_order_that_cannot_be_kept_is_refused(tmp_path: Path, after: tuple[str, ...]) -> None:
    services = [sleeper("a", tmp_path, after=after), sleeper("b", tmp_path, after=("a",))]
    with pytest.raises(StackError, match="wait for one another"):
        asyncio.run(_built(services, tmp_path))


async def _built(services: list[Service], folder: Path) -> None:
    Running(services, folder)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_pauses_double_up_to_their_longest_and_are_spread_over_half_of_it(failures: int, chance: float) -> None:
    pace = Pace(first_delay_s=0.5, longest_delay_s=30)
    whole = min(30, 0.5 * 2 ** (min(failures, 60) - 1))
    assert whole / 2 <= pace.delay_s(failures, chance) <= whole


class _WatchedPace(Pace):
    """Writes down which failure in a row each pause was asked for."""

    asked: ClassVar[list[int]] = []

    def delay_s(self, failures: int, chance: float) -> float:
        self.asked.append(failures)
        return 0.001


@pytest.mark.parametrize(("healthy_s", "expected"), [(0.0, [1, 1, 1]), (600.0, [1, 2, 3])])
async def test_a_process_that_was_healthy_starts_with_the_first_pause_again(
    tmp_path: Path, healthy_s: float, expected: list[int]
) -> None:
    _WatchedPace.asked.clear()
    found = Running([sleeper("a", tmp_path)], tmp_path, pace=_WatchedPace(probe_s=0.01, healthy_s=healthy_s))
    await found.until(lambda: found.state is StackState.READY)
    for _ in expected:
        deaths = found.record("a").restarts + 1
        os.kill(found.pid("a"), signal.SIGKILL)
        await found.until(partial(_is_back, found, deaths))
    await found.end()
    assert _WatchedPace.asked == expected


def _is_back(found: Running, deaths: int) -> bool:
    return found.record("a").restarts == deaths and found.record("a").state is State.READY
