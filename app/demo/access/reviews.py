"""Answers questions about rights: who am I, may I, what may I. They change nothing."""

from __future__ import annotations

from typing import Any

from app.demo.access.identity import User
from app.demo.access.rbac import Action, Authorizer, Decision
from app.demo.clock import stamp
from app.demo.cluster import Cluster
from app.demo.kinds import Kind
from app.demo.objects import Obj
from app.demo.status import bad_request, invalid, required_value


def answer(cluster: Cluster, authorizer: Authorizer, kind: Kind, user: User, body: Obj, namespace: str) -> Obj:
    """The object that a review is answered with.

    Args:
        cluster: which cluster is asked.
        authorizer: decides.
        kind: one of the review kinds.
        user: who asks.
        body: the review as sent.
        namespace: of a local review.

    Raises:
        StatusError: 422 for a review that asks nothing.
    """
    review: Obj = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": {}}
    if kind.kind == "SelfSubjectReview":
        review["metadata"] = {"creationTimestamp": stamp(cluster.now)}
        info: Obj = {"username": user.name, "groups": list(user.groups)}
        if user.uid:
            info["uid"] = user.uid
        review["status"] = {"userInfo": info}
        return review
    spec = body.get("spec")
    if not isinstance(spec, dict):
        raise bad_request("the review has no spec")
    if kind.kind == "SelfSubjectRulesReview":
        if not spec.get("namespace"):
            raise bad_request("no namespace on request")
        resources, paths = authorizer.rules(user, str(spec["namespace"]))
        review["spec"] = {}
        review["status"] = {"resourceRules": resources, "nonResourceRules": paths, "incomplete": False}
        return review
    if kind.kind != "SelfSubjectAccessReview":
        user = _subject(kind, spec)
    decision = authorizer.decide(user, _action(kind, spec, namespace))
    review["spec"] = spec
    review["status"] = _status(decision)
    return review


def _subject(kind: Kind, spec: Obj) -> User:
    name, groups = str(spec.get("user") or ""), tuple(map(str, spec.get("groups") or ()))
    if not name and not groups:
        raise invalid(kind, "", [required_value("spec.user", "at least one of user or group must be specified")])
    return User(name, groups)


def _action(kind: Kind, spec: Obj, namespace: str) -> Action:
    plain: Any = spec.get("nonResourceAttributes")
    wanted: Any = spec.get("resourceAttributes")
    if isinstance(plain, dict):
        return Action(verb=str(plain.get("verb", "")), path=str(plain.get("path", "")))
    if not isinstance(wanted, dict):
        why = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        raise invalid(kind, "", [required_value("spec.resourceAttributes", why)])
    return Action(
        verb=str(wanted.get("verb", "")),
        group=str(wanted.get("group", "")),
        resource=str(wanted.get("resource", "")),
        subresource=str(wanted.get("subresource", "")),
        namespace=namespace or str(wanted.get("namespace", "")),
        name=str(wanted.get("name", "")),
    )


def _status(decision: Decision) -> Obj:
    status: Obj = {"allowed": decision.allowed}
    if decision.reason:
        status["reason"] = decision.reason
    return status
