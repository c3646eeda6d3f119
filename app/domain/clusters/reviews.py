"""Asks a cluster's RBAC what a person may do, as that person."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation

_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


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
