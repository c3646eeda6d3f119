"""The web chat's files: caching, encodings, runbooks."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.errors import NotFoundError
from app.gateway.routes.web import web_routes


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    dist, runbooks = tmp_path / "dist", tmp_path / "runbooks"
    (dist / "assets").mkdir(parents=True)
    runbooks.mkdir()
    (dist / "index.html").write_text("<!doctype html><title>KubeChat</title>")
    (dist / "assets" / "app-Dk3f9aQ2.js").write_text("console.log('x');" * 200)
    (runbooks / "ServiceDown.md").write_text("# ServiceDown\n<script>alert(1)</script>")
    (tmp_path / "secret.txt").write_text("secret")
    return TestClient(Starlette(routes=web_routes(dist, runbooks)))


def test_hashed_files_are_immutable_for_a_year_and_the_page_is_asked_for_anew(client: TestClient) -> None:
    assert client.get("/assets/app-Dk3f9aQ2.js").headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get("/").headers["cache-control"] == "no-cache"


def test_a_known_etag_is_answered_with_304_and_no_body(client: TestClient) -> None:
    etag = client.get("/").headers["etag"]
    again = client.get("/", headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/", headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize(("accepted", "decode"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_files_over_a_kilobyte_are_compressed(client: TestClient, accepted: str, decode: object) -> None:
    with client.stream("GET", "/assets/app-Dk3f9aQ2.js", headers={"accept-encoding": accepted}) as reply:
        raw = b"".join(reply.iter_raw())
    assert reply.headers["content-encoding"] == accepted
    assert reply.headers["vary"] == "Accept-Encoding"
    assert decode(raw) == b"console.log('x');" * 200  # type: ignore[operator]


def test_small_files_are_sent_as_they_are(client: TestClient) -> None:
    assert "content-encoding" not in client.get("/").headers


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/nothing.js"])
def test_nothing_outside_the_build_is_served(client: TestClient, path: str) -> None:
    with pytest.raises(NotFoundError):
        client.get(path)


def test_a_runbook_is_text_and_never_markup(client: TestClient) -> None:
    page = client.get("/runbooks/ServiceDown")
    assert "&lt;script&gt;" in page.text
    assert "<script>" not in page.text


@pytest.mark.parametrize("name", ["Nothing", "..%2Fsecret", "ServiceDown.md"])
def test_an_unknown_runbook_is_not_found(client: TestClient, name: str) -> None:
    with pytest.raises(NotFoundError):
        client.get(f"/runbooks/{name}")


def test_without_a_build_the_page_says_how_to_build_it() -> None:
    client = TestClient(Starlette(routes=web_routes(None, None)))
    assert "make web" in client.get("/").text
