"""Configuration, accounts, storage, namespaces and autoscalers as kubectl describe prints them, and all other kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import POD, Access
from app.domain.commands.describing.containers import volume_source
from app.domain.commands.describing.lines import NONE, Item, Lines, label_of, time_of
from app.domain.commands.jsonpath import values
from app.domain.commands.reading.ages import age

SECRET = ResourceType("", "v1", "secrets", "secret", "Secret", namespaced=True)
QUOTA = ResourceType("", "v1", "resourcequotas", "resourcequota", "ResourceQuota", namespaced=True)
LIMIT_RANGE = ResourceType("", "v1", "limitranges", "limitrange", "LimitRange", namespaced=True)
_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_NAMED = frozenset({".metadata.name", ".metadata.namespace", ".metadata.labels", ".metadata.annotations"})
DEEPEST = 64  # levels of an object of a kind without a form of its own


async def config_map(_access: Access, item: Item, out: Lines) -> None:
    """Keys and values."""
    out.head(item)
    out.write(0, "\nData\n====")
    for key, value in (item.get("data") or {}).items():
        out.write(0, f"{key}:\n----")
        out.write(0, f"{value}\n")
    out.write(0, "\nBinaryData\n====")
    for key, value in (item.get("binaryData") or {}).items():
        padding = str(value).count("=")
        out.write(0, f"{key}: {len(str(value)) * 3 // 4 - padding} bytes")
    out.write(0, "")


async def secret(_access: Access, item: Item, out: Lines) -> None:
    """Type, keys and sizes; a value is never shown."""
    out.head(item)
    out.write(0, f"\nType:\t{item.get('type') or ''}")
    out.write(0, "\nData\n====")
    for key, value in sorted((item.get("data") or {}).items()):
        out.write(0, f"{key}:\t{str(value).partition(', ')[2]}")


async def service_account(access: Access, item: Item, out: Lines) -> None:
    """The secrets that it may use."""
    out.head(item)
    _names("Image pull secrets", item.get("imagePullSecrets"), out)
    _names("Mountable secrets", item.get("secrets"), out)
    name, namespace = item["metadata"]["name"], str(item["metadata"]["namespace"])
    query = [("fieldSelector", "type=kubernetes.io/service-account-token")]
    found = await access.seen(access.objects(SECRET, namespace, query))
    account = "kubernetes.io/service-account.name"
    tokens = [one["metadata"] for one in found if (one["metadata"].get("annotations") or {}).get(account) == name]
    _names("Tokens", tokens, out)


def _names(title: str, found: Sequence[Item] | None, out: Lines) -> None:
    names = [str(one.get("name")) for one in found or ()] or [NONE]
    out.write(0, f"{title}:\t{names[0]}")
    for name in names[1:]:
        out.write(0, f"{' ' * len(title)} \t{name}")


async def namespace(access: Access, item: Item, out: Lines) -> None:
    """Its state, and what bounds it."""
    out.head(item)
    out.write(0, f"Status:\t{(item.get('status') or {}).get('phase') or ''}")
    name = str(item["metadata"]["name"])
    for kind, nothing in ((QUOTA, "No resource quota."), (LIMIT_RANGE, "No LimitRange resource.")):
        found = await access.seen(access.objects(kind, name))
        if not found:
            out.write(0, f"\n{nothing}")
            continue
        out.write(0, f"\n{'Resource Quotas' if kind is QUOTA else 'Resource Limits'}")
        for one in found:
            out.write(1, f"Name:\t{one['metadata']['name']}")
            hard = (one.get("status") or {}).get("hard") or {}
            used = (one.get("status") or {}).get("used") or {}
            if hard:
                out.write(1, "Resource\tUsed\tHard")
                out.write(1, "--------\t---\t---")
            for key, amount in sorted(hard.items()):
                out.write(1, f"{key}\t{used.get(key, '0')}\t{amount}")


async def claim(access: Access, item: Item, out: Lines) -> None:
    """A persistent volume claim: what it asked for, what it has, and who uses it."""
    spec, status = item.get("spec") or {}, item.get("status") or {}
    out.head(item, labels=False)
    out.write(0, f"StorageClass:\t{spec.get('storageClassName') or ''}")
    deleted = item["metadata"].get("deletionTimestamp")
    out.write(0, f"Status:\tTerminating (lasts {age(deleted)})" if deleted else f"Status:\t{status.get('phase') or ''}")
    out.write(0, f"Volume:\t{spec.get('volumeName') or ''}")
    out.mapping("Labels", item["metadata"].get("labels"))
    out.annotations(item["metadata"].get("annotations"))
    out.write(0, f"Finalizers:\t[{' '.join(item['metadata'].get('finalizers') or ())}]")
    bound = bool(spec.get("volumeName"))
    out.write(0, f"Capacity:\t{(status.get('capacity') or {}).get('storage', '') if bound else ''}")
    out.write(0, f"Access Modes:\t{_modes(status.get('accessModes')) if bound else ''}")
    if spec.get("volumeMode"):
        out.write(0, f"VolumeMode:\t{spec['volumeMode']}")
    metadata = item["metadata"]
    pods = await access.seen(access.objects(POD, str(metadata["namespace"])))
    users = [str(pod["metadata"]["name"]) for pod in pods if _uses(pod, str(metadata["name"]))] or [NONE]
    out.write(0, f"Used By:\t{users[0]}")
    for name in users[1:]:
        out.write(0, f"\t{name}")


def _uses(pod: Item, name: str) -> bool:
    volumes = (pod.get("spec") or {}).get("volumes") or ()
    return any((volume.get("persistentVolumeClaim") or {}).get("claimName") == name for volume in volumes)


def _modes(found: Sequence[str] | None) -> str:
    return ",".join(_MODES.get(mode, mode) for mode in found or ())


async def volume(_access: Access, item: Item, out: Lines) -> None:
    """A persistent volume: whose it is, how large, and where it comes from."""
    spec, status = item.get("spec") or {}, item.get("status") or {}
    out.write(0, f"Name:\t{item['metadata']['name']}")
    out.mapping("Labels", item["metadata"].get("labels"))
    out.annotations(item["metadata"].get("annotations"))
    out.write(0, f"Finalizers:\t[{' '.join(item['metadata'].get('finalizers') or ())}]")
    out.write(0, f"StorageClass:\t{spec.get('storageClassName') or ''}")
    out.write(0, f"Status:\t{status.get('phase') or ''}")
    owner = spec.get("claimRef")
    out.write(0, f"Claim:\t{owner['namespace']}/{owner['name']}" if owner else "Claim:\t")
    out.write(0, f"Reclaim Policy:\t{spec.get('persistentVolumeReclaimPolicy') or ''}")
    out.write(0, f"Access Modes:\t{_modes(spec.get('accessModes'))}")
    if spec.get("volumeMode"):
        out.write(0, f"VolumeMode:\t{spec['volumeMode']}")
    out.write(0, f"Capacity:\t{(spec.get('capacity') or {}).get('storage', '')}")
    terms = ((spec.get("nodeAffinity") or {}).get("required") or {}).get("nodeSelectorTerms") or ()
    out.write(0, "Node Affinity:\t" if terms else f"Node Affinity:\t{NONE}")
    if terms:
        out.write(1, "Required Terms:\t")
        for index, term in enumerate(terms):
            texts = [
                f"{one['key']} {str(one['operator']).lower()} [{', '.join(one.get('values') or ())}]"
                for one in term.get("matchExpressions") or ()
            ]
            out.write(2, f"Term {index}:\t{texts[0] if texts else ''}")
            for text in texts[1:]:
                out.write(2, f"\t{text}")
    out.write(0, f"Message:\t{status.get('message') or ''}")
    out.write(0, "Source:")
    kinds = [key for key in ("hostPath", "csi", "nfs", "local") if key in spec]
    for line in volume_source({kinds[0]: spec[kinds[0]]}) if kinds else ["<unknown>"]:
        out.write(2, line)


async def autoscaler(_access: Access, item: Item, out: Lines) -> None:
    """A horizontal pod autoscaler: what it looks at, its bounds, and how it is."""
    metadata, spec, status = item["metadata"], item.get("spec") or {}, item.get("status") or {}
    out.head(item)
    out.write(0, f"CreationTimestamp:\t{time_of(metadata.get('creationTimestamp'))}")
    target = spec.get("scaleTargetRef") or {}
    out.write(0, f"Reference:\t{target.get('kind')}/{target.get('name')}")
    out.write(0, "Metrics:\t( current / target )")
    current = status.get("currentMetrics") or ()
    for index, metric in enumerate(spec.get("metrics") or ()):
        out.write(1, _metric(metric, current[index] if index < len(current) else {}))
    least = spec.get("minReplicas")
    out.write(0, f"Min replicas:\t{'<unset>' if least is None else least}")
    out.write(0, f"Max replicas:\t{spec.get('maxReplicas')}")
    counts = (status.get("currentReplicas") or 0, status.get("desiredReplicas") or 0)
    out.write(0, f"{target.get('kind')} pods:\t{counts[0]} current / {counts[1]} desired")
    if status.get("conditions"):
        out.write(0, "Conditions:")
        out.write(1, "Type\tStatus\tReason\tMessage")
        out.write(1, "----\t------\t------\t-------")
        for one in status["conditions"]:
            cells = (one.get("type"), one.get("status"), one.get("reason"), one.get("message"))
            out.write(1, "\t".join(str(cell or "") for cell in cells))


def _metric(metric: Item, current: Item) -> str:
    kind = str(metric.get("type") or "")
    found: Mapping[str, Any] = metric.get(kind[:1].lower() + kind[1:]) or {}
    now: Mapping[str, Any] = (current.get(kind[:1].lower() + kind[1:]) or {}).get("current") or {}
    target = found.get("target") or {}
    if kind == "Resource" and target.get("averageUtilization") is not None:
        shown = "<unknown>"
        if now.get("averageUtilization") is not None:
            shown = f"{now['averageUtilization']}% ({now.get('averageValue')})"
        return (
            f"resource {found.get('name')} on pods  (as a percentage of request):\t{shown} /"
            f" {target['averageUtilization']}%"
        )
    name = found.get("name") or (found.get("metric") or {}).get("name")
    wanted = target.get("averageValue") or target.get("value")
    shown = now.get("averageValue") or now.get("value") or "<unknown>"
    words = "resource " if kind == "Resource" else ""
    return f"{words}{name} on pods:\t{shown} / {wanted}" if words else f'"{name}" on pods:\t{shown} / {wanted}'


async def other(_access: Access, item: Item, out: Lines) -> None:
    """Every field of an object, with its name as a heading."""
    metadata = item["metadata"]
    out.write(0, f"Name:\t{metadata['name']}")
    out.write(0, f"Namespace:\t{metadata.get('namespace') or ''}")
    out.mapping("Labels", metadata.get("labels"))
    out.annotations(metadata.get("annotations"))
    _content(item, out, 0, "")


def _content(found: Mapping[str, Any], out: Lines, level: int, path: str) -> None:
    for key, value in sorted(found.items()):
        here = f"{path}.{key}"
        if here in _NAMED or level > DEEPEST:
            continue
        if isinstance(value, Mapping):
            out.write(level, f"{label_of(key)}:")
            _content(value, out, level + 1, here)
        elif isinstance(value, list):
            out.write(level, f"{label_of(key)}:")
            for part in value:
                if isinstance(part, Mapping):
                    _content(part, out, level + 1, here)
                else:
                    out.write(level + 1, values.printed(part))
        else:
            out.write(level, f"{label_of(key)}:\t{values.printed(value)}")
