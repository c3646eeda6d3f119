"""Prints the processes that a stack has left behind, of all that run here; nothing when there are none."""

from __future__ import annotations

import os

import psutil

LOOKING = {"bash", "setpriv"}


def main() -> None:
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.pid != os.getpid() and process.info["name"] not in LOOKING:
            print(process.pid, " ".join(process.info["cmdline"] or ())[:100])


if __name__ == "__main__":
    main()
