"""Every kind that the demo clusters serve, declared once.

Discovery, routing, authorization and error messages read this. A kind is not served unless it is here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

WRITE_VERBS: Final = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
READ_VERBS: Final = ("get", "list", "watch")
STATUS_VERBS: Final = ("get", "patch", "update")


@dataclass(frozen=True, slots=True)
class Sub:
    """A subresource.

    Attributes:
        name: last part of the path.
        kind: the kind it speaks; empty means its parent's.
        group, version: of that kind; empty means its parent's.
        verbs: allowed verbs.
    """

    name: str
    kind: str = ""
    group: str = ""
    version: str = ""
    verbs: tuple[str, ...] = STATUS_VERBS


@dataclass(frozen=True, slots=True)
class Kind:
    """A served kind.

    Attributes:
        group: API group, empty for core.
        version: version of the group.
        kind, plural, singular: its names.
        namespaced: whether objects live in namespaces.
        short: short names.
        categories: such as `all`.
        verbs: allowed verbs.
        subs: subresources.
        stored: key of the kind that holds the objects when this is another view of them.
        generation: whether a change of spec counts `metadata.generation` up.
        reason_unwritable: why writes are answered with 501; empty where they are possible.
        warning: what clients are warned of.
        definition: the version of a custom resource definition that it comes from.
    """

    group: str
    version: str
    kind: str
    plural: str
    singular: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = WRITE_VERBS
    subs: tuple[Sub, ...] = ()
    stored: str = ""
    generation: bool = False
    reason_unwritable: str = ""
    warning: str = ""
    definition: dict[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def api_version(self) -> str:
        """`apiVersion` of its objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """Its name in messages, such as `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def key(self) -> str:
        """Where the store keeps its objects."""
        return self.stored or self.resource

    def sub(self, name: str) -> Sub | None:
        """The subresource of that name."""
        return next((sub for sub in self.subs if sub.name == name), None)


_STATUS: Final = Sub("status")
_SCALE: Final = Sub("scale", "Scale", "autoscaling", "v1")
_CREATE: Final = ("create",)

_POD_SUBS: Final = (
    Sub("attach", "PodAttachOptions", verbs=("create", "get")),
    Sub("binding", "Binding", verbs=_CREATE),
    Sub("ephemeralcontainers"),
    Sub("eviction", "Eviction", "policy", "v1", _CREATE),
    Sub("exec", "PodExecOptions", verbs=("create", "get")),
    Sub("log", verbs=("get",)),
    Sub("portforward", "PodPortForwardOptions", verbs=("create", "get")),
    Sub("proxy", "PodProxyOptions", verbs=("create", "delete", "get", "patch", "update")),
    Sub("resize"),
    _STATUS,
)

_CORE: Final = (
    Kind("", "v1", "Binding", "bindings", "binding", verbs=_CREATE, reason_unwritable="bindings"),
    Kind(
        "",
        "v1",
        "ComponentStatus",
        "componentstatuses",
        "componentstatus",
        False,
        ("cs",),
        verbs=("get", "list"),
        warning="v1 ComponentStatus is deprecated in v1.19+",
    ),
    Kind("", "v1", "ConfigMap", "configmaps", "configmap", short=("cm",)),
    Kind(
        "",
        "v1",
        "Endpoints",
        "endpoints",
        "endpoints",
        short=("ep",),
        warning="v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    ),
    Kind("", "v1", "Event", "events", "event", short=("ev",)),
    Kind(
        "",
        "v1",
        "LimitRange",
        "limitranges",
        "limitrange",
        short=("limits",),
        reason_unwritable="limit ranges: nothing would enforce them",
    ),
    Kind(
        "",
        "v1",
        "Namespace",
        "namespaces",
        "namespace",
        False,
        ("ns",),
        verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
        subs=(Sub("finalize", verbs=("update",)), _STATUS),
    ),
    Kind(
        "",
        "v1",
        "Node",
        "nodes",
        "node",
        False,
        ("no",),
        subs=(Sub("proxy", "NodeProxyOptions", verbs=("create", "delete", "get", "patch", "update")), _STATUS),
    ),
    Kind(
        "",
        "v1",
        "PersistentVolumeClaim",
        "persistentvolumeclaims",
        "persistentvolumeclaim",
        short=("pvc",),
        subs=(_STATUS,),
    ),
    Kind("", "v1", "PersistentVolume", "persistentvolumes", "persistentvolume", False, ("pv",), subs=(_STATUS,)),
    Kind("", "v1", "Pod", "pods", "pod", short=("po",), categories=("all",), subs=_POD_SUBS, generation=True),
    Kind(
        "",
        "v1",
        "ReplicationController",
        "replicationcontrollers",
        "replicationcontroller",
        short=("rc",),
        categories=("all",),
        subs=(_SCALE, _STATUS),
        reason_unwritable="replication controllers",
    ),
    Kind(
        "",
        "v1",
        "ResourceQuota",
        "resourcequotas",
        "resourcequota",
        short=("quota",),
        subs=(_STATUS,),
    ),
    Kind("", "v1", "Secret", "secrets", "secret"),
    Kind(
        "",
        "v1",
        "ServiceAccount",
        "serviceaccounts",
        "serviceaccount",
        short=("sa",),
        subs=(Sub("token", "TokenRequest", "authentication.k8s.io", "v1", _CREATE),),
    ),
    Kind(
        "",
        "v1",
        "Service",
        "services",
        "service",
        short=("svc",),
        categories=("all",),
        subs=(Sub("proxy", "ServiceProxyOptions", verbs=("create", "delete", "get", "patch", "update")), _STATUS),
    ),
)

_APPS: Final = (
    Kind("apps", "v1", "ControllerRevision", "controllerrevisions", "controllerrevision"),
    Kind(
        "apps",
        "v1",
        "DaemonSet",
        "daemonsets",
        "daemonset",
        short=("ds",),
        categories=("all",),
        subs=(_STATUS,),
        generation=True,
    ),
    Kind(
        "apps",
        "v1",
        "Deployment",
        "deployments",
        "deployment",
        short=("deploy",),
        categories=("all",),
        subs=(_SCALE, _STATUS),
        generation=True,
    ),
    Kind(
        "apps",
        "v1",
        "ReplicaSet",
        "replicasets",
        "replicaset",
        short=("rs",),
        categories=("all",),
        subs=(_SCALE, _STATUS),
        generation=True,
    ),
    Kind(
        "apps",
        "v1",
        "StatefulSet",
        "statefulsets",
        "statefulset",
        short=("sts",),
        categories=("all",),
        subs=(_SCALE, _STATUS),
        generation=True,
    ),
)

_OTHERS: Final = (
    Kind("events.k8s.io", "v1", "Event", "events", "event", short=("ev",), stored="events"),
    Kind(
        "authentication.k8s.io",
        "v1",
        "SelfSubjectReview",
        "selfsubjectreviews",
        "selfsubjectreview",
        False,
        verbs=_CREATE,
    ),
    Kind(
        "authorization.k8s.io",
        "v1",
        "LocalSubjectAccessReview",
        "localsubjectaccessreviews",
        "localsubjectaccessreview",
        verbs=_CREATE,
    ),
    Kind(
        "authorization.k8s.io",
        "v1",
        "SelfSubjectAccessReview",
        "selfsubjectaccessreviews",
        "selfsubjectaccessreview",
        False,
        verbs=_CREATE,
    ),
    Kind(
        "authorization.k8s.io",
        "v1",
        "SelfSubjectRulesReview",
        "selfsubjectrulesreviews",
        "selfsubjectrulesreview",
        False,
        verbs=_CREATE,
    ),
    Kind(
        "authorization.k8s.io",
        "v1",
        "SubjectAccessReview",
        "subjectaccessreviews",
        "subjectaccessreview",
        False,
        verbs=_CREATE,
    ),
    Kind(
        "autoscaling",
        "v2",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        "horizontalpodautoscaler",
        short=("hpa",),
        categories=("all",),
        subs=(_STATUS,),
    ),
    Kind(
        "autoscaling",
        "v1",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        "horizontalpodautoscaler",
        short=("hpa",),
        categories=("all",),
        subs=(_STATUS,),
        stored="horizontalpodautoscalers.autoscaling",
    ),
    Kind(
        "batch",
        "v1",
        "CronJob",
        "cronjobs",
        "cronjob",
        short=("cj",),
        categories=("all",),
        subs=(_STATUS,),
        generation=True,
    ),
    Kind("batch", "v1", "Job", "jobs", "job", categories=("all",), subs=(_STATUS,), generation=True),
    Kind("networking.k8s.io", "v1", "IngressClass", "ingressclasses", "ingressclass", False),
    Kind(
        "networking.k8s.io", "v1", "Ingress", "ingresses", "ingress", short=("ing",), subs=(_STATUS,), generation=True
    ),
    Kind(
        "networking.k8s.io",
        "v1",
        "NetworkPolicy",
        "networkpolicies",
        "networkpolicy",
        short=("netpol",),
        generation=True,
    ),
    Kind(
        "policy",
        "v1",
        "PodDisruptionBudget",
        "poddisruptionbudgets",
        "poddisruptionbudget",
        short=("pdb",),
        subs=(_STATUS,),
        generation=True,
    ),
    Kind("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", "clusterrolebinding", False),
    Kind("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", "clusterrole", False),
    Kind("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", "rolebinding"),
    Kind("rbac.authorization.k8s.io", "v1", "Role", "roles", "role"),
    Kind("storage.k8s.io", "v1", "StorageClass", "storageclasses", "storageclass", False, ("sc",)),
    Kind(
        "apiextensions.k8s.io",
        "v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        "customresourcedefinition",
        False,
        ("crd", "crds"),
        ("api-extensions",),
        subs=(_STATUS,),
        generation=True,
    ),
    Kind("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", "priorityclass", False, ("pc",)),
    Kind("coordination.k8s.io", "v1", "Lease", "leases", "lease"),
    Kind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", "endpointslice", generation=True),
    Kind("metrics.k8s.io", "v1beta1", "NodeMetrics", "nodes", "", False, verbs=("get", "list")),
    Kind("metrics.k8s.io", "v1beta1", "PodMetrics", "pods", "", verbs=("get", "list")),
)

ALL: Final = (*_CORE, *_APPS, *_OTHERS)
_BY_PATH: Final = {(kind.group, kind.version, kind.plural): kind for kind in ALL}
_BY_KIND: Final = {(kind.api_version, kind.kind): kind for kind in ALL}


@dataclass(frozen=True, slots=True)
class GroupVersion:
    """One version of an API group and what it serves.

    Attributes:
        group: empty for core.
        version: such as v1.
        kinds: in the order of discovery.
    """

    group: str
    version: str
    kinds: tuple[Kind, ...] = field(default=())

    @property
    def name(self) -> str:
        """`group/version`, or the version alone for core."""
        return f"{self.group}/{self.version}" if self.group else self.version


def group_versions(custom: tuple[Kind, ...] = ()) -> list[GroupVersion]:
    """Every group version in the order of discovery; the first of a group is its preferred one.

    Args:
        custom: what a cluster serves besides.
    """
    grouped: dict[tuple[str, str], list[Kind]] = {}
    for kind in (*ALL, *custom):
        grouped.setdefault((kind.group, kind.version), []).append(kind)
    return [GroupVersion(group, version, tuple(kinds)) for (group, version), kinds in grouped.items()]


def by_path(group: str, version: str, plural: str) -> Kind | None:
    """The kind that a path names."""
    return _BY_PATH.get((group, version, plural))


def by_kind(api_version: str, kind: str) -> Kind | None:
    """The kind of an object."""
    return _BY_KIND.get((api_version, kind))


def named(resource: str) -> Kind:
    """The kind that stores a resource.

    Args:
        resource: plural, with the group where it has one: `deployments.apps`.

    Raises:
        KeyError: no such resource is served.
    """
    return _BY_RESOURCE[resource]


_BY_RESOURCE: Final = {kind.resource: kind for kind in reversed(ALL)}
