"""A process is closed by default: without its secrets it does not start."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.errors import InternalError
from app.infra.lifecycle import Runtime
from app.infra.settings import ProcessSettings, read_secret
from app.telemetry import catalogue


def test_a_secret_is_read_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    assert read_secret(tmp_path / "token", "service token") == "s3cret"


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_a_missing_or_empty_secret_is_refused_by_name(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InternalError, match="service token"):
        read_secret(path, "service token")
    with pytest.raises(InternalError, match="service token"):
        read_secret(None, "service token")


def test_settings_come_from_the_environment_with_their_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECHAT_PORT", "8123")
    monkeypatch.setenv("PORT", "1")
    assert ProcessSettings().port == 8123


@pytest.mark.parametrize(("name", "value"), [("PORT", "70000"), ("LOG_LEVEL", "LOUD"), ("MEMORY_LIMIT_BYTES", "0")])
def test_settings_out_of_range_are_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"KUBECHAT_{name}", value)
    with pytest.raises(ValidationError):
        ProcessSettings()


def test_the_version_is_the_projects_unless_a_build_says_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    project = tomllib.loads((Path(__file__).resolve().parents[3] / "pyproject.toml").read_text())["project"]
    assert ProcessSettings().version == project["version"]
    monkeypatch.setenv("KUBECHAT_VERSION", "0.2.0-rc.1+g7632957")
    assert ProcessSettings().version == "0.2.0-rc.1+g7632957"
    monkeypatch.setenv("KUBECHAT_VERSION", 'x"} 1')
    with pytest.raises(ValidationError):
        ProcessSettings()


def test_a_process_tells_its_version() -> None:
    runtime = Runtime("gateway", ProcessSettings(version="1.2.3"))
    assert runtime.instruments.value(catalogue.BUILD_INFO, version="1.2.3") == 1
    runtime.tracing.close()
    runtime.workers.close()
