"""The kernel's own round trips, of connections that stand; nothing for those that do not."""

from __future__ import annotations

import asyncio
import math
import socket
from pathlib import Path

from app.infra.http import ServiceClient
from app.infra.round_trip import round_trip_s, watch
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.kube_api import KubeApi


async def test_a_client_tells_the_round_trip_to_its_service_while_it_holds_a_connection() -> None:
    instruments, tracing = Instruments(), Tracing("gateway", "gateway-1")
    async with KubeApi() as server:
        client = ServiceClient("audit", [server.url], token="t", instruments=instruments, tracing=tracing)
        assert math.isnan(instruments.value(catalogue.ROUND_TRIP, peer="audit"))
        await client.call("store", "GET", "/v1/events", timeout_s=5)
        assert 0 < instruments.value(catalogue.ROUND_TRIP, peer="audit") < 1
        await client.close()
    assert math.isnan(instruments.value(catalogue.ROUND_TRIP, peer="audit"))
    tracing.close()


def test_what_has_no_round_trip_is_left_out(tmp_path: Path) -> None:
    instruments = Instruments()
    closed = socket.socket()
    closed.close()
    with socket.socket(socket.AF_UNIX) as local:
        for none in (None, closed, local):
            assert math.isnan(round_trip_s(none))
        listener = socket.create_server(("127.0.0.1", 0))
        with listener, socket.create_connection(listener.getsockname()) as standing:
            watch(instruments, "peer", lambda: [None, closed, standing, local])
            assert instruments.value(catalogue.ROUND_TRIP, peer="peer") == round_trip_s(standing) > 0


async def test_a_uvloop_connection_tells_it_as_well() -> None:
    import uvloop

    def ask() -> float:
        async def connected() -> float:
            server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
            async with server:
                _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
                found = round_trip_s(writer.get_extra_info("socket"))
                writer.close()
                return found

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(connected())

    assert await asyncio.to_thread(ask) > 0
