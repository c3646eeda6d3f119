"""`kubechat kubectl`: the chat's command engine from a terminal, which prints what kubectl prints and ends as it does.

What reads is printed at once, what goes on until Ctrl-C. A change is shown first, as in the chat, and asked for.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

import typer

from app.cli import connection
from app.cli.console import complaints, output
from app.domain.commands.printing import Printed, printed, printed_error
from app.domain.commands.results import from_event
from app.errors import InvalidInputError, TooLargeError, UnavailableError

PATH: Final = "/api/v1/commands"
LARGEST_STDIN_BYTES: Final = 512 * 1024  # the gateway's limit of a manifest is below, and says so itself
MOST_PRINTED: Final = 50_000  # rows: as many as a condition on them is applied to
MOST_TIMES_BEGUN_AGAIN: Final = 3  # a list that expires while it is read: it is kept for minutes, and read in seconds
_INTERRUPTED: Final = 130
_GOES_ON: Final = "a_stream"
_MANIFEST: Final = frozenset({"-f", "-f=-", "-f-", "--filename", "--filename=-"})


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    settings = {"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False}
    app.command("kubectl", context_settings=settings)(kubectl)
    app.command("undo", hidden=True)(undo)  # each outcome that can be taken back names it


def kubectl(
    words: Annotated[list[str], typer.Argument(metavar="-- COMMAND …", help="A kubectl command.")],
    *,
    cluster: Annotated[
        str, typer.Option("--cluster", help="Where it runs, or several as a,b; the default cluster if not given.")
    ] = "",
    all_clusters: Annotated[bool, typer.Option("--all-clusters", help="Run it on every cluster.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm a change without being asked.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Rows of a table; all if not given.")] = MOST_PRINTED,
) -> None:
    """Run a kubectl command in your name, and print what kubectl prints."""
    # In front of the command: behind a "--" of its own they would belong to what it runs.
    where = ["--all-clusters"] if all_clusters else ["--context", cluster] if "," in cluster else []
    line = shlex.join([*where, *words])
    if takes_manifest(words):
        line += "\n" + _manifest()
    body = {"line": line, "cluster": "" if "," in cluster else cluster}
    verb = next((word for word in words if not word.startswith("-")), "")
    try:
        events = _all_pages(body, _run(body, verb), limit)
    except connection.RefusedError as error:
        raise typer.Exit(_print(printed_error(error.said, verb))) from error
    preview = next((event for event in events if event["type"] == "preview"), None)
    if preview is None:
        raise typer.Exit(_tell(events))
    raise typer.Exit(_decide(preview, yes=yes))


def _all_pages(body: dict[str, Any], events: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """Each table with the rows of the pages behind it: kubectl reads a long list in chunks, and prints it whole."""
    found: list[dict[str, Any]] = []
    left = 0
    for event in events:
        if event["type"] != "table":
            found.append(event)
            continue
        whole, beside, more = _all_rows(body, event, limit)
        found += [whole, *beside]
        left += more
    note = {"type": "output", "command": "", "cluster": "", "text": "", "notes": f"{left} more are not shown.\n"}
    return [*found, note] if left else found


def _all_rows(
    body: dict[str, Any], table: dict[str, Any], limit: int
) -> tuple[dict[str, Any], list[dict[str, Any]], int]:
    """A table with the rows of all its pages, what came beside the last of these, and how many rows are left out.

    A page that the cluster no longer has comes with the first rows again: what was read before is dropped then. One
    without rows is the last that is asked for: a cluster that does not answer is not waited for again and again.
    """
    whole, begun_again = table, 0
    beside: list[dict[str, Any]] = []
    rows: list[list[str]] = table["rows"]
    while table.get("next") and len(rows) < limit:
        answered = connection.call("POST", PATH, body | {"page": table["next"]})["events"]
        table = next(
            (event for event in answered if event["type"] == "table"), {"rows": [], "total": 0, "first": len(rows)}
        )
        if not table.get("first"):
            begun_again += 1
            if begun_again > MOST_TIMES_BEGUN_AGAIN:
                raise UnavailableError("The list changes faster than it can be read; ask for less of it with -l or -n.")
            rows = []
        beside = [event for event in answered if event["type"] == "output"]
        rows = [*rows, *table["rows"]]
        if not table["rows"]:
            break
    left = max(table["total"], len(rows)) - min(len(rows), limit)
    return {**whole, "rows": rows[:limit], "shown": min(len(rows), limit)}, beside, left


def _tell(events: Sequence[dict[str, Any]]) -> int:
    """What needs no decision: results, and the sentence that nothing would change."""
    for event in events:
        if event["type"] == "text":
            output().print(event["text"], markup=False)
    return _print(printed([result for result in map(from_event, events) if result is not None]))


def undo(
    plan: Annotated[UUID, typer.Argument(metavar="PLAN", help="As its outcome names it.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm it without being asked.")] = False,
) -> None:
    """Take a change back, where it is still as that left it; shown and confirmed like any change."""
    events = connection.call("POST", f"/api/v1/plans/{plan}/undo")["events"]
    preview = next((event for event in events if event["type"] == "preview"), None)
    raise typer.Exit(_tell(events) if preview is None else _decide(preview, yes=yes))


def _manifest() -> str:
    content = sys.stdin.buffer.read(LARGEST_STDIN_BYTES + 1)
    if len(content) > LARGEST_STDIN_BYTES:
        raise TooLargeError(
            f"A manifest of over {LARGEST_STDIN_BYTES // 1024} KiB is too large to be shown; apply it in parts."
        )
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise InvalidInputError("The manifest is no text in UTF-8.") from error


def takes_manifest(words: Sequence[str]) -> bool:
    """Whether a command reads a manifest from standard input."""
    pairs = zip(words, [*words[1:], ""], strict=True)
    return any(word in _MANIFEST and (word.endswith("-") or value == "-") for word, value in pairs)


def _run(body: dict[str, Any], verb: str) -> list[dict[str, Any]]:
    """The events of a command that ends by itself; one that goes on is followed, and ends this process."""
    try:
        return list(connection.call("POST", PATH, body)["events"])
    except connection.RefusedError as error:
        if error.code != _GOES_ON:
            raise
    raise typer.Exit(_follow(body, verb))


def _follow(body: dict[str, Any], verb: str) -> int:
    status = 0
    try:
        for event in connection.follow("POST", f"{PATH}/stream", body):
            if "error" in event:
                return _print(printed_error(event["message"], verb))
            _print(Printed(event.get("text", ""), event.get("notes", "")))
            status = int(event.get("status", status))
    except KeyboardInterrupt:
        return _INTERRUPTED
    return status


def _print(said: Printed) -> int:
    sys.stdout.write(said.out)
    sys.stdout.flush()
    sys.stderr.write(said.err)
    sys.stderr.flush()
    return said.status


def _decide(preview: dict[str, Any], *, yes: bool) -> int:
    """Show what a change would do, ask, and carry it out."""
    for step in preview["steps"]:
        output().print(f"{step['command']}\n  {step['summary']}", markup=False)
        if step["diff"]:
            output().print(step["diff"], markup=False)
    for consequence in preview["consequences"]:
        output().print(f"- {consequence}", markup=False)
    typed = preview["typed_name"]
    plan = f"/api/v1/plans/{preview['plan']}"
    if yes and typed:
        complaints().print(f'This cannot be confirmed by --yes: type "{typed}".', markup=False)
    if not _agreed(typed, yes=yes):
        connection.call("POST", f"{plan}/cancel")
        complaints().print("Nothing was changed.")
        return 1
    decision = {"digest": preview["digest"], "typed": typed or None}
    events = connection.call("POST", f"{plan}/confirm", decision)["events"]
    outcomes = [event for event in events if event["type"] == "outcome"]
    for outcome in outcomes:
        output().print(outcome["text"], markup=False)
        if outcome.get("undo"):
            output().print(f"kubechat undo {outcome['plan']}  # takes it back", markup=False)
    return 0 if outcomes and all(outcome["state"] == "applied" for outcome in outcomes) else 1


def _agreed(typed: str | None, *, yes: bool) -> bool:
    if typed:
        return sys.stdin.isatty() and typer.prompt(f'Type "{typed}" to go on', default="", show_default=False) == typed
    return yes or (sys.stdin.isatty() and typer.confirm("Go on?"))
