"""kubectl drain: a node emptied of its pods, as their disruption budgets let them go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.commands.model.command import Command, switch


@dataclass(frozen=True, kw_only=True)
class Drain(Command):
    """kubectl drain.

    Attributes:
        node: the node's name.
        ignore_daemonsets: pods of DaemonSets stay, instead of keeping the node from being drained.
        delete_emptydir_data: pods with emptyDir volumes go, and their data with them.
        force: pods that no controller would start again go as well.
        grace_period_s: seconds that each pod gets; its own when negative.
        timeout_s: when to give up; never when 0.
        pod_selector: only pods with these labels.
    """

    verb: ClassVar[str] = "drain"
    node: str
    ignore_daemonsets: bool = False
    delete_emptydir_data: bool = False
    force: bool = False
    grace_period_s: int = -1
    timeout_s: int = 0
    pod_selector: str = ""

    def flags(self) -> frozenset[str]:
        """See `Command.flags`."""
        return frozenset({"force"}) if self.force else frozenset()

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            self.node,
            *switch("ignore-daemonsets", on=self.ignore_daemonsets),
            *switch("delete-emptydir-data", on=self.delete_emptydir_data),
            *switch("force", on=self.force),
            *([f"--grace-period={self.grace_period_s}"] if self.grace_period_s >= 0 else []),
            *([f"--timeout={self.timeout_s}s"] if self.timeout_s else []),
            *([f"--pod-selector={self.pod_selector}"] if self.pod_selector else []),
        ]
