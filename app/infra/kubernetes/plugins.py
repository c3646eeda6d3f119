"""Exec plugins: programs that print a credential. Each is given little, bounded in time and output, and ended for good.

What a plugin writes is never shown and never logged: it may hold the credential. It is given this process' environment
without KubeChat's own variables, which hold other secrets.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

ENDS_WITHIN_S = 15.0  # a plugin that hangs must not hold a person longer; cloud ones take one to three
LARGEST_OUTPUT_BYTES = 64 * 1024  # a token is a few kilobytes
OWN_VARIABLES = "KUBECHAT_"


class PluginError(Exception):
    """A plugin gave no credential; the text says why, behind "its plugin"."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a plugin printed.

    Attributes:
        token: bearer token, empty for none.
        certificate: client certificate as PEM, empty for none.
        key: its key as PEM.
        ends_at: when it ends; None where the plugin does not say.
    """

    token: str
    certificate: str
    key: str
    ends_at: datetime | None


async def run_plugin(
    plugin: Mapping[str, Any], cluster: Mapping[str, Any], folder: Path, within_s: float = ENDS_WITHIN_S
) -> Given:
    """Run a plugin and read what it prints.

    Args:
        plugin: the `exec` of a kubeconfig's user, checked.
        cluster: the cluster's part of the kubeconfig, for a plugin that wants to be told.
        folder: what a relative path of the program begins at.
        within_s: how long it may take, in seconds.

    Raises:
        PluginError: it cannot be started, does not end, fails, or prints no credential that still counts.
    """
    version = str(plugin["apiVersion"])
    spec: dict[str, Any] = {"interactive": False}
    if plugin.get("provideClusterInfo"):
        spec["cluster"] = {
            key: cluster[key] for key in ("server", "certificate-authority-data", "tls-server-name") if cluster.get(key)
        }
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": spec}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)}
    environment |= {str(each["name"]): str(each["value"]) for each in plugin.get("env") or ()}
    environment["KUBERNETES_EXEC_INFO"] = orjson.dumps(info).decode()
    program = str(plugin["command"])
    if "/" in program:
        program = str(folder / program)
    printed = await _printed([program, *(plugin.get("args") or ())], environment, within_s)
    return _given(printed, version)


async def _printed(command: list[str], environment: Mapping[str, str], within_s: float) -> bytes:
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # so that what it starts ends with it
        )
    except (OSError, ValueError) as exc:
        raise PluginError("cannot be started") from exc
    assert process.stdout is not None
    try:
        async with asyncio.timeout(within_s):
            printed = await _bounded(process.stdout)
            status = await process.wait()
    except TimeoutError as exc:
        raise PluginError(f"did not end within {within_s:g} s") from exc
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if status != 0:
        raise PluginError(f"ended with status {status}")
    return printed


async def _bounded(stream: asyncio.StreamReader) -> bytes:
    printed = b""
    while chunk := await stream.read(LARGEST_OUTPUT_BYTES):
        printed += chunk
        if len(printed) > LARGEST_OUTPUT_BYTES:
            raise PluginError("printed too much")
    return printed


def _given(printed: bytes, version: str) -> Given:
    try:
        found = orjson.loads(printed)
    except orjson.JSONDecodeError as exc:
        raise PluginError("printed something that is no ExecCredential") from exc
    status = found.get("status") if isinstance(found, dict) and found.get("kind") == "ExecCredential" else None
    if not isinstance(status, dict):
        raise PluginError("printed something that is no ExecCredential")
    if found.get("apiVersion") != version:
        raise PluginError("printed an ExecCredential of another version than the kubeconfig names")
    token, certificate, key = (
        str(status.get(name) or "") for name in ("token", "clientCertificateData", "clientKeyData")
    )
    if not token and not (certificate and key):
        raise PluginError("printed an ExecCredential without a token or a certificate with its key")
    ends_at = None
    if status.get("expirationTimestamp"):
        try:
            ends_at = datetime.fromisoformat(str(status["expirationTimestamp"]))
        except ValueError as exc:
            raise PluginError("printed a time that is none (expirationTimestamp)") from exc
        ends_at = ends_at if ends_at.tzinfo else ends_at.replace(tzinfo=UTC)
        if ends_at <= datetime.now(UTC):
            raise PluginError("printed a credential that had expired already")
    return Given(token, certificate, key, ends_at)
