"""`kubechat migrate`: which migrations each database has, and applying those that are missing."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from app.cli import databases
from app.cli.console import complaints, output
from app.cli.databases import DatabaseOption, NamedDatabase, UrlOption

if TYPE_CHECKING:
    from app.infra.migrations import SchemaState


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("migrate", hidden=True)(run)


def run(
    *,
    check: Annotated[bool, typer.Option("--check", help="Apply nothing; exit status 1 when some are missing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    database: DatabaseOption = None,
    url: UrlOption = None,
) -> None:
    """Bring the databases to this version's schema."""
    databases.log_to_standard_error()
    chosen = databases.chosen(database, url)
    states = asyncio.run(_states(chosen) if check else _migrated(chosen))
    if as_json:
        output().print_json(json.dumps([_as_data(each, states[each.name]) for each in chosen]))
    else:
        output().print(_table(states))
    if check and any(state.pending for state in states.values()):
        raise typer.Exit(1)


async def _states(chosen: list[NamedDatabase]) -> dict[str, SchemaState]:
    from app.infra.migrations import schema_state

    return {each.name.value: await schema_state(each.url, each.migrations) for each in chosen}


async def _migrated(chosen: list[NamedDatabase]) -> dict[str, SchemaState]:
    from app.infra.migrations import migrate

    console = complaints()  # beside the result, which may be JSON
    for each in chosen:
        await migrate(
            each.url,
            each.migrations,
            lambda said, name=each.name: console.print(f"{name}: {said}", markup=False),  # type: ignore[misc]
        )
    return await _states(chosen)


def _table(states: dict[str, SchemaState]) -> Table:
    table = Table("DATABASE", "MIGRATION", "APPLIED", box=None)
    for name, state in states.items():
        for seen in state.applied:
            table.add_row(name, escape(seen.name), f"{seen.applied_at.astimezone():%Y-%m-%d %H:%M}")
        for missing in state.pending:
            table.add_row(name, escape(missing), "[yellow]pending[/]")
    return table


def _as_data(database: NamedDatabase, state: SchemaState) -> dict[str, Any]:
    return {
        "database": database.name.value,
        "applied": [{"name": seen.name, "applied_at": seen.applied_at.isoformat()} for seen in state.applied],
        "pending": list(state.pending),
    }
