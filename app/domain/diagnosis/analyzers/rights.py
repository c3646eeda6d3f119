"""Service accounts that are refused: what a program asked of the API server that nobody has allowed it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.diagnosis.findings import DOWN, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line
from app.domain.diagnosis.shapes import Obj, name_of, namespace_of, text
from app.domain.diagnosis.snapshot import Snapshot

_NAME = r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?"
_REFUSED = re.compile(
    rf'is forbidden: User "system:serviceaccount:(?P<space>{_NAME}):(?P<account>{_NAME})"'
    r' cannot (?P<verb>[a-z]{1,20}) resource "(?P<resource>[a-z]{1,60}(?:/[a-z]{1,30})?)"'
    rf' in API group "(?P<group>{_NAME}|)"'
    rf'(?: in the namespace "(?P<where>{_NAME})"| at the cluster scope)?'
)
MOST = 3  # of one pod: what a program is refused first often hides the rest


def look(snapshot: Snapshot, pod: Obj) -> Iterator[Finding]:
    """What the API server refused to a pod's service account, as its last words or an event tell."""
    about = Ref("Pod", name_of(pod), namespace_of(pod))
    root = snapshot.root(pod, "Pod")
    seen: set[tuple[str | None, ...]] = set()
    for words, source in _told(snapshot, pod, about):
        found = _REFUSED.search(words)
        if found is None or found.groups() in seen or len(seen) == MOST:
            continue
        seen.add(found.groups())
        yield _finding(about, root, found, words.strip(), source)


def _told(snapshot: Snapshot, pod: Obj, about: Ref) -> Iterator[tuple[str, str]]:
    for (space, name, container), words in snapshot.logs.items():
        if (space, name) == (about.namespace, about.name):
            yield from ((each, f"log of {name}, container {container}") for each in words.splitlines())
    for event in snapshot.events(about):
        yield text(event, "message"), f"event of {about.path}"


def _finding(about: Ref, root: Ref, found: re.Match[str], words: str, source: str) -> Finding:
    space, account, verb = found["space"], found["account"], found["verb"]
    plural, slash, subresource = found["resource"].partition("/")
    whole = ".".join(filter(None, (plural, found["group"]))) + slash + subresource
    where = found["where"] or ""
    inside = f" in {where}" if where else " in the whole cluster"
    return Finding(
        "account_refused",
        about,
        root,
        f"The service account {account} of {root.path} may not {verb} {whole}{inside}.",
        DOWN,
        (Evidence(words, source),),
        _granting(space, account, verb, whole, where) if where else (),
        "Allow it no more than it needs; whoever wrote the program says what that is."
        if where
        else "It asks for all namespaces: let it ask for its own, or have the cluster's administrator allow it.",
        (described(Ref("ServiceAccount", account, space)), line("get", "rolebindings", namespace=where or space)),
    )


def _granting(space: str, account: str, verb: str, resource: str, where: str) -> tuple[str, ...]:
    name = f"{account}-{verb}-{resource.partition('.')[0].replace('/', '-')}"
    return (
        line("create", "role", name, f"--verb={verb}", f"--resource={resource}", namespace=where),
        line("create", "rolebinding", name, f"--role={name}", f"--serviceaccount={space}:{account}", namespace=where),
    )
