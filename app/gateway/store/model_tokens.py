"""What each person's questions cost at a language model: tokens by day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.infra.postgres.database import Database
from app.infra.postgres.query import Query

_SPENT = Query(
    "model_tokens.spent",
    "SELECT prompt_tokens + completion_tokens AS tokens FROM model_tokens WHERE user_id = $1 AND day = $2",
)
_ADD = Query(
    "model_tokens.add",
    """INSERT INTO model_tokens AS t (user_id, day, prompt_tokens, completion_tokens) VALUES ($1, $2, $3, $4)
    ON CONFLICT (user_id, day) DO UPDATE SET prompt_tokens = t.prompt_tokens + excluded.prompt_tokens,
        completion_tokens = t.completion_tokens + excluded.completion_tokens""",
)
_PRUNE = Query("model_tokens.prune", "DELETE FROM model_tokens WHERE day < $1")


class ModelTokens:
    """Rows of model_tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def spent(self, user_id: UUID, day: date) -> int:
        """How many tokens a person has spent on a day (UTC)."""
        row = await self._database.fetchrow(_SPENT, user_id, day)
        return 0 if row is None else int(row["tokens"])

    async def add(self, user_id: UUID, day: date, prompt: int, completion: int) -> None:
        """Count tokens that were read and written for a person."""
        await self._database.execute(_ADD, user_id, day, prompt, completion)

    async def prune(self, before: date) -> int:
        """Forget what is older than this day; returns how many rows."""
        return await self._database.execute(_PRUNE, before)
