"""Finds out who sends a request: bearer tokens from a file, and impersonation.

Tokens are compared by digest, so that a comparison's time says nothing about a token.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.demo.status import unauthorized
from app.errors import InternalError

AUTHENTICATED: Final = "system:authenticated"
UNAUTHENTICATED: Final = "system:unauthenticated"
MASTERS: Final = "system:masters"


@dataclass(frozen=True, slots=True)
class User:
    """A user of a cluster.

    Attributes:
        name: user name.
        groups: groups, the ones that the server adds included.
        uid: user id, may be empty.
    """

    name: str
    groups: tuple[str, ...]
    uid: str = ""


ANONYMOUS: Final = User("system:anonymous", (UNAUTHENTICATED,))


class Tokens:
    """Bearer tokens and whom they stand for.

    Args:
        entries: token to user.
    """

    def __init__(self, entries: dict[str, User]) -> None:
        self._users = [(_digest(token), user) for token, user in entries.items()]

    @classmethod
    def read(cls, path: Path) -> Tokens:
        """Read `{token: {"user": …, "groups": […]}}`.

        Raises:
            InternalError: the file cannot be read, or is not of that form.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            entries = {
                str(token): User(str(entry["user"]), (*map(str, entry.get("groups", ())), AUTHENTICATED))
                for token, entry in content.items()
            }
        except (OSError, ValueError, AttributeError, KeyError, TypeError) as exc:
            raise InternalError(
                f"the file with the clusters' tokens cannot be used: {path}", code="configuration"
            ) from exc
        if not entries or any(len(token) < 8 for token in entries):
            message = f"the file with the clusters' tokens has none, or one of under 8 characters: {path}"
            raise InternalError(message, code="configuration")
        return cls(entries)

    def user(self, authorization: str) -> User:
        """Who sent an `Authorization` header.

        Args:
            authorization: the header, empty when there is none.

        Returns:
            the user; anonymous without a header.

        Raises:
            StatusError: 401 for a header that is no known bearer token.
        """
        if not authorization:
            return ANONYMOUS
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise unauthorized()
        digest = _digest(token.strip())
        found = None
        for known, user in self._users:
            if secrets.compare_digest(known, digest):
                found = user
        if found is None:
            raise unauthorized()
        return found


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True, slots=True)
class Impersonation:
    """What the impersonation headers ask for.

    Attributes:
        user: user name.
        groups: groups as sent.
        uid: user id, may be empty.
    """

    user: str
    groups: tuple[str, ...]
    uid: str = ""

    def as_user(self) -> User:
        """The impersonated user, with the groups that the server adds."""
        groups = self.groups
        if self.user == ANONYMOUS.name:
            groups = (*groups, UNAUTHENTICATED) if UNAUTHENTICATED not in groups else groups
        elif AUTHENTICATED not in groups:
            groups = (*groups, AUTHENTICATED)
        return User(self.user, groups, self.uid)


def impersonation(headers: Sequence[tuple[bytes, bytes]]) -> Impersonation | None:
    """Read the impersonation headers; None when there are none.

    Args:
        headers: raw, names in lower case.

    Raises:
        StatusError: 401 for groups or a uid without a user.
    """
    user, uid = "", ""
    groups: list[str] = []
    for name, value in headers:
        if name == b"impersonate-user":
            user = value.decode("utf-8", "replace")
        elif name == b"impersonate-group":
            groups.append(value.decode("utf-8", "replace"))
        elif name == b"impersonate-uid":
            uid = value.decode("utf-8", "replace")
    if user:
        return Impersonation(user, tuple(groups), uid)
    if groups or uid:
        raise unauthorized()
    return None
