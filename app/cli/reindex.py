"""`kubechat reindex`: rebuild the largest tables' indexes now, and see how the monthly rebuilds ended."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.cli import databases
from app.cli.console import complaints, output
from app.cli.databases import DatabaseOption, NamedDatabase, UrlOption
from app.errors import UnavailableError

if TYPE_CHECKING:
    from app.infra.index_rebuilds import IndexRebuilds, RebuildState, Run, Step

_LOOK_EVERY_S: Final = 0.25


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("reindex", hidden=True)(run)


def run(
    *,
    status: Annotated[bool, typer.Option("--status", help="Rebuild nothing; show the last runs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    database: DatabaseOption = None,
    url: UrlOption = None,
) -> None:
    """Rebuild the largest indexes now, beside whoever writes."""
    databases.log_to_standard_error()
    chosen = databases.chosen(database, url)
    if not status:
        for each in chosen:
            ended = asyncio.run(_rebuild(each))
            if ended.outcome != "ok":
                raise UnavailableError(f"Not all indexes of {each.name} were rebuilt; the lines above name them.")
    states = {each.name.value: asyncio.run(_rebuilds(each).state()) for each in chosen}
    if as_json:
        output().print_json(json.dumps([_as_data(name, state) for name, state in states.items()]))
    else:
        output().print(_table(states))


def _rebuilds(database: NamedDatabase) -> IndexRebuilds:
    from app.infra.index_rebuilds import IndexRebuilds
    from app.telemetry.instruments import Instruments

    return IndexRebuilds(database.url, database=database.name.value, started_by="by hand", instruments=Instruments())


async def _rebuild(database: NamedDatabase) -> Run:
    """Rebuild one database's indexes, with a bar for the index under way."""
    rebuilds = _rebuilds(database)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=complaints(), transient=True) as bars:
        bar = bars.add_task(f"{database.name}: waiting", total=None)
        steps: list[Step] = []
        async with rebuilds.progress() as look:
            task = asyncio.create_task(rebuilds.rebuild(steps.append))
            while not task.done():
                if steps:
                    now = await look(steps[-1].pid)
                    bars.update(
                        bar,
                        description=escape(_doing(database, steps[-1], "" if now is None else now.phase)),
                        total=None if now is None or now.share is None else 1.0,
                        completed=0.0 if now is None or now.share is None else now.share,
                    )
                await asyncio.wait({task}, timeout=_LOOK_EVERY_S)
        return await task


def _doing(database: NamedDatabase, step: Step, phase: str) -> str:
    return f"{database.name}: {step.index} ({step.number} of {step.of}) {phase}".rstrip()


def _table(states: dict[str, RebuildState]) -> Table:
    table = Table("DATABASE", "STARTED", "TOOK", "OUTCOME", "BY", "INDEXES", "BEFORE", "AFTER", box=None)
    for name, state in states.items():
        for each in state.runs:
            took = "" if each.ended_at is None else f"{(each.ended_at - each.started_at).total_seconds():.1f} s"
            sizes = (_size(each.bytes_before), _size(each.bytes_after))
            began = f"{each.started_at.astimezone():%Y-%m-%d %H:%M}"
            table.add_row(name, began, took, each.outcome, escape(each.started_by), str(each.indexes), *sizes)
    return table


def _size(size_bytes: int | None) -> str:
    return "" if size_bytes is None else f"{size_bytes / 2**20:.1f} MiB"


def _as_data(database: str, state: RebuildState) -> dict[str, Any]:
    def written(value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime) else value

    return {
        "database": database,
        "last_success": written(state.last_success),
        "overdue_at": written(state.overdue_at),
        "runs": [{name: written(value) for name, value in asdict(each).items()} for each in state.runs],
    }
