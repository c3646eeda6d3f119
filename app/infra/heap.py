"""How many bytes the interpreter holds: small objects in its own arenas, the rest from the C library.

Python has no heap size to ask for. What it needs for objects up to 512 bytes comes from arenas of its own, whose books
it prints for people and for nobody else; what is larger, and what C libraries allocate, is in the C library's books.
Where either cannot be read (another C library, another interpreter), that part is None. A look walks over all pools of
the arenas while it holds the interpreter: a fraction of a millisecond for 50 MiB, so it is taken now and then only.
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from typing import Final

_IN_BLOCKS: Final = re.compile(rb"# bytes in allocated blocks\s+=\s+([\d,]+)")


@dataclass(frozen=True, slots=True)
class Heap:
    """One look.

    Attributes:
        objects_bytes: small objects.
        malloc_bytes: what the C library has handed out, to the interpreter (its arenas are not among it) and others.
    """

    objects_bytes: int | None
    malloc_bytes: int | None


class _MallocInfo(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


def heap() -> Heap:
    """Look now."""
    return Heap(_objects_bytes(), _malloc_bytes())


def _malloc_bytes() -> int | None:
    try:
        ask = ctypes.CDLL(None).mallinfo2
    except (OSError, AttributeError):
        return None
    ask.restype = _MallocInfo
    info = ask()
    return int(info.uordblks) + int(info.hblkhd)


def _objects_bytes() -> int | None:
    try:
        libc = ctypes.CDLL(None)
        tell = ctypes.pythonapi._PyObject_DebugMallocStats  # noqa: SLF001 - what sys._debugmallocstats() prints by
        open_memory, close, free = libc.open_memstream, libc.fclose, libc.free
    except (OSError, AttributeError):
        return None
    open_memory.restype, open_memory.argtypes = ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_void_p)
    close.argtypes = tell.argtypes = free.argtypes = (ctypes.c_void_p,)
    text, size = ctypes.c_void_p(), ctypes.c_size_t()
    stream = open_memory(ctypes.byref(text), ctypes.byref(size))
    if not stream:
        return None
    tell(stream)
    close(stream)
    try:
        found = _IN_BLOCKS.search(ctypes.string_at(text, size.value))
    finally:
        free(text)
    return None if found is None else int(found[1].replace(b",", b""))
