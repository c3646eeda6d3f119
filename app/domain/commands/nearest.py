"""The names nearest to one that does not exist, for messages that help."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from rapidfuzz import fuzz, process

from app.errors import InvalidInputError

ENOUGH = 55.0  # of 100: "gte" finds "get" and "podz" finds "pods"; below it suggestions are noise
MOST = 3
FEW_CLUSTERS = 10  # all of them fit one sentence


def nearest(word: str, names: Iterable[str], most: int = MOST) -> list[str]:
    """At most `most` names that look like `word`, best first."""
    found = process.extract(
        word.lower(), list(dict.fromkeys(names)), scorer=fuzz.ratio, limit=most, score_cutoff=ENOUGH
    )
    return [name for name, _, _ in found]


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """A sentence with the nearest names, with a leading space; empty when nothing is near."""
    found = nearest(word, names)
    return f" Did you mean {' or '.join(found)}?" if found else ""


def no_such_cluster(name: str, clusters: Collection[str]) -> InvalidInputError:
    """The refusal of a cluster that there is not: it names the nearest, or all where they are few."""
    known = list(clusters)
    there_are = (
        f"; there are {', '.join(known)}." if len(known) <= FEW_CLUSTERS else f"; there are {len(known)} others."
    )
    hint = did_you_mean(name[:60], known) if len(known) > FEW_CLUSTERS else ""
    return InvalidInputError(f'There is no cluster "{name[:60]}"{there_are}{hint}', code="unknown_cluster")
