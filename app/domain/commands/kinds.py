"""The names of Kubernetes' own resource types, for what has to be known before a cluster is asked.

Whether a bare line is kubectl syntax, and whether a namespace belongs into it, is decided without a request. What a
cluster really offers, custom resources included, is found by discovery (`app.domain.clusters.discovery`).
"""

from __future__ import annotations

from app.domain.commands.risk import FAR_REACHING

_NAMESPACED = """
pods pod po
deployments deployment deploy
replicasets replicaset rs
statefulsets statefulset sts
daemonsets daemonset ds
jobs job
cronjobs cronjob cj
services service svc
endpoints endpoint ep
endpointslices endpointslice
ingresses ingress ing
networkpolicies networkpolicy netpol
configmaps configmap cm
secrets secret
serviceaccounts serviceaccount sa
persistentvolumeclaims persistentvolumeclaim pvc
horizontalpodautoscalers horizontalpodautoscaler hpa
poddisruptionbudgets poddisruptionbudget pdb
events event ev
limitranges limitrange limits
resourcequotas resourcequota quota
replicationcontrollers replicationcontroller rc
controllerrevisions controllerrevision
podtemplates podtemplate
leases lease
roles role
rolebindings rolebinding
all
"""
_CLUSTER_SCOPED = """
nodes node no
namespaces namespace ns
persistentvolumes persistentvolume pv
storageclasses storageclass sc
clusterroles clusterrole
clusterrolebindings clusterrolebinding
customresourcedefinitions customresourcedefinition crd crds
ingressclasses ingressclass
priorityclasses priorityclass pc
runtimeclasses runtimeclass
apiservices apiservice
validatingadmissionpolicies validatingadmissionpolicy
validatingadmissionpolicybindings validatingadmissionpolicybinding
flowschemas flowschema
prioritylevelconfigurations prioritylevelconfiguration
validatingwebhookconfigurations validatingwebhookconfiguration
mutatingwebhookconfigurations mutatingwebhookconfiguration
certificatesigningrequests certificatesigningrequest csr
volumeattachments volumeattachment
csidrivers csidriver
csinodes csinode
"""


def _plurals(text: str) -> dict[str, str]:
    return {word: line.split()[0] for line in text.splitlines() for word in line.split()}


NAMESPACED = _plurals(_NAMESPACED)
CLUSTER_SCOPED = _plurals(_CLUSTER_SCOPED)
PLURALS = NAMESPACED | CLUSTER_SCOPED


def is_known(word: str) -> bool:
    """Whether a word names one of Kubernetes' own types, in any of its forms."""
    return word.lower() in PLURALS


def is_cluster_scoped(resource: str) -> bool:
    """Whether a resource as typed is known to lie in no namespace; False for what only the cluster can say."""
    return resource.lower() in CLUSTER_SCOPED


def is_far_reaching(resource: str) -> bool:
    """Whether a resource as typed, its group left out, is one that a cluster itself lives on."""
    word = resource.lower().partition(".")[0]
    return CLUSTER_SCOPED.get(word, word) in _FAR_REACHING


_FAR_REACHING = frozenset(
    kind.lower() + ("es" if kind.endswith("s") else "s") if not kind.endswith("y") else f"{kind[:-1].lower()}ies"
    for kind in FAR_REACHING
)
