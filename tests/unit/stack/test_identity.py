from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from app.stack.identity import Identity


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["/bin/sleep", "600"])
    yield process
    process.kill()
    process.wait()


def test_a_process_is_known_while_it_runs_and_gone_once_it_is_dead(sleeper: subprocess.Popen[bytes]) -> None:
    identity = Identity.of(sleeper.pid)
    assert identity is not None
    assert identity.alive
    sleeper.kill()
    sleeper.wait()
    assert not identity.alive
    assert Identity.of(sleeper.pid) is None


def test_a_zombie_counts_as_gone(sleeper: subprocess.Popen[bytes]) -> None:
    identity = Identity.of(sleeper.pid)
    assert identity is not None
    assert identity.end(signal.SIGTERM, 5)  # nobody has waited for it yet


@pytest.mark.parametrize("changed", [{"started": 1}, {"boot": "another"}])
def test_another_process_with_the_same_pid_is_left_alone(
    sleeper: subprocess.Popen[bytes], changed: dict[str, object]
) -> None:
    identity = Identity.of(sleeper.pid)
    assert identity is not None
    other = identity.model_copy(update=changed)
    other.signal(signal.SIGKILL)
    assert other.end(signal.SIGKILL, 1)
    assert identity.alive


def test_a_process_that_ignores_being_asked_is_killed() -> None:
    script = "import signal, sys, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        identity = Identity.of(process.pid)
        assert identity is not None
        assert identity.end(signal.SIGTERM, 0.3)
        assert process.wait() == -signal.SIGKILL
