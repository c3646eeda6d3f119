"""The web chat's files and the runbooks, read once at start, compressed once, served from memory.

Hashed files are immutable for a year; index.html is asked for anew each time and answered with 304 when it is the same.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import mimetypes
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import brotli
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app.errors import NotFoundError
from app.telemetry.http import set_operation_class
from slo.operation_class import OperationClass
from slo.targets.caching import STATIC_CACHE_CONTROL, STATIC_COMPRESSION
from slo.targets.network import RESPONSE_COMPRESSION

_HASHED = re.compile(r"-[\w-]{8,}\.\w+$")
_RUNBOOK = re.compile(r"[A-Za-z][A-Za-z0-9]{0,80}")
_REFUSED = re.compile(r"q=0(\.0*)?")
_COMPRESSIBLE = frozenset(
    {"text/html", "text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml"}
)
_ENCODERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "br": lambda content: bytes(brotli.compress(content, quality=9)),
    "gzip": lambda content: gzip.compress(content, 9, mtime=0),
}


@dataclass(frozen=True, slots=True)
class _File:
    """One file: its hash, and its encodings in the order in which they are preferred."""

    media_type: str
    cache_control: str
    digest: str
    plain: bytes
    encoded: Mapping[str, bytes]


def web_routes(dist: Path | None, runbooks: Path | None) -> list[BaseRoute]:
    """Routes for the built web chat and the runbooks.

    Args:
        dist: the folder that the build wrote; None serves a page that says how to build it.
        runbooks: the folder with one Markdown file per alert.
    """
    files = _load(dist)
    pages = _load_runbooks(runbooks)

    async def asset(request: Request) -> Response:
        set_operation_class(request.scope, OperationClass.STATIC)
        file = files.get(request.path_params["path"])
        if file is None:
            raise NotFoundError("There is no such page.")
        return _answer(request, file)

    async def index(request: Request) -> Response:
        set_operation_class(request.scope, OperationClass.STATIC)
        return _answer(request, files["index.html"])

    async def runbook(request: Request) -> Response:
        set_operation_class(request.scope, OperationClass.STATIC)
        page = pages.get(request.path_params["name"])
        if page is None:
            raise NotFoundError("There is no such runbook.")
        return _answer(request, page)

    return [
        Route("/", index),
        Route("/audit", index),
        Route("/clusters", index),
        Route("/promises", index),
        Route("/chat/{session}", index),
        Route("/runbooks/{name}", runbook),
        Route("/{path:path}", asset),
    ]


def _load(dist: Path | None) -> dict[str, _File]:
    files: dict[str, _File] = {}
    if dist is not None and dist.is_dir():
        for path in sorted(dist.rglob("*")):
            if path.is_file():
                files[path.relative_to(dist).as_posix()] = _file(path.name, path.read_bytes())
    if "index.html" not in files:
        text = (
            "<!doctype html><title>KubeChat</title><p>The web chat is not built. Run <code>make web</code> and restart."
        )
        files["index.html"] = _file("index.html", text.encode())
    return files


def _load_runbooks(folder: Path | None) -> dict[str, _File]:
    if folder is None or not folder.is_dir():
        return {}
    pages: dict[str, _File] = {}
    for path in sorted(folder.glob("*.md")):
        if _RUNBOOK.fullmatch(path.stem):
            title, text = html.escape(path.stem), html.escape(path.read_text(encoding="utf-8"))
            page = (
                f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><pre>{text}</pre></html>'
            )
            pages[path.stem] = _file("runbook.html", page.encode())
    return pages


def _file(name: str, content: bytes) -> _File:
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    worth_it = media_type in _COMPRESSIBLE and len(content) > RESPONSE_COMPRESSION.named("minimum").number
    encodings = (STATIC_COMPRESSION.named("preferred").word, STATIC_COMPRESSION.named("fallback").word)
    return _File(
        media_type,
        f"{_for_a_year()}, immutable" if _HASHED.search(name) else "no-cache",
        hashlib.sha256(content).hexdigest()[:32],
        content,
        {encoding: _ENCODERS[encoding](content) for encoding in encodings} if worth_it else {},
    )


def _for_a_year() -> str:
    words = STATIC_CACHE_CONTROL.named("header").word.rpartition("=")[0]
    return f"{words}={STATIC_CACHE_CONTROL.named('max_age').whole}"


def _answer(request: Request, file: _File) -> Response:
    accepted = _accepted(request.headers.get("accept-encoding", ""))
    encoding = next((each for each in file.encoded if each in accepted), "")
    # A strong validator names the bytes that are sent: each encoding has its own.
    etag = f'"{file.digest}-{encoding}"' if encoding else f'"{file.digest}"'
    headers = {"cache-control": file.cache_control, "etag": etag, "vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    if encoding:
        headers["content-encoding"] = encoding
    content = file.encoded[encoding] if encoding else file.plain
    return Response(content, media_type=file.media_type, headers=headers)


def _accepted(header: str) -> frozenset[str]:
    """The encodings that an Accept-Encoding header names and does not refuse."""
    parts = (part.partition(";") for part in header.lower().replace(" ", "").split(","))
    return frozenset(name for name, _, quality in parts if not _REFUSED.fullmatch(quality))
