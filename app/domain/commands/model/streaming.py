"""Which commands go on: their output grows until something ends, or somebody stops it."""

from __future__ import annotations

from app.domain.commands.model.command import Command
from app.domain.commands.model.reads import Events, Get, Logs, RolloutStatus, Wait


def streams(command: Command) -> bool:
    """Whether a command's output comes bit by bit."""
    match command:
        case Get():
            return command.watch or command.watch_only
        case Events():
            return command.watch
        case Logs():
            return command.follow
        case RolloutStatus():
            return command.watch
        case Wait():
            return True
    return False
