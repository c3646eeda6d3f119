"""Names of keys that belong together. Knows no feature and no server."""

from __future__ import annotations


def together(tag: str, *parts: str) -> str:
    """A key in the slot of its tag: keys with one tag live on one node, and may be changed in one transaction.

    Args:
        tag: what the keys have in common; it alone decides the slot.
        parts: the rest of the name.

    Raises:
        ValueError: the tag is empty or holds a brace, which would let the whole name decide.
    """
    if not tag or "{" in tag or "}" in tag:
        raise ValueError(f"{tag!r} cannot be a hash tag: it is empty or holds a brace")
    return ":".join((f"{{{tag}}}", *parts))
