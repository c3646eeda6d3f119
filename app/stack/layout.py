"""Where everything of a stack lies: one state directory, and who may read what in it.

Nothing outside of that directory is written, and only a directory that carries our mark is ever removed.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.stack.account import Account, require_way
from app.stack.errors import StackError

_MARK: Final = ".kubechat-state"
_LOG_LIMIT_BYTES: Final = 50 * 2**20  # a log over this size is set aside at the next start of its process


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one state directory.

    Attributes:
        state: the directory itself.
    """

    state: Path

    @property
    def run(self) -> Path:
        """The lock and the record of what runs."""
        return self.state / "run"

    @property
    def lock(self) -> Path:
        """Held by the supervisor for as long as it lives."""
        return self.run / "lock"

    @property
    def record(self) -> Path:
        """What runs, as JSON."""
        return self.run / "stack.json"

    @property
    def held(self) -> Path:
        """One empty file for each process that a person has stopped."""
        return self.run / "held"

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.state / "logs"

    @property
    def secrets(self) -> Path:
        """Passwords and tokens, one file each."""
        return self.state / "secrets"

    @property
    def kubeconfig(self) -> Path:
        """How kubectl reaches the demo clusters."""
        return self.state / "kubeconfig"

    def held_names(self) -> set[str]:
        """The processes that a person has stopped."""
        return {path.name for path in self.held.iterdir()}

    def log(self, name: str) -> Path:
        """The log file of a process."""
        return self.logs / f"{name}.log"

    def of(self, *parts: str) -> Path:
        """A process' own folder."""
        return self.state.joinpath(*parts)

    def create(self, account: Account) -> None:
        """Make the directory and its fixed folders, or check that they are there.

        Raises:
            StackError: the directory cannot be made, belongs to somebody else, or is not ours.
        """
        try:
            self._make(account)
        except OSError as exc:
            raise StackError(
                f"The state directory {self.state} cannot be used by this user; name another with KUBECHAT_STATE."
            ) from exc
        require_way(self.state / "within", account)

    def _make(self, account: Account) -> None:
        require_way(self.state, account)
        if self.marked and self.state.stat().st_uid != os.geteuid():
            raise StackError(f"{self.state} belongs to another user; name another place with KUBECHAT_STATE.")
        self.state.mkdir(mode=0o711 if account.switched else 0o700, parents=True, exist_ok=True)
        if not self.marked:
            if any(self.state.iterdir()):
                raise StackError(f"{self.state} holds other files; name an empty place with KUBECHAT_STATE.")
            # It may have been there, with a mode that closes it to the servers' account or opens it to all.
            self.state.chmod(0o711 if account.switched else 0o700)
            (self.state / _MARK).write_text("made by kubechat up; kubechat down --wipe removes it\n")
        for folder in (self.run, self.held, self.logs, self.secrets):
            folder.mkdir(mode=0o700, exist_ok=True)
        if not os.access(self.run, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(self.run)

    @property
    def marked(self) -> bool:
        """Whether the directory was made by us."""
        return (self.state / _MARK).is_file()

    def folder(self, *parts: str, owner: Account | None = None) -> Path:
        """Make a process' folder; with an owner it belongs to that account, and so do the folders in between."""
        path = self.state
        for part in parts:
            path /= part
            path.mkdir(mode=0o700, exist_ok=True)
            if owner is not None:
                owner.own(path)
        return path

    def wipe(self) -> bool:
        """Remove the directory; False when there is none.

        Raises:
            StackError: it exists and does not carry our mark, or cannot be removed.
        """
        if not self.state.exists():
            return False
        if not self.marked:
            raise StackError(f"{self.state} was not made by kubechat, so it is left alone.")
        try:
            shutil.rmtree(self.state)
        except OSError as exc:
            raise StackError(f"{self.state} cannot be removed completely by this user.") from exc
        return True


def write_file(path: Path, text: str, *, mode: int = 0o600, owner: Account | None = None) -> None:
    """Replace a file in one step; it is never readable by more people than `mode` says.

    Args:
        path: the file.
        text: its whole content.
        mode: its permissions.
        owner: the account it belongs to; None means this process' user.
    """
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, mode)
        if owner is not None and owner.switched:
            os.fchown(descriptor, owner.uid, owner.gid)
        file.write(text)
    beside.replace(path)


def set_large_log_aside(path: Path, limit_bytes: int = _LOG_LIMIT_BYTES) -> None:
    """Move a log that has grown over the limit to `<name>.1`, over the one before it."""
    try:
        if path.stat().st_size > limit_bytes:
            path.replace(path.with_name(path.name + ".1"))
    except FileNotFoundError:
        return
