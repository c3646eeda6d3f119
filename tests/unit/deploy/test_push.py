"""Dashboards reach a Grafana through its API, once each, and a refusal is one sentence that says what to do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from dashboards.catalogue import models
from deploy.observability.push import main


class Grafana(HTTPServer):
    """Records what arrives, and answers as it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.arrived: list[tuple[str, str, dict[str, Any]]] = []
        self.folder, self.dashboard = 200, 200
        self.body: bytes | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Grafana

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.arrived.append((self.path, self.headers.get("authorization", ""), body))
        is_folder = self.path == "/api/folders"
        status = self.server.folder if is_folder else self.server.dashboard
        answer = {} if is_folder else {"url": f"/d/{body['dashboard']['uid']}/slug"}
        text = self.server.body or json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def grafana(monkeypatch: pytest.MonkeyPatch) -> Iterator[Grafana]:
    monkeypatch.delenv("GRAFANA_TOKEN_FILE", raising=False)
    server = Grafana()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_every_dashboard_is_loaded_into_a_folder_of_its_own(
    grafana: Grafana, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([f"{grafana.url}/", "--public-url", "https://chat.example"]) == 0
    (path, _, folder), *others = grafana.arrived
    assert (path, folder) == ("/api/folders", {"title": "KubeChat", "uid": "kubechat"})
    assert [path for path, _, _ in others] == ["/api/dashboards/db"] * len(models())
    for _, _, body in others:
        assert body["overwrite"] is True
        assert body["folderUid"] == "kubechat"
        assert body["dashboard"]["id"] is None, "Grafana takes the uid to find what is there"
    assert [body["dashboard"]["uid"] for _, _, body in others] == list(models())
    assert "https://chat.example/runbooks/ServiceDown" in json.dumps([body for _, _, body in others])
    printed = capsys.readouterr().out.splitlines()
    assert printed == [f"{grafana.url}/d/{uid}/slug" for uid in models()]


@pytest.mark.parametrize("status", [409, 412])
def test_a_folder_that_is_there_already_is_used(grafana: Grafana, status: int) -> None:
    grafana.folder = status
    assert main([grafana.url]) == 0
    assert len(grafana.arrived) == 1 + len(models())


def test_the_token_is_read_from_its_file_and_sent(
    grafana: Grafana, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("glsa_secret\n")
    monkeypatch.setenv("GRAFANA_TOKEN_FILE", str(tmp_path / "token"))
    assert main([grafana.url]) == 0
    assert {token for _, token, _ in grafana.arrived} == {"Bearer glsa_secret"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"folder": 401}, "GRAFANA_TOKEN_FILE"),
        ({"dashboard": 403}, "GRAFANA_TOKEN_FILE"),
        ({"dashboard": 412}, "with 412"),
        ({"folder": 500}, "its log says why"),
        ({"body": b"<html>"}, "is no Grafana"),
    ],
)
def test_a_refusal_says_what_to_do(
    grafana: Grafana, capsys: pytest.CaptureFixture[str], change: dict[str, Any], sentence: str
) -> None:
    vars(grafana).update(change)
    assert main([grafana.url]) == 1
    said = capsys.readouterr().err
    assert sentence in said
    assert len(said.splitlines()) == 1


def test_a_grafana_that_is_away_and_an_address_that_is_none_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["http://127.0.0.1:9"]) == 1
    assert "does not answer" in capsys.readouterr().err
    assert main(["grafana.example"]) == 1
    assert "is no address of a Grafana" in capsys.readouterr().err


@pytest.mark.parametrize(("content", "sentence"), [(None, "cannot be read"), ("\n", "is empty")])
def test_a_token_that_cannot_be_had_is_said_before_anything_is_sent(
    grafana: Grafana,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: str | None,
    sentence: str,
) -> None:
    if content is not None:
        (tmp_path / "token").write_text(content)
    monkeypatch.setenv("GRAFANA_TOKEN_FILE", str(tmp_path / "token"))
    assert main([grafana.url]) == 1
    assert sentence in capsys.readouterr().err
    assert grafana.arrived == []
