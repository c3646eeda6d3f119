"""How large the keys of a Redis node are, by a sample: nobody walks through all of them.

Looking does not count as use: the node's choice of what to drop stays what it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from redis.asyncio.connection import Connection
from redis.exceptions import ResponseError

# Two round trips and some 50 us of the node's time a scrape. Every 5 s that is 3,800 keys in 20 minutes, of each node.
SAMPLED_KEYS: Final = 16
OTHER: Final = "other"
_KINDS: Final = (("s:", "session"),)  # by the beginning of their names; a cached entry of a new kind gets a line here


def kind_of(key: bytes) -> str:
    """What a key holds, by its name."""
    return next((kind for start, kind in _KINDS if key.startswith(start.encode())), OTHER)


async def sampled_bytes(connection: Connection) -> dict[str, float]:
    """The mean size of some keys chosen by chance, by their kind; kinds of which none was met are left out."""
    chosen = await _asked(connection, [("RANDOMKEY",)] * SAMPLED_KEYS)
    keys = sorted({key for key in chosen if isinstance(key, bytes)})
    sizes = await _asked(connection, [("MEMORY", "USAGE", key) for key in keys])
    found: dict[str, list[int]] = defaultdict(list)
    for key, size in zip(keys, sizes, strict=True):
        if isinstance(size, int):  # None for a key that is gone meanwhile
            found[kind_of(key)].append(size)
    return {kind: sum(sizes) / len(sizes) for kind, sizes in found.items()}


async def _asked(connection: Connection, commands: Iterable[tuple[str | bytes, ...]]) -> list[Any]:
    """The answers of a pipeline, None in place of an error: a slot may be moving."""
    sent = list(commands)
    await connection.send_packed_command(connection.pack_commands(sent))
    answers: list[Any] = []
    for _ in sent:
        try:
            answers.append(await connection.read_response(disable_decoding=True))
        except ResponseError:
            answers.append(None)
    return answers
