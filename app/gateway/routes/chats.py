"""Conversations: list, start, rename, delete, and their messages."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from app.gateway.dependencies import PartsOf, SessionOf
from app.gateway.schemas import ChatSessionChange, NewChatSession
from app.gateway.store.chats import ChatSession
from app.infra.ids import new_id

router = APIRouter(prefix="/api/v1/chat-sessions")


@router.get("")
async def list_chat_sessions(session: SessionOf, parts: PartsOf) -> dict[str, list[dict[str, Any]]]:
    """One's own conversations, the last used first."""
    return {"sessions": [_json(chat) for chat in await parts.chats.list(session.person.user_id)]}


@router.post("", status_code=201)
async def start_chat_session(payload: NewChatSession, session: SessionOf, parts: PartsOf) -> dict[str, Any]:
    """Start a conversation in the current cluster and its namespace."""
    cluster = parts.engine.current_cluster
    chat = await parts.chats.add(
        new_id(), session.person.user_id, payload.title.strip(), cluster, parts.engine.default_namespace(cluster)
    )
    return _json(chat)


@router.patch("/{session_id}", status_code=204)
async def change_chat_session(session_id: UUID, payload: ChatSessionChange, session: SessionOf, parts: PartsOf) -> None:
    """Change a title, or where the conversation goes on."""
    chat = await parts.chats.find(session_id, session.person.user_id)
    if payload.title is not None:
        await parts.chats.rename(session_id, session.person.user_id, payload.title.strip())
    if payload.cluster is not None or payload.namespace is not None:
        await parts.chat.move(chat, payload.cluster or chat.cluster, payload.namespace or chat.namespace)


@router.delete("/{session_id}", status_code=204)
async def delete_chat_session(session_id: UUID, session: SessionOf, parts: PartsOf) -> None:
    """Remove a conversation from the list; its audit events stay."""
    await parts.chats.delete(session_id, session.person.user_id)


@router.get("/{session_id}/messages")
async def list_messages(
    session_id: UUID,
    session: SessionOf,
    parts: PartsOf,
    before: Annotated[int, Query(ge=1, le=2**62)] = 2**62,
    after: Annotated[int | None, Query(ge=0, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> dict[str, Any]:
    """A page of messages, oldest first: the newest before `before`, or those after `after`."""
    chat = await parts.chats.find(session_id, session.person.user_id)
    if after is not None:
        messages = await parts.chats.since(session_id, after, limit)
    else:
        messages = await parts.chats.page_of(chat, before, limit)
    more = len(messages) == limit and messages[0].seq > 1
    return {
        "messages": [
            {"seq": m.seq, "turn": str(m.turn), "role": m.role, "at": m.at.isoformat(), "event": m.event}
            for m in messages
        ],
        "next": messages[0].seq if more and after is None else None,
    }


def _json(chat: ChatSession) -> dict[str, Any]:
    return {
        "id": str(chat.session_id),
        "title": chat.title,
        "cluster": chat.cluster,
        "namespace": chat.namespace,
        "created_at": chat.created_at.isoformat(),
        "updated_at": chat.updated_at.isoformat(),
    }
