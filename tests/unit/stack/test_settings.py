from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.stack.errors import StackError
from app.stack.settings import Options, StackSettings, default_state


def test_root_and_others_have_the_promised_state_directories() -> None:
    assert default_state({}, root=True) == Path("/var/lib/kubechat")
    assert default_state({"XDG_STATE_HOME": "/x"}, root=False) == Path("/x/kubechat")
    assert default_state({}, root=False) == Path.home() / ".local/state/kubechat"


def test_the_environment_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECHAT_STATE", "~/x")
    monkeypatch.setenv("KUBECHAT_PORT", "9090")
    settings = StackSettings.read()
    assert settings.state == Path.home() / "x"
    assert settings.port == 9090


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KUBECHAT_PORT", "0"),
        ("KUBECHAT_PORT", "http"),
        ("KUBECHAT_PORT_BASE", "65500"),
        ("KUBECHAT_REDIS_MEMORY_BYTES", str(65 * 2**30)),
        ("KUBECHAT_REDIS_MEMORY_BYTES", str(2**29)),
        ("KUBECHAT_AUDIT_REPLICAS", "9"),
    ],
)
def test_a_value_out_of_range_is_refused_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(StackError, match=name):
        StackSettings.read()


def test_a_redis_node_fills_seventy_percent_of_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECHAT_REDIS_MEMORY_BYTES", str(10 * 2**30))
    assert StackSettings.read().redis_maxmemory_bytes == 7 * 2**30


@pytest.mark.parametrize("count", [1, 9])
def test_there_are_two_to_eight_read_replicas(count: int) -> None:
    with pytest.raises(ValidationError):
        Options(read_replicas=count)
