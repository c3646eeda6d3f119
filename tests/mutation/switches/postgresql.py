"""How the capabilities of `slo.targets.postgresql` are switched off."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.infra.migrations import Migration
from tests.mutation.switches import Around


def without_index(name: str) -> dict[str, Any]:
    """The schema without one of its indexes."""
    made = re.compile(rf"CREATE (UNIQUE )?INDEX (CONCURRENTLY IF NOT EXISTS )?{name} ON [^;]*(;|$)")

    def around(load: Callable[[Any], list[Migration]]) -> Callable[[Any], list[Migration]]:
        def loaded(folder: Any) -> list[Migration]:
            return [
                replace(
                    each,
                    sql=made.sub("", each.sql),
                    outside=tuple(statement for statement in each.outside if not made.fullmatch(statement)),
                )
                for each in load(folder)
            ]

        return loaded

    return {"app.infra.migrations:load_migrations": Around(around)}


SWITCHES: dict[str, dict[str, Any]] = {
    "indexing_strategy.primary_indexes.chat_sessions": without_index("chat_sessions_user_created"),
    "indexing_strategy.primary_indexes.audit_events": without_index("audit_events_user_timestamp"),
    "indexing_strategy.primary_indexes.users": without_index("users_email"),
    "indexing_strategy.performance_indexes.audit_events_timestamp": without_index("audit_events_timestamp"),
    "indexing_strategy.performance_indexes.chat_sessions_status": without_index("chat_sessions_active"),
}
