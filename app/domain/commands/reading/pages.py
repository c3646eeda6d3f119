"""Pages of a list that is longer than one table: where the next one begins, as a text that its reader gives back.

What is in it decides where a list is read from and nothing else: it is read in the name of who gives it back, so that
one which was made up shows nobody more than they may see.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import orjson

from app.errors import InvalidInputError

MOST_ROWS = 500  # rows that one table shows
BEGUN_AGAIN = "The cluster no longer has the list as it was; it begins again.\n"
LONGEST = 4096  # characters; a cluster's own token is a few hundred
_MOST_COUNTED = 10**9


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page begins.

    Attributes:
        first: rows before it.
        total: rows that there were when the first page was read.
        following: the cluster's continue token; empty where all rows are read and those before it left out.
        skipped: rows of that answer that an earlier page has shown.
    """

    first: int = 0
    total: int = 0
    following: str = ""
    skipped: int = 0

    def text(self) -> str:
        """It as `read` takes it."""
        content = orjson.dumps([self.first, self.total, self.following, self.skipped])
        return base64.urlsafe_b64encode(content).decode().rstrip("=")

    @staticmethod
    def read(text: str) -> Page:
        """The page that a text names.

        Raises:
            InvalidInputError: it names none.
        """
        padded = text + "=" * (-len(text) % 4)
        try:
            found = (
                orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True)) if len(text) <= LONGEST else None
            )
        except (binascii.Error, ValueError) as error:
            raise no_page() from error
        match found:
            case [int(first), int(total), str(following), int(skipped)] if all(
                type(each) is int and 0 <= each <= _MOST_COUNTED for each in (first, total, skipped)
            ):
                return Page(first, total, following, skipped)
        raise no_page()


def no_page() -> InvalidInputError:
    """The refusal of a page that is none."""
    return InvalidInputError("There is no such page; ask for the list again.", code="invalid_page")
