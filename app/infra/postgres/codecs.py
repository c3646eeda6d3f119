"""JSON between Python and PostgreSQL."""

from __future__ import annotations

from typing import Any

import asyncpg
import orjson

_NUL = "\\u0000"


async def set_codecs(connection: asyncpg.Connection) -> None:
    """Let `json` and `jsonb` columns be Python values on this connection."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=to_json, decoder=orjson.loads, format="text")


def to_json(value: Any) -> str:
    """JSON that PostgreSQL stores: NUL characters, as logs may hold them, become their visible picture U+2400."""
    text = orjson.dumps(value).decode()
    if _NUL not in text:
        return text
    # An escaped backslash before "u0000" is no NUL.
    return "\\\\".join(part.replace(_NUL, "\\u2400") for part in text.split("\\\\"))
