"""All verbs: their flags, and what builds their commands."""

from __future__ import annotations

from app.domain.commands.building import changes, cluster, creation, drain, manifests, objects, reads
from app.domain.commands.building.common import Build
from app.domain.commands.flags import Flag

FLAGS: dict[str, tuple[Flag, ...]] = {
    **reads.FLAGS,
    **cluster.FLAGS,
    **changes.FLAGS,
    **drain.FLAGS,
    **objects.FLAGS,
    **creation.FLAGS,
    **manifests.FLAGS,
}
"""By verb, with its subverb where it has one."""
VERBS: dict[str, Build] = {
    **reads.VERBS,
    **cluster.VERBS,
    **changes.VERBS,
    **drain.VERBS,
    **objects.VERBS,
    **creation.VERBS,
    **manifests.VERBS,
}
_SUBVERBS = (reads.SUBVERBS, cluster.SUBVERBS, changes.SUBVERBS, objects.SUBVERBS, creation.SUBVERBS)
SUBVERBS: dict[str, dict[str, Build]] = {
    verb: {key: build for table in _SUBVERBS for key, build in table.get(verb, {}).items()}
    for verb in dict.fromkeys(verb for table in _SUBVERBS for verb in table)
}
ALIASES = {**reads.ALIASES, **changes.ALIASES, **creation.ALIASES, **objects.ALIASES}
"""Other words for a verb's second word."""
