"""kubectl logs: the last lines of a pod's containers, bounded, and never with a secret in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.domain.commands.access import HINT, POD, Access, gather
from app.domain.commands.model.reads import Logs
from app.domain.commands.nearest import did_you_mean
from app.domain.commands.reading.pods import pods_of
from app.domain.commands.redaction import redact_text
from app.domain.commands.results import OutputResult, Result
from app.errors import NotFoundError

DEFAULT_TAIL = 200  # lines: a screen or two; kubectl would send all of it
SELECTOR_TAIL = 10  # kubectl's own default where a selector finds several pods
LARGEST_LOG_BYTES = 2**20
MOST_LOGS = 10  # containers that one command reads
DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


@dataclass(frozen=True, slots=True)
class Source:
    """One container's log."""

    pod: str
    container: str


async def logs(access: Access, command: Logs) -> list[Result]:
    """The log of a pod, of a workload's first pod, or of all that a selector finds."""
    sources, notes = await sources_of(access, command)
    more = len(sources) > MOST_LOGS
    if more:
        notes.append(f"Showing {MOST_LOGS} of {len(sources)} logs; name a pod or a container to see another.")
        sources = sources[:MOST_LOGS]
    bound = LARGEST_LOG_BYTES // max(1, len(sources))
    parts = await gather(_read(access, command, source, bound) for source in sources)
    marked = is_prefixed(command)
    texts = [_prefixed(source, text) if marked else text for source, (text, _) in zip(sources, parts, strict=True)]
    cut = more or any(shortened for _, shortened in parts)
    said = "".join(f"{note}\n" for note in notes)
    return [OutputResult(command.line(), access.cluster, "".join(texts), "log", cut, said)]


async def sources_of(access: Access, command: Logs) -> tuple[list[Source], list[str]]:
    """The containers whose logs are asked for, and what kubectl says of its choice."""
    pods, notes = await _pods(access, command)
    sources: list[Source] = []
    for pod in pods:
        chosen, note = _containers(pod, command)
        sources += chosen
        notes += note
    return sources, notes


def is_prefixed(command: Logs) -> bool:
    """Whether each line begins with its pod and container."""
    return command.prefix or command.all_pods


async def _pods(access: Access, command: Logs) -> tuple[list[dict[str, Any]], list[str]]:
    namespace = command.namespace
    if command.target is None:
        found = await access.objects(POD, namespace, [("labelSelector", command.selector)])
        if not found:
            return [], [f"No resources found in {namespace} namespace."]
        return found, []
    resource = await access.type_of(command.target.resource)
    item = await access.get(resource, namespace, command.target.name)
    if resource.kind == "Pod":
        return [item], []
    found = await pods_of(access, resource, namespace, item)
    if not found:
        raise NotFoundError(f"{resource.object_name(command.target.name)} has no pods at the moment.", code="no_pods")
    if command.all_pods or len(found) == 1:
        return found, []
    return found[:1], [f"Found {len(found)} pods, using pod/{found[0]['metadata']['name']}"]


def _containers(pod: dict[str, Any], command: Logs) -> tuple[list[Source], list[str]]:
    name, spec = str(pod["metadata"]["name"]), pod.get("spec") or {}
    main = [str(container["name"]) for container in spec.get("containers") or ()]
    initial = [str(container["name"]) for container in spec.get("initContainers") or ()]
    if command.container:
        known = [*main, *initial, *(str(c["name"]) for c in spec.get("ephemeralContainers") or ())]
        if command.container not in known:
            raise NotFoundError(
                f"error: container {command.container} is not valid for pod {name}\n{HINT}It has {', '.join(known)}."
                f"{did_you_mean(command.container, known)}",
                code="unknown_container",
            )
        return [Source(name, command.container)], []
    if command.all_containers:
        return [Source(name, container) for container in (*initial, *main)], []
    default = (pod["metadata"].get("annotations") or {}).get(DEFAULT_CONTAINER)
    if default in main:
        return [Source(name, str(default))], []
    several = [*main, *(f"{container} (init)" for container in initial)]
    notes = [f'Defaulted container "{main[0]}" out of: {", ".join(several)}'] if len(several) > 1 else []
    return [Source(name, main[0])], notes


def log_query(command: Logs, source: Source) -> list[tuple[str, str]]:
    """What the API server is asked for, without its bounds in bytes."""
    tail = command.tail
    if tail is None:
        tail = DEFAULT_TAIL if command.target is not None else SELECTOR_TAIL
    query = [("container", source.container)]
    if tail >= 0:
        query.append(("tailLines", str(tail)))
    if command.since_s is not None:
        query.append(("sinceSeconds", str(max(1, command.since_s))))
    if command.since_time:
        query.append(("sinceTime", command.since_time))
    if command.previous:
        query.append(("previous", "true"))
    if command.timestamps:
        query.append(("timestamps", "true"))
    return query


async def _read(access: Access, command: Logs, source: Source, bound: int) -> tuple[str, bool]:
    query = [*log_query(command, source), ("limitBytes", str(bound + 1))]
    content = await access.log(command.namespace, source.pod, query)
    cut = len(content) > bound
    text = content[:bound].decode(errors="replace")
    text = text[: text.rfind("\n") + 1] if cut and "\n" in text else text
    if text and not text.endswith("\n"):
        text += "\n"
    hidden = command.tail is None and command.target is not None and text.count("\n") >= DEFAULT_TAIL
    return redact_text(text), cut or hidden


def _prefixed(source: Source, text: str) -> str:
    mark = f"[pod/{source.pod}/{source.container}] "
    return "".join(f"{mark}{line}\n" for line in text.splitlines())
