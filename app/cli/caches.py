"""`kubechat cache`: what the gateway keeps in memory, and clearing it on every replica."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from app.cli import connection
from app.cli.console import output

PATH: Final = "/api/v1/caches"
_KIBIBYTE: Final = 1024


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(no_args_is_help=True, help="Caches (administrators).")
    group.command("list")(list_all)
    group.command("clear")(clear)
    app.add_typer(group, name="cache")


def list_all(*, as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False) -> None:
    """Show what one replica of the gateway holds."""
    found: list[dict[str, Any]] = connection.call("GET", PATH)["caches"]
    if as_json:
        output().print_json(json.dumps(found))
        return
    table = Table("CACHE", "ENTRIES", "SIZE", "KEPT FOR", box=None)
    for each in found:
        size = f"{each['bytes'] / _KIBIBYTE:,.0f} KiB"
        table.add_row(each["name"], str(each["entries"]), size, f"{each['ttl_seconds']:g} s")
    output().print(table)


def clear(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[CACHE]", help="One that `list` shows, sessions, or nlp_vocabularies; all if not given."
        ),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Drop what is cached, on every replica; it is loaded again."""
    cleared: list[str] = connection.call("POST", f"{PATH}/clear", {"name": name})["cleared"]
    if as_json:
        output().print_json(json.dumps(cleared))
    else:
        output().print(f"Cleared: {', '.join(cleared)}.")
