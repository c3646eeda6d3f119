"""Words can be read in a conversation whose cluster is configured no more, so that it can go on in another."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from app.domain.identities import Person, Role
from app.gateway.clients.nlp import LanguagePlan
from app.gateway.service.hub import Hub
from app.gateway.service.language import Language
from app.gateway.store.chats import ChatSession
from app.telemetry.instruments import Instruments


class FakeClient:
    """Reads everything as a wish to move."""

    async def plan(self, *_: Any, **__: Any) -> LanguagePlan:
        return LanguagePlan("session", action="set context prod-eu")


async def test_a_conversation_can_leave_a_cluster_that_is_configured_no_more() -> None:
    instruments = Instruments()
    client: Any = FakeClient()
    language = Language(client, {}, Hub("gateway-1", None, instruments), instruments)
    now = datetime.now(UTC)
    chat = ChatSession(uuid4(), "", "gone", "default", now, now, 0)

    async def ignore(_: str) -> None:
        return

    plan = await language.plan(Person(uuid4(), "ann", "Ann", Role.VIEWER), chat, [], "use prod-eu", ignore)
    assert plan.action == "set context prod-eu"
