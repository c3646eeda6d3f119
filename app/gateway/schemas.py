"""Payloads of the REST routes and of the WebSocket, as people's clients send them."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from app.domain.commands.manifest import LARGEST_MANIFEST_BYTES
from app.domain.commands.reading.pages import LONGEST as LONGEST_PAGE
from app.domain.commands.words import LONGEST_LINE
from app.domain.policy.file import GROUP_PATTERN

# Characters; a little over the limit a manifest gets its own answer, which says how large it may be.
LONGEST_COMMAND: Final = LONGEST_LINE + 2 * LARGEST_MANIFEST_BYTES
LONGEST_WORDS: Final = 64 * 1024  # characters; as much as a conversation takes
MOST_GROUPS: Final = 32  # of one account: each may become a header of every request to a cluster
LONGEST_EMAIL: Final = 254  # RFC 5321: a path of 256 with its brackets
_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def _written_out(value: Any) -> Any:
    """A number could be seconds or milliseconds, and a time without its zone any hour."""
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise ValueError("must be a time as in RFC 3339: 2026-08-04T14:00:00Z")
    return value


Groups = Annotated[list[Annotated[str, Field(pattern=rf"^{GROUP_PATTERN}$")]], Field(max_length=MOST_GROUPS)]
"""An account's groups in KubeChat."""
Moment = Annotated[AwareDatetime, BeforeValidator(_written_out)]


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Credentials(_Payload):
    """A local account's name or e-mail address, and its password."""

    user: str = Field(min_length=1, max_length=LONGEST_EMAIL)
    password: str = Field(min_length=1, max_length=1024)


class TokenRequest(Credentials):
    """Asks for a command line's token."""

    name: str = Field(default="command line", max_length=80)


class PasswordChange(_Payload):
    """Replaces one's own password."""

    current: str = Field(min_length=1, max_length=1024)
    new: str = Field(min_length=1, max_length=1024)


class NewUser(_Payload):
    """Creates an account."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")
    display_name: str = Field(default="", max_length=120)
    # Nobody can tell by its form whether an address works; this refuses what is none.
    email: str | None = Field(default=None, max_length=LONGEST_EMAIL, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")
    role: Literal["viewer", "operator", "admin"]
    groups: Groups = []
    password: str = Field(min_length=1, max_length=1024)


class Kubeconfig(_Payload):
    """The text of a kubeconfig."""

    kubeconfig: str = Field(min_length=1, max_length=256 * 1024)


class NewCluster(Kubeconfig):
    """Adds a cluster by the text of a kubeconfig."""

    name: str = Field(default="", max_length=63)
    context: str = Field(default="", max_length=253)


class NewGroups(_Payload):
    """Replaces another person's groups."""

    groups: Groups


class NewPassword(_Payload):
    """Sets another person's password."""

    password: str = Field(min_length=1, max_length=1024)


class NewChatSession(_Payload):
    """Starts a conversation."""

    title: str = Field(default="", max_length=200)


class ChatSessionChange(_Payload):
    """Renames a conversation, or goes on with it in another cluster or namespace."""

    title: str | None = Field(default=None, min_length=1, max_length=200)
    cluster: str | None = Field(default=None, max_length=253)
    namespace: str | None = Field(default=None, pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")


class CommandLine(_Payload):
    """One kubectl line from a terminal, with the manifest below it where it ends with `-f -`."""

    line: str = Field(min_length=1, max_length=LONGEST_COMMAND)
    cluster: str = Field(default="", max_length=253)
    namespace: str = Field(default="", max_length=253)


class CommandPage(CommandLine):
    """A kubectl line, and which page of its table: the `next` and the `view` of the page before."""

    page: str = Field(default="", max_length=LONGEST_PAGE)
    view: dict[str, Any] = Field(default_factory=dict)


class Words(_Payload):
    """Words whose plan is asked for, and nothing else."""

    text: str = Field(min_length=1, max_length=LONGEST_WORDS)
    cluster: str = Field(default="", max_length=253)
    namespace: str = Field(default="", max_length=253)


class PlanDecision(_Payload):
    """Confirms a plan."""

    digest: str = Field(min_length=1, max_length=128)
    typed: str | None = Field(default=None, max_length=512)


class Approve(_Payload):
    """Approves or denies somebody else's plan, by the digest of the preview that was seen."""

    digest: str = Field(min_length=1, max_length=128)
    reason: str = Field(default="", max_length=500)


class CacheToClear(_Payload):
    """Which cache to clear; all without a name."""

    name: str | None = Field(default=None, max_length=64)


class NewMaintenance(_Payload):
    """Declares planned maintenance; without a start it begins now."""

    starts_at: Moment | None = None
    ends_at: Moment
    reason: str


class WebLoad(_Payload):
    """What a browser measured of one page load, from navigation until the composer was usable."""

    seconds: float = Field(gt=0, le=600, strict=True, allow_inf_nan=False)
    cache: Literal["cold", "warm"]


class Say(_Payload):
    """A message in a conversation; its id names the turn."""

    type: Literal["say"]
    id: UUID
    chat_session: UUID
    text: str


class Confirm(_Payload):
    """Confirms the plan of a preview card."""

    type: Literal["confirm"]
    id: UUID
    chat_session: UUID
    plan: UUID
    digest: str = Field(max_length=128)
    typed: str | None = Field(default=None, max_length=512)


class Cancel(_Payload):
    """Cancels the plan of a preview card."""

    type: Literal["cancel"]
    id: UUID
    chat_session: UUID
    plan: UUID


class Undo(_Payload):
    """Asks for what takes the plan of an outcome card back."""

    type: Literal["undo"]
    id: UUID
    chat_session: UUID
    plan: UUID


class Stop(_Payload):
    """Stops a turn that is still answering."""

    type: Literal["stop"]
    turn: UUID


class Follow(_Payload):
    """Asks that a table which a command showed stays current; `id` names it in what is told of it."""

    type: Literal["follow"]
    id: UUID
    command: str = Field(min_length=1, max_length=LONGEST_LINE)
    cluster: str = Field(max_length=253)
    namespace: str = Field(default="", max_length=253)
    view: dict[str, Any] | None = None


class Unfollow(_Payload):
    """Lets a table go."""

    type: Literal["unfollow"]
    id: UUID


Frame = Say | Confirm | Cancel | Undo | Stop | Follow | Unfollow
ClientFrame = Annotated[Frame, Field(discriminator="type")]
client_frame: TypeAdapter[Frame] = TypeAdapter(ClientFrame)
