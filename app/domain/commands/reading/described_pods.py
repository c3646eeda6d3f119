"""How a pod and its containers are described."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.domain.commands.access import Access
from app.domain.commands.reading.layout import Layout

_VOLUME_SOURCES = {
    "persistentVolumeClaim": ("PersistentVolumeClaim", "claimName"),
    "configMap": ("ConfigMap", "name"),
    "secret": ("Secret", "secretName"),
    "hostPath": ("HostPath", "path"),
}


async def pod(access: Access, item: dict[str, Any], layout: Layout) -> None:
    """Where it runs, how it is, its containers, conditions and volumes."""
    metadata, spec, status = item["metadata"], item.get("spec") or {}, item.get("status") or {}
    layout.field("Priority", spec.get("priority", 0))
    layout.field("Service Account", spec.get("serviceAccountName"))
    node = spec.get("nodeName")
    layout.field("Node", f"{node}/{status['hostIP']}" if node and status.get("hostIP") else node)
    layout.field("Start Time", status.get("startTime"))
    layout.mapping("Labels", metadata.get("labels"))
    layout.mapping("Annotations", metadata.get("annotations"))
    layout.field("Status", "Terminating" if metadata.get("deletionTimestamp") else status.get("phase"))
    if status.get("reason"):
        layout.field("Reason", status["reason"])
    if status.get("message"):
        layout.field("Message", status["message"])
    layout.field("IP", status.get("podIP"))
    owner = next((o for o in metadata.get("ownerReferences") or () if o.get("controller")), None)
    if owner:
        layout.field("Controlled By", f"{owner['kind']}/{owner['name']}")
    if spec.get("initContainers"):
        with layout.section("Init Containers"):
            containers(spec["initContainers"], status.get("initContainerStatuses") or (), layout)
    with layout.section("Containers"):
        containers(spec.get("containers") or (), status.get("containerStatuses") or (), layout)
    conditions(status.get("conditions") or (), layout)
    volumes(spec.get("volumes") or (), layout)
    layout.field("QoS Class", status.get("qosClass"))
    layout.mapping("Node-Selectors", spec.get("nodeSelector"))
    layout.field("Tolerations", "\n".join(_toleration(found) for found in spec.get("tolerations") or ()))


def containers(specs: Sequence[dict[str, Any]], statuses: Sequence[dict[str, Any]], layout: Layout) -> None:
    """Each container: image, ports, state, last state, restarts, resources, probes, environment, mounts."""
    by_name: dict[str, dict[str, Any]] = {status["name"]: status for status in statuses}
    for spec in specs:
        status = by_name.get(str(spec["name"]), {})
        with layout.section(str(spec["name"])):
            if status.get("containerID"):
                layout.field("Container ID", status["containerID"])
            layout.field("Image", spec.get("image"))
            ports = [f"{port['containerPort']}/{port.get('protocol', 'TCP')}" for port in spec.get("ports") or ()]
            layout.field("Ports", ", ".join(ports))
            for label, key in (("Command", "command"), ("Args", "args")):
                if spec.get(key):
                    layout.field(label, "\n".join(str(word) for word in spec[key]))
            if status:
                _state(layout, "State", status.get("state") or {})
                if status.get("lastState"):
                    _state(layout, "Last State", status["lastState"])
                layout.field("Ready", status.get("ready"))
                layout.field("Restart Count", status.get("restartCount", 0))
            resources = spec.get("resources") or {}
            for label, key in (("Limits", "limits"), ("Requests", "requests")):
                if resources.get(key):
                    layout.field(label, ", ".join(f"{k}: {v}" for k, v in sorted(resources[key].items())))
            for label, key in (
                ("Liveness", "livenessProbe"),
                ("Readiness", "readinessProbe"),
                ("Startup", "startupProbe"),
            ):
                if spec.get(key):
                    layout.field(label, _probe(spec[key]))
            layout.field("Environment", "\n".join(_variable(v) for v in spec.get("env") or ()))
            if spec.get("envFrom"):
                layout.field("Environment Variables from", "\n".join(_origin(o) for o in spec["envFrom"]))
            mounts = [
                f"{m['mountPath']} from {m['name']} ({'ro' if m.get('readOnly') else 'rw'})"
                for m in spec.get("volumeMounts") or ()
            ]
            layout.field("Mounts", "\n".join(mounts))


def _state(layout: Layout, label: str, state: dict[str, Any]) -> None:
    kind = next(iter(state), "waiting")
    found: dict[str, Any] = state.get(kind) or {}
    layout.field(label, kind.capitalize())
    for name, key in (
        ("Reason", "reason"),
        ("Message", "message"),
        ("Exit Code", "exitCode"),
        ("Started", "startedAt"),
        ("Finished", "finishedAt"),
    ):
        if key in found:
            layout.field(f"  {name}", found[key])


def _probe(probe: dict[str, Any]) -> str:
    if "httpGet" in probe:
        http = probe["httpGet"]
        action = f"http-get {http.get('scheme', 'HTTP').lower()}://:{http.get('port')}{http.get('path', '/')}"
    elif "tcpSocket" in probe:
        action = f"tcp-socket :{probe['tcpSocket'].get('port')}"
    elif "exec" in probe:
        action = f"exec {probe['exec'].get('command')}"
    else:
        action = "grpc"
    times = (
        f"delay={probe.get('initialDelaySeconds', 0)}s timeout={probe.get('timeoutSeconds', 1)}s"
        f" period={probe.get('periodSeconds', 10)}s #success={probe.get('successThreshold', 1)}"
        f" #failure={probe.get('failureThreshold', 3)}"
    )
    return f"{action} {times}"


def _variable(variable: dict[str, Any]) -> str:
    origin = variable.get("valueFrom") or {}
    for key, words in (("secretKeyRef", "in secret"), ("configMapKeyRef", "of config map")):
        if key in origin:
            reference = origin[key]
            value = f"<set to the key '{reference.get('key')}' {words} '{reference.get('name')}'>"
            return f"{variable['name']}: {value} Optional: {str(bool(reference.get('optional'))).lower()}"
    if "fieldRef" in origin:
        return f"{variable['name']}: ({origin['fieldRef'].get('fieldPath')})"
    return f"{variable['name']}: {variable.get('value', '')}"


def _origin(origin: dict[str, Any]) -> str:
    kind, reference = ("ConfigMap", origin.get("configMapRef")) if "configMapRef" in origin else ("Secret", None)
    reference = reference or origin.get("secretRef") or {}
    return f"{reference.get('name')} {kind} Optional: {str(bool(reference.get('optional'))).lower()}"


def conditions(found: Sequence[dict[str, Any]], layout: Layout) -> None:
    """Conditions as a table; with reason and message where one has them."""
    if not found:
        return
    with layout.section("Conditions"):
        if any(condition.get("reason") or condition.get("message") for condition in found):
            keys = ("type", "status", "reason", "message")
            layout.table(["Type", "Status", "Reason", "Message"], [[str(c.get(k) or "") for k in keys] for c in found])
        else:
            layout.table(["Type", "Status"], [[str(c.get("type")), str(c.get("status"))] for c in found])


def volumes(found: Sequence[dict[str, Any]], layout: Layout) -> None:
    """Volumes and where they come from."""
    if not found:
        layout.field("Volumes", "<none>")
        return
    with layout.section("Volumes"):
        for volume in found:
            source = next((key for key in volume if key != "name"), "")
            kind, key = _VOLUME_SOURCES.get(source, (source[:1].upper() + source[1:], ""))
            name = (volume.get(source) or {}).get(key, "") if key else ""
            layout.field(str(volume["name"]), f"{kind} {name}".strip())


def _toleration(found: dict[str, Any]) -> str:
    text = str(found.get("key") or "")
    if found.get("value"):
        text += f"={found['value']}"
    if found.get("effect"):
        text += f":{found['effect']}"
    if found.get("operator") == "Exists":
        text += " op=Exists"
    if found.get("tolerationSeconds") is not None:
        text += f" for {found['tolerationSeconds']}s"
    return text.strip()
