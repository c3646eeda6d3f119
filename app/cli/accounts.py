"""`kubechat login` and `kubechat user`: accounts, through the gateway."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape
from rich.table import Table

from app.cli import connection
from app.cli.console import output
from app.errors import InvalidInputError

PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(login)
    users = typer.Typer(no_args_is_help=True, help="Accounts (administrators).")
    users.command("add")(add)
    users.command("passwd")(passwd)
    users.command("list")(list_users)
    users.command("groups")(groups)
    app.add_typer(users, name="user")


def login(
    *,
    url: Annotated[str | None, typer.Option(help="The gateway; the local stack's if not given.")] = None,
    user: Annotated[str, typer.Option(help="Your account.")] = "admin",
    password_stdin: PasswordStdin = False,
) -> None:
    """Sign in on this machine; the token is kept for 30 days."""
    address = url or connection.local_url()
    if address is None:
        raise InvalidInputError("No local stack is known here; give --url.")
    expires_at = connection.login(address, user, _password(f"Password of {user}", password_stdin, twice=False))
    output().print(f"Signed in to {address} as {user} until {expires_at[:10]}.")


def add(
    name: Annotated[str, typer.Argument(help="Letters, digits, dots, dashes.")],
    *,
    role: Annotated[Literal["viewer", "operator", "admin"], typer.Option(help="What they may do.")] = "viewer",
    email: Annotated[str | None, typer.Option(help="Their e-mail address; they may sign in with it.")] = None,
    group: Annotated[list[str] | None, typer.Option(help="A group of theirs; may be given several times.")] = None,
    password_stdin: PasswordStdin = False,
) -> None:
    """Create an account."""
    password = _password(f"Password for {name}", password_stdin, twice=True)
    payload: dict[str, Any] = {"name": name, "role": role, "password": password, "groups": group or []}
    connection.call("POST", "/api/v1/users", payload if email is None else {**payload, "email": email})
    output().print(f"Created {name.lower()} with the role {role}.")


def passwd(
    name: Annotated[str, typer.Argument(help="Whose password.")],
    *,
    password_stdin: PasswordStdin = False,
) -> None:
    """Set a password; the person's sessions end."""
    password = _password(f"New password for {name}", password_stdin, twice=True)
    connection.call("PUT", f"/api/v1/users/{name.lower()}/password", {"password": password})
    output().print(f"Changed the password of {name.lower()}.")


def groups(
    name: Annotated[str, typer.Argument(help="Whose groups.")],
    group: Annotated[
        list[str] | None, typer.Argument(metavar="[GROUP]...", help="All of them; none if left out.")
    ] = None,
) -> None:
    """Replace a person's groups, which the policy may name."""
    found = connection.call("PUT", f"/api/v1/users/{name.lower()}/groups", {"groups": group or []})["groups"]
    output().print(f"{name.lower()} is in {', '.join(found) or 'no group'}.")


def list_users(*, as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False) -> None:
    """Show all accounts."""
    users = connection.call("GET", "/api/v1/users")["users"]
    if as_json:
        output().print_json(json.dumps(users))
        return
    table = Table("NAME", "E-MAIL", "ROLE", "GROUPS", "STATE", box=None)
    for user in users:
        state = "disabled" if user["disabled"] else "active"
        table.add_row(user["name"], escape(user["email"] or ""), user["role"], ", ".join(user["groups"]), state)
    output().print(table)


def _password(prompt: str, from_stdin: bool, *, twice: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\n")
        if not password:
            raise InvalidInputError("There is no password on standard input.")
        return password
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=twice))
