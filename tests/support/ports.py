"""Ports of loopback that nobody listens on, for servers of the tests' own."""

from __future__ import annotations

import socket
from contextlib import ExitStack


def free_ports(number: int) -> list[int]:
    """So many different ports: taken one by one, of a dozen two are the same once in two hundred times."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def free_port() -> int:
    """One port."""
    return free_ports(1)[0]
