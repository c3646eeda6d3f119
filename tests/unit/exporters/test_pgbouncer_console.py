"""SCRAM-SHA-256 as RFC 7677 shows it, and a console that lies is believed nothing."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from exporters.pgbouncer_console import Console, ConsoleError, Scram, open_console

NONCE = "rOprNGfwEbeRWgbNEkqO"
CHALLENGE = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
PROOF = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="


def test_the_exchange_of_rfc_7677() -> None:
    scram = Scram("user", "pencil", NONCE)
    assert scram.first() == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    assert scram.final(CHALLENGE) == PROOF
    scram.check("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")


@pytest.mark.parametrize("outcome", ["v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=", "e=other-error", ""])
def test_a_server_that_does_not_know_the_password_is_not_believed(outcome: str) -> None:
    scram = Scram("user", "pencil", NONCE)
    scram.final(CHALLENGE)
    with pytest.raises(ConsoleError):
        scram.check(outcome)


@pytest.mark.parametrize(
    "challenge",
    [
        "",
        "r=another%hvYDpWUa2RaTCAfuxFIlj,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        f"r={NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        f"r={NONCE}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=100000000",
        f"r={NONCE}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0",
        f"r={NONCE}x,s=!,i=many",
    ],
)
def test_a_challenge_that_is_not_ours_or_would_cost_too_much_is_refused(challenge: str) -> None:
    with pytest.raises(ConsoleError):
        Scram("user", "pencil", NONCE).final(challenge)


def message(kind: bytes, payload: bytes) -> bytes:
    return kind + struct.pack("!i", 4 + len(payload)) + payload


READY = message(b"Z", b"I")


@asynccontextmanager
async def speaking(words: bytes, *, then_ends: bool = False) -> AsyncIterator[tuple[str, int]]:
    """A server that waits for a first byte, says these words to whoever sent it, and listens until the caller is gone."""
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read(1)
            writer.write(words)
            if then_ends:
                writer.write_eof()
            with suppress(ConnectionError):
                await reader.read()
        finally:
            writer.close()
            ended.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with asyncio.timeout(10), server:
        yield server.sockets[0].getsockname()
        await ended.wait()


@pytest.mark.parametrize(
    ("greeting", "fault"),
    [
        (message(b"R", struct.pack("!i", 0)) + READY, ConsoleError),  # lets anyone in, proves nothing
        (message(b"R", struct.pack("!i", 3)), ConsoleError),  # wants the password in the clear
        (message(b"R", struct.pack("!i", 10) + b"SCRAM-SHA-1\0\0"), ConsoleError),
        (message(b"E", b"SFATAL\0\0"), ConsoleError),
        (b"R" + struct.pack("!i", 2**30), ConsoleError),
        (b"R" + struct.pack("!i", 1), ConsoleError),
        (b"R", ConnectionResetError),
    ],
)
async def test_a_server_that_misbehaves_at_sign_in_is_left(greeting: bytes, fault: type[Exception]) -> None:
    async with speaking(greeting, then_ends=fault is ConnectionResetError) as (host, port):
        with pytest.raises(fault):
            await open_console(host, port, "monitor", "password")


async def test_rows_are_read_by_column_and_null_is_empty() -> None:
    columns = b"".join(name + b"\0" + bytes(18) for name in (b"database", b"maxwait"))
    values = struct.pack("!hi", 2, 4) + b"shop" + struct.pack("!i", -1)
    reply = (
        message(b"T", struct.pack("!h", 2) + columns)
        + message(b"N", b"ignored")
        + message(b"D", values)
        + message(b"C", b"SHOW\0")
        + READY
    )
    async with speaking(reply) as (host, port):
        console = Console(*await asyncio.open_connection(host, port))
        try:
            assert await console.rows("SHOW POOLS") == [{"database": "shop", "maxwait": ""}]
        finally:
            console.close()
