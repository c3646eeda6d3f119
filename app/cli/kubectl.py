"""`kubechat kubectl -- …`, `confirm` and `undo`: the chat's commands from a terminal, through the gateway.

The line is read by the gateway alone. Nothing is changed by `kubectl` or by `undo`: both show a plan, and its hash has
to be given to `confirm`.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any
from uuid import UUID

import typer

from app.cli import connection
from app.cli.console import complaints, output
from app.domain.commands.words import quoted
from app.errors import InvalidInputError, KubeChatError, TooLargeError

LARGEST_STDIN_BYTES = 512 * 1024  # the gateway's limit of a manifest is below, and says so itself
_FROM_STDIN = frozenset({"-f-", "-f=-", "--filename=-"})
_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
PlanId = Annotated[UUID, typer.Argument(metavar="PLAN", help="As its preview names it.")]


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("kubectl", context_settings=_PASSED_ON)(kubectl)
    # Each preview names them; the list of commands fits a screen.
    app.command("confirm", hidden=True)(confirm)
    app.command("undo", hidden=True)(undo)


def kubectl(
    context: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--events", help="Every event as JSON.")] = False,
) -> None:
    """Run a kubectl line in your name: kubechat kubectl -- get pods."""
    words = [word for index, word in enumerate(context.args) if not (index == 0 and word == "--")]
    if not words:
        raise InvalidInputError("Write the line behind: kubechat kubectl -- get pods.")
    line = " ".join(quoted(word) for word in words)
    if wants_manifest(words):
        line = f"{line}\n{_manifest()}"
    _tell(connection.call("POST", "/api/v1/commands", {"line": line})["events"], as_json=as_json)


def confirm(
    plan: PlanId,
    digest: Annotated[str, typer.Argument(metavar="HASH", help="The hash of what was shown.")],
    *,
    typed: Annotated[str | None, typer.Option(help="The name, where the preview asks for it.")] = None,
    as_json: Annotated[bool, typer.Option("--events", help="Every event as JSON.")] = False,
) -> None:
    """Carry out a plan that was shown."""
    body = {"digest": digest, "typed": typed}
    events = connection.call("POST", f"/api/v1/plans/{plan}/confirm", body)["events"]
    _tell(events, as_json=as_json)
    ended = next((event for event in events if event["type"] == "outcome"), None)
    if ended is not None and ended["state"] != "applied":
        raise NotAppliedError("It was not done, or not all of it.")


def undo(
    plan: PlanId,
    *,
    as_json: Annotated[bool, typer.Option("--events", help="Every event as JSON.")] = False,
) -> None:
    """Show what takes a plan back; a plan of its own, to be confirmed."""
    _tell(connection.call("POST", f"/api/v1/plans/{plan}/undo")["events"], as_json=as_json)


class NotAppliedError(KubeChatError):
    """A plan did not end with all of it done."""

    code = "not_applied"


def wants_manifest(words: list[str]) -> bool:
    """Whether a line reads a manifest from standard input."""
    flags = list(zip(words, [*words[1:], ""], strict=True))
    return any(word in _FROM_STDIN or (word in {"-f", "--filename"} and value == "-") for word, value in flags)


def _manifest() -> str:
    content = sys.stdin.buffer.read(LARGEST_STDIN_BYTES + 1)
    if len(content) > LARGEST_STDIN_BYTES:
        raise TooLargeError(f"A manifest of over {LARGEST_STDIN_BYTES // 1024} KiB is too large; apply it in parts.")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise InvalidInputError("The manifest is no text in UTF-8.") from error


def _tell(events: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        output().print_json(json.dumps(events))
        return
    for event in events:
        for line in lines_of(event):
            output().print(line, markup=False, highlight=False, soft_wrap=True)
        if event["type"] == "error":
            complaints().print(event["message"], style="red", markup=False)


def lines_of(event: dict[str, Any]) -> list[str]:
    """An event as lines for a terminal."""
    match event["type"]:
        case "table":
            return _table(event)
        case "outcome":
            return _outcome(event)
        case "output" | "text":
            return str(event["text"]).rstrip("\n").splitlines()
        case "preview":
            return _preview(event)
    return []


def _table(event: dict[str, Any]) -> list[str]:
    wide = "-o wide" in event["command"] or "-owide" in event["command"]
    shown = [index for index, column in enumerate(event["columns"]) if wide or column["priority"] == 0]
    rows = [
        [str(event["columns"][index]["name"]) for index in shown],
        *([str(row[index]) for index in shown] for row in event["rows"]),
    ]
    widths = [max(len(row[index]) for row in rows) for index in range(len(shown))]
    return ["   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _outcome(event: dict[str, Any]) -> list[str]:
    said = str(event["text"]).splitlines()
    return [*said, f"kubechat undo {event['plan']}  # takes it back"] if event.get("undo") else said


def _preview(event: dict[str, Any]) -> list[str]:
    lines = []
    for step in event["steps"]:
        place = f"{step['cluster']}/{step['namespace']}" if step["namespace"] else step["cluster"]
        lines += [f"{step['summary']} [{place}]", *(f"  {line}" for line in step["diff"].splitlines())]
    lines += [f"- {sentence}" for sentence in event["consequences"]]
    name = event["typed_name"]
    typed = f" --typed {quoted(name)}" if name else ""
    return [*lines, f"kubechat confirm {event['plan']} {event['digest']}{typed}"]
