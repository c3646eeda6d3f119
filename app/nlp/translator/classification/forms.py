"""Plain requests for what the model takes a text for, made of the values that its clauses hold.

Nothing here tells what is asked for: that is known. No value and no name of a text may be missing in what is made of
it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from app.nlp.translator.intents.creations import creation
from app.nlp.translator.intents.keys import kind_of_name, marked, unmarked, unset, variable_of
from app.nlp.translator.intents.matching import is_lost
from app.nlp.translator.intents.moods import Mood, mood_of
from app.nlp.translator.intents.parting import names_in, place_of
from app.nlp.translator.intents.said import Clause, joined
from app.nlp.translator.intents.values import autoscaled, exposed, image_of, resources_of, rolled_back
from app.nlp.translator.intents.words import NAMED
from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.lexicon.parts import Part

_ANYTHING: Final = re.compile("")
_PREVIOUS: Final = re.compile(
    r"\b(?:previous|prior|last|earlier) (?:\w+ )?(?:container|instance|run|crash|incarnation|life)\b"
    r"|\b(?:before|prior to|until|when)\b"
    r"(?: (?:that|it)$|.*\b(?:restart\w*|crash\w*|died?|dying|killed|went|fell over|came back|death)\b)"
    r"|\b(?:crashed|died|dead|killed) (?:container|instance|one)\b"
)
_FOLLOWED: Final = re.compile(
    r"\b(?:follow\w*|live|stream\w*|keep (?:it |them )?(?:coming|going|printing|running|open)|real time"
    r"|as (?:it|they) (?:comes?|happens?))\b"
)
_LINES: Final = re.compile(
    r"(?P<n><number>) (?:\w+ )?(?:lines|rows|entries|messages|logs?)\b"
    r"|\b(?:last|latest|final|tail|newest|most recent) (?P<n2><number>)(?! (?:minutes|hours|days|seconds|pods|times))"
)
_TIMES: Final = frozenset({Part.TIME, Part.DURATION})
_VERBS: Final = frozenset(
    """
    list get read see view create make delete remove update patch edit watch scale restart drain evict exec deploy
    change
    """.split()  # noqa: SIM905 - a list of twenty quoted words reads worse
)
_ALLOWED_AS: Final = {
    **dict.fromkeys(
        ["chuck", "bin", "throw", "kill", "drop", "wipe", "nuke", "axe", "ditch", "erase", "trash", "scrap", "toss"],
        "delete",
    ),
    **dict.fromkeys(("bounce", "reboot"), "restart"),
    **dict.fromkeys(("look", "peek"), "get"),
}
_REVISION: Final = re.compile(r"\b(?:revision|rev|version)(?: number)? <number>")
_LABELS: Final = re.compile(r"\blabel\w*")
_CONTENTS: Final = re.compile(r"\b(?:contents?|inside|holds?|keys?|data|values? (?:of|in)|what is in|entries|yaml)\b")
_PER_CONTAINER: Final = re.compile(r"\b(?:each|per|every|by|single) container|\bcontainers\b")
_METRICS: Final = {
    "memory": re.compile(r"\b(?:memory|mem|ram)\b"),
    "cpu": re.compile(r"\b(?:cpu|cores?|processor|compute)\b"),
}
_RANKED: Final = re.compile(
    r"\b(?:sort\w*|order\w*|most|top|biggest|heaviest|hungriest|highest|greediest|largest|rank\w*|worst|hogs?|hogging|eating|first)\b"
)


def _of_name(form: str) -> Callable[[Clause, str], str | None]:
    return lambda clause, name: form.format(name=name, kind=kind_of_name(clause))


def _logs(clause: Clause, name: str) -> str:
    text = clause.text
    said = f"logs of {kind_of_name(clause)}{name}"
    lines = _LINES.search(text)
    if lines is not None:
        number = clause.within(*lines.span("n" if lines["n"] else "n2"))[0]
        said += f" last {number.value} lines"
    since = next((word.tag for word in clause.words if word.tag.part in _TIMES), None)
    if since is not None:
        said += f" of the last {since.words}" if since.part is Part.DURATION else f" {since.words}"
    said += " follow" if _FOLLOWED.search(text) else ""
    return f"previous {said}" if _PREVIOUS.search(text) else said


def _allowed(clause: Clause, name: str) -> str | None:
    """Whether somebody may do something: one verb and one kind; who, where a service account is named."""
    verbs = [_ALLOWED_AS.get(word.token, word.token) for word in clause.words]
    verbs = [verb for verb in verbs if verb in _VERBS]
    kinds = [word.token for word in clause.words if word.token in KINDS and word.token != "serviceaccounts"]
    if len(set(verbs)) != 1 or len(set(kinds)) != 1 or (name and not clause.of("<object>")):
        return None
    return f"can {name or 'i'} {verbs[0]} {kinds[0]}"


def _usage(clause: Clause, name: str) -> str:
    named = [metric for metric, form in _METRICS.items() if form.search(clause.text)]
    said = f"usage of the {name} pods" if name else "usage of the pods"
    if _PER_CONTAINER.search(clause.text):
        return f"{said} per container"
    return f"{said} sorted by {named[0]}" if len(named) == 1 and _RANKED.search(clause.text) else said


def _usage_of_nodes(clause: Clause, name: str) -> str:
    named = [metric for metric, form in _METRICS.items() if form.search(clause.text)]
    said = f"usage of {name}" if name else "usage of the nodes"
    return f"{said} sorted by {named[0]}" if len(named) == 1 and _RANKED.search(clause.text) and not name else said


def _listed(clause: Clause, name: str) -> str | None:
    """Objects with a label, with all their labels, or what an object holds."""
    text = clause.text
    kinds = [word.token for word in clause.words if word.token in KINDS]
    settings = clause.of("<setting>")
    if settings and len(set(kinds)) == 1 and not name and _LABELS.search(text):
        return f"show the {kinds[0]} labelled {' and '.join(word.value for word in settings)}"
    if kinds and len(set(kinds)) == 1 and not name and not settings and _LABELS.search(text):
        return f"show the {kinds[0]} with their labels"
    return f"show the yaml of {kind_of_name(clause)}{name}" if name and _CONTENTS.search(text) else None


def _history(clause: Clause, name: str) -> str:
    revision = _REVISION.search(clause.text)
    number = (
        None
        if revision is None
        else next((word for word in clause.within(*revision.span()) if word.token == "<number>"), None)
    )
    return f"rollout history of {name}" if number is None else f"show revision {number.value} of {name}"


def _valued(make: Callable[[Clause, re.Match[str], str], str | None]) -> Callable[[Clause, str], str | None]:
    def plain(clause: Clause, name: str) -> str | None:
        found = _ANYTHING.search(clause.text)
        return None if found is None or not name else make(clause, found, name)

    return plain


def _created(clause: Clause, _: str) -> str | None:
    return creation(clause, surely=True)


_FORMS: Final[Mapping[str, Callable[[Clause, str], str | None]]] = {
    "logs": lambda clause, name: _logs(clause, name) if name else None,
    "get": _listed,
    "auth can-i": _allowed,
    "top pods": _usage,
    "top nodes": _usage_of_nodes,
    "set resources": _valued(resources_of),
    "autoscale": _valued(autoscaled),
    "env set": _valued(variable_of),
    "env unset": _valued(unset),
    "label": _valued(marked("label", "label")),
    "label off": _valued(unmarked("label")),
    "annotate": _valued(marked("annotate", "annotation")),
    "annotate off": _valued(unmarked("annotation")),
    "taint": _valued(marked("taint", "taint")),
    "taint off": _valued(unmarked("taint")),
    "expose": _valued(exposed),
    "rollout undo": _valued(rolled_back),
    "set image": _valued(image_of),
    "create configmap": _created,
    "create deployment": _created,
    "create job": _created,
    "create namespace": _created,
    "create serviceaccount": _created,
    "run": _created,
    "rollout restart": _of_name("restart {name}"),
    "rollout pause": _of_name("pause the rollout of {name}"),
    "rollout resume": _of_name("resume the rollout of {name}"),
    "rollout status": _of_name("rollout status of {name}"),
    "rollout history": _history,
    "scale zero": lambda clause, name: None if clause.of("<number>", "one") else f"scale {name} to 0",
    "cordon": _of_name("cordon {name}"),
    "uncordon": _of_name("uncordon {name}"),
    "drain": _of_name("drain {name}"),
    "suspend": _of_name("suspend cronjob {name}"),
    "resume": _of_name("resume cronjob {name}"),
    "delete": _of_name("delete {kind}{name}"),
    "describe": _of_name("describe {kind}{name}"),
    "diagnose": _of_name("why is {name} failing"),
}
_SWITCHES: Final = {
    "session set namespace": ("<namespace>", "switch to namespace {}"),
    "session set context": ("<cluster>", "switch to cluster {}"),
}
_WITHOUT_A_NAME: Final = frozenset({"auth can-i", "get", "top pods", "top nodes"})


def plain_requests(label: str, clauses: Sequence[Clause]) -> Iterator[str]:
    """What a text may ask for, as plain requests, the likeliest first.

    Args:
        label: what is asked for.
        clauses: the text.
    """
    switched = _SWITCHES.get(label)
    if switched is not None and clauses:
        places = {word.value for word in joined(clauses).words if word.token == switched[0]}
        if len(places) == 1:
            yield switched[1].format(places.pop())
        return
    form = _FORMS.get(label)
    if form is None or not clauses:
        return
    told = [clause for clause in clauses if names_in(clause) and mood_of(clause.text, clause.mark) is Mood.REPORT]
    whole = joined([clause for clause in clauses if clause not in told] or clauses)
    for clause in [whole, *(clauses if len(clauses) > 1 else ())]:
        names = [word for word in clause.words if word.token in NAMED]
        called = " and ".join(dict.fromkeys(word.value for word in names))
        if not called and not label.startswith("create ") and label not in _WITHOUT_A_NAME and label != "run":
            continue
        said = form(clause, called)
        if said is not None and not is_lost(whole, said):
            yield said + place_of(whole, "")
