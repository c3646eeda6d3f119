"""PgBouncer's console, which speaks PostgreSQL's simple query protocol only, and no driver here reads rows by that.

Just enough of the protocol: start-up, SCRAM-SHA-256 (RFC 7677, without channel binding), one query at a time, text
rows. Sends no password in the clear, and believes no server that does not prove that it knows it too.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import struct
from contextlib import suppress

_PROTOCOL = 196608  # version 3.0
_LARGEST_MESSAGE_BYTES = 2**20
_MOST_ITERATIONS = 100_000  # a hostile server must not keep us hashing


class ConsoleError(Exception):
    """The console refused something, or what it sent makes no sense; holds no text of the server."""


class Scram:
    """One exchange of SCRAM-SHA-256.

    Args:
        user: the user's name within the exchange; PostgreSQL takes it from the start-up message and ignores this one.
        password: ASCII text; other passwords would need SASLprep.
        nonce: fresh randomness.
    """

    def __init__(self, user: str, password: str, nonce: str) -> None:
        if not password.isascii():
            raise ConsoleError("passwords for the console are ASCII")
        self._password = password.encode()
        self._nonce = nonce
        self._first_bare = f"n={user},r={nonce}"
        self._server_signature = b""

    def first(self) -> str:
        """The client's first message."""
        return f"n,,{self._first_bare}"

    def final(self, challenge: str) -> str:
        """The client's proof; ConsoleError when the challenge does not continue ours."""
        fields = _fields(challenge)
        try:
            nonce, salt, iterations = fields["r"], base64.b64decode(fields["s"]), int(fields["i"])
        except (KeyError, ValueError) as exc:
            raise ConsoleError("the challenge cannot be read") from exc
        if (
            not nonce.startswith(self._nonce)
            or len(nonce) <= len(self._nonce)
            or not 0 < iterations <= _MOST_ITERATIONS
        ):
            raise ConsoleError("the challenge does not belong to this exchange")
        without_proof = f"c=biws,r={nonce}"
        message = f"{self._first_bare},{challenge},{without_proof}".encode()
        salted = hashlib.pbkdf2_hmac("sha256", self._password, salt, iterations)
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(client_key).digest(), message, "sha256")
        self._server_signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), message, "sha256")
        proof = bytes(left ^ right for left, right in zip(client_key, signature, strict=True))
        return f"{without_proof},p={base64.b64encode(proof).decode()}"

    def check(self, outcome: str) -> None:
        """Check the server's proof; ConsoleError when it does not know the password."""
        wanted = base64.b64encode(self._server_signature).decode()
        if not self._server_signature or not hmac.compare_digest(_fields(outcome).get("v", ""), wanted):
            raise ConsoleError("the server does not know the password")


class Console:
    """One connection; made by `open_console`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def sign_in(self, user: str, password: str, database: str) -> None:
        """The start of the session.

        Raises:
            ConsoleError: it is refused.
            OSError: the connection broke.
        """
        parameters = f"user\0{user}\0database\0{database}\0client_encoding\0UTF8\0\0".encode()
        self._writer.write(struct.pack("!ii", 8 + len(parameters), _PROTOCOL) + parameters)
        scram = Scram("", password, base64.b64encode(secrets.token_bytes(18)).decode())
        proved = False
        while True:
            kind, payload = await self._receive()
            if kind == b"R":
                (code,) = struct.unpack_from("!i", payload)
                proved = self._answer(code, payload[4:], scram) or proved
            elif kind == b"Z":
                if not proved:
                    raise ConsoleError("the server asked for no password")
                return

    def _answer(self, code: int, data: bytes, scram: Scram) -> bool:
        """Answer one request for authentication; True once the server has proved itself."""
        if code == 10:
            if b"SCRAM-SHA-256" not in data.split(b"\0"):
                raise ConsoleError("the server offers no SCRAM-SHA-256")
            first = scram.first().encode()
            self._send(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first)
        elif code == 11:
            self._send(b"p", scram.final(data.decode()).encode())
        elif code == 12:
            scram.check(data.decode())
            return True
        elif code != 0:
            raise ConsoleError("the server asks for a weaker kind of authentication")
        return False

    async def rows(self, command: str) -> list[dict[str, str]]:
        """The rows of a SHOW command, each by column name; NULL is an empty text.

        Raises:
            ConsoleError: it is refused.
            OSError: the connection broke.
        """
        self._send(b"Q", command.encode() + b"\0")
        columns: list[str] = []
        rows: list[dict[str, str]] = []
        while True:
            kind, payload = await self._receive()
            if kind == b"T":
                columns = _columns(payload)
            elif kind == b"D":
                rows.append(dict(zip(columns, _values(payload), strict=True)))
            elif kind == b"Z":
                return rows

    def close(self) -> None:
        """Cut the connection."""
        self._writer.transport.abort()

    def _send(self, kind: bytes, payload: bytes) -> None:
        self._writer.write(kind + struct.pack("!i", 4 + len(payload)) + payload)

    async def _receive(self) -> tuple[bytes, bytes]:
        try:
            header = await self._reader.readexactly(5)
            (length,) = struct.unpack("!i", header[1:])
            if not 4 <= length <= _LARGEST_MESSAGE_BYTES:
                raise ConsoleError("a message of the console is too large")
            payload = await self._reader.readexactly(length - 4)
        except asyncio.IncompleteReadError as exc:
            raise ConnectionResetError("the console closed the connection") from exc
        if header[:1] == b"E":
            raise ConsoleError("the console refused a request")
        return header[:1], payload


async def open_console(host: str, port: int, user: str, password: str, database: str = "pgbouncer") -> Console:
    """A signed-in connection; raises ConsoleError or OSError. May be cancelled."""
    reader, writer = await asyncio.open_connection(host, port)
    console = Console(reader, writer)
    try:
        await console.sign_in(user, password, database)
    except BaseException:
        with suppress(OSError):
            console.close()
        raise
    return console


def _fields(message: str) -> dict[str, str]:
    return dict(part.partition("=")[::2] for part in message.split(","))


def _columns(payload: bytes) -> list[str]:
    (count,) = struct.unpack_from("!h", payload)
    names: list[str] = []
    at = 2
    for _ in range(count):
        end = payload.index(b"\0", at)
        names.append(payload[at:end].decode())
        at = end + 1 + 18  # table, column, type, size, modifier and format follow each name
    return names


def _values(payload: bytes) -> list[str]:
    (count,) = struct.unpack_from("!h", payload)
    values: list[str] = []
    at = 2
    for _ in range(count):
        (length,) = struct.unpack_from("!i", payload, at)
        at += 4
        values.append(payload[at : at + max(0, length)].decode())
        at += max(0, length)
    return values
