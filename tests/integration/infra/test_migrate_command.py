"""`kubechat migrate` and `kubechat reindex` on a real database: they do it, say it, and show it afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli import databases
from app.cli.databases import DatabaseName
from app.errors import InvalidInputError
from tests.support.postgres_server import PostgresServer


def kubechat(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli.main", *args],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "100", "TERM": "dumb"},
        timeout=60,
        check=False,
    )


def test_pending_migrations_are_shown_applied_and_gone(postgres: PostgresServer) -> None:
    at = ("--database", "kubechat", "--url", postgres.url(postgres.new_database()))

    def found(*options: str) -> tuple[int, dict[str, Any]]:
        done = kubechat("migrate", *options, "--json", *at)
        (state,) = json.loads(done.stdout)
        assert state["database"] == "kubechat"
        return done.returncode, state

    code, before = found("--check")
    assert (code, before["applied"], before["pending"][0][:5]) == (1, [], "0001_")
    code, after = found()
    assert (code, [each["name"] for each in after["applied"]], after["pending"]) == (0, before["pending"], [])
    assert found("--check") == (0, after)
    table = kubechat("migrate", "--check", *at).stdout
    assert all(name in table for name in before["pending"])


@pytest.mark.full
def test_indexes_are_rebuilt_by_hand_and_the_run_is_shown(postgres: PostgresServer) -> None:
    at = ("--database", "kubechat_audit", "--url", postgres.url(postgres.new_database()))
    assert kubechat("migrate", *at).returncode == 0
    done = kubechat("reindex", *at)
    assert done.returncode == 0, done.stderr
    assert "by hand" in done.stdout
    (state,) = json.loads(kubechat("reindex", "--status", "--json", *at).stdout)
    assert [(run["outcome"], run["started_by"]) for run in state["runs"]] == [
        ("ok", "by hand"),
        ("baseline", "migration"),
    ]
    assert state["runs"][0]["indexes"] >= 5
    assert state["last_success"] == state["runs"][0]["ended_at"]


def test_a_database_is_named_with_its_address() -> None:
    with pytest.raises(InvalidInputError, match="--database"):
        databases.chosen(None, "postgresql://somewhere/kubechat")


def test_without_a_stack_an_address_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECHAT_STATE", str(tmp_path / "nothing"))
    with pytest.raises(InvalidInputError, match="--url"):
        databases.chosen(DatabaseName.KUBECHAT, None)
