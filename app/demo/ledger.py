"""Remembers every change that a client made, so that what was asked can be compared with what was done.

Kept in memory and appended to a file. Changes by the clusters' own controllers are not in it, nor are dry runs.
"""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Final

import orjson

from app.demo.objects import Obj

_KEPT: Final = 10_000  # entries in memory; the file has them all


class Ledger:
    """The ledger of all clusters.

    Args:
        path: the file to append to; None keeps it in memory only.

    Raises:
        OSError: the file cannot be opened.
    """

    def __init__(self, path: Path | None) -> None:
        self._entries: deque[Obj] = deque(maxlen=_KEPT)
        self._file = path.open("ab", buffering=0) if path is not None else None

    def add(self, entry: Obj) -> None:
        """Note a change. Written before the client is answered."""
        self._entries.append(entry)
        if self._file is not None:
            self._file.write(orjson.dumps(entry) + b"\n")

    def entries(self, cluster: str = "") -> list[Obj]:
        """The changes of a cluster, or of all, oldest first."""
        return [entry for entry in self._entries if not cluster or entry["cluster"] == cluster]

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
