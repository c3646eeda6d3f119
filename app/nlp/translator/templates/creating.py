"""New objects: what can be made by one line of kubectl."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.nlp.translator.frame import Frame
from app.nlp.translator.kubectl import Scope, line
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.plan import Behaviour, Plan, ask
from app.nlp.translator.templates.wording import Fit

_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
_MOST_REPLICAS = 1000


def deployment(frame: Frame, found: Fit) -> Plan | None:
    """A new deployment."""
    if not found.has("image"):
        return ask(f"Which image shall {found.words['name']} run? Give it in full, with its tag.")
    words = [f"--image={found.words['image']}"]
    if found.has("replicas"):
        if int(found.words["replicas"]) > _MOST_REPLICAS:
            return ask("How many replicas do you mean?", reading=frame.reading())
        words.append(f"--replicas={found.words['replicas']}")
    return _made(frame, found, ["create", "deployment", found.words["name"], *words])


def config_map(frame: Frame, found: Fit) -> Plan | None:
    """A new configmap."""
    pairs = found.words.get("pairs", "").replace(" and ", " ").replace(",", " ").split()
    literals = [f"--from-literal={pair}" for pair in pairs]
    return _made(frame, found, ["create", "configmap", found.words["name"], *literals])


def namespace(frame: Frame, found: Fit) -> Plan | None:
    """A new namespace."""
    return _made(frame, found, ["create", "namespace", found.words["name"]], namespaced=False)


def wished_namespace(frame: Frame, found: Fit) -> Plan | None:
    """A new namespace, where it is wished for ("we need a namespace called loadtest")."""
    return namespace(frame, found) if is_wished(frame, found) else None


def wished_deployment(frame: Frame, found: Fit) -> Plan | None:
    """A new deployment, where it is wished for; the same words may as well name one that is there."""
    return deployment(frame, found) if is_wished(frame, found) else None


def is_wished(frame: Frame, found: Fit) -> bool:
    """Whether something new is asked for: by a verb, or as a wish."""
    return found.has("new") or frame.says("we need", "i need", "we want", "i want", "i would like", "would like")


def service_account(frame: Frame, found: Fit) -> Plan | None:
    """A new service account."""
    return _made(frame, found, ["create", "serviceaccount", found.words["name"]])


def job(frame: Frame, found: Fit) -> Plan | None:
    """A new job of an image, or of a cronjob where it is one's name."""
    given = found.words["image"].lower()
    if any(entry.kind == "cronjobs" for entry in frame.vocabulary.names.get(given, ())):
        return _made(frame, found, ["create", "job", found.words["name"], f"--from=cronjob/{given}"])
    return _made(frame, found, ["create", "job", found.words["name"], f"--image={found.words['image']}"])


def secret(frame: Frame, found: Fit) -> Plan | None:
    """A new secret is not made from words: its value would stand in the conversation."""
    return ask("I make no secrets from words, where their values would stay. Apply one from a manifest.")


def pod(frame: Frame, found: Fit) -> Plan | None:
    """A new pod."""
    return _made(frame, found, ["run", found.words["name"], f"--image={found.words['image']}"])


def sleeping_pod(frame: Frame, found: Fit) -> Plan | None:
    """A new pod, which sleeps for a while where that is said."""
    if not is_wished(frame, found):
        return None
    words = ["run", found.words["name"], f"--image={found.words['image']}"]
    if found.has("sleep"):
        duration = frame.first(Part.DURATION) or frame.first(Part.TIME)
        if duration is None:
            return ask("How long shall it sleep?", reading=frame.reading())
        sleep = ["--", "sleep", str(duration.value)]
        return made(frame, found.words["name"], words, after=sleep)
    return made(frame, found.words["name"], words)


def _made(frame: Frame, found: Fit, words: list[str], *, namespaced: bool = True) -> Plan:
    return made(frame, found.words["name"], words, namespaced=namespaced)


def made(frame: Frame, name: str, words: list[str], *, namespaced: bool = True, after: Sequence[str] = ()) -> Plan:
    """The plan for a new object, or the question when its name cannot be one.

    Args:
        frame: the clause.
        name: of the new object.
        words: the line without its place.
        namespaced: whether it lives in a namespace.
        after: words behind the place: the command of a pod.
    """
    if not _NAME.fullmatch(name):
        return ask(f"“{name}” cannot be a name: those have small letters, digits and dashes.", reading=frame.reading())
    scopes = frame.scopes(namespaced=namespaced) if namespaced else [Scope("", cluster) for cluster in frame.clusters]
    behind = " ".join(["", *after])
    commands = tuple(line(words, scope) + behind for scope in scopes)
    return Plan(Behaviour.CONFIRM, commands, confidence=0.93, reading=frame.reading())
