"""What the language service is told of earlier turns."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from app.gateway.service.language import ROWS_SENT, TURNS_SENT, recent_turns
from app.gateway.store.chats import StoredMessage


def message(event: dict[str, Any]) -> StoredMessage:
    return StoredMessage(1, uuid4(), "kubechat", datetime.now(UTC), event)


def table(command: str, names: list[str]) -> StoredMessage:
    columns = [{"name": "NAMESPACE"}, {"name": "NAME"}, {"name": "READY"}]
    rows = [["shop", name, "1/1"] for name in names]
    return message({"type": "table", "command": command, "columns": columns, "rows": rows, "total": len(names)})


def test_a_table_gives_its_command_and_the_names_it_showed() -> None:
    turns = recent_turns([table("kubectl get pods -n shop", [f"pod-{n}" for n in range(100)])])
    assert turns == [
        {
            "command": "kubectl get pods -n shop",
            "state": "done",
            "rows": [f"pod-{n}" for n in range(ROWS_SENT)],
            "row_count": 100,
        }
    ]


def test_a_preview_is_pending_until_its_outcome() -> None:
    preview = message(
        {
            "type": "preview",
            "plan": "p",
            "steps": [{"command": "kubectl scale deployment/web --replicas=5", "before": "3"}],
        }
    )
    applied = message({"type": "outcome", "plan": "p", "state": "applied"})
    assert recent_turns([preview])[0]["state"] == "pending"
    assert recent_turns([preview, applied])[0]["state"] == "done"


def test_only_the_last_turns_are_sent() -> None:
    turns = recent_turns([table(f"kubectl get pods -n n{n}", ["a"]) for n in range(TURNS_SENT + 3)])
    assert len(turns) == TURNS_SENT
    assert turns[-1]["command"] == f"kubectl get pods -n n{TURNS_SENT + 2}"
