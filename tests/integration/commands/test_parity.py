"""The same line by the real kubectl and by the engine, against the same cluster, prints the same, byte for byte.

What differs is listed in `parity.differences`, with its reason.
"""

from __future__ import annotations

import asyncio
import difflib

import pytest

from app.domain.commands.engine import Engine
from app.domain.commands.printing import Printed, printed, printed_error
from app.errors import KubeChatError
from app.infra.kubernetes.impersonation import Impersonation
from tests.integration.commands.conftest import command
from tests.integration.commands.parity import kubectl
from tests.integration.commands.parity.differences import BY_NAME, EVERYWHERE
from tests.integration.commands.parity.reads import READS
from tests.integration.commands.parity.row import Row
from tests.support.demo import DemoProcess

pytestmark = pytest.mark.kubectl
TRIES = 5  # ages and restarts tick between the two answers
AT_ONCE = 4  # kubectls


async def engine_says(engine: Engine, who: Impersonation, row: Row) -> Printed:
    try:
        line = f"{row.line}\n{row.stdin}" if row.stdin else row.line
        return printed(await engine.read(command(line), who))
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
    return difference_of(row, ours, theirs)


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


async def test_the_engine_prints_what_kubectl_prints(engine: Engine, admin: Impersonation, demo: DemoProcess) -> None:
    path = kubectl.program()
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(row: Row) -> str:
        async with gate:
            return await differs(engine, admin, demo, path, row)

    found = [text for text in await asyncio.gather(*(one(row) for row in READS)) if text]
    assert not found, f"{len(found)} of {len(READS)} commands differ:\n\n" + "\n\n".join(found)
