"""What the demo clusters answer otherwise than the recorded server, each with its reason.

A path that begins with `/body/groups/node.k8s.io` covers everything below it; `*` stands for anything. An entry that
covers no difference any more fails the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import starmap


@dataclass(frozen=True)
class Difference:
    """One difference.

    Attributes:
        path: where; see above.
        reason: why, in a sentence.
    """

    path: str
    reason: str

    def covers(self, found: str) -> bool:
        """Whether it speaks of a difference that was found."""
        place = found.partition(" ")[0]
        return place == self.path or place.startswith(f"{self.path}/") or fnmatchcase(place, self.path)


def _listed(reason: str, *paths: str) -> tuple[Difference, ...]:
    return tuple(starmap(Difference, ((path, reason) for path in paths)))


_VERSION = "The demo clusters say they are of version 1.32, which the supported kubectl expects."
_FEWER_GROUPS = "The demo clusters serve fewer API groups, for nothing in them would act on the others."
_FEWER_KINDS = "The demo clusters serve fewer kinds, for nothing in them would act on the others."
_METRICS = "The demo clusters have a metrics server, the recorded one had none."
_UNSERVED = (
    "admissionregistration.k8s.io", "apiregistration.k8s.io", "certificates.k8s.io", "flowcontrol.apiserver.k8s.io",
    "node.k8s.io", "resource.k8s.io",
)  # fmt: skip
_ISSUER = "The demo clusters issue no service account tokens, so nobody needs to discover their issuer."

DIFFERENCES: dict[str, tuple[Difference, ...]] = {
    "version": _listed(
        _VERSION,
        "/body/minor", "/body/gitVersion", "/body/gitCommit", "/body/buildDate", "/body/goVersion",
        "/body/emulationMajor", "/body/emulationMinor", "/body/minCompatibilityMajor", "/body/minCompatibilityMinor",
    ),
    "readyz-verbose": _listed("The demo clusters have fewer parts that could be unready.", "/body"),
    "apis": (
        *_listed(_FEWER_GROUPS, *(f"/body/groups/{group}" for group in _UNSERVED)),
        *_listed(_METRICS, "/body/groups/metrics.k8s.io"),
    ),
    "api-aggregated-discovery": _listed(_FEWER_KINDS, "/body/items/*/resources/podtemplates"),
    "apis-aggregated-discovery": (
        *_listed(_FEWER_GROUPS, *(f"/body/items/{group}" for group in _UNSERVED)),
        *_listed(_METRICS, "/body/items/metrics.k8s.io"),
        *_listed(
            _FEWER_KINDS,
            "/body/items/authentication.k8s.io/*/tokenreviews",
            "/body/items/networking.k8s.io/*/ipaddresses",
            "/body/items/networking.k8s.io/*/servicecidrs",
            "/body/items/storage.k8s.io/*/csi*",
            "/body/items/storage.k8s.io/*/volumeatt*",
        ),
    ),
    "api-v1-resources": _listed(_FEWER_KINDS, "/body/resources/podtemplates"),
    "apis-networking.k8s.io-v1-resources": _listed(
        _FEWER_KINDS, "/body/resources/ipaddresses", "/body/resources/servicecidrs*"
    ),
    "apis-storage.k8s.io-v1-resources": _listed(
        _FEWER_KINDS, "/body/resources/csi*", "/body/resources/volumeatt*"
    ),
    "openapi-v3-index": (
        *_listed(_FEWER_GROUPS, *(f"/body/paths/apis/{group}*" for group in _UNSERVED)),
        *_listed(_METRICS, "/body/paths/apis/metrics.k8s.io/v1beta1"),
        *_listed(
            "The demo clusters describe the versions of groups, which hold the kinds, and not the way to them.",
            "/body/paths/api", "/body/paths/apis", "/body/paths/version", "/body/paths/apis/*",
        ),
        *_listed(_ISSUER, "/body/paths/.well-known/*", "/body/paths/openid/*"),
    ),
    "error-403-impersonation-itself": _listed(
        "Servers before 1.36, as which the demo clusters present themselves, ask for the verb impersonate on users.",
        "/body/message", "/body/details/kind", "/body/details/name",
    ),
    "error-422-immutable-pod": _listed(
        "The real server adds a comparison of its internal structures, which no client reads.",
        "/body/message", "/body/details/causes/0/message",
    ),
    "ssrr-admin": _listed(_ISSUER, "/body/status/nonResourceRules"),
    "ssrr-nobody": _listed(_ISSUER, "/body/status/nonResourceRules"),
    "ssrr-viewer": (
        *_listed(_ISSUER, "/body/status/nonResourceRules"),
        *_listed(
            "The demo clusters' role `view` has metrics and none of the groups that they do not serve.",
            "/body/status/resourceRules",
        ),
    ),
    "pod-log-no-kubelet-500": _listed(
        "There was no kubelet beside the recorded server; the demo clusters have logs.",
        "/status", "/headers/Content-Type", "/body",
    ),
    "clusterroles-table-limit": _listed(
        "The demo clusters have fewer roles and their own, of another age and without owners of their fields.",
        "/body/rows", "/body/metadata/continue", "/body/metadata/remainingItemCount",
    ),
}  # fmt: skip
