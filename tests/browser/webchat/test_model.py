"""A language model's words in the browser: they grow, are marked as its own, and are text and nothing else."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.webchat.conftest import Chat

pytestmark = [pytest.mark.browser, pytest.mark.full]
WORDS = "Cart is **busy**: [look](https://evil.example/?q=1) ![x](https://evil.example/p.png) <img src=x onerror=1>"


def test_a_models_words_grow_are_marked_and_are_text_alone(chat: Chat) -> None:
    chat.say("show me the pods")
    expect(chat.conversation.locator("table").first).to_be_visible()
    of = {"turn": str(uuid4()), "chat_session": chat.gateway.chats()[0]["id"]}

    def tell(event: dict[str, Any]) -> None:
        chat.gateway.tell_everyone({**event, **of})

    words = chat.page.get_by_role("group", name="A language model's words")
    half = len(WORDS) // 2
    tell({"type": "delta", "text": WORDS[:half], "model": "qwen3:8b"})
    expect(words).to_contain_text(WORDS[:half])
    tell({"type": "delta", "text": WORDS[half:], "model": "qwen3:8b"})
    expect(words).to_contain_text(WORDS)
    tell({"type": "text", "text": WORDS, "by": "model", "model": "qwen3:8b"})
    cost = {"reads": 1, "tokens": 300, "tokens_today": 1200, "tokens_per_day": 100_000}
    tell({"type": "model", "model": "qwen3:8b", **cost})
    tell({"type": "turn", "state": "done", "request_id": "r", "trace_id": "t", "duration_s": 1.2, "stopped": False})
    expect(words).to_have_count(1)
    expect(words).to_contain_text("The language model qwen3:8b says (it changes nothing, and may be wrong)")
    expect(words).to_contain_text(WORDS)
    assert words.get_by_role("link").count() == 0
    assert words.locator("img").count() == 0
    expect(chat.conversation).to_contain_text("1 read, 300 tokens; 1,200 of 100,000 today")
