"""Images that cannot be pulled, and which of the four reasons it is: the name, the tag, the secret, or the registry."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.diagnosis.changes import earlier_revision, image_changes
from app.domain.diagnosis.findings import DOWN, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line
from app.domain.diagnosis.shapes import (
    Obj,
    container_of,
    container_statuses,
    containers,
    items,
    mapping,
    name_of,
    namespace_of,
    text,
)
from app.domain.diagnosis.snapshot import Snapshot

REASONS = frozenset(
    {
        "ImagePullBackOff",
        "ErrImagePull",
        "ErrImageNeverPull",
        "InvalidImageName",
        "ImageInspectError",
        "RegistryUnavailable",
    }
)
# What container runtimes and registries say. The first that is found decides, from the clearest to the vaguest.
_SECRET = re.compile(
    r"unauthorized|authentication required|no basic auth|authorization failed|401|403 forbidden|denied", re.IGNORECASE
)
_AWAY = re.compile(
    r"no such host|connection refused|i/o timeout|timed? ?out|deadline exceeded|network is unreachable|no route to host"
    r"|x509|tls: |server gave HTTP response|connection reset|503|502|EOF",
    re.IGNORECASE,
)
_TAG = re.compile(r"manifest.{0,80}?(?:unknown|not found)|tag.{0,80}?(?:does not exist|not found)", re.IGNORECASE)
_NAME = re.compile(
    r"name unknown|repository.{0,80}?(?:not found|does not exist|name not known)|couldn't parse image|InvalidImageName",
    re.IGNORECASE,
)
_MISSING = re.compile(r"not ?found|404|does not exist", re.IGNORECASE)
_SETTABLE = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


def look(snapshot: Snapshot, pod: Obj) -> Iterator[Finding]:
    """Why a pod's images are not pulled."""
    for status, _ in container_statuses(pod):
        waiting = mapping(status, "state", "waiting")
        if text(waiting, "reason") in REASONS:
            yield _finding(snapshot, pod, status, waiting)


def reason_of(message: str, reason: str = "") -> str:
    """Which reason a message speaks of: `name`, `tag`, `secret`, `registry`; `image` where it is unclear."""
    if reason == "InvalidImageName":
        return "name"
    if _TAG.search(message):
        return "tag"
    if _NAME.search(message) and not _SECRET.search(message):
        return "name"
    # "pull access denied, repository does not exist or may require authorization": nobody can tell these two apart.
    for word, pattern in (("secret", _SECRET), ("registry", _AWAY), ("tag", _MISSING)):
        if pattern.search(message):
            return word
    return "image"


def split_image(image: str) -> tuple[str, str]:
    """An image's repository and its tag, `latest` where it has none; a digest is kept in the tag's place."""
    repository, at, digest = image.partition("@")
    if at:
        return repository, digest
    head, slash, last = image.rpartition("/")
    name, colon, tag = last.partition(":")
    return f"{head}{slash}{name}", tag if colon else "latest"


def _finding(snapshot: Snapshot, pod: Obj, status: Obj, waiting: Obj) -> Finding:
    about, root = Ref("Pod", name_of(pod), namespace_of(pod)), snapshot.root(pod, "Pod")
    name = text(status, "name")
    image = text(container_of(pod, name), "image") or text(status, "image")
    message = _message(snapshot, about, image, waiting)
    why = reason_of(message, text(waiting, "reason"))
    cause, advice = _said(snapshot, pod, root, image, why)
    evidence = [
        Evidence(f"{text(waiting, 'reason')}: {text(waiting, 'message') or 'no message'}", f"status of {about.path}")
    ]
    if message not in text(waiting, "message"):
        evidence.append(Evidence(message, f"event of {about.path}"))
    fixes = _fixes(snapshot, root, name, image) if why in {"tag", "name", "image"} else ()
    evidence += [
        Evidence(f"{each} runs in this namespace.", "other pods") for each in _siblings(snapshot, about, image)[:1]
    ]
    return Finding(f"image_{why}", about, root, cause, DOWN, tuple(evidence), fixes, advice, (described(about),))


def _message(snapshot: Snapshot, about: Ref, image: str, waiting: Obj) -> str:
    """The runtime's own words: those of the event about this image, which the status often shortens."""
    for event in snapshot.events(about):
        said = text(event, "message")
        if text(event, "reason") == "Failed" and said.startswith("Failed to pull image") and image in said:
            return said
    return text(waiting, "message")


def _said(snapshot: Snapshot, pod: Obj, root: Ref, image: str, why: str) -> tuple[str, str]:
    repository, tag = split_image(image)
    registry = repository.partition("/")[0]
    match why:
        case "tag":
            return f"The image of {root.path} does not exist: {repository} has no tag {tag}.", "Correct the tag."
        case "name":
            return f"The image of {root.path} does not exist: there is no {repository}.", "Correct the image's name."
        case "registry":
            return (
                f"The registry of {root.path}'s image {image} cannot be reached from the node.",
                f"See whether {registry} is up, and whether the nodes reach it and trust its certificate.",
            )
        case "secret":
            return _secret(snapshot, pod, root, image)
        case _:
            return f"The image {image} of {root.path} cannot be pulled.", ""


def _secret(snapshot: Snapshot, pod: Obj, root: Ref, image: str) -> tuple[str, str]:
    named = [text(each, "name") for each in items(pod, "spec", "imagePullSecrets") if text(each, "name")]
    space = namespace_of(pod)
    missing = [each for each in named if snapshot.knows("secrets") and snapshot.find("secrets", space, each) is None]
    if missing:
        return (
            f"The pull secret {missing[0]} of {root.path} does not exist, so that its image {image} is refused.",
            f"Create the secret {missing[0]} of type kubernetes.io/dockerconfigjson in {space}.",
        )
    if not named:
        return (
            f"The registry refuses the image {image} of {root.path}, which names no pull secret.",
            "Name one in imagePullSecrets of the pod's template; if the image is public, look for a slip in its name.",
        )
    return (
        f"The registry refuses the image {image} of {root.path} with the pull secret {', '.join(named)}.",
        "See whether what the secret holds is still valid for this registry, and for this image.",
    )


def _siblings(snapshot: Snapshot, about: Ref, image: str) -> list[str]:
    """Images of the same repository that run in this namespace."""
    running = snapshot.once(("images that run", about.namespace), lambda: _running(snapshot, about.namespace))
    return [each for each in running.get(split_image(image)[0], ()) if each != image]


def _running(snapshot: Snapshot, namespace: str) -> dict[str, list[str]]:
    """The images of containers that are ready, by their repositories, the last by name first."""
    found: dict[str, set[str]] = {}
    for pod in snapshot.pods_in(namespace):
        ready = {text(each, "name") for each, _ in container_statuses(pod) if each.get("ready") is True}
        for each, _ in containers(pod):
            if text(each, "name") in ready:
                image = text(each, "image")
                found.setdefault(split_image(image)[0], set()).add(image)
    return {repository: sorted(images, reverse=True) for repository, images in found.items()}


def _fixes(snapshot: Snapshot, root: Ref, container: str, image: str) -> tuple[str, ...]:
    """Back to the image of the revision before; else to one of the same repository that is known to run."""
    revisions, earlier = snapshot.revisions(root), earlier_revision(snapshot, root)
    if earlier is not None and any(now == image for _, _, now in image_changes(revisions[0], earlier)):
        return (line("rollout", "undo", root.path, namespace=root.namespace),)
    known = _siblings(snapshot, root, image)
    if root.kind in _SETTABLE and known:
        return (line("set", "image", root.path, f"{container}={known[0]}", namespace=root.namespace),)
    return ()
