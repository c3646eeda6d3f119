from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from app.stack.errors import StackError
from app.stack.ports import Ports, holder, listening_socket, require_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_named_with_the_process_that_holds_it(taken: int) -> None:
    with pytest.raises(StackError) as refused:
        require_free([("pgbouncer", taken)])
    assert f"port {taken} of pgbouncer is taken by" in refused.value.message
    assert f"pid {os.getpid()}" in refused.value.message


def test_all_taken_ports_are_named_at_once(taken: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(StackError) as refused:
            require_free([("a", taken), ("b", other.getsockname()[1])])
    assert "of a is taken" in refused.value.message
    assert "of b is taken" in refused.value.message


def test_two_that_want_the_same_port_are_both_named() -> None:
    with pytest.raises(StackError, match="port 28931 of b is also that of a"):
        require_free([("a", 28931), ("b", 28931)])


def test_a_port_that_this_process_holds_for_another_is_named_as_that_one(taken: int) -> None:
    with pytest.raises(StackError, match=f"port {taken} of audit-1 is also that of the web chat"):
        require_free([("audit-1", taken)], own={taken: "the web chat"})


def test_a_port_that_was_just_left_is_free() -> None:
    """TIME_WAIT of an earlier run must not be taken for somebody who holds the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    client = socket.create_connection(("127.0.0.1", port))
    server, _ = listener.accept()
    server.close()
    client.close()
    listener.close()
    require_free([("a", port)])


def test_a_free_port_has_no_holder(taken: int) -> None:
    assert "may not see" in holder(1)
    assert str(os.getpid()) in holder(taken)


def test_the_inherited_socket_listens(taken: int) -> None:
    with listening_socket(0) as listener:
        socket.create_connection(listener.getsockname()).close()
    with pytest.raises(StackError, match="cannot be listened on"):
        listening_socket(taken)


def test_no_two_processes_of_the_largest_stack_share_a_port() -> None:
    ports = Ports(18000, 8080)
    given = [
        *(ports.gateway_private(n) for n in range(1, 21)),
        *(ports.nlp(n) for n in range(1, 21)),
        *(ports.nlp_private(n) for n in range(1, 21)),
        *(ports.audit(n) for n in range(1, 21)),
        *(ports.audit_private(n) for n in range(1, 21)),
        ports.exporters,
        ports.demo,
        ports.demo_private,
        ports.postgres_primary,
        *(ports.postgres_replica(n) for n in range(1, 9)),
        ports.pgbouncer,
        *(ports.redis(n) for n in range(1, 7)),
        *(ports.redis_bus(n) for n in range(1, 7)),
        ports.prometheus,
        ports.alertmanager,
    ]
    assert len(set(given)) == len(given)
    assert all(18000 <= port < 18200 for port in given)


def test_a_replica_beyond_its_range_has_no_port() -> None:
    with pytest.raises(ValueError, match="1 to 20"):
        Ports(18000, 8080).gateway_private(21)
