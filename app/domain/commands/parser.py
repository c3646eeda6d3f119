"""kubectl's language, read into typed commands; and whether a text is meant as that language at all.

A line is parsed completely or refused with one sentence: no word and no flag is ignored, and nothing is passed on that
has no place in a command.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace

from app.domain.commands import checks, unsupported
from app.domain.commands.across import refuse_many
from app.domain.commands.building.common import Scope
from app.domain.commands.building.table import ALIASES, FLAGS, SUBVERBS, VERBS
from app.domain.commands.flags import Words, refuse_before_verb, sort_words
from app.domain.commands.kinds import is_known
from app.domain.commands.model.command import Command
from app.domain.commands.nearest import did_you_mean, no_such_cluster
from app.domain.commands.words import split_words
from app.errors import InvalidInputError, KubeChatError


def parse(line: str, *, cluster: str, namespace: str, clusters: Collection[str]) -> Command:
    """The one command that a line of kubectl syntax means; see `parse_each`.

    Raises:
        InvalidInputError: as `parse_each` does, and for a line that names several clusters.
    """
    commands = parse_each(line, cluster=cluster, namespace=namespace, clusters=clusters)
    if len(commands) != 1:
        raise InvalidInputError("This runs on one cluster at a time; name it with --context.", code="several_clusters")
    return commands[0]


def parse_each(line: str, *, cluster: str, namespace: str, clusters: Collection[str]) -> tuple[Command, ...]:
    """The commands that a line of kubectl syntax means: one for each cluster that it names, all else being equal.

    Args:
        line: one line, with or without the word kubectl in front; below one with `-f -` the manifest.
        cluster: the conversation's cluster.
        namespace: the conversation's namespace.
        clusters: names of all clusters, for --context.

    Raises:
        InvalidInputError: it is no command: unknown verb, flag, value, or syntax that wants a shell.
        ForbiddenError: a flag that would change who acts.
        UnsupportedError: kubectl knows it and it is not offered here.
    """
    head, _, document = line.lstrip().partition("\n")
    words = split_words(head)
    if words and words[0] in CALLED:
        words = words[1:]
    words = _verb_first(words)
    if not words:
        raise InvalidInputError("A command is missing, for example: kubectl get pods.", code="not_a_command")
    verb = words[0]
    given = ""
    written: list[str] = []
    if verb in SUBVERBS:
        given, written = _subverb(verb, words[1:])
        build = SUBVERBS[verb].get(given)
        if build is None:
            raise _unknown_subverb(verb, given)
    else:
        build = VERBS.get(verb)
    if build is None:
        raise _unknown_verb(verb)
    full = f"{verb} {given}".strip()
    found = sort_words(full, words[1:], FLAGS[full])
    if found.positional[: len(written)] != written:
        raise InvalidInputError(f'Write "{written[0]}" right behind kubectl {verb}.', code="not_a_command")
    found.positional = found.positional[len(written) :]
    if document.strip():
        if "filename" not in found.flags:
            raise InvalidInputError("One command per message: send the lines one after another.", code="shell_syntax")
        found.document = document
    elif "filename" in found.flags:
        raise InvalidInputError("Paste the manifest below the line that ends with -f -.", code="missing_manifest")
    names = _clusters(found, cluster, clusters)
    command = build(found, _scope(found, names[0], cluster, namespace))
    if len(names) > 1:
        refuse_many(command)
    return (command, *(replace(command, cluster=name) for name in names[1:]))


async def parse_aside(line: str, *, cluster: str, namespace: str, clusters: Collection[str]) -> Command:
    """As `parse`, beside the event loop where a manifest is to be read, which may take a quarter of a second."""
    if "\n" not in line.strip():
        return parse(line, cluster=cluster, namespace=namespace, clusters=clusters)
    return await asyncio.to_thread(parse, line, cluster=cluster, namespace=namespace, clusters=clusters)


async def parse_each_aside(
    line: str, *, cluster: str, namespace: str, clusters: Collection[str]
) -> tuple[Command, ...]:
    """As `parse_each`, beside the event loop where a manifest is to be read, which may take a quarter of a second."""
    if "\n" not in line.strip():
        return parse_each(line, cluster=cluster, namespace=namespace, clusters=clusters)
    return await asyncio.to_thread(parse_each, line, cluster=cluster, namespace=namespace, clusters=clusters)


def _verb_first(words: list[str]) -> list[str]:
    """`kubectl -n shop get pods` means `kubectl get pods -n shop`."""
    leading: list[str] = []
    rest = list(words)
    while rest and rest[0].startswith("-"):
        flag = rest.pop(0)
        refuse_before_verb(flag)
        leading.append(flag)
        if flag in {"-n", "--namespace", "--context"} and rest:
            leading.append(rest.pop(0))
    return [*rest, *leading] if rest else []


def _subverb(verb: str, words: Sequence[str]) -> tuple[str, list[str]]:
    """A verb's second word, or its second and third ("service clusterip"): its key, and the words that stand for it."""
    valued = {
        written
        for key in SUBVERBS[verb]
        for flag in FLAGS[f"{verb} {key}".strip()]
        if not flag.switch and flag.bare is None
        for written in (f"--{flag.name}", f"-{flag.short}")
    }
    plain: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            break
        if word in valued:
            next(rest, None)
        elif not word.startswith("-"):
            plain.append(word)
    first = ALIASES.get((verb, plain[0]), plain[0]) if plain else ""
    if first and any(key.startswith(f"{first} ") for key in SUBVERBS[verb]):
        return " ".join([first, *plain[1:2]]), plain[:2]
    return first, plain[:1]


def _unknown_subverb(verb: str, given: str) -> KubeChatError:
    if (verb, given.split(" ", maxsplit=1)[0]) in unsupported.SUBVERBS:
        return unsupported.refusal_of_subverb(verb, given.split(" ", maxsplit=1)[0])
    first = given.partition(" ")[0]
    longer = [key.partition(" ")[2] for key in SUBVERBS[verb] if first and key.startswith(f"{first} ")]
    if longer:
        return InvalidInputError(
            f"kubectl {verb} {first} is followed by one of {', '.join(longer)}.", code="missing_argument"
        )
    names = [name for name in SUBVERBS[verb] if name]
    return InvalidInputError(
        f"kubectl {verb} is followed by one of {', '.join(names)}.{did_you_mean(given[:60], names)}",
        code="unknown_verb",
    )


def _unknown_verb(verb: str) -> KubeChatError:
    if verb in unsupported.VERBS:
        return unsupported.refusal(verb)
    known = [*VERBS, *SUBVERBS]
    shown = verb[:60]
    return InvalidInputError(
        f'kubectl has no command "{shown}".{did_you_mean(shown, [*known, *unsupported.VERBS])}', code="unknown_verb"
    )


def _clusters(found: Words, home: str, clusters: Collection[str]) -> list[str]:
    """The clusters that a line names, each once and in its order; the conversation's where it names none."""
    given = found.value("context")
    if found.on("all-clusters"):
        if given:
            raise InvalidInputError("Leave out either --all-clusters or --context.", code="mixed_clusters")
        return list(clusters)
    if not given or given in clusters:
        names = [given or home]
    else:
        names = list(dict.fromkeys(filter(None, (name.strip() for name in given.split(",")))))
    for name in names or [given]:
        if name not in clusters:
            raise no_such_cluster(name, clusters)
    return names


def _scope(found: Words, cluster: str, home: str, namespace: str) -> Scope:
    everywhere = found.on("all-namespaces")
    return Scope(cluster, checks.namespace(found.value("namespace") or namespace), home, everywhere)


# Words that stand in a sentence and in no kubectl line: one of them makes a bare line plain words.
_ENGLISH_WORDS = """
    a an the my me our your their its this that these those it them they i we you is are was were be been do does did
    in on at of for from to with without by into and or not but if then than so as all any every each some no
    please pls now again also just only there here what which who why when where how many much can could would
    should will up down back last latest first
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
CALLED = frozenset({"kubectl", "k"})  # the second is what most people's shells know it by
MANIFEST_VERBS = frozenset({"apply", "create", "replace", "delete"})
_ALONE = frozenset({"events", "version", "cluster-info", "api-resources", "api-versions"})


def looks_like_kubectl(text: str) -> bool:
    """Whether a text is meant as kubectl syntax and not as plain words.

    With "kubectl" in front it always is, with "k" where a verb follows. A bare line is when it begins with a verb of
    kubectl's, has the shape of that verb's arguments, and no word of a sentence: "get pods" is, "get me the pods" and
    "scale web to 5" are not.
    """
    words = text.split()
    if not words:
        return False
    if words[0].lower() == "kubectl":
        return True
    if words[0].lower() in CALLED and len(words) > 1:
        return _is_verb(words[1])
    verb, rest = words[0], words[1:]
    if "\n" in text.strip():
        # The manifest of a line that ends with -f -, and nothing else.
        first = text.strip().partition("\n")[0].split()
        return verb in MANIFEST_VERBS and any(word in {"-", "-f-", "--filename=-"} for word in first)
    if text.rstrip().endswith("?"):
        return False
    if not _is_verb(verb):
        return False
    positional = _positional(rest)
    # The first word may be a type that is English as well ("all", "no").
    prose = positional if verb == "logs" or (positional[:1] == ["all"] and len(positional) > 1) else positional[1:]
    if any(word.lower().strip(",.!") in _ENGLISH for word in prose):
        return False
    return _has_shape(verb, positional, flagged=len(positional) < len(rest))


def _is_verb(word: str) -> bool:
    return word in VERBS or word in SUBVERBS or word in unsupported.VERBS


def _positional(words: Sequence[str]) -> list[str]:
    """Words that are neither flags nor, by the look of it, their values."""
    found: list[str] = []
    previous = ""
    for word in words:
        takes_value = previous.startswith("-") and "=" not in previous and previous not in {"-A", "-p", "-w", "-f"}
        if not word.startswith("-") and not takes_value:
            found.append(word)
        previous = word
    return found


def _has_shape(verb: str, positional: Sequence[str], *, flagged: bool) -> bool:
    first = positional[0] if positional else ""
    kinds = first.partition("/")[0].split(",")
    typed = bool(first) and all(is_known(kind) or "." in kind for kind in kinds)
    if verb in {"get", "describe"}:
        return typed
    if verb in {"set", "create"}:
        # "create a service" is no line yet, and "create service" is a slip that is answered by name.
        known = {key.split(" ")[0] for key in SUBVERBS[verb]} - {""}
        return ALIASES.get((verb, first), first) in known and (len(positional) > 1 or flagged)
    if verb in SUBVERBS:
        return ALIASES.get((verb, first), first) in SUBVERBS[verb]
    if verb in {"cordon", "uncordon"}:
        return flagged or (len(positional) == 1 and not typed)
    if verb == "run":
        return flagged
    if verb in {"label", "annotate"}:
        return typed and (flagged or any("=" in word or word.endswith("-") for word in positional[1:]))
    if verb == "taint":
        return typed and any(":" in word or word.endswith("-") for word in positional[1:])
    if verb == "expose":
        return typed and ("/" in first or flagged or len(positional) == 2)
    if verb in _ALONE:
        return not positional
    if verb == "diagnose":
        return not positional or "/" in first or (typed and len(positional) == 2)
    if verb == "logs":
        return flagged or len(positional) in {1, 2}
    if verb in {"scale", "patch", "autoscale"}:
        return typed and flagged
    if verb == "delete":
        return typed and (len(positional) > 1 or "/" in first or flagged)
    # Verbs that are not offered: answered with their reason when they are plainly meant.
    return typed or flagged or "/" in first
