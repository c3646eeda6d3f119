"""Where notifications go beside the web chat: what an installation says in its notification file.

Secrets are named by file and never written down. Nothing here sends anything; `alerts.alertmanager` writes what does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, field_validator

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
Address = Annotated[str, Field(pattern=r"^[^@\s,<>]+@[^@\s,<>]+$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Email(_Part):
    """A mail server and who is written to.

    Attributes:
        to: their addresses.
        sender: the address that it comes from; `from` in the file.
        smarthost: `host:port` of the mail server.
        username: who we are to it; empty means that it asks for nobody.
        password_file: where our password is.
        require_tls: whether nothing is sent without STARTTLS.
    """

    to: tuple[Address, ...] = Field(min_length=1)
    sender: Address = Field(alias="from")
    smarthost: str = Field(pattern=r"^\S+:[0-9]+$")
    username: str = ""
    password_file: Path | None = Field(default=None, validate_default=True)
    require_tls: bool = True

    @field_validator("password_file")
    @classmethod
    def _belongs_to_a_name(cls, value: Path | None, info: object) -> Path | None:
        if bool(getattr(info, "data", {}).get("username")) is not (value is not None):
            raise ValueError("is needed where there is a 'username', and of no use without one")
        return value


class Slack(_Part):
    """An incoming webhook of Slack, or of whatever takes the same.

    Attributes:
        url_file: where its address is, which is a secret.
        channel: where it is shown.
    """

    url_file: Path
    channel: str = Field(min_length=1)


class Webhook(_Part):
    """An address that is sent Alertmanager's JSON.

    Attributes:
        url: the address.
        token_file: where the bearer token is that we show; None shows none.
    """

    url: HttpUrl
    token_file: Path | None = None


class Team(_Part):
    """Who is told of one service's alerts, in the place of everybody.

    Attributes:
        email: their addresses.
        slack: their channel.
    """

    email: tuple[Address, ...] = ()
    slack: str = ""


class Hours(_Part):
    """When tickets are sent out; in other hours they wait in the web chat.

    Attributes:
        days: the days.
        start: local time at which they begin; `from` in the file.
        end: local time at which they end; `to` in the file.
        timezone: the place, as "Europe/Berlin".
    """

    days: tuple[Day, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday")
    start: TimeOfDay = Field(alias="from")
    end: TimeOfDay = Field(alias="to")
    timezone: str = "UTC"

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
            raise ValueError("is no time zone that this machine knows") from exc
        return value

    @field_validator("end")
    @classmethod
    def _later(cls, value: str, info: object) -> str:
        if value <= getattr(info, "data", {}).get("start", ""):
            raise ValueError("has to be later than 'from'")
        return value


class Outside(_Part):
    """All places outside of the web chat.

    Attributes:
        email: by mail.
        slack: in Slack.
        webhook: wherever else.
        heartbeat: told once a minute that alerting works; it raises the alarm when that ends.
        services: teams, by the service whose alerts are theirs.
        ticket_hours: when tickets are sent out; always if left out. Pages are always.
    """

    email: Email | None = None
    slack: Slack | None = None
    webhook: Webhook | None = None
    heartbeat: Webhook | None = None
    services: dict[str, Team] = Field(default_factory=dict)
    ticket_hours: Hours | None = None

    @field_validator("services")
    @classmethod
    def _reachable(cls, value: dict[str, Team], info: object) -> dict[str, Team]:
        given = getattr(info, "data", {})
        for service, team in value.items():
            if (team.email and not given.get("email")) or (team.slack and not given.get("slack")):
                raise ValueError(f"the team of {service} needs 'email' or 'slack' to be set for all")
            if not (team.email or team.slack):
                raise ValueError(f"the team of {service} has neither an address nor a channel")
        return value

    @property
    def has_receivers(self) -> bool:
        """Whether any place is told of alerts."""
        return any((self.email, self.slack, self.webhook))

    def secret_files(self) -> tuple[Path, ...]:
        """The files that hold a secret."""
        found = (
            self.email.password_file if self.email else None,
            self.slack.url_file if self.slack else None,
            self.webhook.token_file if self.webhook else None,
            self.heartbeat.token_file if self.heartbeat else None,
        )
        return tuple(path for path in found if path is not None)
