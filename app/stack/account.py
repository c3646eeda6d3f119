"""Under which account the third-party servers run.

PostgreSQL refuses root, and the other servers need no right of root's either: as root they run as a system user made
for them, as anybody else they run as that person.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.stack.errors import StackError

USER: Final = "kubechat"


@dataclass(frozen=True, slots=True)
class Account:
    """A user that servers run as.

    Attributes:
        name: its name.
        uid: its user id.
        gid: its group id.
        switched: whether it is another user than the one who runs the stack.
    """

    name: str
    uid: int
    gid: int
    switched: bool

    def own(self, path: Path) -> None:
        """Give a file or folder to this account."""
        if self.switched:
            os.chown(path, self.uid, self.gid)


def server_account() -> Account:
    """The account for the servers; as root the system user is made when it is missing.

    Raises:
        StackError: the user is missing and cannot be made.
    """
    if os.geteuid() != 0:
        return Account(_name_of(os.geteuid()), os.geteuid(), os.getegid(), switched=False)
    try:
        entry = pwd.getpwnam(USER)
    except KeyError:
        _make_user()
        entry = pwd.getpwnam(USER)
    if entry.pw_uid == 0:
        raise StackError(f"The user {USER} is root under another name; the servers need a user without rights.")
    return Account(USER, entry.pw_uid, entry.pw_gid, switched=True)


def require_way(path: Path, account: Account) -> None:
    """Check that the account can enter every folder above `path`.

    Raises:
        StackError: one of them is closed to it.
    """
    if not account.switched:
        return
    for folder in reversed(path.parents):
        if not folder.exists():
            return
        found = folder.stat()
        wanted = (
            stat.S_IXUSR
            if found.st_uid == account.uid
            else stat.S_IXGRP
            if found.st_gid == account.gid
            else stat.S_IXOTH
        )
        if not found.st_mode & wanted:
            raise StackError(
                f"The servers run as user {account.name}, who cannot enter {folder}; "
                "name another place with KUBECHAT_STATE."
            )


def _make_user() -> None:
    command = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin")
    if command is None:
        raise StackError(f"The system user {USER} is missing and there is no useradd to make it.")
    made = subprocess.run(
        [
            command,
            "--system",
            "--user-group",
            "--no-create-home",
            "--home-dir",
            "/nonexistent",
            "--shell",
            "/usr/sbin/nologin",
            USER,
        ],
        capture_output=True,
        check=False,
        timeout=30,
    )
    if made.returncode not in {0, 9}:  # 9: somebody else made it meanwhile
        raise StackError(f"The system user {USER} cannot be made (useradd ended with {made.returncode}).")


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
