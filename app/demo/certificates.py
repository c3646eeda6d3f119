"""Makes the certificates that the demo clusters show: kubectl sends no token over plain HTTP.

An own authority signs one server certificate for loopback names. Both are made once and kept, so that kubeconfigs stay
valid over restarts. The `openssl` program does the work; there is no cryptography of our own here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.errors import InternalError

_DAYS: Final = 3650
_RENEW_BEFORE_S: Final = 30 * 86_400
_NAMES: Final = "DNS:localhost,IP:127.0.0.1,IP:::1"
_TIMEOUT_S: Final = 30


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where the certificates of the demo server are.

    Attributes:
        authority: the authority's certificate, for clients.
        certificate: the server's.
        key: the server's private key, readable by its owner only.
    """

    authority: Path
    certificate: Path
    key: Path


def ensure(folder: Path) -> Certificates:
    """The certificates in a folder; made when they are missing or about to expire.

    Args:
        folder: made with its parents if need be.

    Raises:
        InternalError: `openssl` is missing or fails.
    """
    made = Certificates(folder / "ca.crt", folder / "server.crt", folder / "server.key")
    if all(path.exists() for path in (made.authority, made.certificate, made.key)) and _lasts(made.certificate):
        return made
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        _make(Path(work))
        # The certificate goes last: it is what says that the set is complete.
        for path in (made.key, made.authority, made.certificate):
            (Path(work) / path.name).replace(path)
    return made


def _make(work: Path) -> None:
    common = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", str(_DAYS))
    authority = ("-keyout", str(work / "ca.key"), "-out", str(work / "ca.crt"), "-subj", "/CN=kubechat-demo-ca")
    uses = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")
    _openssl("req", "-x509", *common, *authority, *uses)
    # The authority's key goes with the folder: nothing else can ever be signed with it.
    _openssl(
        "req", "-x509", *common,
        "-CA", str(work / "ca.crt"), "-CAkey", str(work / "ca.key"),
        "-keyout", str(work / "server.key"), "-out", str(work / "server.crt"), "-subj", "/CN=kubechat-demo",
        "-addext", f"subjectAltName={_NAMES}", "-addext", "basicConstraints=critical,CA:FALSE",
        "-addext", "keyUsage=critical,digitalSignature", "-addext", "extendedKeyUsage=serverAuth",
    )  # fmt: skip
    (work / "server.key").chmod(0o600)


def _lasts(certificate: Path) -> bool:
    program = shutil.which("openssl")
    if program is None:
        return True  # it cannot be asked, and the certificate is there
    command = [program, "x509", "-in", str(certificate), "-noout", "-checkend", str(_RENEW_BEFORE_S)]
    return subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False).returncode == 0


def _openssl(*arguments: str) -> None:
    program = shutil.which("openssl")
    if program is None:
        raise InternalError("the program openssl is missing; install the package openssl", code="configuration")
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "/")}
    done = subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=_TIMEOUT_S, check=False, env=environment
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise InternalError(f"openssl {arguments[0]} failed: {last[0]}", code="configuration")
