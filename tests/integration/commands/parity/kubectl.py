"""The real kubectl, as the same person as the engine's, several at once."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import subprocess

import pytest

from app.domain.commands.printing import Printed
from tests.integration.commands.parity.row import Row
from tests.support.demo import DemoProcess

OLDEST = (1, 28)


def program() -> str:
    """Where kubectl is; skips where there is none that is recent enough."""
    path = shutil.which("kubectl")
    if path is None:
        pytest.skip("kubectl is not on PATH: what it prints is not compared")
    said = subprocess.run([path, "version", "--client", "-o", "json"], capture_output=True, check=True).stdout
    version = json.loads(said)["clientVersion"]
    if (int(version["major"]), int(version["minor"].rstrip("+"))) < OLDEST:
        pytest.skip(f"kubectl {version['gitVersion']} is older than 1.28: what it prints is not compared")
    return path


async def start(path: str, demo: DemoProcess, row: Row) -> asyncio.subprocess.Process:
    """kubectl under way."""
    arguments = ["--as", "kubechat:ada", "--as-group", "kubechat:admins", *shlex.split(row.line)]
    environment = {**os.environ, "KUBECONFIG": str(demo.kubeconfig), "HOME": str(demo.folder)}
    return await asyncio.create_subprocess_exec(
        path,
        *arguments,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def says(path: str, demo: DemoProcess, row: Row) -> Printed:
    """What kubectl prints for a row, and how it ends."""
    process = await start(path, demo, row)
    out, err = await process.communicate(row.stdin.encode())
    return Printed(out.decode(), err.decode(), int(process.returncode or 0))


async def first_line_with(process: asyncio.subprocess.Process, word: str) -> str:
    """The first line with a word that a kubectl prints that goes on."""
    assert process.stdout is not None
    async for line in process.stdout:
        if word in line.decode():
            return line.decode().rstrip("\n")
    return ""
