from __future__ import annotations

import base64
import hashlib
import hmac
import stat
from pathlib import Path

import pytest

from app.stack import credentials
from app.stack.credentials import Credentials, scram_verifier
from app.stack.errors import StackError


def test_secrets_are_made_once_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    secrets = Credentials(tmp_path)
    secrets.create()
    first = {path.name: path.read_text() for path in tmp_path.iterdir()}
    secrets.create()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == first
    assert len(set(first.values())) == len(first)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_an_empty_or_missing_secret_is_said_by_its_file(tmp_path: Path) -> None:
    secrets = Credentials(tmp_path)
    with pytest.raises(StackError, match="cannot be read"):
        secrets.read(credentials.SERVICE_TOKEN)
    secrets.path(credentials.SERVICE_TOKEN).write_text("\n")
    with pytest.raises(StackError, match="is empty"):
        secrets.read(credentials.SERVICE_TOKEN)


def test_the_verifier_agrees_with_the_example_of_rfc_7677() -> None:
    verifier = scram_verifier("pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
    head, keys = verifier.rsplit("$", 1)
    assert head == "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ=="
    stored, server = (base64.b64decode(key) for key in keys.split(":"))
    nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    message = (f"n=user,r=rOprNGfwEbeRWgbNEkqO,r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r={nonce}").encode()
    signature = base64.b64encode(hmac.digest(server, message, "sha256")).decode()
    assert signature == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    proof = base64.b64decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    client_key = bytes(a ^ b for a, b in zip(proof, hmac.digest(stored, message, "sha256"), strict=True))
    assert hashlib.sha256(client_key).digest() == stored


def test_two_verifiers_of_one_password_differ() -> None:
    assert scram_verifier("a") != scram_verifier("a")
