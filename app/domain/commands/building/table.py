"""All verbs: their flags, and what builds their commands."""

from __future__ import annotations

from app.domain.commands.building import changes, cluster, drain, reads
from app.domain.commands.building.common import Build
from app.domain.commands.flags import Flag

FLAGS: dict[str, tuple[Flag, ...]] = {**reads.FLAGS, **cluster.FLAGS, **changes.FLAGS, **drain.FLAGS}
"""By verb, with its subverb where it has one."""
VERBS: dict[str, Build] = {**reads.VERBS, **cluster.VERBS, **changes.VERBS, **drain.VERBS}
SUBVERBS: dict[str, dict[str, Build]] = {
    verb: {**reads.SUBVERBS.get(verb, {}), **cluster.SUBVERBS.get(verb, {}), **changes.SUBVERBS.get(verb, {})}
    for verb in (*reads.SUBVERBS, *cluster.SUBVERBS, *changes.SUBVERBS)
}
ALIASES = {**reads.ALIASES, **changes.ALIASES}
"""Other words for a verb's second word."""
