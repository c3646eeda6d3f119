"""Finds a step that is asked for and that no command does: "untaint node-a and uncordon it", read as half of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from app.nlp.translator.intents.moods import mood_of, verb_at
from app.nlp.translator.intents.parting import WANTS, parted
from app.nlp.translator.intents.said import Clause
from app.nlp.translator.kubectl import Spoken

_DONE_BY: Final[Mapping[str, str]] = {
    "restart bounce redeploy recycle": "rollout restart,delete",
    "rerun": "create,run,rollout restart",
    "run": "create,run,scale,autoscale,set image,rollout restart",
    "reboot": "rollout restart,delete,drain,cordon",
    "scale resize upscale downscale": "scale,autoscale,patch",
    "double halve triple": "scale,autoscale,patch,set resources",
    "delete destroy del uninstall": "delete,drain,label,annotate,taint,set env,scale",
    "cordon": "cordon",
    "uncordon": "uncordon",
    "drain evacuate vacate": "drain",
    "suspend": "patch",
    "resume unpause": "rollout resume,patch,uncordon",
    "pause": "rollout pause,patch,scale",
    "label": "label",
    "unlabel": "label",
    "annotate": "annotate",
    "taint untaint": "taint",
    "expose": "expose,create service",
    "autoscale": "autoscale,patch",
    "limit cap": "set resources,autoscale,patch",
    "rollback revert undo": "rollout undo,set image,scale,set env,label,set resources,patch,annotate,rollout restart,uncordon,cordon,taint,delete,rollout resume",
    "create": "create,run,expose,rollout restart,autoscale,label,annotate,taint,set env,scale",
    "back snapshot backup": "",
    "trigger": "create,rollout restart,run",
}  # fmt: skip
"""Verbs that leave no doubt of what they ask for, with those of the commands that do it."""
_DOERS: Final = {
    verb: frozenset(filter(None, commands.split(","))) for verbs, commands in _DONE_BY.items() for verb in verbs.split()
}


def undone_step(clauses: Sequence[Clause], commands: Sequence[Spoken]) -> str | None:
    """The verb of a request that none of the commands answers.

    Args:
        clauses: what was said.
        commands: what would be done.
    """
    done = {each.verb for each in commands} | {each.verb.split()[0] for each in commands}
    for part in parted(clauses):
        at = verb_at(part.text)
        verb = "" if at is None else part.words[at].token
        behind = part.words[at + 1].token if at is not None and at + 1 < len(part.words) else ""
        before = part.words[at - 1].token if at else ""
        if (verb == "back" and behind != "up") or before == "no" or behind in _IS:
            continue
        if verb in _DOERS and not _DOERS[verb] & done:
            return verb
    text = " ".join(clause.text for clause in clauses if mood_of(clause.text, clause.mark) in WANTS)
    return next((said for said, (form, doers) in _SAID.items() if form.search(text) and not doers & done), None)


_IS: Final = frozenset({"is", "was", "has", "went", "window", "done", "finished", "over", "worked", "completed"})
"""Behind a word that could be a verb, these make a noun of it: "pause is over"."""
_SAID: Final = {
    "restart": (
        re.compile(r"\b(?:a|the) (?:quick |rolling )?restart\b(?! of)|<\w+> (?:to be )?restarted\b"),
        frozenset({"rollout restart", "delete", "rollout undo", "rollout", "create", "drain"}),
    ),
    "replicas": (
        re.compile(r"<number> (?:replicas|copies|instances)\b"),
        frozenset({"scale", "autoscale", "create", "patch", "set", "expose", "run"}),
    ),
}
"""What else says that something is to be done, with the commands that do it."""
