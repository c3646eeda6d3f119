"""`kubechat approvals | approve | deny`: the second person's part of a plan, through the gateway."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.markup import escape
from rich.table import Table

from app.cli import connection
from app.cli.console import output
from app.errors import NotFoundError

PlanId = Annotated[UUID, typer.Argument(metavar="PLAN", help="As `kubechat approvals` shows it.")]
Hash = Annotated[str | None, typer.Option("--confirm", metavar="HASH", help="The hash of what you looked at.")]


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("approvals")(approvals)
    # `approvals` names them: the list of commands fits on a screen.
    app.command("approve", hidden=True)(approve)
    app.command("deny", hidden=True)(deny)


def approvals(*, as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False) -> None:
    """Plans for a second person: approve, deny."""
    found = _waiting()
    if as_json:
        output().print_json(json.dumps(found))
        return
    if not found:
        output().print("No plan waits for you, and none of yours waits for somebody else.")
        return
    table = Table("PLAN", "BY", "UNTIL", "WAITS FOR", "COMMANDS", box=None)
    for plan in found:
        until = f"{datetime.fromisoformat(plan['expires_at']).astimezone():%H:%M:%S}"
        who = "somebody else" if plan["yours"] else "you"
        table.add_row(plan["plan"], escape(plan["by"]), until, who, escape("; ".join(plan["commands"])))
    output().print(table)


def approve(plan: PlanId, confirm: Hash = None) -> None:
    """Show what a plan would do; with its hash, approve it (or `kubechat deny` it)."""
    if confirm is None:
        _show(plan, "approve")
        return
    done = connection.call("POST", f"/api/v1/plans/{plan}/approve", {"digest": confirm})
    until = datetime.fromisoformat(done["expires_at"]).astimezone()
    output().print(f"Approved; its person may confirm it until {until:%H:%M:%S}.")


def deny(
    plan: PlanId,
    confirm: Hash = None,
    reason: Annotated[str, typer.Option(help="Why; its person reads it.")] = "",
) -> None:
    """Show what a plan would do; with its hash, deny it."""
    if confirm is None:
        _show(plan, "deny")
        return
    connection.call("POST", f"/api/v1/plans/{plan}/deny", {"digest": confirm, "reason": reason})
    output().print("Denied; nothing was changed.")


def _waiting() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = connection.call("GET", "/api/v1/approvals")["approvals"]
    return found


def _show(plan: UUID, verb: str) -> None:
    asked = next((each for each in _waiting() if each["plan"] == str(plan) and not each["yours"]), None)
    if asked is None:
        raise NotFoundError("There is no such plan that waits for your approval.", code="plan_not_found")
    said = output()
    said.print(f"{escape(asked['display_name'])} asks for a {asked['risk']} change:")
    for step in asked["steps"]:
        place = f"{step['cluster']}/{step['namespace']}" if step["namespace"] else step["cluster"]
        said.print(f"  {escape(step['summary'])} [{place}]", markup=False)
        said.print(f"    {step['command']}", markup=False, style="dim")
        for line in step["diff"].splitlines():
            said.print(f"    {line}", markup=False)
    for sentence in asked["consequences"]:
        said.print(f"  - {sentence}", markup=False)
    said.print(f"kubechat {verb} {plan} --confirm {asked['digest']}", markup=False, soft_wrap=True)
