"""`kubechat maintenance`: planned maintenance, through the gateway."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from rich.markup import escape
from rich.table import Table

from app.cli import connection
from app.cli.console import output
from app.errors import InvalidInputError

PATH: Final = "/api/v1/maintenances"
_LENGTH: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")
_TIME_OF_DAY: Final = re.compile(r"\d\d?:\d\d")


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(no_args_is_help=True, help="Planned maintenance (administrators).")
    group.command("declare")(declare)
    group.command("list")(list_all)
    group.command("end")(end)
    app.add_typer(group, name="maintenance")


def declare(
    *,
    reason: Annotated[str, typer.Option(help="Why; everyone reads it.")],
    length: Annotated[str | None, typer.Option("--for", metavar="LENGTH", help="2h, 90m, 1h30m.")] = None,
    until: Annotated[str | None, typer.Option(metavar="T", help="14:30, or 2026-08-04T14:30 (here).")] = None,
    start: Annotated[str | None, typer.Option("--from", metavar="T", help="Its start; now if not given.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Declare a maintenance: while it lasts, no failure counts."""
    now = datetime.now().astimezone()
    starts_at = None if start is None else moment(start, now)
    ends_at = _end(length, until, starts_at or now)
    if not yes:
        begins = "now" if starts_at is None else _shown(starts_at)
        output().print(f"Planned maintenance from {begins} until {_shown(ends_at)}: {escape(reason)}")
        typer.confirm("Until then no failure counts against any objective. Declare it?", abort=True)
    body = {
        "starts_at": None if starts_at is None else starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "reason": reason,
    }
    declared = connection.call("POST", PATH, body)
    output().print(f"Declared until {_shown_text(declared['ends_at'])}; this ends it:")
    output().print(f"kubechat maintenance end {declared['id']}")


def list_all(*, as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False) -> None:
    """Show the present one, those to come, those of 90 days."""
    found: list[dict[str, Any]] = connection.call("GET", PATH)["maintenances"]
    if as_json:
        output().print_json(json.dumps(found))
        return
    if not found:
        output().print("There is no planned maintenance, and there was none in the last 90 days.")
        return
    table = Table("ID", "STATE", "FROM", "UNTIL", "BY", "REASON", box=None)
    for each in found:
        ended = each["ended_at"] if each["state"] == "over" and each["ended_at"] else each["ends_at"]
        spans = (_shown_text(each["starts_at"]), _shown_text(ended))
        table.add_row(each["id"], each["state"], *spans, escape(each["declared_by"]), escape(each["reason"]))
    output().print(table)


def end(maintenance: Annotated[UUID, typer.Argument(metavar="ID", help="As `list` shows it.")]) -> None:
    """End one now, or cancel it before it begins."""
    ended = connection.call("POST", f"{PATH}/{maintenance}/end")
    output().print("Cancelled." if ended["state"] == "cancelled" else "Ended: failures count again.")


def _end(length: str | None, until: str | None, starts_at: datetime) -> datetime:
    if (length is None) == (until is None):
        raise typer.BadParameter("give either --for or --until")
    return starts_at + span(length) if length is not None else moment(until or "", starts_at)


def span(text: str) -> timedelta:
    """A length like "2h" or "1h30m"; InvalidInputError for another text."""
    found = _LENGTH.fullmatch(text.strip())
    if not text.strip() or found is None:
        raise InvalidInputError(f'"{text}" is no length of time; write 2h, 90m or 1h30m.')
    days, hours, minutes = (int(part or 0) for part in found.groups())
    try:
        return timedelta(days=days, hours=hours, minutes=minutes)
    except OverflowError as exc:
        raise InvalidInputError(f'"{text}" is longer than any maintenance.') from exc


def moment(text: str, after: datetime) -> datetime:
    """A time as a person writes it, in this machine's time zone where they name none.

    Args:
        text: a date with a time, or a time of day alone.
        after: a time of day alone is its next one after this.

    Raises:
        InvalidInputError: it is neither.
    """
    text = text.strip()
    try:
        if not _TIME_OF_DAY.fullmatch(text):
            return datetime.fromisoformat(text).astimezone()
        hour, minute = (int(part) for part in text.split(":"))
        local = after.astimezone().replace(tzinfo=None)
        found = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return (found if found > local else found + timedelta(days=1)).astimezone()
    except (ValueError, OverflowError) as exc:
        raise InvalidInputError(f'"{text}" is no time; write 14:30 or 2026-08-04T14:30.') from exc


def _shown(when: datetime) -> str:
    return f"{when.astimezone():%Y-%m-%d %H:%M %Z}"


def _shown_text(when: str) -> str:
    return _shown(datetime.fromisoformat(when))
