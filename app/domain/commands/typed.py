"""What a typed line of kubectl syntax would do, before any of it is done.

For those who ask what a text means and have nothing run: the chat itself parses and carries out. No cluster is asked
here, so that what only a cluster knows (a type, a name, the blast radius) is found out later.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from app.domain.commands.model.cluster import SetContext, UseContext
from app.domain.commands.model.command import Command, Risk
from app.domain.commands.model.diagnosing import Diagnose
from app.domain.commands.parser import CALLED, looks_like_kubectl, parse_each
from app.errors import ForbiddenError, KubeChatError, UnsupportedError

_OF_SECRETS = re.compile(r"\bsecrets?\b.*(?:\bbase64\b|\.data\b)")  # what a pipe would take out of it
VALUES_STAY = "Secrets' values never leave the cluster through this chat: it shows their keys and sizes. Use describe."
_SHOWS_SECRETS = re.compile(r"\bget secrets?\b.*(?:-o|--output)[ =]?(?:yaml|json|jsonpath|go-template|custom-columns)")
_BEHAVIOURS = {Risk.READ: "run", Risk.CHANGE: "confirm", Risk.DESTRUCTIVE: "strong"}


@dataclass(frozen=True, slots=True)
class Typed:
    """What a line means.

    Attributes:
        behaviour: "run", "confirm", "strong", "diagnose" or "session"; "clarify" for what is no command, "refuse" for
            what is none of ours.
        commands: complete lines, one for each cluster; none where nothing runs.
        action: of a session: "set namespace X" or "set context X".
        target: of a diagnosis: "kind/name -n namespace", "namespace/name" or "cluster".
        say: why it is refused or not understood.
    """

    behaviour: str
    commands: tuple[str, ...] = ()
    action: str = ""
    target: str = ""
    say: str = ""


def is_surely_typed(text: str) -> bool:
    """Whether nobody would say it so: it is called kubectl, or has flags; "get pods" may be either."""
    words = text.split()
    called = bool(words) and words[0].lower() in CALLED
    return looks_like_kubectl(text) and (called or any(word.startswith("-") for word in words))


def read_typed(line: str, *, cluster: str, namespace: str, clusters: Collection[str]) -> Typed:
    """What a text means for which `looks_like_kubectl` holds.

    Args:
        line: the line, with or without the word kubectl; below one with `-f -` the manifest.
        cluster: the conversation's cluster.
        namespace: the conversation's namespace.
        clusters: names of all clusters, for --context.
    """
    try:
        commands = parse_each(line, cluster=cluster, namespace=namespace, clusters=clusters)
    except (ForbiddenError, UnsupportedError) as error:
        return Typed("refuse", say=error.message)
    except KubeChatError as error:
        return Typed("refuse" if _OF_SECRETS.search(line) else "clarify", say=error.message)
    if _SHOWS_SECRETS.search(line) is not None:
        return Typed("refuse", say=VALUES_STAY)
    first = commands[0]
    if isinstance(first, UseContext):
        return Typed("session", action=f"set context {first.cluster}")
    if isinstance(first, SetContext):
        return Typed("session", action=f"set namespace {first.namespace}")
    if isinstance(first, Diagnose):
        return Typed("diagnose", target=_target(first))
    lines = tuple(replace(command, home=cluster).line() for command in commands)
    return Typed(_BEHAVIOURS[_strictest(commands)], lines)


def _strictest(commands: Collection[Command]) -> Risk:
    return max((command.risk for command in commands), key=list(Risk).index)


def _target(command: Diagnose) -> str:
    if command.target is not None:
        return f"{command.target} -n {command.namespace}" if command.namespace else str(command.target)
    return "cluster" if command.all_namespaces else f"namespace/{command.namespace}"
