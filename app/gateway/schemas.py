"""Payloads of the REST routes and of the WebSocket, as people's clients send them."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Credentials(_Payload):
    """A local account's name and password."""

    user: str = Field(min_length=1, max_length=64)
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
    role: Literal["viewer", "operator", "admin"]
    password: str = Field(min_length=1, max_length=1024)


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
    """One kubectl line from a terminal."""

    line: str = Field(min_length=1, max_length=65536)
    cluster: str = Field(default="", max_length=253)
    namespace: str = Field(default="", max_length=253)


class PlanDecision(_Payload):
    """Confirms a plan."""

    digest: str = Field(min_length=1, max_length=128)
    typed: str | None = Field(default=None, max_length=512)


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


class Stop(_Payload):
    """Stops a turn that is still answering."""

    type: Literal["stop"]
    turn: UUID


ClientFrame = Annotated[Say | Confirm | Cancel | Stop, Field(discriminator="type")]
client_frame: TypeAdapter[Say | Confirm | Cancel | Stop] = TypeAdapter(ClientFrame)
