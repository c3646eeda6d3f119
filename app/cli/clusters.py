"""`kubechat cluster`: the clusters that one may speak to, and how they are."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, Final
from urllib.parse import quote

import typer
from rich.table import Table

from app.cli import connection
from app.cli.console import output
from app.errors import InvalidInputError, TooLargeError

PATH: Final = "/api/v1/clusters"
LARGEST_KUBECONFIG_BYTES: Final = 256 * 1024  # as the gateway takes it


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(no_args_is_help=True, help="Clusters.")
    group.command("list")(list_all)
    group.command("add")(add)
    group.command("remove")(remove)
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


def add(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Its context's name if not given.")] = "",
    *,
    context: Annotated[str, typer.Option("--context", help="Which context; the current one if not given.")] = "",
) -> None:
    """Add a cluster by the kubeconfig on standard input (administrators)."""
    content = sys.stdin.buffer.read(LARGEST_KUBECONFIG_BYTES + 1)
    if len(content) > LARGEST_KUBECONFIG_BYTES:
        raise TooLargeError(f"A kubeconfig has at most {LARGEST_KUBECONFIG_BYTES // 1024} KiB; give one context of it.")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise InvalidInputError("The kubeconfig is no text in UTF-8.") from error
    added = connection.call("POST", PATH, {"name": name, "context": context, "kubeconfig": text})
    output().print(f"Added: {added['name']} ({added['version'] or 'version not told'}).", markup=False)


def remove(name: Annotated[str, typer.Argument(metavar="NAME", help="As `list` shows it.")]) -> None:
    """Forget a cluster that was added, with its credentials (administrators)."""
    connection.call("DELETE", f"{PATH}/{quote(name, safe='')}")
    output().print(f"Removed: {name}.", markup=False)
