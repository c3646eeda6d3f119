"""Secrets that lie in a database: sealed with AES-256-GCM under keys that the database never sees.

A sealed text says under which key it lies and belongs to one name: put under another name it does not open (ADR 0023).
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import InternalError
from app.infra.settings import read_secret

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12  # what GCM is made for; random ones are safe for far more texts than there are clusters
_TAG_BYTES: Final = 16


class SealError(Exception):
    """A sealed text cannot be opened: another key, another name, or it was changed."""


class Keys:
    """Keys by their id; the first is what is sealed under, the others open what was sealed before.

    Args:
        keys: 32 bytes each, by id.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)

    @property
    def newest(self) -> str:
        """The id of the key that is sealed under; empty where there is none."""
        return next(iter(self._keys), "")

    def seal(self, plain: bytes, name: str) -> tuple[str, bytes]:
        """Seal a text for a name: the key's id, and what can lie anywhere.

        Raises:
            InternalError: there is no key.
        """
        if not self._keys:
            raise InternalError("there is no key for what is sealed", code="configuration")
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self.newest, nonce + AESGCM(self._keys[self.newest]).encrypt(nonce, plain, name.encode())

    def open(self, key_id: str, sealed: bytes, name: str) -> bytes:
        """The text that was sealed for this name.

        Raises:
            SealError: it cannot be opened.
        """
        key = self._keys.get(key_id)
        if key is None or len(sealed) < _NONCE_BYTES + _TAG_BYTES:
            raise SealError(key_id)
        try:
            return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode())
        except InvalidTag as exc:
            raise SealError(key_id) from exc


def read_keys(path: Path | None) -> Keys:
    """The keys of a file, one `ID:BASE64` a line, the newest first; none where there is no file.

    Raises:
        InternalError: the file cannot be read, or holds something else (code `configuration`).
    """
    if path is None:
        return Keys({})
    found: dict[str, bytes] = {}
    for line in read_secret(path, "keys for what is sealed").split():
        name, colon, text = line.partition(":")
        try:
            key = base64.b64decode(text, validate=True)
        except binascii.Error:
            key = b""
        if not colon or not name or name in found or len(key) != KEY_BYTES:
            raise InternalError(
                f"the file {path} holds something else than lines ID:KEY with a key of {KEY_BYTES} bytes in base64",
                code="configuration",
            )
        found[name] = key
    return Keys(found)
