"""Secrets that lie in a database: sealed with AES-256-GCM under keys that the database never sees.

A sealed text says under which key it lies and belongs to one name: put under another name it does not open. The cipher
is OpenSSL's own, the library that this interpreter's TLS runs on, called through its documented interface (ADR 0023);
nothing here is cryptography of ours.
"""

from __future__ import annotations

import base64
import binascii
import ctypes
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from app.errors import InternalError
from app.infra.settings import read_secret

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12  # what GCM is made for; random ones are safe for far more texts than there are clusters
_TAG_BYTES: Final = 16
_LIBRARIES: Final = ("libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.3.dylib")
_SET_TAG, _GET_TAG = 0x11, 0x10  # EVP_CTRL_AEAD_SET_TAG, EVP_CTRL_AEAD_GET_TAG


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
            InternalError: there is no key, or no library.
        """
        if not self._keys:
            raise InternalError("there is no key for what is sealed", code="configuration")
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed, tag = _encrypt(self._keys[self.newest], nonce, plain, name.encode())
        return self.newest, nonce + tag + sealed

    def open(self, key_id: str, sealed: bytes, name: str) -> bytes:
        """The text that was sealed for this name.

        Raises:
            SealError: it cannot be opened.
        """
        key = self._keys.get(key_id)
        if key is None or len(sealed) < _NONCE_BYTES + _TAG_BYTES:
            raise SealError(key_id)
        nonce, tag = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES : _NONCE_BYTES + _TAG_BYTES]
        return _decrypt(key, nonce, tag, sealed[_NONCE_BYTES + _TAG_BYTES :], name.encode())


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


def _encrypt(key: bytes, nonce: bytes, plain: bytes, bound: bytes) -> tuple[bytes, bytes]:
    library = _library()
    context = library.EVP_CIPHER_CTX_new()
    try:
        out, number = ctypes.create_string_buffer(len(plain) + _TAG_BYTES), ctypes.c_int(0)
        tag = ctypes.create_string_buffer(_TAG_BYTES)
        _done(library.EVP_EncryptInit_ex(context, library.EVP_aes_256_gcm(), None, key, nonce))
        _done(library.EVP_EncryptUpdate(context, None, ctypes.byref(number), bound, len(bound)))
        _done(library.EVP_EncryptUpdate(context, out, ctypes.byref(number), plain, len(plain)))
        sealed = out.raw[: number.value]
        _done(library.EVP_EncryptFinal_ex(context, out, ctypes.byref(number)))
        _done(library.EVP_CIPHER_CTX_ctrl(context, _GET_TAG, _TAG_BYTES, tag))
        return sealed, tag.raw
    finally:
        library.EVP_CIPHER_CTX_free(context)


def _decrypt(key: bytes, nonce: bytes, tag: bytes, sealed: bytes, bound: bytes) -> bytes:
    library = _library()
    context = library.EVP_CIPHER_CTX_new()
    try:
        out, number = ctypes.create_string_buffer(len(sealed) + _TAG_BYTES), ctypes.c_int(0)
        _done(library.EVP_DecryptInit_ex(context, library.EVP_aes_256_gcm(), None, key, nonce))
        _done(library.EVP_DecryptUpdate(context, None, ctypes.byref(number), bound, len(bound)))
        _done(library.EVP_DecryptUpdate(context, out, ctypes.byref(number), sealed, len(sealed)))
        plain = out.raw[: number.value]
        _done(library.EVP_CIPHER_CTX_ctrl(context, _SET_TAG, _TAG_BYTES, tag))
        if library.EVP_DecryptFinal_ex(context, out, ctypes.byref(number)) != 1:
            raise SealError("not opened")
        return plain
    finally:
        library.EVP_CIPHER_CTX_free(context)


def _done(result: int) -> None:
    if result != 1:
        raise InternalError("OpenSSL refused to seal or to open")


@cache
def _library() -> Any:
    """OpenSSL's libcrypto, with the types of what is called."""
    for name in _LIBRARIES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        pointer, number = ctypes.c_void_p, ctypes.POINTER(ctypes.c_int)
        text = ctypes.c_char_p
        library.EVP_CIPHER_CTX_new.restype = pointer
        library.EVP_aes_256_gcm.restype = pointer
        library.EVP_CIPHER_CTX_free.argtypes = [pointer]
        library.EVP_CIPHER_CTX_ctrl.argtypes = [pointer, ctypes.c_int, ctypes.c_int, text]
        for way in ("Encrypt", "Decrypt"):
            getattr(library, f"EVP_{way}Init_ex").argtypes = [pointer, pointer, pointer, text, text]
            getattr(library, f"EVP_{way}Update").argtypes = [pointer, text, number, text, ctypes.c_int]
            getattr(library, f"EVP_{way}Final_ex").argtypes = [pointer, text, number]
        return library
    raise InternalError("OpenSSL's libcrypto was not found, so that nothing can be sealed", code="configuration")
