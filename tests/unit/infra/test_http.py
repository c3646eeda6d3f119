"""Calls to our own services end in time, also where an answer drips."""

from __future__ import annotations

import asyncio

import pytest

from app.errors import DeadlineExceededError
from app.infra.http import ServiceClient
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing


async def test_an_answer_that_drips_is_given_up_at_the_deadline() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
        try:
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    instruments, tracing = Instruments(), Tracing("gateway", "test")
    client = ServiceClient("audit", [f"http://127.0.0.1:{port}"], token="t", instruments=instruments, tracing=tracing)
    with pytest.raises(DeadlineExceededError):
        async with asyncio.timeout(10):
            await client.call("search", "GET", "/v1/events", timeout_s=0.2)
    counted = instruments.value(
        catalogue.DEPENDENCY_REQUESTS, dependency="audit", operation="search", outcome="timeout"
    )
    await client.close()
    server.close()
    tracing.close()
    assert counted == 1
