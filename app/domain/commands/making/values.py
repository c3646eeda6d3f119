"""Values of flags that several generators read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.domain.commands import checks
from app.domain.commands.model.creation import Making
from app.errors import InvalidInputError

JsonObject = dict[str, Any]


def needed(asked: Making, flag: str, verb: str) -> str:
    """A flag's value; InvalidInputError when it was not given."""
    value = asked.one(flag)
    if not value:
        raise InvalidInputError(f"kubectl {verb} needs --{flag}.", code="missing_argument")
    return value


def whole(asked: Making, flag: str, *, default: int = 0, most: int = checks.MOST_REPLICAS) -> int:
    """A flag's whole number."""
    value = asked.one(flag)
    return checks.number(value, flag, most) if value else default


def key_values(words: Sequence[str], flag: str) -> dict[str, str]:
    """`KEY=VALUE` of each word; no key twice."""
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise InvalidInputError(f'--{flag} is KEY=VALUE; "{word[:40]}" is not.', code="invalid_flag")
        if key in found:
            raise InvalidInputError(f'--{flag} names "{key[:60]}" twice; give it once.', code="given_twice")
        found[key] = value
    return found
