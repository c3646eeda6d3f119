"""How this installation proves itself to a cluster: tokens, client certificates, plugins, OIDC, passwords.

Loaded when the first request needs it and again when it may have aged. What goes wrong is one sentence that names the
part of the kubeconfig and nothing that stands in it.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.errors import InternalError, UnavailableError
from app.infra.kubernetes.entry import Entry, fault_of, pem_of
from app.infra.kubernetes.kubeconfig import ClusterConfig
from app.infra.kubernetes.oidc import OidcTokens, ProviderError
from app.infra.kubernetes.plugins import PluginError, run_plugin

RELOAD_EVERY_S = 60.0  # rotated token files, certificates and kubeconfigs are picked up within this
PLUGIN_KEPT_S = 600.0  # where a plugin does not say when its token ends; a refused one is asked for anew at once
AGES_BEFORE_S = 10.0  # a token that ends while its request is under way is of no use
FAILED_FOR_S = 3.0  # those who wait for the same plugin are told the same, and do not start it one after the other


@dataclass(frozen=True, slots=True)
class Proof:
    """How one request proves itself.

    Attributes:
        authorization: value of the Authorization header, empty when a client certificate does it.
        tls: the verified TLS context, None for plain http.
        made_of: of what the TLS context was made; another value means another context.
    """

    authorization: str = field(repr=False)
    tls: ssl.SSLContext | None
    made_of: bytes = b""


@dataclass(slots=True)
class _Loaded:
    """What was loaded, and until when it counts by the monotonic clock."""

    proof: Proof
    until: float


@dataclass(slots=True)
class _Parts:
    """The parts of a proof under way."""

    certificate: str
    key: str
    kept_s: float
    authorization: str = ""


class _PartError(Exception):
    """A part cannot be used; the text says which, behind the cluster's name."""


class Credentials:
    """Loads and renews the credentials of one context.

    Args:
        config: the context.
    """

    def __init__(self, config: ClusterConfig) -> None:
        self._config = config
        self._loaded: _Loaded | None = None
        self._failed: tuple[float, UnavailableError] | None = None
        self._oidc = OidcTokens()
        self._lock = asyncio.Lock()

    async def proof(self, *, renew: bool = False) -> Proof:
        """What to send with a request.

        Args:
            renew: load again even when what is there is young.

        Raises:
            UnavailableError: the context cannot be used (code `cluster_configuration`), or its credentials cannot be
                loaded (`cluster_credentials`).
        """
        if self._loaded is not None and not renew and time.monotonic() < self._loaded.until:
            return self._loaded.proof
        asked_at = time.monotonic()
        async with self._lock:
            if self._loaded is not None and not renew and time.monotonic() < self._loaded.until:
                return self._loaded.proof
            if self._failed is not None and self._failed[0] > asked_at - FAILED_FOR_S:
                raise self._failed[1]
            try:
                proof, kept_s = await self._load()
            except UnavailableError as error:
                self._failed = (time.monotonic(), error)
                raise
            self._loaded, self._failed = _Loaded(proof, time.monotonic() + kept_s), None
            return proof

    async def _load(self) -> tuple[Proof, float]:
        name = self._config.name
        if self._config.fault:
            raise self._unusable(self._config.fault)
        try:
            entry = self._config.entry()
        except InternalError as exc:
            raise self._unusable(exc.message) from exc
        fault = fault_of(entry, added=self._config.added)
        if fault:
            raise self._unusable(fault)
        try:
            parts = await self._parts(entry)
            proof = self._proof(entry, parts)
        except _PartError as exc:
            raise UnavailableError(
                f"The credentials of the cluster {name} cannot be used: {exc}; its operator has to look.",
                code="cluster_credentials",
            ) from exc
        if not proof.authorization and not parts.certificate:
            raise UnavailableError(
                f"There are no credentials for the cluster {name}; its operator has to add them.",
                code="cluster_credentials",
            )
        return proof, parts.kept_s

    def _unusable(self, fault: str) -> UnavailableError:
        return UnavailableError(
            f"The cluster {self._config.name} is not set up right: {fault}.", code="cluster_configuration"
        )

    async def _parts(self, entry: Entry) -> _Parts:
        user = entry.user or {}
        parts = _Parts(
            certificate=_pem(user, "client-certificate", entry.folder),
            key=_pem(user, "client-key", entry.folder),
            kept_s=RELOAD_EVERY_S,
        )
        if "auth-provider" in user:
            try:
                token, ends_at = await self._oidc.token(user["auth-provider"]["config"])
            except ProviderError as exc:
                raise _PartError(f"its OIDC provider {exc}") from exc
            parts.authorization, parts.kept_s = f"Bearer {token}", _kept(ends_at, RELOAD_EVERY_S)
        elif "exec" in user:
            try:
                given = await run_plugin(user["exec"], entry.cluster or {}, entry.folder)
            except PluginError as exc:
                raise _PartError(f"its plugin {exc}") from exc
            parts.authorization = f"Bearer {given.token}" if given.token else ""
            parts.certificate, parts.key = given.certificate or parts.certificate, given.key or parts.key
            parts.kept_s = _kept(given.ends_at, PLUGIN_KEPT_S)
        elif user.get("tokenFile"):
            parts.authorization = f"Bearer {_text(entry.folder / str(user['tokenFile']), 'its token file').strip()}"
        elif user.get("token"):
            parts.authorization = f"Bearer {user['token']}"
        elif user.get("username"):
            pair = f"{user['username']}:{user['password']}"
            parts.authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return parts

    def _proof(self, entry: Entry, parts: _Parts) -> Proof:
        if not self._config.server.startswith("https"):
            return Proof(parts.authorization, None)
        authority = _pem(entry.cluster or {}, "certificate-authority", entry.folder)
        made_of = sha256(f"{authority}\0{parts.certificate}\0{parts.key}".encode()).digest()
        if self._loaded is not None and self._loaded.proof.made_of == made_of:
            return Proof(parts.authorization, self._loaded.proof.tls, made_of)
        return Proof(parts.authorization, _tls(authority, parts.certificate, parts.key), made_of)


def _kept(ends_at: datetime | None, otherwise_s: float) -> float:
    """Seconds that a credential is kept."""
    if ends_at is None:
        return otherwise_s
    return max(0.0, (ends_at - datetime.now(UTC)).total_seconds() - AGES_BEFORE_S)


def _tls(authority: str, certificate: str, key: str) -> ssl.SSLContext:
    try:
        tls = ssl.create_default_context(cadata=authority or None)
    except (ssl.SSLError, ValueError) as exc:
        raise _PartError("its CA holds no certificate that can be read (certificate-authority)") from exc
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        # The library reads files alone; these are gone again when it has.
        with tempfile.TemporaryDirectory(prefix="kubechat-") as folder:
            paths = [Path(folder) / name for name in ("certificate", "key")]
            for path, text in zip(paths, (certificate, key), strict=True):
                path.touch(mode=0o600)
                path.write_text(text, encoding="ascii")
            try:
                tls.load_cert_chain(paths[0], paths[1], password=_no_password)
            except (ssl.SSLError, ValueError) as exc:
                raise _PartError("its client certificate and its key do not fit, or cannot be read") from exc
    return tls


def _no_password() -> str:
    """For an encrypted key: refused, where the library would ask at the terminal."""
    raise ValueError("encrypted")


def _pem(part: Mapping[str, Any], name: str, folder: Path) -> str:
    """A PEM text that stands in the kubeconfig, or in the file that it names; empty for none."""
    embedded = pem_of(part, f"{name}-data")
    if embedded is not None:
        return embedded
    return _text(folder / str(part[name]), f"its file of {name}") if part.get(name) else ""


def _text(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as exc:
        raise _PartError(f"{what} cannot be read") from exc
