"""Pages of a list that is longer than one table: where the next one begins, as a text that its reader gives back.

What is in it decides where a list is read from and nothing else: it is read in the name of who gives it back, so that
one which was made up shows nobody more than they may see.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from app.errors import InvalidInputError

MOST_ROWS = 500  # rows that one table shows
BEGUN_AGAIN = "The cluster no longer has the list as it was; it begins again.\n"
LONGEST = 64 * 1024  # characters; a cluster's own token is a few hundred, and a hundred of them may be gone through
_MOST_COUNTED = 10**9


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page of one type's list on one cluster begins.

    Attributes:
        first: rows before it.
        total: rows that there were when the first page was read.
        following: the cluster's continue token; empty where the list is read from its beginning.
        skipped: rows from there on that an earlier page has shown; with no token they are all that are before it.
        resource: the type, `deployments.apps`; empty where the command names one alone.
    """

    first: int = 0
    total: int = 0
    following: str = ""
    skipped: int = 0
    resource: str = ""

    def text(self) -> str:
        """It as `read` takes it."""
        return _written([self.first, self.total, self.following, self.skipped, self.resource])

    def beyond(self, rows: int, total: int) -> Page:
        """Where that begins which is behind so many of its rows."""
        return replace(self, first=self.first + rows, total=total, skipped=self.skipped + rows)

    @staticmethod
    def read(text: str) -> Page:
        """The page that a text names.

        Raises:
            InvalidInputError: it names none.
        """
        match _read(text):
            case [int(first), int(total), str(following), int(skipped), str(resource)] if _are_counts(
                first, total, skipped
            ):
                return Page(first, total, following, skipped, resource)
        raise no_page()


@dataclass(frozen=True, slots=True)
class PageOfMany:
    """Where a page of one table of several clusters begins: of each of them that has rows left, its own page.

    Attributes:
        first: rows before it.
        ended: rows of the clusters that have none left.
        pages: of each other cluster, as its engine takes it.
    """

    first: int
    ended: int
    pages: Mapping[str, str]

    def text(self) -> str:
        """It as `read` takes it."""
        return _written([self.first, self.ended, dict(self.pages)])

    @staticmethod
    def read(text: str) -> PageOfMany:
        """The page that a text names.

        Raises:
            InvalidInputError: it names none.
        """
        match _read(text):
            case [int(first), int(ended), dict(pages)] if (
                pages and _are_counts(first, ended) and all(isinstance(each, str) for each in pages.values())
            ):
                return PageOfMany(first, ended, pages)
        raise no_page()


def _written(parts: list[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def _read(text: str) -> Any:
    padded = text + "=" * (-len(text) % 4)
    try:
        return orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True)) if len(text) <= LONGEST else None
    except (binascii.Error, ValueError) as error:
        raise no_page() from error


def _are_counts(*found: int) -> bool:
    return all(type(each) is int and 0 <= each <= _MOST_COUNTED for each in found)


def no_page() -> InvalidInputError:
    """The refusal of a page that is none."""
    return InvalidInputError("There is no such page; ask for the list again.", code="invalid_page")
