"""`kubechat ask`: what words are read as, without doing any of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import connection
from app.cli.console import output
from app.errors import InvalidInputError

MEANINGS = {
    "run": "Would read",
    "confirm": "Would show this change, and make it once confirmed",
    "strong": "Would show this change, and make it once its name is typed",
    "clarify": "Would ask",
    "refuse": "Would refuse",
    "answer": "Would say",
    "diagnose": "Would look for the cause",
    "session": "Would do in the conversation",
}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(ask)


def ask(
    words: Annotated[str, typer.Argument(help="What you would say in the chat.", show_default=False)] = "",
    *,
    cluster: Annotated[
        str, typer.Option("--cluster", help="The conversation's; the default cluster if not given.")
    ] = "",
    namespace: Annotated[str, typer.Option("--namespace", "-n", help="The conversation's.")] = "",
    batch: Annotated[
        Path | None, typer.Option("--batch", help="Read many from a JSONL file; in process, on the demo's names.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Show the plan for some words, without running it.

    Where they are not understood and a language model is set up, it is asked for a plan and reads nothing; --batch
    never asks one.
    """
    if batch is not None:
        if words or cluster:
            raise InvalidInputError("--batch takes its words from the file: give it alone.")
        from app.cli.batch import answers

        for answer in answers(batch, namespace):
            typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    if not words.strip():
        raise InvalidInputError('Say what you would ask: kubechat ask "show me the pods".')
    body = {"text": words, "cluster": cluster, "namespace": namespace}
    plan = connection.call("POST", "/api/v1/ask", body)
    if as_json:
        typer.echo(json.dumps(plan, ensure_ascii=False))
    else:
        _show(plan)


def _show(plan: dict[str, Any]) -> None:
    console = output()
    lines = plan["commands"] or [plan["action"] or plan["target"] or plan["say"]]
    console.print(f"{MEANINGS.get(plan['behaviour'], plan['behaviour'])}:", markup=False)
    for line in lines:
        console.print(f"  {line}", markup=False)
    if plan.get("backend") == "model":
        console.print("A language model says so, having read nothing from a cluster.", style="dim", markup=False)
    if plan["say"] and plan["say"] not in lines:
        console.print(plan["say"], markup=False)
    for choice in plan["choices"]:
        console.print(f"  - {choice}", markup=False)
    read = [
        f"{part['words']} = {part['value'] or part['part']}" for part in plan["reading"] if part["part"] != "filler"
    ]
    if read:
        console.print(f"Read as: {', '.join(read)} ({plan['confidence']:.0%} sure)", style="dim", markup=False)
