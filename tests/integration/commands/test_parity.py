"""The same line by the real kubectl and by the engine, against the same cluster, prints the same, byte for byte.

What differs is listed in `parity.differences`, with its reason.
"""

from __future__ import annotations

import asyncio
import difflib
import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

import orjson
import pytest

from app.domain.commands.engine import Engine
from app.domain.commands.model.streaming import streams
from app.domain.commands.printing import Printed, printed, printed_error
from app.domain.commands.results import Chunk
from app.errors import KubeChatError
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation
from tests.integration.commands.conftest import command
from tests.integration.commands.parity import kubectl
from tests.integration.commands.parity.differences import BY_NAME, EVERYWHERE, MOMENT, OF_ROWS
from tests.integration.commands.parity.reads import READS, WIDGET, WIDGETS
from tests.integration.commands.parity.row import Row
from tests.support.demo import DemoProcess
from tests.support.waiting import wait_for

pytestmark = pytest.mark.kubectl
TRIES = 3  # ages and restarts tick between the two answers
AT_ONCE = 4  # kubectls
FEWEST = 80  # commands that are compared


async def engine_says(engine: Engine, who: Impersonation, row: Row) -> Printed:
    try:
        line = f"{row.line}\n{row.stdin}" if row.stdin else row.line
        asked = command(line)
        if not streams(asked):
            return printed(await engine.read(asked, who))
        async with aclosing(engine.stream(asked, who)) as chunks:
            found = [chunk async for chunk in chunks]
        text, notes = "".join(chunk.text for chunk in found), "".join(chunk.notes for chunk in found)
        return Printed(text, notes, max((chunk.status for chunk in found), default=0))
    except KubeChatError as error:
        return printed_error(error.message, row.line.split()[0])


def compared(row: Row, ours: Printed, theirs: Printed) -> tuple[Printed, Printed]:
    for difference in (*EVERYWHERE, *(BY_NAME[name] for name in row.differences)):
        ours, theirs = difference.ours(ours), difference.theirs(theirs)
    return ours, theirs


async def differs(engine: Engine, who: Impersonation, demo: DemoProcess, path: str, row: Row) -> str:
    ours = theirs = Printed()
    for _ in range(TRIES):
        said, answered = await asyncio.gather(kubectl.says(path, demo, row), engine_says(engine, who, row))
        ours, theirs = compared(row, answered, said)
        if ours == theirs:
            return ""
    # On a busy machine kubectl looks at its watch seconds after us, each time.
    return "" if MOMENT.ours(ours) == MOMENT.theirs(theirs) else difference_of(row, ours, theirs)


def difference_of(row: Row, ours: Printed, theirs: Printed) -> str:
    lines = [f"kubectl {row.line}"]
    for name in ("out", "err"):
        wanted, got = getattr(theirs, name).splitlines(), getattr(ours, name).splitlines()
        lines += [
            line[:300]
            for line in difflib.unified_diff(wanted, got, f"kubectl {name}", f"ours {name}", n=1, lineterm="")
        ]
    if ours.status != theirs.status:
        lines.append(f"ends with {ours.status}, kubectl with {theirs.status}")
    return "\n".join(lines)


@pytest.fixture
def widgets(demo: DemoProcess) -> Iterator[None]:
    """A custom resource and two objects of it, for the time of a test."""
    base = "/clusters/prod-eu/apis"
    definitions = f"{base}/apiextensions.k8s.io/v1/customresourcedefinitions"
    objects = f"{base}/example.com/v1/namespaces/shop/widgets"
    demo.ask("POST", definitions, WIDGETS)
    wait_for("widgets", lambda: "widgets" in str(demo.ask("GET", f"{base}/example.com/v1")))
    demo.ask("POST", objects, WIDGET)
    demo.ask("POST", objects, {**WIDGET, "metadata": {"name": "two"}, "spec": {"size": 10}})
    yield
    demo.ask("DELETE", f"{definitions}/widgets.example.com")


@pytest.mark.usefixtures("widgets")
async def test_the_engine_prints_what_kubectl_prints(engine: Engine, admin: Impersonation, demo: DemoProcess) -> None:
    path = kubectl.program()
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(row: Row) -> str:
        async with gate:
            return await differs(engine, admin, demo, path, row)

    found = [text for text in await asyncio.gather(*(one(row) for row in READS)) if text]
    assert not found, f"{len(found)} of {len(READS)} commands differ:\n\n" + "\n\n".join(found)


def test_every_difference_has_its_reason_and_a_row() -> None:
    used = {name for row in READS for name in row.differences}
    assert used == {difference.name for difference in OF_ROWS}
    assert all(difference.reason.endswith(".") for difference in BY_NAME.values())
    assert len(READS) >= FEWEST


async def test_a_difference_that_is_not_listed_is_seen(engine: Engine, admin: Impersonation, demo: DemoProcess) -> None:
    path = kubectl.program()
    said = await differs(engine, admin, demo, path, Row("version"))
    assert "-Client Version:" in said


@pytest.mark.parametrize("line", ["get cm -w", "get cm web-config --watch-only -o wide", "get cm -w -o name"])
async def test_a_watch_prints_what_kubectls_does(
    engine: Engine, clients: dict[str, ClusterClient], admin: Impersonation, demo: DemoProcess, line: str
) -> None:
    theirs = await kubectl.start(kubectl.program(), demo, Row(line))
    ours = aclosing(engine.stream(command(line), admin))
    try:
        async with ours as chunks, asyncio.timeout(20):
            said = asyncio.create_task(first_line_with(chunks))
            printed_by_kubectl = asyncio.create_task(kubectl.first_line_with(theirs, "web-config"))
            while not (said.done() and printed_by_kubectl.done()):
                await touch(clients["prod-eu"], admin)  # until both look
                await asyncio.wait([said, printed_by_kubectl], timeout=0.3)
            assert MOMENT.ours(Printed(said.result())) == MOMENT.theirs(Printed(printed_by_kubectl.result()))
    finally:
        theirs.kill()
        await theirs.wait()


async def first_line_with(chunks: AsyncGenerator[Chunk], word: str = "web-config") -> str:
    async for chunk in chunks:
        for line in chunk.text.splitlines():
            if word in line:
                return line
    return ""


async def touch(client: ClusterClient, who: Impersonation) -> None:
    body = orjson.dumps({"metadata": {"annotations": {"touched": os.urandom(4).hex()}}})
    path = "/api/v1/namespaces/shop/configmaps/web-config"
    await client.request("PATCH", path, identity=who, body=body, content_type="application/merge-patch+json")
