from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from app.stack.account import Account, require_way
from app.stack.errors import StackError
from app.stack.layout import Layout, set_large_log_aside, write_file

ME = Account("me", os.geteuid(), os.getegid(), switched=False)


def test_an_empty_place_becomes_a_state_directory_and_stays_one(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "state")
    layout.create(ME)
    layout.create(ME)
    assert layout.marked
    assert stat.S_IMODE(layout.secrets.stat().st_mode) == 0o700


def test_a_place_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(StackError, match="holds other files"):
        Layout(tmp_path).create(ME)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_only_a_directory_with_our_mark_is_wiped(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "state")
    assert not layout.wipe()
    layout.create(ME)
    assert layout.wipe()
    assert not layout.state.exists()
    layout.state.mkdir()
    with pytest.raises(StackError, match="left alone"):
        layout.wipe()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_state_directory_of_another_user_is_left_to_them(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "state")
    layout.create(ME)
    os.chown(layout.state, 4711, 4711)
    with pytest.raises(StackError, match="belongs to another user"):
        layout.create(ME)


def test_a_file_that_cannot_be_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StackError, match="cannot be used"):
        Layout(tmp_path / "file" / "state").create(ME)


def test_a_folder_that_is_closed_to_the_servers_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    stranger = Account("kubechat", os.geteuid() + 4711, os.getegid() + 4711, switched=True)
    with pytest.raises(StackError, match="kubechat, who cannot enter"):
        require_way(closed / "state", stranger)
    require_way(closed / "state", ME)


def test_a_replaced_file_has_its_mode_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_file(path, "one")
    write_file(path, "two", mode=0o640)
    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_planted_beside_a_file_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("kept")
    (tmp_path / ".secret.new").symlink_to(victim)
    write_file(tmp_path / "secret", "new")
    assert victim.read_text() == "kept"


def test_a_log_over_the_limit_is_set_aside_and_a_small_one_is_not(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    set_large_log_aside(log, 10)
    log.write_bytes(b"x" * 10)
    set_large_log_aside(log, 10)
    assert log.exists()
    log.write_bytes(b"x" * 11)
    set_large_log_aside(log, 10)
    assert not log.exists()
    assert (tmp_path / "a.log.1").stat().st_size == 11
