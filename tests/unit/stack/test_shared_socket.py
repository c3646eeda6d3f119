"""The gateway's socket belongs to the supervisor, so a replica that is away refuses nobody."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from app.stack.ports import listening_socket
from app.stack.record import State
from app.stack.service import Service
from tests.unit.stack.tiny import PATIENCE_S, ready, running

ANSWER = (
    "import socket, sys\n"
    "listener = socket.socket(fileno=int(sys.argv[1]))\n"
    "while True:\n"
    "    client, _ = listener.accept()\n"
    "    client.sendall(sys.argv[2].encode()); client.close()\n"
)


def replica(name: str, fd: int, home: Path) -> Service:
    argv = (sys.executable, "-I", "-S", "-c", ANSWER, str(fd), name)
    return Service(name, argv, home, ready, pass_fds=(fd,))


async def ask(port: int) -> str:
    async with asyncio.timeout(PATIENCE_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answer = await reader.read()
        writer.close()
    return answer.decode()


async def killed(pid: int) -> None:
    """Kill a process and wait for its end: until then it may still accept a connection that it never answers."""
    process, ended = os.pidfd_open(pid), asyncio.Event()
    asyncio.get_running_loop().add_reader(process, ended.set)
    try:
        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(PATIENCE_S):
            await ended.wait()
    finally:
        asyncio.get_running_loop().remove_reader(process)
        os.close(process)


async def test_a_connection_made_while_every_replica_is_dead_is_answered_when_one_is_back(tmp_path: Path) -> None:
    with listening_socket(0) as listener:
        port = listener.getsockname()[1]
        async with running([replica("gateway-1", listener.fileno(), tmp_path)], tmp_path) as stack:
            assert await ask(port) == "gateway-1"
            await killed(stack.pid("gateway-1"))
            assert await ask(port) == "gateway-1"
            await stack.until(lambda: stack.record("gateway-1").restarts == 1)


async def test_two_replicas_answer_on_one_port_and_one_does_when_the_other_is_stopped(tmp_path: Path) -> None:
    held: set[str] = set()
    with listening_socket(0) as listener:
        port = listener.getsockname()[1]
        services = [replica(name, listener.fileno(), tmp_path) for name in ("gateway-1", "gateway-2")]
        async with running(services, tmp_path, lambda: held) as stack:
            held.add("gateway-1")
            stack.supervisor.reconsider()
            await stack.until(lambda: stack.record("gateway-1").state is State.STOPPED)
            assert {await ask(port) for _ in range(10)} == {"gateway-2"}
            held.clear()
            stack.supervisor.reconsider()
            await stack.until(lambda: stack.record("gateway-1").state is State.READY)
            async with asyncio.timeout(PATIENCE_S):
                while await ask(port) != "gateway-1":
                    pass
