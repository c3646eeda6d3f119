from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.stack.credentials import Credentials
from app.stack.layout import Layout
from app.stack.servers.postgresql import PostgresSettings
from app.stack.setup.postgresql import PostgresSetup
from app.stack.spawner import Spawner
from tests.unit.stack.tiny import ME


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """The lock file of a primary whose data directory exists already."""
    layout = Layout(tmp_path / "state")
    layout.create(ME)
    data = layout.folder("postgres", "primary", "data")
    return data / "postmaster.pid"


def prepare(lock: Path) -> None:
    layout = Layout(lock.parents[3])
    credentials = Credentials(layout.secrets)
    setup = PostgresSetup(layout, Spawner(ME, None), credentials, Path("/none"), 5432, 2, {})
    settings = PostgresSettings(5432, 2 * 2**30, "/hba", "primary")
    asyncio.run(setup.prepare_primary(settings))


def test_a_lock_whose_pid_is_another_program_s_by_now_is_removed(lock: Path) -> None:
    lock.write_text(f"{os.getpid()}\n{lock.parent}\n")
    prepare(lock)
    assert not lock.exists()


def test_a_lock_of_a_server_that_runs_is_kept(lock: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "-D", str(lock.parent)]) as server:
        lock.write_text(f"{server.pid}\n")
        prepare(lock)
        server.kill()
    assert lock.exists()


def test_a_lock_of_a_dead_server_is_left_to_postgresql(lock: Path) -> None:
    with subprocess.Popen(["/bin/true"]) as server:
        pass
    lock.write_text(f"{server.pid}\n")
    prepare(lock)
    assert lock.exists()


@pytest.mark.parametrize("content", ["", "nonsense\n"])
def test_a_lock_that_cannot_be_read_is_left_to_postgresql(lock: Path, content: str) -> None:
    lock.write_text(content)
    prepare(lock)
    assert lock.exists()


def test_every_preparation_writes_the_configuration_anew(lock: Path) -> None:
    home = lock.parents[1]
    (home / "server.conf").write_text("fsync = off\n")
    prepare(lock)
    assert "fsync = 'on'" in (home / "server.conf").read_text()
