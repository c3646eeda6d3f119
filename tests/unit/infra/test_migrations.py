"""Migration files are numbered without gaps, and named after what they do."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from app.errors import InternalError
from app.infra.migrations import load_migrations


@pytest.mark.parametrize("package", ["app.audit", "app.gateway.store"])
def test_a_services_own_migrations_can_be_loaded(package: str) -> None:
    assert load_migrations(files(package) / "migrations")


def test_files_are_taken_in_order_and_checksummed(tmp_path: Path) -> None:
    (tmp_path / "0002_second.sql").write_text("SELECT 2")
    (tmp_path / "0001_first.sql").write_text("SELECT 1")
    (tmp_path / "notes.txt").write_text("not a migration")
    found = load_migrations(tmp_path)
    assert [(one.number, one.name, one.sql) for one in found] == [
        (1, "0001_first.sql", "SELECT 1"),
        (2, "0002_second.sql", "SELECT 2"),
    ]
    assert len({one.checksum for one in found}) == 2


@pytest.mark.parametrize(
    "names", [["1_short.sql"], ["0001_Caps.sql"], ["0002_gap.sql"], ["0001_a.sql", "0001_b.sql"], ["0000_zero.sql"]]
)
def test_a_misnamed_file_a_gap_or_a_number_used_twice_is_refused(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("SELECT 1")
    with pytest.raises(InternalError):
        load_migrations(tmp_path)
