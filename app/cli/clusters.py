"""`kubechat cluster`: the clusters that one may speak to, and how they are."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from app.cli import connection
from app.cli.console import output

PATH: Final = "/api/v1/clusters"


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(no_args_is_help=True, help="Clusters.")
    group.command("list")(list_all)
    app.add_typer(group, name="cluster")


def list_all(*, as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False) -> None:
    """Show every cluster: whether it answers, its version, how long it took, and what is wrong with it."""
    found: list[dict[str, Any]] = connection.call("GET", PATH)["clusters"]
    if as_json:
        output().print_json(json.dumps(found))
        return
    table = Table("CLUSTER", "STATE", "VERSION", "TIME", "ANSWERED", "REASON", box=None)
    for each in found:
        took = f"{each['latency_s'] * 1000:.0f} ms" if each["latency_s"] is not None else "-"
        answered = (each["answered_at"] or "never")[:19]
        table.add_row(each["name"], each["state"], each["version"] or "-", took, answered, each["reason"])
    output().print(table)
