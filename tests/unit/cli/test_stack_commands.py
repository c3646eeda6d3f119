from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import main, stack
from app.stack.errors import StackError
from app.stack.layout import Layout
from tests.unit.stack.tiny import ME


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KUBECHAT_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def kubechat(*args: str) -> Result:
    return CliRunner().invoke(main.build(), args, env={"COLUMNS": "80", "TERM": "dumb"})


def as_a_person(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *args: str) -> tuple[int, str]:
    """Exit status and standard error of the entry point itself."""
    monkeypatch.setattr("sys.argv", ["kubechat", *args])
    with pytest.raises(SystemExit) as ended:
        main.run()
    return int(str(ended.value.code or 0)), capsys.readouterr().err


@pytest.mark.parametrize("command", [(), ("up",), ("down",), ("status",), ("logs",), ("stop",), ("start",)])
def test_help_fits_on_a_screen(command: tuple[str, ...]) -> None:
    shown = kubechat(*command, "--help")
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert len(lines) <= 24
    assert all(len(line) <= 80 for line in lines)


@pytest.mark.parametrize(
    "args",
    [("up", "--replicas", "0"), ("up", "--read-replicas", "9"), ("up", "--replicas", "many"), ("logs",), ("no",)],
)
def test_wrong_usage_ends_with_two(args: tuple[str, ...]) -> None:
    assert kubechat(*args).exit_code == 2


def test_status_of_nothing_is_one_sentence_and_ends_with_one() -> None:
    shown = kubechat("status")
    assert shown.exit_code == 1
    assert shown.stdout == "Nothing runs; `kubechat up` starts it.\n"


def test_status_for_programs_is_json_even_when_nothing_runs() -> None:
    assert json.loads(kubechat("status", "--json").stdout) == {"state": "stopped", "processes": []}


def test_down_twice_is_no_error(state: Path) -> None:
    for _ in range(2):
        shown = kubechat("down")
        assert (shown.exit_code, shown.stdout) == (0, "Nothing was running.\n")


def test_wipe_removes_the_state_and_says_so(state: Path) -> None:
    Layout(state).create(ME)
    assert f"Removed {state}." in kubechat("down", "--wipe").stdout
    assert not state.exists()
    assert "nothing to remove" in kubechat("down", "--wipe").stdout


def test_an_error_is_one_sentence_without_a_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    missing = tmp_path / "none"
    code, told = as_a_person(capsys, monkeypatch, "up", "--kubeconfig", str(missing))
    assert (code, told) == (1, f"There is no kubeconfig at {missing}.\n")


def test_a_setting_that_makes_no_sense_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECHAT_PORT", "http")
    code, told = as_a_person(capsys, monkeypatch, "up")
    assert code == 1
    assert told.startswith("KUBECHAT_PORT is not usable")


def test_a_fault_of_ours_is_a_sentence_as_well(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("app.stack.settings.StackSettings.read", broken)
    code, told = as_a_person(capsys, monkeypatch, "status")
    assert code == 1
    assert told.count("\n") == 1
    assert "ZeroDivisionError" in told


def test_a_stranger_s_folder_is_not_used(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, state: Path
) -> None:
    state.mkdir()
    (state / "thesis.tex").write_text("kept")
    with pytest.raises(StackError, match="was not made by kubechat"):
        Layout(state).wipe()
    assert (state / "thesis.tex").exists()


@pytest.fixture
def log(state: Path) -> Path:
    layout = Layout(state)
    layout.create(ME)
    return layout.log("gateway-1")


def test_logs_shows_the_last_lines_of_one_process(log: Path) -> None:
    log.write_text("".join(f"line {number}\n" for number in range(100_000)))
    assert kubechat("logs", "gateway-1", "-n", "2").stdout == "line 99998\nline 99999\n"
    assert kubechat("logs", "gateway-1").stdout.count("\n") == 100
    assert kubechat("logs", "gateway-1", "-n", "0").stdout == ""


def test_a_last_line_without_its_end_is_shown_too(log: Path) -> None:
    log.write_text("one\ntwo")
    assert kubechat("logs", "gateway-1", "-n", "1").stdout == "two"


def test_a_name_that_is_nearly_right_is_suggested(log: Path) -> None:
    log.touch()
    failed = kubechat("logs", "gatewy")
    assert failed.exit_code == 1
    assert isinstance(failed.exception, StackError)
    assert "gateway-1" in failed.exception.message


def test_a_followed_log_goes_on_after_it_was_set_aside(log: Path) -> None:
    log.write_text("old\n")
    blocks = stack._followed(log, 0)
    assert next(blocks) == b"old\n"
    with log.open("a") as file:
        file.write("new\n")
    assert next(blocks) == b"new\n"
    log.rename(log.with_name("gateway-1.log.1"))
    log.write_text("a\n")
    assert next(blocks) == b"a\n"


def test_one_process_cannot_be_stopped_when_nothing_runs() -> None:
    failed = kubechat("stop", "pgbouncer")
    assert isinstance(failed.exception, StackError)
    assert failed.exception.message.startswith("Nothing runs")


def test_a_taken_port_is_named_before_anything_is_started(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, state: Path
) -> None:
    monkeypatch.setattr("app.stack.run.server_account", lambda: ME)
    monkeypatch.setattr("app.stack.run.check", lambda *_: object())
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        monkeypatch.setenv("KUBECHAT_PORT", str(port))
        code, told = as_a_person(capsys, monkeypatch, "up")
    assert code == 1
    assert f"port {port} of the web chat is taken by" in told
    assert not list((state / "logs").iterdir())
