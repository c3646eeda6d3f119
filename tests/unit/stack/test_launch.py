"""What becomes of a child between fork and exec, seen from the child."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.stack import launch
from app.stack.identity import Identity
from tests.support.waiting import wait_for

LAUNCH = Path(launch.__file__)


def order(**changes: Any) -> str:
    plain = {
        "parent": os.getpid(),
        "signal": int(signal.SIGTERM),
        "cgroup": None,
        "uid": None,
        "gid": None,
        "directory": "/",
    }
    return json.dumps({**plain, **changes})


def run(text: str, *argv: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", str(LAUNCH), text, *argv]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=env)


def test_the_child_has_the_folder_the_mask_and_exactly_the_environment_it_was_given(tmp_path: Path) -> None:
    done = run(order(directory=str(tmp_path)), "/bin/sh", "-c", "pwd; umask; env", env={"A": "b"})
    folder, mask, *env = done.stdout.split()
    assert folder == str(tmp_path)
    assert mask == "0077"
    assert "A=b" in env
    assert not any(line.startswith(("HOME=", "PYTHON")) for line in env)


def test_a_program_that_is_missing_is_said_in_the_log() -> None:
    done = run(order(), "/no/such/program")
    assert done.returncode == 127
    assert "/no/such/program could not be started" in done.stderr


def test_a_cgroup_that_cannot_be_entered_keeps_the_child_from_starting() -> None:
    done = run(order(cgroup="/no/such/group"), "/bin/true")
    assert done.returncode == 127


def test_a_child_whose_supervisor_died_meanwhile_does_not_start() -> None:
    done = run(order(parent=1), "/bin/echo", "started")
    assert (done.returncode, done.stdout) == (127, "")


def test_the_child_gets_its_signal_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    """A stand-in supervisor starts a child and is killed by SIGKILL; the child writes down what it gets."""
    script = (
        "import json, os, subprocess, sys, time\n"
        f"order = {order()!r}\n"
        "order = json.dumps({**json.loads(order), 'parent': os.getpid(), 'signal': 10})\n"
        "child = 'trap \"echo two >got; exit\" USR1; echo $$ >pid.new; mv pid.new pid; while :; do sleep 0.01; done'\n"
        f"subprocess.Popen([sys.executable, '-I', '-S', {str(LAUNCH)!r}, order, '/bin/sh', '-c', "
        f"'cd {tmp_path}; ' + child])\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script]) as supervisor:
        wait_for("pid", (tmp_path / "pid").exists, within_s=20)
        child = Identity.of(int((tmp_path / "pid").read_text()))
        assert child is not None
        supervisor.kill()
    wait_for("got", (tmp_path / "got").exists, within_s=20)
    assert child.end(signal.SIGKILL, 10)
