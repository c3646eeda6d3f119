"""Asks a cluster's RBAC what somebody may do, always as the person who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation

_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_REVIEWS_OF_OTHERS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
_ACCOUNT = "system:serviceaccount:"


async def allowed(client: ClusterClient, identity: Impersonation, attributes: Mapping[str, str]) -> bool:
    """What a SelfSubjectAccessReview says.

    Args:
        client: the cluster.
        identity: the person.
        attributes: `verb`, `group`, `version`, `resource`, `subresource`, `namespace`, `name`; empty ones are left out.

    Raises:
        KubeChatError: the cluster does not answer.
    """
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
    }
    answer = await client.request("POST", _REVIEWS, identity=identity, body=orjson.dumps(review), mutates=False)
    return (answer.json().get("status") or {}).get("allowed") is True


async def allowed_to(
    client: ClusterClient, identity: Impersonation, user: str, groups: Sequence[str], attributes: Mapping[str, str]
) -> bool:
    """What a SubjectAccessReview says about somebody else; nobody acts as them.

    Args:
        client: the cluster.
        identity: who asks, and needs the right to.
        user: a name as the cluster knows it; "system:serviceaccount:NAMESPACE:NAME" has its groups added.
        groups: the groups to be assumed; everybody who has authenticated is in one more.
        attributes: as of `allowed`.

    Raises:
        KubernetesForbiddenError: who asks may not know what others may do.
        KubeChatError: the cluster does not answer.
    """
    account = user.removeprefix(_ACCOUNT).split(":") if user.startswith(_ACCOUNT) else []
    implied = ["system:serviceaccounts", f"system:serviceaccounts:{account[0]}"] if len(account) == 2 else []
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": user,
            "groups": [*groups, *implied, "system:authenticated"],
            "resourceAttributes": {key: value for key, value in attributes.items() if value},
        },
    }
    answer = await client.request(
        "POST", _REVIEWS_OF_OTHERS, identity=identity, body=orjson.dumps(review), mutates=False
    )
    return (answer.json().get("status") or {}).get("allowed") is True
