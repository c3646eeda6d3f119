"""Containers, pod templates and volumes as kubectl describe prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.commands.describing.lines import NONE, Item, Lines, boolean, time_of


def template(found: Item, out: Lines) -> None:
    """A pod template."""
    metadata, spec = found.get("metadata") or {}, found.get("spec") or {}
    out.write(0, "Pod Template:")
    out.mapping("  Labels", metadata.get("labels"))
    if metadata.get("annotations"):
        out.annotations(metadata["annotations"], "  Annotations")
    if spec.get("serviceAccountName"):
        out.write(1, f"Service Account:\t{spec['serviceAccountName']}")
    if spec.get("initContainers"):
        containers("Init Containers", spec["initContainers"], (), {}, out, "  ")
    containers("Containers", spec.get("containers") or (), (), {}, out, "  ")
    volumes(spec.get("volumes") or (), out, "  ")
    _spread(spec.get("topologySpreadConstraints") or (), out, "  ")
    if spec.get("priorityClassName"):
        out.write(1, f"Priority Class Name:\t{spec['priorityClassName']}")
    out.mapping("  Node-Selectors", spec.get("nodeSelector"))
    out.tolerations(spec.get("tolerations"), "  Tolerations")


def containers(
    label: str,
    found: Sequence[Item],
    statuses: Sequence[Item],
    pod: Item,
    out: Lines,
    indent: str = "",
) -> None:
    """Containers, each with its state where it has one."""
    by_name = {str(status["name"]): status for status in statuses}
    out.write(0, f"{indent}{label}:{'' if found else f' {NONE}'}")
    for one in found:
        status = by_name.get(str(one["name"]))
        out.write(1, f"{' ' if indent else ''}{one['name']}:")
        _basics(one, status, out)
        for title, key in (("Command", "command"), ("Args", "args")):
            if one.get(key):
                out.write(2, f"{title}:")
                for word in one[key]:
                    for line in str(word).split("\n"):
                        out.write(3, line)
        if status is not None:
            _states(status, out)
        _resources(one.get("resources") or {}, out)
        for title, key in (("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")):
            if one.get(key):
                out.write(2, f"{title}:\t{_probe(one[key])}")
        _environment(one, pod, out)
        _mounts(one, out)


def _basics(found: Item, status: Item | None, out: Lines) -> None:
    if status is not None:
        out.write(2, f"Container ID:\t{status.get('containerID') or ''}")
    out.write(2, f"Image:\t{found.get('image') or ''}")
    if status is not None:
        out.write(2, f"Image ID:\t{status.get('imageID') or ''}")
    for title, key in (("Port", "containerPort"), ("Host Port", "hostPort")):
        ports = [f"{port.get(key) or 0}/{port.get('protocol') or 'TCP'}" for port in found.get("ports") or ()]
        out.write(2, f"{title}{'s' if len(ports) > 1 else ''}:\t{', '.join(ports) or NONE}")


def _states(status: Item, out: Lines) -> None:
    _state("State", status.get("state") or {}, out)
    if (status.get("lastState") or {}).get("terminated"):
        _state("Last State", status["lastState"], out)
    out.write(2, f"Ready:\t{boolean(status.get('ready'))}")
    out.write(2, f"Restart Count:\t{status.get('restartCount') or 0}")


def _state(title: str, state: Mapping[str, Any], out: Lines) -> None:
    if "running" in state:
        out.write(2, f"{title}:\tRunning")
        out.write(3, f"Started:\t{time_of((state['running'] or {}).get('startedAt'))}")
    elif "terminated" in state:
        found = state["terminated"] or {}
        out.write(2, f"{title}:\tTerminated")
        for name, key in (("Reason", "reason"), ("Message", "message")):
            if found.get(key):
                out.write(3, f"{name}:\t{found[key]}")
        out.write(3, f"Exit Code:\t{found.get('exitCode') or 0}")
        if found.get("signal"):
            out.write(3, f"Signal:\t{found['signal']}")
        out.write(3, f"Started:\t{time_of(found.get('startedAt'))}")
        out.write(3, f"Finished:\t{time_of(found.get('finishedAt'))}")
    else:
        out.write(2, f"{title}:\tWaiting")
        reason = (state.get("waiting") or {}).get("reason")
        if reason:
            out.write(3, f"Reason:\t{reason}")


def _resources(found: Mapping[str, Any], out: Lines) -> None:
    for title in ("Limits", "Requests"):
        amounts = found.get(title.lower())
        if amounts:
            out.write(2, f"{title}:")
            for name, amount in sorted(amounts.items()):
                out.write(3, f"{name}:\t{amount}")


def _probe(found: Item) -> str:
    attributes = (
        f"delay={found.get('initialDelaySeconds') or 0}s timeout={found.get('timeoutSeconds') or 0}s"
        f" period={found.get('periodSeconds') or 0}s #success={found.get('successThreshold') or 0}"
        f" #failure={found.get('failureThreshold') or 0}"
    )
    if "exec" in found:
        return f"exec [{' '.join(found['exec'].get('command') or ())}] {attributes}"
    if "httpGet" in found:
        http = found["httpGet"]
        path = str(http.get("path") or "")
        path = path if not path or path.startswith("/") else f"/{path}"
        scheme = str(http.get("scheme") or "HTTP").lower()
        return f"http-get {scheme}://{http.get('host') or ''}:{http.get('port')}{path} {attributes}"
    if "tcpSocket" in found:
        socket = found["tcpSocket"]
        return f"tcp-socket {socket.get('host') or ''}:{socket.get('port')} {attributes}"
    if "grpc" in found:
        return f"grpc <pod>:{found['grpc'].get('port')} {found['grpc'].get('service') or ''} {attributes}"
    return f"unknown {attributes}"


def _environment(found: Item, pod: Item, out: Lines) -> None:
    if found.get("envFrom"):
        out.write(2, "Environment Variables from:")
        for origin in found["envFrom"]:
            kind = "ConfigMap" if "configMapRef" in origin else "Secret"
            reference = origin.get("configMapRef") or origin.get("secretRef") or {}
            prefix = f" with prefix '{origin['prefix']}'" if origin.get("prefix") else ""
            optional = str(bool(reference.get("optional"))).lower()
            out.write(3, f"{reference.get('name')}\t{kind}{prefix}\tOptional: {optional}")
    variables = found.get("env") or ()
    out.write(2, f"Environment:{'' if variables else f'{chr(9)}{NONE}'}")
    for variable in variables:
        first, *rest = _variable(variable, pod).split("\n")
        out.write(3, f"{variable['name']}:\t{first}")
        for line in rest:
            out.write(3, f"\t{line}")


def _variable(found: Item, pod: Item) -> str:
    origin = found.get("valueFrom")
    if origin is None:
        return str(found.get("value") or "")
    for key, words in (("secretKeyRef", "in secret"), ("configMapKeyRef", "of config map")):
        if key in origin:
            reference = origin[key]
            optional = str(bool(reference.get("optional"))).lower()
            said = f"<set to the key '{reference.get('key')}' {words} '{reference.get('name')}'>"
            return f"{said}\tOptional: {optional}" if key == "secretKeyRef" else f"{said}  Optional: {optional}"
    if "fieldRef" in origin:
        path = str(origin["fieldRef"].get("fieldPath") or "")
        return f"{_field(path, pod)} ({origin['fieldRef'].get('apiVersion') or 'v1'}:{path})"
    if "resourceFieldRef" in origin:
        return f" ({origin['resourceFieldRef'].get('resource')})"
    return ""


def _field(path: str, pod: Item) -> str:
    """What the downward API puts there, where that is known."""
    value: Any = pod
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""


def _mounts(found: Item, out: Lines) -> None:
    mounts = found.get("volumeMounts") or ()
    out.write(2, f"Mounts:{'' if mounts else f'{chr(9)}{NONE}'}")
    for mount in sorted(mounts, key=lambda mount: str(mount.get("mountPath"))):
        flags = ["ro" if mount.get("readOnly") else "rw"]
        if mount.get("subPath"):
            flags.append(f'path="{mount["subPath"]}"')
        out.write(3, f"{mount.get('mountPath')} from {mount.get('name')} ({','.join(flags)})")


def volumes(found: Sequence[Item], out: Lines, indent: str = "") -> None:
    """Volumes and where they come from."""
    if not found:
        out.write(0, f"{indent}Volumes:\t{NONE}")
        return
    out.write(0, f"{indent}Volumes:")
    for volume in found:
        out.write(1, f"{' ' if indent else ''}{volume['name']}:")
        for line in volume_source(volume):
            out.write(2, line)


def volume_source(volume: Item) -> list[str]:
    """The lines about where a volume comes from."""
    kind = next((key for key in volume if key != "name"), "")
    source = volume.get(kind) or {}
    match kind:
        case "hostPath":
            head = "HostPath (bare host directory volume)"
            more = [f"Path:\t{source.get('path')}", f"HostPathType:\t{source.get('type') or ''}"]
        case "emptyDir":
            head = "EmptyDir (a temporary directory that shares a pod's lifetime)"
            more = [f"Medium:\t{source.get('medium') or ''}", f"SizeLimit:\t{source.get('sizeLimit') or '<unset>'}"]
        case "secret":
            head = "Secret (a volume populated by a Secret)"
            more = [f"SecretName:\t{source.get('secretName')}", f"Optional:\t{_optional(source, 'false')}"]
        case "configMap":
            head = "ConfigMap (a volume populated by a ConfigMap)"
            more = [f"Name:\t{source.get('name')}", f"Optional:\t{_optional(source, 'false')}"]
        case "persistentVolumeClaim":
            head = "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)"
            more = [f"ClaimName:\t{source.get('claimName')}", f"ReadOnly:\t{str(bool(source.get('readOnly'))).lower()}"]
        case "projected":
            head = "Projected (a volume that contains injected data from multiple sources)"
            more = [line for one in source.get("sources") or () for line in _projected(one)]
        case _:
            return ["<unknown>"]
    return [f"Type:\t{head}", *more]


def _projected(source: Item) -> list[str]:
    if "secret" in source:
        found = source["secret"]
        return [f"SecretName:\t{found.get('name')}", f"SecretOptionalName:\t{_optional(found)}"]
    if "configMap" in source:
        found = source["configMap"]
        return [f"ConfigMapName:\t{found.get('name')}", f"ConfigMapOptional:\t{_optional(found)}"]
    if "serviceAccountToken" in source:
        return [f"TokenExpirationSeconds:\t{source['serviceAccountToken'].get('expirationSeconds')}"]
    return ["DownwardAPI:\ttrue"] if "downwardAPI" in source else []


def _optional(found: Item, missing: str = "<nil>") -> str:
    return missing if found.get("optional") is None else str(found["optional"]).lower()


def _spread(found: Sequence[Item], out: Lines, indent: str = "") -> None:
    for index, one in enumerate(found):
        labels = (one.get("labelSelector") or {}).get("matchLabels") or {}
        selected = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
        text = (
            f"{one.get('topologyKey')}:{one.get('whenUnsatisfiable')} when max skew {one.get('maxSkew')} is exceeded"
            f"{f' for selector {selected}' if selected else ''}"
        )
        out.write(0, f"{indent}{'' if index else 'Topology Spread Constraints:'}\t{text}")


def spread_constraints(found: Sequence[Item], out: Lines) -> None:
    """How a pod wants to be spread over the cluster."""
    _spread(found, out)
