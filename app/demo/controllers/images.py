"""Which images exist, and what a container does once it runs.

The demo clusters run nothing. An image's name and a container's command and environment decide how its process behaves;
whatever is not described here is a server that runs until it is stopped.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Any, Final

from app.demo.objects import Obj

# Images of the cluster's own registry, tag by tag; those of public registries by a pattern.
_OWN: Final[dict[str, frozenset[str]]] = {
    "registry.local/shop/cart": frozenset({"2.2.0", "2.2.1", "2.3.0", "2.3.1", "2.4.0"}),
    "registry.local/shop/checkout": frozenset({"3.0.2", "3.0.3", "3.0.4", "3.1.0"}),
    "registry.local/shop/payments-api": frozenset({"1.7.9", "1.8.0", "1.8.1", "1.8.2"}),
    "registry.local/shop/batch": frozenset({"0.9.0", "0.9.1"}),
    "registry.local/shop/report": frozenset({"1.4.0", "1.4.1"}),
    "registry.local/shop/migrate": frozenset({"5.2.0", "5.3.0"}),
    "registry.local/platform/ingress-nginx": frozenset({"1.11.3", "1.11.5", "1.12.1"}),
    "registry.local/platform/cert-manager": frozenset({"1.16.2", "1.16.3", "1.17.1"}),
    "registry.local/monitoring/prometheus": frozenset({"2.55.1", "3.1.0", "3.2.1"}),
    "registry.local/monitoring/grafana": frozenset({"11.4.0", "11.5.1", "11.5.2"}),
    "registry.local/monitoring/node-exporter": frozenset({"1.8.2", "1.9.0"}),
    "registry.local/system/coredns": frozenset({"1.11.3", "1.12.0"}),
    "registry.local/system/kube-proxy": frozenset({"1.32.4", "1.32.5"}),
    "registry.local/system/metrics-server": frozenset({"0.7.2", "0.8.0"}),
}
_PUBLIC: Final[dict[str, re.Pattern[str]]] = {
    "nginx": re.compile(r"(latest|stable|mainline|alpine|1\.(1[0-9]|2[0-9]))(\.\d+)?(-alpine|-perl|-bookworm)?"),
    "busybox": re.compile(r"(latest|stable|1\.3[0-9](\.\d+)?)(-musl|-glibc)?"),
    "redis": re.compile(r"(latest|alpine|[5-8](\.\d+){0,2})(-alpine|-bookworm)?"),
    "postgres": re.compile(r"(latest|alpine|1[2-8](\.\d+)?)(-alpine|-bookworm)?"),
}
_PLAUSIBLE: Final = re.compile(r"(latest|stable|alpine|edge|main|v?\d+(\.\d+){0,3}([-+.][A-Za-z0-9.]+)?)")
_REFERENCE: Final = re.compile(r"[a-z0-9]([a-z0-9._/:-]*[a-z0-9])?(:[A-Za-z0-9_.-]{1,128})?(@sha256:[0-9a-f]{64})?")
_SHELLS: Final = frozenset({"sh", "bash", "/bin/sh", "/bin/bash"})
_PASSWORD: Final = "DATABASE_PASSWORD"  # noqa: S105 - a variable's name


@dataclass(frozen=True, slots=True)
class Script:
    """What a container's process does.

    Attributes:
        run_s: seconds until it ends by itself; None for a server.
        exit_code: with which it ends.
        ready_s: seconds until it is ready.
        failure: why it cannot start at all: reason and message, or None.
    """

    run_s: float | None = None
    exit_code: int = 0
    ready_s: float = 1.2
    failure: tuple[str, str] | None = None


def split(image: str) -> tuple[str, str]:
    """An image's repository and tag; without a tag it is `latest`."""
    image = image.partition("@")[0]
    last = image.rpartition("/")[2]
    repository, _, tag = image.rpartition(":") if ":" in last else (image, "", "latest")
    return repository, tag or "latest"


def pull_failure(image: str) -> str | None:
    """Why an image cannot be pulled, in containerd's words; None when it can."""
    repository, tag = split(image)
    short = repository.removeprefix("docker.io/").removeprefix("library/")
    full = repository if "." in repository.partition("/")[0] else f"docker.io/library/{short}"
    if "/" in short and "." not in repository.partition("/")[0]:
        full = f"docker.io/{short}"
    if "@sha256:" in image:
        return None
    if repository in _OWN:
        exists = tag in _OWN[repository]
    elif repository.startswith("registry.local/"):
        exists = False
    elif short in _PUBLIC:
        exists = _PUBLIC[short].fullmatch(tag) is not None
    else:
        exists = _PLAUSIBLE.fullmatch(tag) is not None
    if exists:
        return None
    return (
        f'failed to pull and unpack image "{full}:{tag}": failed to resolve reference "{full}:{tag}": '
        f"{full}:{tag}: not found"
    )


def is_reference(image: str) -> bool:
    """Whether an image's name can be read at all."""
    return _REFERENCE.fullmatch(image) is not None


def script_of(container: Obj, *, finite: bool) -> Script:
    """What a container will do.

    Args:
        container: from the pod's spec.
        finite: whether the pod's restart policy expects it to end, as a job's does.
    """
    repository, _ = split(str(container.get("image", "")))
    words = [str(word) for word in [*(container.get("command") or ()), *(container.get("args") or ())]]
    if container.get("command"):
        return _command(words)
    if repository.endswith("/payments-api"):
        names = {entry.get("name") for entry in container.get("env") or ()}
        return Script(ready_s=2.5) if _PASSWORD in names else Script(run_s=2.6, exit_code=1)
    if repository.rpartition("/")[2] in {"busybox", "alpine", "hello-world"}:
        return _command(words) if words else Script(run_s=0.4)
    if finite or repository.endswith(("/report", "/migrate")):
        return Script(run_s=4.0)
    return Script()


def _command(words: list[str]) -> Script:
    program = words[0].rpartition("/")[2] if words else ""
    if program in _SHELLS and len(words) > 2 and words[1] in {"-c", "-ec", "-exc"}:
        return _shell(words[2])
    match program:
        case "true" | "echo" | "printenv" | "env" | "date" | "ls" | "cat":
            return Script(run_s=0.3)
        case "false":
            return Script(run_s=0.3, exit_code=1)
        case "sleep":
            return Script(run_s=_seconds(words[1] if len(words) > 1 else ""))
        case "":
            return Script(run_s=0.3)
    return Script()


def _shell(line: str) -> Script:
    total, code = 0.0, 0
    try:
        statements = [shlex.split(part) for part in re.split(r"&&|;|\|\||\n", line)]
    except ValueError:
        return Script(run_s=0.2, exit_code=2)
    for words in statements:
        if not words:
            continue
        if words[0] in {"while", "tail", "exec", "until"}:
            return Script()
        if words[0] == "exit":
            return Script(run_s=max(total, 0.3), exit_code=_number(words[1:] or ["0"]))
        step = _command(words)
        if step.run_s is None:
            return Script() if words[0] not in {"cd", "set", "export"} else Script(run_s=0.3)
        total, code = total + step.run_s, step.exit_code
    return Script(run_s=max(total, 0.3), exit_code=code)


def _number(words: list[Any]) -> int:
    return int(words[0]) % 256 if str(words[0]).isdigit() else 2


def _seconds(text: str) -> float | None:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text)
    if match is None:
        return None if text in {"infinity", "inf"} else 0.1
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]
