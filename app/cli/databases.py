"""Which databases a command works on, and how it reaches them: the local stack's own, or one by its address.

These commands talk to PostgreSQL itself, with the credentials of its maintenance role: the gateway has no part in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated

import typer

from app.errors import InvalidInputError
from app.stack.credentials import POSTGRES_AUDIT_MAINTENANCE, POSTGRES_MAINTENANCE, Credentials
from app.stack.layout import Layout
from app.stack.ports import Ports
from app.stack.servers import postgresql
from app.stack.settings import StackSettings


class DatabaseName(StrEnum):
    """The databases of an installation."""

    KUBECHAT = postgresql.GATEWAY_DATABASE
    KUBECHAT_AUDIT = postgresql.AUDIT_DATABASE


DatabaseOption = Annotated[DatabaseName | None, typer.Option("--database", help="Only this one.", show_default=False)]
UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="KUBECHAT_POSTGRES_DIRECT_URL",
        help="A direct connection to it, in place of the local stack's.",
        show_default=False,
        show_envvar=True,
    ),
]

_FOLDERS = {DatabaseName.KUBECHAT: "app.gateway.store", DatabaseName.KUBECHAT_AUDIT: "app.audit"}
_SECRETS = {
    DatabaseName.KUBECHAT: POSTGRES_MAINTENANCE,
    DatabaseName.KUBECHAT_AUDIT: POSTGRES_AUDIT_MAINTENANCE,
}


@dataclass(frozen=True, slots=True)
class NamedDatabase:
    """One database.

    Attributes:
        name: which one.
        url: DSN of a direct connection under its maintenance role.
    """

    name: DatabaseName
    url: str

    @property
    def migrations(self) -> Traversable:
        """The folder of its migrations."""
        return files(_FOLDERS[self.name]) / "migrations"


def chosen(database: DatabaseName | None, url: str | None) -> list[NamedDatabase]:
    """The databases that the options name; those of the local stack without any.

    Raises:
        InvalidInputError: an address without the name of what is there, or no local stack.
    """
    if url is not None:
        if database is None:
            raise InvalidInputError("Say with --database which of the databases is at this address.")
        return [NamedDatabase(database, url)]
    settings = StackSettings.read()
    layout = Layout(settings.state)
    if not layout.marked:
        raise InvalidInputError("No local stack is known here; give --database and --url.")
    credentials, port = Credentials(layout.secrets), Ports(settings.port_base, settings.port).postgres_primary
    names = list(DatabaseName) if database is None else [database]
    return [
        NamedDatabase(name, postgresql.maintenance_dsn(port, name.value, credentials.read(_SECRETS[name])))
        for name in names
    ]


def log_to_standard_error() -> None:
    """Keep standard output for the result; what fails is said in the log's own words as well."""
    from app.telemetry.logs import configure_logs

    configure_logs("kubechat", "command line", "ERROR")
