"""How long a packet takes to a peer and back, as the kernel knows it of connections that are in use.

Nothing is sent for it and nothing is done until somebody reads the metric: Linux keeps a smoothed round trip for each
connection and tells it when asked. Where it does not, there is no number.
"""

from __future__ import annotations

import math
import socket
import struct
from collections.abc import Callable, Iterable
from typing import Any, Final

from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

_RTT_AT: Final = 68  # struct tcp_info: eight bytes and fifteen words before it
_LENGTH: Final = _RTT_AT + 4


def round_trip_s(connection: Any) -> float:
    """The round trip of a socket, in seconds; NaN where it has none: closed, no TCP, another system."""
    try:
        told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LENGTH)
    except (OSError, AttributeError, ValueError):
        return math.nan
    return float(struct.unpack_from("I", told, _RTT_AT)[0]) / 1e6 if len(told) >= _LENGTH else math.nan


def watch(instruments: Instruments, peer: str, sockets: Callable[[], Iterable[Any]]) -> None:
    """Tell the longest round trip of some connections whenever the metric is read.

    Args:
        instruments: where the gauge lives.
        peer: the label; a second watch of the same peer takes the place of the first.
        sockets: those in use now; asked on another thread, so that it may not wait and has to copy what may change.
    """

    def longest() -> float:
        known = [trip for trip in map(round_trip_s, sockets()) if not math.isnan(trip)]
        return max(known, default=math.nan)

    instruments.gauge(catalogue.ROUND_TRIP).labels(peer).set_function(longest)


def socket_of(transport: Any) -> Any:
    """The socket below a transport, or None."""
    return None if transport is None else transport.get_extra_info("socket")
