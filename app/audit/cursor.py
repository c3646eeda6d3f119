"""Where the next page of a search begins, as an opaque word that belongs to that search and to this service.

Signed, because a cursor comes back from outside: one that was altered, or that belongs to another search, is refused
rather than read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.audit.entries import Position, Search
from app.errors import InvalidInputError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SIGNATURE_BYTES = 12


class Cursors:
    """Makes and reads cursors.

    Args:
        secret: the service token; the signing key is derived from it, so that all replicas have the same.
    """

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"kubechat audit cursor\0" + secret.encode()).digest()

    def write(self, position: Position, search: Search) -> str:
        """The cursor of a position within a search."""
        micros = (position.timestamp - _EPOCH) // timedelta(microseconds=1)
        body = micros.to_bytes(8, "big", signed=True) + position.event_id.bytes
        return base64.urlsafe_b64encode(body + self._sign(body, search)).decode()

    def read(self, cursor: str, search: Search) -> Position:
        """The position that a cursor names; InvalidInputError when it is none of this search."""
        try:
            raw = base64.urlsafe_b64decode(cursor.encode("ascii"))
        except (ValueError, binascii.Error) as exc:
            raise _refusal() from exc
        body, signature = raw[:24], raw[24:]
        if len(body) != 24 or not hmac.compare_digest(signature, self._sign(body, search)):
            raise _refusal()
        micros = int.from_bytes(body[:8], "big", signed=True)
        return Position(_EPOCH + timedelta(microseconds=micros), UUID(bytes=body[8:]))

    def _sign(self, body: bytes, search: Search) -> bytes:
        # repr of plain values in a fixed order: equal searches are equal texts.
        return hmac.digest(self._key, body + repr(search).encode(), "sha256")[:_SIGNATURE_BYTES]


def _refusal() -> InvalidInputError:
    return InvalidInputError("The cursor does not belong to this search; start it again without one.", code="cursor")
