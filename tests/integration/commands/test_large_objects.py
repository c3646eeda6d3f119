"""Objects as large as a cluster keeps: shown within bounds, followed, changed, and nobody else waits for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import aclosing
from typing import Any

import pytest
import yaml

from app.domain.commands.changing.differences import LONGEST_DIFF_LINE
from app.domain.commands.describing.lines import Lines
from app.domain.commands.engine import Engine
from app.domain.commands.following import watching
from app.domain.commands.reading.rendering import CELLS_CUT, LARGEST_TEXT_BYTES
from app.domain.commands.redaction import HIDDEN
from app.domain.commands.results import OutputResult, Result, TableResult
from app.infra.kubernetes.impersonation import Impersonation
from tests.integration.commands.conftest import command
from tests.integration.commands.test_changes import confirmed, preview
from tests.support.demo import DemoProcess

MAPS = "/clusters/staging/api/v1/namespaces/qa/configmaps"
SIZE = 1_000_000
SECRET = "hunter2hunter2"
SOON_S = 20.0
# As a cluster keeps them: one long line, many lines, many keys; each with a password somewhere behind its middle.
LARGE = {
    "line": {"blob": "x" * SIZE},
    "lines": {"app.conf": "\n".join([*(f"option-{n} = {n * n}" for n in range(36_000)), f"password = {SECRET}"])},
    "keys": {f"key-{n:05d}": f"value {n} of many" for n in range(25_000)} | {"key-url": f"http://ada:{SECRET}@db"},
}


@pytest.fixture(scope="module", autouse=True)
def kept(demo: DemoProcess) -> Iterator[None]:
    for name, data in LARGE.items():
        demo.ask("POST", MAPS, {"metadata": {"name": f"large-{name}"}, "data": data})
    yield
    for name in LARGE:
        demo.ask("DELETE", f"{MAPS}/large-{name}")


async def read(engine: Engine, line: str, who: Impersonation) -> Result:
    (result,) = await engine.read(command(line, "staging"), who)
    return result


@pytest.mark.parametrize("name", LARGE)
async def test_a_list_of_them_is_as_short_as_any(engine: Engine, admin: Impersonation, name: str) -> None:
    table = await read(engine, "get configmaps -n qa", admin)
    assert isinstance(table, TableResult)
    row = next(row for row in table.rows if row[0] == f"large-{name}")
    assert row[1] == str(len(LARGE[name]))
    assert not table.after


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("ask", ["get configmap {} -o yaml", "get configmap {} -o json", "describe configmap {}"])
async def test_one_is_written_out_without_its_secrets_and_no_longer_than_anybody_reads(
    engine: Engine, admin: Impersonation, name: str, ask: str
) -> None:
    found = await read(engine, f"{ask.format(f'large-{name}')} -n qa", admin)
    assert isinstance(found, OutputResult)
    size = len(found.text.encode())
    assert SIZE // 2 < size <= LARGEST_TEXT_BYTES
    assert SECRET not in found.text
    # What is not cut is whole.
    assert found.truncated or (HIDDEN in found.text) == (SECRET in str(LARGE[name]))


async def test_cells_share_the_longest_text_and_say_that_they_are_cut(engine: Engine, admin: Impersonation) -> None:
    found = await read(engine, "get configmaps -n qa -o custom-columns=NAME:.metadata.name,DATA:.data", admin)
    assert isinstance(found, TableResult)
    assert found.shown == found.total >= len(LARGE)
    assert sum(len(cell) for row in found.rows for cell in row) <= LARGEST_TEXT_BYTES
    long = [row[1] for row in found.rows if row[0].startswith("large-")]
    assert all(cell.endswith("…") for cell in long)
    assert found.after == CELLS_CUT
    assert SECRET not in str(found.rows)


async def test_what_changes_in_a_line_of_a_million_characters_is_shown_and_not_all_of_it(
    engine: Engine, admin: Impersonation
) -> None:
    shown = await preview(engine, "annotate configmap large-line -n qa looked-at=today --overwrite", admin)
    (step,) = shown.steps
    assert "looked-at: today" in step.diff
    assert len(step.diff) < 2 * LONGEST_DIFF_LINE
    blob = "x" * 40_000 + "yes" + "x" * 2_000
    manifest = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: large-line, namespace: qa}}\ndata: {{blob: {blob}}}"
    (step,) = (await preview(engine, f"apply --server-side --force-conflicts -f -\n{manifest}", admin)).steps
    removed, added = (next(line for line in step.diff.splitlines() if line[:2] == f"{sign}…") for sign in "-+")
    assert "yes" not in removed
    assert "yes" in added
    assert "1,000,008 characters" in removed
    assert len(step.diff) < 4 * LONGEST_DIFF_LINE


@pytest.mark.parametrize("name", LARGE)
async def test_one_is_changed_like_any_other(engine: Engine, admin: Impersonation, name: str) -> None:
    shown = await preview(engine, f"label configmap large-{name} -n qa seen=yes --overwrite", admin)
    (step,) = shown.steps
    outcome = await confirmed(engine, step, admin)
    assert outcome.state == "applied"
    item = await read(engine, f"get configmap large-{name} -n qa -o jsonpath={{.metadata.labels.seen}}", admin)
    assert isinstance(item, OutputResult)
    assert item.text == "yes"


@pytest.mark.parametrize("form", ["json", "yaml"])
async def test_one_is_followed_whole(
    engine: Engine, admin: Impersonation, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(watching, "PAUSE_S", 0.01)
    line = f"get configmap large-keys -n qa -w -o {form}"
    async with aclosing(engine.stream(command(line, "staging"), admin)) as chunks, asyncio.timeout(SOON_S):
        first = await anext(chunks)
        assert len(first.text) > SIZE // 2
        shown = await preview(engine, f"label configmap large-keys -n qa followed={form} --overwrite", admin)
        await confirmed(engine, shown.steps[0], admin)
        second = await anext(chunks)
    assert f"followed: {form}" in second.text.replace('"', "")
    assert len(second.text) > SIZE // 2


@pytest.mark.parametrize("ask", ["get configmap large-keys -o yaml", "describe configmap large-keys"])
async def test_nobody_else_waits_while_one_is_written(
    engine: Engine, admin: Impersonation, threads: set[int], ask: str
) -> None:
    await read(engine, f"{ask} -n qa", admin)
    assert threads
    assert threading.get_ident() not in threads


async def test_nobody_else_waits_while_a_change_of_one_is_shown(
    engine: Engine, admin: Impersonation, threads: set[int]
) -> None:
    await preview(engine, "label configmap large-keys -n qa shown=yes --overwrite", admin)
    assert threads
    assert threading.get_ident() not in threads


async def test_what_is_small_is_written_at_once(engine: Engine, admin: Impersonation, threads: set[int]) -> None:
    await read(engine, "get deployment web -n shop -o yaml", admin)
    assert threads == {threading.get_ident()}


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The threads in which YAML and descriptions are written."""
    found: set[int] = set()
    for owner, name in ((yaml, "dump"), (Lines, "text")):
        monkeypatch.setattr(owner, name, _noting(getattr(owner, name), found))
    return found


def _noting(write: Callable[..., Any], threads: set[int]) -> Callable[..., Any]:
    def noted(*given: Any, **named: Any) -> Any:
        threads.add(threading.get_ident())
        return write(*given, **named)

    return noted
