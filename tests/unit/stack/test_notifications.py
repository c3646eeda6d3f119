"""The notification file: read with a clear word where it is wrong; its secrets copied to where only Alertmanager reads."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from app.stack.errors import StackError
from app.stack.notifications import read_outside, with_own_secrets

TEXT = """
slack: {url_file: SECRET, channel: "#kubechat"}
webhook: {url: https://pager.example.org/in, token_file: SECRET}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    secret = tmp_path / "secret"
    secret.write_text("the secret\n")
    made = tmp_path / "notify.yaml"
    made.write_text(TEXT.replace("SECRET", str(secret)))
    return made


def test_without_a_file_nothing_goes_outside() -> None:
    assert not read_outside(None).has_receivers


def test_secrets_are_copied_for_alertmanager_alone(file: Path, tmp_path: Path) -> None:
    home = tmp_path / "alertmanager"
    home.mkdir()
    told = with_own_secrets(read_outside(file), home, None)
    for path in told.secret_files():
        assert path.parent == home
        assert path.read_text() == "the secret"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(told.secret_files()) == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("slack: [", "is no YAML"),
        ("slack: {channel: x}", "not usable at slack.url_file"),
        ("- a list", "not usable at the whole of it"),
        ("mail: {}", "not usable at mail"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(file: Path, text: str, sentence: str) -> None:
    file.write_text(text)
    with pytest.raises(StackError, match=sentence):
        read_outside(file)


def test_what_cannot_be_read_is_named(file: Path, tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"nowhere\.yaml cannot be read"):
        read_outside(tmp_path / "nowhere.yaml")
    told = read_outside(file)
    (tmp_path / "secret").unlink()
    with pytest.raises(StackError, match="secret, named in the notification file, cannot be read"):
        with_own_secrets(told, tmp_path, None)
