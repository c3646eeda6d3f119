"""Becomes a child of the stack: runs between fork and exec, in a fresh interpreter.

It ties the child's life to the supervisor's (the kernel signals it when the supervisor dies, even by SIGKILL), enters
its memory cgroup, gives up root, and becomes the server. It imports the standard library alone and is run by its path
with `-I -S`, so that it costs a few milliseconds and nothing in the environment can change what it does.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any, Final

_PR_SET_PDEATHSIG: Final = 1
_NOT_STARTED: Final = 127


def become(order: dict[str, Any], argv: list[str]) -> None:
    """Carry out an order and replace this process; returns only by raising OSError.

    Args:
        order: `parent` (the supervisor's pid), `signal` (what to get when it dies), `cgroup` (a folder or null),
            `uid` and `gid` (or null), `directory` (the working directory).
        argv: the command; its first word is a path.
    """
    if order["cgroup"] is not None:
        with open(os.path.join(order["cgroup"], "cgroup.procs"), "w", encoding="ascii") as members:  # noqa: PTH118, PTH123 - pathlib costs 10 ms here
            members.write(str(os.getpid()))
    os.chdir(order["directory"])
    os.umask(0o077)
    if order["uid"] is not None:
        os.setgroups([])
        os.setgid(order["gid"])
        os.setuid(order["uid"])
    # After the change of user, which would clear it.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, order["signal"], 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != order["parent"]:
        raise ProcessLookupError("the supervisor is gone")
    os.execv(argv[0], argv)  # noqa: S606 - that is the purpose of this module


if __name__ == "__main__":
    try:
        become(json.loads(sys.argv[1]), sys.argv[2:])
    except OSError as exc:
        print(f"{sys.argv[2]} could not be started: {exc}", file=sys.stderr)  # noqa: T201 - the child's own log
        sys.exit(_NOT_STARTED)
