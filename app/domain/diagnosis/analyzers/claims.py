"""Volumes: claims that are not bound, or have lost their volume, and volumes that failed."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.commands.nearest import nearest
from app.domain.diagnosis.findings import DEGRADED, DOWN, FAILING, NOTE, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line
from app.domain.diagnosis.shapes import Obj, items, labels, name_of, namespace_of, text
from app.domain.diagnosis.snapshot import Snapshot

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_FAILED = ("ProvisioningFailed", "FailedBinding", "VolumeResizeFailed", "ProvisioningCleanupFailed")


def look(snapshot: Snapshot, claim: Obj) -> Iterator[Finding]:
    """What is wrong with a claim."""
    about = Ref("PersistentVolumeClaim", name_of(claim), namespace_of(claim))
    phase = text(claim, "status", "phase")
    if phase == "Lost":
        yield Finding(
            "claim_lost",
            about,
            about,
            f"{about.path} has lost its volume {text(claim, 'spec', 'volumeName')}.",
            DOWN,
            (Evidence("Its phase is Lost.", f"status of {about.path}"),),
            advice="What was on the volume has to come from a backup, unless the volume can be made again by hand.",
            look=(described(about), line("get", "persistentvolumes")),
        )
    elif phase == "Pending":
        yield from _pending(snapshot, claim, about)


def _pending(snapshot: Snapshot, claim: Obj, about: Ref) -> Iterator[Finding]:
    events = [each for each in snapshot.events(about) if text(each, "reason") in _FAILED]
    told = tuple(Evidence(f"{text(e, 'reason')}: {text(e, 'message')}", f"event of {about.path}") for e in events[:2])
    look_at = (described(about), line("get", "storageclasses"))
    known = {name_of(each): each for each in snapshot.of("storageclasses")}
    wanted = claim.get("spec", {}).get("storageClassName")
    if isinstance(wanted, str) and wanted and snapshot.knows("storageclasses") and wanted not in known:
        near = nearest(wanted, known, 1) or list(known)[:1]
        yield Finding(
            "storage_class",
            about,
            about,
            f"{about.path} asks for the storage class {wanted}, which does not exist.",
            DOWN,
            (
                Evidence(f"There are the storage classes {', '.join(sorted(known)) or '(none)'}.", "storage classes"),
                *told,
            ),
            advice="A claim's class cannot be changed: make the claim anew"
            + (f" with the class {near[0]}." if near else " when there is a class."),
            look=look_at,
        )
        return
    if wanted is None and snapshot.knows("storageclasses") and not any(_is_default(each) for each in known.values()):
        yield Finding(
            "no_default_class",
            about,
            about,
            f"{about.path} names no storage class, and the cluster has no default one.",
            DOWN,
            (
                Evidence(f"There are the storage classes {', '.join(sorted(known)) or '(none)'}.", "storage classes"),
                *told,
            ),
            advice="Name a class in the claim, or mark one as the default.",
            look=look_at,
        )
        return
    waits = isinstance(wanted, str) and text(known.get(wanted, {}), "volumeBindingMode") == "WaitForFirstConsumer"
    if waits and not told:
        if not _is_used(snapshot, about):
            yield Finding(
                "claim_unused",
                about,
                about,
                f"{about.path} waits for a pod that uses it.",
                NOTE,
                (Evidence(f"The class {wanted} binds a claim when its first pod is placed.", "storage classes"),),
                look=(described(about),),
            )
        return  # its pod is not placed: that is told where the pod is
    yield Finding(
        "claim_pending",
        about,
        about,
        f"{about.path} is not bound to a volume.",
        FAILING,
        told or (Evidence("Its phase is Pending, and no event says why.", f"status of {about.path}"),),
        advice="The event names what the provisioner lacks; without a provisioner a matching volume has to be made.",
        look=(described(about), line("get", "persistentvolumes")),
    )


def _is_default(storage_class: Obj) -> bool:
    return labels(storage_class, "metadata", "annotations").get(DEFAULT_CLASS) == "true"


def _is_used(snapshot: Snapshot, about: Ref) -> bool:
    return any(
        text(volume, "persistentVolumeClaim", "claimName") == about.name
        for pod in snapshot.pods_in(about.namespace)
        for volume in items(pod, "spec", "volumes")
    )


def volume(snapshot: Snapshot, found: Obj) -> Iterator[Finding]:
    """A volume that failed, or that nobody gets again."""
    about = Ref("PersistentVolume", name_of(found))
    phase = text(found, "status", "phase")
    if snapshot.namespace and text(found, "spec", "claimRef", "namespace") != snapshot.namespace:
        return
    if phase == "Failed":
        yield Finding(
            "volume_failed",
            about,
            about,
            f"{about.path} could not be given back.",
            DEGRADED,
            (Evidence(text(found, "status", "message") or "Its phase is Failed.", f"status of {about.path}"),),
            look=(described(about),),
        )
    elif phase == "Released" and text(found, "spec", "persistentVolumeReclaimPolicy") == "Retain":
        yield Finding(
            "volume_released",
            about,
            about,
            f"{about.path} is kept after its claim is gone, and no claim gets it.",
            NOTE,
            (Evidence("Its phase is Released and its policy is Retain.", f"status of {about.path}"),),
            look=(described(about),),
        )


def storage_class(snapshot: Snapshot, found: Obj) -> Iterator[Finding]:
    """Two storage classes that both are the default."""
    defaults = sorted(name_of(each) for each in snapshot.of("storageclasses") if _is_default(each))
    if len(defaults) > 1 and name_of(found) == defaults[0] and not snapshot.namespace:
        about = Ref("StorageClass", name_of(found))
        yield Finding(
            "several_defaults",
            about,
            about,
            f"The storage classes {', '.join(defaults)} are all the default one.",
            NOTE,
            (Evidence("Claims without a class get the newest of them.", "storage classes"),),
            tuple(
                line("annotate", f"storageclass/{each}", f"{DEFAULT_CLASS}=false", "--overwrite")
                for each in defaults[1:]
            ),
            look=(line("get", "storageclasses"),),
        )
